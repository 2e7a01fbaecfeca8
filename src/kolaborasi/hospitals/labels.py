"""The words pages use for states, answers, services, reasons and places; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models.choices import BedClassChoice, ReferralSource
from kolaborasi.hospitals.models.referrals import CancelReason, DeclineReason
from kolaborasi.hospitals.ranking import Ranked
from kolaborasi.hospitals.rules import Service, Severity, SeverityReason, WarningSign
from kolaborasi.hospitals.states import Answer, IsolationState, NetworkState, ReferralState, RideState
from kolaborasi.places.models import Place, PlaceKind

Text = str | Promise


@dataclass(frozen=True)
class Word:
    """A state in words and the kind of its badge."""

    label: Text
    kind: str


REFERRAL_WORDS: Mapping[str, Word] = {
    ReferralState.REQUESTED: Word(_("Waiting for a bed"), "warning"),
    ReferralState.OFFERED: Word(_("Offered to a hospital"), "info"),
    ReferralState.ACCEPTED: Word(_("Bed held, waiting for transport"), "info"),
    ReferralState.IN_TRANSIT: Word(_("On the way"), "info"),
    ReferralState.ADMITTED: Word(_("Admitted"), "good"),
    ReferralState.DISCHARGED: Word(_("Discharged"), "neutral"),
    ReferralState.DIED: Word(_("Died"), "neutral"),
    ReferralState.TRANSFERRED: Word(_("Transferred"), "neutral"),
    ReferralState.CANCELLED: Word(_("Cancelled"), "neutral"),
}
ANSWER_WORDS: Mapping[str, Word] = {
    Answer.PENDING: Word(_("Waiting for the answer"), "warning"),
    Answer.ACCEPTED: Word(_("Accepted"), "good"),
    Answer.DECLINED: Word(_("Declined"), "bad"),
    Answer.UNANSWERED: Word(_("No answer in time"), "bad"),
    Answer.WITHDRAWN: Word(_("Withdrawn"), "neutral"),
}
SEVERITY_WORDS: Mapping[int, Word] = {
    Severity.MILD: Word(_("Mild"), "neutral"),
    Severity.MODERATE: Word(_("Moderate"), "info"),
    Severity.SEVERE: Word(_("Severe"), "warning"),
    Severity.CRITICAL: Word(_("Critical"), "bad"),
}
NETWORK_WORDS: Mapping[str, Word] = {
    NetworkState.OUTSIDE: Word(_("Outside the network"), "neutral"),
    NetworkState.JOINED: Word(_("In the network"), "good"),
    NetworkState.PAUSED: Word(_("Paused: takes nobody new"), "warning"),
    NetworkState.LEFT: Word(_("Has left the network"), "neutral"),
}
RIDE_WORDS: Mapping[str, Word] = {
    RideState.REQUESTED: Word(_("Waiting for an ambulance"), "warning"),
    RideState.DISPATCHED: Word(_("Ambulance on its way to the patient"), "info"),
    RideState.PICKED_UP: Word(_("Patient on board"), "info"),
    RideState.ARRIVED: Word(_("Arrived"), "good"),
    RideState.CANCELLED: Word(_("Cancelled"), "neutral"),
}
ISOLATION_WORDS: Mapping[str, Word] = {
    IsolationState.OPEN: Word(_("Isolating at home"), "info"),
    IsolationState.REFERRED: Word(_("Referred to a hospital"), "warning"),
    IsolationState.RECOVERED: Word(_("Recovered"), "good"),
    IsolationState.DIED: Word(_("Died"), "neutral"),
    IsolationState.STOPPED: Word(_("Ended otherwise"), "neutral"),
}
SERVICE_LABELS: Mapping[Service, Text] = {
    Service.DIALYSIS: _("Dialysis"),
    Service.OBSTETRICS: _("Births"),
    Service.PAEDIATRICS: _("Children"),
    Service.VENTILATOR: _("Ventilator"),
}
SEVERITY_REASONS: Mapping[str, Text] = {
    SeverityReason.VENTILATION: _("cannot breathe alone"),
    SeverityReason.SHOCK: _("shock"),
    SeverityReason.UNCONSCIOUS: _("unconscious or newly confused"),
    SeverityReason.LOW_OXYGEN: _("oxygen saturation below 93%"),
    SeverityReason.FAST_BREATHING: _("fast breathing"),
    SeverityReason.DISTRESS: _("severe difficulty breathing"),
    SeverityReason.PNEUMONIA: _("signs of pneumonia"),
    SeverityReason.NO_SIGN: _("no warning sign"),
}
WARNING_LABELS: Mapping[str, Text] = {
    WarningSign.LOW_OXYGEN: _("oxygen saturation below 94%"),
    WarningSign.FAST_BREATHING: _("fast breathing"),
    WarningSign.BREATHLESS: _("breathless"),
    WarningSign.CHEST_PAIN: _("chest pain"),
    WarningSign.CONFUSED: _("confused"),
    WarningSign.NOT_DRINKING: _("does not drink"),
}
NEED_LABELS: tuple[tuple[str, Text], ...] = (
    ("needs_ventilator", _("ventilator")),
    ("needs_dialysis", _("dialysis")),
    ("needs_obstetric", _("obstetrics")),
    ("needs_paediatric", _("paediatrics")),
    ("needs_isolation", _("isolation from others")),
    ("in_labour", _("birth has begun")),
    ("pregnant", _("pregnant")),
)
HAPPENINGS: Mapping[str, Text] = {
    "refer": _("A bed was asked for"),
    "refer_and_offer": _("A bed was asked for and offered to the best hospital at once"),
    "offer": _("Offered to %(hospital)s"),
    "accept": _("%(hospital)s accepted"),
    "decline": _("%(hospital)s declined: %(reason)s"),
    "withdraw_offer": _("The offer to %(hospital)s was withdrawn"),
    "expire_offers": _("No answer or no departure in time: %(hospital)s"),
    "reassess": _("How ill the patient is was judged anew"),
    "depart": _("The ambulance left for %(hospital)s"),
    "pick_up": _("The ambulance left for %(hospital)s"),
    "admit": _("Admitted at %(hospital)s"),
    "move_bed": _("Moved to another class of bed at %(hospital)s"),
    "turn_away": _("%(hospital)s could not take the patient after all: %(reason)s"),
    "discharge": _("Discharged from %(hospital)s"),
    "record_death": _("The patient died"),
    "cancel_referral": _("Cancelled: %(reason)s"),
}
REASONS: Mapping[str, Text] = {**dict(DeclineReason.choices), **dict(CancelReason.choices)}
SHORT_CLASSES: Mapping[str, Text] = {
    BedClass.ICU_NP_VENT: _("ICU NP + vent."),
    BedClass.ICU_NP: _("ICU NP"),
    BedClass.ICU_VENT: _("ICU + vent."),
    BedClass.ICU: _("ICU"),
    BedClass.HCU: _("HCU"),
    BedClass.ISOLATION_NP: _("Isolation NP"),
    BedClass.ISOLATION: _("Isolation"),
    BedClass.NICU: _("NICU"),
    BedClass.PICU: _("PICU"),
    BedClass.PERINATOLOGY: _("Perinatology"),
    BedClass.ED: _("Emergency"),
    BedClass.DELIVERY: _("Delivery"),
    BedClass.DIALYSIS: _("Dialysis"),
    BedClass.THEATRE: _("Theatre"),
    BedClass.WARD_1: _("Ward I"),
    BedClass.WARD_2: _("Ward II"),
    BedClass.WARD_3: _("Ward III"),
}


def class_label(bed_class: str) -> str:
    """A bed class in words."""
    return str(BedClassChoice(bed_class).label)


def short_class(bed_class: str) -> str:
    """A bed class in few letters, for cards and tables."""
    return str(SHORT_CLASSES[bed_class])


def source_label(source: str) -> str:
    """Who asked for a bed, in words."""
    return str(ReferralSource(source).label)


def pseudonym(person_id: UUID) -> str:
    """What pages call a person instead of a name: the first eight digits of the pseudonymous id."""
    return f"P-{str(person_id)[:8].upper()}"


def place_name(place: Place) -> str:
    """`RW 012 Cikini`, `Kelurahan Cikini`, or the name of a wider area. Reads the parent of an RW."""
    if place.kind == PlaceKind.RW and place.parent is not None:
        return f"{place.name} {place.parent.name}"
    if place.kind == PlaceKind.KELURAHAN:
        return gettext("Kelurahan %(name)s") % {"name": place.name}
    return place.name


def ranked_reasons(bed: Ranked) -> list[str]:
    """Why a bed stands where it does in the order, in words."""
    return [
        gettext("fits as first choice") if bed.grade == 0 else gettext("can stand in for the first choice"),
        gettext("about %(minutes)s minutes away (estimated)") % {"minutes": round(bed.minutes)},
        ngettext("%(left)s bed left", "%(left)s beds left", bed.left) % {"left": bed.left},
        gettext("%(load)s%% of its beds taken") % {"load": round(100 * bed.load)},
        _age_words(bed),
        _acceptance_words(bed.acceptance),
    ]


def _age_words(bed: Ranked) -> str:
    text = age_words(bed.age)
    return (
        gettext("counted %(age)s, too old to rely on") % {"age": text}
        if bed.stale
        else (gettext("counted %(age)s") % {"age": text})
    )


def age_words(minutes: float) -> str:
    """How long ago something was counted."""
    if minutes < 60:
        whole = max(0, round(minutes))
        return ngettext("%(number)s minute ago", "%(number)s minutes ago", whole) % {"number": whole}
    if minutes < 48 * 60:
        whole = round(minutes / 60)
        return ngettext("%(number)s hour ago", "%(number)s hours ago", whole) % {"number": whole}
    whole = round(minutes / 60 / 24)
    return ngettext("%(number)s day ago", "%(number)s days ago", whole) % {"number": whole}


def age_since(observed_at: datetime | None, now: datetime) -> str:
    """How long ago a count was made; says so when there is none."""
    if observed_at is None:
        return gettext("never counted")
    return age_words((now - observed_at).total_seconds() / 60)


def _acceptance_words(acceptance: float | None) -> str:
    if acceptance is None:
        return gettext("was never asked before")
    return gettext("accepted %(share)s%% of its last offers") % {"share": round(100 * acceptance)}
