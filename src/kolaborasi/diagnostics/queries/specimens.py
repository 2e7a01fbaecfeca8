"""Specimens, manifests and plans: what waits where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Value, When

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import (
    Consignment,
    DispatchLine,
    DispatchPlan,
    Lab,
    Label,
    Priority,
    Specimen,
    SpecimenEvent,
)
from kolaborasi.diagnostics.rules.barcodes import barcode_fault, scanned
from kolaborasi.diagnostics.states import UNREAD, SpecimenState
from kolaborasi.partners.models import Site

OPEN_STATES = ("held", "confirmed")
URGENT_FIRST = Case(
    When(priority=Priority.URGENT, then=Value(0)),
    When(priority=Priority.HIGH, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def specimens() -> QuerySet[Specimen]:
    """All specimens with label, order, sites, lab and manifest."""
    return Specimen.objects.select_related(
        "label",
        "order__person",
        "site__place",
        "site__partner",
        "lab__site__partner",
        "consignment__lab__site__place",
    )


def specimen(barcode: str) -> Specimen | None:
    """The specimen with a barcode, as scanned."""
    text = scanned(barcode)
    return specimens().filter(label__barcode=text).first() if barcode_fault(text) is None else None


def events_of(subject: Specimen) -> QuerySet[SpecimenEvent]:
    """What happened to a specimen, in the order we were told."""
    return SpecimenEvent.objects.filter(specimen=subject).select_related("site").order_by("recorded_at", "pk")


def labels_left(site: Site) -> QuerySet[Label]:
    """Labels issued to a site that are on no specimen yet."""
    return Label.objects.filter(site=site, specimen__isnull=True).order_by("pk")


def waiting_at(site: Site) -> QuerySet[Specimen]:
    """Specimens that wait at a collection site for the courier, the urgent and the oldest first."""
    return (
        specimens()
        .filter(site=site, state=SpecimenState.COLLECTED)
        .order_by(URGENT_FIRST, "collected_at", "pk")
    )


def bench_queue(lab: Lab) -> QuerySet[Specimen]:
    """Specimens in a lab that wait for a run: urgent first, then by when they must be read at the latest."""
    return (
        specimens().filter(lab=lab, state=SpecimenState.RECEIVED).order_by(URGENT_FIRST, "keeps_until", "pk")
    )


def consignments() -> QuerySet[Consignment]:
    """All manifests with origin, lab and how many specimens each carries as `carried`."""
    return (
        Consignment.objects.select_related(
            "origin__place", "lab__site__place", "lab__site__partner", "lab_day"
        )
        .annotate(carried=Count("specimens"))
        .order_by("departs_at", "pk")
    )


def consignment(pk: int) -> Consignment | None:
    """One manifest."""
    return consignments().filter(pk=pk).first()


def courier_manifests(actor: Actor) -> QuerySet[Consignment]:
    """Manifests for a courier: theirs, received ones too while something of them is missing, and those nobody carries."""
    mine, open_ones = Q(courier=actor.user_id), Q(state__in=OPEN_STATES)
    missing = Specimen.objects.filter(consignment=OuterRef("pk"), state=SpecimenState.IN_TRANSIT)
    free = Q(courier__isnull=True, picked_up_at__isnull=True)
    return consignments().filter((mine | free) & open_ones | mine & Exists(missing))


def coming_to(lab: Lab) -> QuerySet[Consignment]:
    """Manifests on their way or planned to a lab, in the order they should arrive."""
    return consignments().filter(lab=lab, state__in=OPEN_STATES).order_by("arrives_at", "pk")


def manifest(subject: Consignment) -> QuerySet[Specimen]:
    """Specimens a manifest carries, by barcode."""
    return specimens().filter(consignment=subject).order_by("label__barcode")


def still_with_courier(lab: Lab | None = None) -> QuerySet[Specimen]:
    """Specimens on the way whose manifest was received without them: missing until found or discarded."""
    found = specimens().filter(state=SpecimenState.IN_TRANSIT).exclude(consignment__state__in=OPEN_STATES)
    return found.filter(consignment__lab=lab) if lab is not None else found


def plans() -> QuerySet[DispatchPlan]:
    """Dispatch plans, the newest first."""
    return DispatchPlan.objects.order_by("-made_at", "-pk")


def plan(pk: int) -> DispatchPlan | None:
    """One plan."""
    return plans().filter(pk=pk).first()


def plan_lines(subject: DispatchPlan) -> QuerySet[DispatchLine]:
    """Lines of a plan with origin and lab, the longest way first."""
    return (
        DispatchLine.objects.filter(plan=subject)
        .select_related("origin__place", "lab__site__partner", "lab__site__place", "lab_day", "consignment")
        .order_by("-quantity", "pk")
    )


def late_specimens(now: datetime) -> QuerySet[Specimen]:
    """Specimens whose result should be there and is not, the longest overdue first: the alarm."""
    missing = (*UNREAD, SpecimenState.RESULTED)
    return specimens().filter(state__in=missing, late_at__lte=now).order_by("late_at", "pk")


def late_by_lab(now: datetime) -> list[dict[str, Any]]:
    """Number of late specimens and the oldest swab of each lab (None: not in a lab yet)."""
    rows = late_specimens(now).order_by().values("lab", "lab__site__name")
    counted = rows.annotate(late=Count("pk"), oldest=Min("collected_at")).order_by("-late")
    return [dict(row) for row in counted]
