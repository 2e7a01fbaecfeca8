"""One patient, one bed; one bed, one patient: by sessions that really run at once; each test first proves its race."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from kolaborasi.commitments import services as kernel
from kolaborasi.commitments.queries import checks as law_1
from kolaborasi.common.actors import Actor
from kolaborasi.hospitals import services, verification
from kolaborasi.hospitals.bed_files import read_bed_file
from kolaborasi.hospitals.models import BedPool, HeldRow, Hospital, Placement, Referral
from kolaborasi.hospitals.services import offers
from kolaborasi.hospitals.services.referrals import new_referral
from kolaborasi.hospitals.siranap import BedFile
from kolaborasi.hospitals.states import ACTIVE
from kolaborasi.people.models import Person
from tests.conftest import NOW
from tests.hospitals.factories import (
    DISPATCHER,
    PoolFactory,
    admitted,
    dispatcher_account,
    offered,
    patient,
    referral,
    request,
)
from tests.races.parallel import together
from tests.races.test_pledge import unguarded_hold

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
SESSIONS = 16
ONE_PER_PATIENT = (
    "referral_one_active_per_patient",
    "placement_one_bed_per_patient",
    "placement_one_bed_per_referral",
)


@pytest.fixture(autouse=True)
def account() -> None:
    """The dispatcher all sessions act as."""
    dispatcher_account()


def drop(*indexes: str) -> None:
    """Take the database's guard away; the next test gets a fresh copy of the template."""
    with connection.cursor() as cursor:
        for index in indexes:
            cursor.execute(f"DROP INDEX {index}")


def outcomes(results: list[object]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def faults() -> list[str]:
    return [fault for check in (*law_1(), *verification.checks()) for fault in check.faults]


def look_then_refer(who: Person, what: services.Request) -> None:
    """What everybody writes first: look whether the patient is known, then store."""
    with transaction.atomic():
        if Referral.objects.filter(patient=who, state__in=list(ACTIVE)).exists():
            raise RuntimeError("known")
        time.sleep(0.05)
        new_referral(who, what, DISPATCHER, NOW).save()


def test_looking_before_storing_refers_one_patient_many_times() -> None:
    drop("referral_one_active_per_patient")
    who, what = patient(), request()
    together([lambda: look_then_refer(who, what)] * SESSIONS)
    assert Referral.objects.filter(patient=who).count() > 1


def test_dispatchers_refer_one_patient_once() -> None:
    who, what = patient(), request()

    def refer() -> None:
        services.refer(patient=who, request=what, by=DISPATCHER, now=NOW)

    assert outcomes(together([refer] * SESSIONS)) == {"NoneType": 1, "PatientWaits": SESSIONS - 1}
    assert Referral.objects.filter(patient=who).count() == 1


def place_one_patient_from_everywhere() -> Counter[str]:
    asked = referral()
    pools = [PoolFactory() for _session in range(SESSIONS)]

    def offer(pool: BedPool) -> None:
        services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)

    return outcomes(together([lambda pool=pool: offer(pool) for pool in pools]))


def test_without_lock_and_constraints_one_patient_gets_many_beds(monkeypatch: pytest.MonkeyPatch) -> None:
    drop(*ONE_PER_PATIENT)

    def unlocked(pk: int) -> Referral:
        found = Referral.objects.select_related("place", "requester").get(pk=pk)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(offers, "locked_referral", unlocked)
    place_one_patient_from_everywhere()
    assert Placement.objects.filter(state="held").count() > 1


def test_constraints_alone_give_one_patient_one_bed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(pk: int) -> Referral:
        found = Referral.objects.select_related("place", "requester").get(pk=pk)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(offers, "locked_referral", unlocked)
    assert place_one_patient_from_everywhere()["NoneType"] == 1
    assert Placement.objects.filter(state="held").count() == 1
    assert sum(BedPool.objects.values_list("committed", flat=True)) == 1


def test_dispatchers_place_one_patient_in_one_bed() -> None:
    assert place_one_patient_from_everywhere() == {"NoneType": 1, "WrongState": SESSIONS - 1}
    assert Placement.objects.filter(state="held").count() == 1
    assert faults() == []


def place_everybody_in_the_last_bed() -> Counter[str]:
    pool = PoolFactory(staffed=1)
    waiting = [referral() for _session in range(SESSIONS)]

    def offer(asked: Referral) -> None:
        services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)

    return outcomes(together([lambda asked=asked: offer(asked) for asked in waiting]))


def test_without_the_guard_the_last_bed_is_promised_many_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_take_and_store", unguarded_hold)
    place_everybody_in_the_last_bed()
    assert Placement.objects.filter(state="held").count() > 1


def test_last_bed_goes_to_one_of_many_patients() -> None:
    assert place_everybody_in_the_last_bed() == {"NoneType": 1, "NoBed": SESSIONS - 1}
    pool = BedPool.objects.get()
    assert (pool.committed, pool.limit, Placement.objects.count()) == (1, 1, 1)
    assert faults() == []


def test_patients_referred_at_once_fill_every_bed_and_no_more() -> None:
    for _hospital in range(4):
        PoolFactory(staffed=3)
    people = [(patient(), request()) for _session in range(SESSIONS)]

    def refer(who: Person, what: services.Request) -> None:
        services.refer_and_offer(patient=who, request=what, by=DISPATCHER, now=NOW, most=10)

    results = outcomes(together([lambda pair=pair: refer(*pair) for pair in people]))
    assert results == {"NoneType": 12, "NoBed": 4}
    assert list(BedPool.objects.values_list("committed", flat=True)) == [3, 3, 3, 3]
    assert faults() == []


