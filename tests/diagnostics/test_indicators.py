"""Indicators: two dates that are never mixed, distributions, backlogs, shares, small counts hidden."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.models import Lab, LabKind, Result, Specimen
from kolaborasi.diagnostics.queries import DateOf
from kolaborasi.diagnostics.services import Entry
from kolaborasi.partners.models import PartnerKind
from tests.conftest import NOW
from tests.diagnostics.factories import (
    SYSTEM,
    collection_site,
    consignment,
    lab,
    order,
    received,
    specimen,
    staff_of,
)
from tests.factories import KelurahanFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
JAKARTA = ZoneInfo("Asia/Jakarta")
MONDAY = date(2021, 7, 12)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)


def read(
    at_lab: Lab,
    *,
    swab: datetime,
    hours: float,
    outcome: str = "negative",
    residence: object = None,
    tube: Specimen | None = None,
) -> Specimen:
    """A specimen swabbed at a moment and validated so many hours later."""
    tube = tube or specimen(of=order(now=swab, residence=residence), at=swab)
    done = swab + timedelta(hours=hours)
    received(at_lab, [tube], swab)
    by, second = staff_of(at_lab.site.partner), staff_of(at_lab.site.partner)
    services.enter_results(
        lab=at_lab,
        entries=[Entry(1, tube.label.barcode, outcome, done)],
        source="hand",
        by=by,
        now=done,
    )
    result = Result.objects.get(specimen=tube, state="proposed")
    services.validate_results(results=[result], by=second, now=done)
    return tube


def late_monday() -> datetime:
    """23:30 in Jakarta, which is still Monday there and already 16:30 UTC."""
    return datetime(2021, 7, 12, 23, 30, tzinfo=JAKARTA)


def numbers(by: DateOf, **area: str) -> list[tuple[date, int, int]]:
    found = queries.positivity(MONDAY, WEDNESDAY, by, **area)
    return [(day.date, day.results, day.positive) for day in found]


def test_positivity_is_by_one_date_and_in_the_days_of_the_city() -> None:
    place = lab()
    read(place, swab=late_monday(), hours=10, outcome="positive")
    read(place, swab=late_monday(), hours=0.2)
    assert numbers(DateOf.COLLECTION) == [(MONDAY, 2, 1), (TUESDAY, 0, 0)]
    assert numbers(DateOf.REPORT) == [(MONDAY, 1, 0), (TUESDAY, 1, 1)]
    days = queries.positivity(MONDAY, WEDNESDAY, DateOf.COLLECTION)
    assert [day.positivity for day in days] == [0.5, None]


def test_positivity_of_an_area_counts_those_who_live_there() -> None:
    place, home = lab(), KelurahanFactory()
    read(place, swab=NOW, hours=1, outcome="positive", residence=home)
    read(place, swab=NOW, hours=1, outcome="positive")
    assert numbers(DateOf.COLLECTION, below=home.code)[0] == (MONDAY, 1, 1)
    assert numbers(DateOf.COLLECTION, below="31.71")[0] == (MONDAY, 1, 1)
    assert numbers(DateOf.COLLECTION, below="31.7")[0] == (MONDAY, 0, 0)


def test_results_that_were_replaced_do_not_count() -> None:
    place = lab()
    tube = read(place, swab=NOW, hours=1, outcome="positive")
    services.correct_result(
        result=Result.objects.get(),
        outcome="negative",
        reason="typing",
        by=staff_of(place.site.partner),
        now=NOW + 2 * HOUR,
    )
    assert numbers(DateOf.COLLECTION)[0] == (MONDAY, 0, 0)
    assert tube.results.count() == 2


def test_persons_tested_are_measured_against_the_yardstick() -> None:
    site = collection_site()
    tubes = [specimen(site) for _each in range(3)]
    services.discard(barcode=tubes[0].label.barcode, reason="leaked", by=staff_of(site.partner), now=NOW)
    specimen(of=tubes[0].order)
    found = queries.persons_tested(TUESDAY, population=1500)
    assert (found.persons, found.specimens) == (3, 4)
    assert (found.per_1000, found.times_yardstick) == (2.0, 2.0)
    assert queries.persons_tested(MONDAY, population=1500).persons == 0
    assert queries.persons_tested(TUESDAY, population=0).per_1000 is None


def test_turnaround_is_a_distribution_by_lab_from_swab_to_validation() -> None:
    slow, fast = lab(), lab()
    for hours in (10, 20, 30):
        read(slow, swab=NOW, hours=hours)
    read(fast, swab=NOW, hours=2)
    first, second = queries.turnaround(MONDAY, MONDAY + timedelta(days=4))
    assert (first.lab_id, first.results, first.median, first.slowest) == (slow.pk, 3, 20.0, 30.0)
    assert first.p95 == pytest.approx(29.0)
    assert (second.lab_id, second.median) == (fast.pk, 2.0)


def test_backlog_shows_the_age_of_the_oldest_specimen() -> None:
    busy, idle = lab(offers=10), lab()
    site = collection_site()
    old, new, waits = (specimen(site, at=NOW - hours * HOUR) for hours in (9, 3, 1))
    received(busy, [old, new], NOW)
    first, second = queries.backlog(NOW)
    assert (first.lab_id, first.waiting, first.oldest_at, first.oldest_hours) == (
        busy.pk,
        2,
        NOW - 9 * HOUR,
        9.0,
    )
    assert (second.lab_id, second.waiting, second.oldest_hours) == (idle.pk, 0, None)
    (row,) = queries.waiting_at_sites()
    assert (row["site"], row["waiting"], row["oldest"]) == (site.pk, 1, waits.collected_at)


def test_late_results_are_alarmed_by_priority() -> None:
    site = collection_site()
    urgent = specimen(site, at=NOW, priority="urgent")
    specimen(site, at=NOW)
    assert list(queries.late_specimens(NOW + 11 * HOUR)) == []
    assert list(queries.late_specimens(NOW + 12 * HOUR)) == [urgent]
    assert queries.late_specimens(NOW + 48 * HOUR).count() == 2
    assert queries.late_by_lab(NOW + 12 * HOUR)[0]["late"] == 1


def test_share_of_partners_is_counted_by_who_stands_behind_the_lab() -> None:
    for kind, results in ((PartnerKind.GOVERNMENT, 1), (PartnerKind.CAMPUS, 2), (PartnerKind.COMPANY, 1)):
        place = lab(kind=kind)
        for _each in range(results):
            read(place, swab=NOW, hours=1)
    counted = queries.results_by_kind(MONDAY, TUESDAY)
    assert counted == {**dict.fromkeys(LabKind.values, 0), "government": 1, "campus": 2, "private": 1}
    assert queries.partner_share(MONDAY, TUESDAY) == 0.75
    assert queries.partner_share(TUESDAY, WEDNESDAY) is None


def test_mobile_lab_is_a_kind_of_its_own() -> None:
    place = lab(kind=PartnerKind.GOVERNMENT)
    Lab.objects.filter(pk=place.pk).update(mobile=True)
    read(queries.labs().get(pk=place.pk), swab=NOW, hours=1)
    assert queries.results_by_kind(MONDAY, TUESDAY)["mobile"] == 1


def test_capacity_used_is_what_was_taken_in_of_what_was_offered() -> None:
    place = lab(offers=10)
    tubes = [specimen() for _each in range(4)]
    for tube in tubes:
        carried = consignment([tube], place)
        services.receive(
            lab=place, consignment=carried, barcodes=[tube.label.barcode], at=NOW, by=SYSTEM, now=NOW
        )
    (used,) = queries.capacity_used(MONDAY, WEDNESDAY)
    assert (used.offered, used.committed, used.used, used.share_used) == (20, 4, 4, 0.2)
    assert queries.offered_by_day(MONDAY, WEDNESDAY) == {MONDAY: 10, TUESDAY: 10}


def test_positives_by_kelurahan_hide_small_counts() -> None:
    place = lab()
    many, few = KelurahanFactory(), KelurahanFactory()
    for home, number in ((many, 6), (few, 2)):
        for _each in range(number):
            read(place, swab=NOW, hours=1, outcome="positive", residence=home)
    shown = queries.positives_by_kelurahan(MONDAY, TUESDAY, below="31")
    assert shown == {many.code: None, few.code: None}


def test_pool_advice_follows_the_lab_s_own_positives() -> None:
    place = lab()
    assert queries.pool_advice(place, NOW).size == 1
    for number in range(20):
        read(place, swab=NOW, hours=1, outcome="positive" if number == 0 else "negative")
    advice = queries.pool_advice(place, NOW + 2 * HOUR)
    assert (advice.size, advice.positivity) == (5, 0.05)
    assert advice.saving == pytest.approx(0.5738, abs=1e-4)
