"""Verbs on lots and doses in stock: register, receive, send, move, return, waste, count, recall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner
from kolaborasi.partners.services import require_active
from kolaborasi.stock import services as stock
from kolaborasi.stock.models import Balance, Location, Lot, Movement, Reason, Shipment
from kolaborasi.vaccination.errors import BadArrival, CountRefused, LotDiffers, LotRefused
from kolaborasi.vaccination.models import (
    Explanation,
    Product,
    Quarantine,
    RecallReason,
    Session,
    StockCount,
    VaccineLot,
    Wastage,
    WasteReason,
)
from kolaborasi.vaccination.permissions import TABLE, require_any
from kolaborasi.vaccination.rules import LotFacts, count_faults, lot_faults
from kolaborasi.vaccination.services.record import Marked, mark, mark_many
from kolaborasi.vaccination.states import LOT, LotState, SessionState

LOSS_REASON = {WasteReason.EXPIRED: Reason.EXPIRY}


def register_lot(
    *,
    product: Product,
    code: str,
    expires_date: date,
    doses_per_vial: int,
    owner: Partner,
    by: Actor,
    now: datetime,
) -> VaccineLot:
    """Register a lot as its pack states it; registering the same lot again returns it.

    Args:
        expires_date: first day on which it may no longer be used.
        owner: partner whose stock it is, usually the government's store.

    Raises:
        NotPermitted: no member of the owner, coordinator or the system.
        LotRefused: it has expired already.
        LotDiffers: it is on record with another expiry, owner or number of doses in a vial.
    """
    TABLE.require(by, "register_lot", partner_id=owner.pk)
    if expires_date <= localdate(now):
        raise LotRefused(lot_faults(LotFacts(expires_date, None, False, False), localdate(now)))
    with transaction.atomic():
        lot, _made = Lot.objects.get_or_create(
            item_id=product.pk, code=code.strip().upper(), defaults={"expires_date": expires_date}
        )
        vaccine, made = VaccineLot.objects.get_or_create(
            lot=lot,
            defaults={
                "product": product,
                "doses_per_vial": doses_per_vial,
                "owner": owner,
                "registered_at": now,
            },
        )
        _require_same(vaccine, lot, expires_date, doses_per_vial, owner)
        if made:
            mark(
                verb="register_lot",
                event="lot_registered",
                subject=("vaccination.lot", lot.pk),
                by=by,
                now=now,
            )
    return vaccine


def _require_same(
    vaccine: VaccineLot, lot: Lot, expires_date: date, doses_per_vial: int, owner: Partner
) -> None:
    stated = (expires_date, doses_per_vial, owner.pk)
    known = (lot.expires_date, vaccine.doses_per_vial, vaccine.owner_id)
    names = ("expires_date", "doses_per_vial", "owner")
    fields = [name for name, one, other in zip(names, stated, known, strict=True) if one != other]
    if fields:
        raise LotDiffers(fields)


def receive_doses(*, lot: VaccineLot, location: Location, doses: int, by: Actor, now: datetime) -> Movement:
    """Take doses of a lot into a store from outside the network.

    Raises:
        NotPermitted: no member of the store's or the lot's partner, coordinator or the system.
        LotRefused: expired or recalled.
    """
    _require_keeper(by, "receive_doses", lot, location)
    with transaction.atomic():
        _require_usable(lot, location, now)
        moved = stock.move(
            lot=lot.lot,
            source=stock.supplier_location(),
            target=location,
            quantity=doses,
            reason=Reason.RECEIPT,
            now=now,
        )
        _mark_moved("receive_doses", "doses_received", lot, location, doses, by, now)
    return moved


def send_doses(
    *,
    lot: VaccineLot,
    source: Location,
    target: Location,
    doses: int,
    arrives_date: date,
    by: Actor,
    now: datetime,
) -> Shipment:
    """Send doses on their way; from now on they can be booked at the target.

    Raises:
        NotPermitted: nobody of the source's or the lot's partner, coordinator or system.
        LotRefused: expired by the day of arrival, recalled, or in quarantine at the source.
        BadArrival: the day is past, or the target is a session that is over or of another vaccine.
        NotEnoughOnHand, StockIsPromised: less is there, or it is promised.
        PartnerNotActive: the lot's owner is frozen, paused or gone.
    """
    _require_keeper(by, "send_doses", lot, source)
    _require_wanted(lot, target, arrives_date, now)
    with transaction.atomic():
        require_active(lot.owner_id)
        _require_usable(lot, source, now, on=arrives_date)
        shipment = stock.dispatch(
            lot=lot.lot, source=source, target=target, quantity=doses, arrives_date=arrives_date, now=now
        )
        mark(
            verb="send_doses",
            event="doses_sent",
            subject=("vaccination.shipment", shipment.pk),
            by=by,
            now=now,
            lot=lot.pk,
            doses=doses,
            source=source.pk,
            target=target.pk,
        )
    return shipment


def receive_shipment(
    *, shipment: Shipment, doses: int, by: Actor, now: datetime, close: bool = True
) -> Shipment:
    """Take what arrived; what is missing when it closes is lost on the way, with the reason `lost`.

    Raises:
        NotPermitted: nobody of the target's or the lot's partner, coordinator or system.
        ShipmentClosed, NotEnoughOnHand: of the stock.
    """
    lot = VaccineLot.objects.select_related("lot").get(lot=shipment.lot_id)
    _require_keeper(by, "receive_shipment", lot, shipment.target)
    with transaction.atomic():
        received = stock.receive(shipment=shipment, quantity=doses, now=now, close=close)
        lost = Movement.objects.filter(
            reference=f"stock.shipment:{shipment.pk}", reason=Reason.WASTE, at=now
        ).first()
        if lost is not None:
            _keep_wastage(lost, lot, stock.transit_location(), WasteReason.LOST, None, now)
        mark(
            verb="receive_shipment",
            event="shipment_received",
            subject=("vaccination.shipment", shipment.pk),
            by=by,
            now=now,
            doses=doses,
            lost=lost.quantity if lost else 0,
        )
    return received


def move_doses(
    *, lot: VaccineLot, source: Location, target: Location, doses: int, by: Actor, now: datetime
) -> Movement:
    """Hand doses from one place to another at once, for example from a site's refrigerator to its session.

    Raises:
        NotPermitted: nobody of the source's or the lot's partner, coordinator or system.
        LotRefused: expired, recalled, or in quarantine at the source.
        BadArrival: the target is a session that is over or of another vaccine.
        NotEnoughOnHand, StockIsPromised: less is there, or it is promised.
    """
    _require_keeper(by, "move_doses", lot, source)
    _require_wanted(lot, target, None, now)
    with transaction.atomic():
        _require_usable(lot, source, now)
        moved = stock.move(
            lot=lot.lot, source=source, target=target, quantity=doses, reason=Reason.TRANSFER, now=now
        )
        _mark_moved("move_doses", "doses_moved", lot, target, doses, by, now, source=source.pk)
    return moved


def return_doses(
    *, lot: VaccineLot, source: Location, target: Location, doses: int, by: Actor, now: datetime
) -> Movement:
    """Bring back doses that were not needed, also of a lot that may no longer be given.

    Raises:
        NotPermitted: nobody of the source's or the lot's partner, or coordinator.
        NotEnoughOnHand, StockIsPromised: less is there, or it is promised.
    """
    _require_keeper(by, "return_doses", lot, source)
    with transaction.atomic():
        moved = stock.move(
            lot=lot.lot, source=source, target=target, quantity=doses, reason=Reason.RETURN, now=now
        )
        _mark_moved("return_doses", "doses_returned", lot, target, doses, by, now, source=source.pk)
    return moved


def waste_doses(
    *, lot: VaccineLot, location: Location, doses: int, reason: WasteReason, by: Actor, now: datetime
) -> Wastage:
    """Write doses off with a reason; a booking that loses its dose shows as a shortfall of the session.

    Raises:
        NotPermitted: nobody of the place's or the lot's partner, coordinator or system.
        NotEnoughOnHand: less is there.
    """
    _require_keeper(by, "waste_doses", lot, location)
    with transaction.atomic():
        return lose(
            lot=lot, location=location, doses=doses, reason=reason, verb="waste_doses", by=by, now=now
        )


def lose(
    *,
    lot: VaccineLot,
    location: Location,
    doses: int,
    reason: WasteReason,
    verb: str,
    by: Actor,
    now: datetime,
) -> Wastage:
    """Move doses to the losses and keep why; for verbs that have asked for permission."""
    movement = stock.move(
        lot=lot.lot,
        source=location,
        target=stock.loss_location(),
        quantity=doses,
        reason=LOSS_REASON.get(reason, Reason.WASTE),
        now=now,
        reference=f"vaccination.lot:{lot.pk}",
    )
    session = Session.objects.filter(location=location).first()
    wastage = _keep_wastage(movement, lot, location, reason, session, now)
    _mark_moved(verb, "doses_wasted", lot, location, doses, by, now, reason=str(reason))
    return wastage


def write_off_expired(*, by: Actor, now: datetime) -> list[Wastage]:
    """Write off every dose of lots whose last day has passed, wherever it is."""
    TABLE.require(by, "write_off_expired")
    with transaction.atomic():
        balances = (
            Balance.objects.filter(
                lot__vaccine__isnull=False, lot__expires_date__lte=localdate(now), on_hand__gt=0
            )
            .exclude(location__kind="transit")
            .select_related("lot__vaccine__lot", "location")
            .order_by("pk")
        )
        return [
            lose(
                lot=balance.lot.vaccine,
                location=balance.location,
                doses=balance.on_hand,
                reason=WasteReason.EXPIRED,
                verb="write_off_expired",
                by=by,
                now=now,
            )
            for balance in balances
        ]


def count_stock(
    *,
    lot: VaccineLot,
    location: Location,
    counted: int,
    explanation: Explanation | str = "",
    by: Actor,
    now: datetime,
) -> StockCount:
    """Write down what was counted; the books follow the count, and the difference keeps its explanation.

    Raises:
        NotPermitted: nobody of the place's or the lot's partner, or coordinator.
        CountRefused: negative, or another number than the books without an explanation.
    """
    _require_keeper(by, "count_stock", lot, location)
    with transaction.atomic():
        balance = Balance.objects.select_for_update(no_key=True).filter(lot=lot.pk, location=location).first()
        expected = balance.on_hand if balance else 0
        faults = count_faults(expected=expected, counted=counted, explanation=explanation)
        if faults:
            raise CountRefused(faults, expected=expected)
        movement = _level(lot, location, expected, counted, now)
        count = StockCount.objects.create(
            lot=lot,
            location=location,
            counted_at=now,
            expected=expected,
            counted=counted,
            explanation=explanation if movement else "",
            movement=movement,
        )
        mark(
            verb="count_stock",
            event="stock_counted",
            subject=("vaccination.count", count.pk),
            by=by,
            now=now,
            lot=lot.pk,
            expected=expected,
            counted=counted,
        )
    return count


def recall_lot(*, lot: VaccineLot, reason: RecallReason, by: Actor, now: datetime) -> VaccineLot:
    """Call a lot back: from now on no dose of it is given, moved or booked.

    Bookings that counted on it lose their dose and show as a shortfall of their sessions, so that they can be given
    another lot; `queries.recalled_doses` finds everybody who got one.

    Raises:
        NotPermitted: neither a coordinator of the whole city nor the system.
        WrongState: it is recalled already.
    """
    TABLE.require(by, "recall_lot")
    with transaction.atomic():
        locked = VaccineLot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        locked.state = LOT.move(locked.state, "recall")
        locked.recall_reason, locked.recalled_at = reason, now
        locked.save(update_fields=["state", "recall_reason", "recalled_at"])
        mark(
            verb="recall_lot",
            event="lot_recalled",
            subject=("vaccination.lot", lot.pk),
            by=by,
            now=now,
            reason=str(reason),
        )
    return locked


def facts_of(lot: VaccineLot, location: Location) -> LotFacts:
    """What decides whether doses of the lot at this place may be given."""
    return LotFacts(
        expires_date=lot.lot.expires_date,
        thawed_until_date=lot.thawed_until_date,
        recalled=lot.state == LotState.RECALLED,
        quarantined=Quarantine.objects.filter(lot=lot, location=location, closed_at__isnull=True).exists(),
        vvm_stage=lot.vvm_stage,
    )


def partners_at(location: Location) -> list[int | None]:
    """Partners whose people handle doses at a place: the site's, or all that make the session."""
    if location.site_id is not None:
        return [location.site.partner_id] if location.site else []
    session = Session.objects.select_related("site").filter(location=location).first()
    return session_partners(session) if session else []


