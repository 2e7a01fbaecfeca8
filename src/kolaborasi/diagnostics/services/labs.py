"""Verbs on labs: register, verify, down and back, machines, shifts, the days they offer, kits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.commitments.services import report
from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import (
    LabNotSafe,
    LabNotWorking,
    MoreThanPossible,
    NumbersRefused,
    WrongSite,
)
from kolaborasi.diagnostics.models import Lab, LabDay, Machine, Shift
from kolaborasi.diagnostics.models.labs import LEAST_BIOSAFETY
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.capacity import derived_of_days
from kolaborasi.diagnostics.rules.capacity import ShiftFacts
from kolaborasi.diagnostics.services.dispatching import release_waiting
from kolaborasi.diagnostics.services.record import mark, mark_many
from kolaborasi.diagnostics.states import LAB, LabState
from kolaborasi.partners.models import Site, SiteKind
from kolaborasi.partners.services import require_active
from kolaborasi.stock import services as stock
from kolaborasi.stock.models import Item, Location, LocationKind, Lot, Reason

LAB_SITES = (SiteKind.LAB, SiteKind.HOSPITAL)


def register_lab(
    *,
    site: Site,
    biosafety: int,
    by: Actor,
    now: datetime,
    mobile: bool = False,
    preparation_minutes: int = 60,
) -> Lab:
    """Let a site of a partner join as a lab; it works once the health office has verified it.

    Args:
        biosafety: level 1 to 4.
        preparation_minutes: extraction and plate before a run.

    Raises:
        NotPermitted: neither the partner's administrator nor a coordinator of the place.
        WrongSite: the site is no laboratory or hospital.
        NumbersRefused: no such level or preparation time.
    """
    _require(by, "register_lab", site)
    if site.kind not in LAB_SITES:
        raise WrongSite
    if not 1 <= biosafety <= 4:
        raise NumbersRefused("biosafety")
    if not 0 <= preparation_minutes <= 720:
        raise NumbersRefused("preparation_minutes")
    with transaction.atomic():
        require_active(site.partner_id)
        lab = Lab.objects.create(
            site=site,
            biosafety=biosafety,
            mobile=mobile,
            preparation_minutes=preparation_minutes,
            registered_at=now,
            state_at=now,
        )
        mark(verb="register_lab", event="lab_registered", subject=("diagnostics.lab", lab.pk), by=by, now=now)
    return lab


def verify_lab(*, lab: Lab, by: Actor, now: datetime) -> Lab:
    """The health office has seen the lab: from now on specimens may be sent there.

    Raises:
        NotPermitted: no official of the place.
        LabNotSafe: below biosafety level 2.
        WrongState: it does not wait to be verified.
    """
    if lab.biosafety < LEAST_BIOSAFETY:
        raise LabNotSafe(lab.biosafety)
    return _change(
        lab, "verify", "verify_lab", "lab_verified", by, now, verified_at=now, verified_by_id=by.user_id
    )


def lab_down(*, lab: Lab, reason: str, by: Actor, now: datetime) -> Lab:
    """The lab cannot read specimens: nothing new goes there, and what waits there is planned again.

    Promises that were not picked up are released at once; those on the way are planned to another lab by the next
    dispatch, which also takes what waits inside.

    Args:
        reason: a `DownReason`.

    Raises:
        NotPermitted, WrongState.
    """
    with transaction.atomic():
        changed = _change(lab, "go down", "lab_down", "lab_went_down", by, now, down_reason=reason)
        release_waiting(lab=changed, by=by, now=now)
    return changed


def lab_back(*, lab: Lab, by: Actor, now: datetime) -> Lab:
    """The lab works again.

    Raises:
        NotPermitted, WrongState.
    """
    return _change(lab, "come back", "lab_back", "lab_came_back", by, now, down_reason="")


def close_lab(*, lab: Lab, by: Actor, now: datetime) -> Lab:
    """The lab leaves the network.

    Raises:
        NotPermitted, WrongState.
    """
    with transaction.atomic():
        changed = _change(lab, "close", "close_lab", "lab_closed", by, now, down_reason="")
        release_waiting(lab=changed, by=by, now=now)
    return changed


def add_machine(
    *,
    lab: Lab,
    name: str,
    model: str,
    wells: int,
    run_minutes: int,
    targets: Sequence[str],
    by: Actor,
    now: datetime,
) -> Machine:
    """Add a PCR machine.

    Raises:
        NotPermitted: neither the partner's administrator nor a coordinator.
        NumbersRefused: no machine has such numbers, or the lab has one of this name.
    """
    _require(by, "add_machine", lab.site)
    for field, value, low, high in (("wells", wells, 1, 384), ("run_minutes", run_minutes, 10, 1440)):
        if not low <= value <= high:
            raise NumbersRefused(field)
    with transaction.atomic():
        Lab.objects.select_for_update(no_key=True).get(pk=lab.pk)
        if Machine.objects.filter(lab=lab, name=name).exists():
            raise NumbersRefused("name")
        machine = Machine.objects.create(
            lab=lab, name=name, model=model, wells=wells, run_minutes=run_minutes, targets=list(targets)
        )
        subject = ("diagnostics.machine", machine.pk)
        mark(verb="add_machine", event="machine_added", subject=subject, by=by, now=now, lab=lab.pk)
    return machine


def set_machine_service(*, machine: Machine, in_service: bool, by: Actor, now: datetime) -> Machine:
    """Say whether a machine works.

    Raises:
        NotPermitted: nobody of the lab.
    """
    _require(by, "set_machine_service", machine.lab.site)
    with transaction.atomic():
        Machine.objects.filter(pk=machine.pk).update(in_service=in_service)
        machine.in_service = in_service
        mark(
            verb="set_machine_service",
            event="machine_changed",
            subject=("diagnostics.machine", machine.pk),
            by=by,
            now=now,
            in_service=in_service,
        )
    return machine


def set_shifts(*, lab: Lab, shifts: Sequence[ShiftFacts], by: Actor, now: datetime) -> list[Shift]:
    """Say anew when the lab works; a weekday without a shift is a day off.

    Raises:
        NotPermitted: neither the partner's administrator nor a coordinator.
        NumbersRefused: a shift that cannot be, or two that begin at once.
    """
    _require(by, "set_shifts", lab.site)
    for shift in shifts:
        for field, low, high in (
            *(("weekday", 0, 6), ("starts_minute", 0, 1439), ("minutes", 30, 1440)),
            ("staffed_machines", 0, 100),
        ):
            if not low <= getattr(shift, field) <= high:
                raise NumbersRefused(field)
    if len({(shift.weekday, shift.starts_minute) for shift in shifts}) < len(shifts):
        raise NumbersRefused("starts_minute")
    with transaction.atomic():
        Lab.objects.select_for_update(no_key=True).get(pk=lab.pk)
        Shift.objects.filter(lab=lab).delete()
        made = Shift.objects.bulk_create(
            Shift(
                lab=lab,
                weekday=shift.weekday,
                starts_minute=shift.starts_minute,
                minutes=shift.minutes,
                staffed_machines=shift.staffed_machines,
            )
            for shift in shifts
        )
        mark(
            verb="set_shifts",
            event="shifts_set",
            subject=("diagnostics.lab", lab.pk),
            by=by,
            now=now,
            shifts=len(made),
        )
    return made


def offer_days(*, lab: Lab, offers: Mapping[date, int], by: Actor, now: datetime) -> list[LabDay]:
    """Say how many specimens the lab reads for the network on each day; also less than before.

    Raises:
        NotPermitted: neither the partner's administrator nor a coordinator.
        LabNotWorking: not verified, or closed.
        MoreThanPossible: machines, shifts and reagents allow less.
        NumbersRefused: a negative number or a day that is over.
    """
    _require(by, "offer_days", lab.site)
    if any(number < 0 for number in offers.values()) or any(day < localdate(now) for day in offers):
        raise NumbersRefused("offers")
    with transaction.atomic():
        require_active(lab.site.partner_id)
        locked = Lab.objects.select_for_update(no_key=True).get(pk=lab.pk)
        if locked.state not in (LabState.ACTIVE, LabState.DOWN):
            raise LabNotWorking
        derived = derived_of_days(lab, sorted(offers))
        for day, number in offers.items():
            if number > derived[day]:
                raise MoreThanPossible(derived=derived[day])
        days = _offer(lab, offers, derived, now)
        mark_many(
            verb="offer_days",
            event="day_offered",
            subjects=[("diagnostics.labday", day.pk, {"offered": day.reported}) for day in days],
            by=by,
            now=now,
        )
    return days


def receive_kits(
    *, lab: Lab, item: Item, lot: str, expires_date: date | None, reactions: int, by: Actor, now: datetime
) -> Lot:
    """Book kits that arrived from a supplier, by lot and expiry, in reactions.

    Raises:
        NotPermitted: nobody of the lab.
        NumbersRefused: no reactions, or the lot has expired.
    """
    _require(by, "receive_kits", lab.site)
    if reactions <= 0:
        raise NumbersRefused("reactions")
    if expires_date is not None and expires_date <= localdate(now):
        raise NumbersRefused("expires_date")
    with transaction.atomic():
        found, _new = Lot.objects.get_or_create(item=item, code=lot, defaults={"expires_date": expires_date})
        movement = stock.move(
            lot=found,
            source=stock.supplier_location(),
            target=location_of(lab),
            quantity=reactions,
            reason=Reason.RECEIPT,
            now=now,
        )
        subject = ("stock.movement", movement.pk)
        mark(verb="receive_kits", event="kits_received", subject=subject, by=by, now=now, lab=lab.pk)
    return found


def location_of(lab: Lab) -> Location:
    """Where the lab's goods lie, made when absent."""
    return Location.objects.get_or_create(
        site_id=lab.site_id, defaults={"kind": LocationKind.SITE, "name": lab.site.name}
    )[0]


