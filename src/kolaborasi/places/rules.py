"""Decisions on area codes, names, distances and published series; plain values in, plain values out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from kolaborasi.places import facts

EARTH_RADIUS_KM = 6371.0088
VARIANT_RATIO = 0.8
_DIRECTIONS = frozenset({"UTARA", "SELATAN", "TIMUR", "BARAT", "BARU"})


class Kind(StrEnum):
    """Administrative level, from the widest to the narrowest."""

    PROVINCE = "province"
    CITY = "city"
    KECAMATAN = "kecamatan"
    KELURAHAN = "kelurahan"
    RW = "rw"


class Scheme(StrEnum):
    """Who numbered the area. RW codes are our own: the kelurahan's Kemendagri code, a slash, three digits."""

    KEMENDAGRI = "kemendagri"
    BPS = "bps"
    RW = "rw"


ISLANDS = "31.01."
"""Kemendagri code of Kepulauan Seribu: each of its kelurahan is an island that only boats reach."""
KELURAHAN_CODE_LENGTH = 13


def kelurahan_of(code: str) -> str:
    """Code of the kelurahan a place lies in, from the code of the kelurahan or of an RW below it."""
    return code[:KELURAHAN_CODE_LENGTH]


def shore_of(code: str) -> int:
    """Number of the island a place lies on, 0 for the mainland (see `optimisation.travel`)."""
    return int(kelurahan_of(code).replace(".", "")) if code.startswith(ISLANDS) else 0


_LENGTHS: Mapping[Scheme, Mapping[int, Kind]] = {
    Scheme.KEMENDAGRI: {2: Kind.PROVINCE, 4: Kind.CITY, 6: Kind.KECAMATAN, 10: Kind.KELURAHAN},
    Scheme.BPS: {2: Kind.PROVINCE, 4: Kind.CITY, 7: Kind.KECAMATAN, 10: Kind.KELURAHAN},
}
_PARENT_LENGTH: Mapping[Scheme, Mapping[int, int]] = {
    Scheme.KEMENDAGRI: {4: 2, 6: 4, 10: 6},
    Scheme.BPS: {4: 2, 7: 4, 10: 7},
}
_RW_CODE = re.compile(r"(\d\d\.\d\d\.\d\d\.\d{4})/(\d{3})")
_DOTTED = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")


class BadCode(ValueError):
    """The text cannot be an area code of the scheme."""


def digits_of(code: object) -> str:
    """The digits of a code as files hold it: `31.71.01.1001`, `3171011001`, a number, or a number read as float.

    Returns:
        Only digits; the empty text when `code` holds anything but digits, dots and spaces.
    """
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    text = str(code).strip()
    if re.fullmatch(r"\d+\.0", text):
        text = text[:-2]
    bare = re.sub(r"[.\s]", "", text)
    return bare if bare.isascii() and bare.isdigit() else ""


def canonical_code(scheme: Scheme, code: object) -> str:
    """A code in the form it is stored in: Kemendagri with dots, BPS as digits, RW as `31.71.01.1001/012`.

    Raises:
        BadCode: wrong length or foreign characters for the scheme.
    """
    if scheme == Scheme.RW:
        text = str(code).strip()
        if not _RW_CODE.fullmatch(text):
            raise BadCode(text)
        return text
    digits = digits_of(code)
    if len(digits) not in _LENGTHS[scheme]:
        raise BadCode(str(code))
    return dotted(digits) if scheme == Scheme.KEMENDAGRI else digits


def dotted(digits: str) -> str:
    """Kemendagri digits with dots: 2, 4, 6 or 10 digits become `PP`, `PP.KK`, `PP.KK.CC`, `PP.KK.CC.DDDD`."""
    parts = [digits[:2], digits[2:4], digits[4:6], digits[6:]]
    return ".".join(part for part in parts if part)


def is_dotted(code: object) -> bool:
    """Whether a code is written the Kemendagri way; a province of two digits is not a sign of either scheme."""
    text = str(code).strip()
    return isinstance(code, str) and len(text) > 2 and bool(_DOTTED.fullmatch(text))


def kind_of(scheme: Scheme, code: str) -> Kind:
    """Administrative level of a canonical code."""
    if scheme == Scheme.RW or "/" in code:
        return Kind.RW
    return _LENGTHS[scheme][len(digits_of(code))]


def parent_code(scheme: Scheme, code: str) -> str | None:
    """Canonical code of the area above; None for a province."""
    if "/" in code:
        return code.partition("/")[0]
    digits = digits_of(code)
    length = _PARENT_LENGTH[scheme].get(len(digits))
    return None if length is None else canonical_code(scheme, digits[:length])


