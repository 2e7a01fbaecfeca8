"""Which puskesmas looks after a place."""

from __future__ import annotations

from collections.abc import Iterable

from kolaborasi.diagnostics.models import Catchment


def puskesmas_by_place(codes: Iterable[str]) -> dict[str, int]:
    """Site id of the puskesmas of each place: its own, or that of the nearest area above that has one."""
    chains = {code: _upwards(code) for code in codes}
    wanted = {code for chain in chains.values() for code in chain}
    known = dict(Catchment.objects.filter(place__code__in=wanted).values_list("place__code", "site"))
    found = {code: next((known[c] for c in chain if c in known), None) for code, chain in chains.items()}
    return {code: site for code, site in found.items() if site is not None}


def _upwards(code: str) -> list[str]:
    """A code and those of the areas it lies in, the smallest first."""
    base, _slash, rw = code.partition("/")
    parts = base.split(".")
    above = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return [code, *above] if rw else above
