"""A list held against the registry: candidates by keyed hashes in one join, scores on candidates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.utils.timezone import localdate

from kolaborasi.aid.matching.keys import keys_of
from kolaborasi.aid.matching.scoring import Comparison, Listed, Verdict, compare
from kolaborasi.aid.models import Household, HouseholdKey
from kolaborasi.common.actors import Actor
from kolaborasi.people import vault
from kolaborasi.people.rules import NotANumber, read_nik
from kolaborasi.people.services import look_to_match

KIND = "household"
"""Purpose of the keyed hashes, so that they have nothing in common with those of persons."""

LOCK = 0x61_69_64_72_6F_6C_6C
"""Two lists that are screened at once would not see each other: one after the other ("aidroll")."""


@dataclass(frozen=True)
class Likeness:
    """A household of the registry that a listed one may be, or an earlier row of the same list.

    Args:
        household_id: in the registry; None for a row of the list.
        row: place of the earlier row in the list; None for the registry.
    """

    comparison: Comparison
    household_id: int | None = None
    row: int | None = None


@dataclass
class Screened:
    """What was found for a list.

    Args:
        likenesses: for each row, what it may be, surest first; those that are surely different are left out.
        pairs: candidate pairs that were scored.
        decrypted: households whose identity was opened for it.
    """

    likenesses: list[list[Likeness]]
    pairs: int = 0
    decrypted: int = 0
    keys: list[list[int]] = field(default_factory=list, repr=False)


def lock_registry() -> None:
    """Let no other list be screened and stored until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def screen(rows: Sequence[Listed], *, by: Actor, now: datetime) -> Screened:
    """Hold a list against the registry and against itself, in a number of statements that does not grow with it.

    Args:
        rows: with numbers that can be.

    Raises:
        NotPermitted: the actor hands in no lists.
    """
    words = [keys_of(nik=row.nik, kk=row.kk, name=row.name, birth_date=row.birth_date) for row in rows]
    newest, *older = vault.platform_keys()
    found = Screened([[] for _row in rows])
    found.keys = [vault.short_digests(newest, KIND, each) for each in words]
    _copy_keys(found.keys, first=True)
    for key in older:
        _copy_keys([vault.short_digests(key, KIND, each) for each in words], first=False)
    _score_registry(found, rows, by, now)
    _score_list(found, rows)
    for likenesses in found.likenesses:
        likenesses.sort(key=lambda each: -each.comparison.score)
    return found


def store_keys(households: Sequence[Household], keys: Sequence[Sequence[int]]) -> None:
    """Store the keys of new households by COPY."""
    table = connection.ops.quote_name(HouseholdKey._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} (key, household_id) FROM STDIN") as copy:
        for household, own in zip(households, keys, strict=True):
            for key in set(own):
                copy.write_row((key, household.pk))


def listed(identity: dict[str, str], place: str, today: date) -> Listed:
    """What the registry knows of a household, for a comparison."""
    nik = identity.get("nik", "")
    try:
        born = read_nik(nik, today=today).birth_date if nik else None
    except NotANumber:
        born = None
    return Listed(nik, identity.get("kk", ""), identity.get("name", ""), born, place)


def _copy_keys(keys: Sequence[Sequence[int]], *, first: bool) -> None:
    with connection.cursor() as cursor:
        if first:
            cursor.execute("DROP TABLE IF EXISTS screened")
            cursor.execute("CREATE TEMPORARY TABLE screened (row integer, key bigint) ON COMMIT DROP")
        with cursor.copy("COPY screened (row, key) FROM STDIN") as copy:
            for row, own in enumerate(keys):
                for key in own:
                    copy.write_row((row, key))
        cursor.execute("ANALYZE screened")


def _score_registry(found: Screened, rows: Sequence[Listed], by: Actor, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT screened.row, known.household_id FROM screened"  # noqa: S608 - names of our own tables
            f" JOIN {HouseholdKey._meta.db_table} AS known ON known.key = screened.key"
        )
        pairs: list[tuple[int, int]] = cursor.fetchall()
    known = _open({household for _row, household in pairs}, by, now)
    found.pairs += len(pairs)
    found.decrypted = len(known)
    for row, household in pairs:
        if household in known:
            canonical, other = known[household]
            _keep(found, row, Likeness(compare(rows[row], other), household_id=canonical))


def _score_list(found: Screened, rows: Sequence[Listed]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT later.row, earlier.row FROM screened AS later"
            " JOIN screened AS earlier ON earlier.key = later.key AND earlier.row < later.row"
        )
        pairs: list[tuple[int, int]] = cursor.fetchall()
    found.pairs += len(pairs)
    for later, earlier in pairs:
        _keep(found, later, Likeness(compare(rows[later], rows[earlier]), row=earlier))


def _keep(found: Screened, row: int, likeness: Likeness) -> None:
    if likeness.comparison.verdict != Verdict.DIFFERENT:
        found.likenesses[row].append(likeness)


def _open(households: set[int], by: Actor, now: datetime) -> dict[int, tuple[int, Listed]]:
    """The household that each is the same as, and what its own list said of it; without those that were erased."""
    values = ("pk", "same_as_id", "head_id", "place__code")
    heads: list[tuple[int, int | None, UUID, str]] = list(
        Household.objects.filter(pk__in=households).values_list(*values)
    )
    seen = look_to_match(
        person_ids=[head for _pk, _same, head, _code in heads], fields=("nik", "kk", "name"), by=by, now=now
    )
    today = localdate(now)
    return {
        pk: (same or pk, listed(seen[head], code.partition("/")[0], today))
        for pk, same, head, code in heads
        if head in seen
    }
