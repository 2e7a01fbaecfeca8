"""Classes of the fields of exchange: keys and document numbers."""

from kolaborasi.common.classification import Data, Declared

FIELDS: Declared = {
    "SigningKey": {
        Data.PSEUDONYMOUS: ("sealed_private",),
        Data.NONE: ("kid", "public", "made_at", "retired_at"),
    },
    "Revocation": {Data.PSEUDONYMOUS: ("jti",), Data.NONE: ("revoked_at",)},
}
