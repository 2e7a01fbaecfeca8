"""Discovery of every capacity and promise table, and the recomputation of their counters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, cast

from django.apps import apps
from django.db import connection, models

from kolaborasi.commitments.models import Capacity, Commitment
from kolaborasi.common.verification import Check

Kind = TypeVar("Kind", bound=models.Model)


def capacities() -> list[type[Capacity]]:
    """Every concrete capacity table, wherever it is declared, ordered by label."""
    return _tables(Capacity)  # type: ignore[type-abstract]


def promises() -> list[type[Commitment]]:
    """Every concrete promise table, wherever it is declared, ordered by label."""
    return _tables(Commitment)  # type: ignore[type-abstract]


def _tables(kind: type[Kind]) -> list[type[Kind]]:
    found = [model for model in apps.get_models() if issubclass(model, kind)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def checks() -> Iterator[Check]:
    """Recompute `committed` (and `delivered`) of every capacity from its promises."""
    for capacity in capacities():
        yield _counters(capacity)


def _promises_against(capacity: type[Capacity]) -> list[tuple[type[Commitment], str]]:
    found = []
    for model in promises():
        for name in model.counts_against:
            field = model._meta.get_field(name)
            if field.related_model is capacity:
                found.append((model, cast(str, field.column)))  # type: ignore[union-attr]
    return found


def _counters(capacity: type[Capacity]) -> Check:
    quote = connection.ops.quote_name
    fulfilled = "delivered" if capacity.KEPT else "0"
    open_units = "quantity" if capacity.KEPT else "quantity - delivered"
    sums = (
        " UNION ALL ".join(
            f"SELECT {quote(column)} AS id, CASE WHEN state IN ('held', 'confirmed') THEN {open_units}"  # noqa: S608
            f" WHEN state = 'fulfilled' THEN {fulfilled} ELSE 0 END AS committed, delivered"
            f" FROM {quote(model._meta.db_table)} WHERE {quote(column)} IS NOT NULL"
            for model, column in _promises_against(capacity)
        )
        or "SELECT NULL::bigint AS id, 0 AS committed, 0 AS delivered WHERE false"
    )
    delivered = "capacity.delivered" if capacity.KEPT else "0"
    counted = "COALESCE(SUM(promise.delivered), 0)" if capacity.KEPT else "0"
    name = capacity._meta.label_lower
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT capacity.id, capacity.committed, COALESCE(SUM(promise.committed), 0),"  # noqa: S608
            f' {delivered}, {counted}, capacity.reported, capacity."limit"'
            f" FROM {quote(capacity._meta.db_table)} AS capacity LEFT JOIN ({sums}) AS promise USING (id)"
            " GROUP BY capacity.id"
        )
        rows = cursor.fetchall()
    faults = [
        f"{name} {pk}: committed {committed} but its promises sum to {promised}"
        for pk, committed, promised, *_rest in rows
        if committed != promised
    ]
    faults += [
        f"{name} {pk}: delivered {stored} but its promises delivered {summed}"
        for pk, _c, _p, stored, summed, *_rest in rows
        if stored != summed
    ]
    faults += [
        f"{name} {pk}: limit {limit} is not the larger of reported {reported} and committed {committed}"
        for pk, committed, _p, _s, _d, reported, limit in rows
        if limit != max(reported, committed)
    ]
    return Check(f"promises of {name}", len(rows), faults)
