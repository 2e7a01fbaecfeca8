"""The words pages use for states, reasons and places, in one place; translated where they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models import Need
from kolaborasi.aid.states import NEED_MET, DeliveryState, NeedState, PledgeStatus
from kolaborasi.places.models import Place, PlaceKind

Text = str | Promise


@dataclass(frozen=True)
class Word:
    """A state in words.

    Args:
        label: two or three words.
        kind: colour and shape of its badge, as `web/components/badge.html` knows them.
        next: what happens next, for the one whose promise it is; empty where nobody asks.
    """

    label: Text
    kind: str
    next: Text = ""


PLEDGE_WORDS: dict[PledgeStatus, Word] = {
    PledgeStatus.UNCONFIRMED: Word(
        _("Not confirmed yet"),
        "warning",
        _("Confirm your promise with the button below, or it ends by itself and others can promise it."),
    ),
    PledgeStatus.PROMISED: Word(
        _("Promised"),
        "info",
        _(
            "Prepare the goods. The people of the place see your contact and may call you about the hand-over."
        ),
    ),
    PledgeStatus.ON_THE_WAY: Word(
        _("On the way"),
        "info",
        _(
            "Hand the goods over and ask the recipient for their code, or take a photo. Then report the delivery."
        ),
    ),
    PledgeStatus.AWAITING_RECIPIENT: Word(
        _("Waiting for the recipient"),
        "warning",
        _("You have reported the delivery. It counts as soon as the receiving side says what arrived."),
    ),
    PledgeStatus.PARTLY_DELIVERED: Word(
        _("Partly delivered"),
        "info",
        _(
            "A part has arrived. Bring the rest and report it, or give the rest back so that others can promise it."
        ),
    ),
    PledgeStatus.DELIVERED: Word(
        _("Delivered"), "good", _("Everything you promised has arrived. Nothing is left to do.")
    ),
    PledgeStatus.CANCELLED: Word(
        _("Cancelled"), "neutral", _("This promise is over. You are welcome to make another one.")
    ),
    PledgeStatus.EXPIRED: Word(
        _("Expired"),
        "neutral",
        _("It was not confirmed within 24 hours, so it ended. You are welcome to promise again."),
    ),
}
PLEDGE_STEPS: tuple[Text, ...] = (
    _("Promised"),
    _("Confirmed"),
    _("On the way"),
    _("Handed over"),
    _("Received"),
)
CURRENT_STEP: dict[PledgeStatus, int] = {
    PledgeStatus.UNCONFIRMED: 2,
    PledgeStatus.PROMISED: 3,
    PledgeStatus.ON_THE_WAY: 4,
    PledgeStatus.PARTLY_DELIVERED: 4,
    PledgeStatus.AWAITING_RECIPIENT: 5,
    PledgeStatus.DELIVERED: 6,
}
NEED_WORDS: dict[str, Word] = {
    NeedState.SUBMITTED: Word(_("Waiting for a check"), "warning"),
    NeedState.OPEN: Word(_("Open"), "good"),
    NeedState.REJECTED: Word(_("Not accepted"), "bad"),
    NeedState.WITHDRAWN: Word(_("Over"), "neutral"),
    NEED_MET: Word(_("Met"), "good"),
}
DELIVERY_WORDS: dict[str, Word] = {
    DeliveryState.REPORTED: Word(_("Waiting for the recipient"), "warning"),
    DeliveryState.ACKNOWLEDGED: Word(_("Received"), "good"),
    DeliveryState.DISPUTED: Word(_("Recipient says it did not arrive"), "bad"),
}


class CancelReason(TextChoices):
    """Why a helper takes a promise back; a choice, so that nobody is described in somebody's own words."""

    CANNOT = "cannot-bring", _("I cannot bring it after all")
    ELSEWHERE = "given-elsewhere", _("I gave it to another place")
    NOT_WANTED = "not-wanted", _("The place told me it is no longer needed")
    MISTAKE = "mistake", _("I made a mistake in the form")
    OTHER = "other", _("Another reason")


class ReleaseReason(TextChoices):
    """Why the receiving side gives a promise back whose day has passed."""

    NOT_COME = "did-not-come", _("Nothing came on the promised day")
    UNREACHABLE = "helper-unreachable", _("The helper cannot be reached")
    OTHER_HELP = "helped-otherwise", _("Help came from elsewhere")
    OTHER = "other", _("Another reason")


class EndedBySystem(TextChoices):
    """Why a promise ended without anybody's own decision on it."""

    NEED_OVER = "need-is-over", _("The place no longer needs it")


class WithdrawReason(TextChoices):
    """Why a need is over."""

    NO_LONGER = "no-longer-needed", _("It is no longer needed")
    OTHER_HELP = "helped-otherwise", _("Help came from elsewhere")
    TWICE = "registered-twice", _("It was registered twice")
    MISTAKE = "mistake", _("There was a mistake in it")
    OTHER = "other", _("Another reason")


class RejectReason(TextChoices):
    """Why a verifier does not accept a need."""

    DUPLICATE = "duplicate", _("The same need is registered already")
    NOT_CONFIRMED = "not-confirmed", _("Nobody at the place could confirm it")
    NUMBERS = "numbers", _("The numbers do not fit the place")
    NOT_OURS = "not-this-programme", _("Another programme is responsible")
    OTHER = "other", _("Another reason")


REASONS: dict[str, Text] = {
    value: label
    for choices in (CancelReason, ReleaseReason, EndedBySystem, WithdrawReason, RejectReason)
    for value, label in choices.choices
}


def reason_label(reason: str) -> str:
    """A stored reason in words; a reason that came another way as it is."""
    return str(REASONS.get(reason, reason))


def place_name(place: Place) -> str:
    """`RW 012 Cikini`, `Kelurahan Cikini`, or the name of a wider area. Reads the parent of an RW."""
    if place.kind == PlaceKind.RW and place.parent is not None:
        return f"{place.name} {place.parent.name}"
    if place.kind == PlaceKind.KELURAHAN:
        return gettext("Kelurahan %(name)s") % {"name": place.name}
    return place.name


def place_above(place: Place) -> str:
    """Where a place lies: the two areas above it, without those `place_name` tells already."""
    above = place.parent.parent if place.kind == PlaceKind.RW and place.parent else place.parent
    if above is None:
        return ""
    if place.kind == PlaceKind.RW:
        return gettext("Kecamatan %(name)s") % {"name": above.name}
    wider = above.parent if place.kind == PlaceKind.KELURAHAN else None
    return f"{above.name}, {wider.name}" if wider else above.name


def need_title(need: Need) -> str:
    """What a need is called: the institution, or the place."""
    return need.institution.name if need.institution else place_name(need.place)


def need_whereabouts(need: Need) -> str:
    """Where it is: for an institution its place first."""
    above = place_above(need.place)
    return f"{place_name(need.place)}, {above}" if need.institution else above
