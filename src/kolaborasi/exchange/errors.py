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
