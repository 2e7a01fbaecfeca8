"""Verbs on needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.aid.errors import NeedAlreadyOpen, NeedRefused
from kolaborasi.aid.models import Cause, Item, Need, NeedLine
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import LineWish, need_faults
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
) -> Need:
    """Register what a place or an institution needs; it waits for a verifier.

    Args:
        population: people who live in the place, when known, to catch a slip of the pen.

    Raises:
        NotPermitted: the actor has no role for this place or institution.
        PartnerNotActive: the institution's partner is frozen, paused or gone.
        NeedRefused: the numbers, items or dates are wrong.
        NeedAlreadyOpen: the place already asks for one of the items.
        NotFound: an item code is unknown.
    """
    partner_id = institution.partner_id if institution else None
    TABLE.require(by, "register_need", place_code=place.code, partner_id=partner_id)
    faults = need_faults(
        households=households, people=people, lines=lines, population=population, today=localdate(now)
    )
    if faults:
        raise NeedRefused(faults)
    with transaction.atomic():
        if partner_id is not None:
            require_active(partner_id)
        items = _items(lines)
        _refuse_double(place, institution, items)
        need = Need.objects.create(
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
        WrongState: it does not wait for a verifier.
    """
    with transaction.atomic():
        locked = _locked(need)
        TABLE.require(by, "verify_need", place_code=locked.place.code)
        locked.state = NEED.move(locked.state, "verify")
        locked.verified_at, locked.verified_by_id = now, by.user_id
        locked.save(update_fields=["state", "verified_at", "verified_by"])
        mark(verb="verify_need", event="need_opened", subject=("aid.need", need.pk), by=by, now=now)
    return locked


def reject_need(*, need: Need, reason: str, by: Actor, now: datetime) -> Need:
    """A verifier does not accept the need.

    Args:
        reason: for the one who registered it; kept with the need, not in the audit.

    Raises:
        NotPermitted, WrongState: as in `verify_need`.
    """
    return _end(need, "reject", "reject_need", "need_rejected", reason, by, now)


def withdraw_need(*, need: Need, reason: str, by: Actor, now: datetime) -> Need:
    """The need is over; nothing new can be pledged. What is promised already may still be delivered.

    Raises:
        NotPermitted: none of the place's or institution's people.
        WrongState: it is over already.
    """
    return _end(need, "withdraw", "withdraw_need", "need_withdrawn", reason, by, now)


def change_need(*, line: NeedLine, quantity: int, by: Actor, now: datetime) -> NeedLine:
    """Say anew how much of an item is needed; below what is promised the surplus is shown.

    Raises:
        NotPermitted: none of the place's or institution's people.
        NeedRefused: no such quantity.
        WrongState: the need is over.
    """
    faults = need_faults(
        households=1,
        people=1,
        lines=[LineWish(str(line.item_id), quantity, date.max)],
        population=None,
        today=localdate(now),
    )
    if faults:
        raise NeedRefused(faults)
    with transaction.atomic():
        need = _locked(line.need)
        TABLE.require(by, "change_need", place_code=need.place.code, partner_id=_partner_id(need))
        NEED.move(need.state, "withdraw")
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


def _end(need: Need, move: str, verb: str, event: str, reason: str, by: Actor, now: datetime) -> Need:
    with transaction.atomic():
        locked = _locked(need)
        TABLE.require(by, verb, place_code=locked.place.code, partner_id=_partner_id(locked))
        locked.state = NEED.move(locked.state, move)
        locked.state_reason = reason
        locked.save(update_fields=["state", "state_reason"])
        # Law 1 itself now refuses new pledges, also one that is being made at this moment.
        for line in locked.lines.order_by("pk"):
            report(line, reported=0, now=now)
        mark(verb=verb, event=event, subject=("aid.need", need.pk), by=by, now=now)
    return locked


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
        raise NotFound(f"There is no item {code}.", code="item-unknown", details={"item": code})
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
