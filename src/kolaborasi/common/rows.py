"""Single rows by plain SQL, for the few statements that almost every request makes.

Building such a statement takes the ORM several times as long as the database takes to answer it; here it is built once
for each model. The database plans it once for each connection, too: see `prepared`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)


def prepared() -> CursorWrapper:
    """A cursor whose statements the database plans once, after their fifth use in a connection (see ADR 0018).

    For statements of fixed text that many requests make: planning a join of five tables takes longer than answering it.
    Values are sent apart from the text, so a list is `= ANY(%s)`, and what has no column to tell its type needs a cast.
    """
    connection.validate_thread_sharing()
    connection.ensure_connection()
    cursor = cast(Any, ServerBindingCursor)(connection.connection)
    return (
        connection.make_debug_cursor(cursor) if connection.queries_logged else connection.make_cursor(cursor)
    )


@cache
def columns_of(model: type[Model], alias: str = "") -> str:
    """The columns of a table for a SELECT, in the order `made` wants them.

    Args:
        alias: of the table in the statement; its own name when absent.
    """
    table = connection.ops.quote_name(alias or model._meta.db_table)
    names = [connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields]
    return ", ".join(f"{table}.{name}" for name in names)


def made(model: type[Row], values: Sequence[Any]) -> Row:
    """A row of the database as its model, from the values of `columns_of`."""
    return model.from_db(connection.alias, [field.attname for field in model._meta.concrete_fields], values)


def part_of(model: type[Row], **values: Any) -> Row:
    """A stored row of which only some fields are known; the others are read when somebody asks for them."""
    known = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(connection.alias, known, [values[name] for name in known])


def row_where(model: type[Row], condition: str, values: Sequence[Any]) -> Row | None:
    """The only row that meets a condition, or None.

    Args:
        condition: in SQL, with its placeholders; what stands behind WHERE.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with prepared() as cursor:
        cursor.execute(f"SELECT {columns_of(model)} FROM {table} WHERE {condition}", list(values))  # noqa: S608
        found = cursor.fetchone()
    return made(model, found) if found else None


def store(row: Model, *, unless_there: bool = False) -> bool:
    """Insert an unsaved row and give it its key, unless it has one; False when nothing was inserted.

    Args:
        unless_there: leave it when it would break a unique constraint, without harm to the transaction.
    """
    into, marks, ending = insert_of(type(row), row.pk is not None)
    with prepared() as cursor:
        leaving = " ON CONFLICT DO NOTHING" if unless_there else ""
        cursor.execute(f"{into} VALUES ({marks}){leaving} {ending}", values_of(row))
        found = cursor.fetchone()
    if found is None:
        return False
    stored(row, found[0])
    return True


def stored(row: Model, key: Any) -> None:
    """Note on a row that it is in the database now, under this key."""
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias


def values_of(row: Model) -> list[Any]:
    """The values of an unsaved row for the placeholders of `insert_of`."""
    fields = _inserted(type(row), row.pk is not None)
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]


def store_many(rows: Sequence[Model]) -> None:
    """Insert unsaved rows of one model by COPY and give them their keys: two statements, whatever their number.

    The model's key must be a number made by the database; constraints are asked as for any insert.
    """
    if not rows:
        return
    fields = type(rows[0])._meta.concrete_fields
    table = connection.ops.quote_name(type(rows[0])._meta.db_table)
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, fields[0].column, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, connection.alias
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([getattr(row, field.attname) for field in fields])


@cache
def insert_of(model: type[Model], keyed: bool) -> tuple[str, str, str]:
    """An INSERT in three parts: into which columns, a placeholder for each value, and what it returns: the key.

    Args:
        keyed: the key is among the values.
    """
    quote = connection.ops.quote_name
    kept = _inserted(model, keyed)
    names = ", ".join(quote(str(field.column)) for field in kept)
    into = f"INSERT INTO {quote(model._meta.db_table)} ({names})"
    return into, ", ".join(["%s"] * len(kept)), f"RETURNING {quote(str(model._meta.pk.column))}"


@cache
def _inserted(model: type[Model], keyed: bool) -> tuple[Field[Any, Any], ...]:
    # A verb may take the key first, to write its marks before the rows that everybody wants are locked.
    made_there = () if keyed else models.AutoField
    return tuple(field for field in model._meta.concrete_fields if not isinstance(field, made_there))
