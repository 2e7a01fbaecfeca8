"""Classes of the fields of goods: nothing about persons."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Item": {Data.NONE: ("code", "name", "unit")},
    "Lot": {Data.NONE: ("code", "expires_date")},
    "Location": {Data.NONE: ("kind", "name")},
    "Balance": {Data.NONE: ("on_hand", "arriving")},
    "Movement": {Data.NONE: ("at", "quantity", "reason", "reference")},
    "Shipment": {Data.NONE: ("quantity", "received", "arrives_date", "closed_at")},
}
