"""Booking a whole list of an RT, RW or employer, with a report line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner
from kolaborasi.places.models import Place
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import Kind, rw_code
from kolaborasi.vaccination.list_files import ListFile, ListLine, read_list
from kolaborasi.vaccination.models import Session
from kolaborasi.vaccination.services import Booked, ListBooked, ListedPerson, book_collective

__all__ = ["ListFile", "ListReport", "import_list", "read_list"]


@dataclass
class ListReport:
    """What became of a list.

    Args:
        size: its lines.
        booked: bookings by line of the file; empty when nothing was loaded.
        fine: lines that were booked, or could be.
        problems: every other line with its reason, in the order of the file.
        loaded: False when a line was refused and the rest was not asked for: then nobody was booked.
    """

    size: int
    booked: dict[int, Booked] = field(default_factory=dict)
    fine: int = 0
    problems: list[Problem] = field(default_factory=list)
    loaded: bool = False


def import_list(
    *,
    session: Session,
    file: ListFile,
    by: Actor,
    now: datetime,
    load_rest: bool = False,
    vouched_by: Partner | None = None,
) -> ListReport:
    """Book the people of a list into a session; a line that is refused stops all of them unless the rest is asked for.

    Loading the same list again books nobody twice: their lines say that they are booked.

    Args:
        load_rest: book the sound lines although others are refused.
        vouched_by: partner whose case worker knows those without a number.

    Raises:
        NotPermitted: neither head of the RW, nor of the session's partners, nor coordinator.
        SessionNotOpen: it takes nobody.
    """
    report = ListReport(file.size, problems=[*file.problems, *_doubles(file.lines)])
    twice = {problem.line for problem in report.problems}
    lines = [line for line in file.lines if line.line not in twice]
    people = _people(session, lines, vouched_by)
    with transaction.atomic():
        done = book_collective(session=session, people=people, by=by, now=now)
        report.problems += _refusals(lines, done)
        report.problems.sort(key=lambda problem: problem.line)
        report.fine = len(done.booked)
        report.loaded = load_rest or not report.problems
        if report.loaded:
            report.booked = {lines[turn - 1].line: booked for turn, booked in done.booked.items()}
        else:
            transaction.set_rollback(True)
    return report


def _refusals(lines: Sequence[ListLine], done: ListBooked) -> list[Problem]:
    return [Problem(lines[turn - 1].line, "", str(refusal)) for turn, refusal in done.refused.items()]


def _doubles(lines: Sequence[ListLine]) -> list[Problem]:
    """Lines whose number stands in an earlier line."""
    first: dict[str, int] = {}
    found = []
    for line in lines:
        number = line.identity.nik or line.identity.passport
        if number and first.setdefault(number, line.line) != line.line:
            reason = _("has the number of line %(line)s. Leave one of them out.") % {"line": first[number]}
            found.append(Problem(line.line, "nik", reason))
    return found


def _people(session: Session, lines: Sequence[ListLine], vouched_by: Partner | None) -> list[ListedPerson]:
    """People with where they live: the RW of their line when it is known, or else the area of the session."""
    area = session.residents_of
    homes = _rws(area, {line.rw for line in lines if line.rw})
    return [
        ListedPerson(
            identity=line.identity,
            birth_date=line.birth_date,
            residence=homes.get(line.rw, area),
            vouched_by=None if line.identity.nik or line.identity.passport else vouched_by,
        )
        for line in lines
    ]


def _rws(area: Place | None, numbers: set[int]) -> dict[int, Place]:
    if area is None or area.kind != Kind.KELURAHAN or not numbers:
        return {}
    codes = {rw_code(area.code, number): number for number in numbers}
    return {codes[place.code]: place for place in Place.objects.filter(code__in=codes)}
