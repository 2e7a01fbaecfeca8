"""Verbs on deliveries: a helper tells, the receiving side acknowledges; only that counts."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.errors import NoProof, WrongReceiptCode
from kolaborasi.aid.models import AcknowledgedBy, Delivery, Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import DELIVERY, DeliveryState
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import TooMuchDelivered, WrongState
from kolaborasi.commitments.states import COMMITMENT, CommitmentState
from kolaborasi.common.actors import Actor


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
    with transaction.atomic():
        locked = _locked(pledge)
        delivery = _new_delivery(locked, quantity, now)
        delivery.photo.save(f"{secrets.token_hex(8)}.{photo.suffix}", ContentFile(photo.content), save=False)
        delivery.save(force_insert=True)
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
        close: give the rest of the promise back; otherwise it stays promised for a second delivery.

    Raises:
        WrongReceiptCode: another code, or too many tries.
        TooMuchDelivered, WrongState: as in `report_delivery`.
    """
    TABLE.require(by, "acknowledge_by_code")
    typed = "".join(code.split()).upper()
    with transaction.atomic():
        locked = _locked(pledge)
        right = secrets.compare_digest(typed.encode(), locked.receipt_code.encode())
        if right and locked.wrong_codes < MOST_WRONG_CODES:
            delivery = _reported(locked) or _new_delivery(locked, quantity, now)
            if photo is not None:
                delivery.photo.save(
                    f"{secrets.token_hex(8)}.{photo.suffix}", ContentFile(photo.content), save=False
                )
            return _acknowledge(locked, delivery, quantity, AcknowledgedBy.CODE, by, now, close=close)
        locked.wrong_codes = min(locked.wrong_codes + 1, MOST_WRONG_CODES)
        locked.save(update_fields=["wrong_codes"])
    raise WrongReceiptCode(tries_left=MOST_WRONG_CODES - locked.wrong_codes)


def acknowledge(*, pledge: Pledge, received: int, by: Actor, now: datetime, close: bool = True) -> Delivery:
    """The receiving side says what arrived, with or without the helper having told.

    Args:
        received: units that really arrived; they count, whatever the helper told.
        close: False keeps the rest of the promise for a second delivery.

    Raises:
        NotPermitted: none of the place's or institution's people, nor a verifier.
        TooMuchDelivered: more than was promised.
        WrongState: the promise is not confirmed or is over.
    """
    with transaction.atomic():
        locked = _locked(pledge)
        _require(by, "acknowledge", locked)
        delivery = _reported(locked) or _new_delivery(locked, received, now)
        who = AcknowledgedBy.VERIFIER if by.has_role("verifier") else AcknowledgedBy.RECIPIENT
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
    delivery.state = DELIVERY.move(delivery.state, "acknowledge")
    delivery.received, delivery.acknowledged_at, delivery.acknowledged_by = received, now, who
    delivery.save()
    commitments.settle(pledge, delivered=received, now=now, close=close)
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


def _reported(pledge: Pledge) -> Delivery | None:
    return Delivery.objects.select_for_update().filter(pledge=pledge, state=DeliveryState.REPORTED).first()


def _locked(pledge: Pledge) -> Pledge:
    return (
        Pledge.objects.select_for_update(of=("self",), no_key=True)
        .select_related("need_line__need__place", "need_line__need__institution")
        .get(pk=pledge.pk)
    )


def _require(by: Actor, verb: str, pledge: Pledge) -> None:
    need = pledge.need_line.need
    partner_id = need.institution.partner_id if need.institution else None
    TABLE.require(by, verb, place_code=need.place.code, partner_id=partner_id)
