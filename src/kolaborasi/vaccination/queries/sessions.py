"""Sessions people can book, the room in their windows, their queues, and what falls short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from kolaborasi.commitments.states import OPEN
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination.models import Booking, Product, Recipient, Session, Slot, SlotQuota, Visit
from kolaborasi.vaccination.rules import NO_SHOW_AFTER, Channel, channels_open_to
from kolaborasi.vaccination.states import SessionState, VisitState

WITH_PLACES = ("site__place", "product", "facility", "vaccinator", "residents_of", "location")


@dataclass(frozen=True)
class SlotRoom:
    """A window and how many a channel could still send into it.

    Args:
        left: places in the quotas that are open to the channel now, at most the doses left.
    """

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    left: int


def bookable_sessions(
    now: datetime, *, area: str | None = None, product: Product | None = None
) -> QuerySet[Session]:
    """Open sessions from today on with `places_left` and `doses_left`, soonest first.

    Args:
        area: code of the area the site lies in, at any depth.
    """
    sessions = Session.objects.filter(state=SessionState.OPEN, date__gte=localdate(now))
    if area is not None:
        below = Q(site__place__code__startswith=f"{area}.") | Q(site__place__code__startswith=f"{area}/")
        sessions = sessions.filter(Q(site__place__code=area) | below)
    if product is not None:
        sessions = sessions.filter(product=product)
    return with_room(sessions).order_by("date", "site__name", "id")


def with_room(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Sessions with `places_left` of all channels and `doses_left`."""
    places = (
        SlotQuota.objects.filter(slot__session=OuterRef("pk"))
        .order_by()
        .values("slot__session")
        .annotate(free=Sum(F("limit") - F("committed")))
        .values("free")
    )
    doses = (
        Balance.objects.filter(location=OuterRef("location"))
        .exclude(lot__vaccine__state="recalled")
        .order_by()
        .values("location")
        .annotate(free=Sum(F("limit") - F("committed")))
        .values("free")
    )
    return sessions.select_related(*WITH_PLACES).annotate(
        places_left=Coalesce(Subquery(places), 0), doses_left=Coalesce(Subquery(doses), 0)
    )


def session_by_id(pk: int) -> Session | None:
    """A session with room, site and partners, or None."""
    return with_room(Session.objects.filter(pk=pk)).first()


def window_by_id(pk: int) -> Slot | None:
    """A window of any session, with what booking it needs, or None."""
    related = ("session__site__place", "session__product", "session__residents_of")
    return Slot.objects.filter(pk=pk).select_related(*related).first()


def sessions_of_partner(partner_id: int) -> QuerySet[Session]:
    """Sessions in which a partner has a part, newest first."""
    part = (
        Q(site__partner=partner_id)
        | Q(facility=partner_id)
        | Q(vaccinator=partner_id)
        | Q(stock_owner=partner_id)
        | Q(registrar=partner_id)
    )
    return with_room(Session.objects.filter(part)).order_by("-date", "-id")


def doses_left(session: Session) -> int:
    """Doses of a session that nobody is promised yet."""
    balances = Balance.objects.filter(location=session.location_id).exclude(lot__vaccine__state="recalled")
    free: int = balances.aggregate(free=Coalesce(Sum(F("limit") - F("committed")), 0))["free"]
    return free


def rooms_of(session: Session, *, channel: Channel, now: datetime) -> list[SlotRoom]:
    """The windows of a session with the room a channel has in each now; two statements."""
    doses = doses_left(session)
    quotas: dict[int, dict[str, int]] = {}
    slots = {}
    for quota in SlotQuota.objects.filter(slot__session=session).select_related("slot"):
        slots[quota.slot_id] = quota.slot
        quotas.setdefault(quota.slot_id, {})[quota.channel] = quota.left
    rooms = []
    for pk, slot in sorted(slots.items(), key=lambda item: item[1].starts_at):
        donors = channels_open_to(channel, starts_at=slot.starts_at, now=now)
        left = sum(quotas[pk].get(donor, 0) for donor in donors)
        over = slot.ends_at <= now
        rooms.append(SlotRoom(pk, slot.starts_at, slot.ends_at, 0 if over else min(left, doses)))
    return rooms


