"""What the kernel refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused
from kolaborasi.common.lifecycle import WrongState

__all__ = ["HoldExpired", "NotAQuantity", "NotEnoughLeft", "TooMuchDelivered", "WrongState"]


class NotEnoughLeft(Refused):
    """A capacity has less left than was asked for.

    Args:
        capacity: label and primary key of the row that is short, for example `("aid.needline", 7)`.
        asked: units asked for.
        left: units that were left.
    """

    code = "not-enough-left"

    def __init__(self, *, capacity: tuple[str, object], asked: int, left: int) -> None:
        super().__init__(
            _("Only %(left)s left; %(asked)s were asked for.") % {"left": left, "asked": asked},
            details={"capacity": capacity[0], "id": capacity[1], "asked": asked, "left": left},
        )
        self.capacity, self.asked, self.left = capacity, asked, left


class NotAQuantity(Refused):
    """Nothing, or less than nothing, was to be promised or moved."""

    code = "not-a-quantity"

    def __init__(self, *, quantity: int) -> None:
        super().__init__(_("A quantity is a whole number, at least 1."), details={"quantity": quantity})


class HoldExpired(Refused):
    """A held promise was not confirmed in time."""

    code = "hold-expired"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This promise was not confirmed in time and has expired. Please promise again."))


class TooMuchDelivered(Refused):
    """More was delivered than promised."""

    code = "too-much-delivered"

    def __init__(self, *, promised: int, delivered: int) -> None:
        super().__init__(
            _("%(delivered)s is more than the %(promised)s promised. Register the rest as a new promise.")
            % {"delivered": delivered, "promised": promised},
            details={"promised": promised, "delivered": delivered},
        )
