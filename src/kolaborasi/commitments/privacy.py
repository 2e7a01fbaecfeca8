"""Classes of the fields every capacity and commitment has: numbers and states."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Capacity": {Data.NONE: ("reported", "limit", "committed")},
    "Consumable": {Data.NONE: ("delivered",)},
    "Commitment": {Data.NONE: ("quantity", "delivered", "state", "held_until")},
}
