"""Writing results of many specimens at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models
from psycopg import sql

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import (
    Assay,
    Ct,
    EventKind,
    Lab,
    Pool,
    Result,
    Specimen,
    SpecimenEvent,
    Well,
)
from kolaborasi.diagnostics.rules.assays import Outcome, Readings
from kolaborasi.diagnostics.states import SPECIMEN, ResultState, SpecimenState


@dataclass(frozen=True)
class Finding:
    """What was read in a specimen.

    Args:
        specimen: locked.
        cts: Ct by target; empty when the method gives none.
    """

    specimen: Specimen
    outcome: str
    resulted_at: datetime
    cts: Readings
    assay: Assay | None = None
    well: Well | None = None
    pool: Pool | None = None


def propose_results(
    *, lab: Lab, findings: Sequence[Finding], source: str, by: Actor, now: datetime
) -> list[int]:
    """Write results that wait for validation, in a fixed number of statements; returns their ids in order.

    An invalid one is kept as not accepted, and its specimen waits to be read again.

    Raises:
        WrongState: a specimen cannot have a result now; the caller's transaction must be rolled back.
    """
    if not findings:
        return []
    after = [_state_after(finding) for finding in findings]
    ids = _next_ids(Result, len(findings))
    _copy(
        Result,
        ("id", "specimen_id", "lab_id", "assay_id", "well_id", "pool_id", "outcome", "source")
        + ("resulted_at", "entered_at", "entered_by_id", "state", "correction_reason"),
        [
            (
                *(pk, each.specimen.pk, lab.pk, _pk(each.assay), _pk(each.well), _pk(each.pool)),
                *(str(each.outcome), source, each.resulted_at, now, by.user_id, _result_state(each), ""),
            )
            for pk, each in zip(ids, findings, strict=True)
        ],
    )
    _copy(
        Ct,
        ("result_id", "target", "ct"),
        [(pk, target, ct) for pk, each in zip(ids, findings, strict=True) for target, ct in each.cts.items()],
    )
    _copy(
        SpecimenEvent,
        ("specimen_id", "kind", "at", "recorded_at", "recorded_by_id", "site_id"),
        [
            (each.specimen.pk, _kind(state), each.resulted_at, now, by.user_id, lab.site_id)
            for each, state in zip(findings, after, strict=True)
        ],
    )
    _move(findings, after)
    return ids


def _move(findings: Sequence[Finding], after: Sequence[SpecimenState]) -> None:
    """Bring specimens to their new state in one statement; the old state was locked and checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Specimen._meta.db_table} AS specimen SET state = found.state,"  # noqa: S608
            " resulted_at = CASE WHEN found.state = %s THEN found.at ELSE NULL END,"
            " run_started_at = CASE WHEN found.state = %s THEN specimen.run_started_at ELSE NULL END,"
            " repeats = specimen.repeats + CASE WHEN found.state = %s THEN 0 ELSE 1 END"
            " FROM unnest(%s::bigint[], %s::varchar[], %s::timestamptz[]) AS found (id, state, at)"
            " WHERE specimen.id = found.id",
            [
                *[SpecimenState.RESULTED.value] * 3,
                [each.specimen.pk for each in findings],
                [state.value for state in after],
                [each.resulted_at for each in findings],
            ],
        )
    for each, state in zip(findings, after, strict=True):
        each.specimen.state = state
        each.specimen.resulted_at = each.resulted_at if state == SpecimenState.RESULTED else None


def _state_after(finding: Finding) -> SpecimenState:
    if finding.outcome != Outcome.INVALID:
        return SPECIMEN.move(finding.specimen.state, "result")
    if finding.specimen.state == SpecimenState.RECEIVED:
        return SpecimenState.RECEIVED
    return SPECIMEN.move(finding.specimen.state, "repeat")


def _result_state(finding: Finding) -> str:
    rejected = finding.outcome == Outcome.INVALID
    return (ResultState.REJECTED if rejected else ResultState.PROPOSED).value


def _kind(state: SpecimenState) -> str:
    return (EventKind.RESULTED if state == SpecimenState.RESULTED else EventKind.REPEATED).value


def _pk(row: models.Model | None) -> int | None:
    return row.pk if row is not None else None


def _next_ids(model: type[models.Model], number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, number],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Append rows by COPY, which is several times faster than INSERT; constraints and triggers hold as ever."""
    if not rows:
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
