"""What the verbs and readers of exchange refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused


class NotGenuine(Refused):
    """A document was not signed here, was changed, or was revoked; `details["fault"]` says which."""

    code = "not-genuine"

    def __init__(self, fault: str) -> None:
        sentences = {
            "signature": _("This document was not issued here, or it was changed. Do not rely on it."),
            "revoked": _("This document was replaced or withdrawn. Ask for the newest one."),
        }
        super().__init__(sentences[fault], details={"fault": fault})


class NotHl7(Refused):
    """The text is no ORU^R01 message that can be read."""

    code = "not-hl7"

    def __init__(self, why: str) -> None:
        super().__init__(
            _("This is no HL7 v2 result message (ORU^R01): %(why)s") % {"why": why}, details={"why": why}
        )
