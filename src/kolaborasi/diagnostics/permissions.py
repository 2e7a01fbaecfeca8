"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.common.permissions import ANYONE, SIGNED_IN, SYSTEM, PermissionTable, role
from kolaborasi.diagnostics.models import Specimen
from kolaborasi.diagnostics.states import SpecimenState

COORDINATOR = role("coordinator", in_place=True)
VERIFIER = role("verifier", in_place=True)
CITY = role("coordinator", in_place=True)
"""Verbs on the whole network ask without a place, so that only a role for the whole city passes."""
ADMIN = role("partner_admin", of_partner=True)
STAFF = (ADMIN, role("partner_member", of_partner=True))
COURIER = role("courier")

TABLE = PermissionTable(
    "diagnostics",
    {
        "register_lab": (ADMIN, COORDINATOR, SYSTEM),
        "verify_lab": (COORDINATOR, VERIFIER, SYSTEM),
        "load_labs": (SYSTEM,),
        "lab_down": (*STAFF, COORDINATOR, SYSTEM),
        "lab_back": (*STAFF, COORDINATOR, SYSTEM),
        "close_lab": (ADMIN, COORDINATOR),
        "add_machine": (ADMIN, COORDINATOR, SYSTEM),
        "set_machine_service": (*STAFF, COORDINATOR),
        "set_shifts": (ADMIN, COORDINATOR, SYSTEM),
        "offer_days": (ADMIN, COORDINATOR, SYSTEM),
        "receive_kits": (*STAFF, COORDINATOR, SYSTEM),
        "open_slots": (*STAFF, COORDINATOR, SYSTEM),
        "book": (SIGNED_IN, SYSTEM),
        "cancel_booking": (SIGNED_IN, SYSTEM),
        "order_test": (*STAFF, COORDINATOR, SYSTEM),
        "order_own_test": (SIGNED_IN,),
        "confirm_person": (*STAFF, COORDINATOR),
        "cancel_order": (*STAFF, COORDINATOR),
        "record_antigen": (*STAFF, COORDINATOR, SYSTEM),
        "ask_for_pcr": (*STAFF, COORDINATOR, SYSTEM),
        "issue_labels": (*STAFF, COORDINATOR, SYSTEM),
        "import_swabs": (*STAFF, COORDINATOR, SYSTEM),
        "collect": (*STAFF, COORDINATOR, SYSTEM),
        "discard": (*STAFF, COURIER, COORDINATOR),
        "dispose": STAFF,
        "propose_dispatch": (COORDINATOR, SYSTEM),
        "approve_dispatch": (CITY, SYSTEM),
        "reject_dispatch": (CITY,),
        "expire_plans": (SYSTEM,),
        "release_consignment": (CITY, *STAFF, SYSTEM),
        "pick_up": (COURIER, COORDINATOR, SYSTEM),
        "bring_back": (COURIER, COORDINATOR),
        "receive": (*STAFF, COORDINATOR, SYSTEM),
        "prepare_run": STAFF,
        "make_pool": STAFF,
        "dissolve_pool": STAFF,
        "start_run": STAFF,
        "cancel_run": STAFF,
        "fail_run": STAFF,
        "read_run": STAFF,
        "import_plate_file": STAFF,
        "import_hl7": (*STAFF, SYSTEM),
        "import_results_csv": (*STAFF, SYSTEM),
        "enter_results": (*STAFF, SYSTEM),
        "validate_results": STAFF,
        "reject_result": STAFF,
        "correct_result": STAFF,
        "tell_results": (SYSTEM, *STAFF),
        "tell_again": (*STAFF, COORDINATOR),
        "open_result": (ANYONE,),
        "see_person": (*STAFF, COORDINATOR),
        "set_catchment": (COORDINATOR, SYSTEM),
        "see_notice": STAFF,
        "list_contact": (*STAFF, COORDINATOR),
        "tell_contacts": (*STAFF, COORDINATOR, SYSTEM),
        "order_for_contact": (ANYONE,),
        "book_own_test": (ANYONE,),
        "rebook": (ANYONE,),
        "cancel_own": (ANYONE,),
        "export_results": (ADMIN, COORDINATOR),
    },
)
"""Verbs that anyone or everybody signed in may call also ask for the secret link, or for the account's own order."""


def may_discard(actor: Actor, specimen: Specimen) -> bool:
    """Whether the actor answers for a specimen now; its site, lab and manifest must be loaded.

    Where it is, its collection site while it is on the way, the courier who carries it, and the lab whose manifest was
    received without it.
    """
    moving, manifest = specimen.state == SpecimenState.IN_TRANSIT, specimen.consignment
    sites = [specimen.lab.site if specimen.lab else specimen.site]
    carries = False
    if moving and manifest is not None:
        carries = manifest.courier_id is not None and manifest.courier_id == actor.user_id
        if manifest.state not in OPEN:
            sites.append(manifest.lab.site)
    others = tuple(held for held in actor.roles if held.name != "courier")
    asking = actor if carries else Actor(actor.kind, actor.id, others)
    return any(
        TABLE.allows(asking, "discard", place_code=site.place.code, partner_id=site.partner_id)
        for site in sites
    )