def _require(by: Actor, verb: str, site: Site) -> None:
    TABLE.require(by, verb, place_code=site.place.code, partner_id=site.partner_id)


def _change(lab: Lab, move: str, verb: str, event: str, by: Actor, now: datetime, **changes: object) -> Lab:
    with transaction.atomic():
        locked = (
            Lab.objects.select_for_update(of=("self",), no_key=True)
            .select_related("site__place", "site__partner")
            .get(pk=lab.pk)
        )
        _require(by, verb, locked.site)
        locked.state, locked.state_at = LAB.move(locked.state, move), now
        for field, value in changes.items():
            setattr(locked, field, value)
        locked.save()
        mark(verb=verb, event=event, subject=("diagnostics.lab", lab.pk), by=by, now=now)
    return locked


def _offer(lab: Lab, offers: Mapping[date, int], derived: Mapping[date, int], now: datetime) -> list[LabDay]:
    """Write the offers: new days in one statement, days that change one by one, for promises count against them."""
    LabDay.objects.bulk_create(
        [
            LabDay(lab=lab, date=day, reported=number, limit=number, derived=derived[day], offered_at=now)
            for day, number in sorted(offers.items())
        ],
        ignore_conflicts=True,
    )
    rows = list(LabDay.objects.filter(lab=lab, date__in=list(offers)).order_by("date"))
    for row in rows:
        if (row.reported, row.derived, row.offered_at) == (offers[row.date], derived[row.date], now):
            continue
        if row.reported != offers[row.date]:
            report(row, reported=offers[row.date], now=now)
        row.derived, row.offered_at = derived[row.date], now
        row.save(update_fields=["derived", "offered_at"])
    return rows
