"""Pledges, offers and deliveries, and who stands behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import (
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
)

from kolaborasi.aid.errors import PledgeUnknown
from kolaborasi.aid.models import Delivery, Need, Offer, Pledge
from kolaborasi.aid.queries.areas import received_by
from kolaborasi.aid.services.pledges import link_hash
from kolaborasi.aid.states import DeliveryState, PledgeFacts, PledgeStatus, pledge_status
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.people.models import Person
from kolaborasi.people.queries import published_names


def pledges() -> QuerySet[Pledge]:
    """All pledges with what pages show, and `reported`: whether a delivery waits for the recipient."""
    waiting = Delivery.objects.filter(pledge=OuterRef("pk"), state=DeliveryState.REPORTED)
    return Pledge.objects.select_related(
        "need_line__need__place__parent__parent",
        "need_line__need__institution",
        "need_line__item",
        "partner",
        "offer",
    ).annotate(reported=Exists(waiting))


def pledges_for(need: Need) -> QuerySet[Pledge]:
    """Pledges on a need, newest first."""
    return pledges().filter(need_line__need=need).order_by("-pledged_at", "-pk")


def pledge(pk: int) -> Pledge | None:
    """One pledge with what pages show."""
    return pledges().filter(pk=pk).first()


def pledge_by_token(token: str) -> Pledge:
    """The pledge of a secret link.

    Raises:
        PledgeUnknown: no pledge has it.
    """
    found = pledges().filter(link_hash=link_hash(token)).first()
    if found is None:
        raise PledgeUnknown
    return found


def status(pledge: Pledge) -> PledgeStatus:
    """The word for a pledge read by `pledges()`."""
    facts = PledgeFacts(
        state=pledge.state,
        quantity=pledge.quantity,
        delivered=pledge.delivered,
        handed_over=pledge.handed_over_at is not None,
        reported=pledge.reported,  # type: ignore[attr-defined]
    )
    return pledge_status(facts)


def overdue(pledge: Pledge, *, today: date) -> bool:
    """Whether a pledge read by `pledges()` is one that `pledges_overdue` tells its receiving side."""
    standing = pledge.state == CommitmentState.CONFIRMED and not pledge.reported  # type: ignore[attr-defined]
    return standing and pledge.deliver_date < today


def pledges_to(actor: Actor) -> QuerySet[Pledge]:
    """Confirmed promises to the actor's places and institutions, those that wait for a word first, then by day."""
    found = pledges().filter(received_by(actor, "need_line__need__"), confirmed_at__isnull=False)
    return found.order_by(F("reported").desc(), "deliver_date", "pk")


def pledges_overdue(actor: Actor, *, today: date) -> QuerySet[Pledge]:
    """Confirmed promises to the actor's places whose day has passed and that nobody reported; the oldest first."""
    found = (
        pledges()
        .filter(
            received_by(actor, "need_line__need__"),
            state=CommitmentState.CONFIRMED,
            deliver_date__lt=today,
        )
        .exclude(deliveries__state=DeliveryState.REPORTED)
    )
    return found.order_by("deliver_date", "pk")


def pledges_of(person: Person | None, partner_ids: Iterable[int]) -> QuerySet[Pledge]:
    """Promises of a person and of the partners they act for, the newest first."""
    own = Q(partner__in=list(partner_ids))
    if person is not None:
        own |= Q(person=person)
    return pledges().filter(own).order_by("-pledged_at", "-pk")


def open_promises() -> QuerySet[Pledge]:
    """Pledges that are still to be delivered."""
    return pledges().filter(state__in=[CommitmentState.HELD, CommitmentState.CONFIRMED])


def offers_of(person: Person | None, partner_ids: Iterable[int]) -> QuerySet[Offer]:
    """Offers of a person and of the partners they act for, the newest first, each with its pledges."""
    own = Q(partner__in=list(partner_ids))
    if person is not None:
        own |= Q(person=person)
    became = Prefetch("pledges", queryset=pledges().order_by("pk"))
    found = Offer.objects.select_related("item", "place__parent__parent", "partner")
    return found.filter(own).prefetch_related(became).order_by("-registered_at", "-pk")


def deliveries_of(pledge: Pledge) -> QuerySet[Delivery]:
    """Deliveries of a pledge, oldest first."""
    return pledge.deliveries.order_by("pk")


def shown_deliveries(subject: Need) -> QuerySet[Delivery]:
    """What arrived for a need and was acknowledged, the newest first."""
    found = Delivery.objects.filter(pledge__need_line__need=subject, state=DeliveryState.ACKNOWLEDGED)
    return found.select_related("pledge__need_line__item", "pledge__partner").order_by(
        "-acknowledged_at", "-pk"
    )


def delivery(pk: int) -> Delivery | None:
    """One delivery with its pledge, need and place."""
    found = Delivery.objects.select_related(
        "pledge__need_line__need__place", "pledge__need_line__need__institution"
    )
    return found.filter(pk=pk).first()


def deliveries_waiting(actor: Actor, *, before: datetime) -> QuerySet[Delivery]:
    """Deliveries in the actor's area reported before a moment and still without a word of the receiving side."""
    found = Delivery.objects.filter(state=DeliveryState.REPORTED, reported_at__lt=before)
    found = found.filter(received_by(actor, "pledge__need_line__need__"))
    need_path = "pledge__need_line__need"
    return found.select_related(
        f"{need_path}__place__parent__parent",
        f"{need_path}__institution",
        "pledge__need_line__item",
        "pledge__partner",
    ).order_by("reported_at", "pk")


@dataclass(frozen=True)
class Helpers:
    """Who helps a need, as the public may know it.

    Args:
        partners: name and units promised, the largest first.
        names: individuals who wish to be named.
        unnamed: how many individuals do not.
    """

    partners: list[tuple[str, int]]
    names: list[str]
    unnamed: int


def helpers_of(subject: Need) -> Helpers:
    """Who has a confirmed promise on a need; individuals by name only when they asked for it."""
    standing = [CommitmentState.CONFIRMED, CommitmentState.FULFILLED]
    made = Pledge.objects.filter(need_line__need=subject, state__in=standing)
    rows = made.values_list("partner__name", "person_id").annotate(units=Sum("quantity"))
    partners = [(name, units) for name, person_id, units in rows if person_id is None]
    people = {person_id for _name, person_id, _units in rows if person_id is not None}
    wishing = made.filter(named=True, person__isnull=False).values_list("person_id", flat=True).distinct()
    names = published_names(list(wishing)) if people else []
    return Helpers(sorted(partners, key=lambda each: (-each[1], each[0])), names, len(people) - len(names))
