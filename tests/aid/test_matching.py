"""Names, keys and scores by which one household is known on two lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.aid.matching.keys import keys_of, shortened
from kolaborasi.aid.matching.names import sounds_of, words_of
from kolaborasi.aid.matching.scoring import CHANCES, Level, Listed, Verdict, compare, name_level
from tests.aid.lists import Copy, population, second_list

NUMBERS = st.text("0123456789", min_size=16, max_size=16)
BORN = date(1980, 5, 17)
ONE = Listed("3171011705800001", "3171010101100012", "Siti Aminah Contoh", BORN, "31.71.01.1001")


@given(NUMBERS, st.integers(0, 15), st.sampled_from("0123456789"))
def test_a_wrong_digit_leaves_a_shortened_form_in_common(number: str, at: int, digit: str) -> None:
    typed = number[:at] + digit + number[at + 1 :]
    assert set(shortened(number)) & set(shortened(typed))


@given(NUMBERS, st.integers(0, 14))
def test_swapped_neighbours_leave_a_shortened_form_in_common(number: str, at: int) -> None:
    typed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert set(shortened(number)) & set(shortened(typed))


@given(NUMBERS, st.integers(0, 15))
def test_a_missing_digit_is_itself_a_shortened_form(number: str, at: int) -> None:
    assert number[:at] + number[at + 1 :] in shortened(number)


def test_numbers_two_slips_apart_share_no_form() -> None:
    assert not set(shortened("3171011705800001")) & set(shortened("3174011705800091"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Soekarno", "Sukarno"),
        ("Tjahyono", "Cahyono"),
        ("Djoko", "Joko"),
        ("Achmad", "Ahmad"),
        ("Fatimah", "Patima"),
        ("Syarifah", "Sarifah"),
        ("Muh. Yusuf", "Mochamad Jusup"),
        ("Hj. Siti Aminah, S.Pd.", "Siti Aminah"),
        ("Aminah Siti", "Siti Aminah"),
        ("Ahmad bin Hasan", "Ahmad Hasan"),
        ("Nu'man", "Numan"),
    ],
)
def test_spellings_of_one_name_sound_the_same(one: str, other: str) -> None:
    assert sounds_of(one) == sounds_of(other)


def test_a_name_of_titles_alone_is_kept() -> None:
    assert words_of("Haji") == ("haji",)


def test_a_name_without_letters_has_no_words() -> None:
    assert (words_of("…"), sounds_of("")) == ((), ())


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Siti Aminah", "Ibu Siti Aminah", Level.EQUAL),
        ("Sulastri Wibowo", "Sulastry Wibawo", Level.EQUAL),
        ("Bambang Santoso", "Bambang Santosa Putra", Level.FAR),
        ("Siti Aminah", "Aminah", Level.FAR),
        ("Siti Aminah", "Bambang Santoso", Level.OTHER),
        ("", "Siti Aminah", Level.UNKNOWN),
    ],
)
def test_names_agree_to_a_level(one: str, other: str, level: Level) -> None:
    assert name_level(one, other) == level


def test_keys_are_those_of_both_numbers_and_of_each_telling_word() -> None:
    keys = keys_of(nik="3171011705800001", kk="", name="Muhammad Siti Aminah Contoh", birth_date=BORN)
    assert [key for key in keys if key.startswith("name")] == ["name-amn-19800517", "name-cnt-19800517"]
    assert {key[:4] for key in keys} == {"nik-", "name"}
    assert len(keys) == 2 + len(shortened("3171011705800001"))


def test_no_name_key_without_a_birth_date() -> None:
    assert keys_of(nik="", kk="", name="Siti Aminah", birth_date=None) == []


def other(**changes: object) -> Listed:
    return Listed(**{**vars(ONE), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (ONE, Verdict.SAME),
        (other(name="Ibu Siti Aminah Tjontoh"), Verdict.SAME),
        (other(nik="3171011705800010", place="31.71.02.1003"), Verdict.SAME),
        (other(kk="3171011301180003"), Verdict.SAME),
        (other(name="Bambang Santoso"), Verdict.REVIEW),
        (other(nik="3174092208650002", name="Bambang Santoso"), Verdict.REVIEW),
        (other(nik="3171011705800002", kk="3171011301180003", name="Dewi Aminah Contoh"), Verdict.REVIEW),
        (other(nik="3171011705800002", kk="3171011301180003", name="Bambang Santoso"), Verdict.DIFFERENT),
        (other(nik="3174092208650002", kk="3174090202150007"), Verdict.DIFFERENT),
    ],
    ids=[
        "equal",
        "spelling",
        "digits swapped and moved",
        "card renewed",
        "same numbers, other name",
        "same card, other person",
        "twin in the same kelurahan",
        "neighbouring serial number",
        "namesake",
    ],
)
def test_verdict_follows_what_agrees(record: Listed, verdict: Verdict) -> None:
    record = record if record.nik == ONE.nik else Listed(**{**vars(record), "birth_date": None})
    assert compare(ONE, record).verdict == verdict
    assert compare(record, ONE).verdict == verdict


@pytest.mark.parametrize("field", CHANCES)
def test_what_clerks_do_adds_up_to_all_they_do(field: str) -> None:
    assert sum(m for m, _u in CHANCES[field].values()) == pytest.approx(1)


@dataclass
class Measured:
    """Of pairs judged to be one: how many are; of doubles: how many were found."""

    precision: float
    recall: float
    recall_with_review: float
    reviews_per_hundred: float


def measured(known: list[Listed], listed: list[Copy]) -> Measured:
    """Judge a second list against a registry as the screening does: candidates by keys, the best one decides."""
    holders: dict[str, list[int]] = defaultdict(list)
    for at, record in enumerate(known):
        for key in keys_of(nik=record.nik, kk=record.kk, name=record.name, birth_date=record.birth_date):
            holders[key].append(at)
    right = wrong = found = looked_at = in_review = doubles = 0
    for copy in listed:
        record = copy.record
        keys = keys_of(nik=record.nik, kk=record.kk, name=record.name, birth_date=record.birth_date)
        candidates = {at for key in keys for at in holders.get(key, ())}
        judged = [(compare(record, known[at]), at) for at in sorted(candidates)]
        best = max(judged, key=lambda each: each[0].score, default=None)
        verdict = best[0].verdict if best else Verdict.DIFFERENT
        doubles += copy.of is not None
        if verdict == Verdict.SAME and best:
            right += best[1] == copy.of
            wrong += best[1] != copy.of
        waits = [at for comparison, at in judged if comparison.verdict == Verdict.REVIEW]
        looked_at += verdict == Verdict.REVIEW
        in_review += verdict == Verdict.REVIEW and copy.of in waits
        found += verdict == Verdict.SAME and best is not None and best[1] == copy.of
    return Measured(
        right / (right + wrong), found / doubles, (found + in_review) / doubles, 100 * looked_at / len(listed)
    )


def test_doubles_of_a_generated_list_are_found_and_strangers_are_left_alone() -> None:
    known = population(6_000)
    listed = second_list(known, doubles=1_000, news=1_000)
    result = measured(known, listed)
    assert result.precision >= 0.999
    assert result.recall >= 0.97
    assert result.recall_with_review >= 0.995
    assert result.reviews_per_hundred <= 3
