"""What the verbs of the hospitals room refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.errors import HoldExpired, NotEnoughLeft
from kolaborasi.common.errors import Conflict, NotFound, Refused
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.hospitals.rules import ReportFault
from kolaborasi.places.problems import Problem

REPORT_SENTENCES: dict[ReportFault, Any] = {
    ReportFault.NEGATIVE: _("A number of beds or people cannot be below zero."),
    ReportFault.TOO_MANY: _("This is more than any hospital has. Check the number."),
    ReportFault.MORE_OCCUPIED_THAN_STAFFED: _(
        "More beds are occupied than staffed. Count occupied beds among the staffed ones."
    ),
    ReportFault.NO_ROOM_FOR_CLEANING: _(
        "Occupied beds and beds being cleaned are together more than the staffed ones."
    ),
    ReportFault.MORE_OTHERS_THAN_OCCUPIED: _(
        "More patients from elsewhere than occupied beds. Count them among the occupied ones."
    ),
    ReportFault.FUTURE: _("The beds were counted in the future. Check the time and its zone."),
    ReportFault.OLDER: _("A newer count of these beds is here already; this one changes nothing."),
}


class ReportRefused(Refused):
    """A count of beds cannot be taken; `details["faults"]` lists why, by class."""

    code = "report-refused"

    def __init__(self, faults: Mapping[str, list[ReportFault]]) -> None:
        first = next(iter(faults.values()))[0]
        words = {bed_class: [fault.value for fault in found] for bed_class, found in faults.items()}
        super().__init__(REPORT_SENTENCES[first], details={"faults": words})


class NotInNetwork(Refused):
    """The hospital gives no beds to the network now."""

    code = "not-in-network"

    def __init__(self, hospital_id: int, network: str) -> None:
        super().__init__(
            _("This hospital gives no beds to the network at the moment. Let it join first."),
            details={"hospital": hospital_id, "network": network},
        )


class NotAHospital(Refused):
    """The site is of another kind."""

    code = "not-a-hospital"

    def __init__(self) -> None:
        super().__init__(_("This site is no hospital. Choose or open a site of the kind hospital."))


class NotAPuskesmas(Refused):
    """The site is of another kind."""

    code = "not-a-puskesmas"

    def __init__(self) -> None:
        super().__init__(_("This site is no puskesmas. Choose or open a site of the kind puskesmas."))


class HospitalKnown(Conflict):
    """The site or the registry code belongs to a hospital already."""

    code = "hospital-known"

    def __init__(self) -> None:
        super().__init__(_("This site or registry code belongs to a hospital that is registered already."))


class NotBeforeItBegins(Refused):
    """An agreement is carried out on the day it begins, not before."""

    code = "not-before-it-begins"

    def __init__(self, starts_date: date) -> None:
        super().__init__(
            _("The agreement begins later. Let the hospital join on that day."),
            details={"starts_date": starts_date.isoformat()},
        )


class NothingAgreed(Refused):
    """An agreement names no bed."""

    code = "nothing-agreed"

    def __init__(self) -> None:
        super().__init__(_("Say how many beds of which class the hospital gives; at least one bed."))


class PeriodOverlaps(Conflict):
    """The hospital was in the network on some of the days already."""

    code = "period-overlaps"

    def __init__(self) -> None:
        super().__init__(
            _("The hospital was in the network on some of these days already. Choose a later day.")
        )


class AlreadyAsked(Conflict):
    """The hospital has not answered the last request of this kind."""

    code = "already-asked"

    def __init__(self) -> None:
        super().__init__(_("This hospital has been asked already and has not answered yet."))


class PatientWaits(Conflict):
    """The patient has an open referral."""

    code = "patient-has-a-referral"

    def __init__(self, referral_id: int | None = None) -> None:
        super().__init__(
            _("This patient has an open referral already. Follow that one, or cancel it first."),
            details={} if referral_id is None else {"referral": referral_id},
        )


class PatientHasABed(Conflict):
    """The patient has a bed of the network, held or in use."""

    code = "patient-has-a-bed"

    def __init__(self) -> None:
        super().__init__(
            _("This patient has a bed already. Ask the hospital for a transfer, or release the bed first.")
        )


class NotInThisHospital(Refused):
    """A transfer is asked for a patient who does not lie in the hospital."""

    code = "not-in-this-hospital"

    def __init__(self) -> None:
        super().__init__(_("This patient does not lie in the hospital that asks for the transfer."))


class ReferralRefused(Refused):
    """The referral was filled in wrongly."""

    code = "referral-refused"

    def __init__(self, field: str) -> None:
        super().__init__(
            _("A value is not possible: %(field)s. Measure again or leave it empty.") % {"field": field},
            details={"field": field},
        )


class BedUnfit(Refused):
    """The bed cannot do what the patient needs."""

    code = "bed-unfit"

    def __init__(self, pool_id: int) -> None:
        super().__init__(
            _("This bed does not fit the patient. Choose one of the beds that are listed."),
            details={"pool": pool_id},
        )


class NoBed(Refused):
    """No fitting bed is left anywhere."""

    code = "no-bed"

    def __init__(self) -> None:
        super().__init__(
            _("No fitting bed is left now. The patient stays on the waiting list, in order of severity.")
        )


class TooManyAsked(Refused):
    """More hospitals than may be asked in a row, or none, or a time limit that is out of range."""

    code = "offer-out-of-range"

    def __init__(self) -> None:
        super().__init__(_("Offer the patient to 1 to 10 hospitals, with 1 to 120 minutes for the answer."))


class OfferOver(Conflict):
    """The offer was answered, withdrawn or ran out of time."""

    code = "offer-over"

    def __init__(self, answer: str) -> None:
        super().__init__(
            _("This offer is over: it was answered, withdrawn or ran out of time."),
            details={"answer": answer},
        )


class AlreadyIsolating(Conflict):
    """The person is on a puskesmas's list already."""

    code = "already-isolating"

    def __init__(self) -> None:
        super().__init__(_("This person is on the list of a puskesmas already."))


