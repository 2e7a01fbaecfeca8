"""Isolation at home, ambulances, oxygen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.hospitals import queries, services, verification
from kolaborasi.hospitals.errors import (
    AlreadyIsolating,
    AlreadyRequested,
    AmbulanceBusy,
    CylinderKnown,
    CylinderUnknown,
    HoldExpired,
    NotAPuskesmas,
    NothingToRefill,
    QuotaUsed,
    ReferralRefused,
)
from kolaborasi.hospitals.models import Ambulance, Cylinder, FollowUp, IsolationCase, Placement, Referral
from kolaborasi.hospitals.rules import AgeGroup, Checkup, Severity
from kolaborasi.partners.models import SiteKind
from kolaborasi.stock.models import Movement
from kolaborasi.stock.queries import checks as stock_checks
from tests.conftest import NOW
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PuskesmasFactory,
    accepted,
    isolation,
    patient,
    referral,
    staff_of,
)

pytestmark = pytest.mark.django_db
TODAY = date(2021, 7, 12)


def test_warning_sign_at_home_raises_a_referral_with_its_reasons() -> None:
    case = isolation(pregnant=True)
    made, raised = services.follow_up(
        case=case, checkup=Checkup(spo2=89, breaths=24), by=staff_of(case.puskesmas), now=NOW
    )
    assert raised is not None
    assert (raised.severity, raised.severity_reasons, raised.source) == (3, ["low-oxygen"], "isolation")
    assert (raised.spo2, raised.requester, raised.needs_obstetric) == (89, case.puskesmas, True)
    assert made.referral == raised
    case.refresh_from_db()
    assert case.state == "referred"
    assert queries.waiting_list().get() == raised


def test_second_warning_sign_raises_no_second_referral() -> None:
    case = isolation()
    for _day in range(2):
        services.follow_up(case=case, checkup=Checkup(breathless=True), by=DISPATCHER, now=NOW)
    assert (Referral.objects.count(), FollowUp.objects.count()) == (1, 2)


def test_case_whose_referral_was_cancelled_is_at_home_again() -> None:
    case = isolation()
    _made, raised = services.follow_up(case=case, checkup=Checkup(spo2=90), by=DISPATCHER, now=NOW)
    assert raised is not None
    services.cancel_referral(referral=raised, reason="recovered", by=DISPATCHER, now=NOW)
    services.follow_up(case=case, checkup=Checkup(spo2=97), by=DISPATCHER, now=NOW)
    case.refresh_from_db()
    assert case.state == "open"


def test_daily_list_shows_who_was_not_followed_up() -> None:
    puskesmas = PuskesmasFactory()
    seen, unreached, forgotten = (isolation(puskesmas) for _case in range(3))
    isolation()
    services.follow_up(case=seen, checkup=Checkup(spo2=97), by=DISPATCHER, now=NOW)
    services.follow_up(case=unreached, checkup=None, by=DISPATCHER, now=NOW)
    assert list(queries.not_followed_up(TODAY, puskesmas)) == [unreached, forgotten]
    tomorrow = queries.daily_list(TODAY + timedelta(days=1), puskesmas)
    assert {row.pk: row.last_date for row in tomorrow} == {
        seen.pk: TODAY,
        unreached.pk: None,
        forgotten.pk: None,
    }
    counts = {
        row.puskesmas: (row.isolating, row.followed_up) for row in queries.follow_up_by_puskesmas(TODAY)
    }
    assert counts[puskesmas.pk] == (3, 1)


def test_follow_up_by_another_puskesmas_is_refused() -> None:
    case = isolation()
    with pytest.raises(NotPermitted):
        services.follow_up(case=case, checkup=Checkup(), by=staff_of(PuskesmasFactory()), now=NOW)
    assert FollowUp.objects.count() == 0


def test_impossible_measurement_at_home_is_refused() -> None:
    case = isolation()
    with pytest.raises(ReferralRefused):
        services.follow_up(case=case, checkup=Checkup(spo2=9), by=DISPATCHER, now=NOW)
    assert FollowUp.objects.count() == 0


def test_isolation_begins_once_at_a_puskesmas_and_ends_once() -> None:
    case = isolation()
    given = {"person": case.person, "place": case.place, "age": AgeGroup.ADULT, "by": DISPATCHER, "now": NOW}
    with pytest.raises(AlreadyIsolating), transaction.atomic():
        services.open_isolation(puskesmas=case.puskesmas, **given)
    with pytest.raises(NotAPuskesmas):
        services.open_isolation(puskesmas=HospitalFactory().site, **given)
    ended = services.end_isolation(case=case, outcome="recovered", by=DISPATCHER, now=NOW)
    assert (ended.state, ended.ended_date) == ("recovered", TODAY)
    with pytest.raises(WrongState), transaction.atomic():
        services.follow_up(case=case, checkup=Checkup(), by=DISPATCHER, now=NOW)
    services.open_isolation(puskesmas=case.puskesmas, **given)
    assert IsolationCase.objects.count() == 2


def test_follow_ups_are_never_changed() -> None:
    services.follow_up(case=isolation(), checkup=Checkup(spo2=97), by=DISPATCHER, now=NOW)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute("UPDATE hospitals_followup SET spo2 = 99")


def ambulance() -> Ambulance:
    partner = PartnerFactory()
    number = Ambulance.objects.count()
    return services.add_ambulance(partner=partner, call_sign=f"AGD {number}", by=DISPATCHER, now=NOW)


def test_ambulance_brings_the_patient_to_the_bed_that_is_held() -> None:
    bed = accepted()
    vehicle = ambulance()
    ride = services.request_ambulance(
        patient=bed.patient,
        place=bed.referral.place,
        severity=Severity.SEVERE,
        referral=bed.referral,
        by=DISPATCHER,
        now=NOW,
    )
    assert ride.hospital == bed.pool.hospital
    services.dispatch_ambulance(ride=ride, ambulance=vehicle, by=DISPATCHER, now=NOW)
    assert list(queries.free_ambulances()) == []
    services.pick_up(ride=ride, by=DISPATCHER, now=NOW)
    bed = Placement.objects.select_related("referral").get(pk=bed.pk)
    assert (bed.referral.state, bed.state, bed.departed_at) == ("in-transit", "confirmed", NOW)
    services.arrive(ride=ride, by=DISPATCHER, now=NOW)
    assert list(queries.free_ambulances()) == [vehicle]
    assert [each.verb for each in queries.timeline(bed.referral)] == ["refer", "offer", "accept", "pick_up"]


def test_pick_up_after_the_bed_was_held_too_long_is_refused() -> None:
    bed = accepted()
    ride = services.request_ambulance(
        patient=bed.patient,
        place=bed.referral.place,
        severity=Severity.SEVERE,
        referral=bed.referral,
        by=DISPATCHER,
        now=NOW,
    )
    services.dispatch_ambulance(ride=ride, ambulance=ambulance(), by=DISPATCHER, now=NOW)
    with pytest.raises(HoldExpired), transaction.atomic():
        services.pick_up(ride=ride, by=DISPATCHER, now=NOW + timedelta(hours=4))
    ride.refresh_from_db()
    assert ride.state == "dispatched"


def test_ambulance_drives_for_one_patient_and_a_patient_asks_once() -> None:
    vehicle = ambulance()
    rides = [
        services.request_ambulance(
            patient=patient(), place=KelurahanFactory(), severity=severity, by=DISPATCHER, now=NOW
        )
        for severity in (Severity.MODERATE, Severity.CRITICAL)
    ]
    assert list(queries.rides()) == rides[::-1]
    services.dispatch_ambulance(ride=rides[0], ambulance=vehicle, by=DISPATCHER, now=NOW)
    with pytest.raises(AmbulanceBusy), transaction.atomic():
        services.dispatch_ambulance(ride=rides[1], ambulance=vehicle, by=DISPATCHER, now=NOW)
    with pytest.raises(AlreadyRequested), transaction.atomic():
        services.request_ambulance(
            patient=rides[1].patient,
            place=rides[1].place,
            severity=Severity.MILD,
            by=DISPATCHER,
            now=NOW,
        )
    services.give_back_ride(ride=rides[0], by=DISPATCHER, now=NOW)
    services.dispatch_ambulance(ride=rides[1], ambulance=vehicle, by=DISPATCHER, now=NOW)
    services.cancel_ambulance(ride=rides[0], by=DISPATCHER, now=NOW)
    assert [ride.state for ride in queries.rides()] == ["dispatched"]


def faults() -> list[str]:
    return [fault for check in (*stock_checks(), *verification.checks()) for fault in check.faults]


def test_cylinders_go_to_the_filler_and_come_back_in_the_books() -> None:
    first, second = HospitalFactory(), HospitalFactory()
    filler = SiteFactory(kind=SiteKind.OTHER)
    for hospital, letter in ((first, "A"), (second, "B")):
        serials = [f"{letter}{number}" for number in range(6)]
        services.register_cylinders(owner=hospital.site, serials=serials, by=DISPATCHER, now=NOW)
        services.use_cylinders(site=hospital.site, serials=serials[:4], by=DISPATCHER, now=NOW)
    planned = services.plan_refill(filler=filler, date=TODAY, total=5, each=10, by=DISPATCHER, now=NOW)
    lines = {line.hospital_id: line for line in queries.refill_lines(planned)}
    assert {pk: line.quota for pk, line in lines.items()} == {first.pk: 3, second.pk: 2}
    sending = staff_of(first.site)
    with pytest.raises(QuotaUsed), transaction.atomic():
        services.send_cylinders(line=lines[first.pk], serials=["A0", "A1", "A2", "A3"], by=sending, now=NOW)
    with pytest.raises(CylinderUnknown), transaction.atomic():
        services.send_cylinders(line=lines[first.pk], serials=["A0", "A5"], by=sending, now=NOW)
    services.send_cylinders(line=lines[first.pk], serials=["A0", "A1"], by=sending, now=NOW)
    services.send_cylinders(line=lines[second.pk], serials=["B0"], by=staff_of(second.site), now=NOW)
    # A swap: the first hospital takes a full cylinder of the second one.
    services.return_cylinders(line=lines[first.pk], serials=["B0", "A0"], by=sending, now=NOW)
    counts = {row.site: (row.full, row.empty, row.at_filler) for row in queries.cylinders_by_holder()}
    assert counts == {first.site_id: (4, 2, 0), second.site_id: (2, 3, 0), filler.pk: (0, 0, 1)}
    assert Cylinder.objects.get(serial="B0").owner == second.site
    assert Movement.objects.count() == 12 + 3 + 2
    assert faults() == []


def test_serial_is_registered_once() -> None:
    site = HospitalFactory().site
    services.register_cylinders(owner=site, serials=["A1"], by=DISPATCHER, now=NOW)
    for serials in (["A1"], ["A2", "A2"]):
        with pytest.raises(CylinderKnown), transaction.atomic():
            services.register_cylinders(owner=site, serials=serials, by=DISPATCHER, now=NOW)
    assert Cylinder.objects.count() == 1


def test_lost_cylinder_leaves_the_books_of_its_holder() -> None:
    site = HospitalFactory().site
    (cylinder,) = services.register_cylinders(owner=site, serials=["A1"], by=DISPATCHER, now=NOW)
    services.lose_cylinder(cylinder=cylinder, by=DISPATCHER, now=NOW)
    assert queries.cylinders_by_holder() == []
    assert faults() == []
    with pytest.raises(WrongState), transaction.atomic():
        services.lose_cylinder(cylinder=cylinder, by=DISPATCHER, now=NOW)


def test_refill_without_an_empty_cylinder_is_refused() -> None:
    with pytest.raises(NothingToRefill), transaction.atomic():
        services.plan_refill(filler=SiteFactory(), date=TODAY, total=5, each=10, by=DISPATCHER, now=NOW)
    assert referral().state == "requested"
