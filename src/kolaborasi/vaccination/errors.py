"""What the verbs of vaccination refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict, NotFound, Refused
from kolaborasi.vaccination.rules import CountFault, DoseFault, Eligibility, LotFault, QuotaFault

QUOTA_SENTENCES: dict[QuotaFault, Any] = {
    QuotaFault.NO_WINDOWS: _("Give the session at least one time window."),
    QuotaFault.BACKWARDS: _("A time window ends after it begins."),
    QuotaFault.OVERLAP: _("Two time windows overlap. Let one begin when the other ends."),
    QuotaFault.ANOTHER_DAY: _("Every time window lies on the day of the session."),
    QuotaFault.TOO_MANY: _(
        "The vaccinators cannot take so many people in this window. Lower the quotas or add vaccinators."
    ),
    QuotaFault.NOBODY: _("No channel may send anybody. Give at least one channel a quota."),
}
DOSE_SENTENCES: dict[DoseFault, Any] = {
    DoseFault.UNDER_AGE: _("Too young for this vaccine. Look for a session with another vaccine."),
    DoseFault.OVER_AGE: _("Too old for this vaccine as this dose. Look for a session with another vaccine."),
    DoseFault.COMPLETE: _("All doses of the schedule were given already. Nothing more is due."),
    DoseFault.MIX: _(
        "This vaccine may not follow the one given before. Look for a session with a fitting one."
    ),
    DoseFault.TOO_EARLY: _("The interval to the dose before is too short. Choose a later day."),
    DoseFault.NOT_ON_SCHEDULE: _("No schedule has this dose. Ask an officer to check the doses on record."),
    DoseFault.UNBORN: _("The birth date lies in the future. Check it on the identity card."),
}
LOT_SENTENCES: dict[LotFault, Any] = {
    LotFault.EXPIRED: _("This lot has expired. Set it apart and take another lot."),
    LotFault.THAWED_TOO_LONG: _("These doses were thawed too long ago. Set them apart and take another lot."),
    LotFault.RECALLED: _("This lot was recalled. Set it apart and take another lot."),
    LotFault.TOO_WARM: _(
        "This lot is in quarantine here after a wrong temperature. Take another lot until it is decided."
    ),
    LotFault.VVM: _("The vial monitor is past its discard point. Set the vial apart and take another one."),
    LotFault.VIAL_OPEN_TOO_LONG: _("This vial was opened too long ago. Discard it and open another one."),
    LotFault.VIAL_EMPTY: _("All doses of this vial are used. Open another one."),
    LotFault.OTHER_PRODUCT: _(
        "This lot is of another vaccine than the session gives. Take a lot of the session."
    ),
}
COUNT_SENTENCES: dict[CountFault, Any] = {
    CountFault.NEGATIVE: _("A count is a whole number, at least 0."),
    CountFault.UNEXPLAINED: _("The count differs from the books. Choose an explanation."),
}


class SessionRefused(Refused):
    """The session was planned wrongly; `details["faults"]` lists why."""

    code = "session-refused"

    def __init__(self, faults: Sequence[QuotaFault]) -> None:
        super().__init__(QUOTA_SENTENCES[faults[0]], details={"faults": [fault.value for fault in faults]})


class SessionNotOpen(Conflict):
    """The session takes no bookings and gives no doses: planned, over or called off."""

    code = "session-not-open"

    def __init__(self) -> None:
        super().__init__(_("This session takes nobody at the moment. Please choose another one."))


class SlotOver(Refused):
    """The window is past."""

    code = "slot-over"

    def __init__(self) -> None:
        super().__init__(_("This time is over. Please choose a later one."))


class SlotFull(Refused):
    """No quota that is open to the channel has room."""

    code = "slot-full"

    def __init__(self, *, slot: int, channel: str) -> None:
        super().__init__(
            _("This time is full. Choose another one, or join the waiting list."),
            details={"slot": slot, "channel": channel},
        )


class NoDoseLeft(Refused):
    """Every dose of the session is promised."""

    code = "no-dose-left"

    def __init__(self, *, session: int) -> None:
        super().__init__(
            _("Every dose of this session is promised. Choose another session, or join the waiting list."),
            details={"session": session},
        )


class ResidentsOnly(Refused):
    """The session is for the residents of an area."""

    code = "residents-only"

    def __init__(self, place_code: str) -> None:
        super().__init__(
            _("This session is for residents of its area. Please choose another one."),
            details={"place": place_code},
        )


class NotEligible(Refused):
    """The person may not have this product on this day; details say why and from when they may."""

    code = "not-eligible"

    def __init__(self, found: Eligibility) -> None:
        earliest: date | None = found.earliest_date
        super().__init__(
            DOSE_SENTENCES[found.faults[0]],
            details={
                "faults": [fault.value for fault in found.faults],
                "dose": found.number,
                "earliest_date": earliest.isoformat() if earliest else None,
                "products": list(found.products),
            },
        )


class AlreadyBooked(Conflict):
    """The person has a next dose booked already."""

    code = "already-booked"

    def __init__(self, booking_id: int | None = None) -> None:
        super().__init__(
            _("A next dose is booked already. Move or cancel that booking instead of making another one."),
            details={"booking": booking_id} if booking_id else {},
        )


class DoseAlreadyGiven(Conflict):
    """This dose number of the person is on record."""

    code = "dose-already-given"

    def __init__(self, dose_id: int | None = None) -> None:
        super().__init__(
            _(
                "This dose is on record already. If that record is wrong, ask for a correction; do not add another."
            ),
            details={"dose": dose_id} if dose_id else {},
        )


class NikOfSomebodyElse(Conflict):
    """The number is registered under another name or birth date."""

    code = "number-of-somebody-else"

    def __init__(self, *, recipient: str | None = None) -> None:
        super().__init__(
            _(
                "This number is registered with another name or birth date. Check every digit on the card; if it is"
                " right, an officer asks for a correction and goes on with the passport or a case worker's word."
            ),
            details={"recipient": recipient} if recipient else {},
        )


class NikDoesNotFit(Refused):
    """The NIK has another birth date in it than the one given."""

    code = "nik-does-not-fit"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Digits 7 to 12 of this NIK say another birth date. Check both; an officer who has the card in hand can"
                " confirm that it is printed so."
            )
        )


class NoPapers(Refused):
    """Somebody without NIK and passport needs a partner who vouches for them."""

    code = "no-papers"

    def __init__(self) -> None:
        super().__init__(
            _("Give a NIK or a passport number, or let a case worker of a partner vouch for the person.")
        )


class LotRefused(Refused):
    """Doses of the lot may not be given; `details["faults"]` lists why."""

    code = "lot-refused"

    def __init__(self, faults: Sequence[LotFault], *, lot: int | None = None) -> None:
        super().__init__(
            LOT_SENTENCES[faults[0]], details={"faults": [fault.value for fault in faults], "lot": lot}
        )


class CountRefused(Refused):
    """The stock count was filled in wrongly."""

    code = "count-refused"

    def __init__(self, faults: Sequence[CountFault], *, expected: int) -> None:
        super().__init__(
            COUNT_SENTENCES[faults[0]],
            details={"faults": [fault.value for fault in faults], "expected": expected},
        )


class StillBooked(Conflict):
    """People are still booked or doses still there, so the session cannot be closed."""

    code = "still-booked"

    def __init__(self, *, bookings: int, doses: int, waiting: int = 0) -> None:
        super().__init__(
            _(
                "Before closing, %(bookings)s bookings need an end, %(doses)s doses need a place and %(waiting)s people"
                " in the queue need a dose or go home: mark who did not come, return or write off what is left."
            )
            % {"bookings": bookings, "doses": doses, "waiting": waiting},
            details={"bookings": bookings, "doses": doses, "waiting": waiting},
        )


class VialStillOpen(Conflict):
    """Doses are left in an opened vial."""

    code = "vial-still-open"

    def __init__(self, vials: Sequence[int]) -> None:
        sentence = _("A vial is still open. Discard what is left in it first.")
        super().__init__(sentence, details={"vials": list(vials)})


class BookingUnknown(NotFound):
    """No booking has this link."""

    code = "booking-unknown"

    def __init__(self) -> None:
        super().__init__(_("No booking has this link. Copy the whole link from the message you got."))


class AlreadyHere(Conflict):
    """The person is in the queue of the session already."""

    code = "already-here"

    def __init__(self, number: int) -> None:
        sentence = _("This person is in the queue already, with number %(number)s.")
        super().__init__(sentence % {"number": number}, details={"number": number})


class NobodyKnown(Refused):
    """No recipient has the number that was typed or scanned."""

    code = "nobody-known"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nobody on record has this number. Check every digit; if it is right, take the person in without a"
                " booking."
            ),
            details={"field": "code"},
        )


class NobodyWithNumber(Refused):
    """Nobody in the queue of the session has the number."""

    code = "nobody-with-number"

    def __init__(self, number: int) -> None:
        super().__init__(
            _("Nobody in this session has the number %(number)s. Check the slip of the person.")
            % {"number": number},
            details={"field": "number"},
        )


class EntryTooOld(Refused):
    """An entry says that its dose was given more than a day ago."""

    code = "entry-too-old"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This entry says that the dose was given more than a day ago. If so, ask the corrections desk to record it"
                " with its day; if not, set the clock of this device."
            )
        )


class DoseOutOfOrder(Refused):
    """A dose from elsewhere has a day that does not fit the doses on record."""

    code = "dose-out-of-order"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The day does not fit the other doses on record. Check number and day of the dose on the paper."
            )
        )


class LotDiffers(Conflict):
    """A lot with this number is on record with other facts."""

    code = "lot-differs"

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(
            _(
                "A lot with this number is on record with another expiry, owner or number of doses in a vial. Look at"
                " the pack again; if the record is wrong, ask its owner."
            ),
            details={"fields": list(fields), "field": "code"},
        )


class BadArrival(Refused):
    """Doses cannot be sent to this place for this day."""

    code = "bad-arrival"

    def __init__(self, field: str) -> None:
        super().__init__(
            _(
                "Doses cannot arrive there so: the day is past, or the session is over or gives another vaccine. Choose"
                " another place or day."
            ),
            details={"field": field},
        )


class NotTheirRecord(Refused):
    """The partner that shall decide a correction had no part in the record."""

    code = "not-their-record"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This organisation had no part in any visit or dose of the person, so it cannot decide. Choose the"
                " facility that made the record, or the health office."
            ),
            details={"field": "owner"},
        )


class WrongSession(Refused):
    """The booking is for another session."""

    code = "wrong-session"

    def __init__(self, *, session: int) -> None:
        super().__init__(
            _("This booking is for another session. Move the booking, or let the person wait as a walk-in."),
            details={"session": session},
        )


class NotScreened(Refused):
    """Nobody gets a dose without a screening that found them fit."""

    code = "not-screened"

    def __init__(self) -> None:
        super().__init__(_("Ask the screening questions first; only somebody fit on the day gets a dose."))


class AnswersMissing(Refused):
    """A screening question has no answer."""

    code = "answers-missing"

    def __init__(self, questions: Sequence[str]) -> None:
        super().__init__(_("Answer every question of the screening."), details={"questions": list(questions)})


class ObservationRunning(Refused):
    """The person is still to be watched."""

    code = "observation-running"

    def __init__(self, *, until: datetime) -> None:
        super().__init__(
            _("The observation is not over yet. Let the person wait until its end."),
            details={"until": until.isoformat()},
        )


class NothingToCertify(Refused):
    """The person has no dose on record."""

    code = "nothing-to-certify"

    def __init__(self) -> None:
        super().__init__(_("No dose is on record. If one is missing, ask for a correction."))


class CertificateUnknown(NotFound):
    """No certificate has this identifier."""

    code = "certificate-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such certificate."))


class CorrectionIncomplete(Refused):
    """The correction lacks what its kind needs."""

    code = "correction-incomplete"

    def __init__(self) -> None:
        super().__init__(_("Say which dose or person it is about, and who is right, before deciding."))


class TooManyAsked(Conflict):
    """The contact leaves several bookings unconfirmed already."""

    code = "too-many-asked"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Five bookings with this contact wait to be confirmed. Follow the links in the messages first; they"
                " are given back after an hour."
            )
        )


class NoContactGiven(Refused):
    """Somebody who is not signed in gave no contact, so that no link could be sent."""

    code = "no-contact-given"

    def __init__(self) -> None:
        super().__init__(_("Give a mobile number or an e-mail address: the link to confirm goes there."))


class NotReachable(Conflict):
    """No message can be sent to the person now."""

    code = "not-reachable"

    def __init__(self) -> None:
        super().__init__(
            _(
                "No message can be sent now: no contact is known, or several went there within the hour. Look for them,"
                " or ask at any site with your identity card."
            )
        )


class CardLinkOver(NotFound):
    """The link to a card is too old, or was not copied whole."""

    code = "card-link-over"

    def __init__(self) -> None:
        super().__init__(_("This link is over or incomplete. Ask for a new one; it is sent to you at once."))


class AlreadyWaiting(Conflict):
    """The person is on the waiting list already."""

    code = "already-waiting"

    def __init__(self) -> None:
        super().__init__(_("This person is on the waiting list already. Leave it first to change the wish."))


class OfferOver(Conflict):
    """The offer of a freed slot was not answered in time."""

    code = "offer-over"

    def __init__(self) -> None:
        super().__init__(_("This offer is over. The next free time is offered again in order."))
