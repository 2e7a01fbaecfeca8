"""From matched sheets to figures and to what a person should know about them; no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kolaborasi.places.errors import WrongScheme
from kolaborasi.places.matching import MatchedSheet, Target, disagreements, series_without_parts
from kolaborasi.places.problems import CountsReport
from kolaborasi.places.rules import Kind, Scheme, scheme_evidence
from kolaborasi.places.workbooks import CountsFile, CountSheet


@dataclass(frozen=True)
class FigureSpec:
    """A published count; `code` of a place, or a `bucket`."""

    code: str | None
    bucket: str
    series: str
    date: date
    value: int
    source: str


def require_scheme(counts: CountsFile, scheme: Scheme) -> None:
    """Refuse a workbook whose names agree with its codes only under the other scheme.

    Raises:
        WrongScheme: they do.
    """
    for sheet in counts.sheets:
        pairs = [(row.code, row.names.get(sheet.level, "")) for row in sheet.rows if row.code]
        evidence = scheme_evidence(pairs)
        if evidence.verdict not in (None, scheme):
            words = {"sheet": sheet.name, "said": scheme, "told": evidence.verdict}
            raise WrongScheme(
                _(
                    "Sheet “%(sheet)s” is read as %(said)s, but its codes and names only agree under %(told)s. "
                    "Say --scheme %(told)s."
                )
                % words
            )


def figures_of(counts: CountsFile, sheets: Iterable[MatchedSheet]) -> list[FigureSpec]:
    """One figure per target and series; the narrowest sheet speaks first, the others are checked against it."""
    found: dict[tuple[Target, str], int] = {}
    for matched in sorted(sheets, key=lambda m: list(Kind).index(m.sheet.level), reverse=True):
        totals = [(_total_target(matched), row) for row in matched.sheet.totals]
        for target, row in [*totals, *matched.rows]:
            for series, value in row.values.items():
                found.setdefault((target, series), value)
    return [
        FigureSpec(target.code, target.bucket, series, counts.as_of, value, counts.source)
        for (target, series), value in found.items()
    ]


def _total_target(matched: MatchedSheet) -> Target:
    # The total of a workbook is the published figure of the province its rows lie in.
    provinces = {target.code[:2] for target, _row in matched.rows if target.code}
    return Target(provinces.pop()) if len(provinces) == 1 else Target(None, "TOTAL")


def counts_report(counts: CountsFile, sheets: Sequence[MatchedSheet], figures: int) -> CountsReport:
    """What reading and matching a workbook found."""
    targets = [target for matched in sheets for target, _row in matched.rows]
    report = CountsReport(
        counts.source,
        counts.as_of,
        sheets=[(m.sheet.name.strip(), len(m.rows)) for m in sheets],
        places=sum(target.code is not None for target in targets),
        buckets=sum(target.code is None for target in targets),
        totals=sum(len(m.sheet.totals) for m in sheets),
        figures=figures,
        reviews=[review for m in sheets for review in m.reviews],
        disagreements=list(disagreements(sheets)),
    )
    report.notices += [
        _("sheet “%(sheet)s” has no areas; passed over") % {"sheet": n} for n in counts.passed_over
    ]
    for matched in sheets:
        report.notices += _sheet_notices(matched.sheet, series_without_parts(matched))
    return report


def _sheet_notices(sheet: CountSheet, without_parts: Sequence[str]) -> list[str]:
    words = {"sheet": sheet.name.strip() or "-"}
    notices = [
        _("sheet %(sheet)s: column “%(column)s” is not known, kept as %(series)s")
        % (words | {"column": column.heading, "series": column.series})
        for column in sheet.columns
        if not column.known
    ]
    if without_parts:
        text = _("sheet %(sheet)s: only the total is published of %(series)s")
        notices.append(text % (words | {"series": ", ".join(without_parts)}))
    if sheet.repeated_headers:
        text = _("sheet %(sheet)s: rows that repeat the header: %(times)s")
        notices.append(text % (words | {"times": sheet.repeated_headers}))
    return notices
