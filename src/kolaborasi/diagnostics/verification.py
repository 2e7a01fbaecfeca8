"""What `kolaborasi verify` recomputes of the diagnostics programme."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery

from kolaborasi.common.verification import Check
from kolaborasi.diagnostics.models import Consignment, EventKind, Result, Specimen, SpecimenEvent
from kolaborasi.diagnostics.states import ResultState, SpecimenState

TIMES = {
    EventKind.COLLECTED: "collected_at",
    EventKind.VALIDATED: "validated_at",
    EventKind.NOTIFIED: "notified_at",
    EventKind.RESULTED: "resulted_at",
}
"""Times a specimen carries beside its events; the others are cleared when it goes back."""


def checks() -> Iterator[Check]:
    """Every specimen is somewhere, its times are those of its events, and its results fit its state."""
    yield _whereabouts()
    yield _times()
    yield _results()
    yield _manifests()


def _whereabouts() -> Check:
    """At a site, with a courier, in a lab, or gone; the constraints hold it, this says it of every row."""
    at_site = Q(state=SpecimenState.COLLECTED, lab__isnull=True)
    with_courier = Q(
        state=SpecimenState.IN_TRANSIT, lab__isnull=True, consignment__picked_up_at__isnull=False
    )
    gone = Q(state=SpecimenState.DISCARDED)
    resting = Q(state=SpecimenState.COLLECTED) | Q(state=SpecimenState.IN_TRANSIT) | gone
    in_lab = ~resting & Q(lab__isnull=False)
    nowhere = Specimen.objects.exclude(at_site | with_courier | in_lab | gone)
    faults = [f"diagnostics.specimen {pk}: is nowhere" for pk in nowhere.values_list("pk", flat=True)]
    return Check("whereabouts of specimens", Specimen.objects.count(), faults)


def _times() -> Check:
    faults = []
    for kind, column in TIMES.items():
        last = (
            SpecimenEvent.objects.filter(specimen=OuterRef("pk"), kind=kind)
            .values("specimen")
            .annotate(last=Max("at"))
            .values("last")
        )
        rows = Specimen.objects.filter(**{f"{column}__isnull": False}).annotate(told=Subquery(last))
        # A correction is a reading of its own kind.
        if kind == EventKind.RESULTED:
            rows = rows.exclude(
                Exists(SpecimenEvent.objects.filter(specimen=OuterRef("pk"), kind=EventKind.CORRECTED))
            )
        wrong = rows.exclude(told=F(column)) | rows.filter(told__isnull=True)
        faults += [
            f"diagnostics.specimen {pk}: {column} is not the time of its event"
            for pk in wrong.values_list("pk", flat=True)
        ]
    return Check("times of specimens", Specimen.objects.count(), faults)


def _results() -> Check:
    counting = Result.objects.filter(specimen=OuterRef("pk"), state=ResultState.VALIDATED)
    waiting = Result.objects.filter(specimen=OuterRef("pk"), state=ResultState.PROPOSED)
    read = Q(state__in=[SpecimenState.VALIDATED, SpecimenState.NOTIFIED])
    wrong = Specimen.objects.filter(
        (read & ~Exists(counting))
        | (Q(state=SpecimenState.RESULTED) & ~Exists(waiting))
        | (~read & Exists(counting))
    )
    faults = [
        f"diagnostics.specimen {pk}: its results do not fit its state"
        for pk in wrong.values_list("pk", flat=True)
    ]
    return Check("results of specimens", Specimen.objects.count(), faults)


def _manifests() -> Check:
    """A manifest that was not received carries at most what it promises."""
    open_ = Consignment.objects.filter(state__in=["held", "confirmed"]).annotate(carried=Count("specimens"))
    faults = [
        f"diagnostics.consignment {pk}: carries {carried} but promises {quantity}"
        for pk, carried, quantity in open_.filter(carried__gt=F("quantity")).values_list(
            "pk", "carried", "quantity"
        )
    ]
    return Check("manifests of consignments", open_.count(), faults)
