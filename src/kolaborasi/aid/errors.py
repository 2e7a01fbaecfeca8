"""What the verbs of aid refuse."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.rules import MOST_UNCONFIRMED, NeedFault, PledgeFault
from kolaborasi.aid.rules.programmes import AnswerFault, WrongAnswer
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.common.errors import Conflict, NotFound, NotPermitted, Refused

NEED_SENTENCES: dict[NeedFault, Any] = {
    NeedFault.NOBODY: _("Say for how many people help is needed; at least one."),
    NeedFault.FEWER_PEOPLE_THAN_HOUSEHOLDS: _("There cannot be fewer people than households."),
    NeedFault.TOO_MANY_PEOPLE: _("This is more people than live in the place. Check the number."),
    NeedFault.NO_LINES: _("Say what is needed: at least one item with a quantity."),
    NeedFault.ITEM_TWICE: _("Each item can be asked for once; add the quantities up."),
    NeedFault.QUANTITY: _("A quantity is a whole number, at least 1."),
    NeedFault.PAST_DATE: _("The day it is needed by cannot be in the past."),
    NeedFault.TOO_FAR_AHEAD: _("The day it is needed by is too far ahead; choose one within 180 days."),
    NeedFault.NO_HOUSEHOLDS: _("Say for how many households; only an institution has none."),
    NeedFault.PLACE_TOO_WIDE: _("Help is asked for a kelurahan or an RW. Choose one; this area is wider."),
    NeedFault.TOO_MANY_UNITS: _("This is far more than the households and people need. Check the quantity."),
}
PLEDGE_SENTENCES: dict[PledgeFault, Any] = {
    PledgeFault.QUANTITY: _("A quantity is a whole number, at least 1."),
    PledgeFault.PAST_DATE: _("The day of delivery cannot be in the past."),
    PledgeFault.TOO_FAR_AHEAD: _("The day of delivery is too far ahead; choose one within 90 days."),
    PledgeFault.AFTER_NEEDED: _("This comes after the day it is needed by. Choose an earlier day."),
    PledgeFault.NO_NAME: _("Give your name, so that the place knows whom to expect."),
    PledgeFault.NO_CONTACT: _(
        "Give an e-mail address or a telephone number; your promise is confirmed with it."
    ),
}


ANSWER_SENTENCES: dict[AnswerFault, Any] = {
    AnswerFault.MISSING: _("Answer every question of the form that is marked as required."),
    AnswerFault.NO_NUMBER: _("Write a whole number."),
    AnswerFault.TOO_SMALL: _("This number is too small. Check it."),
    AnswerFault.TOO_LARGE: _("This number is too large. Check it."),
    AnswerFault.NO_OPTION: _("Choose one of the answers of the list."),
    AnswerFault.NO_DATE: _("Write the day like 2021-07-26."),
    AnswerFault.NOT_YES_OR_NO: _("Answer with yes or no."),
    AnswerFault.NOT_ASKED: _("The form does not ask this. Leave it out."),
}


class NeedRefused(Refused):
    """The need was filled in wrongly; `details["faults"]` lists why."""

    code = "need-refused"

    def __init__(self, faults: list[NeedFault]) -> None:
        super().__init__(NEED_SENTENCES[faults[0]], details={"faults": [fault.value for fault in faults]})


class PledgeRefused(Refused):
    """The pledge was filled in wrongly; `details["faults"]` lists why.

    Args:
        needed_by: last useful day of the need, which the sentence then names.
    """

    code = "pledge-refused"

    def __init__(self, faults: list[PledgeFault], *, needed_by: date | None = None) -> None:
        sentence = PLEDGE_SENTENCES[faults[0]]
        details: dict[str, Any] = {"faults": [fault.value for fault in faults]}
        if faults[0] == PledgeFault.AFTER_NEEDED and needed_by is not None:
            sentence = _("It is needed by %(day)s. Choose that day or an earlier one.") % {
                "day": date_format(needed_by)
            }
            details["needed_by_date"] = needed_by.isoformat()
        super().__init__(sentence, details=details)


class TooManyUnconfirmed(Conflict):
    """The contact leaves as many promises unconfirmed as one may."""

    code = "too-many-unconfirmed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "%(most)s promises with this contact wait to be confirmed. Follow the links in the messages first, or"
                " wait until those promises have expired."
            )
            % {"most": MOST_UNCONFIRMED},
            details={"most": MOST_UNCONFIRMED},
        )


class UnknownReason(Refused):
    """The reason is none of the list."""

    code = "unknown-reason"

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(
            _("Give the reason as one of these words: %(reasons)s.") % {"reasons": ", ".join(reasons)},
            details={"reasons": reasons},
        )


class SecondPersonNeeded(NotPermitted):
    """Nobody checks what is their own: another person with the role must do it."""

    code = "second-person-needed"

    def __init__(self) -> None:
        super().__init__(
            _("This is your own, so somebody else has to check it. Ask a colleague or a verifier.")
        )


class RaiseNeedsVerifier(NotPermitted):
    """An open need was checked for a quantity; only a verifier may raise it."""

    code = "raise-needs-verifier"

    def __init__(self, *, checked: int) -> None:
        super().__init__(
            _("A verifier has checked this need for %(checked)s. Ask a verifier to raise it.")
            % {"checked": checked}
        )
        self.details["checked"] = checked


class InstitutionElsewhere(Refused):
    """The institution does not lie in the place it asks for."""

    code = "institution-elsewhere"

    def __init__(self, *, place: str) -> None:
        super().__init__(
            _("This institution lies in another place. Register its need where it is: %(place)s.")
            % {"place": place},
            details={"place": place},
        )


class NotOverdue(Conflict):
    """The day of delivery has not passed yet."""

    code = "not-overdue"

    def __init__(self) -> None:
        super().__init__(
            _("The day of delivery has not passed yet. Wait for it, or ask the helper to cancel.")
        )


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


class ReceiptCodeUsedUp(WrongReceiptCode):
    """Too many wrong codes were tried; the code no longer counts, not even the right one."""

    code = "receipt-code-used-up"

    def __init__(self) -> None:
        super().__init__(tries_left=0)
        self.message = _(
            "Too many wrong codes were tried, so this code no longer counts. Ask the receiving side to make a new code"
            " or to say on their own page what arrived."
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


class ProgrammeRefused(Refused):
    """The definition of a sub-programme is not whole; `details["faults"]` lists what is wrong and where."""

    code = "programme-refused"

    def __init__(self, faults: list[str]) -> None:
        super().__init__(
            _("This sub-programme is not whole: %(faults)s. Correct the file and load it again.")
            % {"faults": "; ".join(faults)},
            details={"faults": faults},
        )


class ProgrammeClosed(Conflict):
    """The sub-programme takes nothing new."""

    code = "programme-closed"

    def __init__(self) -> None:
        super().__init__(_("This sub-programme takes nothing new. Choose another one."))


class AnswersRefused(Refused):
    """The need form of a sub-programme was filled in wrongly; `details["answers"]` lists each fault by question."""

    code = "answers-refused"

    def __init__(self, wrong: list[WrongAnswer]) -> None:
        super().__init__(
            ANSWER_SENTENCES[wrong[0].fault],
            details={"answers": {each.field: each.fault.value for each in wrong}},
        )


class NotInCatalogue(Refused):
    """The sub-programme does not give this item."""

    code = "not-in-catalogue"

    def __init__(self, item: str) -> None:
        super().__init__(
            _("This sub-programme does not give “%(item)s”. Choose an item of its list.") % {"item": item},
            details={"item": item},
        )


class NumberTaken(Conflict):
    """Two households cannot have one NIK or one family card."""

    code = "number-taken"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Two households cannot have the same NIK or family card. Look at both cards and correct the wrong number"
                " first."
            )
        )


class NothingToCorrect(Refused):
    """A correction without anything new."""

    code = "nothing-to-correct"

    def __init__(self) -> None:
        super().__init__(_("Write the NIK, the family card number or the name as it should be."))


class SampleNotVisited(Conflict):
    """The visits do not tell enough of a list yet."""

    code = "sample-not-visited"

    def __init__(self, *, rest: int) -> None:
        super().__init__(
            _("Too few of the drawn households were visited to judge the list. Still to visit: %(rest)s.")
            % {"rest": rest},
            details={"rest": rest},
        )


class PeriodOverlaps(Conflict):
    """Another period of the same benefit has some of the same days."""

    code = "period-overlaps"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Another period of this benefit has some of these days, or it ends before it starts. Choose other days."
            )
        )


class AllotmentTwice(Conflict):
    """The body has allotted the item in the period already."""

    code = "allotment-twice"

    def __init__(self) -> None:
        super().__init__(
            _("This body has allotted this item in this period already. Change that allotment instead.")
        )


class NotGovernment(Refused):
    """Only a government body allots government aid."""

    code = "not-government"

    def __init__(self) -> None:
        super().__init__(_("Only a government body allots government aid. Choose one."))


class HeldBack(Conflict):
    """The list waits for a verifier, or was returned."""

    code = "roll-held-back"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This list is held back or was returned, so nobody is entitled by it. Ask a verifier of the place to check it."
            )
        )


class ServedMeanwhile(Conflict):
    """The household has another promise in the period."""

    code = "served-meanwhile"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This household was served in this period already, or another promise to it stands. Check that one first."
            )
        )


class NotMatchedYet(Conflict):
    """The ministry's list of the period is not in yet."""

    code = "not-matched-yet"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The ministry's list of this period is not in yet, so households it serves are not known. Load and match it first."
            )
        )


