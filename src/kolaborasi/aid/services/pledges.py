"""Verbs on pledges."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.errors import NeedClosed, NotOverdue, PledgeRefused, TooManyUnconfirmed, WrongItem
from kolaborasi.aid.labels import CancelReason, ReleaseReason
from kolaborasi.aid.models import Delivery, Need, NeedLine, Offer, Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import HOLD, MOST_UNCONFIRMED, PledgeFault, contact_faults, pledge_faults
from kolaborasi.aid.services.codes import new_receipt_code
from kolaborasi.aid.services.reasons import known_reason
from kolaborasi.aid.services.record import Marked, mark, mark_many
from kolaborasi.aid.services.telling import channel_of, tell
from kolaborasi.aid.states import DeliveryState, NeedState
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import WrongState
from kolaborasi.commitments.states import COMMITMENT, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner
from kolaborasi.partners.services import require_active
from kolaborasi.people.models import Person, User
from kolaborasi.people.queries import contact_digests, find_by_email, find_by_phone
from kolaborasi.people.services import Identity, register, vouch_for_contact

BY_LINK = Actor.system("pledge-link")
TOLD = ("person", "need_line__item", "need_line__need__place__parent", "need_line__need__institution")


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
        PledgeRefused: the quantity or the day is wrong, or a visitor's name or contact is missing.
        TooManyUnconfirmed: the contact leaves five promises unconfirmed already.
        NeedClosed: the need is not open.
        NotEnoughLeft: less is left than promised.
        PartnerNotActive: the partner, or the institution that is to receive, is frozen, paused or gone.
        NotPermitted: the actor is no member of the partner.
        NotAContact: the contact cannot be one.
    """
    _refuse_faults(need_line, quantity, deliver_date, now, _contact_faults(donor))
    with transaction.atomic():
        _require_donor(donor, by)
        _refuse_hoarding(donor, now)
        _require_open(need_line)
        person = _person(donor, by, now)
        made = _pledge(need_line, None, donor.partner, person, donor.named, quantity, deliver_date, now)
        if donor.identity is None:
            made.pledge.state, made.pledge.confirmed_at = CommitmentState.CONFIRMED, now
            made.pledge.held_until = None
        commitments.hold(made.pledge, now=now)
        if person is not None:
            _tell(made, "aid_pledge", now)
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
    _refuse_faults(need_line, quantity, deliver_date, now, [])
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
            _tell(made, "aid_planned", now)
        _mark_pledged("pledge_by_plan", made.pledge, by, now)
    return made


