"""Whom an actor works for, and the lists their pages show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner, PartnerKind, Site, SiteKind
from kolaborasi.partners.states import PartnerState
from kolaborasi.stock.models import Balance, Location, LocationKind, Shipment
from kolaborasi.vaccination.models import (
    AdverseEvent,
    Booking,
    Correction,
    Dose,
    Product,
    Quarantine,
    Session,
    SlotQuota,
    StorageReading,
    SupplyLine,
    SupplyPlan,
    VaccineLot,
    Vial,
    Visit,
)
from kolaborasi.vaccination.queries.sessions import with_room
from kolaborasi.vaccination.queries.supply import lots
from kolaborasi.vaccination.states import AdverseState, DoseState, SessionState, VisitState

HANDS = ("partner_admin", "partner_member")
PARTS = ("site__partner", "facility", "vaccinator", "stock_owner", "registrar")
"""Partners whose people act in a session; a sponsor's do not."""
STORES = (SiteKind.WAREHOUSE, SiteKind.PUSKESMAS, SiteKind.HOSPITAL, SiteKind.VACCINATION)
HERE = (VisitState.WAITING, VisitState.CALLED, VisitState.SCREENED)


def partner_ids(actor: Actor) -> set[int]:
    """Partners the actor works for."""
    return {role.partner_id for role in actor.roles if role.name in HANDS and role.partner_id}


def in_areas(actor: Actor, path: str, *names: str) -> Q:
    """Rows whose place at `path` one of the actor's roles reaches; everything for a role of the whole city."""
    codes = {role.place_code for role in actor.roles if role.name in names}
    if None in codes:
        # Not `Q()`: an empty condition vanishes in an "or" and leaves only the other side.
        return Q(pk__isnull=False)
    reach = Q(pk__in=[])
    for code in codes:
        reach |= Q(**{f"{path}__code": code})
        reach |= Q(**{f"{path}__code__startswith": f"{code}."}) | Q(
            **{f"{path}__code__startswith": f"{code}/"}
        )
    return reach


def part_in(actor: Actor, prefix: str = "") -> Q:
    """Rows of sessions the actor has a part in or coordinates.

    Args:
        prefix: path to the session, such as `session__`.
    """
    own = partner_ids(actor)
    found = in_areas(actor, f"{prefix}site__place", "coordinator")
    for part in PARTS:
        found |= Q(**{f"{prefix}{part}__in": own})
    return found


def sessions_for(actor: Actor) -> QuerySet[Session]:
    """Sessions the actor has a part in or coordinates, with room and numbers of the day; the newest first."""
    open_bookings = _counted(Booking.objects.filter(session=OuterRef("pk"), state__in=OPEN), "session")
    given = _counted(Dose.objects.filter(session=OuterRef("pk"), state=DoseState.GIVEN), "session")
    waiting = _counted(Visit.objects.filter(session=OuterRef("pk"), state__in=HERE), "session")
    rows = with_room(Session.objects.filter(part_in(actor)))
    return rows.annotate(booked=open_bookings, given=given, waiting=waiting).order_by(
        "-date", "site__name", "id"
    )


def nearest_first(sessions: QuerySet[Session], today: date) -> QuerySet[Session]:
    """Today's sessions first, then the nearest to come, then past ones, the newest of them first."""
    turn = Case(When(date=today, then=Value(0)), When(date__gt=today, then=Value(1)), default=Value(2))
    gap = Func(F("date") - Value(today), function="ABS", template="ABS(EXTRACT(EPOCH FROM %(expressions)s))")
    return sessions.annotate(turn=turn, gap=gap).order_by("turn", "gap", "site__name", "id")


def _counted(rows: QuerySet[Any], by: str) -> Coalesce:
    found = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def open_bookings_of(session: Session) -> QuerySet[Booking]:
    """Bookings of a session that have not ended."""
    return Booking.objects.filter(session=session, state__in=OPEN)


