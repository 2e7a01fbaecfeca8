"""The batch plan's situation, and where beds are short, from live data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime
from numpy.typing import NDArray

from kolaborasi.hospitals.beds_nearby import SERVICE_COLUMNS, VEHICLE, Origin, stale_limits
from kolaborasi.hospitals.classes import WARDS, BedClass, fits
from kolaborasi.hospitals.models import BedPool, Hospital, Placement, Referral
from kolaborasi.hospitals.plan import UNFIT, Situation
from kolaborasi.hospitals.ranking import OLDEST, UNKNOWN_ACCEPTANCE, WEIGHTS
from kolaborasi.hospitals.rules import Wish, beds_short, fitting, need_of, services_needed, surge
from kolaborasi.hospitals.services.referrals import wish_of
from kolaborasi.hospitals.states import NetworkState, ReferralState
from kolaborasi.optimisation.travel import points, travel_minutes
from kolaborasi.partners.states import PartnerState
from kolaborasi.places.rules import shore_of

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
CONVERTIBLE = 0.4
"""Share of a hospital's beds it can be asked to give in all: SE Menkes HK.02.01/MENKES/11/2021 asked hospitals of red
zones for 40 per cent."""


@dataclass(frozen=True)
class Waiting:
    """One who needs a bed.

    Args:
        referral: the waiting referral, or the one by which the patient lies where there is no bed for them.
        placement: the bed the patient must leave, for a transfer.
    """

    referral: int
    placement: int | None = None


@dataclass(frozen=True, eq=False)
class Live:
    """A situation with the way back to our rows: `waiting` (n,) by patient, `hospital` (p,) and `stale` (p,) by pool."""

    situation: Situation
    waiting: list[Waiting]
    hospital: IntArray
    stale: NDArray[np.bool_]


@dataclass
class _Groups:
    """Patients who cost the same everywhere, numbered as they come."""

    rows: dict[tuple[object, ...], int] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    origins: list[Origin | None] = field(default_factory=list)
    leave_out: list[int | None] = field(default_factory=list)

    def of(self, wish: Wish, origin: Origin | None, leave_out: int | None) -> int:
        """The row of a patient's group."""
        key = (need_of(wish), wish.isolation, services_needed(wish), origin, leave_out)
        if key not in self.rows:
            self.rows[key] = len(self.wishes)
            self.wishes.append(wish)
            self.origins.append(origin)
            self.leave_out.append(leave_out)
        return self.rows[key]


def live_situation(now: datetime) -> Live:
    """Everybody who waits and is not being offered a bed, those whose bed is gone, and every bed left; three statements.

    Those whose bed is gone are as many as a hospital's shortfall, of those who lie there the mildest; they stand in the
    queue by severity and the time they came.
    """
    patients = [*_waiting(), *_without_a_bed()]
    patients.sort(key=lambda each: (-each[1].severity, each[1].requested_at, each[1].pk))
    groups = _Groups()
    rows = [
        groups.of(wish_of(referral), Origin.of(referral.place), leave_out)
        for _who, referral, leave_out in patients
    ]
    pools = _pools()
    cost, minutes, grade = _costs(groups, pools, now)
    situation = Situation(
        patient=np.array([referral.pk for _who, referral, _out in patients], dtype=np.int64),
        group=np.array(rows, dtype=np.int64),
        pool=np.array([row["pk"] for row in pools], dtype=np.int64),
        left=np.array([row["free"] for row in pools], dtype=np.int64),
        staffed=np.array([row["staffed"] for row in pools], dtype=np.int64),
        cost=cost,
        minutes=minutes,
        grade=grade,
    )
    hospital = np.array([row["hospital_id"] for row in pools], dtype=np.int64)
    ages, limits = _ages(pools, now)
    return Live(situation, [who for who, _referral, _out in patients], hospital, ages > limits)


Patient = tuple[Waiting, Referral, int | None]


def _waiting() -> list[Patient]:
    found = Referral.objects.filter(state=ReferralState.REQUESTED).select_related("place")
    return [(Waiting(row.pk), row, row.from_hospital_id) for row in found]


