"""Classes of the fields of messages: the address is looked up at sending; codes and links are secrets."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "Message": {
        Data.PSEUDONYMOUS: ("recipient", "context"),
        Data.NONE: (
            *("created_at", "channel", "template", "language", "state"),
            *("attempts", "next_attempt_at", "sent_at", "reason"),
        ),
    },
}
