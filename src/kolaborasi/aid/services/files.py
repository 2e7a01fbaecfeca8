"""Needs from a file: every broken row is told, nothing is loaded unless the sound rows alone are wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from kolaborasi.aid.errors import NEED_SENTENCES
from kolaborasi.aid.models import Cause, Item, NeedLine
from kolaborasi.aid.need_files import NeedFile, NeedRecord, read_needs
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import LineWish, NeedFault, need_faults
from kolaborasi.aid.services.needs import NeedRow, import_needs
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.places.area_files import settled_scheme
from kolaborasi.places.errors import BrokenRows, WrongScheme
from kolaborasi.places.models import Place, PlaceCode
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import BadCode, Kind, Scheme, canonical_code, rw_code
from kolaborasi.places.services import ensure_rws


@dataclass
class NeedImport:
    """What loading a file of needs did.

    Args:
        scheme: whose area codes the file has.
        rows: rows read, broken ones included.
        needs, lines: registered.
        skipped: broken rows left out because the caller asked for it.
    """

    scheme: Scheme
    rows: int
    needs: int = 0
    lines: int = 0
    skipped: list[Problem] = field(default_factory=list)


COLUMN_OF = {
    NeedFault.PAST_DATE: "needed_by_date",
    NeedFault.TOO_FAR_AHEAD: "needed_by_date",
    NeedFault.NO_HOUSEHOLDS: "households",
    NeedFault.QUANTITY: "quantity",
    NeedFault.TOO_MANY_UNITS: "quantity",
}
Key = tuple[str, Cause]
Wanted = dict[Key, list[NeedRecord]]


def import_needs_file(
    *,
    path: Path,
    by: Actor,
    now: datetime,
    scheme: Scheme | None = None,
    estimated: bool = False,
    skip_bad: bool = False,
    dry_run: bool = False,
) -> NeedImport:
    """Load needs from CSV as verified needs; rows of the same place and cause become one need.

    Args:
        scheme: whose codes the file has; may be left out when the file itself tells.
        estimated: pages say so beside each number.
        skip_bad: load the sound rows although others are broken.
        dry_run: report without writing.

    Raises:
        NotPermitted, UnreadableFile: see there.
        WrongScheme: as `settled_scheme` says, or no code is known under this scheme but some are under the other.
        BrokenRows: with every broken row; nothing was loaded.
    """
    TABLE.require(by, "import_needs_file")
    file = read_needs(path)
    if file.problems and not file.records:
        raise BrokenRows(file.problems, rows=file.size)
    told = [(record.code, record.name) for record in file.records]
    report = NeedImport(settled_scheme(path, told, file.named, scheme), file.size)
    _refuse_other_scheme(path, file, report.scheme)
    with transaction.atomic():
        wanted = _wanted(file, report.scheme, localdate(now))
        _refuse_unknown_items(file, wanted)
        places = _locked_places(wanted, by, now)
        _refuse_doubles(file, wanted)
        if file.problems and not skip_bad:
            raise BrokenRows(sorted(file.problems, key=lambda problem: problem.line), rows=file.size)
        report.skipped = sorted(file.problems, key=lambda problem: problem.line)
        rows = _rows(wanted, places)
        report.needs = len(import_needs(rows=rows, estimated=estimated, by=by, now=now)) if rows else 0
        report.lines = sum(len(row.lines) for row in rows)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _refuse_other_scheme(path: Path, file: NeedFile, scheme: Scheme) -> None:
    """Codes none of which is known here while another scheme knows them: the file is read under the wrong scheme."""
    if _places(file.records, scheme):
        return
    for other in (Scheme.BPS, Scheme.KEMENDAGRI):
        if other != scheme and (known := _places(file.records, other)):
            code = sorted(known)[0]
            words = {"file": path.name, "said": scheme, "told": other, "code": code, "name": known[code].name}
            raise WrongScheme(
                _(
                    "%(file)s is read as %(said)s, but its codes are %(told)s codes: %(code)s is %(name)s. Name the"
                    " scheme %(told)s, or head the column with it."
                )
                % words
            )


def _wanted(file: NeedFile, scheme: Scheme, today: date) -> Wanted:
    """Sound rows by the code of their place and their cause; the others become problems."""
    places = _places(file.records, scheme)
    wanted: Wanted = defaultdict(list)
    for record in file.records:
        place = places.get(record.code)
        if place is None:
            words = {"scheme": scheme, "code": record.code}
            _blame(file, record, "code", _("No area has the %(scheme)s code %(code)s.") % words)
        elif place.kind != Kind.KELURAHAN and not record.rw:
            _blame(file, record, "code", str(NEED_SENTENCES[NeedFault.PLACE_TOO_WIDE]))
        elif record.rw and place.kind != Kind.KELURAHAN:
            _blame(file, record, "code", _("Only a kelurahan has RW; this is the code of a wider area."))
        else:
            code = rw_code(place.code, record.rw) if record.rw else place.code
            wanted[code, record.cause].append(record)
    for key, records in list(wanted.items()):
        wanted[key] = _sound(file, records, today)
    return wanted


def _places(records: Sequence[NeedRecord], scheme: Scheme) -> Mapping[str, Place]:
    """Places by the code as the file has it, in one query."""
    canonical: dict[str, str] = {}
    for code in {record.code for record in records}:
        try:
            canonical[code] = canonical_code(scheme, code)
        except BadCode:
            continue
    known = PlaceCode.objects.filter(scheme=scheme, code__in=canonical.values()).select_related("place")
    by_code = {each.code: each.place for each in known}
    return {code: by_code[own] for code, own in canonical.items() if own in by_code}


def _sound(file: NeedFile, records: Sequence[NeedRecord], today: date) -> list[NeedRecord]:
    """Rows of one need without those that contradict the first, repeat an item or are wrong in themselves."""
    kept: list[NeedRecord] = []
    bases = dict(Item.objects.values_list("code", "basis"))
    for record in records:
        first = kept[0] if kept else record
        if (record.households, record.people) != (first.households, first.people):
            words = {"line": first.line}
            reason = _("Households and people differ from line %(line)s, which is of the same need.") % words
            _blame(file, record, "households", reason)
        elif record.item in {other.item for other in kept}:
            _blame(file, record, "item", _("The item is there twice for this place; add the quantities up."))
        else:
            wish = LineWish(record.item, record.quantity, record.needed_by_date)
            faults = need_faults(
                households=record.households,
                people=record.people,
                lines=[wish],
                population=None,
                today=today,
                bases=bases,
            )
            for fault in faults:
                _blame(file, record, COLUMN_OF.get(fault, "people"), str(NEED_SENTENCES[fault]))
            if not faults:
                kept.append(record)
    return kept


def _refuse_unknown_items(file: NeedFile, wanted: Wanted) -> None:
    known = set(Item.objects.values_list("code", flat=True))
    for key, records in wanted.items():
        for record in records:
            if record.item not in known:
                words = {"item": record.item, "items": ", ".join(sorted(known))}
                _blame(
                    file, record, "item", _("There is no item “%(item)s”; write one of: %(items)s.") % words
                )
        wanted[key] = [record for record in records if record.item in known]


def _refuse_doubles(file: NeedFile, wanted: Wanted) -> None:
    """A file loaded twice must not double what a place needs."""
    codes = {code for code, _cause in wanted}
    waiting = [NeedState.SUBMITTED, NeedState.OPEN]
    lines = NeedLine.objects.filter(
        need__place__code__in=codes, need__institution__isnull=True, need__state__in=waiting
    )
    asked = set(lines.values_list("need__place__code", "item__code"))
    for (code, cause), records in wanted.items():
        kept = []
        for record in records:
            if (code, record.item) in asked:
                reason = _("The place asks for this item already; change that need instead.")
                _blame(file, record, "item", reason)
            else:
                asked.add((code, record.item))
                kept.append(record)
        wanted[code, cause] = kept


def _locked_places(wanted: Wanted, by: Actor, now: datetime) -> dict[str, int]:
    """Keys of the places by code, their RW made, locked in key order so that no other need is registered there."""
    codes = {code for (code, _cause), records in wanted.items() if records}
    numbers: dict[str, list[int]] = defaultdict(list)
    for code in codes:
        kelurahan, _slash, rw = code.partition("/")
        if rw:
            numbers[kelurahan].append(int(rw))
    if numbers:
        ensure_rws(numbers=numbers, by=by, now=now)
    locked = Place.objects.select_for_update(no_key=True).filter(code__in=codes).order_by("pk")
    return dict(locked.values_list("code", "pk"))


def _rows(wanted: Wanted, places: Mapping[str, int]) -> list[NeedRow]:
    needs = {key: records for key, records in wanted.items() if records}
    return [
        NeedRow(
            place_id=places[code],
            cause=cause,
            households=records[0].households,
            people=records[0].people,
            lines=tuple(LineWish(each.item, each.quantity, each.needed_by_date) for each in records),
        )
        for (code, cause), records in needs.items()
    ]


def _blame(file: NeedFile, record: NeedRecord, column: str, reason: str) -> None:
    file.problems.append(Problem(record.line, file.headings[column], reason))
