"""A household list held against the registry: 100,000 against 1,000,000; and how well doubles are found.

    python -m benchmarks.households [--small] [--output FILE]

screen       `aid.services.screening.screen`, all of it: keys, their keyed hashes, COPY, the join, opening and scoring the
             candidates. Every person of the registry is really encrypted. Three list sizes show how it grows.
quality      every double of the largest list is known by the generator: precision and recall as measured, at the
             thresholds of `aid.matching.scoring` and around them.

The population is invented; one in fifty heads has a twin with neighbouring numbers, three in ten copies have a slip in the
NIK, two in ten in the family card, four in ten another spelling of the name (`tests.aid.lists`).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "households.json"
GOAL_SECONDS = 60.0
GROWTH = 1.5
"""Seconds for each row of the longest list may be at most so many times those of the shortest."""


def registry(known: Sequence[Any], places: dict[str, int]) -> float:
    """Store households with encrypted heads and their keys, by COPY; seconds."""
    from django.db import connection

    from kolaborasi.aid.services.rolls import marks_of
    from kolaborasi.aid.services.screening import fingerprint
    from kolaborasi.people import vault
    from kolaborasi.people.models import Person
    from tests.conftest import NOW

    started = time.perf_counter()
    key = vault.platform_keys()[0]
    heads = [Person(registered_at=NOW) for _each in known]
    with connection.cursor() as cursor:
        columns = "id, wrapped_key, key_id, name, nik, kk, registered_at"
        with cursor.copy(f"COPY people_person ({columns}) FROM STDIN") as copy:
            for person, of in zip(heads, known, strict=True):
                own = vault.new_person_key()
                key_id, wrapped = vault.wrap(own, person.pk)
                closed = [
                    vault.close(own, getattr(of, name), person.pk, name) for name in ("name", "nik", "kk")
                ]
                copy.write_row([person.pk, wrapped, key_id, *closed, NOW])
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM aid_household")
        first = cursor.fetchone()[0] + 1
        columns = "id, head_id, place_id, key_id, nik_mark, kk_mark, sounds, state, registered_at"
        with cursor.copy(f"COPY aid_household ({columns}) FROM STDIN") as copy:
            for at, (person, of) in enumerate(zip(heads, known, strict=True), start=first):
                key_id, nik, kk = marks_of(of.nik, of.kk)
                sounds = fingerprint(of, key).sounds
                copy.write_row([at, person.pk, places[of.place], key_id, nik, kk, sounds, "settled", NOW])
        with cursor.copy("COPY aid_householdkey (key, household_id) FROM STDIN") as copy:
            for at, of in enumerate(known, start=first):
                for digest in set(fingerprint(of, key).keys):
                    copy.write_row((digest, at))
        for table in ("people_person", "aid_household", "aid_householdkey"):
            cursor.execute(f"ANALYZE {table}")
    return time.perf_counter() - started


def places_of(codes: set[str]) -> dict[str, int]:
    """Kelurahan with these codes, by code."""
    from tests.factories import KelurahanFactory

    return {code: KelurahanFactory(code=code).pk for code in sorted(codes)}


def screened(copies: Sequence[Any]) -> tuple[Any, float]:
    """What the screening finds, and its seconds."""
    from django.db import transaction

    from kolaborasi.aid.services.screening import screen
    from kolaborasi.common.actors import Actor
    from tests.conftest import NOW

    with transaction.atomic():
        started = time.perf_counter()
        found = screen([copy.record for copy in copies], by=Actor.system("bench"), now=NOW)
        return found, time.perf_counter() - started


def quality(found: Any, copies: Sequence[Any]) -> dict[str, Any]:
    """Precision and recall at the thresholds, and at others for the first of them."""
    from kolaborasi.aid.matching.scoring import SAME_FROM, Verdict

    doubles = sum(copy.of is not None for copy in copies)
    best = [(each[0] if each else None, copy) for each, copy in zip(found.likenesses, copies, strict=True)]
    known = [(one, copy) for one, copy in best if one is not None and one.household_id is not None]
    same = [(one, copy) for one, copy in known if one.comparison.verdict == Verdict.SAME]
    waits = [(one, copy) for one, copy in best if one and one.comparison.verdict == Verdict.REVIEW]
    right = sum(copy.of is not None and one.household_id == copy.of + 1 for one, copy in same)
    seen = sum(
        copy.of is not None and any(other.household_id == copy.of + 1 for other in likenesses)
        for likenesses, copy in zip(found.likenesses, copies, strict=True)
    )
    by_threshold = {}
    for threshold in (SAME_FROM - 8, SAME_FROM - 4, SAME_FROM, SAME_FROM + 4, SAME_FROM + 8):
        above = [(one, copy) for one, copy in known if one.comparison.score >= threshold]
        hits = sum(copy.of is not None and one.household_id == copy.of + 1 for one, copy in above)
        by_threshold[str(threshold)] = {
            "precision": round(hits / len(above), 5) if above else None,
            "recall": round(hits / doubles, 5),
        }
    return {
        "doubles": doubles,
        "precision": round(right / len(same), 5),
        "recall without a person": round(right / doubles, 5),
        "recall with review": round(seen / doubles, 5),
        "rows for review, of 100": round(100 * len(waits) / len(copies), 2),
        "score from which two are one": by_threshold,
    }


def measure(size: int, lists: Sequence[int]) -> dict[str, Any]:
    """Seconds for lists of several lengths against one registry, and the quality of the longest."""
    from tests.aid.lists import population, second_list

    known = population(size)
    places = places_of({each.place for each in known})
    built = registry(known, places)
    rows = []
    for length in lists:
        # Half of a list is known already: what an ordinary month of government aid looks like.
        copies = second_list(known, doubles=length // 2, news=length - length // 2, seed=length)
        found, seconds = screened(copies)
        rows.append(
            {
                "rows": len(copies),
                "seconds": round(seconds, 2),
                "rows a second": round(len(copies) / seconds),
                "pairs scored": found.pairs,
                "households opened": found.decrypted,
            }
        )
    return {
        "registry": size,
        "registry built, seconds": round(built, 1),
        "lists": rows,
        "quality": quality(found, copies),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    prepare()
    try:
        wanted = (20_000, (500, 1_000, 2_000)) if options.small else (1_000_000, (25_000, 50_000, 100_000))
        found = measure(*wanted)
    finally:
        drop()
    print(json.dumps(found, indent=2))
    if options.small:
        return
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    first, last = found["lists"][0], found["lists"][-1]
    if last["seconds"] > GOAL_SECONDS:
        raise SystemExit(f"{last['seconds']} s; {GOAL_SECONDS} are wanted")
    if last["seconds"] / last["rows"] > GROWTH * first["seconds"] / first["rows"]:
        raise SystemExit("the time grows faster than the list")


if __name__ == "__main__":
    main()