class AmbulanceBusy(Conflict):
    """The ambulance drives for somebody else."""

    code = "ambulance-busy"

    def __init__(self) -> None:
        super().__init__(_("This ambulance is on a drive. Choose another one or wait until it has arrived."))


class AlreadyRequested(Conflict):
    """The patient waits for an ambulance or is in one."""

    code = "ambulance-requested"

    def __init__(self) -> None:
        super().__init__(_("An ambulance was requested for this patient already."))


class CallSignTaken(Conflict):
    """Another ambulance has the call sign."""

    code = "call-sign-taken"

    def __init__(self) -> None:
        super().__init__(_("Another ambulance has this call sign."))


class CylinderUnknown(NotFound):
    """No cylinder has the serial, or it is somewhere else or in another state."""

    code = "cylinder-unknown"

    def __init__(self, serials: list[str]) -> None:
        super().__init__(
            _("These cylinders are not here in the right state: %(serials)s.")
            % {"serials": ", ".join(serials[:10])},
            details={"serials": serials},
        )


class CylinderKnown(Conflict):
    """A serial number is registered already."""

    code = "cylinder-known"

    def __init__(self) -> None:
        super().__init__(_("One of these serial numbers is registered already. Check what is stamped on it."))


class QuotaUsed(Refused):
    """The hospital's share of the round is used up."""

    code = "quota-used"

    def __init__(self, left: int) -> None:
        super().__init__(
            _("This hospital may send %(left)s more cylinders on this round.") % {"left": left},
            details={"left": left},
        )


class NothingToRefill(Refused):
    """No hospital has an empty cylinder."""

    code = "nothing-to-refill"

    def __init__(self) -> None:
        super().__init__(_("No hospital has an empty cylinder. Record used ones first."))


class RowsRefused(Refused):
    """Rows of a file are wrong, so none was loaded.

    Args:
        problems: every refused row with line, column and reason.
        rows: how many rows were read.
    """

    code = "rows-refused"

    def __init__(self, problems: Sequence[Problem], *, rows: int) -> None:
        wrong = len({each.line for each in problems})
        super().__init__(
            _(
                "%(wrong)s of %(rows)s rows cannot be taken, so nothing was loaded. Correct them, or choose to load the "
                "good rows and send the file again."
            )
            % {"wrong": wrong, "rows": rows},
            details={"problems": [str(each) for each in problems]},
        )
        self.problems = sorted(problems, key=lambda each: each.line)


class SameBed(Refused):
    """The patient lies in a bed of this class already."""

    code = "same-bed"

    def __init__(self) -> None:
        super().__init__(_("The patient lies in a bed of this class already."))


class NotHere(Refused):
    """The bed is in another hospital."""

    code = "bed-elsewhere"

    def __init__(self) -> None:
        super().__init__(_("This bed is in another hospital. Ask for a transfer there instead."))


__all__ = ["HoldExpired", "NotEnoughLeft", "WrongState"]


class QuestionAnswered(Conflict):
    """The name on the review list was answered already."""

    code = "question-answered"

    def __init__(self) -> None:
        super().__init__(_("Somebody has answered this already. Load the list again."))
