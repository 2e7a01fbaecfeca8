"""Counts of beds, the network, and what a shrinking hospital still owes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.hospitals import queries, services, verification
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import (
    AlreadyAsked,
    HospitalKnown,
    NotAHospital,
    NotBeforeItBegins,
    NothingAgreed,
    NotInNetwork,
    ReportRefused,
)
from kolaborasi.hospitals.models import BedPool, BedReport, Hospital, NetworkPeriod
from kolaborasi.hospitals.rules import BedCount, FreeBeds
from kolaborasi.hospitals.services.beds import ReportRow
from kolaborasi.partners.models import SiteKind
from tests.conftest import NOW
from tests.factories import SiteFactory, staff
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    admitted,
    offered,
    staff_of,
)

pytestmark = pytest.mark.django_db
ISO = BedClass.ISOLATION_NP


def numbers(pool: BedPool) -> tuple[int, int, int, int]:
    pool.refresh_from_db()
    return pool.reported, pool.limit, pool.committed, pool.left


def report(pool: BedPool, count: BedCount, minutes: int = 0) -> None:
    services.report_beds(
        hospital=pool.hospital,
        counts={BedClass(pool.bed_class): count},
        observed_at=NOW + timedelta(minutes=minutes),
        source="hospital",
        by=staff_of(pool.hospital.site),
        now=NOW + timedelta(minutes=minutes),
    )


def test_report_of_the_hospital_is_what_may_be_promised() -> None:
    pool = PoolFactory()
    report(pool, BedCount(10, 4, others=3, cleaning=2, preparing=5, waiting_outside=7, waiting_inside=6))
    assert numbers(pool) == (5, 5, 0, 5)
    assert (pool.preparing, pool.waiting_outside, pool.waiting_inside) == (5, 7, 6)
    assert (pool.observed_at, pool.received_at, pool.source) == (NOW, NOW, "hospital")
    assert BedReport.objects.filter(pool=pool).count() == 2
    assert [fault for check in verification.checks() for fault in check.faults] == []


def test_patient_of_the_network_is_not_counted_twice() -> None:
    pool = PoolFactory(staffed=5)
    admitted(pool, NOW - timedelta(hours=1))
    assert numbers(pool) == (5, 5, 1, 4)
    # The hospital counts the patient among the occupied; one more came by themselves.
    report(pool, BedCount(5, 2))
    assert (pool.reported, numbers(pool)) == (5, (4, 4, 1, 3))


def test_patient_who_arrives_after_the_count_is_not_counted_twice() -> None:
    pool = PoolFactory(staffed=5)
    placement = admitted(pool, NOW)
    services.report_beds(
        hospital=pool.hospital,
        counts={ISO: BedCount(5, 1)},
        observed_at=NOW - timedelta(minutes=5),
        source="hospital",
        by=DISPATCHER,
        now=NOW,
    )
    # Counted before the patient arrived: the one occupied bed is somebody else's.
    assert numbers(pool) == (4, 4, 1, 3)
    services.discharge(referral=placement.referral, by=DISPATCHER, now=NOW)
    assert numbers(pool) == (4, 4, 0, 4)


def test_count_of_free_beds_adds_the_networks_own_patients() -> None:
    pool = PoolFactory(staffed=5)
    admitted(pool, NOW - timedelta(hours=1))
    row = ReportRow(1, pool.hospital_id, ISO, FreeBeds(3, waiting_outside=2), NOW)
    done = services.import_reports(rows=[row], source="siranap", by=DISPATCHER, now=NOW)
    assert len(done.taken) == 1
    assert numbers(pool) == (4, 4, 1, 3)
    assert (pool.free_only, pool.waiting_outside) == (True, 2)


def test_hospital_that_shrinks_below_its_promises_sees_the_patients_concerned() -> None:
    pool = PoolFactory(staffed=3)
    lies, waits = admitted(pool), offered(pool)
    report(pool, BedCount(1, 1))
    assert (numbers(pool), pool.shortfall) == ((1, 2, 2, 0), 1)
    assert list(queries.shortfalls()) == [pool]
    assert list(queries.patients_of_shortfall(pool)) == [waits, lies]
    services.decline(placement=waits, reason="full", by=DISPATCHER, now=NOW)
    assert (numbers(pool), list(queries.shortfalls())) == ((1, 1, 1, 0), [])


@pytest.mark.parametrize(
    ("count", "minutes", "fault"),
    [
        (BedCount(5, 6), 0, "more-occupied-than-staffed"),
        (BedCount(-1, 0), 0, "negative"),
        (BedCount(5, 1), 3, "from-the-future"),
        (BedCount(5, 1), -11, "older-than-the-newest"),
    ],
)
def test_impossible_report_is_refused_whole(count: BedCount, minutes: int, fault: str) -> None:
    pool = PoolFactory()
    with pytest.raises(ReportRefused) as refused, transaction.atomic():
        services.report_beds(
            hospital=pool.hospital,
            counts={BedClass.HCU: BedCount(2, 1), ISO: count},
            observed_at=NOW + timedelta(minutes=minutes),
            source="hospital",
            by=DISPATCHER,
            now=NOW,
        )
    assert fault in refused.value.details["faults"]["isolation-np"]
    assert (numbers(pool), BedReport.objects.count(), BedPool.objects.count()) == ((5, 5, 0, 5), 1, 1)


@pytest.mark.parametrize("network", ["outside", "left"])
def test_report_of_a_hospital_outside_the_network_is_refused(network: str) -> None:
    hospital = HospitalFactory(network=network)
    with pytest.raises(NotInNetwork), transaction.atomic():
        services.report_beds(
            hospital=hospital,
            counts={ISO: BedCount(2, 1)},
            observed_at=NOW,
            source="hospital",
            by=DISPATCHER,
            now=NOW,
        )
    assert BedPool.objects.count() == 0


def test_report_by_another_hospital_is_refused() -> None:
    pool = PoolFactory()
    with pytest.raises(NotPermitted):
        services.report_beds(
            hospital=pool.hospital,
            counts={ISO: BedCount(2, 1)},
            observed_at=NOW,
            source="hospital",
            by=staff_of(HospitalFactory().site),
            now=NOW,
        )
    assert numbers(pool) == (5, 5, 0, 5)


def test_reports_are_never_changed() -> None:
    PoolFactory()
    for statement in ("UPDATE hospitals_bedreport SET staffed = 99", "DELETE FROM hospitals_bedreport"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)


def test_hospital_is_registered_once_and_only_at_a_hospital_site() -> None:
    site = SiteFactory(kind=SiteKind.HOSPITAL)
    facts = services.HospitalFacts(registry_code="3173999", hospital_class="B")
    made = services.register_hospital(site=site, facts=facts, by=DISPATCHER, now=NOW)
    assert (made.network, made.hospital_class) == ("outside", "B")
    for again in (site, SiteFactory(kind=SiteKind.HOSPITAL)):
        with pytest.raises(HospitalKnown), transaction.atomic():
            services.register_hospital(site=again, facts=facts, by=DISPATCHER, now=NOW)
    with pytest.raises(NotAHospital):
        services.register_hospital(site=SiteFactory(), facts=facts, by=DISPATCHER, now=NOW)
    assert Hospital.objects.count() == 1


def test_network_is_counted_by_day() -> None:
    first, second, third = (HospitalFactory(network="outside") for _hospital in range(3))
    beds = {ISO: 10}
    services.join_network(hospital=first, beds=beds, starts_date=date(2021, 6, 1), by=DISPATCHER, now=NOW)
    services.join_network(hospital=second, beds=beds, by=DISPATCHER, now=NOW)
    services.pause_network(hospital=second, by=DISPATCHER, now=NOW + timedelta(days=2))
    services.leave_network(hospital=first, by=DISPATCHER, now=NOW + timedelta(days=3))
    sizes = {
        day: (
            queries.network_size(date(2021, 7, day)).joined,
            queries.network_size(date(2021, 7, day)).paused,
        )
        for day in (11, 12, 14, 15)
    }
    assert sizes == {11: (1, 0), 12: (2, 0), 14: (1, 1), 15: (0, 1)}
    assert queries.network_size(date(2021, 7, 12)).known == 3
    assert queries.agreed_beds(date(2021, 7, 14)) == {(first.pk, ISO): 10, (second.pk, ISO): 10}
    assert queries.agreed_beds(date(2021, 7, 15)) == {(second.pk, ISO): 10}
    assert third.network == "outside"


def test_joining_twice_early_or_with_nothing_is_refused() -> None:
    hospital = HospitalFactory(network="outside")
    with pytest.raises(NothingAgreed):
        services.join_network(hospital=hospital, beds={ISO: 0}, by=DISPATCHER, now=NOW)
    with pytest.raises(NotBeforeItBegins):
        services.join_network(
            hospital=hospital, beds={ISO: 5}, starts_date=date(2021, 7, 13), by=DISPATCHER, now=NOW
        )
    services.join_network(hospital=hospital, beds={ISO: 5}, by=DISPATCHER, now=NOW)
    with pytest.raises(WrongState), transaction.atomic():
        services.join_network(hospital=hospital, beds={ISO: 5}, by=DISPATCHER, now=NOW)
    assert NetworkPeriod.objects.count() == 1


def test_joining_by_the_hospital_itself_is_refused() -> None:
    hospital = HospitalFactory(network="outside")
    with pytest.raises(NotPermitted):
        services.join_network(
            hospital=hospital, beds={ISO: 5}, by=staff_of(hospital.site, "partner_admin"), now=NOW
        )
    assert (Hospital.objects.get().network, NetworkPeriod.objects.count()) == ("outside", 0)


def test_conversion_is_asked_once_and_answered_by_the_hospital() -> None:
    hospital = HospitalFactory()
    asked = services.ask_conversion(hospital=hospital, bed_class=ISO, beds=20, by=DISPATCHER, now=NOW)
    with pytest.raises(AlreadyAsked), transaction.atomic():
        services.ask_conversion(hospital=hospital, bed_class=ISO, beds=5, by=DISPATCHER, now=NOW)
    admin = staff_of(hospital.site, "partner_admin")
    answered = services.answer_conversion(request=asked, agree=True, by=admin, now=NOW)
    assert answered.state == "agreed"
    with pytest.raises(WrongState), transaction.atomic():
        services.answer_conversion(request=asked, agree=False, by=admin, now=NOW)


def test_acceptance_is_the_share_of_the_last_days() -> None:
    pool, never = PoolFactory(staffed=9), HospitalFactory()
    services.accept(placement=offered(pool), by=DISPATCHER, now=NOW)
    services.decline(placement=offered(pool), reason="full", by=DISPATCHER, now=NOW)
    services.decline(placement=offered(pool), reason="full", by=DISPATCHER, now=NOW)
    system = services.history.Actor.system("acceptance")
    assert services.refresh_acceptance(by=system, now=NOW) == 1
    assert services.refresh_acceptance(by=system, now=NOW) == 0
    assert Hospital.objects.get(pk=pool.hospital_id).acceptance == pytest.approx(1 / 3)
    assert Hospital.objects.get(pk=never.pk).acceptance is None
    assert services.refresh_acceptance(by=system, now=NOW + timedelta(days=8)) == 1
    with pytest.raises(NotPermitted):
        services.refresh_acceptance(by=staff("coordinator"), now=NOW)
