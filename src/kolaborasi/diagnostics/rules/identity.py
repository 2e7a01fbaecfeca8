"""Whether two accounts of a person are of the same person. A NIK has no check digit: a typo is another person."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from difflib import SequenceMatcher

Facts = tuple[str, date, str]
"""Name, birth date, sex; an empty name is not compared."""
SIMILAR = 0.85
"""Names as alike as `Muhamad` and `Muhammad`."""


def normal_words(name: str) -> list[str]:
    """The words of a name without accents, titles' dots and case, in alphabetical order."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return sorted(re.findall(r"[a-z]+", plain))


def same_name(one: str, other: str) -> bool:
    """Whether two spellings can be one name: the same words, some left out, or a letter or two apart."""
    first, second = normal_words(one), normal_words(other)
    if not first or not second:
        return False
    if set(first) <= set(second) or set(second) <= set(first):
        return True
    return SequenceMatcher(None, " ".join(first), " ".join(second)).ratio() >= SIMILAR


def identity_faults(*, told: Facts, known: Facts) -> list[str]:
    """Names of the fields that do not belong together."""
    faults = []
    if told[0] and known[0] and not same_name(told[0], known[0]):
        faults.append("name")
    if told[1] != known[1]:
        faults.append("birth_date")
    if told[2] != known[2]:
        faults.append("sex")
    return faults
