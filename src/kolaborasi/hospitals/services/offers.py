"""Verbs between a waiting patient and a hospital: offer, accept, decline, no answer.

A bed is held from the moment it is offered, so that no two patients are sent to it. Lock order of every verb here:
referral, hospital and partner (shared), placement, pools by primary key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import HoldExpired, NotEnoughLeft
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.common.rows import part_of, prepared, store
from kolaborasi.hospitals.beds_nearby import Origin, candidates
from kolaborasi.hospitals.errors import BedUnfit, NoBed, NotInNetwork, OfferOver, TooManyAsked
from kolaborasi.hospitals.models import BedPool, DeclineReason, Hospital, Placement, Referral
from kolaborasi.hospitals.models.choices import ReferralSource
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.ranking import Ranked, rank
from kolaborasi.hospitals.rules import (
    ANSWER_TIME,
    LONGEST_ANSWER_TIME,
    MOST_ASKED,
    PICK_UP_TIME,
    SeverityReason,
)
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.services.referrals import (
    Request,
    locked_referral,
    mark_referred,
    new_referral,
    not_again,
    one_each,
    refer,
    require_lies_there,
    require_may_refer,
    subject_of,
    wish_of,
)
from kolaborasi.hospitals.states import ANSWER, REFERRAL, Answer, ReferralState
from kolaborasi.partners.errors import PartnerNotActive
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person


def refer_and_offer(
    *,
    patient: Person,
    request: Request,
    by: Actor,
    now: datetime,
    most: int = 3,
    answer_time: timedelta = ANSWER_TIME,
) -> Placement:
    """Ask for a bed and offer the patient to the best-ranked hospital at once, to the next ones if it cannot.

    Args:
        most: hospitals to be asked one after the other.
        answer_time: time each has to answer.

    Raises:
        NotPermitted: no coordinator of the place.
        PatientWaits, PatientHasABed, NotInThisHospital, ReferralRefused: as in `refer`.
        NoBed: no fitting bed is left; nothing is stored. Call `refer` to put the patient on the waiting list.
        TooManyAsked: `most` or `answer_time` is out of range.
    """
    require_may_refer(request, by, "refer_and_offer")
    _require_range(most, answer_time)
    origin, leave_out = Origin.of(request.place), request.from_hospital
    ranked = _one_per_hospital(
        rank(candidates(request.wish, origin, now, not_in=leave_out.pk if leave_out else None), most=4 * most)
    )
    for first in range(len(ranked)):
        referral = new_referral(patient, request, by, now)
        referral.state = ReferralState.OFFERED
        referral.ask_next = [each.pool for each in ranked[first + 1 : first + most]]
        try:
            with refusing(one_each(patient.pk)), transaction.atomic():
                require_lies_there(referral)
                pool = _require_open(ranked[first].pool)
                if not store(referral, unless_there=True):
                    raise not_again(patient.pk)
                placement = _hold(referral, ranked[first], answer_time, now)
                placement.pool = pool
                mark_referred(
                    "refer_and_offer", referral, by, now, **_offered(placement, ranked[first], referral)
                )
            return placement
        except (NotEnoughLeft, NotInNetwork, PartnerNotActive):
            # Somebody else was quicker; the ranking stays good enough for the next one.
            continue
    raise NoBed


def offer(
    *,
    referral: Referral,
    pools: Sequence[BedPool | int],
    by: Actor,
    now: datetime,
    answer_time: timedelta = ANSWER_TIME,
) -> Placement:
    """Offer a waiting patient to a hospital, or to several in order; the first that has a bed left is asked now.

    Args:
        pools: bed pools in the order they shall be asked, 1 to 10.
        answer_time: time each has to answer, up to two hours; its bed is held so long.

    Raises:
        NotPermitted: no coordinator of the patient's place.
        WrongState: the patient does not wait, or is being offered already.
        BedUnfit: a pool does not fit the patient or its hospital lacks a service.
        NoBed: none of them has a bed left, or its hospital takes nobody now.
        TooManyAsked: none, too many, or a time limit out of range.
    """
    ids = [pool if isinstance(pool, int) else pool.pk for pool in pools]
    _require_range(len(ids), answer_time)
    for position, pool_id in enumerate(ids):
        try:
            with refusing(one_each(referral.patient_id)), transaction.atomic():
                locked = locked_referral(referral.pk)
                TABLE.require(by, "offer", place_code=locked.place.code)
                locked.state, locked.state_at = REFERRAL.move(locked.state, "offer"), now
                locked.ask_next = ids[position + 1 :]
                placement = _ask(locked, _ranked(locked, ids, now), pool_id, answer_time, now)
                detail = {"answer_minutes": answer_time.total_seconds() / 60, "skipped": ids[:position]}
                _mark("offer", "offered", locked, placement, by, now, **detail)
            return placement
        except (NotEnoughLeft, NotInNetwork, PartnerNotActive):
            continue
    raise NoBed


def transfer(
    *,
    placement: Placement,
    pools: Sequence[BedPool | int],
    by: Actor,
    now: datetime,
    answer_time: timedelta = ANSWER_TIME,
) -> Placement:
    """Ask for a bed in another hospital for a patient who lies in this one, and offer them there, in order.

    What is known of the patient is taken over; `reassess` it first when it has changed. The bed here is kept until they
    have arrived there.

    Args:
        placement: the bed the patient lies in.
        pools: where to, as in `offer`.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place for asking, no coordinator for
            offering.
        NotInThisHospital: the patient does not lie in this bed now.
        PatientWaits: a transfer is asked for already.
        BedUnfit, NoBed, TooManyAsked: as in `offer`; nothing is stored.
    """
    hospital = placement.pool.hospital
    known = placement.referral
    request = Request(
        place=hospital.site.place,
        source=ReferralSource.HOSPITAL,
        wish=wish_of(known),
        reasons=tuple(SeverityReason(reason) for reason in known.severity_reasons),
        requester=hospital.site,
        from_hospital=hospital,
        pregnant=known.pregnant,
        pcr=known.pcr,
        spo2=known.spo2,
        breaths=known.breaths,
    )
    with transaction.atomic():
        asked = refer(patient=placement.patient, request=request, by=by, now=now)
        return offer(referral=asked, pools=pools, by=by, now=now, answer_time=answer_time)


def accept(
    *, placement: Placement, by: Actor, now: datetime, pick_up_time: timedelta = PICK_UP_TIME
) -> Placement:
    """The hospital takes the patient; the bed is held until the ambulance has left with them.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of the place (for one that says so by
            telephone).
        HoldExpired: the time to answer has passed.
        OfferOver: it was answered or withdrawn.
    """
    with transaction.atomic():
        referral = locked_referral(placement.referral_id)
        locked = _pending(placement, by, "accept")
        if locked.held_until is None or locked.held_until <= now:
            raise HoldExpired
        locked.answer, locked.answered_at = ANSWER.move(locked.answer, "accept"), now
        locked.held_until = now + pick_up_time
        locked.save(update_fields=["answer", "answered_at", "held_until"])
        _move(referral, "accept", now, ask_next=[])
        _mark("accept", "accepted", referral, locked, by, now)
    return locked


def decline(*, placement: Placement, reason: str, by: Actor, now: datetime) -> Placement | None:
    """The hospital cannot take the patient; the next one in order is asked at once.

    Args:
        reason: one of `DeclineReason`.

    Returns:
        The offer to the next hospital; None when none is left and the patient waits again, in the old place of the
        queue.

    Raises:
        NotPermitted, OfferOver: as in `accept`.
    """
    return _end(placement, "decline", "decline", DeclineReason(reason), by, now)


def withdraw_offer(*, placement: Placement, by: Actor, now: datetime) -> Placement | None:
    """Take an unanswered offer back, for example because a better bed came free; the next in order is asked.

    Raises:
        NotPermitted: no coordinator of the patient's place.
        OfferOver: as in `accept`.
    """
    return _end(placement, "withdraw_offer", "withdraw", "", by, now)


def expire_offers(*, by: Actor, now: datetime, limit: int = 200) -> int:
    """End holds whose time has passed: an unanswered offer goes to the next hospital, a bed that nobody was driven to
    can be promised again and its patient waits again.

    Returns:
        How many holds ended.
    """
    TABLE.require(by, "expire_offers")
    due = Placement.objects.filter(state="held", held_until__lte=now).order_by("held_until", "pk")
    ended = 0
    for placement in due.select_related("referral")[:limit]:
        ended += _expire(placement, by, now)
    return ended


def _expire(placement: Placement, by: Actor, now: datetime) -> bool:
    answered = placement.answer == Answer.ACCEPTED
    try:
        if answered:
            return _expire_pick_up(placement, by, now)
        _end(placement, "expire_offers", "run out of time", "", by, now)
    except OfferOver:
        # Answered while we looked.
        return False
    return True


def _expire_pick_up(placement: Placement, by: Actor, now: datetime) -> bool:
    with transaction.atomic():
        referral = locked_referral(placement.referral_id)
        placement.refresh_from_db()
        over = placement.held_until is not None and placement.held_until <= now
        if placement.state != CommitmentState.HELD or not over:
            return False
        _release(placement, now)
        _move(referral, "wait again", now)
        _mark("expire_offers", "hold_expired", referral, placement, by, now)
    return True


def _end(
    placement: Placement,
    verb: str,
    event: str,
    reason: str,
    by: Actor,
    now: datetime,
) -> Placement | None:
    """End a pending offer and ask the next hospital that has a bed left; tries again when somebody was quicker."""
    skip: list[int] = []
    while True:
        try:
            with refusing(one_each(placement.patient_id)), transaction.atomic():
                return _end_once(placement, verb, event, reason, by, now, skip)
        except (NotEnoughLeft, NotInNetwork, PartnerNotActive):
            continue


def _end_once(
    placement: Placement,
    verb: str,
    event: str,
    reason: str,
    by: Actor,
    now: datetime,
    skip: list[int],
) -> Placement | None:
    referral = locked_referral(placement.referral_id)
    locked = _pending(placement, by, verb)
    ranked = _ranked(referral, referral.ask_next, now) if referral.ask_next else {}
    queue = [pool for pool in referral.ask_next if pool not in skip]
    chosen = next((pool for pool in queue if pool in ranked and ranked[pool].left > 0), None)
    if chosen is not None:
        skip.append(chosen)
        _require_open(chosen)
        # Both rows in the kernel's order, because this transaction gives one back and takes the other.
        _lock_pools([locked.pool_id, chosen])
    _release(locked, now)
    locked.answer, locked.answered_at = ANSWER.move(locked.answer, event), now
    locked.decline_reason = reason
    locked.save(update_fields=["answer", "answered_at", "decline_reason"])
    if chosen is None:
        _move(referral, "wait again", now, ask_next=[])
        following = None
    else:
        _move(referral, "ask the next", now, ask_next=queue[queue.index(chosen) + 1 :])
        asked_for = _answer_time(placement)
        following = _hold(referral, ranked[chosen], asked_for, now)
    detail = {"reason": str(reason), "next": following.pk if following else None}
    _mark(verb, _PAST[event], referral, locked, by, now, **detail)
    return following


_PAST = {"decline": "declined", "withdraw": "offer_withdrawn", "run out of time": "offer_unanswered"}


def _answer_time(placement: Placement) -> timedelta:
    # What the dispatcher gave the hospital before is what the next one gets.
    return (placement.held_until or placement.offered_at + ANSWER_TIME) - placement.offered_at


def _ask(
    referral: Referral, ranked: Mapping[int, Ranked], pool_id: int, answer_time: timedelta, now: datetime
) -> Placement:
    for pool in [pool_id, *referral.ask_next]:
        if pool not in ranked:
            raise BedUnfit(pool)
    _require_open(pool_id)
    placement = _hold(referral, ranked[pool_id], answer_time, now)
    referral.save(update_fields=["state", "state_at", "ask_next"])
    return placement


def _hold(referral: Referral, bed: Ranked, answer_time: timedelta, now: datetime) -> Placement:
    return commitments.hold(
        Placement(
            referral=referral,
            patient_id=referral.patient_id,
            pool_id=bed.pool,
            is_transfer=referral.is_transfer,
            grade=bed.grade,
            minutes=round(bed.minutes, 1),
            quantity=1,
            offered_at=now,
            held_until=now + answer_time,
        ),
        now=now,
    )


def _ranked(referral: Referral, pools: Sequence[int], now: datetime) -> dict[int, Ranked]:
    """The pools named that fit the patient, full ones too, by id."""
    origin = Origin.of(referral.place)
    beds = candidates(wish_of(referral), origin, now, only=pools, not_in=referral.from_hospital_id)
    full = beds.left <= 0
    shown = type(beds)(**{**vars(beds), "left": beds.left + full})
    found = {each.pool: each for each in rank(shown, most=len(beds))}
    for pool in beds.pool[full].tolist():
        found[pool] = type(found[pool])(**{**vars(found[pool]), "left": 0})
    return found


def _one_per_hospital(ranked: list[Ranked]) -> list[Ranked]:
    seen: dict[int, Ranked] = {}
    for each in ranked:
        seen.setdefault(each.hospital, each)
    return list(seen.values())


def _require_range(asked: int, answer_time: timedelta) -> None:
    if not 1 <= asked <= MOST_ASKED or not timedelta(minutes=1) <= answer_time <= LONGEST_ANSWER_TIME:
        raise TooManyAsked


def _require_open(pool_id: int) -> BedPool:
    """Refuse unless hospital and partner take patients, and keep both so until this transaction ends.

    `partners.require_active` for the partner and the same for the hospital's part in the network, in one statement.

    Returns:
        The pool with hospital and site, of which only what names them is read.
    """
    with prepared() as cursor:
        cursor.execute(
            "SELECT hospital.id, hospital.network, partner.id, partner.state, pool.bed_class, site.id, site.name"
            " FROM hospitals_bedpool pool"
            " JOIN hospitals_hospital hospital ON hospital.id = pool.hospital_id"
            " JOIN partners_site site ON site.id = hospital.site_id"
            " JOIN partners_partner partner ON partner.id = site.partner_id"
            " WHERE pool.id = %s FOR SHARE OF hospital, partner",
            [pool_id],
        )
        found = cursor.fetchone() or (0, "unknown", 0, None, "", 0, "")
    hospital_id, network, partner_id, state, bed_class, site_id, name = found
    if network != "joined":
        raise NotInNetwork(hospital_id, network)
    if state != "active":
        raise PartnerNotActive(partner_id, state)
    pool = part_of(BedPool, id=pool_id, bed_class=bed_class, hospital_id=hospital_id)
    pool.hospital = part_of(Hospital, id=hospital_id, site_id=site_id)
    pool.hospital.site = part_of(Site, id=site_id, name=name)
    return pool


def _lock_pools(ids: Sequence[int]) -> None:
    list(BedPool.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def _pending(placement: Placement, by: Actor, verb: str) -> Placement:
    """A placement that waits for its answer; the lock of the referral guards it."""
    locked = Placement.objects.select_related("pool__hospital__site__place", "referral__place").get(
        pk=placement.pk
    )
    site = locked.pool.hospital.site
    # A dispatcher may speak for a hospital of another area when the patient is of theirs.
    if not TABLE.allows(by, verb, place_code=locked.referral.place.code):
        TABLE.require(by, verb, place_code=site.place.code, partner_id=site.partner_id)
    if locked.answer != Answer.PENDING:
        raise OfferOver(locked.answer)
    return locked


def _release(placement: Placement, now: datetime) -> None:
    commitments.release(placement, now=now)
    placement.ended_at = now
    placement.save(update_fields=["ended_at"])


def _move(referral: Referral, event: str, now: datetime, ask_next: list[int] | None = None) -> None:
    referral.state, referral.state_at = REFERRAL.move(referral.state, event), now
    if ask_next is not None:
        referral.ask_next = ask_next
    referral.save(update_fields=["state", "state_at", "ask_next"])


def _offered(placement: Placement, bed: Ranked, referral: Referral) -> dict[str, object]:
    return {"placement": placement.pk, "pool": bed.pool, "next": referral.ask_next, **bed.reasons}


def _mark(
    verb: str,
    event: str,
    referral: Referral,
    placement: Placement,
    by: Actor,
    now: datetime,
    **detail: object,
) -> None:
    mark(
        verb=verb,
        event=event,
        subject=subject_of(referral),
        by=by,
        now=now,
        placement=placement.pk,
        pool=placement.pool_id,
        **detail,
    )
