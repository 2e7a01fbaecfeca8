"""The pages of the programme, by who may open them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

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
    return [
        (_("Sessions"), "vaccination:list", True),
        (_("My card"), "vaccination:card", True),
        (_("Waiting list"), "vaccination:wait", True),
    ]


def staff_entries(actor: Actor) -> list[Entry]:
    """Pages for those who give, keep, plan and decide, and the public one on coverage."""
    staff = actor.has_role("partner_admin", "partner_member", "coordinator")
    corrects = actor.has_role("partner_admin", "partner_member", "coordinator", "verifier")
    return [
        (_("My sessions"), "vaccination:sessions", staff),
        (_("Stock"), "vaccination:stock", staff),
        (_("Supply plans"), "vaccination:plans", actor.has_role("coordinator")),
        (_("Corrections"), "vaccination:corrections", corrects),
        (_("Vaccination coverage"), "vaccination:situation", True),
    ]
