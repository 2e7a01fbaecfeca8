"""What labs can do, what they offered, and what is left of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from kolaborasi.diagnostics.models import Assay, Lab, LabDay, Machine, Shift
from kolaborasi.diagnostics.rules.capacity import DayCapacity, MachineFacts, ShiftFacts, day_capacity
from kolaborasi.diagnostics.states import LabState
from kolaborasi.partners.models import Site
from kolaborasi.stock.models import Balance, Item


def machines_by_lab(labs: Sequence[int]) -> dict[int, list[MachineFacts]]:
    """Machines in service of some labs."""
    found: dict[int, list[MachineFacts]] = defaultdict(list)
    rows = Machine.objects.filter(lab__in=labs, in_service=True).order_by("lab", "pk")
    for lab, wells, minutes in rows.values_list("lab", "wells", "run_minutes"):
        found[lab].append(MachineFacts(wells, minutes))
    return found


def shifts_by_lab(labs: Sequence[int]) -> dict[int, list[ShiftFacts]]:
    """Shifts of some labs."""
    found: dict[int, list[ShiftFacts]] = defaultdict(list)
    columns = ("lab", "weekday", "starts_minute", "minutes", "staffed_machines")
    for lab, *facts in Shift.objects.filter(lab__in=labs).order_by("lab", "pk").values_list(*columns):
        found[lab].append(ShiftFacts(*facts))
    return found


def reagents_by_lab(labs: Sequence[int], day: date) -> dict[int, int]:
    """Reactions of test kits on hand that can still be used on a day, by lab."""
    rows = (
        Balance.objects.filter(location__site__lab__in=labs, lot__item__in=Assay.objects.values("kit"))
        .filter(Q(lot__expires_date__isnull=True) | Q(lot__expires_date__gt=day))
        .values_list("location__site__lab")
        .annotate(units=Coalesce(Sum("on_hand"), 0))
    )
    return {lab: units for lab, units in rows if lab is not None}


def derived_of_days(lab: Lab, days: Sequence[date]) -> dict[date, int]:
    """What machines, shifts and reagents of a lab allow on each day, each day taken alone."""
    return {day: found.specimens for day, found in capacity_of_days(lab, days).items()}


def capacity_of_days(lab: Lab, days: Sequence[date]) -> dict[date, DayCapacity]:
    """The same with what it follows from and what keeps it from being more."""
    machines, shifts = machines_by_lab([lab.pk])[lab.pk], shifts_by_lab([lab.pk])[lab.pk]
    lots = list(
        Balance.objects.filter(
            location__site__lab=lab, on_hand__gt=0, lot__item__in=Assay.objects.values("kit")
        ).values_list("lot__expires_date", "on_hand")
    )
    return {
        day: day_capacity(
            day=day,
            machines=machines,
            shifts=shifts,
            preparation_minutes=lab.preparation_minutes,
            reagents=sum(units for expires, units in lots if expires is None or expires > day),
        )
        for day in days
    }


def labs() -> QuerySet[Lab]:
    """All labs with site, partner and place."""
    return Lab.objects.select_related("site__partner", "site__place__parent")


def working_labs() -> QuerySet[Lab]:
    """Labs the network may send specimens to."""
    return labs().filter(state=LabState.ACTIVE)


def lab_days(first: date, last: date) -> QuerySet[LabDay]:
    """What labs offer from a day to another, not included, with labs and partners."""
    return LabDay.objects.filter(date__gte=first, date__lt=last).select_related(
        "lab__site__partner", "lab__site__place"
    )


def open_site(pk: int) -> Site | None:
    """A site in use, with its place and partner."""
    return Site.objects.filter(pk=pk, closed_date__isnull=True).select_related("place", "partner").first()


def kit_by_code(code: str) -> Item | None:
    """The kit of an assay, as goods."""
    return Item.objects.filter(code=code, pk__in=Assay.objects.values("kit")).first()
