"""The pages of the programme, by who may open them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.queries.work import kinds_of_work
from kolaborasi.partners.models import SiteKind

DISPATCHING = ("coordinator",)
STAFF = ("partner_admin", "partner_member")


def tabs(actor: Actor, path: str) -> list[dict[str, object]]:
    """Label, address and whether it is the present page, for each page the actor may open.

    At most one statement, and none for those who work for no partner.
    """
    works_at = kinds_of_work(actor) if actor.has_role(*STAFF) else frozenset()
    dispatches = actor.has_role(*DISPATCHING)
    staff = bool(works_at & {SiteKind.HOSPITAL, SiteKind.PUSKESMAS})
    entries = [
        (_("Beds"), "hospitals:list", True),
        (_("Board"), "hospitals:board", dispatches),
        (_("My hospital"), "hospitals:mine", SiteKind.HOSPITAL in works_at),
        (_("Home isolation"), "hospitals:isolation", dispatches or SiteKind.PUSKESMAS in works_at),
        (_("Our referrals"), "hospitals:referrals", dispatches or staff),
        (_("Ambulances"), "hospitals:ambulances", dispatches or staff),
        (_("Oxygen"), "hospitals:oxygen", dispatches or SiteKind.HOSPITAL in works_at),
        (_("Network"), "hospitals:network", True),
        (_("Names to review"), "hospitals:names", TABLE.allows(actor, "confirm_name")),
        (_("Files of beds"), "hospitals:loads", TABLE.allows(actor, "see_loads")),
    ]
    addresses = [(label, reverse(name)) for label, name, shown in entries if shown]
    return [{"label": label, "address": address, "current": path == address} for label, address in addresses]
