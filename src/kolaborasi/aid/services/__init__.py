"""Verbs of the aid programme: one call, one transaction, one audit entry, one event."""

from kolaborasi.aid.services.appeals import appeal, decide_appeal
from kolaborasi.aid.services.cash import (
    Transfer,
    buy,
    cancel_cash,
    confirm_receipt,
    hand_on,
    match_receipt,
    promise_cash,
    state_transfer,
    take_fee,
    write_off,
)
from kolaborasi.aid.services.deliveries import (
    acknowledge,
    acknowledge_by_code,
    dispute,
    renew_code,
    report_delivery,
)
from kolaborasi.aid.services.files import NeedImport, import_needs_file
from kolaborasi.aid.services.funds import (
    open_fund,
    register_licence,
    revoke_licence,
)
from kolaborasi.aid.services.government import Entitled, allot, define_period, entitle
from kolaborasi.aid.services.needs import (
    change_need,
    import_needs,
    register_need,
    reject_need,
    verify_need,
    withdraw_need,
)
from kolaborasi.aid.services.offers import import_offers, make_offer, withdraw_offer
from kolaborasi.aid.services.pledges import (
    Pledged,
    cancel_pledge,
    confirm_pledge,
    expire_pledges,
    hand_over,
    pledge,
    pledge_by_plan,
    release_overdue,
    remind_givers,
)
from kolaborasi.aid.services.programmes import close_programme, define_programme
from kolaborasi.aid.services.reviews import correct_household, keep_apart, merge_households
from kolaborasi.aid.services.rolls import (
    RollReport,
    accept_roll,
    forget_erased,
    lapse_entries,
    register_roll,
    renew_entries,
    return_roll,
)
from kolaborasi.aid.services.rounds import close_round, hand_out, open_round
from kolaborasi.aid.services.samples import draw_sample, judge_roll, record_visit
from kolaborasi.aid.services.statements import (
    RowOutcome,
    StatementReport,
    StatementRow,
    import_statement,
)

__all__ = [
    "Entitled",
    "NeedImport",
    "Pledged",
    "RollReport",
    "RowOutcome",
    "StatementReport",
    "StatementRow",
    "Transfer",
    "accept_roll",
    "acknowledge",
    "acknowledge_by_code",
    "allot",
    "appeal",
    "buy",
    "cancel_cash",
    "cancel_pledge",
    "change_need",
    "close_programme",
    "close_round",
    "confirm_pledge",
    "confirm_receipt",
    "correct_household",
    "decide_appeal",
    "define_period",
    "define_programme",
    "dispute",
    "draw_sample",
    "entitle",
    "expire_pledges",
    "forget_erased",
    "hand_on",
    "hand_out",
    "hand_over",
    "import_needs",
    "import_needs_file",
    "import_offers",
    "import_statement",
    "judge_roll",
    "keep_apart",
    "lapse_entries",
    "make_offer",
    "match_receipt",
    "merge_households",
    "open_fund",
    "open_round",
    "pledge",
    "pledge_by_plan",
    "promise_cash",
    "record_visit",
    "register_licence",
    "register_need",
    "register_roll",
    "reject_need",
    "release_overdue",
    "remind_givers",
    "renew_code",
    "renew_entries",
    "report_delivery",
    "return_roll",
    "revoke_licence",
    "state_transfer",
    "take_fee",
    "verify_need",
    "withdraw_need",
    "withdraw_offer",
    "write_off",
]
