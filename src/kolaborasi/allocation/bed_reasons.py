"""Reasons and refusals of a bed plan in words, in the language of the reader."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.allocation.models import BedLine
from kolaborasi.allocation.reasons import number, percent

REFUSALS: dict[str, str | Promise] = {
    "no-bed": _("The bed was promised to somebody else in the meantime, or its hospital takes nobody now."),
    "bed-unfit": _("The bed no longer fits what is known of the patient."),
    "wrong-state": _("The patient was placed, cancelled or is being offered to a hospital already."),
    "patient-has-a-referral": _("A transfer of this patient was asked for already."),
    "not-in-this-hospital": _("The patient has left the bed in the meantime."),
    "not-in-network": _("The hospital gives no beds to the network at the moment."),
    "already-asked": _("The hospital was asked already and has not answered yet."),
}


def why(line: BedLine) -> str:
    """Why a line was proposed."""
    words = line.numbers
    if line.reason == "over-target":
        return gettext(
            "With those who wait, %(occupancy)s of this class is taken; the network is short of %(short)s beds, shared by"
            " what each hospital can still convert."
        ) % {"occupancy": percent(min(words["occupancy"], 1.0)), "short": number(words["short"])}
    way = gettext("%(minutes)s minutes away (estimated)") % {"minutes": number(line.minutes)}
    if line.reason == "shortfall":
        return gettext("The hospital has fewer beds than patients; this bed is %(way)s.") % {"way": way}
    place = gettext("Number %(position)s in the queue.") % {"position": number(words["position"])}
    if line.reason == "better-taken":
        taken = ngettext(
            "The only bed that suits this patient better goes to somebody else; this one is %(way)s.",
            "All %(count)s beds that suit this patient better go to others; this one is %(way)s.",
            words["better"],
        ) % {"count": words["better"], "way": way}
        return f"{place} {taken}"
    if line.reason == "spared":
        spared = gettext(
            "A hospital that suits this patient better is fuller than the target; this bed is %(way)s."
        ) % {"way": way}
        return f"{place} {spared}"
    best = gettext("No bed suits this patient better; it is %(way)s.") % {"way": way}
    return f"{place} {best}"


def refusal(line: BedLine) -> str:
    """Why the verb refused an approved line; empty when it did not."""
    if not line.refusal:
        return ""
    known = REFUSALS.get(line.refusal)
    return str(known) if known else gettext("The system refused it: %(code)s.") % {"code": line.refusal}
