"""Referrals: who waits, what a hospital is asked, what became of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Prefetch, Q, QuerySet

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.models import AmbulanceRequest, Hospital, Placement, Referral
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.states import ACTIVE, ACTIVE_RIDES, OPEN, WAITING, Answer

OWN_ROLES = ("partner_admin", "partner_member")
HOLDING = ("held", "confirmed")


def referrals() -> QuerySet[Referral]:
    """Every referral with place, requester and the hospital of a transfer."""
    return Referral.objects.select_related("place__parent__parent", "requester", "from_hospital__site")


def referral_by_id(pk: int) -> Referral | None:
    """A referral with what pages show of it, or None."""
    return referrals().filter(pk=pk).first()


def waiting_list() -> QuerySet[Referral]:
    """Patients no hospital has taken yet, in the order they are helped: the severest first, then the longest waiting."""
    return referrals().filter(state__in=list(WAITING)).order_by("-severity", "requested_at", "pk")


def board() -> QuerySet[Referral]:
    """All referrals on their way to a bed, in the order of the waiting list, each with its bed as `beds`.

    Two statements, however many rows: the referrals, and the held placements with hospital and site.
    """
    held = Placement.objects.filter(state__in=HOLDING).select_related("pool__hospital__site")
    return (
        referrals()
        .filter(state__in=list(OPEN))
        .prefetch_related(Prefetch("placements", queryset=held, to_attr="beds"))
        .order_by("-severity", "requested_at", "pk")
    )


def board_version() -> tuple[int, datetime | None, int]:
    """What the board's ETag is made of: number of open referrals, the newest change, the newest audit entry about one.

    Reassessing changes no state, so the newest entry of the log is asked too; two statements.
    """
    open_ones = Referral.objects.filter(state__in=list(OPEN)).aggregate(number=Count("pk"))
    newest = (
        AuditEntry.objects.filter(subject_kind="hospitals.referral")
        .order_by("-pk")
        .values_list("pk", "at")
        .first()
    )
    return open_ones["number"], newest[1] if newest else None, newest[0] if newest else 0


def visible_to(found: QuerySet[Referral], actor: Actor) -> QuerySet[Referral]:
    """Those of the referrals that the actor is at an end of, or coordinates; as `may_see` for one."""
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name == "coordinator":
            if not role.place_code:
                return found
            reach |= Q(place__code=role.place_code) | Q(place__code__startswith=f"{role.place_code}.")
        elif role.name in OWN_ROLES and role.partner_id:
            reach |= Q(requester__partner_id=role.partner_id)
            reach |= Q(
                pk__in=Placement.objects.filter(
                    Q(state__in=HOLDING) | Q(admitted_at__isnull=False),
                    pool__hospital__site__partner_id=role.partner_id,
                ).values("referral")
            )
    return found.filter(reach)


def may_see(referral: Referral, actor: Actor) -> bool:
    """Whether the actor is at an end of a referral: of its requester, of a hospital with a bed for it, a coordinator."""
    requester = referral.requester.partner_id if referral.requester else None
    if TABLE.allows(actor, "see_patients", place_code=referral.place.code, partner_id=requester):
        return True
    return visible_to(Referral.objects.filter(pk=referral.pk), actor).exists()


def may_see_board(actor: Actor) -> bool:
    """Whether the actor works at the dispatchers' board."""
    return TABLE.allows(actor, "see_board")


def placements_of(referral: Referral) -> QuerySet[Placement]:
    """Hospitals a referral was offered to, in order, with their answers."""
    found = Placement.objects.filter(referral=referral).select_related("pool__hospital__site__place")
    return found.order_by("offered_at", "pk")


def placement_by_id(pk: int) -> Placement | None:
    """A placement with referral, hospital and site, or None."""
    found = Placement.objects.select_related("referral__place", "referral__requester")
    return found.select_related("pool__hospital__site__place").filter(pk=pk).first()


def open_bed_of(referral: Referral) -> Placement | None:
    """The bed held for a referral or in use by it, or None."""
    found = Placement.objects.filter(referral=referral, state__in=HOLDING)
    return found.select_related("pool__hospital__site__place").first()


def offers_to(hospital: Hospital, now: datetime) -> QuerySet[Placement]:
    """Offers a hospital has to answer and still can, the one that runs out first on top."""
    return (
        _placements(hospital)
        .filter(answer=Answer.PENDING, state="held", held_until__gt=now)
        .order_by("held_until", "pk")
    )


def expected_in(hospital: Hospital) -> QuerySet[Placement]:
    """Patients a hospital has accepted who have not arrived."""
    return (
        _placements(hospital)
        .filter(answer=Answer.ACCEPTED, state__in=HOLDING, admitted_at__isnull=True)
        .order_by("answered_at", "pk")
    )


def patients_in(hospital: Hospital) -> QuerySet[Placement]:
    """Patients of the network who lie in a hospital."""
    return (
        _placements(hospital)
        .filter(state="confirmed", admitted_at__isnull=False)
        .order_by("admitted_at", "pk")
    )


def _placements(hospital: Hospital) -> QuerySet[Placement]:
    return Placement.objects.filter(pool__hospital=hospital).select_related(
        "pool", "referral__place__parent", "referral__requester"
    )


@dataclass(frozen=True)
class Happening:
    """One entry of a referral's timeline.

    Args:
        verb: of this room, without its name: `offer`.
        actor: reference of who did it, for example `user:7`.
        detail: ids, numbers and state words.
    """

    at: datetime
    verb: str
    actor: str
    detail: dict[str, Any]


def timeline(referral: Referral) -> list[Happening]:
    """What happened to a referral, oldest first, from the log; the same for both ends."""
    entries = AuditEntry.objects.filter(subject_kind="hospitals.referral", subject_id=str(referral.pk))
    return [
        Happening(entry.at, entry.verb.removeprefix("hospitals."), entry.actor, entry.detail)
        for entry in entries.order_by("pk")
    ]


@dataclass(frozen=True)
class QueueCount:
    """Patients who wait, of one severity."""

    severity: int
    waiting: int
    longest_since: datetime


def queue_counts() -> list[QueueCount]:
    """How many wait of each severity, and since when the first of them does; the queue in public numbers."""
    rows = (
        Referral.objects.filter(state__in=list(WAITING))
        .order_by()
        .values("severity")
        .annotate(waiting=Count("pk"), since=Min("requested_at"))
        .order_by("-severity")
    )
    return [QueueCount(row["severity"], row["waiting"], row["since"]) for row in rows]


def active_referral_of(patient_id: UUID) -> Referral | None:
    """The newest referral a patient has now: the transfer before the stay it ends; None without one."""
    return referrals().filter(patient_id=patient_id, state__in=list(ACTIVE)).order_by("-pk").first()


def rides() -> QuerySet[AmbulanceRequest]:
    """Ambulance requests under way: the severest first, then the longest waiting."""
    return (
        AmbulanceRequest.objects.filter(state__in=list(ACTIVE_RIDES))
        .select_related("place__parent", "hospital__site", "ambulance", "referral")
        .order_by("-severity", "requested_at", "pk")
    )


def ride_by_id(pk: int) -> AmbulanceRequest | None:
    """An ambulance request with what pages show of it, or None."""
    found = AmbulanceRequest.objects.select_related("place", "hospital__site", "ambulance", "referral")
    return found.filter(pk=pk).first()


def ended_on(day: date) -> dict[str, int]:
    """How many referrals ended on a day, by state; for the public page."""
    ended = Referral.objects.exclude(state__in=list(ACTIVE)).filter(state_at__date=day)
    return dict(ended.order_by().values_list("state").annotate(Count("pk")))