def queue_of(session: Session) -> QuerySet[Visit]:
    """Who is in the queue, by number; identities are looked at by a verb of `people`."""
    states = [VisitState.WAITING, VisitState.CALLED, VisitState.SCREENED]
    return (
        Visit.objects.filter(session=session, state__in=states)
        .select_related("recipient__person", "booking", "screening")
        .order_by("number")
    )


def expected_in(session: Session) -> list[Recipient]:
    """Everybody with an open booking or in the queue of a session, in the order of their keys."""
    booked = Booking.objects.filter(session=session, state__in=OPEN).values("recipient")
    here = queue_of(session).order_by().values("recipient")
    return list(Recipient.objects.filter(Q(pk__in=booked) | Q(pk__in=here)).order_by("pk"))


def visits_of(session: Session) -> QuerySet[Visit]:
    """Everybody who came to a session, by number."""
    return Visit.objects.filter(session=session).select_related("booking").order_by("number")


def visit_by_number(session: Session, number: int) -> Visit | None:
    """Who has a number in the queue of a session, with everything a dose is decided on; None for nobody."""
    found = Visit.objects.filter(session=session, number=number)
    related = ("session__site__place", "session__product", "session__location", "recipient__person")
    return found.select_related(*related, "booking__quota__slot", "screening").first()


def shortfalls(now: datetime) -> list[tuple[int, int, int]]:
    """Sessions from today on that promised more doses than may be given there: session, promised, doses.

    A dose may be given when it is there or surely arriving, and neither recalled nor set apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT session.id, promised.bookings, COALESCE(SUM(balance.reported) FILTER (WHERE
                vaccine.state = 'released' AND lot.expires_date > session.date AND NOT EXISTS (
                    SELECT FROM vaccination_quarantine AS apart WHERE apart.lot_id = vaccine.lot_id
                    AND apart.location_id = balance.location_id AND apart.closed_at IS NULL)), 0) AS doses
            FROM vaccination_session AS session
            JOIN (SELECT session_id, COUNT(*) AS bookings FROM vaccination_booking
                WHERE state = ANY(%(open)s) GROUP BY session_id) AS promised ON promised.session_id = session.id
            LEFT JOIN stock_balance AS balance ON balance.location_id = session.location_id
            LEFT JOIN vaccination_vaccinelot AS vaccine ON vaccine.lot_id = balance.lot_id
            LEFT JOIN stock_lot AS lot ON lot.id = balance.lot_id
            WHERE session.date >= %(today)s AND session.state = 'open'
            GROUP BY session.id, promised.bookings
            HAVING promised.bookings > COALESCE(SUM(balance.reported) FILTER (WHERE
                vaccine.state = 'released' AND lot.expires_date > session.date AND NOT EXISTS (
                    SELECT FROM vaccination_quarantine AS apart WHERE apart.lot_id = vaccine.lot_id
                    AND apart.location_id = balance.location_id AND apart.closed_at IS NULL)), 0)
            ORDER BY session.date, session.id
            """,
            {"open": [str(state) for state in OPEN], "today": localdate(now)},
        )
        return [(session, bookings, int(doses)) for session, bookings, doses in cursor.fetchall()]


def sessions_with_missed(now: datetime) -> QuerySet[Session]:
    """Sessions with bookings whose window ended too long ago and whose people never came."""
    missed = Booking.objects.filter(
        session=OuterRef("pk"),
        state__in=OPEN,
        quota__slot__ends_at__lte=now - NO_SHOW_AFTER,
        visit__isnull=True,
    )
    return Session.objects.filter(Exists(missed)).select_related("site__place", "location")


def bookings_that_lost_their_lot(session: Session) -> QuerySet[Booking]:
    """Open bookings of a session that count on a recalled lot."""
    return Booking.objects.filter(
        session=session, state__in=OPEN, balance__lot__vaccine__state="recalled"
    ).order_by("booked_at", "pk")
