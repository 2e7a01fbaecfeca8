"""Reading identity numbers and contacts; spacing and limiting of codes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.people import rules
from kolaborasi.people.rules import CodeHistory, NotANumber, NumberFault, Sex, read_kk, read_nik
from kolaborasi.places import facts
from kolaborasi.places.rules import area_by_nik_prefix

TODAY = date(2021, 7, 12)
NOW = datetime(2021, 7, 12, 3, 0, tzinfo=UTC)
PREFIXES = sorted(area.code.replace(".", "") for area in facts.indonesia_areas() if area.code.count(".") == 2)


def nik_of(prefix: str, born: date, sex: Sex, serial: int) -> str:
    day = born.day + (40 if sex == Sex.FEMALE else 0)
    return f"{prefix}{day:02d}{born:%m%y}{serial:04d}"


days = st.dates(min_value=date(1922, 1, 1), max_value=TODAY)


@given(st.sampled_from(PREFIXES), days, st.sampled_from(Sex), st.integers(1, 9999))
def test_nik_is_read_back_from_its_parts(prefix: str, born: date, sex: Sex, serial: int) -> None:
    nik = read_nik(nik_of(prefix, born, sex, serial), today=TODAY)
    assert (nik.area, nik.birth_date, nik.sex) == (prefix, born, sex)


def read_or_none(text: str, today: date) -> rules.Nik | None:
    """Any error but a refusal fails the test."""
    try:
        return read_nik(text, today=today)
    except NotANumber:
        return None


@given(st.from_regex(r"[0-9]{16}", fullmatch=True), st.dates(date(2000, 1, 1), date(2120, 1, 1)))
def test_nik_never_names_somebody_unborn_or_over_120(text: str, today: date) -> None:
    nik = read_or_none(text, today)
    assert nik is None or (nik.birth_date <= today and today.year - nik.birth_date.year <= 120)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    nik = read_or_none(text, TODAY)
    assert nik is None or len(nik.digits) == 16


def test_child_of_2015_is_born_in_2015() -> None:
    assert read_nik("3171010503150001", today=TODAY).birth_date == date(2015, 3, 5)


def test_year_of_today_is_this_century_up_to_today_and_the_last_after_it() -> None:
    assert read_nik("3171011207210001", today=TODAY).birth_date == date(2021, 7, 12)
    assert read_nik("3171011307210001", today=TODAY).birth_date == date(1921, 7, 13)


def test_century_moves_with_today() -> None:
    assert read_nik("3171011307210001", today=date(2021, 7, 13)).birth_date == date(2021, 7, 13)


def test_jakarta_cities_are_in_kemendagri_order() -> None:
    cities = {}
    for prefix in ("317101", "317201", "317301", "317401", "317501", "310101"):
        nik = read_nik(f"{prefix}0101900001", today=TODAY)
        area = area_by_nik_prefix(nik.area)
        cities[prefix[:4]] = area.regency if area else None
    words = ("Pusat", "Utara", "Barat", "Selatan", "Timur", "Seribu")
    assert list(cities) == ["3171", "3172", "3173", "3174", "3175", "3101"]
    assert all(word in str(name) for word, name in zip(words, cities.values(), strict=True))


def test_all_514_regencies_of_today_are_accepted() -> None:
    regencies = {
        area.code.replace(".", "")
        for area in facts.indonesia_areas()
        if area.code.count(".") == 1 and area.current
    }
    assert len(regencies) == 514
    read = {read_nik(f"{code}010101900001"[:16], today=TODAY).area[:4] for code in regencies}
    assert read == regencies


def test_woman_has_forty_added_to_the_day() -> None:
    assert read_nik("3171017112900001", today=TODAY) == rules.Nik(
        "3171017112900001", "317101", date(1990, 12, 31), Sex.FEMALE
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("317101010190001", NumberFault.LENGTH),
        ("31710101019000011", NumberFault.LENGTH),
        ("317101010190000A", NumberFault.LENGTH),
        ("٣١٧١٠١٠١٠١٩٠٠٠٠١", NumberFault.LENGTH),
        ("0071010101900001", NumberFault.AREA),
        ("3171010001900001", NumberFault.DAY),
        ("3171013201900001", NumberFault.DAY),
        ("3171014001900001", NumberFault.DAY),
        ("3171017201900001", NumberFault.DAY),
        ("3171010113900001", NumberFault.DAY),
        ("3171013002900001", NumberFault.DAY),
        ("3171012902150001", NumberFault.DAY),
        ("3171010101900000", NumberFault.SERIAL),
    ],
)
def test_nik_that_cannot_be_one_is_refused_with_the_reason(text: str, fault: NumberFault) -> None:
    with pytest.raises(NotANumber) as refusal:
        read_nik(text, today=TODAY)
    assert refusal.value.fault == fault


def test_nik_is_read_with_spaces_dots_and_dashes() -> None:
    assert read_nik(" 317101.010190-0001 ", today=TODAY).digits == "3171010101900001"


def test_nik_of_an_injected_area_table_is_refused_where_the_table_has_no_area() -> None:
    with pytest.raises(NotANumber) as refusal:
        read_nik("3171010101900001", today=TODAY, area=lambda prefix: None)
    assert refusal.value.fault == NumberFault.AREA


def test_29_february_1900_does_not_exist_and_2000_does() -> None:
    assert read_nik("3171012902000001", today=TODAY).birth_date == date(2000, 2, 29)
    with pytest.raises(NotANumber):
        read_nik("3171012902000001", today=date(1999, 1, 1))


def test_kk_says_when_it_was_issued_and_knows_no_forty() -> None:
    assert read_kk("3171011506190007", today=TODAY).issued_date == date(2019, 6, 15)
    with pytest.raises(NotANumber) as refusal:
        read_kk("3171015506190007", today=TODAY)
    assert refusal.value.fault == NumberFault.DAY


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+62 (812) 3456.7890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("+62 0812 3456 7890", "+6281234567890"),
        ("021 555 0100", "+62215550100"),
        ("+1 202 555 0100", "+12025550100"),
    ],
)
def test_phone_is_brought_into_e164(typed: str, stored: str) -> None:
    assert rules.normal_phone(typed) == stored


@pytest.mark.parametrize("typed", ["", "0812", "abc", "0812345678901234", "+0812345678", "08 12x 4567 890"])
def test_phone_that_cannot_ring_is_refused(typed: str) -> None:
    with pytest.raises(rules.NotAnAddress):
        rules.normal_phone(typed)


@given(
    st.from_regex(r"8[1-9][0-9]{7,9}", fullmatch=True), st.sampled_from(["0", "+62", "62", "0062", "+62 0"])
)
def test_every_way_of_writing_a_mobile_number_gives_the_same(number: str, prefix: str) -> None:
    assert rules.normal_phone(prefix + number) == f"+62{number}"
    assert rules.normal_phone(rules.normal_phone(prefix + number)) == f"+62{number}"


def test_email_is_lower_cased() -> None:
    assert rules.normal_email("  Warga@Contoh.Example ") == "warga@contoh.example"


@pytest.mark.parametrize("typed", ["", "warga", "warga@", "warga@contoh example"])
def test_email_that_cannot_be_one_is_refused(typed: str) -> None:
    with pytest.raises(rules.NotAnAddress):
        rules.normal_email(typed)


def test_first_code_opens_a_window() -> None:
    assert rules.next_code(None, NOW) == CodeHistory(NOW, NOW, NOW + rules.CODE_LIFE, 0)


def test_second_code_waits_a_minute_and_gives_no_new_tries() -> None:
    history = CodeHistory(NOW, NOW, NOW + rules.CODE_LIFE, 7)
    assert rules.next_code(history, NOW + timedelta(seconds=59)) is None
    later = NOW + timedelta(seconds=60)
    assert rules.next_code(history, later) == CodeHistory(NOW, later, later + rules.CODE_LIFE, 7)


def test_used_up_tries_come_back_after_a_day() -> None:
    history = CodeHistory(NOW, NOW, NOW + rules.CODE_LIFE, rules.MOST_ATTEMPTS)
    assert rules.next_code(history, NOW + timedelta(hours=23, minutes=59)) is None
    fresh = rules.next_code(history, NOW + timedelta(hours=24))
    assert fresh is not None
    assert fresh.attempts == 0


@given(st.lists(st.sampled_from(["ask", "try", "wait"]), max_size=60))
def test_no_sequence_of_asking_gives_more_than_ten_tries_a_day(steps: list[str]) -> None:
    now, history, tries = NOW, None, 0
    for step in steps:
        if step == "ask":
            history = rules.next_code(history, now) or history
        elif step == "wait":
            now += timedelta(minutes=10)
        elif history is not None and rules.may_try(history, now):
            tries += 1
            history = CodeHistory(
                history.window_started_at, history.sent_at, history.expires_at, history.attempts + 1
            )
    assert tries <= rules.MOST_ATTEMPTS or now - NOW >= rules.ATTEMPT_WINDOW


def test_code_cannot_be_tried_at_its_end() -> None:
    history = CodeHistory(NOW, NOW, NOW + rules.CODE_LIFE, 0)
    assert rules.may_try(history, NOW + rules.CODE_LIFE - timedelta(seconds=1))
    assert not rules.may_try(history, NOW + rules.CODE_LIFE)
