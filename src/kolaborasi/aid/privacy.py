"""Classes of the fields of aid: a need belongs to a place; helpers and contacts are ids of persons."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Item": {
        Data.NONE: (
            *("code", "name_id", "name_en", "unit_id", "unit_en", "basis", "reference_price"),
            *("content_id", "content_en", "rules_id", "rules_en", "source"),
        ),
    },
    "Need": {
        Data.INCIDENTAL: ("state_reason",),
        Data.NONE: ("cause", "households", "people", "estimated", "state", "registered_at", "verified_at"),
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
}
