"""`hold()` against the bare SQL it stands for, and `hold_many` against `hold()` in a loop.

    python -m benchmarks.holds [--small]

bare       one transaction of two hand-written statements on the same connection: the conditional UPDATE of the need
           line and the INSERT of the promise, through psycopg's cursor, with the same columns.
hold()     `commitments.services.hold` on a promise object: no permission, audit or event.
pledge()   `aid.services.pledge` for a partner: permission, partner check, hold, audit and event, for information.
hold_many  `commitments.services.hold_many` of 10,000 promises on 2,000 need lines, against `hold()` in a loop (its rate
           from the same run).

bare and hold() alternate in short turns, so that both meet the same disk; the ratio is of their median rates.
fsync and synchronous_commit are on; the run refuses to start otherwise.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "holds.json"
TURNS = 10
BULK_TURNS = 3
GOALS = {"hold / bare": 0.6, "hold_many / loop": 20.0}


def rate(turn: Callable[[], None], times: int) -> float:
    """Calls a second over `times` calls."""
    started = time.perf_counter()
    for _call in range(times):
        turn()
    return times / (time.perf_counter() - started)


def measure(per_turn: int, bulk: int) -> dict[str, float]:
    """All rates of one run, in operations a second, and the two ratios."""
    from django.db import connection

    from kolaborasi.aid import services as aid
    from kolaborasi.aid.models import NeedLine, Pledge
    from kolaborasi.aid.services.pledges import Donor
    from kolaborasi.commitments import services as kernel
    from tests.conftest import NOW
    from tests.factories import NeedLineFactory, PartnerFactory, staff

    giver = PartnerFactory()
    lines = [NeedLineFactory(reported=1_000_000) for _line in range(50)]
    by = staff("partner_member", partner_id=giver.pk)
    number, turn = count(), count()
    held_until = NOW + timedelta(hours=1)

    def promise(line: NeedLine) -> Pledge:
        return Pledge(
            need_line=line,
            partner=giver,
            quantity=1,
            deliver_date=NOW.date(),
            pledged_at=NOW,
            held_until=held_until,
            link_hash=f"bench-{next(number)}",
            receipt_code="AAAAAA",
        )

    connection.ensure_connection()
    raw = connection.connection
    columns = [field.column for field in Pledge._meta.concrete_fields if not field.primary_key]
    insert = f"INSERT INTO aid_pledge ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) RETURNING id"
    update = 'UPDATE aid_needline SET committed = committed + 1 WHERE id = %s AND "limit" >= committed + 1'

    def bare() -> None:
        line = lines[next(turn) % len(lines)]
        made = promise(line)
        values = [
            getattr(made, field.attname) for field in Pledge._meta.concrete_fields if not field.primary_key
        ]
        with raw.transaction(), raw.cursor() as cursor:
            cursor.execute(update, [line.pk])
            assert cursor.rowcount == 1
            cursor.execute(insert, values)
            cursor.fetchone()

    def hold() -> None:
        kernel.hold(promise(lines[next(turn) % len(lines)]), now=NOW)

    def pledge() -> None:
        aid.pledge(
            need_line=lines[next(turn) % len(lines)],
            donor=Donor(partner=giver),
            quantity=1,
            deliver_date=NOW.date(),
            by=by,
            now=NOW,
        )

    rates: dict[str, list[float]] = {"bare": [], "hold": [], "pledge": []}
    for warm in (bare, hold, pledge):
        rate(warm, 20)
    for _turn in range(TURNS):
        rates["bare"].append(rate(bare, per_turn))
        rates["hold"].append(rate(hold, per_turn))
        rates["pledge"].append(rate(pledge, per_turn))
    result = {f"{name}, a second": statistics.median(each) for name, each in rates.items()}

    many_lines = [NeedLineFactory(reported=1_000_000) for _line in range(bulk // 5)]

    def hold_bulk() -> float:
        wanted = [promise(many_lines[position % len(many_lines)]) for position in range(bulk)]
        started = time.perf_counter()
        done = kernel.hold_many(wanted, now=NOW)
        seconds = time.perf_counter() - started
        assert len(done.held) == bulk
        return bulk / seconds

    result["hold_many, a second"] = statistics.median(hold_bulk() for _turn in range(BULK_TURNS))
    result["hold / bare"] = result["hold, a second"] / result["bare, a second"]
    result["hold_many / loop"] = result["hold_many, a second"] / result["hold, a second"]
    return result


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--small", action="store_true", help="fewer operations; the result file is left alone"
    )
    small = parser.parse_args().small
    prepare()
    try:
        result = measure(per_turn=50 if small else 300, bulk=1_000 if small else 10_000)
    finally:
        drop()
    for name, value in result.items():
        goal = f"   goal: at least {GOALS[name]}" if name in GOALS else ""
        print(f"{name:24}{value:12,.2f}{goal}")
    if not small:
        missed = [name for name, goal in GOALS.items() if result[name] < goal]
        RESULT.write_text(
            json.dumps({name: round(value, 3) for name, value in result.items()}, indent=1) + "\n"
        )
        if missed:
            raise SystemExit(f"below its goal: {', '.join(missed)}")


if __name__ == "__main__":
    main()
