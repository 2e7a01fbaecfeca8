"""Lists of swabs: all rows or none, or the good ones; each wrong row named with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from kolaborasi.common.errors import NotPermitted
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.models import Order, Specimen, SpecimenEvent
from kolaborasi.diagnostics.services import Subject, Swab, Swabbed, Wish
from kolaborasi.diagnostics.verification import checks
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person
from kolaborasi.people.queries import find_by_nik
from tests.conftest import NOW
from tests.diagnostics import factories as make
from tests.diagnostics.factories import SYSTEM

pytestmark = pytest.mark.django_db
NIK = "3171014107900001"
"""A woman born on 1 July 1990, registered in Gambir; made up."""


def swabs(site: Site, number: int = 3, **changes: object) -> list[Swab]:
    labels = services.issue_labels(site=site, number=number, by=SYSTEM, now=NOW)
    wish = Wish(reason="screening", site=site)
    return [
        replace(
            Swab(row, make.subject(), wish, label.barcode, "np-swab", NOW - timedelta(hours=row)),
            **changes,  # type: ignore[arg-type]
        )
        for row, label in enumerate(labels, start=1)
    ]


def take(rows: Sequence[Swab], now: datetime = NOW, *, partly: bool = False) -> Swabbed:
    return services.import_swabs(swabs=rows, by=SYSTEM, now=now, partly=partly)


def nothing_written() -> bool:
    return not Order.objects.exists() and not Specimen.objects.exists() and not Person.objects.exists()


def test_list_is_taken_in_at_once() -> None:
    rows = swabs(make.collection_site())
    done = take(rows)
    assert [each.label.barcode for each in done.specimens] == [row.barcode for row in rows]
    assert [each.collected_at for each in done.specimens] == [row.collected_at for row in rows]
    assert {order.state for order in Order.objects.all()} == {"collected"}
    assert SpecimenEvent.objects.filter(kind="collected").count() == Person.objects.count() == 3
    assert [check.faults for check in checks()] == [[]] * 4


def test_list_takes_the_same_statements_for_any_length(django_assert_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    site = make.collection_site()
    counted = []
    for number in (2, 20):
        rows = swabs(site, number)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            take(rows)
        counted.append(len(asked))
    # A savepoint (two statements) around the person of each row.
    assert counted[1] - counted[0] == 2 * 18


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"barcode": "X"}, "not-a-barcode"),
        ({"collected_at": NOW + timedelta(hours=1)}, "wrong-time"),
        ({"collected_at": NOW - timedelta(days=8)}, "wrong-time"),
        ({"kind": "blood"}, "numbers-refused"),
        ({"subject": Subject("Warga Contoh", date(2030, 1, 1), "female")}, "numbers-refused"),
        ({"subject": Subject("Warga Contoh", make.BORN, "female", nik="3171")}, "not-a-nik"),
        ({"subject": Subject("Warga Contoh", make.BORN, "male", nik=NIK)}, "identity-mismatch"),
        ({"subject": Subject("Warga Contoh", make.BORN, "female", email="@")}, "not-a-contact"),
    ],
)
def test_wrong_row_refuses_all_and_is_named(changes: dict[str, object], code: str) -> None:
    rows = swabs(make.collection_site())
    rows[1] = replace(rows[1], **changes)  # type: ignore[arg-type]
    with pytest.raises(FileRefused) as refused:
        take(rows)
    assert [(row["row"], row["code"]) for row in refused.value.details["rows"]] == [(2, code)]
    assert nothing_written()
    done = take(rows, partly=True)
    assert (len(done.specimens), [row["code"] for row in done.refused]) == (2, [code])


def test_label_is_used_once() -> None:
    site = make.collection_site()
    used = make.specimen(site)
    rows = swabs(site)
    rows[1] = replace(rows[1], barcode=rows[0].barcode)
    rows[2] = replace(rows[2], barcode=used.label.barcode)
    done = take(rows, partly=True)
    assert [(row["row"], row["code"]) for row in done.refused] == [(2, "barcode-used"), (3, "barcode-used")]
    assert Specimen.objects.count() == 2


def test_known_person_is_confirmed_and_stays_one() -> None:
    site = make.collection_site()
    card = Subject("Siti Contoh", make.BORN, "female", nik=NIK)
    rows = [replace(row, subject=card) for row in swabs(site, 2)]
    done = take(rows, partly=True)
    assert [(row["row"], row["code"]) for row in done.refused] == [(2, "duplicate-order")]
    again = take([replace(row, subject=card) for row in swabs(site, 1)])
    assert again.specimens[0].order.person_id == done.specimens[0].order.person_id == find_by_nik(NIK)
    other = replace(swabs(site, 1)[0], subject=replace(card, name="Budi Lain"))
    with pytest.raises(FileRefused) as refused:
        take([other])
    assert refused.value.details["rows"][0]["code"] == "identity-mismatch"


def test_person_who_waits_for_a_swab_is_refused() -> None:
    site = make.collection_site()
    card = Subject("Siti Contoh", make.BORN, "female", nik=NIK)
    services.order_test(subject=card, wish=Wish(reason="suspect", site=site), by=SYSTEM, now=NOW)
    done = take([replace(row, subject=card) for row in swabs(site, 1)], partly=True)
    assert ([row["code"] for row in done.refused], Specimen.objects.count()) == (["duplicate-order"], 0)


def test_stranger_writes_nothing() -> None:
    site = make.collection_site()
    stranger = make.staff_of(make.collection_site().partner)
    with pytest.raises(NotPermitted):
        services.import_swabs(swabs=swabs(site), by=stranger, now=NOW)
    assert not Order.objects.exists()


def test_empty_list_is_refused() -> None:
    with pytest.raises(FileRefused):
        take([])
