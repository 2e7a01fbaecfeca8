"""The verbs of the first law.

Protocol, for all of them: lock or update the promise's own row first when it exists, then the capacity rows in the
order of (table, primary key). `hold` creates its promise last, so nobody can wait for it. Every verb joins the
caller's transaction and opens one when there is none; after a refusal that transaction must be rolled back, which
`savepoint=False` enforces.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Field
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.errors import (
    HoldExpired,
    NotAQuantity,
    NotEnoughLeft,
    TooMuchDelivered,
    WrongState,
)
from kolaborasi.commitments.models import Capacity, Commitment
from kolaborasi.commitments.states import COMMITMENT, OPEN, CommitmentState
from kolaborasi.common.rows import insert_of, prepared, stored, values_of

Promise = TypeVar("Promise", bound=Commitment)
Row = tuple[type[Capacity], int]
PLAIN = (int, str, bool, datetime, date, UUID, type(None))
"""Types of values that psycopg writes as PostgreSQL reads them."""


@dataclass
class HeldMany(Generic[Promise]):
    """What `hold_many` did.

    Args:
        held: promises that were stored, in the order given.
        refused: promises that were not, each with its reason.
    """

    held: list[Promise] = field(default_factory=list)
    refused: list[tuple[Promise, NotEnoughLeft]] = field(default_factory=list)


def hold(commitment: Promise, *, now: datetime) -> Promise:
    """Take `commitment.quantity` from every capacity it counts against, and store it; all or nothing.

    Args:
        commitment: unsaved, with its foreign keys, quantity and `held_until`; in state HELD, or CONFIRMED when
            the one who takes needs no second thought.
        now: the present moment; a hold that ends before it is refused.

    Raises:
        NotEnoughLeft: a capacity has less left.
        HoldExpired: `held_until` is not after `now`.
        NotAQuantity: fewer than one unit.
    """
    _require_open(commitment, now)
    with transaction.atomic(savepoint=False):
        _take_and_store(commitment)
    return commitment


def hold_many(commitments: Sequence[Promise], *, now: datetime) -> HeldMany[Promise]:
    """Hold many promises of one table in a fixed number of statements, first come first served.

    Each row is held when all its capacities still have room after the rows before it; the others are refused
    with what was left for them. Capacities are locked in the global order, decided in memory, written at once.

    Args:
        commitments: unsaved promises of the same model.
        now: the present moment.

    Returns:
        The held promises (stored, with primary keys) and the refused ones with the reason of each.

    Raises:
        HoldExpired: one ends before `now`; nothing is held.
    """
    result: HeldMany[Promise] = HeldMany()
    for commitment in commitments:
        _require_open(commitment, now)
    if not commitments:
        return result
    with transaction.atomic(savepoint=False):
        left = _lock(row for commitment in commitments for row in rows_of(commitment))
        taken: dict[Row, int] = defaultdict(int)
        for commitment in commitments:
            short = _first_short(commitment, left)
            if short is not None:
                result.refused.append((commitment, short))
                continue
            for row in rows_of(commitment):
                left[row] -= commitment.quantity
                taken[row] += commitment.quantity
            result.held.append(commitment)
        _shift(taken)
        _store(type(commitments[0]), result.held)
    return result


def confirm(commitment: Promise, *, now: datetime) -> Promise:
    """HELD → CONFIRMED.

    Raises:
        WrongState: it is not held.
        HoldExpired: its time has passed, whether or not it was already marked.
    """
    with transaction.atomic(savepoint=False):
        _refresh(commitment)
        if commitment.state == CommitmentState.EXPIRED:
            raise HoldExpired
        state = COMMITMENT.move(commitment.state, "confirm")
        if commitment.held_until is not None and commitment.held_until <= now:
            raise HoldExpired
        commitment.state = state
        commitment.save(update_fields=["state"])
    return commitment


def settle(commitment: Promise, *, delivered: int, now: datetime, close: bool = True) -> Promise:
    """Record that part or all of a confirmed promise was delivered.

    Args:
        delivered: units delivered now, on top of what was delivered before; 0 only together with `close`.
        now: the present moment.
        close: give the undelivered rest back; False keeps it promised for a later delivery.

    Raises:
        WrongState: it is not confirmed.
        TooMuchDelivered: the sum would exceed the promise.
    """
    with transaction.atomic(savepoint=False):
        _refresh(commitment)
        event = "fulfil" if close else "deliver part"
        COMMITMENT.move(commitment.state, event)
        total = commitment.delivered + delivered
        if delivered < 0 or total > commitment.quantity:
            raise TooMuchDelivered(promised=commitment.quantity - commitment.delivered, delivered=delivered)
        rest = commitment.quantity - total if close else 0
        if close and total == 0:
            event = "release"
        elif total == commitment.quantity:
            event = "fulfil"
        commitment.state = COMMITMENT.move(commitment.state, event)
        commitment.delivered = total
        commitment.save(update_fields=["state", "delivered"])
        for model, pk in rows_of(commitment):
            _deliver(model, pk, delivered, rest)
    return commitment


def fulfil(commitment: Promise, *, now: datetime) -> Promise:
    """Settle all that is left of the promise as delivered."""
    with transaction.atomic(savepoint=False):
        _refresh(commitment)
        return settle(commitment, delivered=commitment.quantity - commitment.delivered, now=now)


def release(commitment: Promise, *, now: datetime) -> Promise:
    """Take a promise back; what it held can be promised again.

    Raises:
        WrongState: it is over already, or a part of it was delivered (settle it instead).
    """
    with transaction.atomic(savepoint=False):
        _refresh(commitment)
        if commitment.delivered:
            raise WrongState(
                _(
                    "A part was delivered already, so this promise is closed with what arrived, not cancelled."
                ),
                details={"delivered": commitment.delivered},
            )
        commitment.state = COMMITMENT.move(commitment.state, "release")
        commitment.save(update_fields=["state"])
        for model, pk in rows_of(commitment):
            _deliver(model, pk, 0, commitment.quantity)
    return commitment


def retarget(commitment: Promise, *, to: Mapping[str, Capacity], now: datetime) -> Promise:
    """Let an open promise count against other capacities: taken there and given back here, both or neither.

    Args:
        to: new capacity by the name of its foreign key, for those that change.

    Raises:
        WrongState: it is over, or a part of it was delivered.
        NotEnoughLeft: a new capacity has less left.
    """
    with transaction.atomic(savepoint=False):
        _refresh(commitment)
        if commitment.state not in OPEN or commitment.delivered:
            raise WrongState(
                _("This was changed in the meantime, so that is no longer possible. Load the page again."),
                details={"state": str(commitment.state), "event": "retarget"},
            )
        before = set(rows_of(commitment))
        for name, capacity in to.items():
            setattr(commitment, name, capacity)
        after = set(rows_of(commitment))
        left = _lock(before ^ after)
        changes = dict.fromkeys(before - after, -commitment.quantity)
        for model, pk in sorted(after - before, key=_order):
            if left.get((model, pk), 0) < commitment.quantity:
                raise NotEnoughLeft(
                    capacity=(model._meta.label_lower, pk),
                    asked=commitment.quantity,
                    left=left.get((model, pk), 0),
                )
            changes[model, pk] = commitment.quantity
        _shift(changes)
        commitment.save(update_fields=list(to))
    return commitment


def retarget_many(
    commitments: Sequence[Promise], *, to: Sequence[Mapping[str, Capacity]], now: datetime
) -> HeldMany[Promise]:
    """`retarget` for many open promises of one table in a fixed number of statements, first come first served.

    Args:
        to: for each promise, the new capacity by the name of its foreign key.

    Returns:
        The promises that moved, and those that stay where they were because less is left; promises that ended in the
        meantime are in neither.
    """
    result: HeldMany[Promise] = HeldMany()
    if not commitments:
        return result
    model = type(commitments[0])
    with transaction.atomic(savepoint=False):
        wanted = {each.pk: targets for each, targets in zip(commitments, to, strict=True)}
        locked = model._default_manager.select_for_update(no_key=True, of=("self",)).in_bulk(list(wanted))
        open_ = [locked[pk] for pk in wanted if pk in locked and locked[pk].state in OPEN]
        moves = [(each, set(rows_of(each)), wanted[each.pk]) for each in open_]
        after = [_pointed_at(each, targets) for each, _before, targets in moves]
        left = _lock(
            row for (_, before, _to), rows in zip(moves, after, strict=True) for row in before ^ rows
        )
        changes: dict[Row, int] = defaultdict(int)
        for (each, before, _targets), rows in zip(moves, after, strict=True):
            short = next((row for row in rows - before if left.get(row, 0) < each.quantity), None)
            if short is not None:
                capacity = (short[0]._meta.label_lower, short[1])
                refusal = NotEnoughLeft(capacity=capacity, asked=each.quantity, left=left.get(short, 0))
                result.refused.append((each, refusal))
                continue
            for row in before ^ rows:
                units = each.quantity if row in rows else -each.quantity
                changes[row] += units
                left[row] = left.get(row, 0) - units
            result.held.append(each)
        _shift(changes)
        names = list({name for targets in to for name in targets})
        model._default_manager.bulk_update(result.held, names)
    return result


def _pointed_at(commitment: Commitment, targets: Mapping[str, Capacity]) -> set[Row]:
    for name, capacity in targets.items():
        setattr(commitment, name, capacity)
    return set(rows_of(commitment))


def expire(model: type[Promise], *, now: datetime, limit: int = 1000) -> list[Promise]:
    """End up to `limit` held promises whose time has passed; returns them.

    Promises somebody is just working on are skipped and come up next time.
    """
    with transaction.atomic(savepoint=False):
        manager = model._default_manager
        ended = list(
            manager.select_for_update(skip_locked=True)
            .filter(state=CommitmentState.HELD, held_until__lte=now)
            .order_by("pk")[:limit]
        )
        given_back: dict[Row, int] = defaultdict(int)
        for commitment in ended:
            commitment.state = CommitmentState.EXPIRED
            for row in rows_of(commitment):
                given_back[row] -= commitment.quantity
        manager.filter(pk__in=[commitment.pk for commitment in ended]).update(state=CommitmentState.EXPIRED)
        _lock(given_back)
        _shift(given_back)
    return ended


def report(capacity: Capacity, *, reported: int, now: datetime) -> Capacity:
    """What the owner says there is now, also below what is promised: then nothing new can be taken.

    Raises:
        ValueError: a negative number.
    """
    if reported < 0:
        raise ValueError("a capacity cannot be negative")
    table = _table(type(capacity))
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {table} SET reported = %s, "limit" = GREATEST(%s, committed) WHERE id = %s'  # noqa: S608
            ' RETURNING reported, "limit", committed',
            [reported, reported, capacity.pk],
        )
        capacity.reported, capacity.limit, capacity.committed = cursor.fetchone()
    return capacity


def rows_of(commitment: Commitment) -> list[Row]:
    """The capacity rows a promise counts against, in the global order (table, primary key)."""
    rows: list[Row] = []
    for model, column in _targets(type(commitment)):
        pk = getattr(commitment, column)
        if pk is not None:
            rows.append((model, pk))
    return rows if len(rows) < 2 else sorted(rows, key=_order)


@cache
def _targets(model: type[Commitment]) -> tuple[tuple[type[Capacity], str], ...]:
    fields = [model._meta.get_field(name) for name in model.counts_against]
    return tuple((cast(type[Capacity], field.related_model), field.attname) for field in fields)  # type: ignore[union-attr]


@cache
def _table(model: type[Capacity]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _order(row: Row) -> tuple[str, int]:
    return row[0]._meta.db_table, row[1]


def _require_open(commitment: Commitment, now: datetime) -> None:
    if commitment.state not in OPEN:
        raise WrongState(_("A new promise is held or confirmed."), details={"state": commitment.state})
    if commitment.held_until is not None and commitment.held_until <= now:
        raise HoldExpired
    if commitment.quantity < 1:
        raise NotAQuantity(quantity=commitment.quantity)


def _take_and_store(commitment: Commitment) -> None:
    """The guard of the first law: one conditional UPDATE for each capacity and the INSERT, all in one statement.

    Each UPDATE asks whether the one before it took something, so rows are locked in the global order and nothing is
    stored unless all gave. One statement, because each round trip in between would keep others waiting for the rows.

    Raises:
        NotEnoughLeft: the first capacity that has less left.
    """
    model, times = type(commitment), Counter(rows_of(commitment))
    statement = _taking(model, tuple(capacity for capacity, _pk in times), commitment.pk is not None)
    values: list[Any] = []
    for (_capacity, pk), each in times.items():
        values += [each * commitment.quantity, pk, each * commitment.quantity]
    with prepared() as cursor:
        cursor.execute(statement, [*values, *values_of(commitment)])
        key, *took = cursor.fetchone()
        for (capacity, pk), done in zip(times, took, strict=True):
            if not done:
                cursor.execute(f'SELECT "limit" - committed FROM {_table(capacity)} WHERE id = %s', [pk])  # noqa: S608
                (left,) = cursor.fetchone() or (0,)
                raise NotEnoughLeft(
                    capacity=(capacity._meta.label_lower, pk), asked=commitment.quantity, left=left
                )
    stored(commitment, key)


@cache
def _taking(model: type[Commitment], capacities: tuple[type[Capacity], ...], keyed: bool) -> str:
    steps = []
    for step, capacity in enumerate(capacities):
        after = f" AND EXISTS (SELECT FROM taken_{step - 1})" if step else ""
        steps.append(
            f"taken_{step} AS (UPDATE {_table(capacity)} SET committed = committed + %s"  # noqa: S608
            f' WHERE id = %s AND "limit" >= committed + %s{after} RETURNING id)'
        )
    into, marks, returning = insert_of(model, keyed)
    names = [f"taken_{step}" for step in range(len(capacities))]
    source = f" WHERE {' AND '.join(f'EXISTS (SELECT FROM {name})' for name in names)}" if names else ""
    steps.append(f"stored (key) AS ({into} SELECT {marks}{source} {returning})")
    asked = ", ".join(["(SELECT key FROM stored)", *(f"EXISTS (SELECT FROM {name})" for name in names)])
    return f"WITH {', '.join(steps)} SELECT {asked}"


def _deliver(model: type[Capacity], pk: int, delivered: int, given_back: int) -> None:
    # A consumable stays used up by what arrived; any other capacity is free again for what was fulfilled.
    freed = given_back if model.KEPT else given_back + delivered
    also = ", delivered = delivered + %s" if model.KEPT else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} SET committed = committed - %s,"  # noqa: S608
            f' "limit" = GREATEST(reported, committed - %s){also} WHERE id = %s',
            [freed, freed, *([delivered] if model.KEPT else []), pk],
        )


def _refresh(commitment: Commitment) -> None:
    model = type(commitment)
    locked = model._default_manager.select_for_update().filter(pk=commitment.pk)
    # The capacities too: another session may have moved the promise since it was read.
    fields = ("state", "quantity", "delivered", "held_until", *(column for _model, column in _targets(model)))
    for name, value in zip(fields, locked.values_list(*fields).get(), strict=True):
        setattr(commitment, name, value)


def _lock(rows: Iterable[Row]) -> dict[Row, int]:
    """Lock capacity rows in the global order and read what each has left."""
    wanted: dict[type[Capacity], set[int]] = defaultdict(set)
    for model, pk in rows:
        wanted[model].add(pk)
    left: dict[Row, int] = {}
    with connection.cursor() as cursor:
        for model in sorted(wanted, key=lambda each: each._meta.db_table):
            cursor.execute(
                f'SELECT id, "limit" - committed FROM {_table(model)}'  # noqa: S608
                " WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [list(wanted[model])],
            )
            left.update({(model, pk): units for pk, units in cursor.fetchall()})
    return left


def _shift(changes: dict[Row, int]) -> None:
    """Add to `committed` of locked rows, one statement for each table."""
    by_model: dict[type[Capacity], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for (model, pk), units in changes.items():
        by_model[model][0].append(pk)
        by_model[model][1].append(units)
    with connection.cursor() as cursor:
        for model, (keys, changed) in by_model.items():
            cursor.execute(
                f"UPDATE {_table(model)} AS capacity SET committed = committed + change.units,"  # noqa: S608
                ' "limit" = GREATEST(reported, committed + change.units)'
                " FROM unnest(%s::bigint[], %s::bigint[]) AS change (id, units) WHERE capacity.id = change.id",
                [keys, changed],
            )


def _store(model: type[Promise], commitments: Sequence[Promise]) -> None:
    """Insert promises by COPY, which spares each row the work of building a statement."""
    if not commitments:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, len(commitments)],
        )
        for commitment, (pk,) in zip(commitments, cursor.fetchall(), strict=True):
            commitment.pk = pk
            commitment._state.adding, commitment._state.db = False, connection.alias
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for commitment in commitments:
                copy.write_row([_adapted(field, getattr(commitment, field.attname)) for field in fields])


def _adapted(field: Field[Any, Any], value: object) -> object:
    # What the driver knows by itself needs no detour through the field: most of the time of a bulk insert.
    return value if type(value) in PLAIN else field.get_db_prep_save(value, connection)


def _first_short(commitment: Commitment, left: dict[Row, int]) -> NotEnoughLeft | None:
    for model, pk in rows_of(commitment):
        units = left.get((model, pk), 0)
        if units < commitment.quantity:
            return NotEnoughLeft(
                capacity=(model._meta.label_lower, pk), asked=commitment.quantity, left=max(units, 0)
            )
    return None
