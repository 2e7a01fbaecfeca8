"""What the stock refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict, Refused


class NotEnoughOnHand(Refused):
    """The location has less of the lot than should leave it."""

    code = "not-enough-on-hand"

    def __init__(self, *, on_hand: int, asked: int) -> None:
        super().__init__(
            _("Only %(on_hand)s on hand; %(asked)s should leave.") % {"on_hand": on_hand, "asked": asked},
            details={"on_hand": on_hand, "asked": asked},
        )


class StockIsPromised(Refused):
    """What should leave is promised to somebody else."""

    code = "stock-is-promised"

    def __init__(self, *, free: int, asked: int) -> None:
        super().__init__(
            _("Only %(free)s are not promised yet; release a promise first.") % {"free": free},
            details={"free": free, "asked": asked},
        )


class ShipmentClosed(Conflict):
    """The shipment was received completely or closed."""

    code = "shipment-closed"

    def __init__(self) -> None:
        super().__init__(_("This shipment is already closed."))