class NobodyHere(Conflict):
    """No entitled household of the place waits."""

    code = "nobody-here"

    def __init__(self) -> None:
        super().__init__(
            _("No entitled household of this place waits for a round. Match a list of the place first.")
        )


class RoundFault(Refused):
    """The day is past, or a site is missing or not wanted."""

    code = "round-fault"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Choose a day from today on, a site where it is fetched and none when it is brought to the door."
            )
        )


class NotInARound(Conflict):
    """The household's round is not open."""

    code = "not-in-a-round"

    def __init__(self) -> None:
        super().__init__(
            _("This household is in no open round today. Look when its round is, or add it to one.")
        )


class CodeOrCardNeeded(Refused):
    """Nothing proves the hand-over."""

    code = "code-or-card-needed"

    def __init__(self) -> None:
        super().__init__(_("Ask for the household's code; at a site the identity card will do as well."))


__all__ = [
    "AllotmentTwice",
    "AnswersRefused",
    "CodeOrCardNeeded",
    "HeldBack",
    "InstitutionElsewhere",
    "NeedAlreadyOpen",
    "NeedClosed",
    "NeedRefused",
    "NoProof",
    "NobodyHere",
    "NotAPhoto",
    "NotEnoughLeft",
    "NotGovernment",
    "NotInARound",
    "NotInCatalogue",
    "NotMatchedYet",
    "NotOverdue",
    "NothingToCorrect",
    "NumberTaken",
    "PeriodOverlaps",
    "PledgeRefused",
    "PledgeUnknown",
    "ProgrammeClosed",
    "ProgrammeRefused",
    "RaiseNeedsVerifier",
    "ReceiptCodeUsedUp",
    "RoundFault",
    "SampleNotVisited",
    "SecondPersonNeeded",
    "ServedMeanwhile",
    "TooManyUnconfirmed",
    "UnknownReason",
    "WrongItem",
    "WrongReceiptCode",
]
