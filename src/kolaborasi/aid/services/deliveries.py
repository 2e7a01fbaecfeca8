"""Verbs on deliveries: a helper tells, the receiving side acknowledges; only that counts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.errors import NoProof, ReceiptCodeUsedUp, WrongReceiptCode
from kolaborasi.aid.models import AcknowledgedBy, Delivery, Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.services.codes import new_receipt_code
from kolaborasi.aid.services.givers import refuse_giver, refuse_own_code
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import DELIVERY, DeliveryState
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import TooMuchDelivered, WrongState
from kolaborasi.commitments.states import COMMITMENT, CommitmentState
from kolaborasi.common.actors import Actor

WITNESSES = {
    "rw_head": AcknowledgedBy.RECIPIENT,
    "partner_admin": AcknowledgedBy.RECIPIENT,
    "partner_member": AcknowledgedBy.RECIPIENT,
    "verifier": AcknowledgedBy.VERIFIER,
    "coordinator": AcknowledgedBy.COORDINATOR,
}


def report_delivery(
    *, pledge: Pledge, quantity: int, photo: Photo | None, by: Actor, now: datetime
) -> Delivery:
    """The helper says that goods were handed to the receiving side. It waits to be acknowledged.

    Args:
        quantity: units handed over.
        photo: the picture of the hand-over, already re-encoded without metadata.

    Raises:
        NoProof: no photo; without one only the receiving side's code or page counts.
        TooMuchDelivered: more than is still open of the promise.
        WrongState: the promise is not confirmed, or an earlier delivery still waits.
    """
    TABLE.require(by, "report_delivery")
    if photo is None:
        raise NoProof
    with _undone_with_the_transaction() as stored, transaction.atomic():
        locked = _locked(pledge)
        delivery = _new_delivery(locked, quantity, now)
        if _reported(locked) is not None:
            raise WrongState(
                _("You have reported a delivery already; wait until the receiving side says what came.")
            )
        delivery.save(force_insert=True)
        _store(delivery, photo, stored)
        mark(
            verb="report_delivery",
            event="delivery_reported",
            subject=("aid.delivery", delivery.pk),
            by=by,
            now=now,
            pledge=pledge.pk,
            quantity=quantity,
        )
    return delivery


def acknowledge_by_code(
    *,
    pledge: Pledge,
    code: str,
    quantity: int,
    by: Actor,
    now: datetime,
    photo: Photo | None = None,
    close: bool = False,
) -> Delivery:
    """Goods were handed over and the receiving side gave its code: delivered, with proof.

    A wrong code is counted even though the verb is refused; after five the code is dead and the receiving side
    acknowledges on its own page.

    Args:
        code: six letters and digits, as shown to the receiving side; case and spaces do not matter.
        quantity: units received.
        photo: kept as proof unless the helper has reported the delivery with one: that one stays.
        close: give the rest of the promise back; otherwise it stays promised for a second delivery.

    Raises:
        WrongReceiptCode: another code.
        ReceiptCodeUsedUp: too many wrong codes were tried; the receiving side can renew the code.
        SecondPersonNeeded: the giver is of the receiving side and reads its codes.
        TooMuchDelivered, WrongState: as in `report_delivery`.
    """
    TABLE.require(by, "acknowledge_by_code")
    typed = "".join(code.split()).upper()
    with _undone_with_the_transaction() as stored, transaction.atomic():
        locked = _locked(pledge)
        refuse_own_code(locked, by, now)
        if locked.wrong_codes >= MOST_WRONG_CODES:
            raise ReceiptCodeUsedUp
        if secrets.compare_digest(typed.encode(), locked.receipt_code.encode()):
            delivery = _reported(locked) or _new_delivery(locked, quantity, now)
            _acknowledge(locked, delivery, quantity, AcknowledgedBy.CODE, by, now, close=close)
            if photo is not None and not delivery.photo:
                _store(delivery, photo, stored)
            return delivery
        locked.wrong_codes += 1
        locked.save(update_fields=["wrong_codes"])
    if locked.wrong_codes >= MOST_WRONG_CODES:
        raise ReceiptCodeUsedUp
    raise WrongReceiptCode(tries_left=MOST_WRONG_CODES - locked.wrong_codes)


def renew_code(*, pledge: Pledge, by: Actor, now: datetime) -> Pledge:
    """The receiving side makes a new receipt code, for example because strangers used up the tries of the old one.

    Raises:
        NotPermitted: as in `acknowledge`.
        SecondPersonNeeded: the actor is the giver.
        WrongState: the promise is not confirmed or is over.
    """
    with transaction.atomic():
        locked = _locked(pledge)
        _require(by, "renew_code", locked)
        refuse_giver(locked, by)
        COMMITMENT.move(locked.state, "deliver part")
        locked.receipt_code, locked.wrong_codes = new_receipt_code(), 0
        locked.save(update_fields=["receipt_code", "wrong_codes"])
        mark(
            verb="renew_code", event="receipt_code_renewed", subject=("aid.pledge", pledge.pk), by=by, now=now
        )
    return locked


def acknowledge(*, pledge: Pledge, received: int, by: Actor, now: datetime, close: bool = True) -> Delivery:
    """The receiving side says what arrived, with or without the helper having told.

    Args:
        received: units that really arrived; they count, whatever the helper told.
        close: False keeps the rest of the promise for a second delivery.

    Raises:
        NotPermitted: none of the place's or institution's people, nor a verifier.
        SecondPersonNeeded: the actor or their partner made the promise.
        TooMuchDelivered: more than was promised.
        WrongState: the promise is not confirmed or is over.
    """
    with transaction.atomic():
        locked = _locked(pledge)
        _require(by, "acknowledge", locked)
        refuse_giver(locked, by)
        delivery = _reported(locked) or _new_delivery(locked, received, now)
        who = _witness(locked, by)
        return _acknowledge(locked, delivery, received, who, by, now, close=close)


def dispute(*, pledge: Pledge, by: Actor, now: datetime) -> Delivery:
    """The receiving side says that what the helper told did not arrive.

    Raises:
        NotPermitted: as in `acknowledge`.
        WrongState: no delivery waits to be acknowledged.
    """
    with transaction.atomic():
        locked = _locked(pledge)
        _require(by, "dispute", locked)
        delivery = _reported(locked)
        if delivery is None:
            raise WrongState(_("No delivery waits to be acknowledged here."))
        delivery.state = DELIVERY.move(delivery.state, "dispute")
        delivery.save(update_fields=["state"])
        mark(
            verb="dispute",
            event="delivery_disputed",
            subject=("aid.delivery", delivery.pk),
            by=by,
            now=now,
            pledge=pledge.pk,
        )
    return delivery


def _acknowledge(
    pledge: Pledge,
    delivery: Delivery,
    received: int,
    who: AcknowledgedBy,
    by: Actor,
    now: datetime,
    *,
    close: bool = True,
) -> Delivery:
    commitments.settle(pledge, delivered=received, now=now, close=close)
    delivery.state = DELIVERY.move(delivery.state, "acknowledge")
    delivery.received, delivery.acknowledged_at, delivery.acknowledged_by = received, now, who
    delivery.save()
    if pledge.state != CommitmentState.CONFIRMED:
        pledge.ended_at = now
        pledge.save(update_fields=["ended_at"])
    mark(
        verb="acknowledge",
        event="delivered",
        subject=("aid.delivery", delivery.pk),
        by=by,
        now=now,
        pledge=pledge.pk,
        received=received,
        acknowledged_by=str(who),
    )
    return delivery


def _new_delivery(pledge: Pledge, quantity: int, now: datetime) -> Delivery:
    COMMITMENT.move(pledge.state, "deliver part")
    rest = pledge.quantity - pledge.delivered
    if not 1 <= quantity <= rest:
        raise TooMuchDelivered(promised=rest, delivered=quantity)
    return Delivery(pledge=pledge, quantity=quantity, reported_at=now)


@contextmanager
def _undone_with_the_transaction() -> Iterator[list[Delivery]]:
    """Photos of the deliveries put into the list are deleted again when the block fails."""
    stored: list[Delivery] = []
    try:
        yield stored
    except BaseException:
        for delivery in stored:
            delivery.photo.delete(save=False)
        raise


def _store(delivery: Delivery, photo: Photo, stored: list[Delivery]) -> None:
    delivery.photo.save(f"{secrets.token_hex(8)}.{photo.suffix}", ContentFile(photo.content), save=False)
    stored.append(delivery)
    delivery.save(update_fields=["photo"])


def _reported(pledge: Pledge) -> Delivery | None:
    return Delivery.objects.select_for_update().filter(pledge=pledge, state=DeliveryState.REPORTED).first()


def _locked(pledge: Pledge) -> Pledge:
    return (
        Pledge.objects.select_for_update(of=("self",), no_key=True)
        .select_related("need_line__need__place", "need_line__need__institution")
        .get(pk=pledge.pk)
    )


def _require(by: Actor, verb: str, pledge: Pledge) -> None:
    TABLE.require(by, verb, **_here(pledge))


def _here(pledge: Pledge) -> dict[str, Any]:
    need = pledge.need_line.need
    partner_id = need.institution.partner_id if need.institution else None
    return {"place_code": need.place.code, "partner_id": partner_id}


def _witness(pledge: Pledge, by: Actor) -> AcknowledgedBy:
    """By which of their roles the actor may say it: the receiving side's own first, as that binds them most."""
    here = _here(pledge)
    allowed = {grant.role for grant in TABLE.grants["acknowledge"] if grant.allows(by, **here)}
    return next(who for role, who in WITNESSES.items() if role in allowed)