def confirm_pledge(*, pledge: Pledge, by: Actor, now: datetime) -> Pledge:
    """The link sent to the contact was followed: the promise stands.

    Raises:
        HoldExpired: too late; the units were given back.
        NeedClosed: the need is over.
        WrongState: it is confirmed or over already.
    """
    TABLE.require(by, "confirm_pledge")
    with transaction.atomic():
        if _locked_state(pledge.need_line.need_id) in (NeedState.WITHDRAWN, NeedState.REJECTED):
            raise NeedClosed
        # The kernel locks and reads the row first; the time of confirmation goes with the new state.
        Pledge.objects.filter(pk=pledge.pk, state=CommitmentState.HELD, held_until__gt=now).update(
            confirmed_at=now
        )
        commitments.confirm(pledge, now=now)
        pledge.confirmed_at = now
        if pledge.person is not None:
            # Who holds the link has read the message, so the contact it went to is theirs.
            vouch_for_contact(person=pledge.person, channel=channel_of(pledge.person), by=BY_LINK, now=now)
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
        reason: one of `CancelReason`, for the place that waits for it, or empty when it is not told.

    Raises:
        UnknownReason: it is none of the list.
        WrongState: it is over.
    """
    TABLE.require(by, "cancel_pledge")
    reason = known_reason(CancelReason, reason) if reason else ""
    with transaction.atomic():
        _give_back(pledge, reason, now)
        mark(
            verb="cancel_pledge", event="pledge_cancelled", subject=("aid.pledge", pledge.pk), by=by, now=now
        )
    return pledge


def release_overdue(*, pledge: Pledge, reason: str, by: Actor, now: datetime) -> Pledge:
    """The receiving side gives a promise back whose day has passed, so that others can promise the rest of it.

    Args:
        reason: one of `ReleaseReason`; the giver is told.

    Raises:
        UnknownReason: it is none of the list.
        NotPermitted: none of the place's or institution's people, nor a verifier or coordinator.
        NotOverdue: the day of delivery has not passed.
        WrongState: it is not confirmed or is over, or a reported delivery waits for a word.
    """
    reason = known_reason(ReleaseReason, reason)
    with transaction.atomic():
        locked = (
            Pledge.objects.select_for_update(no_key=True, of=("self",))
            .select_related(*TOLD)
            .get(pk=pledge.pk)
        )
        need = locked.need_line.need
        partner_id = need.institution.partner_id if need.institution else None
        TABLE.require(by, "release_overdue", place_code=need.place.code, partner_id=partner_id)
        COMMITMENT.move(locked.state, "deliver part")
        if locked.deliver_date >= localdate(now):
            raise NotOverdue
        if Delivery.objects.filter(pledge=locked, state=DeliveryState.REPORTED).exists():
            raise WrongState(
                _("The helper says it was delivered. First say what arrived, or that nothing did.")
            )
        tell(locked, "aid_released", now=now)
        _give_back(locked, reason, now)
        mark(
            verb="release_overdue", event="pledge_released", subject=("aid.pledge", pledge.pk), by=by, now=now
        )
    return locked


def remind_givers(*, by: Actor, now: datetime, limit: int = 1000) -> list[Pledge]:
    """Remind the givers of confirmed promises that are to come by tomorrow or are late; each once."""
    TABLE.require(by, "remind_givers")
    with transaction.atomic():
        due = list(
            Pledge.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .filter(
                state=CommitmentState.CONFIRMED,
                deliver_date__lte=localdate(now) + timedelta(days=1),
                reminded_at__isnull=True,
                person__isnull=False,
            )
            .exclude(deliveries__state=DeliveryState.REPORTED)
            .select_related(*TOLD)
            .order_by("deliver_date", "pk")[:limit]
        )
        for pledge in due:
            tell(pledge, "aid_reminder", now=now)
        Pledge.objects.filter(pk__in=[pledge.pk for pledge in due]).update(reminded_at=now)
        subjects: list[Marked] = [("aid.pledge", pledge.pk, {}) for pledge in due]
        mark_many(verb="remind_givers", event="giver_reminded", subjects=subjects, by=by, now=now)
    return due


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


def _contact_faults(donor: Donor) -> list[PledgeFault]:
    known = donor.partner is not None or donor.person is not None
    given = donor.identity
    return (
        []
        if known or given is None
        else contact_faults(name=given.name, email=given.email, phone=given.phone)
    )


def _refuse_faults(
    need_line: NeedLine, quantity: int, deliver_date: date, now: datetime, more: list[PledgeFault]
) -> None:
    needed_by = need_line.needed_by_date
    faults = pledge_faults(
        quantity=quantity, deliver_date=deliver_date, today=localdate(now), needed_by=needed_by
    )
    if faults or more:
        raise PledgeRefused([*faults, *more], needed_by=needed_by)


def _refuse_hoarding(donor: Donor, now: datetime) -> None:
    """A contact that never confirms cannot hold what others would bring."""
    if donor.identity is None or donor.partner is not None or donor.person is not None:
        return
    email, phone = donor.identity.email, donor.identity.phone
    with connection.cursor() as cursor:
        # Nobody else counts this contact's promises until this transaction ends; the keyed digest names nobody.
        for digest in contact_digests(email=email, phone=phone):
            key = int.from_bytes(digest[:8], "big", signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    known = [*(find_by_email(email) if email else ()), *(find_by_phone(phone) if phone else ())]
    waiting = Pledge.objects.filter(person_id__in=known, state=CommitmentState.HELD, held_until__gt=now)
    if known and waiting.count() >= MOST_UNCONFIRMED:
        raise TooManyUnconfirmed


def _locked_state(need_id: int) -> str:
    """State of a need that cannot end before this transaction does; promises on it do not wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM {Need._meta.db_table} WHERE id = %s FOR SHARE", [need_id])  # noqa: S608
        return str(cursor.fetchone()[0])


def _require_open(need_line: NeedLine) -> None:
    if _locked_state(need_line.need_id) != NeedState.OPEN:
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
        receipt_code=new_receipt_code(),
    )
    return Pledged(made, token)


def _tell(made: Pledged, template: str, now: datetime) -> None:
    held = made.pledge.state == CommitmentState.HELD
    tell(made.pledge, template, now=now, link=f"/aid/p/{made.token}/", held=held)


def _give_back(pledge: Pledge, reason: str, now: datetime) -> None:
    delivered = Pledge.objects.select_for_update(no_key=True).get(pk=pledge.pk).delivered
    if delivered:
        commitments.settle(pledge, delivered=0, now=now)
    else:
        commitments.release(pledge, now=now)
    pledge.ended_at, pledge.end_reason = now, reason
    pledge.save(update_fields=["ended_at", "end_reason"])


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
