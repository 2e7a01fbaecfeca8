"""What a verb raises when it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """A verb could not be done; nothing was changed.

    Args:
        message: one translatable sentence for the person, saying what to do next.
        code: short stable word for programs (`not-enough-left`).
        details: numbers and ids that explain the refusal; never personal values.
    """

    code = "refused"
    status = 422
    leaves_a_trace = False
    """True when the verb records the attempt itself, such as a wrong code: then only this refusal is not undone."""

    def __init__(
        self, message: str | Promise, *, code: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = dict(details or {})

    def __str__(self) -> str:
        return str(self.message)


class NotPermitted(Refused):
    """The actor may not call this verb."""

    code = "not-permitted"
    status = 403

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("You may not do this. Sign in with a role that may."))


class NotFound(Refused):
    """What the request names does not exist or is not visible to the actor."""

    code = "not-found"
    status = 404


class Conflict(Refused):
    """The world moved on: the thing is in another state than the request assumes."""

    code = "conflict"
    status = 409