def _without_a_bed() -> list[Patient]:
    lying = (
        Placement.objects.filter(
            admitted_at__isnull=False,
            state="confirmed",
            pool__committed__gt=F("pool__reported"),
            referral__state=ReferralState.ADMITTED,
        )
        .select_related("referral__place", "pool__hospital__site__place")
        .order_by("pool_id", "referral__severity", "-admitted_at", "pk")
    )
    taken: dict[int, int] = {}
    found: list[Patient] = []
    for stay in lying:
        taken[stay.pool_id] = taken.get(stay.pool_id, 0) + 1
        if taken[stay.pool_id] <= stay.pool.shortfall:
            # The drive begins at the hospital, not at home.
            stay.referral.place = stay.pool.hospital.site.place
            found.append((Waiting(stay.referral_id, stay.pk), stay.referral, stay.pool.hospital_id))
    return found


def _pools() -> list[dict[str, Any]]:
    found = BedPool.objects.filter(
        hospital__network=NetworkState.JOINED,
        hospital__site__closed_date__isnull=True,
        hospital__site__partner__state=PartnerState.ACTIVE,
        observed_at__isnull=False,
        limit__gt=F("committed"),
    ).exclude(bed_class__in=WARDS)
    return list(
        found.annotate(
            free=F("limit") - F("committed"),
            latitude=Coalesce("hospital__site__latitude", "hospital__site__place__latitude"),
            longitude=Coalesce("hospital__site__longitude", "hospital__site__place__longitude"),
            code=F("hospital__site__place__code"),
            acceptance=F("hospital__acceptance"),
            dialysis=F("hospital__dialysis"),
            obstetrics=F("hospital__obstetrics"),
            paediatrics=F("hospital__paediatrics"),
            ventilator=F("hospital__ventilator"),
        )
        .filter(latitude__isnull=False)
        .order_by("pk")
        .values(
            *("pk", "hospital_id", "bed_class", "staffed", "free", "observed_at", "age_unknown"),
            *("latitude", "longitude", "code", "acceptance"),
            *("dialysis", "obstetrics", "paediatrics", "ventilator"),
        )
    )


def _costs(
    groups: _Groups, pools: list[dict[str, Any]], now: datetime
) -> tuple[IntArray, FloatArray, IntArray]:
    """Cost in seconds, driving minutes and grade (g, p) by the weights of the ranking, load apart."""
    shape = (len(groups.wishes), len(pools))
    if 0 in shape:
        return np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape, np.int64)
    minutes = _minutes(groups.origins, pools, now)
    grade = _grades(groups, pools)
    ages, limits = _ages(pools, now)
    accepted = np.array(
        [UNKNOWN_ACCEPTANCE if row["acceptance"] is None else row["acceptance"] for row in pools]
    )
    of_pool = WEIGHTS.age * np.minimum(ages / limits, OLDEST) + WEIGHTS.refusal * (1 - accepted)
    cost = np.rint(60 * (minutes + WEIGHTS.grade * grade + of_pool)).astype(np.int64)
    return np.where(grade < 0, UNFIT, cost), minutes, grade


def _minutes(origins: list[Origin | None], pools: list[dict[str, Any]], now: datetime) -> FloatArray:
    there = points(
        [(row["latitude"], row["longitude"]) for row in pools], [shore_of(row["code"]) for row in pools]
    )
    # A patient whose place has no point is as far from every hospital.
    known = [origin for origin in origins if origin is not None]
    found = np.zeros((len(origins), len(pools)))
    if known:
        here = points(
            [(origin.latitude, origin.longitude) for origin in known], [origin.shore for origin in known]
        )
        rows = [row for row, origin in enumerate(origins) if origin is not None]
        found[rows] = travel_minutes(here, there, vehicle=VEHICLE, hour=localtime(now).hour)
    return found


def _grades(groups: _Groups, pools: list[dict[str, Any]]) -> IntArray:
    """Grade (g, p) of each pool's class for each group, -1 where it is unfit or its hospital lacks a service."""
    numbers = {str(bed_class): number for number, bed_class in enumerate(BedClass)}
    of_class = np.array([numbers[row["bed_class"]] for row in pools])
    hospital = np.array([row["hospital_id"] for row in pools])
    has = {service: np.array([row[column] for row in pools]) for service, column in SERVICE_COLUMNS.items()}
    grade = np.empty((len(groups.wishes), len(pools)), dtype=np.int64)
    for group, (wish, leave_out) in enumerate(zip(groups.wishes, groups.leave_out, strict=True)):
        by_class = np.full(len(numbers), -1)
        for bed_class, value in fitting(wish).items():
            by_class[numbers[bed_class]] = value
        possible = hospital != (leave_out or 0)
        for service in services_needed(wish):
            possible &= has[service]
        grade[group] = np.where(possible, by_class[of_class], -1)
    return grade


