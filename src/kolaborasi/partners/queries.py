"""Questions about partners and the people who act for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.partners.models import Membership, Partner, Site
from kolaborasi.partners.states import ROLES_COUNT, PartnerState
from kolaborasi.people.models import User


def actor_of(user: User, now: datetime | None = None) -> Actor:
    """The actor of an account, with the roles its memberships give at this moment; one statement.

    A role counts from its first day to its last, and only in the states of the partner that `ROLES_COUNT` names.

    Args:
        now: the moment; the present when absent (for the edges).
    """
    if not user.is_active:
        return Actor.user(user.pk)
    with connection.cursor() as cursor:
        cursor.execute(roles_statement("%s"), [user.pk, *roles_values(now or utc_now())])
        return actor_with(user.pk, cursor.fetchall())


def actor_with(user_id: int, rows: Iterable[tuple[str, int, str | None]]) -> Actor:
    """The actor of an account from the rows of `roles_statement`."""
    return Actor.user(user_id, tuple(Role(name, partner_id, code) for name, partner_id, code in rows))


def roles_statement(user: str) -> str:
    """The SELECT of the roles that count (role, partner, code of the place), for use inside another statement too.

    Args:
        user: the account in SQL: a column of the statement around, or a placeholder; `roles_values` are the rest.
    """
    return _ROLES.format(user=user)


def roles_values(now: datetime) -> list[Any]:
    """Values of `roles_statement` after the account's."""
    today = localdate(now)
    return [today, today, *_counting_roles()]


# Asked in every request of somebody who is signed in, where the ORM takes several times as long as the database.
_ROLES = """
SELECT membership.role, membership.partner_id, place.code
FROM partners_membership membership
JOIN partners_partner partner ON partner.id = membership.partner_id
LEFT JOIN places_place place ON place.id = membership.place_id
WHERE membership.user_id = {user} AND membership.starts_date <= %s
  AND (membership.ends_date IS NULL OR membership.ends_date > %s)
  AND (partner.state, membership.role) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
ORDER BY membership.id
"""


@cache
def _counting_roles() -> tuple[list[str], list[str]]:
    """Every pair of state and role that counts, as two lists."""
    pairs = [(str(state), str(role)) for state, roles in ROLES_COUNT.items() for role in sorted(roles)]
    return [state for state, _role in pairs], [role for _state, role in pairs]


def partners() -> QuerySet[Partner]:
    """Partners the public may see: those that were activated once; with place and number of sites."""
    return with_sites(Partner.objects.filter(activated_at__isnull=False))


def all_partners() -> QuerySet[Partner]:
    """Every partner, for coordinators."""
    return with_sites(Partner.objects.all())


def with_sites(rows: QuerySet[Partner]) -> QuerySet[Partner]:
    """Partners with place and the number of open sites as `site_count`."""
    open_sites = Count("sites", filter=Q(sites__closed_date__isnull=True))
    return rows.select_related("place").annotate(site_count=open_sites).order_by("name", "pk")


def open_sites(partner: Partner) -> QuerySet[Site]:
    """Sites of a partner that are in use, with their places."""
    return Site.objects.filter(partner=partner, closed_date__isnull=True).select_related("place")


def memberships_of(partner: Partner, now: datetime) -> QuerySet[Membership]:
    """Current memberships of a partner, with accounts and places; for its administrators and coordinators."""
    today = localdate(now)
    return (
        Membership.objects.filter(Q(ends_date__isnull=True) | Q(ends_date__gt=today), partner=partner)
        .filter(starts_date__lte=today)
        .select_related("user", "place")
    )


def partner_by_id(pk: int) -> Partner | None:
    """A partner with its place, or None."""
    return Partner.objects.select_related("place").filter(pk=pk).first()


def account_by_email(email: str) -> User:
    """The account that signs in with an address.

    Raises:
        NotFound: there is none, or it is closed.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise NotFound(_("No account has this e-mail address. Ask the person to open one first."))
    return user


def membership_by_id(pk: int) -> Membership:
    """A membership with its partner and places.

    Raises:
        NotFound: there is none.
    """
    rows = Membership.objects.select_related("partner__place", "place")
    membership = rows.filter(pk=pk).first()
    if membership is None:
        raise NotFound(_("There is no such role. Load the page of the partner again."))
    return membership


def is_member(actor: Actor, partner: Partner) -> bool:
    """Whether the actor has an open membership of the partner, whatever the partner's state."""
    if actor.user_id is None:
        return False
    return Membership.objects.filter(user_id=actor.user_id, partner=partner, ends_date__isnull=True).exists()


def is_active(partner_id: int) -> bool:
    """Whether the partner takes new commitments, as it was read; verbs ask `services.require_active` instead."""
    return Partner.objects.filter(pk=partner_id, state=PartnerState.ACTIVE).exists()
