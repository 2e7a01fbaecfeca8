"""Which published series a column of an official workbook is; headings in, stable series names out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

COVID_GROUPS = {
    "SUSPEK": "suspect",
    "PROBABLE": "probable",
    "PELAKU PERJALANAN": "traveller",
    "KONTAK ERAT": "contact",
    "DISCARDED": "discarded",
    "POSITIF": "confirmed",
}
COVID_PARTS = {
    "PERAWATAN RS": "hospitalised",
    "DIRAWAT": "hospitalised",
    "ISOLASI DI RUMAH": "isolated",
    "SELF ISOLATION": "isolated",
    "ISOLASI MANDIRI": "isolated",
    "SELESAI ISOLASI": "finished",
    "MENINGGAL": "died",
    "SEMBUH": "recovered",
}
CONFIRMED_PARTS = {
    "hospitalised": "covid.hospitalised",
    "isolated": "covid.selfisolation",
    "died": "covid.died",
    "recovered": "covid.recovered",
}
DOSE_GROUPS = {
    "": "total",
    "JUMLAH": "total",
    "TOTAL": "total",
    "LANSIA": "elderly",
    "PELAYAN PUBLIK": "public_servant",
    "GOTONG ROYONG": "gotong_royong",
    "TENAGA KESEHATAN": "health_worker",
    "TAHAPAN 3": "stage3",
    "REMAJA": "youth",
    "ANAK": "child",
}
_DOSE = re.compile(r"(?P<group>.*?)\s*\bDOSIS\s*(?P<number>\d)")
_DOSES = re.compile(r"(?P<group>.*?)\s*\b(TOTAL|JUMLAH) VAKSIN DIBERIKAN")
_REMARKS = {"KETERANGAN", "CATATAN", "NO", "NOMOR"}


def clean_heading(cell: object) -> str:
    """A heading on one line in capitals: line breaks, underscores and doubled spaces become one space."""
    return re.sub(r"[\s_]+", " ", str(cell if cell is not None else "")).strip().upper()


def slug(text: str) -> str:
    """A heading as the last part of a series name, at most 40 characters: `Perawatan RS` becomes `perawatan_rs`."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40]


@dataclass(frozen=True)
class Column:
    """One column of figures.

    Args:
        index: position in the row, from 0.
        heading: the cleaned heading, with its group where headings repeat.
        series: stable name of the series.
        known: False for a heading this module has no word for; its series is then made from the heading.
    """

    index: int
    heading: str
    series: str
    known: bool


def columns_of(headings: Sequence[str], first: int) -> list[Column]:
    """Name the series of every figure column.

    A Covid workbook repeats `Perawatan RS` and the like below each status, which is the last heading of
    `COVID_GROUPS` to its left.

    Args:
        headings: cleaned headings of the whole row.
        first: index of the first column after the area's code and names.
    """
    columns: list[Column] = []
    group = ""
    for index, heading in enumerate(headings[first:], start=first):
        if not heading or heading in _REMARKS:
            continue
        group = heading if heading in COVID_GROUPS else group
        column = _dose_column(index, heading) or _covid_column(index, heading, group)
        columns.append(column or Column(index, heading, f"other.{slug(f'{group} {heading}')}", known=False))
    return _distinct(columns)


def _dose_column(index: int, heading: str) -> Column | None:
    if heading == "SASARAN":
        return Column(index, heading, "vaccination.target", known=True)
    if heading == "BELUM VAKSIN":
        return Column(index, heading, "vaccination.unvaccinated", known=True)
    for pattern, stem in ((_DOSE, "dose"), (_DOSES, "doses")):
        if match := pattern.fullmatch(heading):
            group = match["group"].strip()
            number = match["number"] if stem == "dose" else ""
            name = DOSE_GROUPS.get(group, slug(group))
            return Column(index, heading, f"vaccination.{stem}{number}.{name}", known=group in DOSE_GROUPS)
    return None


def _covid_column(index: int, heading: str, group: str) -> Column | None:
    if not group:
        return None
    status = COVID_GROUPS[group]
    if heading == group:
        return Column(index, heading, f"covid.{status}.cumulative", known=True)
    bare = re.sub(rf"^{group}\s+", "", heading)
    part = COVID_PARTS.get(bare)
    if part is None:
        return Column(index, f"{group} / {heading}", f"covid.{status}.{slug(heading)}", known=False)
    name = (
        CONFIRMED_PARTS[part]
        if status == "confirmed" and part in CONFIRMED_PARTS
        else f"covid.{status}.{part}"
    )
    return Column(index, f"{group} / {heading}", name, known=True)


def _distinct(columns: list[Column]) -> list[Column]:
    seen: dict[str, int] = {}
    result = []
    for column in columns:
        seen[column.series] = seen.get(column.series, 0) + 1
        if (times := seen[column.series]) > 1:
            column = Column(column.index, column.heading, f"{column.series}.{times}", known=False)
        result.append(column)
    return result


@dataclass(frozen=True)
class PartsRule:
    """`whole` must equal the sum of `parts` in every row."""

    whole: str
    parts: tuple[str, ...]


def parts_rules(series: Sequence[str]) -> list[PartsRule]:
    """The sums that must hold among the series of one sheet.

    Covid: a status is the sum of its parts. Vaccination: a group's doses are the sum over dose numbers, each dose's
    total is the sum over groups, and the target is who had a first dose and who had none.
    """
    present = set(series)
    rules = [_covid_rule(status, series) for status in COVID_GROUPS.values()]
    rules += [_doses_rule(name, series) for name in series if name.startswith("vaccination.doses.")]
    rules += [
        _groups_rule(name, series) for name in series if re.fullmatch(r"vaccination\.dose\d\.total", name)
    ]
    rules.append(PartsRule("vaccination.target", ("vaccination.unvaccinated", "vaccination.dose1.total")))
    return [rule for rule in rules if rule.parts and {rule.whole, *rule.parts} <= present]


def _covid_rule(status: str, series: Sequence[str]) -> PartsRule:
    whole = f"covid.{status}.cumulative"
    if status == "confirmed":
        return PartsRule(whole, tuple(CONFIRMED_PARTS.values()))
    return PartsRule(whole, tuple(s for s in series if s.startswith(f"covid.{status}.") and s != whole))


def _doses_rule(whole: str, series: Sequence[str]) -> PartsRule:
    group = whole.rpartition(".")[2]
    return PartsRule(whole, tuple(s for s in series if re.fullmatch(rf"vaccination\.dose\d\.{group}", s)))


def _groups_rule(whole: str, series: Sequence[str]) -> PartsRule:
    stem = whole.removesuffix("total")
    return PartsRule(whole, tuple(s for s in series if s.startswith(stem) and s != whole))
