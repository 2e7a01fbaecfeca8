"""Verbs of the aid programme: one call, one transaction, one audit entry, one event."""

from kolaborasi.aid.services.deliveries import (
    acknowledge,
    acknowledge_by_code,
    dispute,
    renew_code,
    report_delivery,
)
from kolaborasi.aid.services.files import NeedImport, import_needs_file
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

__all__ = [
    "NeedImport",
    "Pledged",
    "acknowledge",
    "acknowledge_by_code",
    "cancel_pledge",
    "change_need",
    "close_programme",
    "confirm_pledge",
    "define_programme",
    "dispute",
    "expire_pledges",
    "hand_over",
    "import_needs",
    "import_needs_file",
    "import_offers",
    "make_offer",
    "pledge",
    "pledge_by_plan",
    "register_need",
    "reject_need",
    "release_overdue",
    "remind_givers",
    "renew_code",
    "report_delivery",
    "verify_need",
    "withdraw_need",
    "withdraw_offer",
]
