"""A bank's statement confirms gifts: every row is booked once or is told why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from kolaborasi.aid.models import CashGift, Fund
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.services.cash import Transfer, book, lock_fund
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.statement_files import StatementLine, read_statement
from kolaborasi.common.actors import Actor
from kolaborasi.places.problems import Problem


class RowOutcome(StrEnum):
    """What became of a row of a statement."""

    MATCHED = "matched"
    DIFFERENT = "different"
    """Booked for its gift, with other rupiah than were promised or stated."""
    UNMATCHED = "unmatched"
    """Booked without a gift: no code in its note, or more than one."""
    KNOWN = "known"
    """In the books already."""
    CONTRADICTS = "contradicts"
    """The bank's number is in the books with other rupiah; not booked."""
    MONEY_OUT = "money-out"


BOOKED = (RowOutcome.MATCHED, RowOutcome.DIFFERENT, RowOutcome.UNMATCHED)


@dataclass(frozen=True)
class StatementRow:
    """One row and what became of it."""

    line: int
    outcome: RowOutcome
    rupiah: int
    gift_id: int | None = None


@dataclass(frozen=True)
class StatementReport:
    """What importing a statement did: a row or a problem for each row of the file."""

    rows: list[StatementRow]
    problems: list[Problem]


def import_statement(*, fund: Fund, text: str, by: Actor, now: datetime) -> StatementReport:
    """Confirm the gifts of a fund by its bank's statement; a second import of the same rows changes nothing.

    Raises:
        NotPermitted: not of the aggregator.
        UnreadableFile: no header, a column is missing, or a quote is not closed.
    """
    TABLE.require(by, "import_statement", partner_id=fund.licence.partner_id)
    statement = read_statement(text)
    today = localdate(now)
    future = [
        Problem(each.line, "", _("This day is still to come. Check the date."))
        for each in statement.lines
        if each.date > today
    ]
    with transaction.atomic():
        locked = lock_fund(fund)
        rows, transfers = _sort(locked, [each for each in statement.lines if each.date <= today])
        book(locked, transfers, now)
        problems = statement.problems + future
        mark(
            verb="import_statement",
            event="statement_imported",
            subject=("aid.fund", fund.pk),
            by=by,
            now=now,
            booked=len(transfers),
            problems=len(problems),
        )
    return StatementReport(rows, problems)


def _sort(fund: Fund, lines: list[StatementLine]) -> tuple[list[StatementRow], list[Transfer]]:
    references = [each.reference for each in lines]
    known = dict(fund.receipts.filter(bank_reference__in=references).values_list("bank_reference", "rupiah"))
    words = {word for each in lines for word in each.words}
    gifts = {gift.code: gift for gift in CashGift.objects.filter(fund=fund, code__in=words)}
    rows, transfers = [], []
    for each in lines:
        row, gift = _row(each, known, gifts)
        rows.append(row)
        if row.outcome in BOOKED:
            transfers.append(Transfer(gift, each.rupiah, each.date, each.reference))
            known[each.reference] = each.rupiah
    return rows, transfers


def _row(
    line: StatementLine, known: Mapping[str, int], gifts: Mapping[str, CashGift]
) -> tuple[StatementRow, CashGift | None]:
    named = [gifts[word] for word in sorted(line.words) if word in gifts]
    gift = named[0] if len(named) == 1 else None
    if line.rupiah < 0:
        outcome = RowOutcome.MONEY_OUT
    elif line.reference in known:
        same = known[line.reference] == line.rupiah
        outcome = RowOutcome.KNOWN if same else RowOutcome.CONTRADICTS
    elif gift is None:
        outcome = RowOutcome.UNMATCHED
    else:
        same = line.rupiah == (gift.stated_rupiah or gift.rupiah)
        outcome = RowOutcome.MATCHED if same else RowOutcome.DIFFERENT
    return StatementRow(line.line, outcome, line.rupiah, gift.pk if gift else None), gift
