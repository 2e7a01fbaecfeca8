"""Classes of this room's fields."""

from __future__ import annotations

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "ApiToken": {
        Data.PSEUDONYMOUS: ("secret_hash",),
        Data.NONE: ("name", "issued_at", "expires_at", "revoked_at"),
    },
}