def _ages(pools: list[dict[str, Any]], now: datetime) -> tuple[FloatArray, FloatArray]:
    by_class = stale_limits()
    limits = np.array([by_class[row["bed_class"]] for row in pools], dtype=np.float64)
    ages = np.array([max(0.0, (now - row["observed_at"]).total_seconds() / 60) for row in pools])
    unknown = np.array([row["age_unknown"] for row in pools], dtype=bool)
    return np.where(unknown, np.maximum(ages, 2 * limits), ages), limits


@dataclass(frozen=True)
class Conversion:
    """Beds a hospital should convert, so that occupancy of the class falls to the target.

    Args:
        short: beds the whole network is short of in this class.
        occupancy: share of the class's beds that is taken, those who wait for it included.
    """

    hospital: int
    bed_class: BedClass
    beds: int
    short: int
    occupancy: float


def conversions(*, target: float, unplaced: Iterable[Referral] | None = None) -> list[Conversion]:
    """Which hospitals should convert how many beds to keep occupancy under the target; at most four statements.

    A patient nobody has a bed for counts for the class the guideline names first. What a class is short of is shared among the
    hospitals of the network in proportion to the beds they could still give: 40 per cent of the house, less what it gives.

    Args:
        target: share of the beds of a class that may be taken, above 0, at most 1.
        unplaced: referrals without a bed; all that wait when absent.
    """
    waits = _waits_by_class(
        Referral.objects.filter(state=ReferralState.REQUESTED) if unplaced is None else unplaced
    )
    sums = {
        BedClass(row["bed_class"]): (row["given"], row["taken"])
        for row in BedPool.objects.filter(hospital__network=NetworkState.JOINED, free_only=False)
        .exclude(bed_class__in=WARDS)
        .order_by()
        .values("bed_class")
        .annotate(given=Sum("staffed"), taken=Sum(F("others") + F("committed")))
    }
    hospitals, headroom = _headroom()
    found: list[Conversion] = []
    for bed_class in BedClass:
        given, taken = sums.get(bed_class, (0, 0))
        waiting = waits.get(bed_class, 0)
        if not given and not waiting:
            continue
        short = beds_short(occupied=taken, waiting=waiting, given=given, target=target)
        shares = surge(needed=short, headroom=headroom)
        occupancy = (taken + waiting) / given if given else 1.0
        found += [
            Conversion(hospital, bed_class, beds, short, occupancy)
            for hospital, beds in zip(hospitals, shares, strict=True)
            if beds
        ]
        headroom = [room - beds for room, beds in zip(headroom, shares, strict=True)]
    return found


def _waits_by_class(waiting: Iterable[Referral]) -> dict[BedClass, int]:
    counts: dict[BedClass, int] = {}
    for referral in waiting:
        grades = fits(need_of(wish_of(referral)))
        first = next(bed_class for bed_class, grade in grades.items() if grade == 0)
        counts[first] = counts.get(first, 0) + 1
    return counts


def _headroom() -> tuple[list[int], list[int]]:
    """Hospitals of the network with known size, and the beds each could still convert."""
    given = Coalesce(Sum("pools__staffed", filter=~Q(pools__bed_class__in=WARDS)), 0)
    rows = (
        Hospital.objects.filter(
            network=NetworkState.JOINED, total_beds__isnull=False, site__partner__state=PartnerState.ACTIVE
        )
        .annotate(
            given=given, asked=Count("conversion_requests", filter=Q(conversion_requests__state="asked"))
        )
        .filter(asked=0)
        .order_by("pk")
        .values_list("pk", "total_beds", "given")
    )
    found = [(pk, max(0, int(CONVERTIBLE * (total or 0)) - beds)) for pk, total, beds in rows]
    return [pk for pk, _room in found], [room for _pk, room in found]
