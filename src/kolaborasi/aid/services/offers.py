"""Verbs on offers: what helpers have to give where it is needed most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.aid.errors import PledgeRefused
from kolaborasi.aid.models import Item, Offer
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import pledge_faults
from kolaborasi.aid.services.record import Marked, mark, mark_many
from kolaborasi.commitments.services import report
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.partners.models import Partner
from kolaborasi.partners.services import require_active
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Place


@dataclass(frozen=True)
class OfferRow:
    """An offer to be imported in bulk, from a partner or a person."""

    item_id: int
    place_id: int
    quantity: int
    available_date: date
    partner_id: int | None = None
    person_id: UUID | None = None


def make_offer(
    *,
    item: Item,
    quantity: int,
    place: Place,
    available_date: date,
    by: Actor,
    now: datetime,
    partner: Partner | None = None,
    person: Person | None = None,
    until_date: date | None = None,
    named: bool = False,
) -> Offer:
    """Offer goods for "wherever they are needed most"; a plan proposes where, a person approves.

    Args:
        quantity: units on offer.
        place: where they are fetched or set out from.
        partner, person: the giver, exactly one.
        named: the giver wishes to be named in public.

    Raises:
        NotPermitted: not signed in, or no member of the partner.
        PartnerNotActive: the partner is frozen, paused or gone.
        PledgeRefused: the quantity or the day is wrong.
    """
    faults = pledge_faults(quantity=quantity, deliver_date=available_date, today=localdate(now))
    if faults:
        raise PledgeRefused(faults)
    with transaction.atomic():
        if partner is not None:
            TABLE.require(by, "make_offer_for_partner", partner_id=partner.pk)
            require_active(partner.pk)
        else:
            TABLE.require(by, "make_offer")
        offer = Offer.objects.create(
            item=item,
            place=place,
            reported=quantity,
            limit=quantity,
            available_date=available_date,
            until_date=until_date,
            partner=partner,
            person=person,
            named=named,
            registered_at=now,
        )
        mark(
            verb="make_offer",
            event="offered",
            subject=("aid.offer", offer.pk),
            by=by,
            now=now,
            item=item.code,
            quantity=quantity,
        )
    return offer


def import_offers(*, rows: Sequence[OfferRow], by: Actor, now: datetime) -> list[Offer]:
    """Register many offers at once."""
    TABLE.require(by, "import_offers")
    with transaction.atomic():
        offers = Offer.objects.bulk_create(
            Offer(
                item_id=row.item_id,
                place_id=row.place_id,
                reported=row.quantity,
                limit=row.quantity,
                available_date=row.available_date,
                partner_id=row.partner_id,
                person_id=row.person_id,
                named=row.partner_id is not None,
                registered_at=now,
            )
            for row in rows
        )
        subjects: list[Marked] = [("aid.offer", offer.pk, {"quantity": offer.reported}) for offer in offers]
        mark_many(verb="import_offers", event="offered", subjects=subjects, by=by, now=now)
    return offers


def withdraw_offer(*, offer: Offer, by: Actor, now: datetime) -> Offer:
    """Take back what of an offer is not promised yet.

    Raises:
        NotPermitted: neither the giver nor a coordinator.
    """
    with transaction.atomic():
        locked = Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
        if locked.partner_id is not None:
            TABLE.require(by, "make_offer_for_partner", partner_id=locked.partner_id)
        else:
            TABLE.require(by, "withdraw_offer")
            _require_giver(locked, by)
        report(locked, reported=locked.committed, now=now)
        mark(verb="withdraw_offer", event="offer_withdrawn", subject=("aid.offer", offer.pk), by=by, now=now)
    return locked


def _require_giver(offer: Offer, by: Actor) -> None:
    own = by.user_id is not None and User.objects.filter(pk=by.user_id, person=offer.person_id).exists()
    if not own and not by.has_role("coordinator"):
        raise NotPermitted
