"""What can go onto a plate: specimens that wait, and pools that were not read yet."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from kolaborasi.diagnostics.models import Lab, Machine, Pool, PoolMember, Well
from kolaborasi.diagnostics.queries.specimens import bench_queue
from kolaborasi.diagnostics.rules.assays import Outcome, well_order
from kolaborasi.diagnostics.rules.capacity import CONTROLS
from kolaborasi.diagnostics.states import RunState, SpecimenState

ON_ITS_WAY = (RunState.PLANNED, RunState.RUNNING)


def open_pools(lab: Lab) -> QuerySet[Any]:
    """Pools of a lab that were not read and are on no plate, the oldest first, with their members.

    `broken` says that a member is gone, so that the pool can only be dissolved.
    """
    placed = Well.objects.filter(pool=OuterRef("pk"), run__state__in=ON_ITS_WAY)
    found = Pool.objects.filter(lab=lab, outcome="", dissolved_at__isnull=True).exclude(Exists(placed))
    gone = PoolMember.objects.filter(pool=OuterRef("pk")).exclude(
        specimen__lab=lab, specimen__state=SpecimenState.RECEIVED
    )
    return found.annotate(broken=Exists(gone)).prefetch_related("members__specimen__label").order_by("pk")


def queue(lab: Lab) -> QuerySet[Any]:
    """What waits at the bench, with whether each is in a pool (`pooled`), on a plate that was not started (`planned`)
    or to be read alone because its pool was not negative (`singly`)."""
    members = PoolMember.objects.filter(specimen=OuterRef("pk"))
    on_plate = Well.objects.filter(specimen=OuterRef("pk"), run__state=RunState.PLANNED)
    not_negative = ~Q(pool__outcome__in=["", Outcome.NEGATIVE])
    return bench_queue(lab).annotate(
        pooled=Exists(members.filter(pool__outcome="", pool__dissolved_at__isnull=True)),
        planned=Exists(on_plate),
        singly=Exists(members.filter(not_negative)),
    )


def proposed_filling(lab: Lab, machine: Machine) -> str:
    """The lines of a plate filled with what waits: pools first, then the urgent and the oldest; controls last."""
    positions = well_order(machine.wells)
    room = max(0, machine.wells - CONTROLS)
    pools = [f"pool {pool.pk}" for pool in open_pools(lab).filter(broken=False)[:room]]
    free = queue(lab).filter(pooled=False, planned=False)
    barcodes = [each.label.barcode for each in free[: room - len(pools)]]
    controls = [f"{position} {sign}" for position, sign in zip(positions[-CONTROLS:], "+-", strict=False)]
    return "\n".join([*pools, *barcodes, *controls])


def plate_map(wells: list[Well], size: int) -> list[tuple[str, list[tuple[str, Well | None]]]]:
    """Rows of a plate by letter: each position with its well, None where it is empty."""
    by_position = {well.position: well for well in wells}
    order = well_order(96 if size <= 96 else 384)
    letters = list(dict.fromkeys(position[0] for position in order))
    columns = len(order) // len(letters)
    return [
        (letter, [(f"{letter}{n}", by_position.get(f"{letter}{n}")) for n in range(1, columns + 1)])
        for letter in letters
    ]


def numbers(lab: Lab) -> dict[str, int]:
    """How many specimens wait at the bench, how many of them in pools or on plates not started."""
    found = queue(lab).order_by()
    return {
        "waiting": found.count(),
        "pooled": found.filter(pooled=True).count(),
        "planned": found.filter(planned=True).count(),
    }


__all__ = ["numbers", "open_pools", "plate_map", "proposed_filling", "queue"]
