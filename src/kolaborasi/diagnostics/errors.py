"""What the verbs of diagnostics refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict, NotFound, Refused
from kolaborasi.diagnostics.rules.assays import ControlFault
from kolaborasi.diagnostics.rules.barcodes import BarcodeFault
from kolaborasi.diagnostics.rules.own import MOST_WAITING
from kolaborasi.diagnostics.rules.times import TimeFault

BARCODE_SENTENCES: dict[BarcodeFault, Any] = {
    BarcodeFault.SHAPE: _("This is no barcode of the testing network. Scan the label of the tube again."),
    BarcodeFault.CHECK_DIGIT: _("This barcode was read or typed wrongly. Scan the label again."),
}
TIME_SENTENCES: dict[TimeFault, Any] = {
    TimeFault.FUTURE: _("This time lies in the future. Check date and time."),
    TimeFault.BEFORE_THE_LAST: _(
        "This time lies before something that happened earlier. Check date and time."
    ),
    TimeFault.TOO_OLD: _("This time lies too long ago. Check date and time."),
}
CONTROL_SENTENCES: dict[ControlFault, Any] = {
    ControlFault.NO_POSITIVE: _("The plate has no positive control, so nothing on it can be read."),
    ControlFault.NO_NEGATIVE: _("The plate has no negative control, so nothing on it can be read."),
    ControlFault.POSITIVE_FAILED: _(
        "The positive control was not detected. Mark the run as failed and repeat it."
    ),
    ControlFault.NEGATIVE_FAILED: _(
        "The negative control was detected: the plate is contaminated. Mark the run as failed and repeat it."
    ),
}


class LabNotWorking(Conflict):
    """The lab is not verified, down or closed."""

    code = "lab-not-working"

    def __init__(self) -> None:
        super().__init__(_("This lab takes no specimens now. Choose another one."))


class LabNotSafe(Refused):
    """PCR needs biosafety level 2."""

    code = "lab-not-safe"

    def __init__(self, level: int) -> None:
        super().__init__(
            _("PCR needs biosafety level 2 or higher; this lab has %(level)s.") % {"level": level},
            details={"biosafety": level},
        )


class WrongLab(Refused):
    """The specimen, machine or consignment belongs to another lab."""

    code = "wrong-lab"

    def __init__(self) -> None:
        super().__init__(_("This belongs to another lab. Check which lab you work for."))


class WrongSite(Refused):
    """A test is ordered or a slot opened at a site where nobody is tested."""

    code = "wrong-site"

    def __init__(self) -> None:
        super().__init__(_("Nobody is tested at this site. Choose a collection site."))


class MoreThanPossible(Refused):
    """The lab offers more than machines, shifts and reagents allow."""

    code = "more-than-possible"

    def __init__(self, *, derived: int) -> None:
        super().__init__(
            _("Machines, shifts and reagents allow %(derived)s on this day; offer at most that.")
            % {"derived": derived},
            details={"derived": derived},
        )


class NumbersRefused(Refused):
    """A machine or shift with numbers that cannot be."""

    code = "numbers-refused"

    def __init__(self, field: str) -> None:
        super().__init__(_("This number cannot be right. Check it and try again."), details={"field": field})


class WordRefused(NumbersRefused):
    """A column of a list holds none of the words it takes."""

    def __init__(self, field: str, words: Sequence[str]) -> None:
        super().__init__(field)
        self.message = _("The column %(column)s takes one of: %(words)s.") % {
            "column": field,
            "words": ", ".join(words),
        }


class IdentityMismatch(Refused):
    """NIK, name, birth date and sex do not belong to the same person."""

    code = "identity-mismatch"

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(
            _("NIK, name, birth date and sex do not belong together. Check them on the identity card."),
            details={"fields": list(fields)},
        )


class DuplicateOrder(Conflict):
    """The person already waits for a swab."""

    code = "duplicate-order"

    def __init__(self, order_id: int) -> None:
        super().__init__(
            _("This person already waits for a swab. Use that order instead of another one."),
            details={"order": order_id},
        )


class TooManyWaiting(Conflict):
    """As many orders wait with one contact as a family needs."""

    code = "too-many-waiting"

    def __init__(self) -> None:
        super().__init__(
            _(
                "%(most)s tests are booked with this number or address. Cancel one first, or come to a site without"
                " booking."
            )
            % {"most": MOST_WAITING},
            details={"most": MOST_WAITING},
        )


class SlotOver(Conflict):
    """The slot began already."""

    code = "slot-over"

    def __init__(self) -> None:
        super().__init__(_("This slot is over. Choose a later one."))


class NotABarcode(Refused):
    """The scanned text is no barcode of ours."""

    code = "not-a-barcode"

    def __init__(self, fault: BarcodeFault) -> None:
        super().__init__(BARCODE_SENTENCES[fault], details={"fault": fault.value})


class BarcodeUnknown(NotFound):
    """No such label was issued, or no specimen carries it."""

    code = "barcode-unknown"

    def __init__(self) -> None:
        super().__init__(
            _("No label has this barcode. Scan it again, or use a new label and discard this one.")
        )


class BarcodeUsed(Conflict):
    """The label is on another specimen."""

    code = "barcode-used"

    def __init__(self, specimen_id: int) -> None:
        super().__init__(
            _("This barcode is already on another specimen. Use a new label."),
            details={"specimen": specimen_id},
        )


class WrongTime(Refused):
    """An event cannot have happened when it is said to have."""

    code = "wrong-time"

    def __init__(self, fault: TimeFault) -> None:
        super().__init__(TIME_SENTENCES[fault], details={"fault": fault.value})


class NotOnManifest(Refused):
    """Barcodes that the consignment does not carry."""

    code = "not-on-manifest"

    def __init__(self, barcodes: Sequence[str]) -> None:
        super().__init__(
            _("Not on this manifest: %(number)s. Take them off, or scan them with the right one.")
            % {"number": len(barcodes)},
            details={"barcodes": list(barcodes)},
        )


class ConsignmentOver(Conflict):
    """The manifest was picked up, received or taken back already."""

    code = "consignment-over"

    def __init__(self) -> None:
        super().__init__(
            _("This manifest was already picked up, received or taken back. Load the page again.")
        )


class WrongCourier(Refused):
    """Somebody else carries this consignment."""

    code = "wrong-courier"

    def __init__(self) -> None:
        super().__init__(_("Another courier carries this. Ask the coordinator to change it."))


class NothingToDispatch(Refused):
    """No specimen waits that a working lab with capacity left could read in time."""

    code = "nothing-to-dispatch"

    def __init__(self) -> None:
        super().__init__(
            _(
                "No specimen waits that a lab could read. Check that labs offered capacity for today and tomorrow."
            )
        )


class PlanOver(Conflict):
    """The plan is too old to be carried out."""

    code = "plan-over"

    def __init__(self) -> None:
        super().__init__(_("This plan is too old. Make a new one."))


class NeverReceived(Conflict):
    """A result for a specimen that the lab never received."""

    code = "never-received"

    def __init__(self) -> None:
        super().__init__(_("The lab never received this specimen. Scan its receipt first."))


class PlateRefused(Refused):
    """A plate that cannot be run as it is filled."""

    code = "plate-refused"

    def __init__(self, message: Any, **details: Any) -> None:
        super().__init__(message, details=details)


class ControlsFailed(Refused):
    """The controls of a run do not let it be read."""

    code = "controls-failed"

    def __init__(self, faults: Sequence[ControlFault]) -> None:
        super().__init__(CONTROL_SENTENCES[faults[0]], details={"faults": [fault.value for fault in faults]})


class CtOutOfRange(Refused):
    """A Ct that no run can give."""

    code = "ct-out-of-range"

    def __init__(self, targets: Sequence[str], highest: float) -> None:
        super().__init__(
            _("A Ct lies above zero and at most at %(highest)s cycles. Check the values.")
            % {"highest": highest},
            details={"targets": list(targets)},
        )


class StillRunning(Conflict):
    """The specimen is in a machine, on a plate that this platform follows."""

    code = "still-running"

    def __init__(self) -> None:
        super().__init__(
            _("This specimen is on a plate in the machine. Read that plate, or mark its run as failed first.")
        )


class ResultsDecided(Conflict):
    """Somebody else validated or rejected some of the results meanwhile."""

    code = "results-decided"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Some of these results were decided by somebody else meanwhile. Nothing was validated; look again."
            )
        )


class OwnResult(Refused):
    """Who entered a result may not validate it."""

    code = "own-result"

    def __init__(self) -> None:
        super().__init__(_("You entered this result, so somebody else must validate it."))


class FileRefused(Refused):
    """A file that cannot be taken in as a whole; `details["rows"]` says why row by row."""

    code = "file-refused"

    def __init__(self, message: Any, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message, details={"rows": list(rows)})


class LinkUnknown(NotFound):
    """No result has this link, it has ended, or it was tried too often."""

    code = "link-unknown"

    def __init__(self) -> None:
        super().__init__(
            _("This link is not valid or no longer valid. Ask the place of your test for a new one.")
        )


class WrongBirthDate(Refused):
    """The second factor of a result link is another one."""

    code = "wrong-birth-date"
    leaves_a_trace = True

    def __init__(self, *, tries_left: int) -> None:
        super().__init__(
            _("This is not the birth date of the person tested. Tries left: %(tries_left)s.")
            % {"tries_left": tries_left},
            details={"tries_left": tries_left},
        )
