"""Verbs on ambulances. Lock order: request, referral, placement."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.hospitals.errors import AlreadyRequested, AmbulanceBusy, CallSignTaken
from kolaborasi.hospitals.models import Ambulance, AmbulanceRequest, Hospital, Referral
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import Severity
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.services.referrals import locked_referral, open_placement, subject_of
from kolaborasi.hospitals.services.stays import set_off
from kolaborasi.hospitals.states import RIDE, ReferralState
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place


def add_ambulance(*, partner: Partner, call_sign: str, by: Actor, now: datetime) -> Ambulance:
    """Register a vehicle.

    Raises:
        NotPermitted: no administrator of the partner and no coordinator of its place.
        CallSignTaken: another vehicle has it.
    """
    code = partner.place.code if partner.place else None
    TABLE.require(by, "add_ambulance", partner_id=partner.pk, place_code=code)
    with refusing({"ambulance_call_sign_once": CallSignTaken}), transaction.atomic():
        ambulance = Ambulance.objects.create(partner=partner, call_sign=call_sign.strip())
        mark(
            verb="add_ambulance",
            event="ambulance_added",
            subject=("hospitals.ambulance", ambulance.pk),
            by=by,
            now=now,
        )
    return ambulance


def request_ambulance(
    *,
    patient: Person,
    place: Place,
    severity: Severity,
    by: Actor,
    now: datetime,
    referral: Referral | None = None,
    hospital: Hospital | None = None,
    requester: Partner | None = None,
) -> AmbulanceRequest:
    """Ask for an ambulance, with a bed that waits or without.

    Args:
        hospital: where to, when it is known already; the accepted hospital of the referral when absent.
        requester: the partner that asks.

    Raises:
        NotPermitted: neither the requester's people nor a coordinator of the place.
        AlreadyRequested: the patient waits for one or is in one.
    """
    partner_id = requester.pk if requester else None
    TABLE.require(by, "request_ambulance", place_code=place.code, partner_id=partner_id)
    if referral is not None and referral.patient_id != patient.pk:
        raise ValueError("the referral is of another patient")
    with refusing({"ride_one_active_per_patient": AlreadyRequested}), transaction.atomic():
        ride = AmbulanceRequest.objects.create(
            patient=patient,
            referral=referral,
            place=place,
            hospital=hospital or _destination(referral),
            severity=int(severity),
            requested_at=now,
        )
        _mark("request_ambulance", "ambulance_requested", ride, by, now)
    return ride


def dispatch_ambulance(
    *, ride: AmbulanceRequest, ambulance: Ambulance, by: Actor, now: datetime
) -> AmbulanceRequest:
    """Send an ambulance to the patient.

    Raises:
        NotPermitted: none of the ambulance's people and no coordinator of the place.
        WrongState: one is on its way already, or the request is over.
        AmbulanceBusy: it drives for somebody else.
    """
    with refusing({"ride_one_at_a_time_per_ambulance": AmbulanceBusy}), transaction.atomic():
        locked = _locked(ride)
        _require(by, "dispatch_ambulance", locked, ambulance.partner_id)
        locked.state, locked.ambulance = RIDE.move(locked.state, "dispatch"), ambulance
        locked.dispatched_at = now
        if locked.hospital_id is None:
            locked.hospital = _destination(locked.referral)
        locked.save(update_fields=["state", "ambulance", "dispatched_at", "hospital"])
        _mark("dispatch_ambulance", "ambulance_dispatched", locked, by, now)
    return locked


def give_back_ride(*, ride: AmbulanceRequest, by: Actor, now: datetime) -> AmbulanceRequest:
    """The ambulance cannot drive after all; the request waits for another one, in its old place.

    Raises:
        NotPermitted, WrongState: as in `dispatch_ambulance`.
    """
    with transaction.atomic():
        locked = _locked(ride)
        _require(by, "give_back_ride", locked, _partner_of(locked))
        locked.state = RIDE.move(locked.state, "give back")
        locked.ambulance, locked.dispatched_at = None, None
        locked.save(update_fields=["state", "ambulance", "dispatched_at"])
        _mark("give_back_ride", "ambulance_given_back", locked, by, now)
    return locked


def pick_up(*, ride: AmbulanceRequest, by: Actor, now: datetime) -> AmbulanceRequest:
    """The patient is on board; an accepted bed is theirs without a time limit from now on.

    Raises:
        NotPermitted, WrongState: as in `dispatch_ambulance`.
        HoldExpired: the bed was held too long and may be somebody else's; ask for another one.
    """
    with transaction.atomic():
        locked = _locked(ride)
        _require(by, "pick_up", locked, _partner_of(locked))
        locked.state, locked.picked_up_at = RIDE.move(locked.state, "pick up"), now
        if locked.referral_id is not None:
            referral = locked_referral(locked.referral_id)
            if referral.state == ReferralState.ACCEPTED:
                placement = set_off(referral, now)
                locked.hospital = placement.pool.hospital
                mark(
                    verb="pick_up",
                    event="departed",
                    subject=subject_of(referral),
                    by=by,
                    now=now,
                    placement=placement.pk,
                    ride=locked.pk,
                )
        locked.save(update_fields=["state", "picked_up_at", "hospital"])
        _mark("pick_up", "ambulance_picked_up", locked, by, now)
    return locked


def arrive(*, ride: AmbulanceRequest, by: Actor, now: datetime) -> AmbulanceRequest:
    """The ambulance has handed the patient over and is free; the hospital admits the patient itself.

    Raises:
        NotPermitted, WrongState: as in `dispatch_ambulance`.
    """
    with transaction.atomic():
        locked = _locked(ride)
        _require(by, "arrive", locked, _partner_of(locked))
        locked.state, locked.arrived_at = RIDE.move(locked.state, "arrive"), now
        locked.save(update_fields=["state", "arrived_at"])
        _mark("arrive", "ambulance_arrived", locked, by, now)
    return locked


def cancel_ambulance(*, ride: AmbulanceRequest, by: Actor, now: datetime) -> AmbulanceRequest:
    """No ambulance is needed any more.

    Raises:
        NotPermitted: none of the ambulance's people and no coordinator of the place.
        WrongState: the patient is on board, or it is over.
    """
    with transaction.atomic():
        locked = _locked(ride)
        _require(by, "cancel_ambulance", locked, _partner_of(locked))
        locked.state = RIDE.move(locked.state, "cancel")
        locked.save(update_fields=["state"])
        _mark("cancel_ambulance", "ambulance_cancelled", locked, by, now)
    return locked


def _destination(referral: Referral | None) -> Hospital | None:
    placement = open_placement(referral) if referral is not None else None
    return placement.pool.hospital if placement else None


def _locked(ride: AmbulanceRequest) -> AmbulanceRequest:
    return (
        AmbulanceRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place", "ambulance", "referral")
        .get(pk=ride.pk)
    )


def _partner_of(ride: AmbulanceRequest) -> int | None:
    return ride.ambulance.partner_id if ride.ambulance else None


def _require(by: Actor, verb: str, ride: AmbulanceRequest, partner_id: int | None) -> None:
    TABLE.require(by, verb, place_code=ride.place.code, partner_id=partner_id)


def _mark(verb: str, event: str, ride: AmbulanceRequest, by: Actor, now: datetime) -> None:
    mark(
        verb=verb,
        event=event,
        subject=("hospitals.ambulancerequest", ride.pk),
        by=by,
        now=now,
        ambulance=ride.ambulance_id,
        hospital=ride.hospital_id,
    )
