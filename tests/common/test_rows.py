"""Single rows by plain SQL."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kolaborasi.common.models import AnsweredRequest
from kolaborasi.common.rows import part_of, row_where, store, store_many
from kolaborasi.stock.models import Item

pytestmark = pytest.mark.django_db


def _row(key: str = "k") -> AnsweredRequest:
    return AnsweredRequest(
        scope="s", key=key, fingerprint="f", answer={"value": [1, "é"]}, answered_at=timezone.now()
    )


def test_store_writes_what_the_orm_reads() -> None:
    row = _row()
    assert store(row)
    found = AnsweredRequest.objects.get(pk=row.pk)
    assert (found.answer, found.answered_at) == ({"value": [1, "é"]}, row.answered_at)
    assert not row._state.adding


def test_store_leaves_a_row_that_is_there_and_the_transaction_goes_on() -> None:
    assert store(_row())
    second = _row()
    assert not store(second, unless_there=True)
    assert second.pk is None
    assert AnsweredRequest.objects.count() == 1


def test_row_where_reads_one_row_or_none() -> None:
    row = _row()
    store(row)
    found = row_where(AnsweredRequest, "scope = %s AND key = %s", ["s", "k"])
    assert found is not None
    assert (found.pk, found.fingerprint) == (row.pk, "f")
    assert row_where(AnsweredRequest, "key = %s", ["other"]) is None


def test_part_of_reads_the_rest_when_it_is_asked_for() -> None:
    row = _row()
    store(row)
    part = part_of(AnsweredRequest, key="k", id=row.pk)
    with CaptureQueriesContext(connection) as none:
        assert (part.pk, part.key) == (row.pk, "k")
    with CaptureQueriesContext(connection) as one:
        assert part.fingerprint == "f"
    assert (len(none), len(one)) == (0, 1)


def test_row_with_a_key_of_its_own_keeps_it() -> None:
    item = Item(pk=987_654, code="contoh", name="Contoh", unit="piece")
    assert store(item)
    assert Item.objects.get(code="contoh").pk == item.pk == 987_654


def test_many_rows_are_stored_in_two_statements_and_know_their_keys(
    django_assert_num_queries: object,
) -> None:
    rows = [Item(code=f"contoh-{number}", name="Contoh", unit="piece") for number in range(5)]
    with django_assert_num_queries(2):  # type: ignore[operator]
        store_many(rows)
    store_many([])
    assert {row.code: row.pk for row in rows} == dict(Item.objects.values_list("code", "pk"))
    with pytest.raises(IntegrityError), transaction.atomic():
        store_many([Item(code="contoh-9", name="", unit=""), Item(code="contoh-1", name="", unit="")])
    assert Item.objects.count() == 5
