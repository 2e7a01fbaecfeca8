"""Classes of this room's fields: nothing here is about a natural person."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Proposal": {
        Data.NONE: (
            *("programme", "made_at", "expires_at", "state", "parameters", "before", "after", "baseline"),
            "certificate",
        ),
    },
    "DecidedLine": {
        Data.NONE: ("minutes", "reason", "numbers", "state", "refusal", "refusal_numbers", "decided_at"),
    },
    "ProposalLine": {Data.NONE: ("quantity", "distance_km")},
    "BedLine": {Data.NONE: ("kind", "bed_class", "beds")},
}
