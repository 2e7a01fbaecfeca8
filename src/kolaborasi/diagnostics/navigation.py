"""The pages of the programme, by who may open them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models.orders import TESTING_SITES
from kolaborasi.diagnostics.queries.work import kinds_of_work
from kolaborasi.partners.models import SiteKind

STAFF = ("partner_admin", "partner_member")
EVERYBODY = "everybody"
SIGNED_IN = "signed-in"
COORDINATOR = "coordinator"
COURIER = "courier"
AUDITOR = "auditor"
OFFICIAL = "official"
TESTING = "testing"
LAB = "lab"
PUSKESMAS = "puskesmas"


@dataclass(frozen=True)
class Tab:
    """A page of the programme.

    Args:
        name: of its address.
        whose: who sees it: words of `groups_of`.
        about: what one does there, for the first page.
        argument: of the address, when it takes one.
    """

    label: str | Promise
    name: str
    whose: tuple[str, ...]
    about: str | Promise = ""
    argument: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return reverse(self.name, args=[self.argument] if self.argument else [])


TABS = (
    Tab(_("Testing"), "diagnostics:home", (EVERYBODY,)),
    Tab(_("My tests"), "diagnostics:own_orders", (SIGNED_IN,)),
    Tab(
        _("Collection"),
        "diagnostics:mine",
        (TESTING,),
        _("Order tests, print labels, take swabs, record rapid tests."),
        "collection",
    ),
    Tab(
        _("Courier rounds"),
        "diagnostics:rounds",
        (COURIER, COORDINATOR),
        _("Scan what you pick up and see where it goes."),
    ),
    Tab(
        _("Reception"),
        "diagnostics:mine",
        (LAB,),
        _("Scan what arrived and compare it with the manifest."),
        "reception",
    ),
    Tab(_("Bench"), "diagnostics:mine", (LAB,), _("Prepare plates, start and read runs."), "bench"),
    Tab(
        _("Validation"),
        "diagnostics:mine",
        (LAB,),
        _("A second person checks results before anybody is told."),
        "validation",
    ),
    Tab(
        _("My lab"),
        "diagnostics:mine",
        (LAB,),
        _("Machines, shifts, kits, and what you offer the network each day."),
        "lab",
    ),
    Tab(
        _("Positive results"),
        "diagnostics:notices",
        (PUSKESMAS, COORDINATOR),
        _("People of your area to be cared for, and their close contacts."),
    ),
    Tab(
        _("Dispatch"),
        "diagnostics:plans",
        (COORDINATOR, AUDITOR),
        _("Plan which specimens each courier round carries to which lab."),
    ),
    Tab(_("Labs"), "diagnostics:labs", (OFFICIAL,), _("Backlog, turnaround and capacity of every lab.")),
    Tab(_("Late results"), "diagnostics:late", (OFFICIAL,), _("Results that should be there and are not.")),
    Tab(
        _("Catchments"),
        "diagnostics:catchments",
        (OFFICIAL,),
        _("Which puskesmas is told of a positive result."),
    ),
    Tab(_("In numbers"), "diagnostics:numbers", (EVERYBODY,)),
)


def groups_of(actor: Actor) -> frozenset[str]:
    """What an actor is to this programme; at most one statement, and none for those who work for no partner."""
    found = {EVERYBODY}
    if actor.user_id is not None:
        found.add(SIGNED_IN)
    found |= {name for name in (COORDINATOR, COURIER, AUDITOR) if actor.has_role(name)}
    if actor.has_role("coordinator", "verifier", "auditor"):
        found.add(OFFICIAL)
    kinds = kinds_of_work(actor) if actor.has_role(*STAFF) else frozenset()
    if kinds & set(TESTING_SITES):
        found.add(TESTING)
    if SiteKind.LAB in kinds:
        found.add(LAB)
    if SiteKind.PUSKESMAS in kinds:
        found.add(PUSKESMAS)
    return frozenset(found)


def open_tabs(actor: Actor) -> list[Tab]:
    """The pages the actor may open, in order."""
    groups = groups_of(actor)
    return [tab for tab in TABS if groups & set(tab.whose)]


def tabs(actor: Actor, path: str, current: str = "") -> list[dict[str, object]]:
    """Label, address and whether it is the present page, for each page the actor may open.

    Args:
        current: argument or name of the tab a page below it belongs to.
    """
    return [
        {
            "label": tab.label,
            "address": tab.address,
            "current": path == tab.address or (bool(current) and current in (tab.argument, tab.name)),
        }
        for tab in open_tabs(actor)
    ]
