"""Which hospital a row of a file is about: by registry code, else by name and city. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

_LONG = {
    "RSUD": "RS UMUM DAERAH",
    "RSUP": "RS UMUM PUSAT",
    "RSUPN": "RS UMUM PUSAT NASIONAL",
    "RSU": "RS UMUM",
    "RSIA": "RS IBU ANAK",
    "RSAB": "RS ANAK BUNDA",
    "RSK": "RS KHUSUS",
    "RSKD": "RS KHUSUS DAERAH",
    "RSKO": "RS KETERGANTUNGAN OBAT",
    "RSGM": "RS GIGI MULUT",
    "RSJ": "RS JIWA",
    "RSJP": "RS JANTUNG PEMBULUH DARAH",
    "TG": "TANJUNG",
    "UNIV": "UNIVERSITAS",
    "ST": "SANTO",
    "SINT": "SANTO",
}
_SILENT = frozenset({"DAN", "HOSPITAL", "DR", "PROF", "KECAMATAN", "PT", "THE"})
_GENERIC = frozenset({"RS", "UMUM", "DAERAH", "KHUSUS", "PUSAT", "IBU", "ANAK", "JAKARTA", "INDONESIA"})
LIKELY = 0.85
"""Likeness of two names from which a person is asked whether they are one hospital."""


@lru_cache(maxsize=4096)
def normal_name(name: str) -> str:
    """A hospital's name as it is compared: capitals, no punctuation, abbreviations written out, titles left out."""
    plain = unicodedata.normalize("NFKD", name).upper().replace("RUMAH SAKIT", "RS")
    words = re.sub(r"[^A-Z0-9]+", " ", plain).split()
    long = " ".join(_LONG.get(word, word) for word in words).split()
    return " ".join(word for word in long if word not in _SILENT)


@lru_cache(maxsize=4096)
def own_name(name: str) -> str:
    """The part of a name that tells hospitals apart; the whole when nothing but general words is in it."""
    words = [word for word in normal_name(name).split() if word not in _GENERIC]
    return " ".join(words) or normal_name(name)


@dataclass(frozen=True)
class Match:
    """What a name was taken for.

    Args:
        hospital: id.
        sure: the code, or the name in its city, is this hospital's and no other's; else a person must say so.
    """

    hospital: int
    sure: bool


@dataclass
class HospitalIndex:
    """Known hospitals, ready to be found."""

    codes: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    anywhere: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    of_city: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    confirmed: dict[tuple[str, str], int] = field(default_factory=dict)
    cities: dict[str, str] = field(default_factory=dict)

    def add_city(self, code: str, *others: str) -> None:
        """A city by its BPS code, its code elsewhere and its name, all of which files write."""
        for each in (code, *others):
            self.cities[_city_key(each)] = code[:4]

    def city_code(self, text: str) -> str:
        """BPS code of what a file writes for a city; empty when it is none that is known."""
        return self.cities.get(_city_key(text), text.strip()[:4] if text.strip()[:4].isdigit() else "")

    def add(self, hospital: int, *, name: str, city: str, code: str | None = None) -> None:
        """Put one hospital into the index; `city` is the BPS code, `code` that of the registry."""
        if code:
            self.codes[code] = hospital
        self.names[normal_name(name), city].add(hospital)
        self.anywhere[normal_name(name)].add(hospital)
        self.of_city[city].append((name, hospital))

    def confirm(self, hospital: int, *, name: str, city: str) -> None:
        """A person has said that this name in this city is that hospital."""
        self.confirmed[normal_name(name), city] = hospital

    def find(self, *, name: str, city: str, code: str | None = None) -> Match | None:
        """The hospital of a row: by code, by a confirmed name, by name in the city, else the one most likely meant."""
        if code and code in self.codes:
            return Match(self.codes[code], sure=True)
        key = normal_name(name), city
        if key in self.confirmed:
            return Match(self.confirmed[key], sure=True)
        exact = self.names.get(key, set())
        if len(exact) == 1:
            return Match(next(iter(exact)), sure=True)
        likely = _only(self.anywhere.get(key[0], set())) or self._likely(name, city)
        return None if likely is None else Match(likely, sure=False)

    def _likely(self, name: str, city: str) -> int | None:
        wanted = own_name(name)
        inside = {
            hospital
            for known, hospital in self.of_city[city]
            if set(own_name(known).split()) <= set(wanted.split())
            or set(wanted.split()) <= set(own_name(known).split())
        }
        if inside:
            return _only(inside)
        scores = sorted(
            ((likeness(wanted, own_name(known)), hospital) for known, hospital in self.of_city[city]),
            reverse=True,
        )
        return scores[0][1] if scores and scores[0][0] >= LIKELY else None


def _city_key(text: str) -> str:
    plain = re.sub(r"[^A-Z0-9.]+", " ", text.upper())
    return re.sub(
        r"^(KOTA ADMINISTRASI|KOTA ADM|KABUPATEN ADMINISTRASI|KAB ADM|KOTA|KABUPATEN|KAB)\b\.?",
        "",
        plain.strip(),
    ).strip()


def likeness(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1 (Ratcliff and Obershelp, as difflib computes it)."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _only(found: Iterable[int]) -> int | None:
    rows = list(found)
    return rows[0] if len(rows) == 1 else None
