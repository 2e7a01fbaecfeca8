"""Days on which government aid is handed out, and each hand-over to a household."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from kolaborasi.aid.errors import (
    CodeOrCardNeeded,
    NobodyHere,
    NotInARound,
    NotMatchedYet,
    ReceiptCodeUsedUp,
    RoundFault,
    WrongReceiptCode,
)
from kolaborasi.aid.models import Allotment, Entitlement, HandOutMode, NeedLine, Round, Witness
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.queries.areas import below
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import NeedState
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Site
from kolaborasi.places.models import Place


def open_round(
    *,
    allotment: Allotment,
    place: Place,
    date: date,
    mode: HandOutMode,
    by: Actor,
    now: datetime,
    site: Site | None = None,
) -> Round:
    """Set the day on which the entitled households of a place get theirs, at a site or at their door.

    The round covers the need of the place for the item as far as citizens have not covered it yet.

    Raises:
        NotPermitted: no coordinator or verifier of the place.
        RoundFault: the day is past, or a site is missing or not wanted.
        NotMatchedYet: the ministry's list of the period is not in; households it serves are not known yet.
        NobodyHere: no entitled household of the place waits for a round.
    """
    TABLE.require(by, "open_round", place_code=place.code)
    if date < localdate(now) or (mode == HandOutMode.PICK_UP) != (site is not None) or allotment.external:
        raise RoundFault
    with transaction.atomic():
        _refuse_unmatched(allotment)
        waiting = Entitlement.objects.select_for_update(of=("self",), no_key=True).filter(
            below(place.code, "household__place"),
            allotment=allotment,
            state=CommitmentState.CONFIRMED,
            round__isnull=True,
        )
        chosen = dict(waiting.order_by("pk").values_list("pk", "quantity"))
        if not chosen:
            raise NobodyHere
        made = _round(allotment, place, date, mode, site, sum(chosen.values()), now)
        Entitlement.objects.filter(pk__in=chosen).update(round=made)
        mark(
            verb="open_round",
            event="round_opened",
            subject=("aid.round", made.pk),
            by=by,
            now=now,
            households=len(chosen),
            place=place.code,
        )
    return made


def hand_out(
    *, entitlement: Entitlement, by: Actor, now: datetime, code: str = "", card_seen: bool = False
) -> Entitlement:
    """A household got what it is entitled to: proved by its code, or at a site by its identity card.

    Args:
        code: as told to the household; case and spaces do not matter. Wrong codes are counted.
        card_seen: an officer at the site saw the identity card of the head.

    Raises:
        NotPermitted: no courier, RW head, verifier or coordinator of the place.
        NotInARound: the household waits for a round, or its round is closed or on a later day.
        CodeOrCardNeeded: neither was given, or a card at a door.
        WrongReceiptCode, ReceiptCodeUsedUp: another code, too often.
        WrongState: it was handed out before.
    """
    with transaction.atomic():
        locked, where = _locked(entitlement)
        TABLE.require(by, "hand_out", place_code=where.place.code)
        if where.closed_at is not None or where.date > localdate(now):
            raise NotInARound
        witness = _witness(locked, where, code, card_seen)
        if witness is not None:
            _serve(locked, where, witness, by, now)
            return locked
        locked.wrong_codes += 1
        locked.save(update_fields=["wrong_codes"])
    if locked.wrong_codes >= MOST_WRONG_CODES:
        raise ReceiptCodeUsedUp
    raise WrongReceiptCode(tries_left=MOST_WRONG_CODES - locked.wrong_codes)


def close_round(*, round: Round, by: Actor, now: datetime) -> int:
    """A round is over; who did not get theirs waits for another one. Returns how many households those are.

    Raises:
        NotPermitted: no coordinator or verifier of the place.
        NotInARound: it was closed before.
    """
    with transaction.atomic():
        locked = (
            Round.objects.select_for_update(of=("self",), no_key=True)
            .select_related("place")
            .get(pk=round.pk)
        )
        TABLE.require(by, "close_round", place_code=locked.place.code)
        if locked.closed_at is not None:
            raise NotInARound
        left = Entitlement.objects.filter(round=locked, state=CommitmentState.CONFIRMED).update(round=None)
        if locked.state == CommitmentState.CONFIRMED:
            commitments.settle(locked, delivered=0, now=now)
        locked.closed_at = now
        locked.save(update_fields=["closed_at"])
        mark(
            verb="close_round",
            event="round_closed",
            subject=("aid.round", round.pk),
            by=by,
            now=now,
            left=left,
        )
    return left


def _refuse_unmatched(allotment: Allotment) -> None:
    period = allotment.period
    if not period.awaits_ministry:
        return
    theirs = Allotment.objects.filter(period=period, external=True, matched_at__isnull=False)
    if not theirs.exists():
        raise NotMatchedYet


def _round(
    allotment: Allotment,
    place: Place,
    date: date,
    mode: HandOutMode,
    site: Site | None,
    units: int,
    now: datetime,
) -> Round:
    line = (
        NeedLine.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            need__place=place,
            need__state=NeedState.OPEN,
            need__institution__isnull=True,
            item=allotment.item_id,
            limit__gt=F("committed"),
        )
        .order_by("needed_by_date", "pk")
        .first()
    )
    covered = min(units, line.limit - line.committed) if line else units
    made = Round(
        allotment=allotment,
        need_line=line,
        place=place,
        site=site,
        mode=mode,
        date=date,
        planned=units,
        quantity=covered,
        state=CommitmentState.CONFIRMED,
        opened_at=now,
    )
    return commitments.hold(made, now=now)


def _locked(entitlement: Entitlement) -> tuple[Entitlement, Round]:
    # The round first, as closing it does; then the household's own row.
    at = Entitlement.objects.values_list("round_id", flat=True).get(pk=entitlement.pk)
    where = (
        Round.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place")
        .filter(pk=at)
        .first()
    )
    locked = Entitlement.objects.select_for_update(no_key=True).get(pk=entitlement.pk)
    if where is None or locked.round_id != where.pk:
        raise NotInARound
    return locked, where


def _witness(entitlement: Entitlement, where: Round, code: str, card_seen: bool) -> Witness | None:
    """By what it is proved; None for a wrong code."""
    typed = "".join(code.split()).upper()
    if not typed:
        if not card_seen or where.mode == HandOutMode.DOOR:
            raise CodeOrCardNeeded
        return Witness.CARD
    if entitlement.wrong_codes >= MOST_WRONG_CODES:
        raise ReceiptCodeUsedUp
    return Witness.CODE if secrets.compare_digest(typed.encode(), entitlement.code.encode()) else None


def _serve(entitlement: Entitlement, where: Round, witness: Witness, by: Actor, now: datetime) -> None:
    Entitlement.objects.filter(pk=entitlement.pk).update(served_at=now, witness=witness)
    commitments.fulfil(entitlement, now=now)
    counted = min(entitlement.quantity, where.quantity - where.delivered)
    if counted and where.state == CommitmentState.CONFIRMED:
        commitments.settle(where, delivered=counted, now=now, close=False)
    entitlement.served_at, entitlement.witness = now, witness
    mark(
        verb="hand_out",
        event="handed_out",
        subject=("aid.entitlement", entitlement.pk),
        by=by,
        now=now,
        units=entitlement.quantity,
        witness=witness.value,
    )
