"""Verbs on needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.errors import (
    AnswersRefused,
    InstitutionElsewhere,
    NeedAlreadyOpen,
    NeedRefused,
    NotInCatalogue,
    ProgrammeClosed,
    RaiseNeedsVerifier,
    SecondPersonNeeded,
)
from kolaborasi.aid.labels import RejectReason, WithdrawReason
from kolaborasi.aid.models import Cause, Item, Need, NeedLine, Programme
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import LineWish, need_faults
from kolaborasi.aid.rules.programmes import NeedField, wrong_answers
from kolaborasi.aid.services.endings import end_promises
from kolaborasi.aid.services.reasons import known_reason
from kolaborasi.aid.services.record import Marked, mark, mark_many
from kolaborasi.aid.states import NEED, NeedState
from kolaborasi.commitments.services import report
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound
from kolaborasi.partners.models import Site
from kolaborasi.partners.services import require_active
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place


@dataclass(frozen=True)
class NeedRow:
    """A need to be imported in bulk, with one line for each item."""

    place_id: int
    cause: Cause
    households: int
    people: int
    lines: tuple[LineWish, ...]


def register_need(
    *,
    place: Place,
    cause: Cause,
    households: int,
    people: int,
    lines: Sequence[LineWish],
    by: Actor,
    now: datetime,
    institution: Site | None = None,
    contact: Person | None = None,
    population: int | None = None,
    programme: Programme | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Need:
    """Register what a place or an institution needs; it waits for a verifier.

    Args:
        population: people who live in the place, when known, to catch a slip of the pen.
        programme: the sub-programme that is asked; None when the asker names none.
        answers: to the questions of its need form, by code: int, str, bool or a day in ISO 8601.

    Raises:
        ProgrammeClosed: the sub-programme takes nothing new.
        NotInCatalogue: it does not give one of the items.
        AnswersRefused: its form is filled in wrongly.
        NotPermitted: the actor has no role for this place or institution.
        PartnerNotActive: the institution's partner is frozen, paused or gone.
        NeedRefused: the numbers, items, dates or the kind of place are wrong.
        InstitutionElsewhere: the institution lies in another kelurahan.
        NeedAlreadyOpen: the place already asks for one of the items.
        NotFound: an item code is unknown.
    """
    partner_id = institution.partner_id if institution else None
    TABLE.require(by, "register_need", place_code=place.code, partner_id=partner_id)
    _refuse_elsewhere(institution, place)
    items = _items(lines)
    faults = need_faults(
        households=households,
        people=people,
        lines=lines,
        population=population,
        today=localdate(now),
        place_kind=place.kind,
        institution=institution is not None,
        bases={code: item.basis for code, item in items.items()},
    )
    if faults:
        raise NeedRefused(faults)
    kept = _refuse_answers(programme, answers or {}, items)
    with transaction.atomic():
        if partner_id is not None:
            require_active(partner_id)
        _refuse_double(place, institution, items)
        need = Need.objects.create(
            programme=programme,
            answers=kept,
            place=place,
            institution=institution,
            cause=cause,
            households=households,
            people=people,
            contact=contact,
            registered_by_id=by.user_id,
            registered_at=now,
        )
        NeedLine.objects.bulk_create(_line(need, items[line.item], line) for line in lines)
        mark(
            verb="register_need",
            event="need_registered",
            subject=("aid.need", need.pk),
            by=by,
            now=now,
            place=place.code,
            lines=len(lines),
        )
    return need


def import_needs(*, rows: Sequence[NeedRow], estimated: bool, by: Actor, now: datetime) -> list[Need]:
    """Register many verified needs at once, for example estimates derived from official counts.

    Args:
        estimated: pages say so beside each number.

    Raises:
        NotFound: an item code is unknown; nothing is stored.
    """
    TABLE.require(by, "import_needs")
    with transaction.atomic():
        items = _items([line for row in rows for line in row.lines])
        needs = Need.objects.bulk_create(
            Need(
                place_id=row.place_id,
                cause=row.cause,
                households=row.households,
                people=row.people,
                estimated=estimated,
                state=NeedState.OPEN,
                registered_by_id=by.user_id,
                registered_at=now,
                verified_by_id=by.user_id,
                verified_at=now,
            )
            for row in rows
        )
        NeedLine.objects.bulk_create(
            _line(need, items[line.item], line)
            for need, row in zip(needs, rows, strict=True)
            for line in row.lines
        )
        subjects: list[Marked] = [("aid.need", need.pk, {"estimated": estimated}) for need in needs]
        mark_many(verb="import_needs", event="need_registered", subjects=subjects, by=by, now=now)
    return needs


def verify_need(*, need: Need, by: Actor, now: datetime) -> Need:
    """A verifier has seen the need: from now on it is public and takes pledges.

    Raises:
        NotPermitted: no verifier of this place.
        SecondPersonNeeded: the verifier registered it.
        WrongState: it does not wait for a verifier.
    """
    with transaction.atomic():
        locked = _locked(need)
        TABLE.require(by, "verify_need", place_code=locked.place.code)
        _refuse_registrar(locked, by)
        locked.state = NEED.move(locked.state, "verify")
        locked.verified_at, locked.verified_by_id = now, by.user_id
        locked.save(update_fields=["state", "verified_at", "verified_by"])
        mark(verb="verify_need", event="need_opened", subject=("aid.need", need.pk), by=by, now=now)
    return locked


def reject_need(*, need: Need, reason: str, by: Actor, now: datetime) -> Need:
    """A verifier does not accept the need.

    Args:
        reason: one of `RejectReason`, for the one who registered it; kept with the need, not in the audit.

    Raises:
        UnknownReason: it is none of the list.
        NotPermitted, WrongState: as in `verify_need`.
    """
    return _end(need, "reject", "reject_need", "need_rejected", RejectReason, reason, by, now)


def withdraw_need(*, need: Need, reason: str, by: Actor, now: datetime) -> Need:
    """The need is over; nothing new can be pledged, and what was not confirmed yet ends.

    What is confirmed may still be delivered; its givers are told. The numbers stay as they were.

    Args:
        reason: one of `WithdrawReason`.

    Raises:
        UnknownReason: it is none of the list.
        NotPermitted: none of the place's or institution's people.
        WrongState: it is over already.
    """
    return _end(need, "withdraw", "withdraw_need", "need_withdrawn", WithdrawReason, reason, by, now)


def change_need(*, line: NeedLine, quantity: int, by: Actor, now: datetime) -> NeedLine:
    """Say anew how much of an item is needed; below what is promised the surplus is shown.

    Raises:
        NotPermitted: none of the place's or institution's people.
        NeedRefused: no such quantity, or more than the people of the need can use.
        RaiseNeedsVerifier: the need was verified, and the actor may not verify it.
        WrongState: the need is over.
    """
    with transaction.atomic():
        need = _locked(line.need)
        TABLE.require(by, "change_need", place_code=need.place.code, partner_id=_partner_id(need))
        NEED.move(need.state, "withdraw")
        _refuse_quantity(need, line, quantity, now)
        _refuse_raise(need, line, quantity, by)
        report(line, reported=quantity, now=now)
        mark(
            verb="change_need",
            event="need_changed",
            subject=("aid.needline", line.pk),
            by=by,
            now=now,
            quantity=quantity,
        )
    return line


def _end(
    need: Need,
    move: str,
    verb: str,
    event: str,
    reasons: type[TextChoices],
    reason: str,
    by: Actor,
    now: datetime,
) -> Need:
    reason = known_reason(reasons, reason)
    with transaction.atomic():
        locked = _locked(need)
        TABLE.require(by, verb, place_code=locked.place.code, partner_id=_partner_id(locked))
        locked.state = NEED.move(locked.state, move)
        locked.state_reason = reason
        locked.save(update_fields=["state", "state_reason"])
        ended = end_promises(locked, now=now)
        mark(verb=verb, event=event, subject=("aid.need", need.pk), by=by, now=now, ended_promises=ended)
    return locked


def _refuse_answers(
    programme: Programme | None, answers: Mapping[str, Any], items: Mapping[str, Item]
) -> dict[str, Any]:
    """The answers that are kept: those that were given."""
    if programme is None:
        form: list[NeedField] = []
    elif programme.closed:
        raise ProgrammeClosed
    else:
        form = [NeedField.model_validate(each) for each in programme.need_form]
        given = set(programme.items.values_list("code", flat=True))
        for code in sorted(set(items) - given):
            raise NotInCatalogue(code)
    wrong = wrong_answers(form, answers)
    if wrong:
        raise AnswersRefused(wrong)
    return {code: answer for code, answer in answers.items() if answer not in (None, "")}


def _refuse_elsewhere(institution: Site | None, place: Place) -> None:
    if institution is None:
        return
    own, asked = (code.partition("/")[0] for code in (institution.place.code, place.code))
    if own != asked:
        raise InstitutionElsewhere(place=institution.place.code)


def _refuse_registrar(need: Need, by: Actor) -> None:
    if by.user_id is not None and by.user_id == need.registered_by_id:
        raise SecondPersonNeeded


def _refuse_quantity(need: Need, line: NeedLine, quantity: int, now: datetime) -> None:
    today = localdate(now)
    faults = need_faults(
        households=need.households,
        people=need.people,
        lines=[LineWish(line.item.code, quantity, today)],
        population=None,
        today=today,
        institution=need.institution_id is not None or need.households == 0,
        bases={line.item.code: line.item.basis},
    )
    if faults:
        raise NeedRefused(faults)


def _refuse_raise(need: Need, line: NeedLine, quantity: int, by: Actor) -> None:
    # The need is locked, so nobody changes the line between this look and the change.
    checked = NeedLine.objects.values_list("reported", flat=True).get(pk=line.pk)
    if need.state != NeedState.OPEN or quantity <= checked:
        return
    if not TABLE.allows(by, "verify_need", place_code=need.place.code):
        raise RaiseNeedsVerifier(checked=checked)
    _refuse_registrar(need, by)


def _locked(need: Need) -> Need:
    return (
        Need.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place", "institution")
        .get(pk=need.pk)
    )


def _partner_id(need: Need) -> int | None:
    return need.institution.partner_id if need.institution else None


def _items(lines: Sequence[LineWish]) -> dict[str, Item]:
    wanted = {line.item for line in lines}
    items = {item.code: item for item in Item.objects.filter(code__in=wanted)}
    for code in sorted(wanted - items.keys()):
        raise NotFound(
            _("There is no item “%(item)s”. Choose one of the list.") % {"item": code},
            code="item-unknown",
            details={"item": code},
        )
    return items


def _line(need: Need, item: Item, wish: LineWish) -> NeedLine:
    return NeedLine(
        need=need, item=item, needed_by_date=wish.needed_by_date, reported=wish.quantity, limit=wish.quantity
    )


def _refuse_double(place: Place, institution: Site | None, items: dict[str, Item]) -> None:
    # The place is locked so that two people cannot register the same need at the same moment.
    Place.objects.select_for_update(no_key=True).get(pk=place.pk)
    same = NeedLine.objects.filter(
        need__place=place,
        need__institution=institution,
        need__state__in=[NeedState.SUBMITTED, NeedState.OPEN],
        item__in=items.values(),
    ).first()
    if same is not None:
        raise NeedAlreadyOpen(same.need_id)
