"""Lists of households: taken in, screened against all before them, reviewed, visited, renewed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from kolaborasi.aid import facts, queries, services
from kolaborasi.aid.errors import NumberTaken, SampleNotVisited
from kolaborasi.aid.models import (
    Household,
    HouseholdKey,
    Resemblance,
    Roll,
    RollEntry,
    RollSource,
    Visit,
)
from kolaborasi.aid.roll_files import RollFile, read_roll
from kolaborasi.aid.services import RollReport
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Conflict, NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.people.models import Person
from kolaborasi.people.services import LookReason, erase, look
from kolaborasi.places.errors import BrokenRows, UnreadableFile
from kolaborasi.places.models import Figure, Place
from tests.conftest import NOW
from tests.factories import TODAY, KelurahanFactory, NeedFactory, staff
from tests.factories import person as registered

SYSTEM = Actor.system("test")
ONE = ("3171011705800001", "3171010101100012", "Siti Aminah Contoh", 4, "income")
TWO = ("3171025505750003", "3171021203120004", "Bambang Santoso", 5, "isolation")
THREE = ("3171036010900002", "3171031506150009", "Dewi Lestari", 2, "illness")
Row = tuple[str, str, str, int, str]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programmes() -> Iterator[None]:
    facts.load_programmes()
    with translation.override("en"):
        yield


def file(*rows: Row, extra: str = "") -> RollFile:
    text = StringIO()
    text.write(f"NIK,No KK,Nama,Jiwa,Alasan{extra}\n")
    text.writelines(",".join(map(str, row)) + "\n" for row in rows)
    return read_roll(text.getvalue().encode(), name="daftar.csv", today=TODAY)


def load(*rows: Row, place: Place | None = None, programme: str = "pangan", **changes: Any) -> RollReport:
    known: dict[str, Any] = {
        "programme": queries.programme(programme),
        "source": RollSource.RW,
        "place": place or KelurahanFactory(),
        "as_of_date": TODAY,
        "file": file(*rows),
        "by": SYSTEM,
        "now": NOW,
    }
    return services.register_roll(**{**known, **changes})


def counts(report: RollReport) -> tuple[int, int, int]:
    return report.new, report.known, report.waiting


def states(roll: Roll) -> list[str]:
    return list(RollEntry.objects.filter(roll=roll).order_by("line").values_list("state", flat=True))


def identity(household: Household) -> dict[str, str]:
    fields = ("nik", "kk", "name")
    verifier = staff("verifier")
    return look(person=household.head, fields=fields, by=verifier, now=NOW, reason=LookReason.VERIFICATION)


def test_a_list_becomes_households_that_nothing_but_their_key_opens() -> None:
    report = load(ONE, TWO)
    assert counts(report) == (2, 0, 0)
    assert states(report.roll) == ["listed", "listed"]
    first = Household.objects.order_by("pk")[0]
    assert identity(first) == {"nik": ONE[0], "kk": ONE[1], "name": ONE[2]}
    stored = Person.objects.values_list("name", "nik", "kk")
    assert not any(plain.encode() in bytes(value) for row in stored for value in row for plain in ONE[:3])
    assert HouseholdKey.objects.filter(household=first).count() > 25
    entry = RollEntry.objects.get(line=2)
    assert (entry.size, entry.hardship, entry.valid_until_date) == (4, "income", TODAY + timedelta(days=30))


def test_nothing_personal_is_told_of_a_list() -> None:
    load(ONE)
    told = "".join(str(entry.detail) + entry.subject_id for entry in AuditEntry.objects.all())
    assert not any(value in told for value in (*ONE[:3], "Aminah"))


def test_the_same_household_of_another_programme_period_and_source_is_one() -> None:
    load(ONE)
    report = load(ONE, programme="umkm", source=RollSource.MINISTRY, as_of_date=TODAY - timedelta(days=40))
    assert counts(report) == (0, 1, 0)
    assert (Household.objects.count(), RollEntry.objects.count(), Person.objects.count()) == (1, 2, 1)
    assert queries.double_listed(report.roll).count() == 1


SWAPPED = ("3171011705800010", ONE[1], "Ibu Siti Aminah Tjontoh", 4, "income")


def test_a_household_with_swapped_digits_and_another_spelling_is_known_and_what_was_written_is_kept() -> None:
    place = KelurahanFactory()
    load(ONE, place=place)
    report = load(SWAPPED, place=place)
    assert counts(report) == (0, 1, 0)
    kept, copy = Household.objects.order_by("pk")
    assert (copy.state, copy.same_as_id) == ("merged", kept.pk)
    assert identity(copy)["nik"] == SWAPPED[0]
    assert RollEntry.objects.get(roll=report.roll).household == kept
    assert counts(load(SWAPPED, place=place)) == (0, 1, 0)


TWIN = ("3171011705800002", "3171011301180003", "Dewi Aminah Contoh", 3, "income")


def waiting_twin() -> tuple[Resemblance, RollReport]:
    place = KelurahanFactory()
    load(ONE, place=place)
    report = load(TWIN, place=place)
    assert counts(report) == (0, 0, 1)
    assert states(report.roll) == ["review"]
    return Resemblance.objects.get(), report


def test_a_twin_waits_for_a_person_and_the_levels_are_shown() -> None:
    pair, report = waiting_twin()
    assert pair.levels == {"nik": "close", "kk": "other", "name": "close", "place": "equal"}
    verifier = staff("verifier", report.roll.place.code)
    assert list(queries.resemblances_waiting(verifier)) == [pair]
    assert list(queries.resemblances_waiting(staff("verifier", "31.99"))) == []


def test_a_twin_that_is_another_household_counts_from_then_on() -> None:
    pair, _report = waiting_twin()
    entry = services.keep_apart(resemblance=pair, by=staff("verifier"), now=NOW)
    assert (entry.state, entry.household.state) == ("listed", "settled")
    with pytest.raises(WrongState), transaction.atomic():
        services.merge_households(resemblance=pair, by=staff("verifier"), now=NOW)
    assert Household.objects.filter(state="settled").count() == 2


def test_a_twin_that_is_the_same_household_is_listed_under_it() -> None:
    pair, _report = waiting_twin()
    entry = services.merge_households(resemblance=pair, by=staff("verifier"), now=NOW)
    kept, copy = Household.objects.order_by("pk")
    assert (entry.state, entry.household, copy.state, copy.same_as) == ("listed", kept, "merged", kept)
    assert counts(load(TWIN)) == (0, 1, 0)


def test_a_pair_is_decided_by_a_verifier_of_the_place_alone() -> None:
    pair, report = waiting_twin()
    for by in (staff("rw_head", report.roll.place.code), staff("verifier", "31.99"), Actor.visitor()):
        with pytest.raises(NotPermitted), transaction.atomic():
            services.merge_households(resemblance=pair, by=by, now=NOW)
        with pytest.raises(NotPermitted), transaction.atomic():
            services.keep_apart(resemblance=pair, by=by, now=NOW)
    pair.refresh_from_db()
    assert pair.state == "open"


def test_the_same_nik_under_another_name_waits_and_cannot_be_kept_apart_before_it_is_corrected() -> None:
    load(ONE)
    report = load((ONE[0], TWO[1], "Bambang Santoso", 5, "income"))
    assert counts(report) == (0, 0, 1)
    pair = Resemblance.objects.get()
    with pytest.raises(NumberTaken), transaction.atomic():
        services.keep_apart(resemblance=pair, by=staff("verifier"), now=NOW)
    assert states(report.roll) == ["review"]
    services.correct_household(household=pair.entry.household, nik=TWO[0], by=staff("coordinator"), now=NOW)
    entry = services.keep_apart(resemblance=pair, by=staff("verifier"), now=NOW)
    assert entry.state == "listed"
    assert identity(entry.household)["nik"] == TWO[0]
    assert counts(load(TWO)) == (0, 1, 0)


def test_the_same_family_card_under_another_person_waits() -> None:
    load(ONE)
    report = load((TWO[0], ONE[1], "Bambang Santoso", 5, "income"))
    assert counts(report) == (0, 0, 1)
    with pytest.raises(NumberTaken), transaction.atomic():
        services.keep_apart(resemblance=Resemblance.objects.get(), by=staff("verifier"), now=NOW)
    assert Household.objects.filter(state="settled").count() == 1


def test_two_rows_of_one_list_that_look_alike_wait_too() -> None:
    report = load(ONE, SWAPPED[:1] + (TWO[1],) + SWAPPED[2:])
    assert counts(report) == (1, 0, 1)
    assert states(report.roll) == ["listed", "review"]


def test_a_person_known_from_elsewhere_is_not_made_twice() -> None:
    known = registered(name=ONE[2], nik=ONE[0])
    load(ONE)
    assert list(Household.objects.values_list("head_id", flat=True)) == [known.pk]
    assert Person.objects.count() == 1


def test_a_nik_registered_under_another_name_is_a_broken_row() -> None:
    registered(name="Bambang Santoso", nik=ONE[0])
    with pytest.raises(BrokenRows, match="1 of 1") as broken:
        load(ONE)
    assert "registered under another name" in str(broken.value.problems[0])
    assert Household.objects.count() == 0


BROKEN = (
    ("31710117058000", ONE[1], "Siti", 4, "income"),
    ("3171014013800001", ONE[1], "Siti", 4, "income"),
    ("9971011705800001", "3171010101100013", "Siti", 4, "income"),
    (ONE[0], "3171013201100012", "Siti", 4, "income"),
    (ONE[0], ONE[1], "123", 4, "income"),
    (ONE[0], ONE[1], "Siti", 0, "income"),
    (ONE[0], ONE[1], "Siti", 4, "greed"),
)


@pytest.mark.parametrize("row", BROKEN)
def test_a_row_that_cannot_be_is_told_and_nothing_is_loaded(row: Row) -> None:
    with pytest.raises(BrokenRows) as broken:
        load(TWO, row)
    (problem,) = {problem.line for problem in broken.value.problems}
    assert problem == 3
    assert not any(value in str(broken.value.details) for value in row[:2] if len(value) > 4)
    assert (Household.objects.count(), Roll.objects.count(), Person.objects.count()) == (0, 0, 0)


def test_the_sound_rows_are_loaded_when_they_alone_are_wanted() -> None:
    report = load(TWO, BROKEN[0], THREE, skip_bad=True)
    assert (counts(report), report.roll.rows, report.roll.skipped) == ((2, 0, 0), 3, 1)
    assert [problem.line for problem in report.skipped] == [3]


def test_a_number_twice_in_a_list_is_a_broken_row() -> None:
    with pytest.raises(BrokenRows) as broken:
        load(ONE, TWO, ONE)
    assert {(each.line, each.column) for each in broken.value.problems} == {(4, "nik"), (4, "kk")}


def test_a_known_household_twice_in_a_list_is_a_broken_row() -> None:
    place = KelurahanFactory()
    load(ONE, place=place)
    other = ("3171011705800010", "3171010101100021", ONE[2], 4, "income")
    with pytest.raises(BrokenRows, match="1 of 2"):
        load(ONE, other, place=place)
    assert Roll.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "headings"),
        (b"nama,jiwa\nSiti,4\n", "headings"),
        (b"NIK,No KK,Nama,Jiwa,Alasan\n", "no household"),
    ],
)
def test_a_file_that_is_no_list_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told):
        read_roll(content, name="x.csv", today=TODAY)


def test_a_number_that_a_spreadsheet_spoilt_is_told() -> None:
    found = read_roll(
        f"NIK;No KK;Nama;Jiwa;Alasan\n3,17101E+15;{ONE[1]};Siti;4;isoman\n".encode(),
        name="x.csv",
        today=TODAY,
    )
    assert [problem.column for problem in found.problems] == ["nik"]


def test_a_list_with_more_households_than_live_in_the_place_is_held_back() -> None:
    place = KelurahanFactory()
    Figure.objects.create(place=place, series="households.total", date=TODAY, value=1, source="test")
    roll = load(ONE, TWO, place=place).roll
    assert (roll.state, roll.households_here) == ("held-back", 1)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.accept_roll(roll=roll, by=staff("rw_head", place.code), now=NOW)
    assert services.accept_roll(roll=roll, by=staff("verifier"), now=NOW).state == "listed"


def test_an_rw_is_measured_by_its_verified_need_before_its_kelurahan() -> None:
    kelurahan = KelurahanFactory()
    Figure.objects.create(place=kelurahan, series="households.total", date=TODAY, value=900, source="test")
    rw = Place.objects.create(
        kind="rw", code=f"{kelurahan.code}/004", name="RW 004", search_name="rw 004", parent=kelurahan
    )
    assert queries.households_of(rw) == 900
    NeedFactory(place=rw, households=30, people=120)
    assert queries.households_of(rw) == 30


@pytest.mark.parametrize(
    ("source", "role", "allowed"),
    [
        ("rw", "rw_head", True),
        ("ministry", "rw_head", False),
        ("ministry", "coordinator", True),
        ("rw", "partner_member", False),
    ],
)
def test_who_may_hand_in_which_list(source: str, role: str, allowed: bool) -> None:
    place = KelurahanFactory()
    by = staff(role, place.code)
    if allowed:
        assert counts(load(ONE, place=place, source=RollSource(source), by=by)) == (1, 0, 0)
        return
    with pytest.raises(NotPermitted):
        load(ONE, place=place, source=RollSource(source), by=by)
    assert Roll.objects.count() == 0


def households(number: int) -> Sequence[Row]:
    return [
        (
            f"317101{1 + n % 28:02}0{1 + n % 9}80{n + 1:04}",
            f"317102{1 + n % 28:02}0{1 + n % 9}10{n + 1:04}",
            f"Warga {'abcdefghijklmnopqrstuvwxyz'[n % 26] * 3}",
            3,
            "income",
        )
        for n in range(number)
    ]


def sampled(number: int = 30) -> tuple[Roll, list[Visit]]:
    report = load(*households(number))
    roll = report.roll
    for pair in Resemblance.objects.filter(state="open"):
        services.keep_apart(resemblance=pair, by=staff("verifier"), now=NOW)
    return roll, services.draw_sample(roll=roll, by=staff("verifier"), now=NOW, seed=7)


def test_a_sample_is_drawn_once_and_its_seed_is_kept() -> None:
    roll, visits = sampled()
    roll.refresh_from_db()
    assert (len(visits), roll.sample_seed) == (24, 7)
    with pytest.raises(Conflict), transaction.atomic():
        services.draw_sample(roll=roll, by=staff("verifier"), now=NOW)
    assert Visit.objects.count() == 24


def test_a_sound_list_is_verified_once_all_were_visited() -> None:
    roll, visits = sampled()
    by = staff("verifier")
    for visit in visits[1:]:
        services.record_visit(visit=visit, result="confirmed", by=by, now=NOW)
    services.record_visit(visit=visits[0], result="absent", by=by, now=NOW)
    with pytest.raises(SampleNotVisited, match="1"), transaction.atomic():
        services.judge_roll(roll=roll, by=by, now=NOW)
    services.record_visit(visit=visits[0], result="moved", by=by, now=NOW)
    assert services.judge_roll(roll=roll, by=by, now=NOW).state == "verified"
    assert states(roll).count("removed") == 1
    with pytest.raises(Conflict), transaction.atomic():
        services.record_visit(visit=visits[0], result="confirmed", by=by, now=NOW)


def test_an_unsound_list_goes_back_before_all_were_visited() -> None:
    roll, visits = sampled()
    for visit in visits[:8]:
        services.record_visit(visit=visit, result="not-in-need", by=staff("verifier"), now=NOW)
    assert services.judge_roll(roll=roll, by=staff("verifier"), now=NOW).state == "returned"
    assert set(states(roll)) == {"removed"}


def test_a_household_leaves_its_list_unless_it_is_renewed() -> None:
    roll = load(ONE, TWO).roll
    later = NOW + timedelta(days=30)
    first, second = RollEntry.objects.order_by("line")
    assert len(queries.entries_due(staff("rw_head", roll.place.code), until=TODAY + timedelta(days=30))) == 2
    assert services.renew_entries(entries=[first], by=staff("rw_head", roll.place.code), now=later) == 1
    assert services.lapse_entries(by=SYSTEM, now=later) == 1
    assert states(roll) == ["listed", "lapsed"]
    assert services.lapse_entries(by=SYSTEM, now=later) == 0
    assert services.renew_entries(entries=[second], by=staff("verifier"), now=later) == 1
    assert states(roll) == ["listed", "listed"]
    with pytest.raises(NotPermitted), transaction.atomic():
        services.renew_entries(entries=[second], by=staff("rw_head", "31.99"), now=later)


def test_an_erased_head_takes_marks_and_keys_along() -> None:
    roll = load(ONE, TWO).roll
    first = Household.objects.order_by("pk")[0]
    erase(person=first.head, by=SYSTEM, now=NOW)
    assert services.forget_erased(by=SYSTEM, now=NOW) == 1
    assert services.forget_erased(by=SYSTEM, now=NOW) == 0
    first.refresh_from_db()
    assert (first.nik_mark, first.kk_mark) == (None, None)
    assert HouseholdKey.objects.filter(household=first).count() == 0
    assert states(roll) == ["removed", "listed"]


def test_vulnerability_is_shown_with_its_parts() -> None:
    load(TWO)
    entry = RollEntry.objects.select_related("roll").get()
    score = queries.vulnerability_of(entry, today=TODAY + timedelta(days=14))
    assert {part.code: part.points for part in score.parts if part.points} == {
        "hardship": 30,
        "size": 3,
        "waiting": 7,
    }
