"""What several tests say in the same words."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kolaborasi.commitments.models import Capacity


def assert_same_queries(number: int, *, ask: Callable[[], object], add_row: Callable[[], object]) -> None:
    """A page asks the database this literal number of times, with one row and with three.

    Args:
        number: how many statements.
        ask: gets the page.
        add_row: adds one row that the page shows; called once, then twice more.
    """
    add_row()
    assert _queries(ask) == number, f"with one row: {_statements(ask)}"
    add_row()
    add_row()
    assert _queries(ask) == number, f"with three rows: {_statements(ask)}"


def take_away(capacity: Capacity, quantity: int) -> None:
    """Promise units of a capacity as the kernel does, without the row of a promise."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {capacity._meta.db_table} SET committed = committed + %s"
            ' WHERE id = %s AND "limit" >= committed + %s',
            [quantity, capacity.pk, quantity],
        )
        assert cursor.rowcount == 1


def _statements(ask: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [query["sql"] for query in captured.captured_queries]


def _queries(ask: Callable[[], object]) -> int:
    return len(_statements(ask))