def rw_code(kelurahan_code: str, number: int) -> str:
    """Code of an RW, for example `31.71.01.1001/012`.

    Raises:
        BadCode: `kelurahan_code` is not a Kemendagri kelurahan or the number is not from 1 to 999.
    """
    code = f"{kelurahan_code}/{number:03d}"
    if number < 1:
        raise BadCode(code)
    return canonical_code(Scheme.RW, code)


_ABBREVIATIONS = ((r"\bKEP\b", "KEPULAUAN"), (r"\bADM\b", "ADMINISTRASI"), (r"\bKAB\b", "KABUPATEN"))
_TITLES = re.compile(r"^(KOTA|KABUPATEN)( ADMINISTRASI)?\s+|^(PROVINSI|KECAMATAN|KELURAHAN|KEC|KEL)\s+")


@lru_cache(maxsize=100_000)
def normal_name(name: str) -> str:
    """A name as it is compared: capitals and digits only, titles dropped, abbreviations written out.

    `Kab.Adm.Kep.Seribu` and `Kabupaten Administrasi Kepulauan Seribu` are both `KEPULAUANSERIBU`.
    """
    words = re.sub(r"[^A-Z0-9]+", " ", name.upper()).strip()
    for pattern, full in _ABBREVIATIONS:
        words = re.sub(pattern, full, words)
    words = _TITLES.sub("", words)
    return words.replace(" ", "")


def display_name(name: str) -> str:
    """A name for people: text all in capitals becomes title case, roman numerals stay."""
    name = " ".join(name.split())
    if name != name.upper():
        return name
    roman = re.compile(r"[IVX]+")
    return " ".join(
        word if roman.fullmatch(word) and len(word) > 1 else word.title() for word in name.split(" ")
    )


def name_likeness(left: str, right: str) -> float:
    """How alike two names are, 0 to 1: the share of letters in common runs (Ratcliff and Obershelp).

    1 for equal names, 0 for other points of the compass, at least 0.8 when one ends with the other
    (`Kampung Tengah`); below 0.8 the number is only an order of magnitude.
    """
    one, other = normal_name(left), normal_name(right)
    if one == other:
        return 1.0
    if _directions(left) != _directions(right):
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    shorter, longer = sorted((one, other), key=len)
    least = VARIANT_RATIO if len(shorter) >= 4 and longer.endswith(shorter) else 0.0
    # The upper bound is far cheaper than the ratio, and most pairs of names fail it.
    bound = matcher.quick_ratio()
    return max(least, matcher.ratio() if bound >= VARIANT_RATIO else bound / 2)


def _directions(name: str) -> frozenset[str]:
    # "Cipinang Besar Utara" is more alike to "... Selatan" than many a misspelling is to its own name.
    return _DIRECTIONS.intersection(re.findall(r"[A-Z]+", name.upper()))


@dataclass(frozen=True)
class NameMatch:
    """Which candidate a name means.

    Args:
        code: the candidate's code.
        exact: False when the names differ after normalisation, so that a person should look.
    """

    code: str
    exact: bool


def match_name(name: str, candidates: Mapping[str, str]) -> NameMatch | None:
    """Find the one candidate a name means: equal after normalisation, else clearly the most alike.

    Args:
        candidates: name by code, already narrowed to the areas below one parent.

    Returns:
        None when nothing is alike, or two candidates are equally so.
    """
    wanted = normal_name(name)
    equal = [code for code, other in candidates.items() if normal_name(other) == wanted]
    if equal:
        return NameMatch(equal[0], exact=True) if len(equal) == 1 else None
    ranked = sorted(((name_likeness(name, other), code) for code, other in candidates.items()), reverse=True)
    if not ranked or ranked[0][0] < VARIANT_RATIO:
        return None
    if len(ranked) > 1 and ranked[1][0] >= ranked[0][0]:
        return None
    return NameMatch(ranked[0][1], exact=False)


def names_under(code: object) -> dict[Scheme, str]:
    """What a code names under each scheme, from the facts table of Indonesia and the kelurahan of Jakarta."""
    digits = digits_of(code)
    found = {scheme: _names()[scheme].get(digits) for scheme in (Scheme.KEMENDAGRI, Scheme.BPS)}
    return {scheme: name for scheme, name in found.items() if name}


def is_ambiguous(code: object) -> bool:
    """Whether an undotted code names different areas in the two schemes, as every Jakarta city does."""
    names = names_under(code)
    return len(names) == 2 and name_likeness(*names.values()) < VARIANT_RATIO


@dataclass(frozen=True)
class SchemeEvidence:
    """How many of a file's codes carry the name they have under each scheme.

    Args:
        kemendagri: rows that agree with Kemendagri.
        bps: rows that agree with BPS.
        clash: a code that names different areas, with its two names; None when there is none in the file.
    """

    kemendagri: int
    bps: int
    clash: tuple[str, str, str] | None

    @property
    def verdict(self) -> Scheme | None:
        """The scheme the names speak for: at least nine tenths of the agreeing rows; None when undecided."""
        total = self.kemendagri + self.bps
        if total == 0:
            return None
        if self.kemendagri >= 0.9 * total:
            return Scheme.KEMENDAGRI
        return Scheme.BPS if self.bps >= 0.9 * total else None


