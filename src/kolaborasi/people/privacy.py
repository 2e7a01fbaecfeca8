"""Classes of the fields of persons and accounts."""

from kolaborasi.common.classification import Data, Declared
from kolaborasi.people.models import IDENTITY_FIELDS

FIELDS: Declared = {
    "Person": {
        Data.IDENTITY: IDENTITY_FIELDS,
        Data.PSEUDONYMOUS: ("id", "wrapped_key"),
        Data.NONE: ("key_id", "registered_at", "erased_at"),
    },
    "PersonIndex": {Data.PSEUDONYMOUS: ("digest",), Data.NONE: ("kind", "key_id")},
    "Contact": {
        Data.PSEUDONYMOUS: ("code_digest",),
        Data.NONE: ("channel", "window_started_at", "sent_at", "expires_at", "attempts", "confirmed_at"),
    },
    "User": {
        Data.IDENTITY: ("email",),
        Data.PSEUDONYMOUS: ("password",),
        Data.NONE: ("last_login", "is_active", "joined_at"),
    },
}
