"""What `kolaborasi verify` recomputes of the hospitals room."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from kolaborasi.common.verification import Check
from kolaborasi.hospitals.models import BedPool, BedReport, Cylinder, Placement, Referral
from kolaborasi.hospitals.rules import BedCount, given_beds
from kolaborasi.hospitals.states import CylinderState, ReferralState
from kolaborasi.stock.models import Balance

EXPECTS_A_BED = (
    ReferralState.OFFERED,
    ReferralState.ACCEPTED,
    ReferralState.IN_TRANSIT,
    ReferralState.ADMITTED,
)


def checks() -> Iterator[Check]:
    """Beds given follow from the count, patients of referral and placement agree, cylinders stand where stock says."""
    yield _given()
    yield _reports()
    yield _placements()
    yield _cylinders()


def _given() -> Check:
    faults = []
    rows = 0
    for pool in BedPool.objects.iterator():
        rows += 1
        count = BedCount(pool.staffed, pool.occupied, cleaning=pool.cleaning)
        wanted = given_beds(count, pool.others)
        if pool.reported != wanted:
            faults.append(f"hospitals.bedpool {pool.pk}: reported {pool.reported}, by the count {wanted}")
    return Check("beds given of hospitals.bedpool", rows, faults)


def _reports() -> Check:
    newest = BedReport.objects.filter(pool=OuterRef("pk"), observed_at=OuterRef("observed_at"))
    pools = BedPool.objects.filter(observed_at__isnull=False)
    wrong = pools.filter(~Exists(newest)).values_list("pk", flat=True)
    faults = [f"hospitals.bedpool {pk}: its newest count is in no report" for pk in wrong]
    return Check("reports of hospitals.bedpool", pools.count(), faults)


def _placements() -> Check:
    other = Placement.objects.exclude(patient_id=F("referral__patient_id")).values_list("pk", flat=True)
    faults = [f"hospitals.placement {pk}: is of another patient than its referral" for pk in other]
    held = Placement.objects.filter(referral=OuterRef("pk"), state__in=["held", "confirmed"])
    without = Referral.objects.filter(state__in=list(EXPECTS_A_BED)).filter(~Exists(held))
    faults += [
        f"hospitals.referral {pk}: expects a bed that nobody holds"
        for pk in without.values_list("pk", flat=True)
    ]
    beside = Referral.objects.exclude(state__in=list(EXPECTS_A_BED)).filter(Exists(held))
    faults += [
        f"hospitals.referral {pk}: holds a bed it has no use for"
        for pk in beside.values_list("pk", flat=True)
    ]
    return Check("placements of hospitals.referral", Referral.objects.count(), faults)


def _cylinders() -> Check:
    here = Balance.objects.filter(
        lot=OuterRef("lot"), location__site=OuterRef("holder"), on_hand=1, reported=1
    )
    cylinders = Cylinder.objects.exclude(state=CylinderState.LOST)
    wrong = cylinders.filter(~Exists(here)).values_list("pk", flat=True)
    faults = [f"hospitals.cylinder {pk}: is not where the stock movements put it" for pk in wrong]
    return Check("holders of hospitals.cylinder", cylinders.count(), faults)