def numbers_of(session: Session) -> dict[str, int]:
    """Numbers of a session: `booked` and not yet here, `waiting`, `given`, `missed` and `unserved`."""
    bookings = Booking.objects.filter(session=session).aggregate(
        booked=Count("pk", filter=Q(state__in=OPEN, visit__isnull=True)),
        missed=Count("pk", filter=Q(end_reason="no-show")),
        unserved=Count("pk", filter=Q(end_reason="no-dose")),
    )
    waiting = Visit.objects.filter(session=session, state__in=HERE).count()
    given = Dose.objects.filter(session=session, state=DoseState.GIVEN).count()
    return {**bookings, "waiting": waiting, "given": given}


def observed_in(session: Session) -> QuerySet[Dose]:
    """People of a session who are still watched, the first to go home first; with their number in the queue."""
    number = Visit.objects.filter(session=session, recipient=OuterRef("recipient"), state=VisitState.DONE)
    return (
        Dose.objects.filter(session=session, state=DoseState.GIVEN, observed_at__isnull=True)
        .select_related("lot__lot")
        .annotate(queue_number=Subquery(number.values("number")[:1]))
        .order_by("observe_until", "pk")
    )


def open_vials(session: Session) -> QuerySet[Vial]:
    """Opened vials of a session with what is `left` in each, the one to discard first first."""
    return (
        Vial.objects.filter(session=session, closed_at__isnull=True)
        .select_related("lot__lot")
        .annotate(left=F("doses") - F("given") - F("wasted"))
        .order_by("discard_at", "pk")
    )


def last_route(session: Session, user_id: int | None) -> str:
    """Where the vaccinator gave the last dose of a session; empty before the first."""
    found = Dose.objects.filter(session=session, vaccinator=user_id).order_by("-recorded_at", "-pk")
    return found.values_list("route", flat=True).first() or ""


def dose_of_session(session: Session, pk: int) -> Dose | None:
    """A dose given in a session, or None."""
    related = ("session__site__place", "lot__lot", "product")
    return Dose.objects.filter(session=session, pk=pk).select_related(*related).first()


def vial_of_session(session: Session, pk: int) -> Vial | None:
    """A vial opened in a session, or None."""
    related = ("session__site__place", "session__location", "lot__lot", "lot__product")
    return Vial.objects.filter(session=session, pk=pk).select_related(*related).first()


def quotas_of(session: Session) -> QuerySet[SlotQuota]:
    """Quotas of a session by window and channel."""
    return (
        SlotQuota.objects.filter(slot__session=session)
        .select_related("slot__session__site__place")
        .order_by("slot__starts_at", "channel")
    )


def events_for(actor: Actor) -> QuerySet[AdverseEvent]:
    """Adverse events of sessions the actor has a part in: serious open ones first, then by the day they are due."""
    return (
        AdverseEvent.objects.filter(part_in(actor, "dose__session__"))
        .select_related("dose__session__site__place", "dose__product", "dose__lot__lot")
        .annotate(over=Case(When(state=AdverseState.CLOSED, then=Value(1)), default=Value(0)))
        .order_by("over", "-serious", "due_date", "pk")
    )


def stores_for(actor: Actor, *, now: datetime | None = None) -> QuerySet[Location]:
    """Places with doses whose keeper the actor is: sites and open sessions of the own partners, or of the area."""
    own, open_ = partner_ids(actor), [SessionState.PLANNED, SessionState.OPEN]
    sites = Q(site__partner__in=own) | (in_areas(actor, "site__place", "coordinator") & Q(site__isnull=False))
    sessions = part_in(actor, "session__") & Q(session__isnull=False)
    known = Location.objects.filter(kind__in=[LocationKind.SITE, LocationKind.POINT])
    ongoing = (
        Q(session__isnull=True)
        | Q(session__state__in=open_)
        | Exists(Balance.objects.filter(location=OuterRef("pk"), reported__gt=0))
    )
    return known.filter(sites | sessions).filter(ongoing).order_by("name", "pk")


