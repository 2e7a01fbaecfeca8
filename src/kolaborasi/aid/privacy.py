"""Classes of the fields of aid: a need belongs to a place; helpers and contacts are ids of persons."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Item": {
        Data.NONE: (
            *("code", "name_id", "name_en", "unit_id", "unit_en", "basis", "reference_price"),
            *("content_id", "content_en", "rules_id", "rules_en", "source", "halal", "shelf_life_days"),
        ),
    },
    "Programme": {
        Data.NONE: (
            *("code", "name_id", "name_en", "aim_id", "aim_en", "agency", "need_form", "indicators"),
            *("renewal_days", "source", "closed"),
        ),
    },
    "Need": {
        Data.INCIDENTAL: ("state_reason",),
        Data.NONE: (
            *("cause", "households", "people", "estimated", "state", "registered_at", "verified_at"),
            "answers",
        ),
    },
    "NeedLine": {Data.NONE: ("needed_by_date",)},
    "Offer": {Data.NONE: ("named", "available_date", "until_date", "registered_at")},
    "Pledge": {
        Data.INCIDENTAL: ("end_reason",),
        Data.PSEUDONYMOUS: ("link_hash", "receipt_code"),
        Data.NONE: (
            *("named", "deliver_date", "pledged_at", "confirmed_at", "handed_over_at", "ended_at"),
            "reminded_at",
            "wrong_codes",
        ),
    },
    "Delivery": {
        Data.INCIDENTAL: ("photo",),
        Data.NONE: ("quantity", "reported_at", "state", "received", "acknowledged_at", "acknowledged_by"),
    },
    "Household": {
        Data.PSEUDONYMOUS: ("nik_mark", "kk_mark", "sounds"),
        Data.NONE: ("key_id", "state", "registered_at"),
    },
    "HouseholdKey": {Data.PSEUDONYMOUS: ("key",)},
    "Roll": {
        Data.NONE: (
            *("source", "as_of_date", "state", "households_here", "rows", "skipped", "sample_seed"),
            *("registered_at", "settled_at"),
        ),
    },
    # What a list says of a household's members and hardship is kept under its pseudonymous id alone.
    "RollEntry": {
        Data.CLINICAL: ("hardship", "disabled"),
        Data.PSEUDONYMOUS: ("size", "elderly", "toddlers"),
        Data.NONE: ("line", "state", "valid_until_date"),
    },
    "Resemblance": {Data.PSEUDONYMOUS: ("score", "levels"), Data.NONE: ("state", "decided_at")},
    "Visit": {Data.PSEUDONYMOUS: ("result",), Data.NONE: ("drawn_at", "visited_at")},
    "AidPeriod": {Data.NONE: ("benefit", "starts_date", "ends_date", "awaits_ministry")},
    "Allotment": {Data.NONE: ("rupiah", "units_per_household", "external", "matched_at", "allotted_at")},
    "Round": {Data.NONE: ("mode", "date", "planned", "opened_at", "closed_at")},
    "Entitlement": {
        Data.PSEUDONYMOUS: ("code",),
        Data.NONE: ("wrong_codes", "entitled_at", "served_at", "witness"),
    },
    "Suspension": {
        Data.PSEUDONYMOUS: ("reason", "ground"),
        Data.NONE: ("state", "suspended_at", "appealed_at", "decided_at"),
    },
    "Licence": {
        Data.NONE: (*("number", "scope", "fee", "starts_date", "ends_date", "registered_at", "revoked_at"),),
    },
    "Fund": {Data.NONE: ("qris", "opened_at", "received", "fee_taken", "on_hand", "in_goods")},
    "CashGift": {
        Data.PSEUDONYMOUS: ("code",),
        Data.NONE: ("rupiah", "state", "promised_at", "stated_at", "stated_rupiah"),
    },
    # The bank's number leads to a payer only with the bank's books; the note of a transfer is never kept.
    "CashReceipt": {
        Data.PSEUDONYMOUS: ("bank_reference",),
        Data.NONE: ("rupiah", "received_date", "recorded_at"),
    },
    "Purchase": {Data.NONE: ("packages", "rupiah", "invoice", "bought_at", "handed_out", "lost")},
    "CashMovement": {Data.NONE: ("at", "source", "target", "rupiah", "packages")},
}
