"""Verbs on the supply plan: propose, approve a line, reject a line. A plan advises, a verb decides."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Sum
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.places.models import Figure
from kolaborasi.places.rules import distance_km
from kolaborasi.stock.models import Balance, Location
from kolaborasi.vaccination.models import (
    Recipient,
    Session,
    SlotQuota,
    StorageClass,
    SupplyLine,
    SupplyPlan,
    WaitingWish,
)
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.plan import LotSupply, Move, SiteDemand, SupplyResult, plan_supply
from kolaborasi.vaccination.queries.indicators import coverage_by_residence, overdue_doses
from kolaborasi.vaccination.queries.supply import fefo
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.supply import send_doses
from kolaborasi.vaccination.states import SUPPLY_LINE, SessionState, WaitingState

MOST_DAYS = 60
Key = tuple[int, int]
"""Site and product."""


def propose_supply(*, store: Location, start: date, days: int, by: Actor, now: datetime) -> SupplyPlan:
    """Propose which doses of a store go to which session, for the sessions of the coming days.

    Demand of a site: residents of its kelurahan who are due for the next dose of its product, people on the waiting
    list there, and residents without a dose by the newest published figures; sites of one kelurahan share it.

    Raises:
        NotPermitted: neither a coordinator of the whole city nor the system.
        Refused: the plan spans no day or more than sixty.
    """
    TABLE.require(by, "propose_supply")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(
            _("A plan spans 1 to %(most)s days.") % {"most": MOST_DAYS},
            code="bad-days",
            details={"days": days},
        )
    with transaction.atomic():
        sessions = _sessions(start, days)
        sites = _demand(sessions, store, start, days)
        result = plan_supply(_lots(store, sessions, start), sites, start=start)
        plan = SupplyPlan.objects.create(
            store=store,
            starts_date=start,
            days=days,
            proposed_at=now,
            proposed_by_id=by.user_id,
            effect=_effect(result),
        )
        SupplyLine.objects.bulk_create(_lines(plan, result, sessions))
        mark(
            verb="propose_supply",
            event="supply_proposed",
            subject=("vaccination.plan", plan.pk),
            by=by,
            now=now,
            lines=len(result.moves),
        )
    return plan


def approve_supply_line(*, line: SupplyLine, by: Actor, now: datetime) -> SupplyLine:
    """Send the doses of a line with the verb a person would have used; when the world moved on, the line says so.

    Raises:
        NotPermitted: no coordinator of the whole city.
        WrongState: it was decided already.
        Refused: of `send_doses`; the line keeps the reason and can be approved again or rejected.
    """
    TABLE.require(by, "approve_supply_line")
    try:
        with transaction.atomic():
            locked = _locked(line)
            state = SUPPLY_LINE.move(locked.state, "approve")
            locked.shipment = send_doses(
                lot=locked.lot,
                source=locked.plan.store,
                target=locked.target,
                doses=locked.doses,
                arrives_date=locked.arrives_date,
                by=by,
                now=now,
            )
            _decide(locked, state, "", now)
            _mark(locked, "approve_supply_line", "supply_approved", by, now)
            return locked
    except Refused as refusal:
        _keep_refusal(line, refusal, by, now)
        raise


def reject_supply_line(*, line: SupplyLine, by: Actor, now: datetime) -> SupplyLine:
    """Leave a line of the plan undone.

    Raises:
        NotPermitted: no coordinator of the whole city.
        WrongState: it was decided already.
    """
    TABLE.require(by, "reject_supply_line")
    with transaction.atomic():
        locked = _locked(line)
        _decide(locked, SUPPLY_LINE.move(locked.state, "reject"), "", now)
        _mark(locked, "reject_supply_line", "supply_rejected", by, now)
    return locked


def _sessions(start: date, days: int) -> list[Session]:
    return list(
        Session.objects.filter(
            state__in=[SessionState.PLANNED, SessionState.OPEN],
            date__gte=start,
            date__lt=start + timedelta(days=days),
        )
        .select_related("site__place", "product", "location")
        .order_by("date", "pk")
    )


def _lots(store: Location, sessions: list[Session], start: date) -> list[LotSupply]:
    products = {session.product_id: session.product for session in sessions}
    return [
        LotSupply(
            balance.lot_id,
            product.code,
            min(balance.left, balance.on_hand),
            balance.lot.expires_date or date.max,
            product.storage,
        )
        for product in products.values()
        for balance in fefo(store, product, start)
        if balance.left > 0
    ]


def _room(sessions: list[Session]) -> dict[int, int]:
    """Places of each session that still need a dose: quotas less what is promised in them."""
    rows = (
        SlotQuota.objects.filter(slot__session__in=sessions)
        .values_list("slot__session")
        .annotate(free=Sum(F("limit") - F("committed")))
    )
    return dict(rows)


def _free_doses(sessions: list[Session]) -> dict[int, int]:
    rows = (
        Balance.objects.filter(location__in=[session.location_id for session in sessions])
        .values_list("location__session")
        .annotate(free=Sum(F("limit") - F("committed")))
    )
    return dict(rows)


def _demand(sessions: list[Session], store: Location, start: date, days: int) -> list[SiteDemand]:
    room, free = _room(sessions), _free_doses(sessions)
    throughput: dict[Key, list[int]] = defaultdict(lambda: [0] * days)
    on_hand: dict[Key, int] = defaultdict(int)
    first: dict[Key, Session] = {}
    for session in sessions:
        key = (session.site_id, session.product_id)
        first.setdefault(key, session)
        throughput[key][(session.date - start).days] += room.get(session.pk, 0)
        on_hand[key] += free.get(session.pk, 0)
    shared: dict[int, int] = defaultdict(int)
    for session in first.values():
        shared[session.site.place_id] += 1
    wishes = _wishes(sessions)
    due, unvaccinated = _due(start + timedelta(days=days)), _unvaccinated(start)
    return [
        SiteDemand(
            site=index,
            product=session.product.code,
            throughput=tuple(throughput[key]),
            due=due.get((session.site.place_id, session.product.code), 0) // shared[session.site.place_id],
            booked=wishes.get(session.site.place_id, 0) // shared[session.site.place_id],
            residents=unvaccinated.get(session.site.place_id, 0) // shared[session.site.place_id],
            storages=frozenset({StorageClass.CHILLED.value, session.product.storage}),
            on_hand=on_hand[key],
            km=_km(store, session),
        )
        for index, (key, session) in enumerate(first.items())
    ]


def _wishes(sessions: list[Session]) -> dict[int, int]:
    places = {session.site.place_id for session in sessions}
    rows = WaitingWish.objects.filter(state=WaitingState.WAITING, place__in=places)
    return dict(rows.order_by().values_list("place").annotate(n=Count("pk")))


def _due(until: date) -> dict[tuple[int, str], int]:
    """People due for their next dose by kelurahan of residence and product of the dose before."""
    late = overdue_doses(until)
    homes = dict(
        Recipient.objects.filter(pk__in=[person for person, _code, _day in late]).values_list(
            "pk", "residence"
        )
    )
    found: dict[tuple[int, str], int] = defaultdict(int)
    for person, code, _day in late:
        home = homes.get(person)
        if home is not None:
            found[home, code] += 1
    return found


def _unvaccinated(on: date) -> dict[int, int]:
    """Residents without a dose: as published last, or else target less first doses on record."""
    published = Figure.objects.filter(
        series="vaccination.unvaccinated", date__lte=on, place__kind="kelurahan"
    )
    newest = published.order_by("-date").values_list("date", flat=True).first()
    if newest is not None:
        rows = published.filter(date=newest).values_list("place_id", "value")
        return {place: max(0, value) for place, value in rows if place is not None}
    return {
        area.place_id: max(0, area.target - area.first)
        for area in coverage_by_residence(on)
        if area.target is not None
    }


def _km(store: Location, session: Session) -> float:
    ends = [store.site, session.site]
    points = [
        (end.latitude, end.longitude)
        for end in ends
        if end is not None and end.latitude is not None and end.longitude is not None
    ]
    return distance_km(points[0], points[1]) if len(points) == 2 else 0.0


def _lines(plan: SupplyPlan, result: SupplyResult, sessions: list[Session]) -> list[SupplyLine]:
    order = list(dict.fromkeys((session.site_id, session.product_id) for session in sessions))
    room = _room(sessions)
    lines = []
    for move in result.moves:
        there = [
            session
            for session in sessions
            if (session.site_id, session.product_id) == order[move.site] and session.date == move.day
        ]
        rest = move.doses
        for session in there:
            part = min(rest, room.get(session.pk, 0))
            room[session.pk] = room.get(session.pk, 0) - part
            rest -= part
            if part:
                lines.append(_line(plan, move, session, part))
    return lines


def _line(plan: SupplyPlan, move: Move, session: Session, doses: int) -> SupplyLine:
    return SupplyLine(
        plan=plan,
        lot_id=move.lot,
        target=session.location,
        arrives_date=move.day,
        doses=doses,
        reasons={**move.serves, "session": session.pk},
    )


def _effect(result: SupplyResult) -> dict[str, Any]:
    return {
        "served": result.served,
        "unserved": result.unserved,
        "doses": sum(move.doses for move in result.moves),
        "expiring_avoided": result.expiring_avoided,
        "expiring_left": result.expiring_left,
    }


def _locked(line: SupplyLine) -> SupplyLine:
    return (
        SupplyLine.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plan__store__site__place", "lot__lot", "lot__product", "target")
        .get(pk=line.pk)
    )


def _decide(line: SupplyLine, state: str, refusal: str, now: datetime) -> None:
    line.state, line.refusal, line.decided_at = state, refusal, now
    line.save(update_fields=["state", "refusal", "decided_at", "shipment"])


def _keep_refusal(line: SupplyLine, refusal: Refused, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        locked = _locked(line)
        if locked.state in SUPPLY_LINE.sources("refuse"):
            _decide(locked, SUPPLY_LINE.move(locked.state, "refuse"), refusal.code, now)
            _mark(locked, "approve_supply_line", "supply_refused", by, now)


def _mark(line: SupplyLine, verb: str, event: str, by: Actor, now: datetime) -> None:
    mark(
        verb=verb,
        event=event,
        subject=("vaccination.supply_line", line.pk),
        by=by,
        now=now,
        doses=line.doses,
        lot=line.lot_id,
    )
