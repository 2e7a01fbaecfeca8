"""What a list of areas asks to be written, and which of its rows cannot be: rows in, plan out; no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kolaborasi.places.area_files import AreaRow
from kolaborasi.places.matching import PlaceIndex
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import (
    VARIANT_RATIO,
    Kind,
    Scheme,
    kind_of,
    match_name,
    name_likeness,
    parent_code,
)


@dataclass(frozen=True)
class PlaceSpec:
    """An area as a source describes it; None for a position the source does not give."""

    kind: Kind
    code: str
    name: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass
class AreaPlan:
    """What to write: areas, and codes as (canonical code, scheme, code in it); and the rows that cannot be."""

    specs: list[PlaceSpec] = field(default_factory=list)
    codes: list[tuple[str, Scheme, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, row: AreaRow, reason: str) -> None:
        """Note that a row is broken."""
        self.problems.append(Problem(row.line, "", reason))


def plan_areas(rows: Iterable[AreaRow], index: PlaceIndex) -> AreaPlan:
    """Areas with Kemendagri codes: each is created or corrected; its parent must be known or in the same file."""
    plan = AreaPlan()
    known = set(index.names)
    owner = {code: place for (scheme, code), place in index.codes.items() if scheme == Scheme.BPS}
    for row in sorted(rows, key=lambda row: (len(row.code), row.code)):
        above = parent_code(Scheme.KEMENDAGRI, row.code)
        if above is not None and above not in known:
            plan.refuse(
                row, _("lies in %(above)s, which is not known. Load that area first.") % {"above": above}
            )
            continue
        if row.bps_code and owner.setdefault(row.bps_code, row.code) != row.code:
            words = {"code": row.bps_code, "owner": owner[row.bps_code]}
            plan.refuse(row, _("the BPS code %(code)s belongs to %(owner)s already. Correct one.") % words)
            continue
        known.add(row.code)
        kind = kind_of(Scheme.KEMENDAGRI, row.code)
        plan.specs.append(PlaceSpec(kind, row.code, row.name, row.latitude, row.longitude))
        plan.codes.append((row.code, Scheme.KEMENDAGRI, row.code))
        if row.bps_code:
            plan.codes.append((row.code, Scheme.BPS, row.bps_code))
    return plan


def plan_bps_codes(rows: Iterable[AreaRow], index: PlaceIndex) -> AreaPlan:
    """Areas with BPS codes: each must be an area that is known, by that code or by its name below the area above.

    A BPS code does not tell the Kemendagri code, so it can be attached but nothing can be created from it.
    """
    plan = AreaPlan()
    place_of: dict[str, str] = {
        c: place for (scheme, c), place in index.codes.items() if scheme == Scheme.BPS
    }
    taken: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: (len(row.code), row.code)):
        place, reason = _place_of_bps(row, index, place_of)
        if place is not None and place in taken:
            words = {"place": index.names[place], "line": taken[place]}
            place, reason = None, _("means %(place)s, as line %(line)s does. Remove one of the two.") % words
        if place is None:
            plan.refuse(row, reason)
            continue
        taken[place] = row.line
        place_of[row.code] = place
        kind = kind_of(Scheme.KEMENDAGRI, place)
        plan.specs.append(PlaceSpec(kind, place, index.names[place], row.latitude, row.longitude))
        plan.codes.append((place, Scheme.BPS, row.code))
    return plan


def _place_of_bps(row: AreaRow, index: PlaceIndex, place_of: Mapping[str, str]) -> tuple[str | None, str]:
    """The canonical code a BPS row means, or the reason why it means none."""
    known = place_of.get(row.code)
    if known is not None:
        if name_likeness(row.name, index.names[known]) >= VARIANT_RATIO:
            return known, ""
        words = {"code": row.code, "known": index.names[known], "name": row.name}
        return None, _(
            "the BPS code %(code)s is %(known)s, but the row says “%(name)s”. Correct one."
        ) % words
    bps_above = parent_code(Scheme.BPS, row.code)
    above = place_of.get(bps_above) if bps_above else None
    if bps_above and above is None:
        return None, _("lies in the BPS area %(above)s, which is not known. Load it first.") % {
            "above": bps_above
        }
    match = match_name(row.name, index.below[above])
    if match is None:
        words = {"name": row.name, "above": index.names[above] if above else "Indonesia"}
        reason = _("no area called “%(name)s” is known in %(above)s. Load it with its Kemendagri code first.")
        return None, reason % words
    return match.code, ""
