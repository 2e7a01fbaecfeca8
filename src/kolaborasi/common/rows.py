"""Single rows by plain SQL, for the few statements that almost every request makes.

Building such a statement takes the ORM several times as long as the database takes to answer it; here it is built once
for each model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)


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
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns_of(model)} FROM {table} WHERE {condition}", list(values))  # noqa: S608
        found = cursor.fetchone()
    return made(model, found) if found else None


def store(row: Model, *, unless_there: bool = False) -> bool:
    """Insert an unsaved row and give it its key, unless it has one; False when nothing was inserted.

    Args:
        unless_there: leave it when it would break a unique constraint, without harm to the transaction.
    """
    into, ending, fields = _insert_of(type(row), row.pk is not None)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{into} ON CONFLICT DO NOTHING {ending}" if unless_there else f"{into} {ending}", values
        )
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = found[0]
    row._state.adding, row._state.db = False, connection.alias
    return True


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
def _insert_of(model: type[Model], keyed: bool) -> tuple[str, str, tuple[Field[Any, Any], ...]]:
    quote = connection.ops.quote_name
    # A verb may take the key first, to write its marks before the rows that everybody wants are locked.
    made_there = () if keyed else models.AutoField
    kept = [field for field in model._meta.concrete_fields if not isinstance(field, made_there)]
    names = ", ".join(quote(str(field.column)) for field in kept)
    marks = ", ".join(["%s"] * len(kept))
    into = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
    return into, f"RETURNING {quote(str(model._meta.pk.column))}", tuple(kept)
