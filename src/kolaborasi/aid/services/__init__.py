"""Verbs of the aid programme: one call, one transaction, one audit entry, one event."""

from kolaborasi.aid.services.appeals import appeal, decide_appeal
from kolaborasi.aid.services.deliveries import (
    acknowledge,
    acknowledge_by_code,
    dispute,
    renew_code,
    report_delivery,
)
from kolaborasi.aid.services.files import NeedImport, import_needs_file
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

__all__ = [
    "Entitled",
    "NeedImport",
    "Pledged",
    "RollReport",
    "accept_roll",
    "acknowledge",
    "acknowledge_by_code",
    "allot",
    "appeal",
    "cancel_pledge",
    "change_need",
    "close_programme",
    "close_round",
    "confirm_pledge",
    "correct_household",
    "decide_appeal",
    "define_period",
    "define_programme",
    "dispute",
    "draw_sample",
    "entitle",
    "expire_pledges",
    "forget_erased",
    "hand_out",
    "hand_over",
    "import_needs",
    "import_needs_file",
    "import_offers",
    "judge_roll",
    "keep_apart",
    "lapse_entries",
    "make_offer",
    "merge_households",
    "open_round",
    "pledge",
    "pledge_by_plan",
    "record_visit",
    "register_need",
    "register_roll",
    "reject_need",
    "release_overdue",
    "remind_givers",
    "renew_code",
    "renew_entries",
    "report_delivery",
    "return_roll",
    "verify_need",
    "withdraw_need",
    "withdraw_offer",
]
