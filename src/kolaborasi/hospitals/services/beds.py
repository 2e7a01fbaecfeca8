"""Verbs on beds: every count is kept, the newest one is what may be promised against."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from kolaborasi.commitments.services import report
from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import NotInNetwork, ReportRefused
from kolaborasi.hospitals.models import BedMove, BedPool, BedReport, Hospital, Placement, ReportSource
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import (
    BedCount,
    FreeBeds,
    ReportFault,
    given_beds,
    others_of,
    report_faults,
)
from kolaborasi.hospitals.services.record import Marked, mark, mark_many
from kolaborasi.hospitals.states import NetworkState

COUNTED = (
    *("staffed", "occupied", "others", "cleaning", "preparing", "waiting_outside", "waiting_inside"),
    *("free_only", "age_unknown"),
)
GIVING = (NetworkState.JOINED, NetworkState.PAUSED)
"""A paused hospital goes on reporting: its patients are still there."""


@dataclass(frozen=True)
class ReportRow:
    """One count of one class of one hospital, as a file or another system gives it.

    Args:
        line: where in the file, for the report of what was refused.
        age_unknown: the source does not say when the beds were counted; `observed_at` is when it was read.
        exact_to: how exactly `observed_at` is known; "37 hours ago" is known to the hour.
        read_at: when the source was read, where that is known.
    """

    line: int
    hospital_id: int
    bed_class: BedClass
    count: BedCount | FreeBeds
    observed_at: datetime
    age_unknown: bool = False
    exact_to: timedelta = timedelta(0)
    read_at: datetime | None = None


@dataclass
class Imported:
    """What an import did; taken, repeated and refused are all the rows.

    Args:
        taken: rows that became reports.
        repeated: rows that say what is known already.
        refused: rows that were not taken, each with its faults, or None when its hospital is not in the network.
    """

    taken: list[ReportRow] = field(default_factory=list)
    repeated: list[ReportRow] = field(default_factory=list)
    refused: list[tuple[ReportRow, list[ReportFault] | None]] = field(default_factory=list)


def report_beds(
    *,
    hospital: Hospital,
    counts: Mapping[BedClass, BedCount],
    observed_at: datetime,
    source: str,
    by: Actor,
    now: datetime,
) -> list[BedReport]:
    """Say how many beds there are, class by class; all of them or none. Classes not named stay as they are.

    A hospital may report less than it has promised: nothing new is promised then, and the shortfall shows.

    Args:
        observed_at: when the beds were counted.

    Raises:
        NotPermitted: none of its people and no coordinator of the place.
        NotInNetwork: the hospital gives no beds to the network.
        ReportRefused: numbers or times are impossible.
    """
    site = hospital.site
    TABLE.require(by, "report_beds", place_code=site.place.code, partner_id=site.partner_id)
    rows = [ReportRow(0, hospital.pk, bed_class, count, observed_at) for bed_class, count in counts.items()]
    with transaction.atomic():
        result, reports = _take(rows, source, now)
        if result.refused:
            faults = {str(row.bed_class): found for row, found in result.refused if found}
            if not faults:
                raise NotInNetwork(hospital.pk, hospital.network)
            raise ReportRefused(faults)
        mark(
            verb="report_beds",
            event="beds_reported",
            subject=("hospitals.hospital", hospital.pk),
            by=by,
            now=now,
            source=source,
            classes=[str(row.bed_class) for row in result.taken],
        )
    return reports


def import_reports(*, rows: Sequence[ReportRow], source: str, by: Actor, now: datetime) -> Imported:
    """Take many counts at once; the sound rows are kept although others are refused.

    Args:
        rows: of one file or one call, in any order; of the same beds the older count is taken first.

    Raises:
        NotPermitted: neither the system nor a coordinator of the city.
    """
    TABLE.require(by, "import_reports")
    with transaction.atomic():
        result, _reports = _take(rows, source, now)
        hospitals = Counter(row.hospital_id for row in result.taken)
        subjects: list[Marked] = [
            ("hospitals.hospital", pk, {"source": source, "classes": classes})
            for pk, classes in hospitals.items()
        ]
        if subjects:
            mark_many(verb="import_reports", event="beds_reported", subjects=subjects, by=by, now=now)
    return result


def _take(rows: Sequence[ReportRow], source: str, now: datetime) -> tuple[Imported, list[BedReport]]:
    """Lock the pools in the kernel's order, judge every row against the newest before it, write what is sound."""
    source = ReportSource(source)
    ordered = sorted(rows, key=lambda row: (row.observed_at, row.line))
    pools = _locked_pools(ordered)
    stays = _stays(pools.values(), ordered)
    result, reports = Imported(), list[BedReport]()
    for row in ordered:
        pool = pools.get((row.hospital_id, str(row.bed_class)))
        if pool is None:
            result.refused.append((row, None))
            continue
        row = _same_moment(row, pool)
        placed = stays.at(pool.pk, row.observed_at)
        count = row.count.gross(placed) if isinstance(row.count, FreeBeds) else row.count
        faults = report_faults(count, observed_at=row.observed_at, newest_at=_newest_at(row, pool), now=now)
        if faults:
            result.refused.append((row, faults))
            continue
        made = _report(pool, row, count, placed, source, now)
        if _says_the_same(pool, made, row.exact_to):
            result.repeated.append(row)
            continue
        _follow(pool, made)
        reports.append(made)
        result.taken.append(row)
    _write({made.pool_id: made.pool for made in reports}.values(), reports, now)
    return result, reports