def doses_in_stock(actor: Actor, day: date) -> QuerySet[Balance]:
    """What the actor's places have of each lot, what expires first first; `apart` when set apart, `fit` when it may be given."""
    apart = Quarantine.objects.filter(
        lot=OuterRef("lot_id"), location=OuterRef("location_id"), closed_at__isnull=True
    )
    fit = Case(
        When(lot__vaccine__state="recalled", then=Value("recalled")),
        When(lot__expires_date__lte=day, then=Value("expired")),
        When(lot__vaccine__thawed_until_date__lte=day, then=Value("thawed")),
        When(lot__vaccine__vvm_stage__gte=3, then=Value("vvm")),
        When(Exists(apart), then=Value("apart")),
        default=Value("fit"),
    )
    places = Location.objects.filter(pk__in=stores_for(actor).values("pk"))
    kept = [LocationKind.SITE, LocationKind.POINT]
    owned = Q(lot__vaccine__owner__in=partner_ids(actor), location__kind__in=kept)
    return (
        Balance.objects.filter(Q(location__in=places) | owned, lot__vaccine__isnull=False, reported__gt=0)
        .select_related("lot__vaccine__product", "lot__vaccine__owner", "location__site", "location__session")
        .annotate(fitness=fit)
        .order_by("lot__expires_date", "location__name", "pk")
    )


def balance_by_id(pk: int) -> Balance | None:
    """Doses of a lot at a place, or None."""
    related = ("lot__vaccine__product", "lot__vaccine__owner", "lot__vaccine__lot", "location__site__place")
    return Balance.objects.filter(pk=pk, lot__vaccine__isnull=False).select_related(*related).first()


def lot_by_id(pk: int) -> VaccineLot | None:
    """A lot with its product and owner, or None."""
    return VaccineLot.objects.filter(pk=pk).select_related("lot", "product", "owner").first()


def lots_seen_by(actor: Actor) -> QuerySet[VaccineLot]:
    """Every lot, first expiry first; `mine` when the actor may open it: its owner's people and coordinators."""
    everything = Q() if actor.has_role("coordinator") else Q(owner__in=partner_ids(actor))
    return lots().annotate(
        mine=Case(When(everything, then=Value(True)), default=Value(False)) if everything else Value(True)
    )


def readings_at(lot: int, location: int, limit: int = 20) -> list[StorageReading]:
    """The newest temperatures of a lot at a place, by their keys."""
    found = StorageReading.objects.filter(lot=lot, location=location)
    return list(found.order_by("-at")[:limit])


def bookings_on(lot: VaccineLot) -> QuerySet[Booking]:
    """Open bookings that count on a lot."""
    return Booking.objects.filter(balance__lot=lot.pk, state__in=OPEN)


def doses_with_places(lot: VaccineLot) -> QuerySet[Dose]:
    """Every dose of a lot that stands, with its site and number of adverse events, oldest first."""
    return (
        Dose.objects.filter(lot=lot, state=DoseState.GIVEN)
        .select_related("site")
        .annotate(event_count=Count("adverse_events"))
        .order_by("given_at", "pk")
    )


def keeping_sites() -> QuerySet[Location]:
    """Sites that keep stock: where doses go back to."""
    return Location.objects.filter(site__kind__in=STORES, site__closed_date__isnull=True).order_by(
        "name", "pk"
    )


def shipments_for(actor: Actor) -> QuerySet[Shipment]:
    """Doses on their way to or from the actor's places, soonest first."""
    places = stores_for(actor).values("pk")
    owned = Q(lot__vaccine__owner__in=partner_ids(actor))
    return (
        Shipment.objects.filter(
            Q(target__in=places) | Q(source__in=places) | owned,
            closed_at__isnull=True,
            lot__vaccine__isnull=False,
        )
        .select_related("lot__vaccine__product", "source", "target")
        .order_by("arrives_date", "pk")
    )


def shipment_by_id(pk: int) -> Shipment | None:
    """A shipment of vaccine doses, or None."""
    related = ("lot__vaccine__owner", "lot__vaccine__product", "source", "target__site__place")
    return Shipment.objects.filter(pk=pk, lot__vaccine__isnull=False).select_related(*related).first()


