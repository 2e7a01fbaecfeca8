"""Beds: the city's, a hospital's, the ones that fit a patient, the ones promised that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate

from kolaborasi.hospitals.beds_nearby import Origin, candidates, stale_limits
from kolaborasi.hospitals.classes import WARDS, BedClass
from kolaborasi.hospitals.models import BedPool, BedReport, Hospital, Placement, Referral
from kolaborasi.hospitals.ranking import Ranked, rank
from kolaborasi.hospitals.rules import Wish, fitting
from kolaborasi.hospitals.services.referrals import wish_of
from kolaborasi.hospitals.states import NetworkState
from kolaborasi.places.models import Place


def pools() -> QuerySet[BedPool]:
    """Pools of hospitals in the network, with hospital, site and place; each as the field's `left` and `shortfall`."""
    return (
        BedPool.objects.filter(
            hospital__network=NetworkState.JOINED, hospital__site__closed_date__isnull=True
        )
        .exclude(bed_class__in=WARDS)
        .select_related("hospital__site__place")
        .order_by("hospital__site__name", "hospital_id", "pk")
    )


def pools_of(hospital: Hospital) -> QuerySet[BedPool]:
    """All pools of one hospital, whatever its part in the network."""
    return BedPool.objects.filter(hospital=hospital).order_by("pk")


def pool_by_id(pk: int) -> BedPool | None:
    """A pool with hospital, site and place, or None."""
    return BedPool.objects.select_related("hospital__site__place").filter(pk=pk).first()


def other_beds_here(placement: Placement) -> list[BedPool]:
    """Beds of other classes in the hospital a patient lies in, with one left, that fit them; the best class first."""
    grades = {str(bed_class): grade for bed_class, grade in fitting(wish_of(placement.referral)).items()}
    found = BedPool.objects.filter(hospital_id=placement.pool.hospital_id, bed_class__in=list(grades))
    found = found.filter(limit__gt=F("committed")).exclude(pk=placement.pool_id)
    return sorted(found, key=lambda pool: (grades[pool.bed_class], pool.pk))


def pool_here(placement: Placement, bed_class: BedClass) -> BedPool | None:
    """Beds of a class in the hospital of a placement, or None when it has none."""
    found = BedPool.objects.filter(hospital_id=placement.pool.hospital_id, bed_class=bed_class)
    return found.first()


def reports_of(pool: BedPool) -> QuerySet[BedReport]:
    """Every count of a pool, newest first."""
    return BedReport.objects.filter(pool=pool).order_by("-observed_at", "-pk")


@dataclass(frozen=True, slots=True)
class CityBeds:
    """One pool in the picture of the city.

    Args:
        left: beds that can be promised now; 0 when the hospital has promised more than it gives.
        stale: the count is older than the limit of its class, or its age is unknown.
    """

    pool: int
    hospital: int
    name: str
    place_code: str
    latitude: float | None
    longitude: float | None
    hotline: str
    bed_class: str
    staffed: int
    occupied: int
    left: int
    preparing: int
    cleaning: int
    waiting_outside: int
    waiting_inside: int
    observed_at: datetime | None
    age_unknown: bool
    free_only: bool
    stale: bool


def city_beds(now: datetime, *, bed_class: str | None = None) -> list[CityBeds]:
    """Every pool of the network, in one statement, by hospital name; the whole city's beds in one request."""
    found = pools() if bed_class is None else pools().filter(bed_class=bed_class)
    rows = found.values_list(
        *("pk", "hospital_id", "hospital__site__name", "hospital__site__place__code"),
        Coalesce("hospital__site__latitude", "hospital__site__place__latitude"),
        Coalesce("hospital__site__longitude", "hospital__site__place__longitude"),
        *("hospital__hotline", "bed_class", "staffed", "occupied"),
        F("limit") - F("committed"),
        *("preparing", "cleaning", "waiting_outside", "waiting_inside", "observed_at"),
        *("age_unknown", "free_only"),
        is_stale(now),
    )
    return [CityBeds(*row) for row in rows]


def is_stale(now: datetime) -> Case:
    """Expression on pools: the count is older than the limit of its class, of unknown age, or there is none."""
    fresh = [
        When(
            bed_class=str(bed_class),
            age_unknown=False,
            observed_at__gte=now - timedelta(minutes=limit),
            then=False,
        )
        for bed_class, limit in stale_limits().items()
    ]
    return Case(*fresh, default=True)


def ranked_beds(
    wish: Wish, place: Place, now: datetime, *, most: int = 10, not_in: int | None = None
) -> list[Ranked]:
    """The best fitting pools for a patient at a place, each with the numbers its place follows from; one statement."""
    return rank(candidates(wish, Origin.of(place), now, not_in=not_in), most=most)