def _locked_pools(rows: Sequence[ReportRow]) -> dict[tuple[int, str], BedPool]:
    """Pools of the rows whose hospital is in the network, made when absent, locked by primary key."""
    wanted = {(row.hospital_id, str(row.bed_class)) for row in rows}
    hospital_ids = {pk for pk, _bed_class in wanted}
    giving = set(
        Hospital.objects.filter(pk__in=hospital_ids, network__in=GIVING).values_list("pk", flat=True)
    )
    BedPool.objects.bulk_create(
        [
            BedPool(hospital_id=pk, bed_class=bed_class, reported=0, limit=0)
            for pk, bed_class in sorted(wanted)
            if pk in giving
        ],
        ignore_conflicts=True,
    )
    found = BedPool.objects.select_for_update(no_key=True).filter(
        hospital_id__in=giving, bed_class__in={bed_class for _pk, bed_class in wanted}
    )
    return {
        (pool.hospital_id, pool.bed_class): pool
        for pool in found.order_by("pk")
        if (pool.hospital_id, pool.bed_class) in wanted
    }


@dataclass
class _Stays:
    """When patients the network placed lay in each pool."""

    periods: dict[int, list[tuple[datetime, datetime | None]]]

    def at(self, pool_id: int, moment: datetime) -> int:
        """How many lay there at a moment."""
        return sum(start <= moment and (end is None or end > moment) for start, end in self.periods[pool_id])


def _stays(pools: object, rows: Sequence[ReportRow]) -> _Stays:
    """Stays in the pools; one that was moved to a bed of another class counts in each as long as it was there."""
    periods: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    if rows:
        ids = [pool.pk for pool in pools]  # type: ignore[attr-defined]
        still = Q(ended_at__isnull=True) | Q(ended_at__gt=rows[0].observed_at)
        moves = _moves(ids, rows[0].observed_at)
        found = Placement.objects.filter(still, admitted_at__isnull=False)
        found = found.filter(Q(pool_id__in=ids) | Q(pk__in=list(moves)))
        for pk, pool_id, start, end in found.values_list("pk", "pool_id", "admitted_at", "ended_at"):
            for earlier, moved_at in moves.get(pk, ()):
                if start is not None:
                    periods[earlier].append((start, moved_at))
                start = moved_at
            if start is not None:
                periods[pool_id].append((start, end))
    return _Stays(periods)


def _moves(pool_ids: Sequence[int], since: datetime) -> dict[int, list[tuple[int, datetime]]]:
    """By placement that touched one of the pools: the pools it left after a moment, with when."""
    touched = BedMove.objects.filter(
        Q(from_pool__in=pool_ids) | Q(to_pool__in=pool_ids), moved_at__gt=since
    ).values("placement")
    left: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    moves = BedMove.objects.filter(placement__in=touched, moved_at__gt=since).order_by("moved_at", "pk")
    for placement, pool_id, moved_at in moves.values_list("placement", "from_pool", "moved_at"):
        left[placement].append((pool_id, moved_at))
    return left


def _report(
    pool: BedPool, row: ReportRow, count: BedCount, placed: int, source: str, now: datetime
) -> BedReport:
    return BedReport(
        pool=pool,
        staffed=count.staffed,
        occupied=count.occupied,
        others=others_of(count, placed),
        others_estimated=count.others is None,
        cleaning=count.cleaning,
        preparing=count.preparing,
        waiting_outside=count.waiting_outside,
        waiting_inside=count.waiting_inside,
        free_only=isinstance(row.count, FreeBeds),
        age_unknown=row.age_unknown,
        observed_at=row.observed_at,
        received_at=now,
        source=source,
    )


def _same_moment(row: ReportRow, pool: BedPool) -> ReportRow:
    """Two readings of one count differ by as much as its age is rounded; the earlier moment is the better one."""
    newest = pool.observed_at
    if newest is not None and timedelta(0) < newest - row.observed_at <= row.exact_to:
        return replace(row, observed_at=newest)
    return row


def _newest_at(row: ReportRow, pool: BedPool) -> datetime | None:
    """What a row must not be older than: nothing, when the age of the newest count is unknown and it was read before."""
    if pool.observed_at is not None and pool.age_unknown and row.read_at is not None:
        return None if row.read_at >= pool.observed_at else pool.observed_at
    return pool.observed_at


def _says_the_same(pool: BedPool, made: BedReport, exact_to: timedelta) -> bool:
    if pool.observed_at is None or abs(made.observed_at - pool.observed_at) > exact_to:
        return False
    return all(getattr(pool, name) == getattr(made, name) for name in COUNTED)


def _follow(pool: BedPool, made: BedReport) -> None:
    for name in (*COUNTED, "observed_at", "received_at", "source"):
        setattr(pool, name, getattr(made, name))


def _write(pools: object, reports: list[BedReport], now: datetime) -> None:
    changed: list[BedPool] = sorted(pools, key=lambda pool: pool.pk)  # type: ignore[call-overload]
    BedReport.objects.bulk_create(reports, batch_size=1000)
    columns = [*COUNTED, "observed_at", "received_at", "source"]
    BedPool.objects.bulk_update(changed, columns, batch_size=500)
    for pool in changed:
        count = BedCount(pool.staffed, pool.occupied, cleaning=pool.cleaning)
        given = given_beds(count, pool.others)
        if given != pool.reported:
            report(pool, reported=given, now=now)
