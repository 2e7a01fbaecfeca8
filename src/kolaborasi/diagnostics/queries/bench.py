"""Runs, plates to be filled, results to be validated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet

from kolaborasi.diagnostics.models import Assay, Lab, Machine, Pool, Result, Run, Specimen, Well, WellContent
from kolaborasi.diagnostics.queries.specimens import bench_queue
from kolaborasi.diagnostics.rules.assays import Outcome, well_order
from kolaborasi.diagnostics.rules.capacity import CONTROLS
from kolaborasi.diagnostics.rules.pooling import PoolAdvice, advise
from kolaborasi.diagnostics.states import ResultState, RunState
from kolaborasi.stock.models import Balance, Lot

POOLING_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class Position:
    """A proposed filling of a plate; `specimen` is None for controls."""

    position: str
    content: str
    specimen: Specimen | None


def runs(lab: Lab) -> QuerySet[Run]:
    """Runs of a lab with machine, assay and number of wells, the newest first."""
    return (
        Run.objects.filter(lab=lab)
        .select_related("machine", "assay", "kit_lot")
        .annotate(well_count=Count("wells"))
        .order_by("-prepared_at", "-pk")
    )


def run(pk: int) -> Run | None:
    """One run with its lab and assay."""
    return (
        Run.objects.select_related("lab__site__partner", "lab__site__place", "machine", "assay", "kit_lot")
        .filter(pk=pk)
        .first()
    )


def wells(subject: Run) -> QuerySet[Well]:
    """Wells of a plate with what they hold."""
    return (
        Well.objects.filter(run=subject)
        .select_related("specimen__label", "specimen__order", "pool")
        .prefetch_related("pool__members__specimen__label")
        .order_by("pk")
    )


def free_machines(lab: Lab) -> QuerySet[Machine]:
    """Machines in service that run no plate."""
    return Machine.objects.filter(lab=lab, in_service=True).exclude(runs__state=RunState.RUNNING)


def machines(lab: Lab) -> QuerySet[Machine]:
    """All machines of a lab, with how many plates are in them as `running`."""
    return Machine.objects.filter(lab=lab).annotate(
        running=Count("runs", filter=Q(runs__state=RunState.RUNNING))
    )


def assays() -> QuerySet[Assay]:
    """Assays the programme knows how to read."""
    return Assay.objects.order_by("name")


def kit_lots(lab: Lab, day: date) -> QuerySet[Balance]:
    """Lots of test kits on hand that can be used on a day, the first to expire first."""
    return (
        Balance.objects.filter(
            location__site__lab=lab, on_hand__gt=0, lot__item__in=Assay.objects.values("kit")
        )
        .filter(Q(lot__expires_date__isnull=True) | Q(lot__expires_date__gt=day))
        .select_related("lot__item")
        .order_by("lot__expires_date", "pk")
    )


def kit_lot(lab: Lab, pk: int) -> Lot | None:
    """A lot of test kits that the lab has on hand."""
    found = Balance.objects.filter(location__site__lab=lab, lot=pk, on_hand__gt=0).select_related("lot")
    balance = found.first()
    return balance.lot if balance else None


def pool(lab: Lab, pk: int) -> Pool | None:
    """A pool of a lab."""
    return Pool.objects.filter(lab=lab, pk=pk).first()


def pool_of(pk: int) -> Pool | None:
    """One pool with its lab."""
    return Pool.objects.select_related("lab__site__partner", "lab__site__place").filter(pk=pk).first()


def plate_proposal(lab: Lab, machine: Machine) -> list[Position]:
    """A plate filled with what waits: specimens column by column, the two controls in the last positions."""
    positions = well_order(machine.wells)
    waiting = list(bench_queue(lab)[: max(0, machine.wells - CONTROLS)])
    filled = [
        Position(place, WellContent.SPECIMEN, each) for place, each in zip(positions, waiting, strict=False)
    ]
    controls = (WellContent.POSITIVE, WellContent.NEGATIVE)
    return filled + [
        Position(place, content, None)
        for place, content in zip(positions[-CONTROLS:], controls, strict=False)
    ]


def results() -> QuerySet[Result]:
    """Results with specimen, lab, assay and Ct values."""
    return Result.objects.select_related(
        "specimen__label",
        "specimen__order__person",
        "lab__site__partner",
        "lab__site__place",
        "assay",
        "corrects",
    ).prefetch_related(Prefetch("cts"))


def results_to_validate(lab: Lab) -> QuerySet[Result]:
    """Results of a lab that wait for a second person, the urgent and the oldest first."""
    return results().filter(lab=lab, state=ResultState.PROPOSED).order_by("specimen__collected_at", "pk")


def result(pk: int) -> Result | None:
    """One result."""
    return results().filter(pk=pk).first()


def results_of(specimen: Specimen) -> QuerySet[Result]:
    """Every result a specimen ever had, the newest first; those that no longer count too."""
    return results().filter(specimen=specimen).order_by("-entered_at", "-pk")


def pool_advice(lab: Lab, now: datetime) -> PoolAdvice:
    """How many specimens to pool, from the lab's own share of positives in the last seven days."""
    last = Result.objects.filter(
        lab=lab, state=ResultState.VALIDATED, validated_at__gt=now - POOLING_WINDOW
    ).aggregate(all=Count("pk"), positive=Count("pk", filter=Q(outcome=Outcome.POSITIVE)))
    # Without any result nothing is known, so no pool is advised.
    return advise(last["positive"] / last["all"] if last["all"] else 1.0)
