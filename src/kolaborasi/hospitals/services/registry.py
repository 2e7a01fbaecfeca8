"""Verbs on hospitals and their part in the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import (
    AlreadyAsked,
    HospitalKnown,
    NotAHospital,
    NotBeforeItBegins,
    NothingAgreed,
    NotInNetwork,
    PeriodOverlaps,
)
from kolaborasi.hospitals.models import (
    AgreedBeds,
    BedPool,
    ConversionRequest,
    Hospital,
    HospitalKind,
    NetworkPeriod,
    Ownership,
)
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import MOST_BEDS
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.states import CONVERSION, NETWORK, NetworkState
from kolaborasi.partners.models import Site, SiteKind


@dataclass(frozen=True)
class HospitalFacts:
    """What the registry knows of a hospital.

    Args:
        registry_code: of RS Online / SIRANAP; its first four digits are the BPS code of the city.
        hospital_class: A to D, empty when not set.
        total_beds: all beds of the house, also those that are not for the network.
        hotline: public telephone number.
    """

    registry_code: str | None = None
    kind: str = HospitalKind.GENERAL
    hospital_class: str = ""
    ownership: str = Ownership.PRIVATE
    total_beds: int | None = None
    hotline: str = ""
    dialysis: bool = False
    obstetrics: bool = False
    paediatrics: bool = False
    ventilator: bool = False


KNOWN_ONCE = {
    "hospital_registry_code_once": HospitalKnown,
    "hospitals_hospital_site_id_key": HospitalKnown,
}


def register_hospital(*, site: Site, facts: HospitalFacts, by: Actor, now: datetime) -> Hospital:
    """Add a hospital the city knows; it is outside the network until it joins.

    Raises:
        NotPermitted: neither the system nor a coordinator of the place.
        NotAHospital: the site is of another kind.
        HospitalKnown: the site or the registry code is registered already.
    """
    TABLE.require(by, "register_hospital", place_code=site.place.code)
    if site.kind != SiteKind.HOSPITAL:
        raise NotAHospital
    with refusing(KNOWN_ONCE), transaction.atomic():
        hospital = Hospital.objects.create(site=site, **_columns(facts))
        mark(
            verb="register_hospital",
            event="hospital_registered",
            subject=_subject(hospital),
            by=by,
            now=now,
            site=site.pk,
            registry_code=facts.registry_code,
        )
    return hospital


def change_hospital(*, hospital: Hospital, facts: HospitalFacts, by: Actor, now: datetime) -> Hospital:
    """Say anew what is known of a hospital.

    Raises:
        NotPermitted: none of its people and no coordinator of the place.
        HospitalKnown: another hospital has the registry code.
    """
    _require(by, "change_hospital", hospital)
    with refusing(KNOWN_ONCE), transaction.atomic():
        locked = _locked(hospital)
        new = _columns(facts)
        changed = [name for name, value in new.items() if getattr(locked, name) != value]
        for name in changed:
            setattr(locked, name, new[name])
        locked.save(update_fields=changed)
        mark(
            verb="change_hospital",
            event="hospital_changed",
            subject=_subject(hospital),
            by=by,
            now=now,
            fields=changed,
        )
    return locked


def join_network(
    *,
    hospital: Hospital,
    beds: Mapping[BedClass, int],
    by: Actor,
    now: datetime,
    starts_date: date | None = None,
) -> Hospital:
    """Take a hospital into the network by an agreement.

    Args:
        beds: beds of each class that it gives, with staff.
        starts_date: first day; today when absent. An earlier day for what was agreed on paper.

    Raises:
        NotPermitted: neither the system nor a coordinator of the place.
        WrongState: it is in the network already.
        NotBeforeItBegins: the day is still to come.
        NothingAgreed: no bed, or an impossible number.
        PeriodOverlaps: it was in the network on some of the days.
    """
    _require(by, "join_network", hospital)
    _require_beds(beds)
    starts = starts_date or localdate(now)
    if starts > localdate(now):
        raise NotBeforeItBegins(starts)
    overlaps = {"network_period_one_at_a_time": PeriodOverlaps, "network_period_open_once": PeriodOverlaps}
    with refusing(overlaps), transaction.atomic():
        locked = _locked(hospital)
        locked.network = NETWORK.move(locked.network, "join")
        locked.save(update_fields=["network"])
        NetworkPeriod.objects.create(hospital=locked, starts_date=starts)
        _agree(locked, beds, starts)
        mark(
            verb="join_network",
            event="network_joined",
            subject=_subject(hospital),
            by=by,
            now=now,
            starts_date=starts.isoformat(),
            beds={str(bed_class): number for bed_class, number in beds.items()},
        )
    return locked


def agree_beds(*, hospital: Hospital, beds: Mapping[BedClass, int], by: Actor, now: datetime) -> Hospital:
    """Change how many beds of which class the agreement names, from today on; classes not named stay.

    Raises:
        NotPermitted, NothingAgreed: as in `join_network`.
        NotInNetwork: the hospital has not joined.
    """
    _require(by, "agree_beds", hospital)
    _require_beds(beds)
    with transaction.atomic():
        locked = _locked(hospital)
        if locked.network not in (NetworkState.JOINED, NetworkState.PAUSED):
            raise NotInNetwork(locked.pk, locked.network)
        _agree(locked, beds, localdate(now))
        mark(
            verb="agree_beds",
            event="beds_agreed",
            subject=_subject(hospital),
            by=by,
            now=now,
            beds={str(bed_class): number for bed_class, number in beds.items()},
        )
    return locked


def pause_network(*, hospital: Hospital, by: Actor, now: datetime) -> Hospital:
    """Take no new patients for a while; those who are promised a bed or lie in one stay.

    Raises:
        NotPermitted: none of its administrators and no coordinator of the place.
        WrongState: it is not in the network.
    """
    return _move(hospital, "pause", "pause_network", "network_paused", by, now)


def resume_network(*, hospital: Hospital, by: Actor, now: datetime) -> Hospital:
    """Take new patients again.

    Raises:
        NotPermitted, WrongState: as in `pause_network`.
    """
    return _move(hospital, "resume", "resume_network", "network_resumed", by, now)


def leave_network(*, hospital: Hospital, by: Actor, now: datetime) -> Hospital:
    """Leave the network; nothing new is promised, those who lie there stay until they leave.

    Raises:
        NotPermitted, WrongState: as in `pause_network`.
    """
    return _move(hospital, "leave", "leave_network", "network_left", by, now)


def ask_conversion(
    *, hospital: Hospital, bed_class: BedClass, beds: int, by: Actor, now: datetime
) -> ConversionRequest:
    """Ask a hospital of the network to turn ordinary beds into beds of a class.

    Raises:
        NotPermitted: neither the system nor a coordinator of the place.
        NotInNetwork: it gives no beds now.
        NothingAgreed: an impossible number.
        AlreadyAsked: it has not answered the last request for this class.
    """
    _require(by, "ask_conversion", hospital)
    _require_beds({bed_class: beds})
    with refusing({"conversion_asked_once_per_class": AlreadyAsked}), transaction.atomic():
        locked = _locked(hospital)
        if locked.network != NetworkState.JOINED:
            raise NotInNetwork(locked.pk, locked.network)
        asked = ConversionRequest.objects.create(
            hospital=locked, bed_class=bed_class, beds=beds, asked_at=now
        )
        mark(
            verb="ask_conversion",
            event="conversion_asked",
            subject=("hospitals.conversionrequest", asked.pk),
            by=by,
            now=now,
            hospital=locked.pk,
            bed_class=str(bed_class),
            beds=beds,
        )
    return asked


def answer_conversion(
    *, request: ConversionRequest, agree: bool, by: Actor, now: datetime
) -> ConversionRequest:
    """The hospital says yes or no; the beds count once it reports them.

    Raises:
        NotPermitted: none of its administrators and no coordinator of the place.
        WrongState: it was answered already.
    """
    _require(by, "answer_conversion", request.hospital)
    with transaction.atomic():
        locked = ConversionRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        locked.state = CONVERSION.move(locked.state, "agree" if agree else "decline")
        locked.answered_at = now
        locked.save(update_fields=["state", "answered_at"])
        mark(
            verb="answer_conversion",
            event="conversion_answered",
            subject=("hospitals.conversionrequest", locked.pk),
            by=by,
            now=now,
            answer=str(locked.state),
        )
    return locked


def _move(hospital: Hospital, move: str, verb: str, event: str, by: Actor, now: datetime) -> Hospital:
    _require(by, verb, hospital)
    today = localdate(now)
    with transaction.atomic():
        # The lock waits for offers under way, which hold the hospital's row in share mode (services.offers).
        locked = _locked(hospital)
        locked.network = NETWORK.move(locked.network, move)
        locked.save(update_fields=["network"])
        NetworkPeriod.objects.filter(hospital=locked, ends_date__isnull=True).update(ends_date=today)
        if locked.network == NetworkState.LEFT:
            AgreedBeds.objects.filter(hospital=locked, ends_date__isnull=True).update(ends_date=today)
        else:
            paused = locked.network == NetworkState.PAUSED
            NetworkPeriod.objects.create(hospital=locked, paused=paused, starts_date=today)
        mark(verb=verb, event=event, subject=_subject(hospital), by=by, now=now)
    return locked


def _agree(hospital: Hospital, beds: Mapping[BedClass, int], starts: date) -> None:
    AgreedBeds.objects.filter(hospital=hospital, bed_class__in=list(beds), ends_date__isnull=True).update(
        ends_date=starts
    )
    AgreedBeds.objects.bulk_create(
        AgreedBeds(hospital=hospital, bed_class=bed_class, beds=number, starts_date=starts)
        for bed_class, number in beds.items()
    )
    BedPool.objects.bulk_create(
        [BedPool(hospital=hospital, bed_class=bed_class, reported=0, limit=0) for bed_class in beds],
        ignore_conflicts=True,
    )


def _require_beds(beds: Mapping[BedClass, int]) -> None:
    if not beds or not all(0 <= number <= MOST_BEDS for number in beds.values()) or not any(beds.values()):
        raise NothingAgreed


def _require(by: Actor, verb: str, hospital: Hospital) -> None:
    site = hospital.site
    TABLE.require(by, verb, place_code=site.place.code, partner_id=site.partner_id)


def _locked(hospital: Hospital) -> Hospital:
    return Hospital.objects.select_for_update(of=("self",)).select_related("site__place").get(pk=hospital.pk)


def _columns(facts: HospitalFacts) -> dict[str, object]:
    return {**asdict(facts), "registry_code": facts.registry_code or None}


def _subject(hospital: Hospital) -> tuple[str, object]:
    return "hospitals.hospital", hospital.pk
