"""From asking for a bed to leaving it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.errors import HoldExpired
from kolaborasi.commitments.queries import checks as law_1
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.events.models import Event
from kolaborasi.hospitals import queries, services, verification
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import (
    BedUnfit,
    NoBed,
    NotInThisHospital,
    OfferOver,
    PatientHasABed,
    PatientWaits,
    ReferralRefused,
    TooManyAsked,
)
from kolaborasi.hospitals.models import BedPool, Placement, Referral
from kolaborasi.hospitals.rules import Severity
from kolaborasi.partners.models import Partner
from tests.conftest import NOW
from tests.factories import KelurahanFactory
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    PuskesmasFactory,
    accepted,
    admitted,
    offered,
    patient,
    referral,
    request,
    staff_of,
    wish,
)

pytestmark = pytest.mark.django_db
EXPIRY = Actor.system("expiry")


def left(pool: BedPool) -> int:
    pool.refresh_from_db()
    return pool.left


def state(placement: Placement) -> tuple[str, str, str]:
    found = Placement.objects.select_related("referral").get(pk=placement.pk)
    return found.referral.state, found.state, found.answer


def faults() -> list[str]:
    return [fault for check in (*law_1(), *verification.checks()) for fault in check.faults]


def test_whole_way_from_request_to_discharge() -> None:
    pool = PoolFactory(staffed=1)
    hospital_staff = staff_of(pool.hospital.site)
    asked = referral()
    placement = services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)
    assert (state(placement), left(pool)) == (("offered", "held", "pending"), 0)
    services.accept(placement=placement, by=hospital_staff, now=NOW)
    assert (state(placement), left(pool)) == (("accepted", "held", "accepted"), 0)
    services.depart(referral=asked, by=DISPATCHER, now=NOW)
    assert (state(placement), left(pool)) == (("in-transit", "confirmed", "accepted"), 0)
    services.admit(referral=asked, by=hospital_staff, now=NOW + timedelta(hours=1))
    assert (state(placement), left(pool)) == (("admitted", "confirmed", "accepted"), 0)
    services.discharge(referral=asked, by=hospital_staff, now=NOW + timedelta(days=5))
    assert (state(placement), left(pool)) == (("discharged", "fulfilled", "accepted"), 1)
    verbs = [each.verb for each in queries.timeline(asked)]
    assert verbs == ["refer", "offer", "accept", "depart", "admit", "discharge"]
    assert Event.objects.filter(name__startswith="hospitals.").count() == 6
    assert faults() == []


def test_second_referral_of_a_patient_is_refused() -> None:
    first = referral()
    with pytest.raises(PatientWaits) as refused, transaction.atomic():
        services.refer(patient=first.patient, request=request(), by=DISPATCHER, now=NOW)
    assert refused.value.details == {"referral": first.pk}
    assert Referral.objects.count() == 1
    assert AuditEntry.objects.filter(verb="hospitals.refer").count() == 1


def test_referral_of_an_admitted_patient_is_refused() -> None:
    placement = admitted()
    with pytest.raises(PatientHasABed), transaction.atomic():
        services.refer(patient=placement.patient, request=request(), by=DISPATCHER, now=NOW)
    assert Referral.objects.count() == 1


def test_referral_by_a_stranger_is_refused_and_stores_nothing() -> None:
    puskesmas = PuskesmasFactory()
    stranger = staff_of(PuskesmasFactory())
    with pytest.raises(NotPermitted):
        services.refer(patient=patient(), request=request(requester=puskesmas), by=stranger, now=NOW)
    assert Referral.objects.count() == 0


def test_puskesmas_refers_and_the_operator_for_a_caller_is_recorded() -> None:
    puskesmas = PuskesmasFactory()
    made = services.refer(
        patient=patient(), request=request(requester=puskesmas), by=staff_of(puskesmas), now=NOW
    )
    assert (made.requester, made.on_behalf) == (puskesmas, False)
    assert referral(on_behalf=True).on_behalf is True
    assert AuditEntry.objects.order_by("-pk")[0].detail["on_behalf"] is True


@pytest.mark.parametrize("pcr", ["not-tested", "pending", "positive", "negative"])
def test_pcr_state_is_no_gate(pcr: str) -> None:
    pool = PoolFactory(bed_class=BedClass.ICU)
    made = referral(wish=wish(Severity.CRITICAL), pcr=pcr)
    assert [bed.pool for bed in queries.ranked_beds_of(made, NOW)] == [pool.pk]


@pytest.mark.parametrize(("spo2", "breaths"), [(12, None), (101, None), (None, 300)])
def test_impossible_measurement_is_refused(spo2: int | None, breaths: int | None) -> None:
    with pytest.raises(ReferralRefused):
        referral(spo2=spo2, breaths=breaths)
    assert Referral.objects.count() == 0


def test_unfit_bed_is_never_held() -> None:
    ward = PoolFactory(bed_class=BedClass.ISOLATION)
    asked = referral(wish=wish(Severity.CRITICAL, ventilator=True))
    with pytest.raises(BedUnfit), transaction.atomic():
        services.offer(referral=asked, pools=[ward], by=DISPATCHER, now=NOW)
    asked.refresh_from_db()
    assert (asked.state, left(ward), Placement.objects.count()) == ("requested", 5, 0)


def test_bed_in_a_hospital_without_the_service_is_never_held() -> None:
    pool = PoolFactory(hospital__dialysis=False)
    asked = referral(wish=wish(dialysis=True))
    with pytest.raises(BedUnfit), transaction.atomic():
        services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)
    assert left(pool) == 5


def test_decline_asks_the_next_hospital_that_has_a_bed() -> None:
    first, full, third = PoolFactory(), PoolFactory(staffed=0), PoolFactory()
    asked = referral()
    placement = services.offer(
        referral=asked, pools=[first, full, third], by=DISPATCHER, now=NOW, answer_time=timedelta(minutes=9)
    )
    later = NOW + timedelta(minutes=3)
    following = services.decline(
        placement=placement, reason="no-staff", by=staff_of(first.hospital.site), now=later
    )
    assert following is not None
    assert (following.pool_id, following.held_until) == (third.pk, later + timedelta(minutes=9))
    assert state(placement) == ("offered", "released", "declined")
    assert (left(first), left(full), left(third)) == (5, 0, 4)
    assert faults() == []


def test_last_decline_puts_the_patient_back_in_the_old_place() -> None:
    early = referral(NOW - timedelta(hours=2))
    referral(NOW - timedelta(hours=1))
    placement = services.offer(referral=early, pools=[PoolFactory()], by=DISPATCHER, now=NOW)
    assert services.decline(placement=placement, reason="full", by=DISPATCHER, now=NOW) is None
    assert state(placement) == ("requested", "released", "declined")
    assert queries.waiting_list().first() == early


def test_unanswered_offer_goes_to_the_next_hospital() -> None:
    first, second = PoolFactory(), PoolFactory()
    placement = services.offer(referral=referral(), pools=[first, second], by=DISPATCHER, now=NOW)
    assert services.expire_offers(by=EXPIRY, now=NOW + timedelta(minutes=14)) == 0
    assert services.expire_offers(by=EXPIRY, now=NOW + timedelta(minutes=15)) == 1
    assert state(placement) == ("offered", "released", "unanswered")
    assert (left(first), left(second)) == (5, 4)
    with pytest.raises(OfferOver), transaction.atomic():
        services.accept(placement=placement, by=DISPATCHER, now=NOW + timedelta(minutes=16))


def test_late_answer_is_refused_before_anybody_marked_it() -> None:
    placement = offered()
    with pytest.raises(HoldExpired), transaction.atomic():
        services.accept(placement=placement, by=DISPATCHER, now=NOW + timedelta(minutes=15))
    assert state(placement) == ("offered", "held", "pending")


def test_accepted_bed_nobody_is_driven_to_comes_free() -> None:
    placement = accepted()
    assert services.expire_offers(by=EXPIRY, now=NOW + timedelta(hours=4)) == 1
    assert state(placement) == ("requested", "released", "accepted")
    assert left(placement.pool) == 5


def test_bed_stays_held_on_the_road_without_a_limit() -> None:
    placement = accepted()
    services.depart(referral=placement.referral, by=DISPATCHER, now=NOW)
    assert services.expire_offers(by=EXPIRY, now=NOW + timedelta(days=1)) == 0
    assert state(placement) == ("in-transit", "confirmed", "accepted")


def test_answer_of_another_hospital_is_refused() -> None:
    placement, stranger = offered(), staff_of(HospitalFactory().site)
    for verb, extra in ((services.accept, {}), (services.decline, {"reason": "full"})):
        with pytest.raises(NotPermitted), transaction.atomic():
            verb(placement=placement, by=stranger, now=NOW, **extra)
    assert state(placement) == ("offered", "held", "pending")


def test_paused_or_frozen_hospital_is_offered_nobody() -> None:
    paused, frozen = PoolFactory(hospital__network="paused"), PoolFactory()
    Partner.objects.filter(pk=frozen.hospital.site.partner_id).update(state="frozen", reason="safety")
    asked = referral()
    assert queries.ranked_beds_of(asked, NOW) == []
    for pool in (paused, frozen):
        with pytest.raises((NoBed, BedUnfit)), transaction.atomic():
            services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)
        assert left(pool) == 5


def test_refer_and_offer_takes_the_best_bed_and_queues_the_next() -> None:
    here = KelurahanFactory(latitude=-6.17)
    near = PoolFactory(staffed=1, hospital__site__place=here)
    far = PoolFactory(staffed=1, hospital__site__place=KelurahanFactory(latitude=-6.3))
    placement = services.refer_and_offer(patient=patient(), request=request(here), by=DISPATCHER, now=NOW)
    assert (placement.pool_id, placement.referral.ask_next) == (near.pk, [far.pk])
    assert state(placement) == ("offered", "held", "pending")
    assert (left(near), left(far)) == (0, 1)


def test_refer_and_offer_asks_the_database_five_times() -> None:
    PoolFactory()
    who, what = patient(), request()
    with CaptureQueriesContext(connection) as captured:
        services.refer_and_offer(patient=who, request=what, by=DISPATCHER, now=NOW)
    statements = [each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]]
    # Ranking, guard of hospital and partner, referral, placement by law 1, both marks.
    assert len(statements) == 5, statements


def test_refer_and_offer_without_a_bed_stores_nothing() -> None:
    PoolFactory(staffed=0)
    with pytest.raises(NoBed), transaction.atomic():
        services.refer_and_offer(patient=patient(), request=request(), by=DISPATCHER, now=NOW)
    assert (Referral.objects.count(), Placement.objects.count()) == (0, 0)


@pytest.mark.parametrize("minutes", [0, 121])
def test_answer_time_out_of_range_is_refused(minutes: int) -> None:
    with pytest.raises(TooManyAsked):
        services.offer(
            referral=referral(),
            pools=[PoolFactory()],
            by=DISPATCHER,
            now=NOW,
            answer_time=timedelta(minutes=minutes),
        )


def test_transfer_frees_the_first_bed_only_on_arrival() -> None:
    first = PoolFactory(bed_class=BedClass.ISOLATION)
    stay = admitted(first)
    second = PoolFactory(bed_class=BedClass.HCU)
    moving = services.refer(
        patient=stay.patient,
        request=request(wish=wish(Severity.SEVERE), from_hospital=first.hospital, source="hospital"),
        by=DISPATCHER,
        now=NOW,
    )
    bed = services.offer(referral=moving, pools=[second], by=DISPATCHER, now=NOW)
    services.accept(placement=bed, by=DISPATCHER, now=NOW)
    assert (left(first), left(second)) == (4, 4)
    services.admit(referral=moving, by=DISPATCHER, now=NOW)
    assert (left(first), left(second)) == (5, 4)
    assert state(stay) == ("transferred", "fulfilled", "accepted")
    assert state(bed) == ("admitted", "confirmed", "accepted")
    assert faults() == []


def test_patient_moves_on_a_second_time() -> None:
    first, second, third = (PoolFactory(), PoolFactory(), PoolFactory())
    stay = admitted(first)
    for source, target in ((first, second), (second, third)):
        moving = services.refer(
            patient=stay.patient,
            request=request(from_hospital=source.hospital, source="hospital"),
            by=DISPATCHER,
            now=NOW,
        )
        services.accept(
            placement=services.offer(referral=moving, pools=[target], by=DISPATCHER, now=NOW),
            by=DISPATCHER,
            now=NOW,
        )
        services.admit(referral=moving, by=DISPATCHER, now=NOW)
    assert (left(first), left(second), left(third)) == (5, 5, 4)


def test_transfer_from_a_hospital_the_patient_is_not_in_is_refused() -> None:
    stay = admitted()
    with pytest.raises(NotInThisHospital), transaction.atomic():
        services.refer(
            patient=stay.patient, request=request(from_hospital=HospitalFactory()), by=DISPATCHER, now=NOW
        )
    assert Referral.objects.count() == 1


def test_transfer_is_not_offered_the_hospital_it_comes_from() -> None:
    stay = admitted(PoolFactory())
    moving = services.refer(
        patient=stay.patient, request=request(from_hospital=stay.pool.hospital), by=DISPATCHER, now=NOW
    )
    assert queries.ranked_beds_of(moving, NOW) == []


def test_death_ends_every_bed_and_referral_of_the_patient() -> None:
    stay = admitted(PoolFactory())
    moving = services.refer(
        patient=stay.patient, request=request(from_hospital=stay.pool.hospital), by=DISPATCHER, now=NOW
    )
    other = PoolFactory()
    bed = services.offer(referral=moving, pools=[other], by=DISPATCHER, now=NOW)
    services.record_death(referral=stay.referral, by=DISPATCHER, now=NOW)
    assert (state(stay), state(bed)) == (
        ("died", "fulfilled", "accepted"),
        ("died", "released", "withdrawn"),
    )
    assert (left(stay.pool), left(other)) == (5, 5)
    assert faults() == []


def test_cancelled_referral_gives_its_bed_back() -> None:
    placement = offered()
    services.cancel_referral(referral=placement.referral, reason="recovered", by=DISPATCHER, now=NOW)
    assert state(placement) == ("cancelled", "released", "withdrawn")
    assert left(placement.pool) == 5


def test_admitted_referral_cannot_be_cancelled() -> None:
    placement = admitted()
    with pytest.raises(WrongState), transaction.atomic():
        services.cancel_referral(referral=placement.referral, reason="recovered", by=DISPATCHER, now=NOW)
    assert state(placement) == ("admitted", "confirmed", "accepted")


def test_turned_away_patient_waits_again() -> None:
    placement = accepted()
    services.depart(referral=placement.referral, by=DISPATCHER, now=NOW)
    services.turn_away(
        referral=placement.referral,
        reason="no-equipment",
        by=staff_of(placement.pool.hospital.site),
        now=NOW,
    )
    assert state(placement) == ("requested", "released", "accepted")
    assert queries.waiting_list().get() == placement.referral


def test_reassessed_patient_moves_up_the_list() -> None:
    first, second = referral(NOW - timedelta(hours=3)), referral(NOW - timedelta(hours=1))
    assert list(queries.waiting_list()) == [first, second]
    services.reassess(referral=second, severity=Severity.CRITICAL, reasons=(), by=DISPATCHER, now=NOW)
    assert list(queries.waiting_list()) == [second, first]
    assert Referral.objects.get(pk=second.pk).requested_at == NOW - timedelta(hours=1)


def test_withdrawn_offer_asks_the_next() -> None:
    first, second = PoolFactory(), PoolFactory()
    placement = services.offer(referral=referral(), pools=[first, second], by=DISPATCHER, now=NOW)
    following = services.withdraw_offer(placement=placement, by=DISPATCHER, now=NOW)
    assert following is not None
    assert (following.pool_id, state(placement)) == (second.pk, ("offered", "released", "withdrawn"))
