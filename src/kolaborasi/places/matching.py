"""Which place each row of a workbook belongs to, and whether wholes equal their parts; no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kolaborasi.places.problems import Disagreement, Problem
from kolaborasi.places.rules import (
    VARIANT_RATIO,
    BadCode,
    Kind,
    NameMatch,
    Scheme,
    canonical_code,
    match_name,
    name_likeness,
    parent_code,
)
from kolaborasi.places.series import parts_rules
from kolaborasi.places.workbooks import CountRow, CountSheet

_DOWN = (Kind.CITY, Kind.KECAMATAN, Kind.KELURAHAN)


@dataclass
class PlaceIndex:
    """The known areas, ready to be found by code or by name within the area above.

    Args:
        names: name by canonical code.
        codes: canonical code by scheme and that scheme's code.
    """

    names: dict[str, str] = field(default_factory=dict)
    codes: dict[tuple[Scheme, str], str] = field(default_factory=dict)
    below: dict[str | None, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    of_kind: dict[Kind, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, kind: Kind, code: str, name: str, bps_code: str = "") -> None:
        """Put one area into the index."""
        self.names[code] = name
        self.codes[Scheme.KEMENDAGRI, code] = code
        if bps_code:
            self.codes[Scheme.BPS, bps_code] = code
        self.below[parent_code(Scheme.KEMENDAGRI, code)][code] = name
        self.of_kind[kind][code] = name

    def by_code(self, scheme: Scheme, digits: str) -> str | None:
        """Canonical code of an area by the code a file gives; None when it names no known area."""
        try:
            return self.codes.get((scheme, canonical_code(scheme, digits)))
        except BadCode:
            return None

    def by_names(self, names: dict[Kind, str], level: Kind) -> tuple[NameMatch | None, Kind | None]:
        """Walk down the names of a row from city to `level`.

        Returns:
            The match at `level` (None when a name on the way is not known) and the last level recognised.
        """
        above: str | None = None
        match: NameMatch | None = None
        exact, reached = True, None
        for kind in _DOWN[: _DOWN.index(level) + 1]:
            if kind not in names:
                match = None
                continue
            candidates = self.of_kind[kind] if above is None else self._under(above, kind)
            match = match_name(names[kind], candidates)
            if match is None:
                return None, reached
            above, reached, exact = match.code, kind, exact and match.exact
        return (NameMatch(match.code, exact) if match else None), reached

    def _under(self, above: str, kind: Kind) -> dict[str, str]:
        direct = self.below[above]
        if any(code in self.of_kind[kind] for code in direct):
            return direct
        return {code: name for code, name in self.of_kind[kind].items() if code.startswith(f"{above}.")}


@dataclass(frozen=True)
class Target:
    """What a row is about: a place by its canonical code, or a bucket that is no place."""

    code: str | None
    bucket: str = ""


@dataclass
class MatchedSheet:
    """A sheet whose rows know their place."""

    sheet: CountSheet
    rows: list[tuple[Target, CountRow]] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Data rows of the sheet, broken ones included."""
        return len(self.sheet.rows) + len({problem.line for problem in self.sheet.problems})


def match_sheet(index: PlaceIndex, sheet: CountSheet, scheme: Scheme) -> MatchedSheet:
    """Find the place of every row: by code, then by name within the area above, else a bucket of its own."""
    matched = MatchedSheet(sheet, problems=list(sheet.problems))
    lines: dict[Target, int] = {}
    for row in sheet.rows:
        target, review, reason = _match_row(index, row, sheet.level, scheme)
        if target is not None and target in lines:
            reason = _("repeats the area of line %(line)s. Remove one of the two.") % {"line": lines[target]}
            target = None
        if target is None:
            matched.problems.append(Problem(row.line, "", reason, sheet.name))
            continue
        lines[target] = row.line
        matched.rows.append((target, row))
        if review:
            matched.reviews.append(str(Problem(row.line, "", review, sheet.name)))
    return matched


def _match_row(
    index: PlaceIndex, row: CountRow, level: Kind, scheme: Scheme
) -> tuple[Target | None, str, str]:
    """The row's target, a note for review, and the reason when there is no target."""
    code = index.by_code(scheme, row.code) if row.code else None
    if code is not None:
        return _checked_by_name(index, row, level, code)
    if row.label and set(row.names.values()) <= {row.label}:
        return Target(None, row.label), "", ""
    match, reached = index.by_names(row.names, level)
    name = row.names.get(level, "")
    if match is not None:
        words = {"name": name, "found": index.names[match.code], "code": match.code}
        sure = match.exact and not row.code and not row.label
        review = "" if sure else _("“%(name)s” matched by name to %(found)s (%(code)s)") % words
        return Target(match.code), review, ""
    if row.code or reached is not None:
        words = {"code": row.code or row.label, "name": name, "level": level}
        return (
            None,
            "",
            _("no %(level)s has the code “%(code)s” or the name “%(name)s”. Correct one.") % words,
        )
    bucket = row.label or name or next(iter(row.names.values()))
    return Target(None, bucket), "", ""


