"""What the verbs of aid refuse."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.rules import NeedFault, PledgeFault
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.common.errors import Conflict, NotFound, Refused

NEED_SENTENCES: dict[NeedFault, Any] = {
    NeedFault.NOBODY: _("Say for how many people help is needed; at least one."),
    NeedFault.FEWER_PEOPLE_THAN_HOUSEHOLDS: _("There cannot be fewer people than households."),
    NeedFault.TOO_MANY_PEOPLE: _("This is more people than live in the place. Check the number."),
    NeedFault.NO_LINES: _("Say what is needed: at least one item with a quantity."),
    NeedFault.ITEM_TWICE: _("Each item can be asked for once; add the quantities up."),
    NeedFault.QUANTITY: _("A quantity is a whole number, at least 1."),
    NeedFault.PAST_DATE: _("The day it is needed by cannot be in the past."),
}
PLEDGE_SENTENCES: dict[PledgeFault, Any] = {
    PledgeFault.QUANTITY: _("A quantity is a whole number, at least 1."),
    PledgeFault.PAST_DATE: _("The day of delivery cannot be in the past."),
    PledgeFault.TOO_FAR_AHEAD: _("The day of delivery is too far ahead; choose one within 90 days."),
}


class NeedRefused(Refused):
    """The need was filled in wrongly; `details["faults"]` lists why."""

    code = "need-refused"

    def __init__(self, faults: list[NeedFault]) -> None:
        super().__init__(NEED_SENTENCES[faults[0]], details={"faults": [fault.value for fault in faults]})


class PledgeRefused(Refused):
    """The pledge was filled in wrongly; `details["faults"]` lists why."""

    code = "pledge-refused"

    def __init__(self, faults: list[PledgeFault]) -> None:
        super().__init__(PLEDGE_SENTENCES[faults[0]], details={"faults": [fault.value for fault in faults]})


class NeedClosed(Conflict):
    """The need takes no pledges: not verified, withdrawn or rejected."""

    code = "need-closed"

    def __init__(self) -> None:
        super().__init__(_("This need takes no more help. Please choose another one near it."))


class NeedAlreadyOpen(Conflict):
    """The place already asks for the same item."""

    code = "need-already-open"

    def __init__(self, need_id: int) -> None:
        super().__init__(
            _("This place already asks for the same item. Change that need instead of adding another."),
            details={"need": need_id},
        )


class PledgeUnknown(NotFound):
    """No pledge has this link."""

    code = "pledge-unknown"

    def __init__(self) -> None:
        super().__init__(_("No promise has this link. Copy the whole link from the message you got."))


class WrongReceiptCode(Refused):
    """The receiving side's code is another one."""

    code = "wrong-receipt-code"
    leaves_a_trace = True

    def __init__(self, *, tries_left: int) -> None:
        super().__init__(
            _("This is not the code of the receiving side. Tries left: %(tries_left)s.")
            % {"tries_left": tries_left},
            details={"tries_left": tries_left},
        )


class NoProof(Refused):
    """A delivery without photo and without code proves nothing."""

    code = "no-proof"

    def __init__(self) -> None:
        super().__init__(_("Add a photo of the hand-over or the code of the receiving side."))


class NotAPhoto(Refused):
    """The file is no picture we can read."""

    code = "not-a-photo"

    def __init__(self) -> None:
        super().__init__(
            _("This file is not a photo we can read. Send a JPEG, PNG or WebP of at most 10 MB.")
        )


class WrongItem(Refused):
    """The offer is of another item than the need asks for."""

    code = "wrong-item"

    def __init__(self) -> None:
        super().__init__(_("The offer is of another item than this need asks for."))


__all__ = [
    "NeedAlreadyOpen",
    "NeedClosed",
    "NeedRefused",
    "NoProof",
    "NotAPhoto",
    "NotEnoughLeft",
    "PledgeRefused",
    "PledgeUnknown",
    "WrongItem",
    "WrongReceiptCode",
]
