"""What the verbs of this room refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict, Refused
from kolaborasi.partners.states import PartnerState

_SENTENCES = {
    PartnerState.APPLIED: _(
        "This partner has applied but is not active yet. Wait until the city activates it."
    ),
    PartnerState.PAUSED: _("This partner takes nothing new for now. Choose another, or ask it to resume."),
    PartnerState.FROZEN: _(
        "This partner is frozen by the city and takes nothing new. Choose another partner."
    ),
    PartnerState.LEFT: _("This partner has left. Choose another partner."),
}


class PartnerNotActive(Conflict):
    """The partner takes no new commitment; `details` holds its id and state."""

    code = "partner-not-active"

    def __init__(self, partner_id: int, state: str | None) -> None:
        sentence = (
            _SENTENCES[PartnerState(state)] if state else _("There is no such partner. Choose another one.")
        )
        super().__init__(sentence, details={"partner_id": partner_id, "state": state})


class RoleNotGiven(Refused):
    """The partner cannot give this role."""

    code = "role-not-given"

    def __init__(self) -> None:
        super().__init__(_("Only a government body can give this role. Choose a role of the partner itself."))


class AlreadyMember(Conflict):
    """The person holds this role already."""

    code = "already-member"

    def __init__(self) -> None:
        super().__init__(_("This person already has this role here. Nothing was changed."))


class PeriodsOverlap(Conflict):
    """Another agreement of the kind covers some of these days, or the version exists."""

    code = "periods-overlap"

    def __init__(self) -> None:
        super().__init__(
            _("Another agreement of this kind covers some of these days. Change the dates or the version.")
        )


class LegalIdTaken(Conflict):
    """Another partner is registered under this legal id."""

    code = "legal-id-taken"

    def __init__(self) -> None:
        super().__init__(
            _("A partner with this legal id is registered already. Ask its administrator to add you."),
            details={"field": "legal_id"},
        )


class OwnPartner(Refused):
    """Nobody freezes the organisation they act for: its own roles would end with it."""

    code = "own-partner"

    def __init__(self) -> None:
        super().__init__(_("You act for this partner yourself. Ask a coordinator of another organisation."))


class SiteNameTaken(Conflict):
    """The partner has an open site of this name."""

    code = "site-name-taken"

    def __init__(self) -> None:
        super().__init__(
            _("This partner already has a site of this name. Choose another name."), details={"field": "name"}
        )
