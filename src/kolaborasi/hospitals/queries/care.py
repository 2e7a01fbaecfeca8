"""People isolating at home; ambulances; oxygen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.models import Ambulance, Cylinder, FollowUp, IsolationCase, RefillLine, RefillRound
from kolaborasi.hospitals.models.isolation import ISOLATING
from kolaborasi.hospitals.states import CylinderState, RideState
from kolaborasi.partners.models import Site, SiteKind

OWN_ROLES = ("partner_admin", "partner_member")


def puskesmas_of(actor: Actor) -> QuerySet[Site]:
    """Open puskesmas the actor works for."""
    partners = [role.partner_id for role in actor.roles if role.name in OWN_ROLES and role.partner_id]
    found = Site.objects.filter(partner__in=partners, kind=SiteKind.PUSKESMAS, closed_date__isnull=True)
    return found.select_related("place").order_by("name", "pk")


def daily_list(day: date, puskesmas: Site | None = None) -> QuerySet[IsolationCase]:
    """People isolating on a day, those nobody has reached today and those at risk first.

    Each row has `followed_up` (somebody reached them that day), `last_date` (when somebody last did) and `last_spo2`.
    """
    reached = FollowUp.objects.filter(case=OuterRef("pk"), reached=True)
    found = (
        IsolationCase.objects.filter(state__in=list(ISOLATING), started_date__lte=day)
        .select_related("place", "puskesmas")
        .annotate(
            followed_up=Exists(reached.filter(date=day)),
            last_date=Subquery(reached.order_by("-at").values("date")[:1]),
            last_spo2=Subquery(reached.order_by("-at").values("spo2")[:1]),
        )
        .order_by("followed_up", "-at_risk", "last_date", "pk")
    )
    return found if puskesmas is None else found.filter(puskesmas=puskesmas)


def not_followed_up(day: date, puskesmas: Site | None = None) -> QuerySet[IsolationCase]:
    """People isolating whom nobody has reached on a day; in Delta this was what 161 complaints were about."""
    return daily_list(day, puskesmas).filter(followed_up=False)  # type: ignore[misc]  # annotated there


def follow_ups_of(case: IsolationCase) -> QuerySet[FollowUp]:
    """Everything found at a person, newest first."""
    return FollowUp.objects.filter(case=case).order_by("-at", "-pk")


def isolation_by_id(pk: int) -> IsolationCase | None:
    """A case with place and puskesmas, or None."""
    return IsolationCase.objects.select_related("place", "puskesmas").filter(pk=pk).first()


@dataclass(frozen=True)
class PuskesmasDay:
    """One puskesmas on one day."""

    puskesmas: int
    name: str
    isolating: int
    followed_up: int


def follow_up_by_puskesmas(day: date) -> list[PuskesmasDay]:
    """How many isolate and how many were reached, by puskesmas, the least reached first."""
    rows = (
        daily_list(day)
        .order_by()
        .values("puskesmas", "puskesmas__name")
        .annotate(isolating=Count("pk"), reached=Count("pk", filter=Q(followed_up=True)))
    )
    found = [
        PuskesmasDay(row["puskesmas"], row["puskesmas__name"], row["isolating"], row["reached"])
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.followed_up - each.isolating, each.name))


def free_ambulances() -> QuerySet[Ambulance]:
    """Ambulances that drive for nobody now."""
    driving = Q(requests__state__in=[RideState.DISPATCHED, RideState.PICKED_UP])
    return Ambulance.objects.filter(retired_date__isnull=True).exclude(
        pk__in=Ambulance.objects.filter(driving).values("pk")
    )


def ambulance_by_id(pk: int) -> Ambulance | None:
    """An ambulance, or None."""
    return Ambulance.objects.filter(pk=pk).first()


@dataclass(frozen=True)
class CylinderCount:
    """Cylinders one site holds, by state."""

    site: int
    name: str
    full: int
    empty: int
    at_filler: int


def cylinders_by_holder() -> list[CylinderCount]:
    """How many cylinders stand where, the fewest full ones first."""
    rows = (
        Cylinder.objects.exclude(state=CylinderState.LOST)
        .order_by()
        .values("holder", "holder__name")
        .annotate(
            full=Count("pk", filter=Q(state=CylinderState.FULL)),
            empty=Count("pk", filter=Q(state=CylinderState.EMPTY)),
            at_filler=Count("pk", filter=Q(state=CylinderState.AT_FILLER)),
        )
        .order_by("full", "holder__name")
    )
    return [
        CylinderCount(row["holder"], row["holder__name"], row["full"], row["empty"], row["at_filler"])
        for row in rows
    ]


def cylinders_at(site: Site) -> QuerySet[Cylinder]:
    """Cylinders a site holds, by serial."""
    held = Cylinder.objects.filter(holder=site).exclude(state=CylinderState.LOST)
    return held.select_related("owner").order_by("serial")


def refill_rounds() -> QuerySet[RefillRound]:
    """Rounds to the filler, newest first."""
    return RefillRound.objects.select_related("filler").order_by("-date", "-pk")


def refill_lines(round: RefillRound) -> QuerySet[RefillLine]:
    """What each hospital may send on a round, by hospital name."""
    found = RefillLine.objects.filter(round=round).select_related("hospital__site__place", "round__filler")
    return found.order_by("hospital__site__name", "pk")


def refill_line_by_id(pk: int) -> RefillLine | None:
    """A line of a round with hospital and filler, or None."""
    found = RefillLine.objects.select_related("hospital__site__place", "round__filler")
    return found.filter(pk=pk).first()
