"""Questions: who waits, which beds, who sees whom; each list at a literal number of statements."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kolaborasi.common.actors import Actor, Role
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import BedReport
from kolaborasi.hospitals.rules import BedCount, FreeBeds, Severity
from kolaborasi.hospitals.services.beds import ReportRow
from tests.conftest import NOW
from tests.factories import CityFactory, KecamatanFactory, KelurahanFactory
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    PuskesmasFactory,
    accepted,
    admitted,
    isolation,
    offered,
    patient,
    referral,
    request,
    staff_of,
    wish,
)
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def test_waiting_list_is_by_severity_then_by_time() -> None:
    late_mild = referral(NOW)
    early_mild = referral(NOW - timedelta(hours=5))
    critical = referral(NOW, wish=wish(Severity.CRITICAL))
    offered(at=NOW - timedelta(hours=1), wish=wish(Severity.SEVERE))
    accepted()
    rows = list(queries.waiting_list())
    assert [rows[0], *rows[2:]] == [critical, early_mild, late_mild]
    assert rows[1].state == "offered"
    counts = {(each.severity, each.waiting): each.longest_since for each in queries.queue_counts()}
    assert counts == {
        (4, 1): NOW,
        (3, 1): NOW - timedelta(hours=1),
        (2, 2): NOW - timedelta(hours=5),
    }


def test_board_asks_twice_whatever_its_rows() -> None:
    def board() -> list[list[int]]:
        return [[bed.pool.hospital.site_id for bed in row.beds] for row in queries.board()]

    assert_same_queries(2, ask=board, add_row=offered)
    assert [len(beds) for beds in board()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("number", "ask", "add_row"),
    [
        (1, lambda: queries.city_beds(NOW), PoolFactory),
        (1, lambda: queries.occupancy(NOW, by_area=True), PoolFactory),
        (1, lambda: [row.place.parent for row in queries.waiting_list()], referral),
        (1, lambda: [row.site.place.parent.parent for row in queries.hospitals()], HospitalFactory),
        (1, lambda: [row.puskesmas.name for row in queries.daily_list(date(2021, 7, 12))], isolation),
        (1, lambda: queries.network_size(date(2021, 7, 12)), HospitalFactory),
    ],
)
def test_list_asks_the_same_number_of_times(number: int, ask: object, add_row: object) -> None:
    assert_same_queries(number, ask=ask, add_row=add_row)  # type: ignore[arg-type]


def test_ranking_asks_once() -> None:
    place = KelurahanFactory()
    assert_same_queries(1, ask=lambda: queries.ranked_beds(wish(), place, NOW), add_row=PoolFactory)


def test_ranking_names_nearer_fresher_and_emptier_beds_first() -> None:
    here = KelurahanFactory(latitude=-6.17)
    stale = PoolFactory(hospital__site__place=here, observed_at=NOW - timedelta(hours=30))
    full = PoolFactory(hospital__site__place=here, staffed=20, occupied=19, others=19, reported=1)
    good = PoolFactory(hospital__site__place=here)
    far = PoolFactory(hospital__site__place=KelurahanFactory(latitude=-6.6))
    found = queries.ranked_beds(wish(), here, NOW)
    assert [bed.pool for bed in found] == [good.pk, full.pk, stale.pk, far.pk]
    reasons = {bed.pool: bed.reasons for bed in found}
    assert (reasons[stale.pk]["stale"], reasons[good.pk]["stale"]) == (True, False)
    assert (reasons[full.pk]["load"], reasons[good.pk]["load"]) == (0.95, 0.0)
    assert reasons[good.pk]["minutes"] == 0.0


def test_city_beds_say_age_and_staleness() -> None:
    fresh = PoolFactory(bed_class=BedClass.ED, observed_at=NOW - timedelta(minutes=60))
    old = PoolFactory(bed_class=BedClass.ED, observed_at=NOW - timedelta(minutes=61))
    unknown = PoolFactory(bed_class=BedClass.ED, age_unknown=True)
    PoolFactory(bed_class=BedClass.WARD_1)
    PoolFactory(hospital__network="left")
    beds = {row.pool: (row.stale, row.left, row.observed_at) for row in queries.city_beds(NOW)}
    assert beds == {
        fresh.pk: (False, 5, NOW - timedelta(minutes=60)),
        old.pk: (True, 5, NOW - timedelta(minutes=61)),
        unknown.pk: (True, 5, NOW - timedelta(minutes=10)),
    }


def test_stale_limit_is_a_setting(settings: object) -> None:
    settings.HOSPITALS_STALE_MINUTES = {"ed": 5}  # type: ignore[attr-defined]
    PoolFactory(bed_class=BedClass.ED)
    assert [row.stale for row in queries.city_beds(NOW)] == [True]


def test_occupancy_leaves_out_counts_of_free_beds_only() -> None:
    pool = PoolFactory(staffed=10, occupied=6, others=6, reported=4, waiting_inside=3)
    other = PoolFactory()
    row = ReportRow(1, other.hospital_id, BedClass.ISOLATION_NP, FreeBeds(2, waiting_outside=9), NOW)
    services.import_reports(rows=[row], source="siranap", by=DISPATCHER, now=NOW)
    (found,) = queries.occupancy(NOW)
    assert (found.given, found.occupied, found.left, found.share) == (10, 6, 6, 0.6)
    assert (found.waiting_outside, found.waiting_inside, found.pools) == (9, 3, 2)
    assert pool.bed_class == found.bed_class


def test_occupancy_by_area_is_by_city() -> None:
    PoolFactory()
    kecamatan = KecamatanFactory(code="31.72.01", parent=CityFactory(code="31.72"))
    PoolFactory(hospital__site__place=KelurahanFactory(code="31.72.01.1001", parent=kecamatan))
    assert [row.area for row in queries.occupancy(NOW, by_area=True)] == ["31.71", "31.72"]


def test_occupancy_over_time_takes_the_last_count_of_each_day_and_hospital() -> None:
    pool = PoolFactory(observed_at=NOW - timedelta(days=2), staffed=8, occupied=2, reported=6)
    for hours, occupied in ((30, 3), (26, 5), (1, 7)):
        services.report_beds(
            hospital=pool.hospital,
            counts={BedClass.ISOLATION_NP: BedCount(8, occupied)},
            observed_at=NOW - timedelta(hours=hours),
            source="hospital",
            by=DISPATCHER,
            now=NOW,
        )
    assert BedReport.objects.count() == 4
    days = queries.occupancy_over_time(since=date(2021, 7, 11), until=date(2021, 7, 13))
    assert [(row.day.day, row.given, row.occupied, row.hospitals) for row in days] == [
        (11, 8, 5, 1),
        (12, 8, 7, 1),
    ]


def test_both_ends_see_a_referral_and_nobody_else() -> None:
    puskesmas = PuskesmasFactory()
    pool = PoolFactory()
    asked = services.refer(
        patient=patient(), request=request(requester=puskesmas), by=staff_of(puskesmas), now=NOW
    )
    other = referral()
    hospital, stranger = staff_of(pool.hospital.site), staff_of(HospitalFactory().site)
    assert queries.may_see(asked, staff_of(puskesmas))
    assert not queries.may_see(asked, hospital)
    services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)
    assert queries.may_see(asked, hospital)
    assert not queries.may_see(asked, stranger)
    assert not queries.may_see(asked, Actor.visitor())
    assert list(queries.visible_to(queries.referrals(), hospital)) == [asked]
    assert set(queries.visible_to(queries.referrals(), DISPATCHER)) == {asked, other}
    elsewhere = Actor.user(5, (Role("coordinator", 700, "31.99"),))
    assert list(queries.visible_to(queries.referrals(), elsewhere)) == []


def test_hospital_sees_offers_expected_patients_and_those_who_lie_there() -> None:
    pool = PoolFactory(staffed=9)
    asked, coming, lying = offered(pool), accepted(pool), admitted(pool)
    offered()
    hospital = pool.hospital
    assert list(queries.offers_to(hospital, NOW)) == [asked]
    assert list(queries.offers_to(hospital, NOW + timedelta(minutes=15))) == []
    assert list(queries.expected_in(hospital)) == [coming]
    assert list(queries.patients_in(hospital)) == [lying]


def test_board_version_changes_with_every_verb() -> None:
    made = referral()
    first = queries.board_version()
    services.reassess(referral=made, severity=Severity.CRITICAL, reasons=(), by=DISPATCHER, now=NOW)
    assert queries.board_version() != first
