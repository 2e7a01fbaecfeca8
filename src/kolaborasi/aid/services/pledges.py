"""Verbs on pledges."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.aid.errors import NeedClosed, PledgeRefused, WrongItem
from kolaborasi.aid.labels import need_title
from kolaborasi.aid.models import NeedLine, Offer, Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import HOLD, pledge_faults
from kolaborasi.aid.services.record import Marked, mark, mark_many
from kolaborasi.aid.states import NeedState
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import COMMITMENT, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.messages.models import Channel
from kolaborasi.messages.services import enqueue
from kolaborasi.partners.models import Partner
from kolaborasi.partners.services import require_active
from kolaborasi.people.models import Person, User
from kolaborasi.people.services import Identity, register, vouch_for_contact

# Letters and digits that cannot be taken for one another when read aloud or from a worn print.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
BY_LINK = Actor.system("pledge-link")


@dataclass(frozen=True)
class Donor:
    """The one who pledges: a partner, a known person, or somebody with a contact.

    Args:
        partner: the organisation, when one pledges.
        person: the person behind an account whose e-mail is confirmed.
        identity: name and contact of a visitor; a message with a link goes to it and must be answered.
        named: may be named in public.
    """

    partner: Partner | None = None
    person: Person | None = None
    identity: Identity | None = None
    named: bool = False


@dataclass(frozen=True)
class Pledged:
    """A pledge and the secret part of its link, which is not stored and cannot be shown again."""

    pledge: Pledge
    token: str


def pledge(
    *, need_line: NeedLine, donor: Donor, quantity: int, deliver_date: date, by: Actor, now: datetime
) -> Pledged:
    """Promise units of one line of a need.

    A visitor's promise is held for 24 hours until the link sent to their contact is followed; a partner's or a
    signed-in helper's is confirmed at once.

    Raises:
        PledgeRefused: the quantity or the day is wrong.
        NeedClosed: the need is not open.
        NotEnoughLeft: less is left than promised.
        PartnerNotActive: the partner, or the institution that is to receive, is frozen, paused or gone.
        NotPermitted: the actor is no member of the partner.
        NotAContact: the contact cannot be one.
    """
    faults = pledge_faults(quantity=quantity, deliver_date=deliver_date, today=localdate(now))
    if faults:
        raise PledgeRefused(faults)
    with transaction.atomic():
        _require_donor(donor, by)
        _require_open(need_line)
        person = _person(donor, by, now)
        made = _pledge(need_line, None, donor.partner, person, donor.named, quantity, deliver_date, now)
        if donor.identity is None:
            made.pledge.state, made.pledge.confirmed_at = CommitmentState.CONFIRMED, now
            made.pledge.held_until = None
        commitments.hold(made.pledge, now=now)
        if person is not None:
            _tell(person, "aid_pledge", made, now)
        _mark_pledged("pledge", made.pledge, by, now)
    return made


def pledge_by_plan(
    *, need_line: NeedLine, offer: Offer, quantity: int, deliver_date: date, by: Actor, now: datetime
) -> Pledged:
    """Promise units of an offer to a line of a need, as a plan proposed and a person approved.

    Raises:
        NotPermitted: no coordinator.
        WrongItem: the offer is of another item.
        NeedClosed: the need is not open.
        NotEnoughLeft: the need or the offer has less left.
        PartnerNotActive: the giver is frozen, paused or gone.
        PledgeRefused: the quantity or the day is wrong.
    """
    TABLE.require(by, "pledge_by_plan")
    faults = pledge_faults(quantity=quantity, deliver_date=deliver_date, today=localdate(now))
    if faults:
        raise PledgeRefused(faults)
    if offer.item_id != need_line.item_id:
        raise WrongItem
    with transaction.atomic():
        if offer.partner_id is not None:
            require_active(offer.partner_id)
        _require_open(need_line)
        made = _pledge(
            need_line, offer, offer.partner, offer.person, offer.named, quantity, deliver_date, now
        )
        made.pledge.state, made.pledge.confirmed_at = CommitmentState.CONFIRMED, now
        made.pledge.held_until = None
        commitments.hold(made.pledge, now=now)
        if offer.person is not None:
            _tell(offer.person, "aid_planned", made, now)
        _mark_pledged("pledge_by_plan", made.pledge, by, now)
    return made


def confirm_pledge(*, pledge: Pledge, by: Actor, now: datetime) -> Pledge:
    """The link sent to the contact was followed: the promise stands.

    Raises:
        HoldExpired: too late; the units were given back.
        WrongState: it is confirmed or over already.
    """
    TABLE.require(by, "confirm_pledge")
    with transaction.atomic():
        # The kernel locks and reads the row first; the time of confirmation goes with the new state.
        Pledge.objects.filter(pk=pledge.pk, state=CommitmentState.HELD, held_until__gt=now).update(
            confirmed_at=now
        )
        commitments.confirm(pledge, now=now)
        pledge.confirmed_at = now
        if pledge.person is not None:
            # Who holds the link has read the message, so the contact it went to is theirs.
            vouch_for_contact(person=pledge.person, channel=_channel(pledge.person), by=BY_LINK, now=now)
        mark(
            verb="confirm_pledge", event="pledge_confirmed", subject=("aid.pledge", pledge.pk), by=by, now=now
        )
    return pledge


def hand_over(*, pledge: Pledge, by: Actor, now: datetime) -> Pledge:
    """The goods have left the helper and are on the way.

    Raises:
        WrongState: the promise is not confirmed or is over.
    """
    TABLE.require(by, "hand_over")
    with transaction.atomic():
        locked = Pledge.objects.select_for_update(no_key=True).get(pk=pledge.pk)
        COMMITMENT.move(locked.state, "deliver part")
        locked.handed_over_at = locked.handed_over_at or now
        locked.save(update_fields=["handed_over_at"])
        mark(verb="hand_over", event="pledge_handed_over", subject=("aid.pledge", pledge.pk), by=by, now=now)
    return locked


def cancel_pledge(*, pledge: Pledge, reason: str, by: Actor, now: datetime) -> Pledge:
    """Take a promise back, or the rest of it when a part has arrived; others can promise it again.

    Args:
        reason: for the place that waits for it; kept with the pledge, not in the audit.

    Raises:
        WrongState: it is over.
    """
    TABLE.require(by, "cancel_pledge")
    with transaction.atomic():
        delivered = Pledge.objects.select_for_update(no_key=True).get(pk=pledge.pk).delivered
        if delivered:
            commitments.settle(pledge, delivered=0, now=now)
        else:
            commitments.release(pledge, now=now)
        pledge.ended_at, pledge.end_reason = now, reason
        pledge.save(update_fields=["ended_at", "end_reason"])
        mark(
            verb="cancel_pledge", event="pledge_cancelled", subject=("aid.pledge", pledge.pk), by=by, now=now
        )
    return pledge


def expire_pledges(*, by: Actor, now: datetime, limit: int = 1000) -> list[Pledge]:
    """End pledges whose contact was not confirmed in time; their units can be promised again."""
    TABLE.require(by, "expire_pledges")
    with transaction.atomic():
        ended = commitments.expire(Pledge, now=now, limit=limit)
        Pledge.objects.filter(pk__in=[pledge.pk for pledge in ended]).update(ended_at=now)
        if ended:
            subjects: list[Marked] = [("aid.pledge", pledge.pk, {}) for pledge in ended]
            mark_many(verb="expire_pledges", event="pledge_expired", subjects=subjects, by=by, now=now)
    return ended


def link_hash(token: str) -> str:
    """What is stored of the secret link of a pledge."""
    return hashlib.sha256(token.encode()).hexdigest()


def _require_donor(donor: Donor, by: Actor) -> None:
    if donor.partner is not None:
        TABLE.require(by, "pledge_for_partner", partner_id=donor.partner.pk)
        require_active(donor.partner.pk)
    else:
        TABLE.require(by, "pledge")


def _require_open(need_line: NeedLine) -> None:
    if need_line.need.state != NeedState.OPEN:
        raise NeedClosed
    if need_line.need.institution is not None:
        require_active(need_line.need.institution.partner_id)


def _person(donor: Donor, by: Actor, now: datetime) -> Person | None:
    if donor.partner is not None or donor.person is not None:
        return donor.person
    if donor.identity is not None:
        return register(identity=donor.identity, by=by, now=now)
    if by.user_id is not None:
        return User.objects.select_related("person").get(pk=by.user_id).person
    raise ValueError("a donor is a partner, a person or an identity")


def _pledge(
    need_line: NeedLine,
    offer: Offer | None,
    partner: Partner | None,
    person: Person | None,
    named: bool,
    quantity: int,
    deliver_date: date,
    now: datetime,
) -> Pledged:
    token = secrets.token_urlsafe(16)
    made = Pledge(
        need_line=need_line,
        offer=offer,
        partner=partner,
        person=None if partner else person,
        named=named or partner is not None,
        quantity=quantity,
        deliver_date=deliver_date,
        pledged_at=now,
        held_until=now + HOLD,
        link_hash=link_hash(token),
        receipt_code="".join(secrets.choice(CODE_LETTERS) for _letter in range(6)),
    )
    return Pledged(made, token)


def _channel(person: Person) -> Channel:
    return Channel.EMAIL if person.email is not None else Channel.SMS


def _tell(person: Person, template: str, made: Pledged, now: datetime) -> None:
    line = made.pledge.need_line
    enqueue(
        template=template,
        recipient=person.pk,
        channel=_channel(person),
        context={
            "link": f"/aid/p/{made.token}/",
            "quantity": made.pledge.quantity,
            "item": line.item.name_id,
            "item_en": line.item.name_en,
            "place": need_title(line.need),
            "held": made.pledge.state == CommitmentState.HELD,
        },
        now=now,
    )


def _mark_pledged(verb: str, made: Pledge, by: Actor, now: datetime) -> None:
    mark(
        verb=verb,
        event="pledged",
        subject=("aid.pledge", made.pk),
        by=by,
        now=now,
        need_line=made.need_line_id,
        offer=made.offer_id,
        quantity=made.quantity,
        state=str(made.state),
    )
