"""A list held against the registry: candidates by keyed hashes in one join, scores on candidates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.utils.timezone import localdate

from kolaborasi.aid.matching.keys import keys_of, telling_sounds
from kolaborasi.aid.matching.scoring import Comparison, Listed, Verdict, compare
from kolaborasi.aid.models import Household, HouseholdKey
from kolaborasi.common.actors import Actor
from kolaborasi.people import vault
from kolaborasi.people.rules import NotANumber, read_nik
from kolaborasi.people.services import look_to_match

KIND = "household"
"""Purpose of the keyed hashes, so that they have nothing in common with those of persons."""

KINDS = {"nik": 0, "kk": 1, "name": 2}
EQUAL_FROM = 4
"""Shortened forms that two numbers share only when they are equal: one slip leaves one or two in common."""

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


@dataclass(frozen=True)
class Fingerprint:
    """What of a household may be stored to find it: keyed hashes, nothing else.

    Args:
        keys: signed 64-bit; the last two bits say what each is of (`KINDS`).
        sounds: signed 16-bit.
    """

    keys: list[int]
    sounds: list[int]


@dataclass
class Screened:
    """What was found for a list.

    Args:
        likenesses: for each row, what it may be, surest first; those that are surely different are left out.
        prints: of each row, to be stored with it.
        pairs: candidate pairs that were scored.
        decrypted: households whose identity was opened for it.
    """

    likenesses: list[list[Likeness]]
    prints: list[Fingerprint] = field(repr=False)
    pairs: int = 0
    decrypted: int = 0


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
    newest, *older = vault.platform_keys()
    found = Screened([[] for _row in rows], [fingerprint(row, newest) for row in rows])
    _copy_prints([found.prints, *([fingerprint(row, key) for row in rows] for key in older)])
    _score_registry(found, rows, by, now)
    _score_list(found, rows)
    for likenesses in found.likenesses:
        likenesses.sort(key=lambda each: -each.comparison.score)
    return found


def fingerprint(of: Listed, key: vault.PlatformKey) -> Fingerprint:
    """The keyed hashes of a household under one platform key."""
    words = keys_of(nik=of.nik, kk=of.kk, name=of.name, birth_date=of.birth_date)
    keys = [
        digest & ~3 | KINDS[word.partition("-")[0]]
        for word, digest in zip(words, vault.short_digests(key, KIND, words), strict=True)
    ]
    sounds = vault.short_digests(key, f"{KIND}-sound", telling_sounds(of.name))
    return Fingerprint(keys, [digest >> 48 for digest in sounds])


def store_keys(households: Sequence[Household], prints: Sequence[Fingerprint]) -> None:
    """Store the keys of new households by COPY."""
    table = connection.ops.quote_name(HouseholdKey._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} (key, household_id) FROM STDIN") as copy:
        for household, own in zip(households, prints, strict=True):
            for key in set(own.keys):
                copy.write_row((key, household.pk))


def listed(identity: dict[str, str], place: str, today: date) -> Listed:
    """What the registry knows of a household, for a comparison."""
    nik = identity.get("nik", "")
    try:
        born = read_nik(nik, today=today).birth_date if nik else None
    except NotANumber:
        born = None
    return Listed(nik, identity.get("kk", ""), identity.get("name", ""), born, place)


def _copy_prints(prints: Sequence[Sequence[Fingerprint]]) -> None:
    """Fingerprints of the rows, under each platform key, as tables that last as long as the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS screened, screened_row")
        cursor.execute("CREATE TEMPORARY TABLE screened (row integer, key bigint) ON COMMIT DROP")
        cursor.execute("CREATE TEMPORARY TABLE screened_row (row integer, sounds smallint[]) ON COMMIT DROP")
        with cursor.copy("COPY screened (row, key) FROM STDIN") as copy:
            for under_one_key in prints:
                for row, own in enumerate(under_one_key):
                    for key in set(own.keys):
                        copy.write_row((row, key))
        with cursor.copy("COPY screened_row (row, sounds) FROM STDIN") as copy:
            for row, each in enumerate(zip(*prints, strict=True)):
                copy.write_row((row, [sound for own in each for sound in own.sounds]))
        cursor.execute("ANALYZE screened, screened_row")


# A neighbouring number alone is no sign: people of one day and kecamatan have such. What counts is a second kind of key, an
# equal number (which shares many shortened forms), a sound with its birthday, or at least a sound of the name.
CANDIDATES = """
    SELECT pair.row, pair.other
    FROM (
        SELECT row, other, count(*) AS kinds, max(shared) AS shared, bool_or(kind = {name}) AS named
        FROM (SELECT row, other, key & 3 AS kind, count(*) AS shared FROM ({hits}) AS hit GROUP BY 1, 2, 3) AS counted
        GROUP BY row, other
    ) AS pair
    JOIN screened_row ON screened_row.row = pair.row
    JOIN {holders} AS holder ON holder.{holder} = pair.other
    WHERE pair.kinds >= 2 OR pair.named OR pair.shared >= {equal} OR holder.sounds && screened_row.sounds
"""
"""Pairs that are worth opening."""


def _candidates(hits: str, holders: str, holder: str) -> list[tuple[int, int]]:
    words = {"hits": hits, "holders": holders, "holder": holder, "name": KINDS["name"], "equal": EQUAL_FROM}
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES.format(**words))
        return [(row, other) for row, other in cursor.fetchall()]


def _score_registry(found: Screened, rows: Sequence[Listed], by: Actor, now: datetime) -> None:
    hits = (
        "SELECT screened.row, known.household_id AS other, screened.key FROM screened"  # noqa: S608 - our own tables
        f" JOIN {HouseholdKey._meta.db_table} AS known ON known.key = screened.key"
    )
    pairs = _candidates(hits, Household._meta.db_table, "id")
    known = _open({household for _row, household in pairs}, by, now)
    found.pairs += len(pairs)
    found.decrypted = len(known)
    for row, household in pairs:
        if household in known:
            canonical, other = known[household]
            _keep(found, row, Likeness(compare(rows[row], other), household_id=canonical))


def _score_list(found: Screened, rows: Sequence[Listed]) -> None:
    hits = (
        "SELECT later.row, earlier.row AS other, later.key FROM screened AS later"
        " JOIN screened AS earlier ON earlier.key = later.key AND earlier.row < later.row"
    )
    pairs = _candidates(hits, "screened_row", "row")
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
