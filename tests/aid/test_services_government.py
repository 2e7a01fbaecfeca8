"""Government aid: each household once in a period, the ministry's before ours, handed out with proof, counted together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from kolaborasi.aid import queries, services, verification
from kolaborasi.aid.errors import (
    AllotmentTwice,
    CodeOrCardNeeded,
    HeldBack,
    NobodyHere,
    NotGovernment,
    NotInARound,
    NotMatchedYet,
    PeriodOverlaps,
    ReceiptCodeUsedUp,
    RoundFault,
    ServedMeanwhile,
    WrongReceiptCode,
)
from kolaborasi.aid.models import (
    AidPeriod,
    Allotment,
    Entitlement,
    HandOutMode,
    Household,
    Item,
    NeedLine,
    RollSource,
    Round,
    Suspension,
)
from kolaborasi.aid.rules import Coverage
from kolaborasi.commitments.queries import checks
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.places.models import Figure, Place
from tests.aid.government import SYSTEM, allotment, entitle, period, roll, row, standing
from tests.conftest import NOW
from tests.factories import TODAY, KelurahanFactory, NeedLineFactory, PartnerFactory, SiteFactory, staff

pytestmark = pytest.mark.django_db


def faults() -> list[str]:
    return [fault for check in (*checks(), *verification.checks()) for fault in check.faults]


def reasons(of: Allotment) -> dict[int, str]:
    rows = Suspension.objects.filter(allotment=of).exclude(state="lifted")
    return dict(rows.values_list("entry__line", "reason"))


def door(of: Allotment, place: Place) -> Round:
    return services.open_round(
        allotment=of, place=place, date=TODAY, mode=HandOutMode.DOOR, by=staff("verifier"), now=NOW
    )


def served(of: Entitlement, by_role: str = "courier") -> Entitlement:
    return services.hand_out(entitlement=of, code=of.code, by=staff(by_role), now=NOW)


def test_a_listed_household_is_promised_the_aid_once_however_often_it_is_matched() -> None:
    of, listed = allotment(period()), None
    listed = roll(row(1), row(2))
    assert entitle(of, listed) == (2, 0, 0)
    assert entitle(of, listed) == (0, 0, 0)
    of.refresh_from_db()
    assert (of.reported, of.committed, of.delivered) == (100, 2, 0)
    assert faults() == []


def test_two_lists_of_two_places_name_one_household_and_it_is_served_once() -> None:
    of = allotment(period())
    assert entitle(of, roll(row(1), row(2))) == (2, 0, 0)
    assert entitle(of, roll(row(2), row(3))) == (1, 0, 0)
    assert standing(of) == 3


def test_what_the_ministry_serves_is_suspended_here_with_its_reason() -> None:
    july = period()
    theirs, ours = allotment(july, external=True), allotment(july)
    assert entitle(theirs, roll(row(1), row(2), source=RollSource.MINISTRY)) == (2, 0, 0)
    assert entitle(ours, roll(row(1), row(3))) == (1, 1, 0)
    found = Suspension.objects.get(allotment=ours)
    assert (found.reason, found.state) == ("served-elsewhere", "standing")
    assert found.because is not None
    assert found.because.allotment == theirs


def test_a_late_list_of_the_ministry_takes_our_promise_back_before_it_is_handed_out() -> None:
    july = period()
    ours, theirs = allotment(july), allotment(july, external=True)
    assert entitle(ours, roll(row(1), row(2))) == (2, 0, 0)
    assert entitle(theirs, roll(row(1), row(9), source=RollSource.MINISTRY)) == (2, 0, 1)
    assert reasons(ours) == {2: "served-elsewhere"}
    assert Suspension.objects.get().because == Entitlement.objects.get(allotment=theirs, entry__line=2)
    ours.refresh_from_db()
    assert (ours.committed, standing(ours)) == (1, 1)
    assert faults() == []


def test_what_was_handed_out_here_stays_and_the_ministry_is_told() -> None:
    july = period()
    ours, theirs, place = allotment(july), allotment(july, external=True), KelurahanFactory()
    entitle(ours, roll(row(1), place=place))
    door(ours, place)
    served(Entitlement.objects.get())
    assert entitle(theirs, roll(row(1), source=RollSource.MINISTRY)) == (0, 1, 0)
    assert reasons(theirs) == {2: "served-here"}
    assert standing(ours) == 1


def test_another_period_serves_the_household_again() -> None:
    of = allotment(period())
    listed = roll(row(1))
    entitle(of, listed)
    august = services.define_period(
        benefit="bst",
        starts_date=date(2021, 8, 1),
        ends_date=date(2021, 9, 1),
        awaits_ministry=False,
        by=SYSTEM,
        now=NOW,
    )
    assert entitle(allotment(august), listed) == (1, 0, 0)


def test_the_most_vulnerable_come_first_and_the_others_are_next_in_line() -> None:
    of = allotment(period(), 1)
    listed = roll(row(1, "other"), row(2, "isolation"))
    assert entitle(of, listed) == (1, 1, 0)
    assert Entitlement.objects.get().entry.line == 3
    assert reasons(of) == {2: "not-enough"}
    Allotment.objects.filter(pk=of.pk).update(reported=2, limit=2)
    of.refresh_from_db()
    assert entitle(of, listed) == (1, 0, 0)
    assert reasons(of) == {}


def test_a_household_in_review_waits_with_its_reason_and_is_served_once_it_is_clear() -> None:
    of = allotment(period())
    first = roll(row(1))
    nik, _kk, name, size, hardship = row(1)
    twin = (
        nik[:15] + str((int(nik[15]) + 1) % 10 or 2),
        row(40)[1],
        name.replace("Bambang", "Budi"),
        size,
        hardship,
    )
    listed = roll(twin, place=first.place)
    assert entitle(of, listed) == (0, 1, 0)
    assert reasons(of) == {2: "in-review"}
    (pair,) = queries.resemblances_waiting(staff("verifier"))
    services.keep_apart(resemblance=pair, by=staff("verifier"), now=NOW)
    assert entitle(of, listed) == (1, 0, 0)
    assert reasons(of) == {}


def test_a_list_that_is_held_back_entitles_nobody() -> None:
    of, place = allotment(period()), KelurahanFactory()
    Figure.objects.create(place=place, series="households.total", date=TODAY, value=1, source="test")
    listed = roll(row(1), row(2), place=place)
    with pytest.raises(HeldBack), transaction.atomic():
        entitle(of, listed)
    assert Entitlement.objects.count() == 0
    services.accept_roll(roll=listed, by=staff("verifier"), now=NOW)
    assert entitle(of, listed) == (2, 0, 0)


def suspended() -> tuple[Allotment, Allotment, Suspension]:
    july = period()
    theirs, ours = allotment(july, external=True), allotment(july)
    entitle(theirs, roll(row(1), source=RollSource.MINISTRY))
    entitle(ours, roll(row(1)))
    return theirs, ours, Suspension.objects.get()


def test_an_appeal_that_is_granted_moves_the_promise() -> None:
    theirs, ours, found = suspended()
    services.appeal(suspension=found, ground="never-served", by=staff("rw_head"), now=NOW)
    made = services.decide_appeal(suspension=found, granted=True, by=staff("verifier"), now=NOW)
    assert made is not None
    assert (made.allotment, made.state) == (ours, "confirmed")
    assert (standing(theirs), standing(ours)) == (0, 1)
    found.refresh_from_db()
    assert (found.state, found.ground) == ("lifted", "never-served")
    assert faults() == []


def test_an_appeal_that_is_refused_is_final() -> None:
    theirs, ours, found = suspended()
    services.appeal(suspension=found, ground="other-household", by=staff("rw_head"), now=NOW)
    assert services.decide_appeal(suspension=found, granted=False, by=staff("verifier"), now=NOW) is None
    found.refresh_from_db()
    assert (found.state, standing(theirs), standing(ours)) == ("upheld", 1, 0)
    for again in (services.appeal,):
        with pytest.raises(WrongState), transaction.atomic():
            again(suspension=found, ground="never-served", by=staff("rw_head"), now=NOW)


def test_nobody_decides_what_nobody_appealed() -> None:
    theirs, _ours, found = suspended()
    with pytest.raises(WrongState), transaction.atomic():
        services.decide_appeal(suspension=found, granted=True, by=staff("verifier"), now=NOW)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.appeal(suspension=found, ground="never-served", by=staff("rw_head", "31.99"), now=NOW)
    found.refresh_from_db()
    assert (found.state, standing(theirs)) == ("standing", 1)


def test_an_appeal_is_not_granted_once_the_other_body_served() -> None:
    theirs, ours, found = suspended()
    Entitlement.objects.filter(allotment=theirs).update(state="fulfilled", delivered=1, served_at=NOW)
    services.appeal(suspension=found, ground="never-served", by=staff("rw_head"), now=NOW)
    with pytest.raises(ServedMeanwhile), transaction.atomic():
        services.decide_appeal(suspension=found, granted=True, by=staff("verifier"), now=NOW)
    assert standing(ours) == 0


def test_no_round_before_the_ministry_is_matched() -> None:
    july, place = period(awaits_ministry=True), KelurahanFactory()
    ours = allotment(july)
    entitle(ours, roll(row(1), place=place))
    with pytest.raises(NotMatchedYet), transaction.atomic():
        door(ours, place)
    assert Round.objects.count() == 0
    entitle(allotment(july, external=True), roll(row(2), source=RollSource.MINISTRY))
    assert door(ours, place).planned == 1


def test_a_round_covers_need_and_each_giver_is_shown_apart() -> None:
    place, of = KelurahanFactory(), allotment(period(), item="bansos-sembako")
    line = NeedLineFactory(
        need__place=place, item=Item.objects.get(code="bansos-sembako"), reported=10, committed=4, delivered=0
    )
    entitle(of, roll(row(1), row(2), row(3), place=place))
    made = door(of, place)
    line.refresh_from_db()
    assert (made.need_line, made.quantity, made.planned) == (line, 3, 3)
    assert (line.committed, line.left) == (7, 3)
    served(Entitlement.objects.order_by("pk")[0])
    (here,) = queries.coverage_by_kelurahan()
    assert (here.coverage, here.government, here.citizens) == (
        Coverage(10, 7, 1),
        Coverage(10, 3, 1),
        Coverage(10, 4, 0),
    )
    total = queries.coverage_by_giver()
    assert (total.both, total.government, total.beyond) == (
        Coverage(10, 7, 1),
        Coverage(10, 3, 1),
        Coverage(0, 0, 0),
    )
    assert queries.total_coverage() == Coverage(10, 7, 1)


def test_what_a_round_brings_beyond_the_need_is_counted_apart() -> None:
    place, of = KelurahanFactory(), allotment(period(), item="bansos-sembako")
    line = NeedLineFactory(need__place=place, item=Item.objects.get(code="bansos-sembako"), reported=2)
    entitle(of, roll(row(1), row(2), row(3), place=place))
    made = door(of, place)
    assert (made.quantity, made.planned) == (2, 3)
    for each in Entitlement.objects.all():
        served(each)
    made.refresh_from_db()
    assert (made.delivered, made.state, queries.served_of(made)) == (2, "fulfilled", 3)
    total = queries.coverage_by_giver()
    assert (total.both, total.beyond) == (Coverage(2, 2, 2), Coverage(0, 1, 1))
    assert NeedLine.objects.get(pk=line.pk).delivered == 2
    assert faults() == []


def test_who_did_not_come_waits_for_another_round() -> None:
    place, of = KelurahanFactory(), allotment(period(), item="bansos-sembako")
    line = NeedLineFactory(need__place=place, item=Item.objects.get(code="bansos-sembako"), reported=10)
    entitle(of, roll(row(1), row(2), place=place))
    first = door(of, place)
    served(Entitlement.objects.order_by("pk")[0])
    assert services.close_round(round=first, by=staff("verifier"), now=NOW) == 1
    line.refresh_from_db()
    assert (line.committed, line.delivered) == (1, 1)
    with pytest.raises(NotInARound), transaction.atomic():
        served(Entitlement.objects.order_by("pk")[1])
    with pytest.raises(NotInARound), transaction.atomic():
        services.close_round(round=first, by=staff("verifier"), now=NOW)
    assert door(of, place).planned == 1
    served(Entitlement.objects.order_by("pk")[1])
    of.refresh_from_db()
    assert (of.committed, of.delivered) == (2, 2)
    assert faults() == []


def test_a_household_gets_it_once() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(row(1), place=place))
    door(of, place)
    served(Entitlement.objects.get())
    with pytest.raises(WrongState), transaction.atomic():
        served(Entitlement.objects.get())
    assert Entitlement.objects.values_list("delivered", "witness").get() == (1, "code")


def test_a_card_is_proof_at_a_site_and_not_at_a_door() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(row(1), place=place))
    made = door(of, place)
    mine = Entitlement.objects.get()
    for card_seen in (True, False):
        with pytest.raises(CodeOrCardNeeded), transaction.atomic():
            services.hand_out(entitlement=mine, card_seen=card_seen, by=staff("courier"), now=NOW)
    services.close_round(round=made, by=staff("verifier"), now=NOW)
    services.open_round(
        allotment=of,
        place=place,
        date=TODAY,
        mode=HandOutMode.PICK_UP,
        site=SiteFactory(place=place),
        by=staff("verifier"),
        now=NOW,
    )
    assert (
        services.hand_out(entitlement=mine, card_seen=True, by=staff("verifier"), now=NOW).witness == "card"
    )


def test_wrong_codes_are_counted_until_the_code_is_dead() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(row(1), place=place))
    door(of, place)
    mine = Entitlement.objects.get()
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongReceiptCode) as refused:
            services.hand_out(entitlement=mine, code="000000", by=staff("courier"), now=NOW)
        assert refused.value.details["tries_left"] == left
    for code in ("000000", mine.code):
        with pytest.raises(ReceiptCodeUsedUp):
            services.hand_out(entitlement=mine, code=code, by=staff("courier"), now=NOW)
    mine.refresh_from_db()
    assert (mine.state, mine.wrong_codes) == ("confirmed", 5)


def test_a_round_is_not_served_before_its_day() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(row(1), place=place))
    services.open_round(
        allotment=of,
        place=place,
        date=TODAY + timedelta(days=1),
        mode=HandOutMode.DOOR,
        by=staff("verifier"),
        now=NOW,
    )
    with pytest.raises(NotInARound), transaction.atomic():
        served(Entitlement.objects.get())
    assert Entitlement.objects.get().state == "confirmed"


def test_a_round_needs_somebody_a_day_and_the_right_place() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(row(1), place=place))
    site = SiteFactory(place=place)
    wrong = (
        {"date": TODAY - timedelta(days=1)},
        {"mode": HandOutMode.PICK_UP},
        {"mode": HandOutMode.DOOR, "site": site},
    )
    known = {"allotment": of, "place": place, "date": TODAY, "mode": HandOutMode.DOOR, "now": NOW}
    for change in wrong:
        with pytest.raises(RoundFault), transaction.atomic():
            services.open_round(**{**known, **change}, by=staff("verifier"))  # type: ignore[arg-type]
    with pytest.raises(NobodyHere), transaction.atomic():
        door(of, KelurahanFactory())
    with pytest.raises(NotPermitted), transaction.atomic():
        services.open_round(**known, by=staff("rw_head", place.code))  # type: ignore[arg-type]
    assert Round.objects.count() == 0


def test_periods_of_a_benefit_do_not_overlap() -> None:
    period()
    for starts, ends in ((date(2021, 7, 31), date(2021, 9, 1)), (date(2021, 9, 1), date(2021, 9, 1))):
        with pytest.raises(PeriodOverlaps), transaction.atomic():
            services.define_period(benefit="bst", starts_date=starts, ends_date=ends, by=SYSTEM, now=NOW)
    other = services.define_period(
        benefit="sembako", starts_date=date(2021, 7, 1), ends_date=date(2021, 8, 1), by=SYSTEM, now=NOW
    )
    assert AidPeriod.objects.count() == 2
    assert other.awaits_ministry


def test_only_a_government_body_allots_and_each_once() -> None:
    july = period()
    of = allotment(july)
    known = {"programme": of.programme, "period": july, "item": of.item, "units": 5, "by": SYSTEM, "now": NOW}
    with pytest.raises(NotGovernment), transaction.atomic():
        services.allot(**known, agency=PartnerFactory())  # type: ignore[arg-type]
    with pytest.raises(AllotmentTwice), transaction.atomic():
        services.allot(**known, agency=of.agency)  # type: ignore[arg-type]
    for by in (staff("verifier"), staff("coordinator", "31.71")):
        with pytest.raises(NotPermitted), transaction.atomic():
            services.allot(**{**known, "by": by}, agency=of.agency)  # type: ignore[arg-type]
    assert Allotment.objects.count() == 1


def test_the_database_itself_refuses_a_second_promise() -> None:
    july = period()
    of, other = allotment(july), allotment(july)
    entitle(of, roll(row(1)))
    mine = Entitlement.objects.get()
    mine.pk, mine.allotment = None, other
    with (
        pytest.raises(IntegrityError, match="aid_entitlement_once_per_household_and_period"),
        transaction.atomic(),
    ):
        mine.save(force_insert=True)


def test_the_database_itself_refuses_a_second_household_of_one_card() -> None:
    roll(row(1), row(2))
    first, second = Household.objects.order_by("pk")
    with pytest.raises(IntegrityError, match="aid_household_settled_once_per_card"), transaction.atomic():
        Household.objects.filter(pk=second.pk).update(kk_mark=first.kk_mark)


def test_verification_finds_what_was_changed_behind_its_back() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(row(1), place=place))
    made = door(of, place)
    served(Entitlement.objects.get())
    assert faults() == []
    Round.objects.filter(pk=made.pk).update(quantity=1, delivered=0, state="confirmed")
    assert faults() == [f"aid.round {made.pk}: delivered 0 but its households got 1 of 1"]


def test_officers_see_allotments_rounds_and_suspensions_of_their_places() -> None:
    july, place = period(), KelurahanFactory()
    theirs, ours = allotment(july, external=True), allotment(july)
    entitle(theirs, roll(row(1), source=RollSource.MINISTRY))
    entitle(ours, roll(row(1), row(2), place=place))
    made = door(ours, place)
    served(Entitlement.objects.get(allotment=ours))
    assert {each.pk: each.suspended for each in queries.allotments()} == {theirs.pk: 0, ours.pk: 1}
    (shown,) = queries.rounds_of(staff("courier", place.code))
    assert (shown, shown.households, shown.served) == (made, 1, 1)
    assert list(queries.rounds_of(staff("courier", "31.99"))) == []
    assert len(queries.suspensions_of(staff("coordinator"))) == 1
    assert list(queries.suspensions_of(staff("rw_head", "31.99"))) == []
    household = Suspension.objects.get().household
    assert [each.allotment for each in queries.history_of(household)] == [theirs]


def test_a_household_that_a_visit_found_wrong_is_suspended_and_may_appeal() -> None:
    of, listed = allotment(period()), roll(row(1))
    entitle(of, listed)
    (visit,) = services.draw_sample(roll=listed, by=staff("verifier"), now=NOW, seed=1)
    services.record_visit(visit=visit, result="moved", by=staff("verifier"), now=NOW)
    assert (standing(of), reasons(of)) == (0, {2: "visit"})
    found = Suspension.objects.get()
    services.appeal(suspension=found, ground="still-here", by=staff("rw_head"), now=NOW)
    services.decide_appeal(suspension=found, granted=True, by=staff("verifier"), now=NOW)
    assert (standing(of), faults()) == (1, [])
