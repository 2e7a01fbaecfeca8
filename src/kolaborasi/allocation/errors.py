"""What the verbs of allocation refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused


class NobodyWaits(Refused):
    """Nobody waits for a bed, and there are enough."""

    code = "nothing-to-plan"

    def __init__(self) -> None:
        super().__init__(
            _("There is nothing to plan: nobody waits for a bed and no class of beds is above the target.")
        )


class NothingToPlan(Refused):
    """There is no open need or no offer of the same item."""

    code = "nothing-to-plan"

    def __init__(self) -> None:
        super().__init__(
            _(
                "There is nothing to plan: no open need and offer of the same item. Register needs or offers first."
            )
        )
