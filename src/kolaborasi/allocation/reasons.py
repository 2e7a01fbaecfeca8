"""Reasons, refusals and proofs in words, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal, format_percent
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.labels import need_title
from kolaborasi.allocation.models import ProposalLine
from kolaborasi.optimisation import Reason

SAME_PLACE_KM = 0.05
"""Below it two places have the same point, which is that of their kelurahan."""

REFUSALS: dict[str, str | Promise] = {
    "partner-not-active": _("The giver takes nothing new at the moment: frozen, paused or gone."),
    "need-closed": _("The need takes no more help: it was withdrawn or is not open."),
    "wrong-item": _("The offer is of another item than the need asks for."),
    "pledge-refused": _("The quantity or the day of delivery is no longer possible."),
}


def why(line: ProposalLine) -> str:
    """Why a line was proposed: how the place stands, why this offer, what it leads to."""
    return " ".join([_standing(line), _choice(line), _outcome(line)])


def _standing(line: ProposalLine) -> str:
    covered = line.numbers["covered"]
    words = {"place": need_title(line.need_line.need), "covered": percent(covered)}
    if line.numbers["least"] and not covered:
        return gettext("Nothing is promised to %(place)s yet; no place has less.") % words
    if line.numbers["least"]:
        return gettext("%(place)s has %(covered)s of its need promised, the least of all.") % words
    return gettext("%(place)s has %(covered)s of its need promised.") % words


def _choice(line: ProposalLine) -> str:
    nearer = line.numbers["nearer"]
    words = {"way": way(line), "count": nearer}
    if line.reason == Reason.NEAREST:
        return gettext("This offer is the nearest with stock: %(way)s.") % words
    if line.reason == Reason.NEARER_EXHAUSTED:
        sentence = ngettext(
            "The only nearer offer is given out in this plan; this one is %(way)s.",
            "All %(count)s nearer offers are given out in this plan; this one is %(way)s.",
            nearer,
        )
        return sentence % words
    return (
        gettext("A nearer offer keeps stock: the plan was good enough to stop. This one is %(way)s.") % words
    )


def way(line: ProposalLine) -> str:
    """How far the goods travel, in words that say it is estimated."""
    if line.distance_km < SAME_PLACE_KM:
        return gettext("in the same kelurahan")
    return gettext("%(km)s away (estimated)") % {"km": kilometres(line.distance_km)}


def _outcome(line: ProposalLine) -> str:
    return gettext("With this line %(after)s of the need is promised.") % {
        "after": percent(line.numbers["after"])
    }


def refusal(line: ProposalLine) -> str:
    """Why the verb refused an approved line; empty when it did not."""
    if line.refusal == "not-enough-left":
        words = {"left": line.refusal_numbers.get("left", 0)}
        if line.refusal_numbers.get("capacity") == "aid.offer":
            return (
                gettext("Only %(left)s of this offer are left; the rest was promised in the meantime.")
                % words
            )
        return gettext("Only %(left)s of this need are left; the rest was promised in the meantime.") % words
    if not line.refusal:
        return ""
    known = REFUSALS.get(line.refusal)
    return str(known) if known else gettext("The system refused it: %(code)s.") % {"code": line.refusal}


def decided_by(line: ProposalLine) -> str:
    """Who decided a line, by account number and never by name; empty while nobody has."""
    if line.decided_at is None:
        return ""
    if line.decided_by_id is None:
        return gettext("the system")
    return gettext("account %(number)s") % {"number": line.decided_by_id}


def proof(certificate: Mapping[str, Any]) -> str:
    """How good the plan is proven to be, against all plans over all pairs of need and offer."""
    if not certificate["tiers_optimal"]:
        return gettext(
            "The plan is good, but the search was stopped before it was proven that no other covers the least covered"
            " better."
        )
    words = {
        "pairs": number(certificate["eligible_pairs"]),
        "gap": percent(certificate["relative_gap"], digits=2),
    }
    if not certificate["cost_gap"]:
        return (
            gettext(
                "Proven over all %(pairs)s pairs of need and offer: no plan covers the least covered better, and none"
                " that covers them as well needs less travel time."
            )
            % words
        )
    return (
        gettext(
            "Proven over all %(pairs)s pairs of need and offer: no plan covers the least covered better, and none"
            " that covers them as well saves more than %(gap)s of the travel time."
        )
        % words
    )


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent in the reader's format; not rounded up to 100, and a gap never down to 0."""
    step = 10.0 ** -(digits + 2)
    shown = min(share, 1 - step) if share < 1 else share
    shown = max(shown, step) if share > 0 else shown
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(format_percent(shown, format=pattern, locale=_locale()))


def number(value: float) -> str:
    """A whole number in the reader's format."""
    return str(format_decimal(round(value), locale=_locale()))


def kilometres(value: float) -> str:
    """`3,2 km`, in the reader's format."""
    return f"{format_decimal(value, format='#,##0.0', locale=_locale())} km"


def _locale() -> str:
    return (get_language() or "id").replace("-", "_")
