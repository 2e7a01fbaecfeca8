"""The main navigation: who sees which entry."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor


@dataclass(frozen=True)
class Entry:
    """One entry; `roles` empty means everybody."""

    label: str | Promise
    address: str
    roles: tuple[str, ...] = ()

    def seen_by(self, actor: Actor | None) -> bool:
        """Whether the actor sees it."""
        return not self.roles or (actor is not None and actor.has_role(*self.roles))


# Addresses are those the blueprint promises to keep.
ENTRIES = (
    Entry(_("Aid"), "/aid/"),
    Entry(_("Hospitals"), "/hospitals/"),
    Entry(_("Testing"), "/diagnostics/"),
    Entry(_("Vaccination"), "/vaccination/"),
    Entry(_("Partners"), "/partners/"),
    Entry(_("Coordination post"), "/posko/plans/", ("coordinator", "verifier", "auditor")),
)


def navigation(actor: Actor | None, path: str) -> list[dict[str, object]]:
    """Entries the actor sees, with the one that holds the present page marked."""
    return [
        {"label": entry.label, "address": entry.address, "current": path.startswith(entry.address)}
        for entry in ENTRIES
        if entry.seen_by(actor)
    ]
