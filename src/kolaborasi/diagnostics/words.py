"""The words pages use for states and people; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from babel.dates import format_date, format_skeleton, get_day_names
from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.models.labs import Shift
from kolaborasi.diagnostics.models.results import CorrectionReason, OutcomeChoice, ResultStateChoice
from kolaborasi.diagnostics.models.specimens import DiscardReason, SpecimenStateChoice
from kolaborasi.diagnostics.rules.assays import ControlFault, Outcome
from kolaborasi.diagnostics.rules.capacity import DayCapacity, Limit
from kolaborasi.diagnostics.states import LabState, PlanState, ResultState, RunState, SpecimenState
from kolaborasi.places.models import Place, PlaceKind

Text = str | Promise


@dataclass(frozen=True)
class Word:
    """A state in words and the kind of its badge."""

    label: Text
    kind: str


SPECIMEN_KINDS: Mapping[str, str] = {
    SpecimenState.COLLECTED: "warning",
    SpecimenState.IN_TRANSIT: "info",
    SpecimenState.RECEIVED: "info",
    SpecimenState.RUNNING: "info",
    SpecimenState.RESULTED: "warning",
    SpecimenState.VALIDATED: "good",
    SpecimenState.NOTIFIED: "good",
    SpecimenState.DISCARDED: "bad",
}
OUTCOME_KINDS: Mapping[str, str] = {
    Outcome.POSITIVE: "bad",
    Outcome.NEGATIVE: "good",
    Outcome.INCONCLUSIVE: "warning",
    Outcome.INVALID: "neutral",
}
RESULT_KINDS: Mapping[str, str] = {
    ResultState.PROPOSED: "warning",
    ResultState.VALIDATED: "good",
    ResultState.SUPERSEDED: "neutral",
    ResultState.REJECTED: "neutral",
}
RUN_KINDS: Mapping[str, str] = {
    RunState.PLANNED: "warning",
    RunState.RUNNING: "info",
    RunState.READ: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "neutral",
}
LAB_KINDS: Mapping[str, str] = {
    LabState.REGISTERED: "warning",
    LabState.ACTIVE: "good",
    LabState.DOWN: "bad",
    LabState.CLOSED: "neutral",
}
PRIORITY_KINDS: Mapping[str, str] = {"urgent": "bad", "high": "warning", "routine": "neutral"}
FAILURES: Mapping[str, Text] = {
    ControlFault.POSITIVE_FAILED: _("The positive control was not detected"),
    ControlFault.NEGATIVE_FAILED: _("The negative control was detected: contamination"),
    "power": _("Power failed"),
    "machine": _("The machine broke down"),
    "spilt": _("The plate was spilt or mixed up"),
}
REFUSED_SCANS: Mapping[str, Text] = {
    "barcode-unknown": _("No specimen has this barcode."),
    "already-here": _("It was received here before."),
    "wrong-state": _("It is at another lab, or was discarded."),
}
DISCARDS: Mapping[str, Text] = dict(DiscardReason.choices)
CORRECTIONS: Mapping[str, Text] = dict(CorrectionReason.choices)


def specimen_word(state: str) -> Word:
    """The state of a specimen."""
    return Word(SpecimenStateChoice(state).label, SPECIMEN_KINDS[state])


def outcome_word(outcome: str) -> Word:
    """An outcome."""
    return Word(OutcomeChoice(outcome).label, OUTCOME_KINDS[outcome])


def result_word(state: str) -> Word:
    """Whether a result counts."""
    return Word(ResultStateChoice(state).label, RESULT_KINDS[state])


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


def length_in_words(length: timedelta) -> str:
    """How long: minutes up to an hour, hours up to two days, then days."""
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 60:
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    if minutes < 48 * 60:
        hours = round(minutes / 60)
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    days = round(minutes / 60 / 24)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def slot_words(starts_at: datetime, ends_at: datetime) -> str:
    """`Senin, 12 Juli 2021 08.00–08.15` in the city's time."""
    start, end = localtime(starts_at), localtime(ends_at)
    day = format_date(start, format="EEEE, d MMMM y", locale=_locale())
    return f"{day} {hour(start)}–{hour(end)}"


def hour(moment: datetime) -> str:
    """Hour and minute in the city: `08.15`, in English `08:15`."""
    local = localtime(moment)
    return format_skeleton("Hm", local, tzinfo=local.tzinfo, locale=_locale())


def _locale() -> str:
    return (get_language() or "id").replace("-", "_")


LIMITS: Mapping[Limit, Text] = {
    Limit.DAY_OFF: _("day off: no shift begins on this weekday"),
    Limit.NO_MACHINE: _("no machine is in service"),
    Limit.TOO_SHORT: _("no run fits into a shift"),
    Limit.REAGENTS: _(
        "kits: %(reagents)s reactions are left; %(possible)s specimens would need %(reactions)s"
    ),
    Limit.MACHINES: _("machines and shifts: every run of the day is counted"),
}


def limit_words(capacity: DayCapacity) -> str:
    """What keeps a lab from reading more on a day."""
    numbers = {"reagents": capacity.reagents, "possible": capacity.possible, "reactions": capacity.reactions}
    return str(LIMITS[capacity.limit]) % numbers


def shift_words(shift: Shift) -> str:
    """`Senin 08.00, 8 jam, 3 mesin`."""
    day = get_day_names("wide", locale=(get_language() or "id").replace("-", "_"))[shift.weekday].capitalize()
    starts = f"{shift.starts_minute // 60:02d}.{shift.starts_minute % 60:02d}"
    machines = ngettext("%(number)s machine", "%(number)s machines", shift.staffed_machines) % {
        "number": shift.staffed_machines
    }
    length = gettext("%(hours)s hours") % {"hours": f"{shift.minutes / 60:g}"}
    return f"{day} {starts}, {length}, {machines}"


PLAN_KINDS: Mapping[str, str] = {
    PlanState.PROPOSED: "warning",
    PlanState.APPROVED: "good",
    PlanState.REJECTED: "neutral",
    PlanState.EXPIRED: "neutral",
}
REFUSALS: Mapping[str, Text] = {
    "lab-not-working": _("The lab went down or its partner was frozen."),
    "nothing-left": _("Its specimens moved on before the plan was approved."),
    "not-enough-left": _("The lab's day is full."),
}


def count_words(number: int) -> str:
    """A whole number grouped as the language does."""
    return format_decimal(number, locale=(get_language() or "id").replace("-", "_"))
