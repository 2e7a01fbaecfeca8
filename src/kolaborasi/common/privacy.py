"""Classes of the common room's fields."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "AnsweredRequest": {
        Data.PSEUDONYMOUS: ("scope", "key", "fingerprint"),
        Data.NONE: ("answer", "answered_at"),
    },
}
