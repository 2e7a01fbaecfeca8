"""What is wrong with a file: where and why, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Problem:
    """One broken row.

    Args:
        line: line of the file or row of the sheet, from 1; feature number for GeoJSON.
        column: heading of the cell at fault; empty when the whole row is.
        reason: what is wrong and what to do.
        sheet: name of the sheet, empty for other files.
    """

    line: int
    column: str
    reason: str
    sheet: str = ""

    def __str__(self) -> str:
        where = _("line %(line)s") % {"line": self.line}
        if self.sheet:
            where = _("sheet %(sheet)s, %(where)s") % {"sheet": self.sheet.strip(), "where": where}
        if self.column:
            where = _("%(where)s, column %(column)s") % {"where": where, "column": self.column}
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class Disagreement:
    """A published whole that is not the sum of its published parts.

    Args:
        where: sheet and row.
        series: the series, or the whole of a sum over series.
        published: the number the file gives for the whole.
        counted: the sum of the parts.
    """

    where: str
    series: str
    published: int
    counted: int

    def __str__(self) -> str:
        numbers = {
            "where": self.where,
            "series": self.series,
            "published": self.published,
            "counted": self.counted,
        }
        return (
            _("%(where)s: %(series)s is published as %(published)s, its parts sum to %(counted)s") % numbers
        )


@dataclass
class CountsReport:
    """What reading a workbook found.

    Args:
        source: file name without its ending.
        as_of: the date of the figures.
        sheets: name and number of data rows of each sheet read.
        places: rows that belong to a place; buckets: rows that belong to none; totals: total rows.
        figures: single numbers kept.
        reviews: rows matched although code or name differ, for a person to look at.
        notices: columns without a known series, series without parts, sheets passed over.
        disagreements: wholes that differ from their parts.
        skipped: broken rows left out because the caller asked for it.
    """

    source: str
    as_of: date
    sheets: list[tuple[str, int]] = field(default_factory=list)
    places: int = 0
    buckets: int = 0
    totals: int = 0
    figures: int = 0
    reviews: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
