"""The pages of the programme, by who may open them."""

from __future__ import annotations

from django.urls import reverse

from kolaborasi.common.actors import Actor

Entry = tuple[str, str, bool]
"""Label, name of the address, whether the actor may open it."""


def tabs(actor: Actor, path: str) -> list[dict[str, object]]:
    """Label, address and whether it is the present page, for each page the actor may open; no statement."""
    entries = [*resident_entries(), *staff_entries(actor)]
    addresses = [(label, reverse(name)) for label, name, shown in entries if shown]
    return [{"label": label, "address": address, "current": path == address} for label, address in addresses]


def resident_entries() -> list[Entry]:
    """Pages for residents."""
    return []


def staff_entries(actor: Actor) -> list[Entry]:
    """Pages for those who give, keep, plan and decide."""
    return []