def _checked_by_name(
    index: PlaceIndex, row: CountRow, level: Kind, code: str
) -> tuple[Target | None, str, str]:
    name, known = row.names.get(level), index.names[code]
    likeness = 1.0 if name is None else name_likeness(name, known)
    if likeness == 1.0:
        return Target(code), "", ""
    words = {"name": name, "known": known, "code": code}
    if likeness < VARIANT_RATIO:
        other, _reached = index.by_names(row.names, level)
        if other is not None and other.exact and other.code != code:
            words["other"] = other.code
            reason = _(
                "the code %(code)s is %(known)s, but the row says “%(name)s”, which is %(other)s. Correct one."
            )
            return None, "", reason % words
    return Target(code), _("“%(name)s” is called %(known)s here (%(code)s)") % words, ""


def disagreements(sheets: Iterable[MatchedSheet]) -> Iterator[Disagreement]:
    """Every published whole that is not the sum of its parts.

    Checked are the total row of each sheet against its rows, each row's sums over series, wider areas against the
    narrower ones of another sheet, and what two sheets say about the same thing.
    """
    by_target: dict[Target, dict[str, int]] = {}
    ordered = sorted(sheets, key=lambda matched: -_DOWN.index(matched.sheet.level))
    for matched in ordered:
        yield from _total_disagreements(matched)
        yield from _row_disagreements(matched)
        for target, row in matched.rows:
            where = _where(matched, row)
            yield from _compared(where, by_target.get(target, {}), row.values)
            by_target.setdefault(target, row.values)
    for wide, narrow in zip(ordered[1:], ordered, strict=False):
        yield from _level_disagreements(wide, narrow)


def _where(matched: MatchedSheet, row: CountRow) -> str:
    name = row.names.get(matched.sheet.level) or row.label or row.code
    return f"{matched.sheet.name.strip()}, {name}".removeprefix(", ")


def _total_disagreements(matched: MatchedSheet) -> Iterator[Disagreement]:
    sums = _sums(row.values for _target, row in matched.rows)
    for total in matched.sheet.totals:
        yield from _compared(_where(matched, total), sums, total.values)


def _row_disagreements(matched: MatchedSheet) -> Iterator[Disagreement]:
    rules = parts_rules([column.series for column in matched.sheet.columns])
    for row in [*matched.sheet.totals, *(row for _target, row in matched.rows)]:
        for rule in rules:
            if {rule.whole, *rule.parts} <= row.values.keys():
                counted = sum(row.values[part] for part in rule.parts)
                if counted != row.values[rule.whole]:
                    where = _where(matched, row)
                    series = f"{rule.whole} = {' + '.join(rule.parts)}"
                    yield Disagreement(where, series, row.values[rule.whole], counted)


def _level_disagreements(wide: MatchedSheet, narrow: MatchedSheet) -> Iterator[Disagreement]:
    if wide.sheet.level == narrow.sheet.level:
        return
    groups: dict[str, list[dict[str, int]]] = defaultdict(list)
    codes = {target.code for target, _row in wide.rows if target.code}
    for target, row in narrow.rows:
        above = next((code for code in codes if target.code and target.code.startswith(f"{code}.")), None)
        if above:
            groups[above].append(row.values)
    for target, row in wide.rows:
        if target.code in groups:
            yield from _compared(_where(wide, row), _sums(groups[target.code]), row.values)


def _sums(rows: Iterable[dict[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for values in rows:
        for series, value in values.items():
            sums[series] += value
    return dict(sums)


def _compared(where: str, counted: dict[str, int], published: dict[str, int]) -> Iterator[Disagreement]:
    for series in sorted(published.keys() & counted.keys()):
        if published[series] != counted[series]:
            yield Disagreement(where, series, published[series], counted[series])


def series_without_parts(matched: MatchedSheet) -> list[str]:
    """Series that only the total row has, as all suspect counts of the Covid workbooks of 2021."""
    with_rows = {series for _target, row in matched.rows for series in row.values}
    return sorted({series for total in matched.sheet.totals for series in total.values} - with_rows)