def decline_crosswise(rounds: int) -> Counter[str]:
    """Hospitals that decline at once, each patient's next hospital being the other one."""
    first, second = PoolFactory(staffed=50), PoolFactory(staffed=50)
    results: Counter[str] = Counter()
    for _round in range(rounds):
        pairs = [(first, second), (second, first)] * 4
        asked = [services.offer(referral=referral(), pools=pair, by=DISPATCHER, now=NOW) for pair in pairs]

        def decline(placement: Placement) -> None:
            services.decline(placement=placement, reason="full", by=DISPATCHER, now=NOW)

        results += outcomes(together([lambda placement=placement: decline(placement) for placement in asked]))
    return results


def test_without_the_order_crossing_declines_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    released = offers._release

    def slow(*arguments: object) -> None:
        released(*arguments)  # type: ignore[arg-type]
        time.sleep(0.05)

    monkeypatch.setattr(offers, "_lock_pools", lambda ids: None)
    monkeypatch.setattr(offers, "_release", slow)
    assert decline_crosswise(rounds=2)[OperationalError.__name__] > 0


def test_crossing_declines_do_not_deadlock() -> None:
    assert decline_crosswise(rounds=3) == {"NoneType": 24}
    assert sum(BedPool.objects.values_list("committed", flat=True)) == 24
    assert faults() == []


def test_answer_and_expiry_at_once_leave_one_outcome() -> None:
    placements = [offered(PoolFactory()) for _offer in range(6)]
    system = Actor.system("expiry")

    def accept(placement: Placement) -> None:
        services.accept(placement=placement, by=DISPATCHER, now=NOW + timedelta(minutes=14))

    def expire() -> int:
        return services.expire_offers(by=system, now=NOW + timedelta(minutes=16))

    together([*(lambda each=each: accept(each) for each in placements), expire, expire])
    for placement in placements:
        found = Placement.objects.select_related("referral").get(pk=placement.pk)
        assert (found.answer, found.state, found.referral.state) in {
            ("accepted", "held", "accepted"),
            ("unanswered", "released", "requested"),
        }
    assert faults() == []


def test_nobody_is_offered_a_hospital_after_its_pause_has_returned() -> None:
    pool = PoolFactory(staffed=50)
    waiting = [referral() for _session in range(SESSIONS)]
    seen: list[int] = []

    def pause() -> None:
        services.pause_network(hospital=Hospital.objects.get(), by=DISPATCHER, now=NOW)
        seen.append(Placement.objects.count())

    def offer(asked: Referral) -> None:
        services.offer(referral=asked, pools=[pool], by=DISPATCHER, now=NOW)

    together([*(lambda asked=asked: offer(asked) for asked in waiting), pause])
    assert seen == [Placement.objects.count()]
    assert faults() == []


def stays_in_one_house(number: int) -> tuple[list[Placement], BedPool]:
    """So many patients in the beds of one class, and one last bed of another class in the same hospital."""
    ward = PoolFactory(staffed=number)
    stays = [admitted(ward) for _ in range(number)]
    return stays, PoolFactory(hospital=ward.hospital, bed_class="isolation", staffed=1)


def move(stay: Placement, pool: BedPool) -> Placement:
    return services.move_bed(referral=stay.referral, pool=pool, by=DISPATCHER, now=NOW)


def look_then_move(stay: Placement, pool: BedPool) -> None:
    """What everybody writes first: look whether a bed is left, then point the stay at it and count by hand."""
    with transaction.atomic():
        if BedPool.objects.get(pk=pool.pk).left < 1:
            raise RuntimeError("full")
        time.sleep(0.05)
        Placement.objects.filter(pk=stay.pk).update(pool=pool)


def test_looking_before_moving_puts_many_patients_in_the_last_bed() -> None:
    stays, last = stays_in_one_house(4)
    together([lambda stay=stay: look_then_move(stay, last) for stay in stays])
    assert Placement.objects.filter(pool=last).count() > 1


def test_patients_who_move_at_once_get_the_last_bed_once() -> None:
    stays, last = stays_in_one_house(8)
    results = together([lambda stay=stay: move(stay, last) for stay in stays])
    assert outcomes(results) == {"Placement": 1, "NotEnoughLeft": 7}
    assert faults() == []


def test_patient_who_moves_and_leaves_at_once_holds_no_bed_afterwards() -> None:
    for _round in range(5):
        (stay,), other = stays_in_one_house(1)
        results = together(
            [
                lambda stay=stay, other=other: move(stay, other),
                lambda stay=stay: services.discharge(referral=stay.referral, by=DISPATCHER, now=NOW),
            ]
        )
        assert outcomes(results) in (
            {"Placement": 2},
            {"Placement": 1, "WrongState": 1},
        )
        assert set(BedPool.objects.values_list("committed", flat=True)) == {0}
    assert faults() == []


def test_name_confirmed_while_a_file_comes_in_leaves_no_row_waiting() -> None:
    for number in range(5):
        pool = PoolFactory()
        name = f"RS Lain {'ABCDE'[number]}"
        file = _file_of(name, pool)
        services.import_beds(file=file, source="file", by=DISPATCHER, now=NOW)
        together(
            [
                lambda file=file: services.import_beds(file=file, source="file", by=DISPATCHER, now=NOW),
                lambda name=name, pool=pool: services.confirm_name(
                    hospital=pool.hospital, name=name, city_code="3171", by=DISPATCHER, now=NOW
                ),
            ]
        )
        pool.refresh_from_db()
        assert pool.staffed == 9
    assert not HeldRow.objects.filter(outcome="waiting").exists()


def _file_of(name: str, pool: BedPool) -> BedFile:
    text = f"hospital,district,bed_class,staffed,occupied,observed_at\n{name},3171,{pool.bed_class},9,2,2021-07-12T09:55\n"
    return read_bed_file(text.encode(), name="beds.csv", read_at=NOW)[0]