def ranked_beds_of(referral: Referral, now: datetime, *, most: int = 10) -> list[Ranked]:
    """The same for a stored referral, without the hospital a transfer comes from."""
    return ranked_beds(wish_of(referral), referral.place, now, most=most, not_in=referral.from_hospital_id)


def named_pools(ids: Iterable[int]) -> dict[int, BedPool]:
    """Pools by id with hospital, site and place, for showing a ranking."""
    found = BedPool.objects.select_related("hospital__site__place").filter(pk__in=list(ids))
    return {pool.pk: pool for pool in found}


def shortfalls() -> QuerySet[BedPool]:
    """Pools whose hospital now gives fewer beds than are promised, with hospital and site, the largest gap first."""
    return (
        BedPool.objects.filter(committed__gt=F("reported"))
        .annotate(missing=F("committed") - F("reported"))
        .select_related("hospital__site__place")
        .order_by("-missing", "pk")
    )


def patients_of_shortfall(pool: BedPool) -> QuerySet[Placement]:
    """Placements that count against a pool: those not arrived first, the latest first; the shortfall concerns them."""
    arrived = Case(
        When(admitted_at__isnull=True, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return (
        Placement.objects.filter(pool=pool, state__in=["held", "confirmed"])
        .annotate(arrived=arrived)
        .select_related("referral__place")
        .order_by("arrived", "-offered_at", "-pk")
    )


@dataclass(frozen=True)
class Occupancy:
    """Beds of one class, or of one area and class, now.

    Args:
        given: beds staffed for the network, occupied ones included.
        occupied: of them with a patient, as counted.
        promised: patients the network placed, on the way ones included.
        left: that can be promised.
        waiting_outside, waiting_inside: people before and in the emergency departments.
        pools, stale: counts that went in, and how many of them are stale.
    """

    area: str
    bed_class: str
    given: int
    occupied: int
    promised: int
    left: int
    waiting_outside: int
    waiting_inside: int
    pools: int
    stale: int

    @property
    def share(self) -> float:
        """Occupied of given, 0 to 1; 1 when none are given."""
        return self.occupied / self.given if self.given else 1.0


def occupancy(now: datetime, *, by_area: bool = False) -> list[Occupancy]:
    """Occupancy by class, and by city when `by_area`, in one statement.

    Pools of which only the free beds are known are left out of `given` and `occupied`, so that a share is not made up.
    """
    area = Value("") if not by_area else F("hospital__site__place__parent__parent__code")
    counted = Q(free_only=False)
    rows = (
        pools()
        .order_by()
        .annotate(area=area, old=is_stale(now))
        .values("area", "bed_class")
        .annotate(
            given=Coalesce(Sum("staffed", filter=counted), 0),
            in_use=Coalesce(Sum("occupied", filter=counted), 0),
            promised=Sum("committed"),
            free=Sum(F("limit") - F("committed")),
            outside=Sum("waiting_outside"),
            inside=Sum("waiting_inside"),
            number=Count("pk"),
            number_stale=Count("pk", filter=Q(old=True)),
        )
        .order_by("area", "bed_class")
    )
    return [
        Occupancy(
            row["area"] or "",
            row["bed_class"],
            row["given"],
            row["in_use"],
            row["promised"],
            row["free"],
            row["outside"],
            row["inside"],
            row["number"],
            row["number_stale"],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class DayOccupancy:
    """Beds of one class on one day, from the last count of each hospital on that day."""

    day: date
    bed_class: str
    given: int
    occupied: int
    hospitals: int


def occupancy_over_time(*, since: date, until: date, bed_class: str | None = None) -> list[DayOccupancy]:
    """Occupancy by day and class, half-open, from the last count of each pool and day; one statement.

    A hospital that did not report on a day is missing from it, not empty: `hospitals` says how many did.
    """
    last = (
        BedReport.objects.annotate(day=TruncDate("observed_at"))
        .filter(day__gte=since, day__lt=until, free_only=False)
        .order_by("pool_id", "day", "-observed_at", "-pk")
        .distinct("pool_id", "day")
    )
    if bed_class is not None:
        last = last.filter(pool__bed_class=bed_class)
    sums: dict[tuple[date, str], list[int]] = {}
    rows = last.values_list("day", "pool__bed_class", "staffed", "occupied")
    for day, of_class, staffed, occupied in rows:
        row = sums.setdefault((day, of_class), [0, 0, 0])
        row[0] += staffed
        row[1] += occupied
        row[2] += 1
    return [DayOccupancy(day, of_class, *row) for (day, of_class), row in sorted(sums.items())]


def classes_shown() -> tuple[BedClass, ...]:
    """Classes of the network in the order pages show them."""
    return tuple(each for each in BedClass if each not in WARDS)
