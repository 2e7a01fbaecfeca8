"""Where an actor may act, and for whom."""

from __future__ import annotations

from django.db.models import (
    Q,
    QuerySet,
)
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models import Need, Pledge
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound
from kolaborasi.partners.models import Partner, Site
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Figure, Place, PlaceKind

KELURAHAN_CODE_LENGTH = 13


def within(found: QuerySet[Need], place_code: str) -> QuerySet[Need]:
    """Those of the needs in a place or below it."""
    below = Q(place__code__startswith=f"{place_code}.") | Q(place__code__startswith=f"{place_code}/")
    return found.filter(Q(place__code=place_code) | below)


def within_roles(found: QuerySet[Need], actor: Actor, *roles: str) -> QuerySet[Need]:
    """Those of the needs that lie in the area of a role of the actor."""
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name in roles:
            code = role.place_code
            below = (
                Q(place__code=code)
                | Q(place__code__startswith=f"{code}.")
                | Q(place__code__startswith=f"{code}/")
            )
            if not code:
                return found
            reach |= below
    return found.filter(reach)


def below(place_code: str, path: str = "place") -> Q:
    """Condition: the place at `path` is this one or lies in it."""
    return (
        Q(**{f"{path}__code": place_code})
        | Q(**{f"{path}__code__startswith": f"{place_code}."})
        | Q(**{f"{path}__code__startswith": f"{place_code}/"})
    )


def below_or_everywhere(place_code: str | None) -> Q:
    """Condition on places: in the area, or anywhere without one."""
    if not place_code:
        return ~Q(pk__in=[])
    return Q(code=place_code) | Q(code__startswith=f"{place_code}.") | Q(code__startswith=f"{place_code}/")


def received_by(actor: Actor, path: str = "") -> Q:
    """Condition: the need at `path` is one whose receiving side the actor is, as `permissions` says it."""
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name in ("rw_head", "verifier", "coordinator"):
            if not role.place_code:
                return ~Q(pk__in=[])
            reach |= below(role.place_code, f"{path}place")
        elif role.name in ("partner_admin", "partner_member") and role.partner_id:
            reach |= Q(**{f"{path}institution__partner_id": role.partner_id})
    return reach


def _partner_ids(actor: Actor) -> list[int]:
    names = ("partner_admin", "partner_member")
    return [role.partner_id for role in actor.roles if role.name in names and role.partner_id]


def partners_of(actor: Actor) -> list[Partner]:
    """Partners the actor may promise for, by name."""
    ids = _partner_ids(actor)
    return list(Partner.objects.filter(pk__in=ids).order_by("name", "pk")) if ids else []


def institutions_of(actor: Actor) -> list[Site]:
    """Open sites of the actor's partners, which may register needs of their own."""
    ids = _partner_ids(actor)
    found = Site.objects.filter(partner__in=ids, closed_date__isnull=True).select_related("place")
    return list(found.order_by("name", "pk")) if ids else []


def places_of(actor: Actor) -> list[Place]:
    """Where the actor may register needs: an RW head's own places, the kelurahan of a verifier or coordinator."""
    own, areas = [], Q(pk__in=[])
    for role in actor.roles:
        if role.name == "rw_head" and role.place_code:
            own.append(role.place_code)
        elif role.name in ("verifier", "coordinator"):
            areas |= below_or_everywhere(role.place_code) & Q(kind=PlaceKind.KELURAHAN)
    found = Place.objects.filter(Q(code__in=own) | areas).select_related("parent__parent")
    return list(found.order_by("name", "code")) if actor.roles else []


def place(code: str) -> Place | None:
    """The place of a code of ours, with the one above it."""
    return Place.objects.select_related("parent").filter(code=code).first()


def population_of(place: Place) -> int | None:
    """People who live in a place by the latest figure; of an RW, those of its kelurahan."""
    owner = place.parent if place.kind == PlaceKind.RW else place
    figure = Figure.objects.filter(place=owner, series="population.total").order_by("-date").first()
    return figure.value if figure else None


def person_of(user_id: int | None) -> Person | None:
    """The person of an account."""
    account = User.objects.select_related("person").filter(pk=user_id).first() if user_id else None
    return account.person if account else None


def account(email: str) -> User:
    """The account of an e-mail address.

    Raises:
        NotFound: there is none, or it is closed.
    """
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise NotFound(_("No account has this e-mail address."))
    return found


def owns(actor: Actor, pledge: Pledge) -> bool:
    """Whether a pledge is the actor's own or that of a partner they act for."""
    if pledge.partner_id is not None:
        return pledge.partner_id in _partner_ids(actor)
    person = person_of(actor.user_id)
    return person is not None and pledge.person_id == person.pk
