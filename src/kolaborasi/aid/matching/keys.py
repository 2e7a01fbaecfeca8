"""The values by which households that may be one are found: two that share a value are compared.

Each value is hashed with a secret key before it is stored, so that the table of keys tells nothing by itself.
"""

from __future__ import annotations

from datetime import date

from kolaborasi.aid.matching.names import sound, sounds_of

COMMONEST = frozenset({sound("muhamad"), sound("siti")})
"""Sounds so common that a key of them alone would find hundreds."""

MOST_NAME_KEYS = 3


def shortened(number: str) -> list[str]:
    """The number with one digit left out, at each place, each form once.

    Two numbers that differ by one wrong digit, one missing or one added digit, or two neighbours that changed places,
    share such a form (symmetric deletion neighbourhood; Garbe 2012, after Mor and Fraenkel 1982): keys of transposed
    forms would find nothing more.

    >>> set(shortened("1234")) & set(shortened("1324"))
    {'124', '134'}
    """
    return sorted({number[:at] + number[at + 1 :] for at in range(len(number))})


def keys_of(*, nik: str, kk: str, name: str, birth_date: date | None) -> list[str]:
    """All values a household is found by.

    Args:
        nik: sixteen digits of its head, empty when unknown.
        kk: sixteen digits of its family card, empty when unknown.
        birth_date: of its head, for the keys by sound; None leaves them out.
    """
    found = [f"nik-{form}" for form in shortened(nik)] if nik else []
    found += [f"kk-{form}" for form in shortened(kk)] if kk else []
    if birth_date is not None:
        longest = sorted(telling_sounds(name), key=lambda each: (-len(each), each))[:MOST_NAME_KEYS]
        found += [f"name-{each}-{birth_date:%Y%m%d}" for each in longest]
    return found


def telling_sounds(name: str) -> list[str]:
    """The sounds of a name without the commonest; these alone when it has no others."""
    sounds = sounds_of(name)
    return [each for each in sounds if each not in COMMONEST] or list(sounds)
