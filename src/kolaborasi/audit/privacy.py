"""Classes of the log's fields: ids and field names, by the promise of every verb."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "AuditEntry": {
        Data.PSEUDONYMOUS: ("actor", "subject_id", "detail"),
        Data.NONE: ("at", "verb", "subject_kind"),
    },
    "UnsealedEntry": {Data.NONE: ("entry_id",)},
    "Seal": {Data.NONE: ("position", "entry_id", "digest")},
}
