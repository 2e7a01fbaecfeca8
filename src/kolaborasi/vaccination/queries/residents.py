"""What residents look for: sessions near them, their own booking, wish, card and corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate, localtime

from kolaborasi.commitments.states import CommitmentState
from kolaborasi.optimisation.travel import great_circle_km, points, travel_minutes
from kolaborasi.partners.models import Partner, PartnerKind, Site
from kolaborasi.partners.states import PartnerState
from kolaborasi.places.rules import shore_of
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination.models import (
    Booking,
    Certificate,
    Correction,
    Dose,
    Product,
    Recipient,
    Session,
    Slot,
    SlotQuota,
    Visit,
    WaitingWish,
)
from kolaborasi.vaccination.queries.people import next_dose
from kolaborasi.vaccination.queries.supply import may_be_given
from kolaborasi.vaccination.rules import FALLBACK, Channel
from kolaborasi.vaccination.states import DoseState, SessionState, VisitState, WaitingState

SHOWN = (Channel.BOOKING, Channel.WALK_IN, Channel.RETURNING)
"""Channels a resident can use without being on somebody's list."""
VEHICLE = "motorcycle"
OPEN_BOOKINGS = (CommitmentState.HELD, CommitmentState.CONFIRMED)


@dataclass(frozen=True)
class OpenSession:
    """A session somebody can still come to, as the public sees it.

    Args:
        places: still free, by channel, never more than doses that are free.
        residents_of: name of the area whose residents alone may come, or empty.
        km, minutes: great-circle distance and estimated ride from the point asked for; None without one.
    """

    pk: int
    site: str
    address: str
    area: str
    place_code: str
    latitude: float | None
    longitude: float | None
    kind: str
    date: date
    starts_at: datetime
    ends_at: datetime
    product: str
    product_code: str
    residents_of: str
    places: dict[Channel, int]
    km: float | None = None
    minutes: float | None = None

    @property
    def bookable(self) -> int:
        """Places for somebody who books a first dose."""
        return self.places[Channel.BOOKING]

    @property
    def walk_in(self) -> int:
        """Places for somebody who just comes."""
        return self.places[Channel.WALK_IN]

    @property
    def returning(self) -> int:
        """Places for somebody who is due for a next dose."""
        return self.places[Channel.RETURNING]

    @property
    def most(self) -> int:
        """Places of the channel that has most."""
        return max(self.places.values())


def open_sessions(now: datetime) -> list[OpenSession]:
    """Every open session that is not over, soonest first, with the places of each channel; one statement."""
    sessions = Session.objects.filter(state=SessionState.OPEN, date__gte=localdate(now))
    doses = may_be_given(
        Balance.objects.filter(location=OuterRef("location"), lot__vaccine__product=OuterRef("product")),
        OuterRef("date"),
    )
    doses_left = doses.order_by().values("location").annotate(free=Sum(F("limit") - F("committed")))
    rows = (
        sessions.annotate(begins=Min("slots__starts_at"), ends=Max("slots__ends_at"))
        .filter(ends__gt=now)
        .annotate(
            doses_left=Coalesce(Subquery(doses_left.values("free")), 0),
            **{f"left_{channel.name.lower()}": _places(channel, now) for channel in SHOWN},
        )
        .order_by("date", "begins", "site__name", "pk")
        .values_list(
            *("pk", "site__name", "site__address", "site__place__name", "site__place__code"),
            Coalesce("site__latitude", "site__place__latitude"),
            Coalesce("site__longitude", "site__place__longitude"),
            *("kind", "date", "begins", "ends", "product__name", "product__code", "residents_of__name"),
            *("doses_left", *(f"left_{channel.name.lower()}" for channel in SHOWN)),
        )
    )
    return [_session(row) for row in rows]


def _places(channel: Channel, now: datetime) -> Coalesce:
    """Room in the quotas of a session that a channel may take from now, by `rules.FALLBACK`."""
    open_to = Q(channel=channel)
    for donor, before in FALLBACK[channel]:
        open_to |= Q(channel=donor, slot__starts_at__lte=now + before)
    room = (
        SlotQuota.objects.filter(open_to, slot__session=OuterRef("pk"), slot__ends_at__gt=now)
        .order_by()
        .values("slot__session")
        .annotate(free=Sum(F("limit") - F("committed")))
        .values("free")
    )
    return Coalesce(Subquery(room), 0)


def _session(row: tuple) -> OpenSession:  # type: ignore[type-arg]
    *columns, residents_of, doses, booking, walk_in, returning = row
    places = dict(zip(SHOWN, (min(doses, left) for left in (booking, walk_in, returning)), strict=True))
    return OpenSession(*columns, residents_of=residents_of or "", places=places)  # type: ignore[misc]


def from_point(
    rows: Iterable[OpenSession], latitude: float, longitude: float, now: datetime, shore: int = 0
) -> list[OpenSession]:
    """The sessions with distance and estimated ride from a point; those without a position without."""
    found = list(rows)
    placed = [each for each in found if each.latitude is not None and each.longitude is not None]
    if not placed:
        return found
    here = points([(latitude, longitude)], [shore])
    there = points(
        [(each.latitude or 0.0, each.longitude or 0.0) for each in placed],
        [shore_of(each.place_code) for each in placed],
    )
    kilometres = great_circle_km(here, there)[0].tolist()
    minutes = travel_minutes(here, there, vehicle=VEHICLE, hour=localtime(now).hour)[0].tolist()
    away = {each.pk: (km, ride) for each, km, ride in zip(placed, kilometres, minutes, strict=True)}
    return [
        replace(each, km=away[each.pk][0], minutes=away[each.pk][1]) if each.pk in away else each
        for each in found
    ]


