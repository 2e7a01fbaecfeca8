"""Indonesian names as they sound: spellings of three orthographies, titles, and words people leave out."""

from __future__ import annotations

import re
import unicodedata

TITLES = frozenset(
    [
        "bapak",
        "bpk",
        "pak",
        "ibu",
        "bu",
        "sdr",
        "sdri",
        "saudara",
        "saudari",
        "tn",
        "ny",
        "nn",
        "tuan",
        "nyonya",
        "nona",
        "alm",
        "almh",
        "almarhum",
        "almarhumah",
        "h",
        "hj",
        "haji",
        "hajjah",
        "ust",
        "ustad",
        "ustadz",
        "ustadzah",
        "kh",
        "kyai",
        "dr",
        "drs",
        "dra",
        "drg",
        "ir",
        "prof",
        "bin",
        "binti",
    ]
)
"""Forms of address, titles and patronymic words that one clerk writes and another does not."""

MUHAMMAD = re.compile(r"m|md|mhd|moh|muh|moch|much|mohd|muhd|m[ou]c?h+[ao]mm?[ae]d")
"""The ways the commonest first name is written, abbreviated or whole."""

# Ejaan van Ophuijsen (1901), Soewandi (1947) and EYD (1972) write the same sounds differently; beyond them, letters that
# speakers of Indonesian do not tell apart in names (f, p, v; z, s; q, k; ch, kh, h).
SPELLINGS = (
    ("oe", "u"),
    ("dj", "j"),
    ("tj", "c"),
    ("nj", "n"),
    ("ny", "n"),
    ("sj", "s"),
    ("sy", "s"),
    ("sh", "s"),
    ("ch", "h"),
    ("kh", "h"),
    ("ph", "p"),
    ("dh", "d"),
    ("th", "t"),
    ("gh", "g"),
    ("bh", "b"),
    ("x", "ks"),
    ("q", "k"),
    ("f", "p"),
    ("v", "p"),
    ("z", "s"),
)
FINAL = {"d": "t", "b": "p", "g": "k"}
"""Stops that lose their voice at the end of a word: Achmad, Ahmat."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small plain letters, without titles, degrees, punctuation and doubles of `Muhammad`.

    What follows a comma is an academic degree. A name of titles alone keeps them.
    """
    plain = unicodedata.normalize("NFKD", name.partition(",")[0]).encode("ascii", "ignore").decode().lower()
    found = re.findall(r"[a-z]+", plain.replace("'", "").replace("`", ""))
    kept = [word for word in found if word not in TITLES] or found
    return tuple("muhamad" if MUHAMMAD.fullmatch(word) and len(kept) > 1 else word for word in kept)


def sound(word: str) -> str:
    """How a word sounds: its first letter and its consonants after the spellings are made one.

    >>> sound("soekarno") == sound("sukarno"), sound("achmad") == sound("ahmat"), sound("yusuf") == sound("jusup")
    (True, True, True)
    """
    text = word
    for written, heard in SPELLINGS:
        text = text.replace(written, heard)
    first, rest = ("j" if text[:1] in ("y", "j") else text[:1]), text[1:]
    if first and first in "aeiou":
        first = "a"
    rest = re.sub(r"[aeiouyh]", "", rest)
    heard = re.sub(r"(.)\1+", r"\1", first + rest)
    return heard[:-1] + FINAL.get(heard[-1], heard[-1]) if len(heard) > 1 else heard


def sounds_of(name: str) -> tuple[str, ...]:
    """The sounds of a name's words, sorted, each once: the order of the words does not matter.

    >>> sounds_of("Soekarno, Ir.") == sounds_of("Bpk Sukarno")
    True
    """
    return tuple(sorted({sound(word) for word in words_of(name)}))