def quarantine_by_id(pk: int) -> Quarantine | None:
    """Doses set apart, or None."""
    related = ("lot__lot", "lot__product", "lot__owner", "location__site__place")
    return Quarantine.objects.filter(pk=pk).select_related(*related).first()


def targets_for(balance: Balance, day: date) -> QuerySet[Location]:
    """Places that doses may be sent to: sessions of the product from a day on, and sites that keep stock."""
    open_ = [SessionState.PLANNED, SessionState.OPEN]
    sessions = Q(session__product=balance.lot.item_id, session__state__in=open_, session__date__gte=day)
    stores = Q(site__kind__in=STORES, site__closed_date__isnull=True)
    return Location.objects.filter(sessions | stores).exclude(pk=balance.location_id).order_by("name", "pk")


def products() -> QuerySet[Product]:
    """Every product by name."""
    return Product.objects.order_by("name")


def owners_for(actor: Actor) -> QuerySet[Partner]:
    """Partners whose doses the actor may register: the own ones, or all government bodies for a coordinator."""
    government = Q(kind=PartnerKind.GOVERNMENT) if actor.has_role("coordinator") else Q(pk__in=[])
    found = Partner.objects.filter(Q(pk__in=partner_ids(actor)) | government, state=PartnerState.ACTIVE)
    return found.order_by("name", "pk")


def active_partners(kinds: Iterable[str] = ()) -> QuerySet[Partner]:
    """Active partners by name, of some kinds when given."""
    found = Partner.objects.filter(state=PartnerState.ACTIVE).order_by("name", "pk")
    return found.filter(kind__in=list(kinds)) if kinds else found


def open_sites() -> QuerySet[Site]:
    """Open sites of active partners, where sessions are planned, by name."""
    return (
        Site.objects.filter(closed_date__isnull=True, partner__state=PartnerState.ACTIVE)
        .select_related("partner", "place")
        .order_by("name", "pk")
    )


def warehouses() -> QuerySet[Location]:
    """Stores that a supply plan may draw from."""
    return (
        Location.objects.filter(site__kind=SiteKind.WAREHOUSE).select_related("site").order_by("name", "pk")
    )


def supply_plans() -> QuerySet[SupplyPlan]:
    """Plans, the newest first, with the number of lines still to decide."""
    undecided = Count("lines", filter=Q(lines__state__in=["proposed", "refused"]))
    return (
        SupplyPlan.objects.select_related("store")
        .annotate(line_count=Count("lines"), undecided=undecided)
        .order_by("-proposed_at", "-pk")
    )


def plan_lines(plan: SupplyPlan) -> QuerySet[SupplyLine]:
    """Lines of a plan by day and place, with the session each is for."""
    return (
        SupplyLine.objects.filter(plan=plan)
        .select_related("lot__lot", "lot__product", "target__session__site__place", "shipment")
        .order_by("arrives_date", "target__name", "pk")
    )


def line_by_id(pk: int) -> SupplyLine | None:
    """A line of a plan, or None."""
    return SupplyLine.objects.filter(pk=pk).select_related("plan__store", "lot__lot", "target").first()


def corrections_for(actor: Actor) -> QuerySet[Correction]:
    """Corrections the actor may decide: of the own partners, or of people of the own area; open ones first."""
    everywhere = any(
        role.place_code is None for role in actor.roles if role.name in ("coordinator", "verifier")
    )
    mine = Q(owner__in=partner_ids(actor))
    area = Q() if everywhere else in_areas(actor, "recipient__residence", "coordinator", "verifier")
    return (
        Correction.objects.filter(area if everywhere else mine | area)
        .select_related("owner", "dose__product", "dose__session__site", "recipient__residence__parent")
        .annotate(over=Case(When(state="open", then=Value(0)), default=Value(1)))
        .order_by("over", "due_date", "pk")
    )


def doses_to_correct(session: Session) -> QuerySet[Dose]:
    """Doses of a session that stand, the newest first."""
    return (
        Dose.objects.filter(session=session, state=DoseState.GIVEN)
        .select_related("product", "lot__lot")
        .order_by("-given_at", "-pk")
    )
