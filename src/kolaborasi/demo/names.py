"""Visibly fictitious names."""

from __future__ import annotations

from kolaborasi.partners.models import PartnerKind

CITY = "Pemerintah Kota Contoh"
SOCIAL_SERVICE = "Dinas Sosial Contoh"
SCENE_KELURAHAN = "31.71.06.1001"
"""Menteng, where the demo accounts live and work."""

SCENE_RW = 5
AGGREGATORS = 6
"""KSBB had six aggregators."""

_KINDS = (
    (PartnerKind.COMPANY, "Perusahaan Contoh"),
    (PartnerKind.COMMUNITY, "Komunitas Contoh"),
    (PartnerKind.SOCIAL, "Yayasan Contoh"),
    (PartnerKind.CAMPUS, "Kampus Contoh"),
    (PartnerKind.OTHER, "Dapur Umum Contoh"),
)

INSTITUTIONS = (
    ("orphanage", "Panti Asuhan Contoh"),
    ("elderly-home", "Panti Wreda Contoh"),
    ("disability-home", "Rumah Disabilitas Contoh"),
    ("pesantren", "Pesantren Contoh"),
)


def kind(number: int) -> str:
    """Kind of the organisation of that number, from 1."""
    return PartnerKind.AGGREGATOR if number <= AGGREGATORS else _KINDS[number % len(_KINDS)][0]


def organisation(number: int) -> str:
    """Name of the organisation of that number, from 1."""
    word = "Agregator Contoh" if number <= AGGREGATORS else _KINDS[number % len(_KINDS)][1]
    return f"{word} {number}"


def institution(number: int) -> tuple[str, str]:
    """Site kind and name of the institution of that number, from 1."""
    site, word = INSTITUTIONS[(number - 1) % len(INSTITUTIONS)]
    return site, f"{word} {number}"