def products() -> QuerySet[Product]:
    """Every product, by name."""
    return Product.objects.order_by("name")


def named_products(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes and names of some products, by name."""
    return list(products().filter(code__in=list(codes)).values_list("code", "name"))


def slot_by_id(session: Session, pk: int) -> Slot | None:
    """A window of a session, with what booking it needs, or None."""
    slots = Slot.objects.filter(session=session, pk=pk)
    return slots.select_related("session__site__place", "session__product", "session__residents_of").first()


def open_booking_of(recipient: Recipient) -> Booking | None:
    """The next dose somebody has booked or is offered."""
    found = Booking.objects.filter(recipient=recipient, state__in=OPEN_BOOKINGS)
    return found.select_related(
        "recipient__person", "quota__slot", "session__site__place", "session__product"
    ).first()


def wish_of(recipient: Recipient) -> WaitingWish | None:
    """The wish on the waiting list that is not answered."""
    found = WaitingWish.objects.filter(recipient=recipient, state=WaitingState.WAITING)
    return found.select_related("place__parent", "product").first()


def corrections_of(recipient: Recipient) -> QuerySet[Correction]:
    """What somebody asked to be put right, newest first."""
    about = Q(recipient=recipient) | Q(dose__recipient=recipient)
    return (
        Correction.objects.filter(about)
        .select_related("owner", "dose__product", "said_product", "said_site")
        .order_by("-opened_at", "-pk")
    )


def current_certificate(recipient: Recipient) -> Certificate | None:
    """The valid certificate that shows every dose on record; None when none was issued or a dose was added since."""
    newer = Dose.objects.filter(recipient=OuterRef("recipient"), state=DoseState.GIVEN).filter(
        number__gt=OuterRef("last_dose__number")
    )
    counted = Dose.objects.filter(recipient=recipient, state=DoseState.GIVEN).count()
    return (
        Certificate.objects.filter(
            ~Exists(newer),
            recipient=recipient,
            revoked_at__isnull=True,
            doses=counted,
            last_dose__state=DoseState.GIVEN,
        )
        .select_related("last_dose")
        .first()
    )


def vaccinating_sites(since: date) -> QuerySet[Site]:
    """Sites that had a session since a day, by name."""
    had = Session.objects.filter(site=OuterRef("pk"), date__gte=since)
    return Site.objects.filter(Exists(had)).order_by("name", "pk")


def owner_of_correction(*, dose: Dose | None, site: Site | None) -> Partner | None:
    """Who decides: the facility that made the record, that of the site named, or the health office."""
    session = dose.session if dose is not None else None
    if session is None and site is not None:
        session = Session.objects.filter(site=site).order_by("-date").select_related("facility").first()
    if session is not None and session.facility.state == PartnerState.ACTIVE:
        return session.facility
    office = Partner.objects.filter(kind=PartnerKind.GOVERNMENT, state=PartnerState.ACTIVE)
    return office.order_by("pk").first()


def nearest_sessions(
    rows: Sequence[OpenSession], *, around: Site | None, now: datetime, limit: int = 12
) -> list[OpenSession]:
    """Sessions for somebody who moves a booking: the nearest to a site that come within two weeks."""
    soon = [each for each in rows if each.date <= localdate(now) + timedelta(days=14)]
    place = around.place if around is not None else None
    latitude = (around.latitude if around else None) or (place.latitude if place else None)
    longitude = (around.longitude if around else None) or (place.longitude if place else None)
    if latitude is None or longitude is None or place is None:
        return soon[:limit]
    near = from_point(soon, latitude, longitude, now, shore_of(place.code))
    return sorted(near, key=lambda each: (each.minutes is None, each.minutes or 0.0, each.date))[:limit]


@dataclass(frozen=True)
class Upcoming:
    """The next dose somebody may have.

    Args:
        earliest_date, overdue_date: of the product that is first; None without such a day.
        products: names of those that may be given, with the first day of each.
        due: it may be had now.
    """

    number: int
    earliest_date: date | None
    overdue_date: date | None
    products: list[tuple[str, date | None]]
    due: bool
    overdue: bool


def upcoming(recipient: Recipient, day: date) -> Upcoming | None:
    """The next dose of somebody as of a day; None when nothing more is due by the schedule."""
    may = next_dose(recipient, day)
    if not may:
        return None
    names = dict(Product.objects.filter(code__in=may).values_list("code", "name"))
    dates = {code: each.earliest_date for code, each in may.items()}
    ordered = sorted(may, key=lambda code: (dates[code] is None, dates[code], names[code]))
    first = may[ordered[0]]
    overdue = first.overdue_date is not None and day > first.overdue_date
    due = any(each.allowed for each in may.values())
    return Upcoming(
        number=first.number,
        earliest_date=first.earliest_date,
        overdue_date=first.overdue_date,
        products=[(names[code], dates[code]) for code in ordered],
        due=due,
        overdue=overdue,
    )


def has_arrived(booking: Booking) -> bool:
    """Whether the person of a booking is at the site."""
    return Visit.objects.filter(booking=booking).exclude(state=VisitState.LEFT).exists()


def recipient_of_booking(pk: int) -> UUID:
    """Whom a booking is for."""
    return Booking.objects.values_list("recipient_id", flat=True).get(pk=pk)