def scheme_evidence(pairs: Iterable[tuple[str, str]]) -> SchemeEvidence:
    """Weigh which scheme a file's codes belong to; only rows on which the schemes differ are counted.

    Args:
        pairs: code and name as the file has them.
    """
    counts = {Scheme.KEMENDAGRI: 0, Scheme.BPS: 0}
    clash: tuple[str, str, str] | None = None
    for code, name in pairs:
        names = names_under(code)
        agrees = {scheme for scheme, known in names.items() if name_likeness(name, known) >= VARIANT_RATIO}
        if len(agrees) == 1:
            counts[agrees.pop()] += 1
        if clash is None and is_ambiguous(code):
            clash = (digits_of(code), names[Scheme.BPS], names[Scheme.KEMENDAGRI])
    return SchemeEvidence(counts[Scheme.KEMENDAGRI], counts[Scheme.BPS], clash)


@lru_cache(maxsize=1)
def _names() -> dict[Scheme, dict[str, str]]:
    names: dict[Scheme, dict[str, str]] = {Scheme.KEMENDAGRI: {}, Scheme.BPS: {}}
    for area in facts.indonesia_areas():
        names[Scheme.KEMENDAGRI][digits_of(area.code)] = area.name
        if area.bps_code:
            names[Scheme.BPS][area.bps_code] = area.name
    for place in facts.jakarta_places():
        names[Scheme.KEMENDAGRI][digits_of(place.code)] = place.name
        names[Scheme.BPS][place.bps_code] = place.name
    return names


@dataclass(frozen=True)
class NikArea:
    """What the first six digits of a NIK say about the place of first registration.

    Args:
        province: name.
        regency: name, None when the four digits are no longer (or not yet) known.
        district: name, None when the six digits are not known.
        current: False when the area was known by this code but has another one today.
    """

    province: str
    regency: str | None
    district: str | None
    current: bool


def area_by_nik_prefix(six_digits: str) -> NikArea | None:
    """The area of a NIK's first six digits, which are a Kemendagri kecamatan code.

    A NIK keeps the code of its first registration for life, while districts and regencies are split and renumbered
    (26 regencies of Papua changed in 2022). An unknown district or regency of a known province is therefore
    tolerated: the parts that are not known are None. Only an unknown province gives None.
    """
    if len(six_digits) != 6 or not six_digits.isdigit():
        return None
    province, regency, district = (_areas().get(six_digits[:length]) for length in (2, 4, 6))
    if province is None:
        return None
    return NikArea(
        province.name,
        regency.name if regency else None,
        district.name if district else None,
        current=bool(regency and regency.current and district and district.current),
    )


@lru_cache(maxsize=1)
def known_area_prefixes() -> frozenset[str]:
    """Every Kemendagri code of Indonesia of two, four or six digits, today's and known former ones."""
    return frozenset(_areas())


@lru_cache(maxsize=1)
def _areas() -> dict[str, facts.Area]:
    return {digits_of(area.code): area for area in facts.indonesia_areas()}


def distance_km(from_point: tuple[float, float], to_point: tuple[float, float]) -> float:
    """Great-circle distance in kilometres by the haversine formula.

    Args:
        from_point, to_point: latitude and longitude in degrees.
    """
    (lat1, lon1), (lat2, lon2) = from_point, to_point
    half = (
        sin(radians(lat2 - lat1) / 2) ** 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def scale_new_cases(*, from_date: date, to_date: date, days: int = 14) -> Fraction:
    """How much larger the wave was at one date than at another, as a ratio of sums of new cases of DKI Jakarta.

    New cases, never "active": recoveries were reported in heaps, so that active cases fall and jump back without
    any epidemiological cause. Fourteen days is how long a case isolates.

    Args:
        from_date, to_date: last day of each window, which holds `days` days.

    Raises:
        KeyError: a day of a window is outside the published series.
    """
    return Fraction(_window(to_date, days), _window(from_date, days))


def _window(end: date, days: int) -> int:
    cases = facts.daily_new_cases()
    return sum(cases[end - timedelta(days=back)] for back in range(days))


def group_by_parent(codes: Iterable[str]) -> dict[str | None, list[str]]:
    """Kemendagri or RW codes by the code of the area above."""
    groups: dict[str | None, list[str]] = defaultdict(list)
    for code in codes:
        groups[parent_code(Scheme.KEMENDAGRI, code)].append(code)
    return dict(groups)
