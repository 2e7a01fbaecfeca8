"""What this room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import NotFound, Refused


class TokenRefused(Refused):
    """The token is unknown, expired, revoked, or its account is closed."""

    code = "token-refused"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("This token is not valid, or no longer. Ask for a new one."))


class SecondFactorNeeded(Refused):
    """The account has a staff role, and no second factor is set up."""

    code = "second-factor-needed"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("Your role needs a second factor. Set it up under your account; the token works from then on.")
        )


class TokenLifeTooLong(Refused):
    """A token lives between one day and one year."""

    code = "token-life"

    def __init__(self, longest: int) -> None:
        super().__init__(
            _("A token lives from 1 to %(longest)s days. Choose a number of days between.")
            % {"longest": longest},
            details={"longest": longest},
        )


class AccountUnknown(NotFound):
    """No open account has this address."""

    code = "account-unknown"

    def __init__(self) -> None:
        super().__init__(_("No account has this e-mail address. Ask the person to open one first."))
