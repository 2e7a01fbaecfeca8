"""The verb that takes in the health office's own list of labs it has verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import LabNotSafe, MoreThanPossible, NumbersRefused, WrongSite
from kolaborasi.diagnostics.models import Lab, LabDay, Machine, Shift
from kolaborasi.diagnostics.models.labs import LEAST_BIOSAFETY
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.rules.capacity import MachineFacts, ShiftFacts, derived_capacity
from kolaborasi.diagnostics.services.labs import LAB_SITES, receive_kits
from kolaborasi.diagnostics.services.record import mark_many
from kolaborasi.diagnostics.states import LabState
from kolaborasi.partners.models import Site
from kolaborasi.partners.services import require_all_active
from kolaborasi.stock.models import Item


@dataclass(frozen=True)
class MachineRow:
    """A machine of a lab: as in `add_machine`."""

    name: str
    model: str
    wells: int
    run_minutes: int
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class KitRow:
    """Kits on hand: as in `receive_kits`."""

    item: Item
    lot: str
    expires_date: date
    reactions: int


@dataclass(frozen=True)
class LabRow:
    """A verified lab with everything it works with, and the specimens it reads for the network by day."""

    site: Site
    biosafety: int
    machines: Sequence[MachineRow]
    shifts: Sequence[ShiftFacts]
    kits: Sequence[KitRow] = ()
    offers: Mapping[date, int] = field(default_factory=dict)
    mobile: bool = False
    preparation_minutes: int = 60

    def derived(self, day: date) -> int:
        """What machines, shifts and kits allow on a day."""
        return derived_capacity(
            day=day,
            machines=[MachineFacts(each.wells, each.run_minutes) for each in self.machines],
            shifts=self.shifts,
            preparation_minutes=self.preparation_minutes,
            reagents=sum(kit.reactions for kit in self.kits if kit.expires_date > day),
        )


def load_labs(*, rows: Sequence[LabRow], by: Actor, now: datetime) -> list[Lab]:
    """Register labs that the health office has seen: they work from now on. All of them or none; set-based.

    Raises:
        NotPermitted: not the system.
        WrongSite, PartnerNotActive: a site is no laboratory or hospital, or its partner is not active.
        LabNotSafe: below biosafety level 2.
        MoreThanPossible: machines, shifts and kits allow less than is offered on a day.
        NumbersRefused: no lab has such numbers.
    """
    TABLE.require(by, "load_labs")
    for row in rows:
        _check(row)
    with transaction.atomic():
        require_all_active({row.site.partner_id for row in rows})
        labs = Lab.objects.bulk_create(
            Lab(
                site=row.site,
                biosafety=row.biosafety,
                mobile=row.mobile,
                preparation_minutes=row.preparation_minutes,
                state=LabState.ACTIVE,
                registered_at=now,
                verified_at=now,
                verified_by_id=by.user_id,
                state_at=now,
            )
            for row in rows
        )
        pairs = list(zip(labs, rows, strict=True))
        _equip(pairs)
        for lab, row in pairs:
            for kit in row.kits:
                receive_kits(
                    lab=lab,
                    item=kit.item,
                    lot=kit.lot,
                    expires_date=kit.expires_date,
                    reactions=kit.reactions,
                    by=by,
                    now=now,
                )
        _offer(pairs, now)
        subjects = [("diagnostics.lab", lab.pk, {"machines": len(row.machines)}) for lab, row in pairs]
        mark_many(verb="load_labs", event="lab_verified", subjects=list(subjects), by=by, now=now)
    return labs


def _check(row: LabRow) -> None:
    if row.site.kind not in LAB_SITES:
        raise WrongSite
    if row.biosafety < LEAST_BIOSAFETY:
        raise LabNotSafe(row.biosafety)
    for machine in row.machines:
        if not (1 <= machine.wells <= 384 and 10 <= machine.run_minutes <= 1440):
            raise NumbersRefused("machines")
    for day, number in row.offers.items():
        if number < 0:
            raise NumbersRefused("offers")
        if number > row.derived(day):
            raise MoreThanPossible(derived=row.derived(day))


def _equip(pairs: Sequence[tuple[Lab, LabRow]]) -> None:
    Machine.objects.bulk_create(
        Machine(
            lab=lab,
            name=each.name,
            model=each.model,
            wells=each.wells,
            run_minutes=each.run_minutes,
            targets=list(each.targets),
        )
        for lab, row in pairs
        for each in row.machines
    )
    Shift.objects.bulk_create(
        Shift(
            lab=lab,
            weekday=each.weekday,
            starts_minute=each.starts_minute,
            minutes=each.minutes,
            staffed_machines=each.staffed_machines,
        )
        for lab, row in pairs
        for each in row.shifts
    )


def _offer(pairs: Sequence[tuple[Lab, LabRow]], now: datetime) -> None:
    LabDay.objects.bulk_create(
        LabDay(lab=lab, date=day, reported=number, limit=number, derived=row.derived(day), offered_at=now)
        for lab, row in pairs
        for day, number in row.offers.items()
    )
