"""Verbs on people isolating at home."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.hospitals.errors import AlreadyIsolating, NotAPuskesmas, PatientWaits, ReferralRefused
from kolaborasi.hospitals.models import FollowUp, IsolationCase, Referral
from kolaborasi.hospitals.models.choices import ReferralSource
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import (
    AgeGroup,
    Checkup,
    SeverityReason,
    Signs,
    Wish,
    severity_of,
    severity_of_checkup,
    warning_signs,
)
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.services.referrals import BREATHS, SPO2, Request, refer
from kolaborasi.hospitals.states import ACTIVE, ISOLATION, IsolationState
from kolaborasi.partners.models import Site, SiteKind
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place


def open_isolation(
    *,
    person: Person,
    place: Place,
    puskesmas: Site,
    age: AgeGroup,
    by: Actor,
    now: datetime,
    pregnant: bool = False,
    at_risk: bool = False,
) -> IsolationCase:
    """Put somebody who isolates at home on the daily list of a puskesmas.

    Args:
        place: kelurahan or RW; the address stays in `people`.

    Raises:
        NotPermitted: none of the puskesmas's people and no coordinator of the place.
        NotAPuskesmas: the site is of another kind.
        AlreadyIsolating: they are on a list already.
    """
    TABLE.require(by, "open_isolation", place_code=place.code, partner_id=puskesmas.partner_id)
    if puskesmas.kind != SiteKind.PUSKESMAS:
        raise NotAPuskesmas
    with refusing({"isolation_one_open_per_person": AlreadyIsolating}), transaction.atomic():
        case = IsolationCase.objects.create(
            person=person,
            place=place,
            puskesmas=puskesmas,
            age_group=age,
            pregnant=pregnant,
            at_risk=at_risk,
            started_date=localdate(now),
        )
        mark(
            verb="open_isolation",
            event="isolation_opened",
            subject=_subject(case),
            by=by,
            now=now,
            puskesmas=puskesmas.pk,
        )
    return case


def follow_up(
    *, case: IsolationCase, checkup: Checkup | None, by: Actor, now: datetime
) -> tuple[FollowUp, Referral | None]:
    """Record a daily follow-up; a warning sign asks for a bed at once, in the same transaction.

    Args:
        checkup: what was found; None when nobody could be reached, which is recorded too but is no follow-up.

    Returns:
        The follow-up, and the referral that a warning sign led to (None without one, or when one is open already).

    Raises:
        NotPermitted: none of the puskesmas's people and no coordinator of the place.
        WrongState: the isolation is over.
        ReferralRefused: a measured value is impossible.
    """
    TABLE.require(by, "follow_up", place_code=case.place.code, partner_id=case.puskesmas.partner_id)
    _require_measured(checkup)
    with transaction.atomic():
        locked = _locked(case)
        ISOLATION.move(locked.state, "stop")
        found = checkup or Checkup()
        _return_home(locked)
        signs = warning_signs(found, AgeGroup(locked.age_group))
        referral = _raise_referral(locked, found, by, now) if signs else None
        made = FollowUp.objects.create(
            case=locked,
            at=now,
            date=localdate(now),
            by_id=by.user_id,
            reached=checkup is not None,
            spo2=found.spo2,
            breaths=found.breaths,
            breathless=found.breathless,
            chest_pain=found.chest_pain,
            confused=found.confused,
            not_drinking=found.not_drinking,
            referral=referral,
        )
        mark(
            verb="follow_up",
            event="followed_up",
            subject=_subject(locked),
            by=by,
            now=now,
            reached=made.reached,
            referral=referral.pk if referral else None,
        )
    return made, referral


def end_isolation(*, case: IsolationCase, outcome: str, by: Actor, now: datetime) -> IsolationCase:
    """Take somebody off the list.

    Args:
        outcome: `recovered`, `died` or `stopped` (moved away, refuses, was registered wrongly).

    Raises:
        NotPermitted: none of the puskesmas's people and no coordinator of the place.
        WrongState: it is over already.
    """
    TABLE.require(by, "end_isolation", place_code=case.place.code, partner_id=case.puskesmas.partner_id)
    event = _ENDS[IsolationState(outcome)]
    with transaction.atomic():
        locked = _locked(case)
        locked.state = ISOLATION.move(locked.state, event)
        locked.ended_date = max(localdate(now), locked.started_date)
        locked.save(update_fields=["state", "ended_date"])
        mark(verb="end_isolation", event="isolation_ended", subject=_subject(locked), by=by, now=now)
    return locked


_ENDS = {
    IsolationState.RECOVERED: "recover",
    IsolationState.DIED: "die",
    IsolationState.STOPPED: "stop",
}


def _return_home(case: IsolationCase) -> None:
    """A case whose referral is over without a bed, or after one, isolates at home again."""
    if case.state == IsolationState.REFERRED and not _has_referral(case):
        case.state = ISOLATION.move(case.state, "return home")
        case.save(update_fields=["state"])


def _has_referral(case: IsolationCase) -> bool:
    return Referral.objects.filter(patient_id=case.person_id, state__in=list(ACTIVE)).exists()


def _raise_referral(case: IsolationCase, found: Checkup, by: Actor, now: datetime) -> Referral | None:
    """The referral of a warning sign; None when the patient has one already."""
    if _has_referral(case):
        return None
    age = AgeGroup(case.age_group)
    wish = Wish(severity=severity_of_checkup(found, age), age=age, obstetric=case.pregnant)
    request = Request(
        place=case.place,
        source=ReferralSource.ISOLATION,
        wish=wish,
        reasons=_reasons(found, age),
        requester=case.puskesmas,
        pregnant=case.pregnant,
        spo2=found.spo2,
        breaths=found.breaths,
    )
    try:
        with transaction.atomic():
            referral = refer(patient=case.person, request=request, by=by, now=now)
    except PatientWaits:
        # Somebody referred them a moment ago: what was asked for is there.
        return None
    if case.state == IsolationState.OPEN:
        case.state = ISOLATION.move(case.state, "refer")
        case.save(update_fields=["state"])
    return referral


def _reasons(found: Checkup, age: AgeGroup) -> tuple[SeverityReason, ...]:
    signs = Signs(
        spo2=found.spo2, breaths=found.breaths, unconscious=found.confused, distress=found.breathless
    )
    return severity_of(signs, age)[1]


def _require_measured(checkup: Checkup | None) -> None:
    if checkup is None:
        return
    if checkup.spo2 is not None and checkup.spo2 not in SPO2:
        raise ReferralRefused("SpO2")
    if checkup.breaths is not None and checkup.breaths not in BREATHS:
        raise ReferralRefused("breaths")


def _locked(case: IsolationCase) -> IsolationCase:
    return (
        IsolationCase.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place", "puskesmas", "person")
        .get(pk=case.pk)
    )


def _subject(case: IsolationCase) -> tuple[str, object]:
    return "hospitals.isolationcase", case.pk
