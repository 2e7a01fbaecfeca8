"""Sub-programmes as data: seven are there, a new one is a file, each asks its own questions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kolaborasi.aid import facts, queries, services
from kolaborasi.aid.errors import AnswersRefused, NotInCatalogue, ProgrammeClosed, ProgrammeRefused
from kolaborasi.aid.models import Cause, Need, Programme
from kolaborasi.aid.programme_files import read_programmes
from kolaborasi.aid.rules import LineWish
from kolaborasi.aid.rules.programmes import AnswerFault, NeedField, ProgrammeDefinition, wrong_answers
from kolaborasi.aid.rules.samples import RollVerdict, drawn, roll_verdict, sample_size, share_interval
from kolaborasi.aid.rules.vulnerability import Score, household_score, need_score
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.places.errors import UnreadableFile
from tests.conftest import NOW
from tests.factories import TODAY, KelurahanFactory, NeedLineFactory, staff

SYSTEM = Actor.system("test")
NEW = """
[[programme]]
code = "air-bersih"
name_id = "Air bersih"
name_en = "Clean water"
aim_id = "Kampung mendapat air bersih."
aim_en = "Kampung get clean water."
agency = "PAM Contoh"
items = ["sembako"]
source = "test"
need_form = [{ code = "taps", label_id = "Keran", label_en = "Taps", kind = "number", least = 1 }]
indicators = [{ code = "taps", label_id = "Keran", label_en = "Taps", measure = "answer", field = "taps" }]
"""


def ask(programme: Programme, item: str, **answers: object) -> Need:
    place = KelurahanFactory()
    return services.register_need(
        place=place,
        cause=Cause.INCOME,
        households=10,
        people=40,
        lines=[LineWish(item, 10, TODAY + timedelta(days=7))],
        programme=programme,
        answers=answers,
        by=staff("rw_head", place.code),
        now=NOW,
    )


@pytest.mark.django_db
def test_the_seven_programmes_of_the_city_are_whole_and_load_twice() -> None:
    assert facts.load_programmes() == 7
    assert facts.load_programmes() == 7
    assert [each.code for each in queries.programmes()] == [
        *("pangan", "isolasi", "umkm", "pendidikan", "permukiman", "persampahan", "ketenagakerjaan")
    ]
    for each in queries.programmes():
        assert len(queries.catalogue(each)) == len(each.items.all()) > 0
        assert len(queries.indicator_values(each)) == len(each.indicators) > 0
    umkm = queries.programme("umkm")
    assert [field.code for field in queries.need_form(umkm)] == ["businesses", "trade", "online"]
    assert [item.code for item in queries.catalogue(umkm)] == ["umkm-sarana", "umkm-modal", "umkm-pelatihan"]


@pytest.mark.django_db
def test_a_new_programme_is_a_file(tmp_path: Path) -> None:
    facts.load_items()
    path = tmp_path / "new.toml"
    path.write_text(NEW)
    (definition,) = read_programmes(path)
    made = services.define_programme(definition=definition, by=SYSTEM, now=NOW)
    need = ask(made, "sembako", taps=3)
    assert need.answers == {"taps": 3}
    services.verify_need(need=need, by=staff("verifier"), now=NOW)
    assert [each.value for each in queries.indicator_values(made)] == [3]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('kind = "number", least = 1', 'kind = "essay"'), "programme[1].need_form.0.kind"),
        (('field = "taps"', 'field = "wells"'), "adds up wells, which is no number"),
        (('code = "air-bersih"', 'code = "Air Bersih"'), "programme[1].code"),
        (('items = ["sembako"]', "items = []"), "programme[1].items"),
        (('source = "test"', 'source = "test"\nbudget = 5'), "programme[1].budget"),
    ],
)
def test_a_definition_that_is_not_whole_says_where(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    path = tmp_path / "new.toml"
    path.write_text(NEW.replace(*change))
    with pytest.raises(ProgrammeRefused) as refused:
        read_programmes(path)
    assert told in str(refused.value.details["faults"])


@pytest.mark.parametrize("text", ["not toml [", "title = 'nothing'", "programme = []"])
def test_a_file_without_programmes_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "new.toml"
    path.write_text(text)
    with pytest.raises(UnreadableFile):
        read_programmes(path)


@pytest.mark.django_db
def test_only_the_city_defines_and_closes_programmes() -> None:
    facts.load_programmes()
    definition = facts.definitions()[0].model_copy(update={"code": "new"})
    for by in (staff("verifier"), staff("coordinator", "31.71"), Actor.visitor()):
        with pytest.raises(NotPermitted):
            services.define_programme(definition=definition, by=by, now=NOW)
        with pytest.raises(NotPermitted):
            services.close_programme(programme=Programme.objects.all()[0], by=by, now=NOW)
    assert Programme.objects.filter(closed=False).count() == 7


@pytest.mark.django_db
def test_an_unknown_item_leaves_no_programme_behind() -> None:
    definition = facts.definitions()[0]
    with pytest.raises(ProgrammeRefused, match="sembako"):
        services.define_programme(definition=definition, by=SYSTEM, now=NOW)
    assert Programme.objects.count() == 0


@pytest.mark.django_db
def test_a_need_keeps_its_answers_and_nothing_else() -> None:
    facts.load_programmes()
    umkm = queries.programme("umkm")
    need = ask(umkm, "umkm-sarana", businesses=12, trade="food", online="")
    assert Need.objects.values_list("programme__code", "answers").get(pk=need.pk) == (
        "umkm",
        {"businesses": 12, "trade": "food"},
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"trade": "food"}, {"businesses": "missing"}),
        ({"businesses": 0, "trade": "food"}, {"businesses": "too-small"}),
        ({"businesses": 100_001, "trade": "food"}, {"businesses": "too-large"}),
        ({"businesses": "12", "trade": "food"}, {"businesses": "no-number"}),
        ({"businesses": True, "trade": "food"}, {"businesses": "no-number"}),
        ({"businesses": 1, "trade": "gold"}, {"trade": "no-option"}),
        ({"businesses": 1, "trade": "food", "online": "yes"}, {"online": "not-yes-or-no"}),
        ({"businesses": 1, "trade": "food", "owner": "Warga Contoh"}, {"owner": "not-asked"}),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_is_kept(
    answers: dict[str, object], fault: dict[str, str]
) -> None:
    facts.load_programmes()
    with pytest.raises(AnswersRefused) as refused:
        ask(queries.programme("umkm"), "umkm-sarana", **answers)
    assert refused.value.details["answers"] == fault
    assert Need.objects.count() == 0


@pytest.mark.django_db
def test_an_item_of_another_programme_is_refused() -> None:
    facts.load_programmes()
    with pytest.raises(NotInCatalogue, match="sembako"):
        ask(queries.programme("umkm"), "sembako", businesses=1, trade="food")
    assert Need.objects.count() == 0


@pytest.mark.django_db
def test_a_closed_programme_takes_no_need() -> None:
    facts.load_programmes()
    umkm = services.close_programme(programme=queries.programme("umkm"), by=SYSTEM, now=NOW)
    with pytest.raises(ProgrammeClosed):
        ask(umkm, "umkm-sarana", businesses=1, trade="food")
    assert (Need.objects.count(), queries.programmes().filter(code="umkm").count()) == (0, 0)


@pytest.mark.django_db
def test_indicators_count_what_their_programme_did_and_no_other() -> None:
    facts.load_programmes()
    food = queries.programme("pangan")
    for delivered, programme in ((10, food), (5, food), (40, None)):
        line = NeedLineFactory(reported=50, committed=delivered, delivered=delivered)
        Need.objects.filter(pk=line.need_id).update(programme=programme)
    values = {each.indicator.code: each.value for each in queries.indicator_values(food)}
    assert values == {"packages": 15, "fulfilment": Decimal("0.1500"), "places": 2}


FORM = [NeedField(code="since", label_id="Sejak", label_en="Since", kind="date", required=False)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("2021-07-12", None), ("12/07/2021", "no-date"), ("2021-02-30", "no-date"), ("", None), (5, "no-date")],
)
def test_a_day_is_answered_in_one_way(answer: object, fault: str | None) -> None:
    found = wrong_answers(FORM, {"since": answer})
    assert [each.fault for each in found] == ([AnswerFault(fault)] if fault else [])


def test_definitions_of_the_reference_data_name_real_questions() -> None:
    with pytest.raises(ValidationError, match="least is above most"):
        NeedField(code="a", label_id="a", label_en="a", kind="number", least=5, most=4)  # type: ignore[arg-type]
    assert {type(each) for each in facts.definitions()} == {ProgrammeDefinition}


def household(**changes: int | str) -> Score:
    known = {"hardship": "income", "size": 4, "elderly": 0, "toddlers": 0, "disabled": 0, "days_waiting": 0}
    return household_score(**{**known, **changes})  # type: ignore[arg-type]


def test_the_parts_of_a_score_are_shown_and_add_up() -> None:
    score = household(hardship="isolation", size=6, elderly=1, toddlers=3, days_waiting=14)
    assert {part.code: part.points for part in score.parts} == {
        "hardship": 30,
        "toddlers": 16,
        "elderly": 8,
        "disabled": 0,
        "size": 6,
        "waiting": 7,
    }
    assert (score.points, score.most) == (67, 108)


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(-5, 400))
def test_no_part_of_a_score_exceeds_its_most(
    size: int, old: int, young: int, disabled: int, days: int
) -> None:
    score = household(size=size, elderly=old, toddlers=young, disabled=disabled, days_waiting=days)
    assert all(0 <= part.points <= part.most for part in score.parts)


@pytest.mark.parametrize(
    ("committed", "days_left", "waited", "points"),
    [
        (0, 14, 0, 40 + 9),
        (0, 7, 0, 40 + 12 + 9),
        (0, -1, 30, 40 + 25 + 20 + 9),
        (50, 7, 0, 20 + 12 + 9),
        (100, 0, 0, 9),
    ],
)
def test_a_need_is_the_more_urgent(committed: int, days_left: int, waited: int, points: int) -> None:
    score = need_score(
        needed=100,
        committed=committed,
        delivered=0,
        needed_by=date(2021, 7, 12) + timedelta(days=days_left),
        registered=date(2021, 7, 12) - timedelta(days=waited),
        cause="income",
        today=date(2021, 7, 12),
    )
    assert score.points == points


@pytest.mark.parametrize(
    ("households", "size"), [(0, 0), (1, 1), (30, 24), (100, 50), (1_000, 88), (100_000, 96)]
)
def test_sample_grows_ever_slower_than_its_list(households: int, size: int) -> None:
    assert sample_size(households) == size


def test_the_same_seed_draws_the_same_households() -> None:
    keys = list(range(1_000, 1_100))
    assert drawn(keys, 10, 7) == drawn(list(reversed(keys)), 10, 7)
    assert drawn(keys, 10, 7) != drawn(keys, 10, 8)
    assert drawn(keys[:3], 10, 7) == keys[:3]


def test_interval_of_a_share_is_the_published_one() -> None:
    # Newcombe (Statistics in Medicine 17, 1998), table I, method 3: 81 of 263 and 0 of 20.
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert share_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("wrong", "right", "to_visit", "verdict"),
    [
        (13, 19, 0, RollVerdict.UNSOUND),
        (13, 19, 20, RollVerdict.UNSOUND),
        (1, 19, 0, RollVerdict.SOUND),
        (1, 19, 4, RollVerdict.UNSURE),
        (0, 0, 0, RollVerdict.UNSURE),
        (3, 17, 0, RollVerdict.UNSOUND),
    ],
)
def test_a_list_is_judged_by_what_visits_found(
    wrong: int, right: int, to_visit: int, verdict: RollVerdict
) -> None:
    assert roll_verdict(wrong=wrong, right=right, to_visit=to_visit) == verdict
