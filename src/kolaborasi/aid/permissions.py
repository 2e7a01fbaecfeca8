"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import ANYONE, SIGNED_IN, SYSTEM, PermissionTable, role

COORDINATOR = role("coordinator", in_place=True)
VERIFIER = role("verifier", in_place=True)
RW_HEAD = role("rw_head", in_place=True)
INSTITUTION = (role("partner_admin", of_partner=True), role("partner_member", of_partner=True))
AGGREGATOR = INSTITUTION

TABLE = PermissionTable(
    "aid",
    {
        "register_need": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "define_programme": (SYSTEM, COORDINATOR),
        "close_programme": (SYSTEM, COORDINATOR),
        "register_roll": (RW_HEAD, VERIFIER, COORDINATOR, SYSTEM),
        "register_government_roll": (COORDINATOR, SYSTEM),
        "accept_roll": (VERIFIER, COORDINATOR),
        "return_roll": (VERIFIER, COORDINATOR),
        "renew_entries": (RW_HEAD, VERIFIER, COORDINATOR),
        "lapse_entries": (SYSTEM,),
        "forget_erased": (SYSTEM,),
        "merge_households": (VERIFIER, COORDINATOR),
        "keep_apart": (VERIFIER, COORDINATOR),
        "correct_household": (VERIFIER, COORDINATOR),
        "draw_sample": (VERIFIER, COORDINATOR),
        "record_visit": (VERIFIER, COORDINATOR),
        "judge_roll": (VERIFIER, COORDINATOR),
        "define_period": (COORDINATOR, SYSTEM),
        "allot": (COORDINATOR, SYSTEM),
        "entitle": (COORDINATOR, SYSTEM),
        "appeal": (RW_HEAD, VERIFIER, COORDINATOR),
        "decide_appeal": (VERIFIER, COORDINATOR),
        "open_round": (VERIFIER, COORDINATOR, SYSTEM),
        "hand_out": (RW_HEAD, VERIFIER, COORDINATOR, role("courier")),
        "close_round": (VERIFIER, COORDINATOR, SYSTEM),
        "import_needs": (SYSTEM, COORDINATOR),
        "import_needs_file": (SYSTEM, COORDINATOR),
        "import_offers": (SYSTEM, COORDINATOR),
        "verify_need": (VERIFIER, COORDINATOR),
        "reject_need": (VERIFIER, COORDINATOR),
        "withdraw_need": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "change_need": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "pledge": (ANYONE,),
        "pledge_for_partner": INSTITUTION,
        "pledge_by_plan": (SYSTEM, role("coordinator")),
        "confirm_pledge": (ANYONE,),
        "cancel_pledge": (ANYONE,),
        "hand_over": (ANYONE,),
        "report_delivery": (ANYONE,),
        "acknowledge_by_code": (ANYONE,),
        "acknowledge": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "renew_code": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "release_overdue": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "remind_givers": (SYSTEM,),
        "dispute": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
        "expire_pledges": (SYSTEM,),
        "make_offer": (SIGNED_IN, SYSTEM),
        "make_offer_for_partner": (*INSTITUTION, SYSTEM, role("coordinator")),
        "withdraw_offer": (SIGNED_IN, role("coordinator")),
        "register_licence": (COORDINATOR, SYSTEM),
        "revoke_licence": (COORDINATOR, SYSTEM),
        "open_fund": AGGREGATOR,
        "promise_cash": (ANYONE,),
        "promise_cash_for_partner": INSTITUTION,
        "state_transfer": (ANYONE,),
        "cancel_cash": (ANYONE,),
        "confirm_receipt": AGGREGATOR,
        "match_receipt": AGGREGATOR,
        "import_statement": AGGREGATOR,
        "take_fee": AGGREGATOR,
        "buy": AGGREGATOR,
        "hand_on": AGGREGATOR,
        "write_off": AGGREGATOR,
        "see_receipt_codes": (RW_HEAD, VERIFIER, COORDINATOR, *INSTITUTION),
    },
)
"""Verbs on a pledge that anyone may call also ask for its secret link, or the account it was made with."""
