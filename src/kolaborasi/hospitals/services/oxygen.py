"""Verbs on oxygen cylinders. Where a cylinder stands is booked in `stock`, so that none is ever created or lost by hand.

Lock order: refill line, cylinders by serial, balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, F

from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.hospitals.errors import CylinderKnown, CylinderUnknown, NothingToRefill, QuotaUsed
from kolaborasi.hospitals.models import Cylinder, Hospital, RefillLine, RefillRound
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import refill_quotas
from kolaborasi.hospitals.services.record import Marked, mark, mark_many
from kolaborasi.hospitals.states import CYLINDER, CylinderState
from kolaborasi.partners.models import Site
from kolaborasi.stock.models import Item, Location, Lot, Reason
from kolaborasi.stock.services import loss_location, move, site_location, supplier_location

ITEM_CODE = "oxygen-cylinder"
LARGE_LITRES = 6000
"""Gas in a large cylinder, 6 cubic metres, the kind the Monas post refilled in July 2021."""


def register_cylinders(
    *, owner: Site, serials: Sequence[str], by: Actor, now: datetime, litres: int = LARGE_LITRES
) -> list[Cylinder]:
    """Take full cylinders into the books, each by the number stamped on it.

    Raises:
        NotPermitted: none of the owner's people and no coordinator of its place.
        CylinderKnown: a serial is registered already or given twice; none is taken.
    """
    _require(by, "register_cylinders", owner)
    wanted = sorted(serial.strip() for serial in serials)
    if len(set(wanted)) != len(wanted):
        raise CylinderKnown
    once = {"cylinder_serial_once": CylinderKnown, "stock_lot_code_is_once_per_item": CylinderKnown}
    with refusing(once), transaction.atomic():
        item = Item.objects.get_or_create(
            code=ITEM_CODE, defaults={"name": "Oxygen cylinder", "unit": "cylinder"}
        )[0]
        lots = Lot.objects.bulk_create(Lot(item=item, code=serial) for serial in wanted)
        made = Cylinder.objects.bulk_create(
            Cylinder(serial=lot.code, lot=lot, owner=owner, holder=owner, litres=litres, state_at=now)
            for lot in lots
        )
        _book(made, supplier_location(), site_location(owner), Reason.RECEIPT, now)
        _mark("register_cylinders", "cylinder_registered", made, by, now, owner=owner.pk)
    return made


def use_cylinders(*, site: Site, serials: Sequence[str], by: Actor, now: datetime) -> list[Cylinder]:
    """Record cylinders that are empty now.

    Raises:
        NotPermitted: none of the site's people and no coordinator of its place.
        CylinderUnknown: one is not here or not full; nothing is recorded.
    """
    _require(by, "use_cylinders", site)
    with transaction.atomic():
        found = _locked(serials, site, CylinderState.FULL)
        _follow(found, "use", site, now)
        _mark("use_cylinders", "cylinder_emptied", found, by, now)
    return found


def plan_refill(*, filler: Site, date: date, total: int, each: int, by: Actor, now: datetime) -> RefillRound:
    """Plan a drive to the filler: what every hospital with empty cylinders may send.

    Args:
        total: cylinders the trucks carry.
        each: most of one hospital.

    Raises:
        NotPermitted: neither the system nor a coordinator of the filler's place.
        NothingToRefill: no hospital has an empty cylinder, or the round carries none.
    """
    TABLE.require(by, "plan_refill", place_code=filler.place.code)
    with transaction.atomic():
        empty = list(
            Hospital.objects.filter(
                site__held_cylinders__state=CylinderState.EMPTY, site__closed_date__isnull=True
            )
            .annotate(empty=Count("site__held_cylinders"))
            .order_by("pk")
        )
        quotas = refill_quotas([hospital.empty for hospital in empty], total=total, each=each)
        if not any(quotas):
            raise NothingToRefill
        planned = RefillRound.objects.create(filler=filler, date=date, total=total, each=each, planned_at=now)
        RefillLine.objects.bulk_create(
            RefillLine(round=planned, hospital=hospital, quota=quota)
            for hospital, quota in zip(empty, quotas, strict=True)
            if quota
        )
        mark(
            verb="plan_refill",
            event="refill_planned",
            subject=("hospitals.refillround", planned.pk),
            by=by,
            now=now,
            cylinders=sum(quotas),
        )
    return planned


def send_cylinders(*, line: RefillLine, serials: Sequence[str], by: Actor, now: datetime) -> list[Cylinder]:
    """Empty cylinders leave a hospital for the filler.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place.
        QuotaUsed: more than the hospital may send on this round.
        CylinderUnknown: one is not here or not empty; none is sent.
    """
    site = line.hospital.site
    _require(by, "send_cylinders", site)
    with transaction.atomic():
        locked = (
            RefillLine.objects.select_for_update(of=("self",)).select_related("round__filler").get(pk=line.pk)
        )
        if locked.sent + len(serials) > locked.quota:
            raise QuotaUsed(locked.quota - locked.sent)
        found = _locked(serials, site, CylinderState.EMPTY)
        filler = locked.round.filler
        _book(found, site_location(site), site_location(filler), Reason.TRANSFER, now)
        _follow(found, "send", filler, now)
        RefillLine.objects.filter(pk=line.pk).update(sent=F("sent") + len(found))
        _mark("send_cylinders", "cylinder_sent", found, by, now, line=line.pk)
    return found


def return_cylinders(*, line: RefillLine, serials: Sequence[str], by: Actor, now: datetime) -> list[Cylinder]:
    """Full cylinders come back to a hospital: the same ones, or others in their stead (a swap keeps the owners).

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place.
        QuotaUsed: more than were sent.
        CylinderUnknown: one is not at the filler; none is returned.
    """
    site = line.hospital.site
    _require(by, "return_cylinders", site)
    with transaction.atomic():
        locked = (
            RefillLine.objects.select_for_update(of=("self",)).select_related("round__filler").get(pk=line.pk)
        )
        if locked.returned + len(serials) > locked.sent:
            raise QuotaUsed(locked.sent - locked.returned)
        filler = locked.round.filler
        found = _locked(serials, filler, CylinderState.AT_FILLER)
        _book(found, site_location(filler), site_location(site), Reason.TRANSFER, now)
        _follow(found, "return", site, now)
        RefillLine.objects.filter(pk=line.pk).update(returned=F("returned") + len(found))
        _mark("return_cylinders", "cylinder_returned", found, by, now, line=line.pk)
    return found


def lose_cylinder(*, cylinder: Cylinder, by: Actor, now: datetime) -> Cylinder:
    """Write a cylinder off; it stays in the books as lost.

    Raises:
        NotPermitted: no administrator of its holder and no coordinator of the place.
        WrongState: it is written off already.
    """
    _require(by, "lose_cylinder", cylinder.holder)
    with transaction.atomic():
        locked = (
            Cylinder.objects.select_for_update(of=("self",))
            .select_related("lot", "holder")
            .get(pk=cylinder.pk)
        )
        CYLINDER.move(locked.state, "lose")
        _book([locked], site_location(locked.holder), loss_location(), Reason.WASTE, now)
        _follow([locked], "lose", locked.holder, now)
        _mark("lose_cylinder", "cylinder_lost", [locked], by, now)
    return locked


def _locked(serials: Sequence[str], holder: Site, state: CylinderState) -> list[Cylinder]:
    wanted = {serial.strip() for serial in serials}
    found = list(
        Cylinder.objects.select_for_update(of=("self",))
        .select_related("lot")
        .filter(serial__in=wanted, holder=holder, state=state)
        .order_by("serial")
    )
    missing = wanted - {cylinder.serial for cylinder in found}
    if missing or len(wanted) != len(serials):
        raise CylinderUnknown(sorted(missing or wanted))
    return found


def _book(
    cylinders: Sequence[Cylinder], source: Location, target: Location, reason: Reason, now: datetime
) -> None:
    for cylinder in cylinders:
        move(
            lot=cylinder.lot,
            source=source,
            target=target,
            quantity=1,
            reason=reason,
            now=now,
            reference=f"hospitals.cylinder:{cylinder.pk}",
        )


def _follow(cylinders: Sequence[Cylinder], event: str, holder: Site, now: datetime) -> None:
    for cylinder in cylinders:
        cylinder.state, cylinder.holder, cylinder.state_at = CYLINDER.move(cylinder.state, event), holder, now
    Cylinder.objects.bulk_update(cylinders, ["state", "holder", "state_at"])


def _mark(
    verb: str, event: str, cylinders: Sequence[Cylinder], by: Actor, now: datetime, **detail: object
) -> None:
    subjects: list[Marked] = [("hospitals.cylinder", cylinder.pk, dict(detail)) for cylinder in cylinders]
    mark_many(verb=verb, event=event, subjects=subjects, by=by, now=now)


def _require(by: Actor, verb: str, site: Site) -> None:
    TABLE.require(by, verb, place_code=site.place.code, partner_id=site.partner_id)