def session_partners(session: Session) -> list[int | None]:
    """Every partner with a part in a session that lets its people act in it."""
    return [
        *(session.site.partner_id, session.facility_id, session.vaccinator_id),
        *(session.stock_owner_id, session.registrar_id),
    ]


def place_of(location: Location) -> str | None:
    """Area code of where a location is; None for what is nowhere, such as transit."""
    if location.site is not None:
        return location.site.place.code
    session = Session.objects.select_related("site__place").filter(location=location).first()
    return session.site.place.code if session else None


def _require_keeper(by: Actor, verb: str, lot: VaccineLot, location: Location) -> None:
    partners: Iterable[int | None] = [*partners_at(location), lot.owner_id]
    require_any(by, verb, place_code=place_of(location), partner_ids=partners)


def _require_wanted(lot: VaccineLot, target: Location, arrives: date | None, now: datetime) -> None:
    if arrives is not None and arrives < localdate(now):
        raise BadArrival("arrives_date")
    session = Session.objects.filter(location=target).first()
    if session is None:
        return
    ongoing = session.state in (SessionState.PLANNED, SessionState.OPEN)
    if not ongoing or session.product_id != lot.product_id:
        raise BadArrival("target")


def shared_lot(lot_id: int) -> VaccineLot:
    """A lot with its stock lot and product, locked so that a recall waits for the verb and the verb for it.

    `FOR SHARE`: verbs on doses of one lot all over the city do not wait for one another.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM vaccination_vaccinelot WHERE lot_id = %s FOR SHARE", [lot_id])
    return VaccineLot.objects.select_related("lot", "product").get(pk=lot_id)


def _require_usable(lot: VaccineLot, location: Location, now: datetime, on: date | None = None) -> None:
    faults = lot_faults(facts_of(shared_lot(lot.pk), location), on or localdate(now))
    if faults:
        raise LotRefused(faults, lot=lot.pk)


def _level(
    lot: VaccineLot, location: Location, expected: int, counted: int, now: datetime
) -> Movement | None:
    if counted == expected:
        return None
    places = (location, stock.loss_location())
    source, target = places if counted < expected else places[::-1]
    return stock.move(
        lot=lot.lot,
        source=source,
        target=target,
        quantity=abs(counted - expected),
        reason=Reason.COUNT,
        now=now,
    )


def _keep_wastage(
    movement: Movement,
    lot: VaccineLot,
    location: Location,
    reason: WasteReason,
    session: Session | None,
    now: datetime,
) -> Wastage:
    return Wastage.objects.create(
        movement=movement,
        lot=lot,
        location=location,
        session=session,
        reason=reason,
        doses=movement.quantity,
        at=now,
    )


def _mark_moved(
    verb: str,
    event: str,
    lot: VaccineLot,
    location: Location,
    doses: int,
    by: Actor,
    now: datetime,
    **detail: object,
) -> None:
    marked: Marked = (
        "vaccination.lot",
        lot.pk,
        {"location": location.pk, "doses": doses, **detail},
    )
    mark_many(verb=verb, event=event, subjects=[marked], by=by, now=now)
