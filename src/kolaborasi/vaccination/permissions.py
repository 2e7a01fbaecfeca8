"""Who may call which verb of this room."""

from __future__ import annotations

from collections.abc import Iterable

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.permissions import ANYONE, SYSTEM, PermissionTable, role

COORDINATOR = role("coordinator", in_place=True)
VERIFIER = role("verifier", in_place=True)
RW_HEAD = role("rw_head", in_place=True)
CITY = (SYSTEM, role("coordinator"))
PARTNER = (role("partner_admin", of_partner=True), role("partner_member", of_partner=True))
HANDS = (*PARTNER, COORDINATOR)
WORKERS = ("verifier", "coordinator", "partner_admin", "partner_member")
"""Members of a partner that has a part in the session or keeps the store, and the coordinator of the place."""

TABLE = PermissionTable(
    "vaccination",
    {
        "register_lot": (SYSTEM, *HANDS),
        "receive_doses": (SYSTEM, *HANDS),
        "send_doses": (SYSTEM, *HANDS),
        "receive_shipment": (SYSTEM, *HANDS),
        "move_doses": (SYSTEM, *HANDS),
        "return_doses": HANDS,
        "waste_doses": (SYSTEM, *HANDS),
        "open_vial": HANDS,
        "discard_vial": (SYSTEM, *HANDS),
        "count_stock": HANDS,
        "log_storage": (SYSTEM, *HANDS),
        "decide_quarantine": HANDS,
        "recall_lot": CITY,
        "give_other_lots": CITY,
        "write_off_expired": (SYSTEM, role("coordinator")),
        "plan_session": (SYSTEM, *HANDS),
        "open_session": (SYSTEM, *HANDS),
        "close_session": HANDS,
        "cancel_session": HANDS,
        "change_quota": HANDS,
        "change_session": HANDS,
        # Who calls it learns whether a number is known: visitors and residents ask by `ask_to_book` instead.
        "enrol": (SYSTEM, role("rw_head"), *(role(name) for name in WORKERS)),
        "ask_to_book": (ANYONE,),
        "ask_to_wait": (ANYONE,),
        "ask_for_card": (ANYONE,),
        "send_card": (ANYONE,),
        "confirm_booking": (ANYONE,),
        "enrol_by_word": (*PARTNER, COORDINATOR, VERIFIER),
        "issue_certificates": (SYSTEM, role("coordinator")),
        "issue_certificate": (ANYONE,),
        "revoke_certificate": (SYSTEM, role("coordinator")),
        "propose_supply": CITY,
        "approve_supply_line": (role("coordinator"),),
        "reject_supply_line": (role("coordinator"),),
        "see_recipients": (*HANDS, VERIFIER),
        # The person too, whom the verb knows by the account.
        "see_record": HANDS,
        "change_recipient": (SYSTEM, VERIFIER, COORDINATOR, *PARTNER),
        "give_address": (ANYONE,),
        "book": (ANYONE,),
        "book_collective": (RW_HEAD, *HANDS),
        "book_walk_in": HANDS,
        "cancel_booking": (ANYONE,),
        "reschedule": (ANYONE,),
        "send_reminders": (SYSTEM,),
        "mark_no_shows": (SYSTEM, *HANDS),
        "join_waiting_list": (ANYONE,),
        "leave_waiting_list": (ANYONE,),
        "offer_freed_slots": (SYSTEM,),
        "accept_offer": (ANYONE,),
        "expire_offers": (SYSTEM,),
        "check_in": HANDS,
        "call_next": HANDS,
        "screen": HANDS,
        "leave_queue": HANDS,
        "give_dose": HANDS,
        "record_doses": (SYSTEM, *HANDS),
        "record_elsewhere": (VERIFIER, COORDINATOR, *PARTNER),
        "end_observation": HANDS,
        "report_adverse_event": HANDS,
        "follow_up_adverse_event": HANDS,
        "close_adverse_event": HANDS,
        "open_correction": (ANYONE,),
        "resolve_correction": (VERIFIER, COORDINATOR, *PARTNER),
        "reject_correction": (VERIFIER, COORDINATOR, *PARTNER),
    },
)
"""Verbs that anyone may call on a booking, certificate or correction also ask for a secret link, or the person's account."""


def require_any(by: Actor, verb: str, *, place_code: str | None, partner_ids: Iterable[int | None]) -> None:
    """Do nothing when the actor may call the verb there for at least one of the partners.

    Raises:
        NotPermitted: they may for none.
    """
    if not allows_any(by, verb, place_code=place_code, partner_ids=partner_ids):
        raise NotPermitted


def allows_any(by: Actor, verb: str, *, place_code: str | None, partner_ids: Iterable[int | None]) -> bool:
    """Whether the actor may call the verb there for at least one of the partners."""
    return TABLE.allows(by, verb, place_code=place_code) or any(
        TABLE.allows(by, verb, place_code=place_code, partner_id=partner)
        for partner in partner_ids
        if partner is not None
    )
