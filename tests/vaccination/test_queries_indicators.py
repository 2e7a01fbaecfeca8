"""Coverage counts people where they live; the city's published counts load and show their coverage."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolaborasi.common.actors import Actor
from kolaborasi.places.models import Figure
from kolaborasi.places.services import import_counts, load_jakarta
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.models import Dose, ScheduleRule
from kolaborasi.vaccination.queries.people import steps_on
from kolaborasi.vaccination.rules import Channel, PastDose, eligibility
from tests.conftest import NOW
from tests.factories import staff
from tests.vaccination.factories import (
    DAY,
    NINE,
    SYSTEM,
    hands,
    kelurahan,
    product,
    recipient,
    screened,
    session,
    slot,
)

pytestmark = pytest.mark.django_db


def give(of: object, who: object) -> Dose:
    by = hands(of)  # type: ignore[arg-type]
    visit = screened(of, who, by=by)  # type: ignore[arg-type]
    return services.give_dose(
        visit=visit,
        lot=of.product.lots.first(),
        route="IM-LA",
        by=by,
        now=NINE,  # type: ignore[attr-defined]
    )


def test_coverage_by_residence_and_by_injection_are_told_apart() -> None:
    home, elsewhere = kelurahan(), kelurahan()
    of = session(quotas={Channel.WALK_IN: 20})
    for place, people in ((home, 3), (elsewhere, 1), (None, 1)):
        for _person in range(people):
            give(of, recipient(residence=place))
    for place in (home, elsewhere, of.site.place):
        Figure.objects.create(place=place, series="vaccination.target", date=DAY, value=4, source="test")
    lived = {area.place_id: area for area in queries.coverage_by_residence(DAY)}
    assert (lived[home.pk].first, lived[home.pk].share(3)) == (3, 0.75)
    assert (lived[elsewhere.pk].first, lived[of.site.place.pk].first) == (1, 0)
    given_at = {area.place_id: area.first for area in queries.coverage_by_injection(DAY)}
    assert given_at == {home.pk: 0, elsewhere.pk: 0, of.site.place.pk: 5}
    assert queries.coverage_by_injection(DAY)[0].share(0) == 0.0


def test_published_counts_of_july_load_and_show_the_right_coverage(shared_data: Path) -> None:
    load_jakarta(by=SYSTEM, now=NOW)
    path = shared_data / "vaccination" / "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021).xlsx"
    import_counts(path=path, by=Actor.system("test"), now=NOW, skip_bad=True)
    areas = queries.published_coverage(date(2021, 7, 31))
    assert len(areas) == 267
    assert sum(area.target or 0 for area in areas) == 8_941_211
    # The totals the workbook itself publishes in its first row.
    assert sum(area.first for area in areas) == 4_499_710
    assert sum(area.second for area in areas) == 1_663_218
    ancol = next(area for area in areas if area.code == "31.72.05.1003")
    assert (ancol.target, ancol.first, ancol.second) == (23_947, 11_614, 4_181)
    assert all(area.first >= area.second for area in areas)
    # The denominators of coverage_by_residence are these.
    lived = {area.code: area.target for area in queries.coverage_by_residence(date(2021, 7, 31))}
    assert lived == {area.code: area.target for area in areas}


def record(who: object, number: int, when: date, code: str = "coronavac") -> None:
    services.record_elsewhere(
        recipient=who,  # type: ignore[arg-type]
        product=product(code),
        number=number,
        given_at=NOW + (when - NOW.date()),
        lot_code="X",
        by=staff("verifier"),
        now=NOW + timedelta(days=400),
    )


def test_overdue_second_doses_and_dropout_count_those_whose_time_has_come() -> None:
    late, done, waiting = recipient(), recipient(), recipient()
    for who in (late, done):
        record(who, 1, date(2021, 6, 1))
    record(done, 2, date(2021, 6, 29))
    record(waiting, 1, date(2021, 7, 1))
    day = date(2021, 7, 12)
    assert queries.overdue_doses(day) == [(late.pk, "coronavac", date(2021, 6, 29))]
    assert queries.overdue_doses(day, grace_days=14) == []
    assert queries.dropout(day) == 0.5
    assert [person for person, _code, _day in queries.overdue_doses(date(2021, 7, 30))] == [
        late.pk,
        waiting.pk,
    ]


def test_outcomes_of_bookings_and_pace_are_counted() -> None:
    of = session(quotas={Channel.BOOKING: 10}, doses=10)
    people = [recipient() for _person in range(3)]
    made = [services.book(recipient=who, slot=slot(of), by=SYSTEM, now=NOW) for who in people]
    give(of, people[0])
    services.cancel_booking(booking=made[1].booking, by=SYSTEM, now=NOW)
    services.mark_no_shows(session=of, by=SYSTEM, now=NINE + timedelta(hours=5), after=timedelta(hours=1))
    found = queries.outcomes_of_bookings(DAY, DAY + timedelta(days=1))
    assert (found.booked, found.vaccinated, found.no_shows, found.cancelled) == (3, 1, 1, 1)
    assert (found.no_show_share, found.not_served) == (0.5, 0)
    assert queries.bookings_not_served(DAY, DAY + timedelta(days=1)) == 0
    assert queries.doses_by_partner_kind(DAY, DAY + timedelta(days=1)) == [
        {"day": DAY, "kind": "community", "doses": 1}
    ]
    days = {item.code: (doses, lasts) for item, doses, lasts in queries.stock_days(NINE + timedelta(hours=1))}
    assert days["coronavac"] == (9, 63.0)
    assert days["moderna"] == (0, None)


def test_eligible_people_are_found_in_one_statement() -> None:
    ready, child = recipient(), recipient(birth_date=date(2015, 1, 1))
    due, soon, done = recipient(), recipient(), recipient()
    record(due, 1, date(2021, 6, 1))
    record(soon, 1, date(2021, 7, 1))
    record(done, 1, date(2021, 5, 1))
    record(done, 2, date(2021, 6, 1))
    booked = recipient()
    services.book(recipient=booked, slot=slot(session()), by=SYSTEM, now=NOW)
    with CaptureQueriesContext(connection) as captured:
        found = queries.eligible_people(product(), date(2021, 7, 12))
    # One for the product of the reference data, one for the list.
    assert len(captured) == 3
    assert found == [(due.pk, 2, True), (ready.pk, 1, False)]
    assert child.pk not in {person for person, _number, _late in found}
    home = kelurahan()
    assert queries.eligible_people(product(), date(2021, 7, 12), area=home.code) == []


LIMITED = date(2021, 12, 14)
BIRTHS = st.dates(date(1990, 1, 1), date(2021, 1, 31)) | st.sampled_from(
    [date(2004, 2, 29), date(2009, 2, 28)]
)


@pytest.mark.parametrize(
    ("birth", "day", "faults"),
    [
        (date(2010, 1, 14), date(2022, 1, 13), ()),
        (date(2010, 1, 13), date(2022, 1, 13), ("over-age",)),
        (date(1990, 1, 1), date(2022, 1, 12), ()),
        (date(1990, 1, 1), date(2022, 1, 13), ("over-age",)),
        (date(2016, 1, 14), date(2022, 1, 13), ("under-age",)),
    ],
)
def test_age_limit_of_a_rule_holds_from_its_first_day_on(
    birth: date, day: date, faults: tuple[str, ...]
) -> None:
    code, who = product(), recipient(birth_date=birth)
    before = ScheduleRule.objects.get(product=code, number=1, starts_date=LIMITED)
    before.ends_date = date(2022, 1, 13)
    before.save()
    ScheduleRule.objects.create(
        product=code, number=1, min_age=6, max_age=11, starts_date=before.ends_date, source="test"
    )
    may = queries.may_have(who, code, day)
    assert may.faults == faults
    assert [pk for pk, _number, _late in queries.eligible_people(code, day)] == ([] if faults else [who.pk])
    if "over-age" in faults:
        assert (may.earliest_date, "coronavac" in may.products) == (None, False)


def test_rule_for_nobody_is_refused_by_the_database() -> None:
    code = product()
    rule = ScheduleRule(
        product=code, number=1, min_age=12, max_age=11, starts_date=date(2023, 1, 1), source="test"
    )
    with pytest.raises(IntegrityError, match="vaccination_rule_ages_are_a_range"), transaction.atomic():
        rule.save()
    assert not ScheduleRule.objects.filter(starts_date=date(2023, 1, 1)).exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    births=st.lists(BIRTHS, min_size=1, max_size=6),
    first=st.none()
    | st.tuples(st.dates(date(2021, 2, 1), date(2021, 12, 1)), st.sampled_from(["coronavac", "astrazeneca"])),
    day=st.dates(date(2021, 3, 20), date(2022, 3, 5)),
    code=st.sampled_from(["coronavac", "astrazeneca", "comirnaty"]),
)
def test_list_of_eligible_people_is_what_the_rules_say(
    births: list[date], first: tuple[date, str] | None, day: date, code: str
) -> None:
    product()
    # A rule with an age limit for the last two months of the days drawn; the other vaccines have none.
    ScheduleRule.objects.filter(product__code="coronavac", number=1, starts_date=LIMITED).update(max_age=11)
    people = [recipient(birth_date=birth) for birth in births]
    history = []
    if first is not None:
        record(people[0], 1, first[0], first[1])
        history = [PastDose(first[1], 1, first[0])]
    listed = {person: number for person, number, _late in queries.eligible_people(product(code), day)}
    for who in people:
        may = eligibility(
            birth_date=who.birth_date,
            history=history if who is people[0] else [],
            steps=steps_on(day),
            product=code,
            day=day,
        )
        assert (who.pk in listed) == may.allowed, (who.birth_date, may)
        assert not may.allowed or listed[who.pk] == may.number
