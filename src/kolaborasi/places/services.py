"""Verbs: load areas, import counts, load Jakarta, make sure an RW exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from kolaborasi.audit.services import record
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit
from kolaborasi.places import facts
from kolaborasi.places.area_files import read_areas
from kolaborasi.places.errors import BrokenRows, UnknownArea
from kolaborasi.places.matching import match_sheet
from kolaborasi.places.models import Place
from kolaborasi.places.permissions import TABLE
from kolaborasi.places.plans import PlaceSpec, plan_areas, plan_bps_codes
from kolaborasi.places.problems import CountsReport, Problem
from kolaborasi.places.reports import FigureSpec, counts_report, figures_of, require_scheme
from kolaborasi.places.rules import Kind, Scheme, normal_name, rw_code
from kolaborasi.places.store import (
    insert_missing_rw,
    known_places,
    one_loader_at_a_time,
    place_index,
    upsert_codes,
    upsert_figures,
    upsert_places,
)
from kolaborasi.places.workbooks import read_counts

POPULATION_2024, POPULATION_2019 = date(2024, 12, 31), date(2019, 6, 30)
POPULATION_SOURCE = "Pemprov DKI Jakarta, penduduk per kelurahan"
DAILY_SOURCE = "covid19.go.id prov_detail_DKI_JAKARTA"


@dataclass
class LoadReport:
    """What loading a list of areas did.

    Args:
        source: file name without its ending.
        scheme: whose codes the file has.
        read: rows in the file.
        created, updated, unchanged: areas.
        skipped: broken rows left out because the caller asked for it.
    """

    source: str
    scheme: Scheme
    read: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Problem] = field(default_factory=list)


def load_areas(
    *,
    path: Path,
    by: Actor,
    now: datetime,
    scheme: Scheme | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
) -> LoadReport:
    """Load areas from CSV or GeoJSON.

    Kemendagri codes create and correct areas. BPS codes are attached to areas that are known already, found by name
    below the area above, because a BPS code does not tell the Kemendagri code.

    Args:
        skip_bad: load the sound rows although others are broken.
        dry_run: report without writing.

    Raises:
        NotPermitted, UnreadableFile, WrongScheme: see there.
        BrokenRows: with every broken row; nothing was loaded.
    """
    TABLE.require(by, "load_areas")
    areas = read_areas(path, scheme=scheme)
    report = LoadReport(areas.source, areas.scheme, areas.size)
    with transaction.atomic():
        one_loader_at_a_time()
        existing = known_places()
        planned = plan_bps_codes if areas.scheme == Scheme.BPS else plan_areas
        plan = planned(areas.rows, place_index(existing.values()))
        problems = sorted([*areas.problems, *plan.problems], key=lambda problem: problem.line)
        if problems and not skip_bad:
            raise BrokenRows(problems, rows=areas.size)
        report.skipped = problems
        written = upsert_places(plan.specs, existing)
        report.created, report.updated, report.unchanged = written.created, written.updated, written.unchanged
        upsert_codes((written.ids[code], of_scheme, other) for code, of_scheme, other in plan.codes)
        if dry_run:
            transaction.set_rollback(True)
            return report
        detail = {"created": report.created, "updated": report.updated, "skipped": len(problems)}
        _on_record("places.load_areas", "places.areas_loaded", report.source, by, now, detail)
    return report


def import_counts(
    *,
    path: Path,
    by: Actor,
    now: datetime,
    as_of: date | None = None,
    scheme: Scheme = Scheme.KEMENDAGRI,
    skip_bad: bool = False,
    dry_run: bool = False,
) -> CountsReport:
    """Import an official workbook of counts per kelurahan into figures.

    The figures' source is the file's name, so that importing a corrected file of the same name corrects them.

    Args:
        as_of: date of the figures, when the file's name has none.
        scheme: whose codes the file has.
        skip_bad: import the sound rows although others are broken.
        dry_run: report without writing.

    Raises:
        NotPermitted, UnreadableFile: see there.
        WrongScheme: the names agree with the codes only under the other scheme.
        BrokenRows: with every broken row; nothing was imported.
    """
    TABLE.require(by, "import_counts")
    counts = read_counts(path, as_of=as_of)
    with transaction.atomic():
        one_loader_at_a_time()
        places = known_places()
        if not places:
            raise UnknownArea(_("No areas are loaded yet. Load them first: kolaborasi places load-jakarta."))
        require_scheme(counts, scheme)
        index = place_index(places.values())
        sheets = [match_sheet(index, sheet, scheme) for sheet in counts.sheets]
        problems = [problem for sheet in sheets for problem in sheet.problems]
        if problems and not skip_bad:
            raise BrokenRows(problems, rows=sum(sheet.size for sheet in sheets))
        figures = figures_of(counts, sheets)
        report = counts_report(counts, sheets, len(figures))
        report.skipped = problems
        if not dry_run:
            upsert_figures(figures, {code: place.pk for code, place in places.items()})
            detail = {"figures": len(figures), "skipped": len(problems), "as_of": str(counts.as_of)}
            _on_record("places.import_counts", "places.counts_imported", counts.source, by, now, detail)
    return report


def load_jakarta(*, by: Actor, now: datetime) -> LoadReport:
    """Load the facts that come with the platform: Jakarta's areas, both codes, population, and Covid-19 counts.

    Doing it again changes nothing but what the facts correct.

    Raises:
        NotPermitted: the actor may not load.
    """
    TABLE.require(by, "load_jakarta")
    places = facts.jakarta_places()
    specs = [PlaceSpec(Kind(p.kind), p.code, p.name, p.latitude, p.longitude) for p in places]
    with transaction.atomic():
        one_loader_at_a_time()
        written = upsert_places(specs, known_places())
        codes = [(written.ids[p.code], Scheme.KEMENDAGRI, p.code) for p in places]
        codes += [(written.ids[p.code], Scheme.BPS, p.bps_code) for p in places]
        upsert_codes(codes)
        figures = upsert_figures(_jakarta_figures(), written.ids)
        detail = {"created": written.created, "updated": written.updated, "figures": figures}
        _on_record("places.load_jakarta", "places.areas_loaded", "31", by, now, detail)
    return LoadReport(
        "jakarta", Scheme.KEMENDAGRI, len(specs), written.created, written.updated, written.unchanged
    )


def _jakarta_figures() -> list[FigureSpec]:
    figures = []
    for place in facts.jakarta_places():
        for series, when, value in (
            ("population.total", POPULATION_2024, place.population_2024),
            ("population.total", POPULATION_2019, place.population_2019),
            ("households.total", POPULATION_2019, place.households_2019),
        ):
            if value is not None:
                figures.append(FigureSpec(place.code, "", series, when, value, POPULATION_SOURCE))
    for count in facts.covid_counts():
        spec = FigureSpec(
            count.code or None, count.bucket, count.series, facts.COVID_DATE, count.value, facts.COVID_SOURCE
        )
        figures.append(spec)
    for day, cases in facts.daily_new_cases().items():
        figures.append(FigureSpec("31", "", "covid.confirmed.new", day, cases, DAILY_SOURCE))
    return figures


def ensure_rw(*, kelurahan: Place, number: int, by: Actor, now: datetime) -> Place:
    """The RW of this number in a kelurahan, made when it is not there yet.

    Args:
        number: 1 to 999.

    Raises:
        NotPermitted: the actor is not signed in.
        BadCode: the number cannot be one.
        UnknownArea: `kelurahan` is no kelurahan.
    """
    TABLE.require(by, "ensure_rw")
    code = rw_code(kelurahan.code, number)
    known = Place.objects.filter(code=code).first()
    return known or ensure_rws(numbers={kelurahan.code: [number]}, by=by, now=now)[code]


def ensure_rws(*, numbers: Mapping[str, Iterable[int]], by: Actor, now: datetime) -> dict[str, Place]:
    """Many RW at once.

    Args:
        numbers: RW numbers by the Kemendagri code of the kelurahan.

    Returns:
        The RW by code, those that were there already included.

    Raises:
        NotPermitted: the actor is not signed in.
        BadCode: a number cannot be one.
        UnknownArea: a code is no known kelurahan.
    """
    TABLE.require(by, "ensure_rws")
    wanted = {rw_code(code, number): (code, number) for code, own in numbers.items() for number in own}
    with transaction.atomic():
        above = {
            p.code: p for p in Place.objects.filter(kind=Kind.KELURAHAN, code__in=list(numbers)).order_by()
        }
        if unknown := sorted(set(numbers) - set(above)):
            raise UnknownArea(_("No kelurahan has the code %(code)s.") % {"code": unknown[0]})
        existing = {place.code: place for place in Place.objects.filter(code__in=list(wanted))}
        missing = [
            _rw(code, number, above[parent])
            for code, (parent, number) in wanted.items()
            if code not in existing
        ]
        if not missing:
            return existing
        insert_missing_rw(missing)
        _on_record("places.ensure_rw", "places.areas_loaded", "rw", by, now, {"missing": len(missing)})
        return {place.code: place for place in Place.objects.filter(code__in=list(wanted))}


def _rw(code: str, number: int, kelurahan: Place) -> Place:
    name = f"RW {number:03d}"
    return Place(
        kind=Kind.RW,
        code=code,
        name=name,
        search_name=normal_name(name),
        parent=kelurahan,
        latitude=kelurahan.latitude,
        longitude=kelurahan.longitude,
    )


def _on_record(
    verb: str, event: str, subject: str, by: Actor, now: datetime, detail: Mapping[str, object]
) -> None:
    record(verb=verb, subject=("places", subject), by=by, now=now, detail=dict(detail))
    emit(name=event, subject=("places", subject), now=now, data=dict(detail))
