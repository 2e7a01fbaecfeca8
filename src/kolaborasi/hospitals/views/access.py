"""What a request may see and do: referrals, offers, hospitals and people of the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kolaborasi.common import clock
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.models import Hospital, IsolationCase, Placement, Referral
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.people.models import Person
from kolaborasi.people.services import look_for_care
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind

SEEN = ("name", "phone", "address")
"""Identity fields that care needs."""


def actor_of(request: HttpRequest) -> Actor:
    """The one who asks."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def require_role(actor: Actor, *names: str) -> None:
    """Refuse whoever has none of the roles.

    Raises:
        NotPermitted: they have none.
    """
    if not actor.has_role(*names):
        raise NotPermitted


def known_hospital(pk: int) -> Hospital:
    """A hospital.

    Raises:
        NotFound: there is none.
    """
    hospital = queries.hospital_by_id(pk)
    if hospital is None:
        raise NotFound(_("There is no such hospital. Look for it in the list of the network."))
    return hospital


def works_at(actor: Actor, hospital: Hospital, verb: str = "report_beds") -> bool:
    """Whether the actor may do the verb for a hospital: its people, and coordinators of its place."""
    site = hospital.site
    return TABLE.allows(actor, verb, place_code=site.place.code, partner_id=site.partner_id)


def own_hospital(request: HttpRequest, pk: int) -> Hospital:
    """A hospital the actor works at or coordinates.

    Raises:
        NotFound: there is none.
        NotPermitted: it is somebody else's.
    """
    hospital = known_hospital(pk)
    if not works_at(actor_of(request), hospital):
        raise NotPermitted
    return hospital


def seen_referral(request: HttpRequest, pk: int) -> Referral:
    """A referral the actor is at an end of, or coordinates.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    referral = queries.referral_by_id(pk)
    if referral is None or not queries.may_see(referral, actor_of(request)):
        raise NotFound(_("There is no such referral among those you may see."))
    return referral


def seen_offer(request: HttpRequest, pk: int) -> Placement:
    """An offer to a hospital the actor works at, or of a patient they coordinate.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    placement = queries.placement_by_id(pk)
    if placement is None or not may_answer(actor_of(request), placement):
        raise NotFound(_("There is no such offer among those you may answer."))
    return placement


def may_answer(actor: Actor, placement: Placement) -> bool:
    """Whether the actor may answer an offer: the hospital's people, a coordinator of either place."""
    if TABLE.allows(actor, "accept", place_code=placement.referral.place.code):
        return True
    return works_at(actor, placement.pool.hospital, "accept")


def seen_case(request: HttpRequest, pk: int) -> IsolationCase:
    """An isolation on a list of the actor.

    Raises:
        NotFound: there is none, or it is on somebody else's list, which is not told apart.
    """
    case = queries.isolation_by_id(pk)
    if case is None or not TABLE.allows(
        actor_of(request), "follow_up", place_code=case.place.code, partner_id=case.puskesmas.partner_id
    ):
        raise NotFound(_("There is no such person on your list."))
    return case


def kelurahan() -> Sequence[Place]:
    """All kelurahan by name, with their kecamatan."""
    return list(places_of_kind(Kind.KELURAHAN).select_related("parent").order_by("name", "code"))


def show_identity(request: HttpRequest, person: Person, *, back_url: str, title: Any) -> HttpResponse:
    """Name and contact of a patient on a page of its own; the look is on record.

    The caller has asked whether the actor cares for this person.
    """
    known = look_for_care(person=person, fields=SEEN, by=actor_of(request), now=clock.utc_now())
    context = {"title": title, "known": known, "person": person, "back_url": back_url}
    return render(request, "hospitals/identity.html", context)


def back_to(request: HttpRequest, referral: Referral) -> str:
    """Where an act on a referral leads: the hospital's own page it was pressed on, or the referral's."""
    desk = request.GET.get("desk", "")
    if desk.isascii() and desk.isdigit() and len(desk) < 12:
        return reverse("hospitals:desk", args=[int(desk)])
    return reverse("hospitals:referral", args=[referral.pk])
