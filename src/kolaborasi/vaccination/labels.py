"""What pages call things: states with the kind of their badge, channels, places, people without a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.places.models import Place, PlaceKind
from kolaborasi.vaccination.errors import DOSE_SENTENCES, AlreadyBooked, ResidentsOnly
from kolaborasi.vaccination.models import ChannelChoice, SessionKind
from kolaborasi.vaccination.rules import FALLBACK, Channel, Eligibility
from kolaborasi.vaccination.states import (
    AdverseState,
    BookingStatus,
    CorrectionState,
    LineState,
    SessionState,
    VisitState,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text

    from kolaborasi.vaccination.queries.sessions import SlotRoom


@dataclass(frozen=True)
class Word:
    """A state in words and the kind of its badge."""

    label: Text
    kind: str


SESSION_WORDS: Mapping[str, Word] = {
    SessionState.PLANNED: Word(_("Planned"), "neutral"),
    SessionState.OPEN: Word(_("Open"), "good"),
    SessionState.CLOSED: Word(_("Closed"), "neutral"),
    SessionState.CANCELLED: Word(_("Called off"), "bad"),
}
VISIT_WORDS: Mapping[str, Word] = {
    VisitState.WAITING: Word(_("Waiting"), "neutral"),
    VisitState.CALLED: Word(_("Called"), "info"),
    VisitState.SCREENED: Word(_("Screened, fit"), "good"),
    VisitState.DONE: Word(_("Vaccinated"), "good"),
    VisitState.LEFT: Word(_("Went away"), "neutral"),
}
BOOKING_WORDS: Mapping[str, Word] = {
    BookingStatus.OFFERED: Word(_("Offered"), "info"),
    BookingStatus.BOOKED: Word(_("Booked"), "info"),
    BookingStatus.ARRIVED: Word(_("Arrived"), "good"),
    BookingStatus.VACCINATED: Word(_("Vaccinated"), "good"),
    BookingStatus.CANCELLED: Word(_("Cancelled"), "neutral"),
    BookingStatus.NO_SHOW: Word(_("Did not come"), "warning"),
    BookingStatus.NOT_SERVED: Word(_("No dose was there"), "bad"),
    BookingStatus.LAPSED: Word(_("Offer over"), "neutral"),
}
LINE_WORDS: Mapping[str, Word] = {
    LineState.PROPOSED: Word(_("Proposed"), "info"),
    LineState.APPROVED: Word(_("Approved and sent"), "good"),
    LineState.REJECTED: Word(_("Rejected"), "neutral"),
    LineState.REFUSED: Word(_("Could not be sent"), "warning"),
}
CORRECTION_WORDS: Mapping[str, Word] = {
    CorrectionState.OPEN: Word(_("To decide"), "warning"),
    CorrectionState.RESOLVED: Word(_("Put right"), "good"),
    CorrectionState.REJECTED: Word(_("Left as it is"), "neutral"),
}
EVENT_WORDS: Mapping[str, Word] = {
    AdverseState.REPORTED: Word(_("Reported"), "warning"),
    AdverseState.FOLLOWED: Word(_("Followed up"), "info"),
    AdverseState.CLOSED: Word(_("Case closed"), "neutral"),
}
REFUSAL_WORDS: Mapping[str, Text] = {
    **{str(fault): sentence for fault, sentence in DOSE_SENTENCES.items()},
    AlreadyBooked.code: _(
        "A next dose is booked already. Move or cancel that booking instead of making another one."
    ),
    ResidentsOnly.code: _("This session is for residents of its area. Please choose another one."),
}
OTHER_REFUSAL = _("Please choose another session.")
FITNESS_WORDS: Mapping[str, Word] = {
    "fit": Word(_("Yes"), "good"),
    "apart": Word(_("Set apart"), "warning"),
    "vvm": Word(_("Vial monitor past its point"), "bad"),
    "thawed": Word(_("Thawed too long"), "bad"),
    "expired": Word(_("Expired"), "bad"),
    "recalled": Word(_("Recalled"), "bad"),
}
CHANNEL_LABELS: Mapping[str, Text] = dict(ChannelChoice.choices)


IDENTITY_LABELS: Mapping[str, Text] = {
    "name": _("Name"),
    "nik": _("NIK"),
    "passport": _("Passport"),
    "birth_date": _("Birth date"),
}
LINE_REFUSALS: Mapping[str, Text] = {
    "not-enough-on-hand": _("The store has fewer doses now."),
    "stock-is-promised": _("The doses are promised to others now."),
    "lot-refused": _("The lot may not be given any more."),
    "partner-not-active": _("The owner of the doses is not active."),
}


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


def city_name(place: Place) -> str:
    """`Jakarta Pusat` for `Kota Administrasi Jakarta Pusat`: all of the province are administrative."""
    return re.sub(r"^(Kota|Kabupaten) (Administrasi |Adm\. )?", "", place.name)


def degrees(tenths: int) -> str:
    """Tenths of a degree Celsius as `5,3 °C`, with the decimal sign of the language."""
    locale = (get_language() or "id").replace("-", "_")
    return f"{format_decimal(tenths / 10, format='0.0', locale=locale)} °C"


def fallback_words(channel: Channel) -> list[str]:
    """Whose unused places a channel may take, and from when, in words."""
    found = []
    for donor, before in FALLBACK[channel]:
        name, hours = str(CHANNEL_LABELS[donor]), int(before.total_seconds() // 3600)
        if hours >= 24 * 365:
            found.append(gettext("%(channel)s: at any time") % {"channel": name})
        elif hours:
            text = ngettext(
                "%(channel)s: from %(hours)s hour before", "%(channel)s: from %(hours)s hours before", hours
            )
            found.append(text % {"channel": name, "hours": hours})
        else:
            found.append(gettext("%(channel)s: once the window has begun") % {"channel": name})
    return found


def line_reasons(reasons: Mapping[str, Any]) -> list[str]:
    """Why a line of a supply plan is proposed: whom its doses are for."""
    texts = {
        "due": gettext("%(n)s for people due for their next dose"),
        "booked": gettext("%(n)s for people on the waiting list"),
        "resident": gettext("%(n)s for residents without a dose"),
    }
    return [texts[name] % {"n": reasons[name]} for name in texts if reasons.get(name)]


def eligibility_words(may: Eligibility) -> str:
    """Why somebody may not have a dose, and from when."""
    sentence = str(DOSE_SENTENCES[may.faults[0]]) if may.faults else ""
    if may.faults and may.earliest_date is not None:
        day = format_date(may.earliest_date, format="long", locale=(get_language() or "id").replace("-", "_"))
        return gettext("%(why)s Possible from %(day)s.") % {"why": sentence, "day": day}
    return sentence


def kind_label(kind: str) -> str:
    """How a session reaches people, in words."""
    return str(SessionKind(kind).label)


def slot_words(room: SlotRoom) -> str:
    """`09.00–10.00, 12 places free`."""
    free = ngettext("%(left)s place free", "%(left)s places free", room.left) % {"left": room.left}
    return f"{localtime(room.starts_at):%H.%M}–{localtime(room.ends_at):%H.%M}, {free}"
