"""Classes of the fields of partners."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Partner": {
        Data.NONE: (
            *("name", "kind", "legal_id", "state", "reason", "reference"),
            *("applied_at", "activated_at", "state_at"),
        ),
    },
    "Site": {
        Data.NONE: ("kind", "name", "address", "latitude", "longitude", "opened_date", "closed_date"),
    },
    "Membership": {Data.NONE: ("role", "starts_date", "ends_date")},
    "Agreement": {Data.NONE: ("kind", "version", "number", "starts_date", "ends_date")},
}
