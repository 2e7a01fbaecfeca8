"""The pages of the programme, by who may open them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from kolaborasi.common.actors import Actor, ActorKind

RECEIVING = ("rw_head", "verifier", "coordinator", "partner_admin", "partner_member")
CHECKING = ("verifier", "coordinator")


def tabs(actor: Actor, path: str) -> list[dict[str, object]]:
    """Label, address and whether it is the present page, for each page the actor may open."""
    # Those few have go first: a phone shows two or three.
    entries = [(_("Open needs"), "aid:list")]
    if actor.has_role(*CHECKING):
        entries.append((_("To check"), "aid:verify"))
    if actor.has_role(*RECEIVING):
        entries.append((_("My places"), "aid:mine"))
    if actor.kind == ActorKind.USER:
        entries += [(_("My promises"), "aid:my_pledges"), (_("My offers"), "aid:offers")]
    entries.append((_("Coverage"), "aid:coverage"))
    addresses = [(label, reverse(name)) for label, name in entries]
    return [{"label": label, "address": address, "current": path == address} for label, address in addresses]
