"""Government aid: what is allotted, who waits, what was handed out. Nothing here names anybody."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from kolaborasi.aid.models import Allotment, Entitlement, Household, Round, Suspension
from kolaborasi.aid.queries.households import within_areas
from kolaborasi.aid.states import SuspensionState
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor

STAFF = ("rw_head", "verifier", "coordinator")


def allotments() -> QuerySet[Allotment]:
    """All allotments, the latest period first, each with `suspended`: households it does not serve for now."""
    standing = Q(suspensions__state__in=[SuspensionState.STANDING, SuspensionState.APPEALED])
    return (
        Allotment.objects.select_related("programme", "period", "agency", "item")
        .annotate(suspended=Count("suspensions", filter=standing))
        .order_by("-period__starts_date", "pk")
    )


def suspensions_of(actor: Actor) -> QuerySet[Suspension]:
    """Suspended households of the places the actor has a role for; those that appealed first, the longest first."""
    return (
        Suspension.objects.filter(within_areas(actor, "household__place", *STAFF))
        .exclude(state=SuspensionState.LIFTED)
        .select_related(
            "allotment__period", "allotment__agency", "household__place", "because__allotment__agency"
        )
        .order_by("state", "suspended_at", "pk")
    )


def rounds_of(actor: Actor) -> QuerySet[Round]:
    """Rounds in the places the actor has a role for, with `households` and those `served`; the next day first."""
    served = Count("entitlements", filter=Q(entitlements__state=CommitmentState.FULFILLED))
    return (
        Round.objects.filter(within_areas(actor, "place", *STAFF, "courier"))
        .select_related("allotment__item", "place", "site")
        .annotate(households=Count("entitlements"), served=served)
        .order_by("date", "pk")
    )


def served_of(round_: Round) -> int:
    """Units of a round that its households got, those beyond the registered need included."""
    got = Entitlement.objects.filter(round=round_, state=CommitmentState.FULFILLED)
    return int(got.aggregate(units=Coalesce(Sum("delivered"), 0))["units"])


def history_of(household: Household) -> QuerySet[Entitlement]:
    """What a household was promised and got, whatever body gave it; the latest first."""
    kept = household.same_as or household
    return (
        Entitlement.objects.filter(household=kept)
        .select_related("allotment__item", "allotment__agency", "period")
        .order_by("-period__starts_date", "-pk")
    )
