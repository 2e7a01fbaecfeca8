"""Classes of the fields of events: ids, numbers and words."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Event": {Data.PSEUDONYMOUS: ("subject_id", "data"), Data.NONE: ("at", "name", "subject_kind")},
}
