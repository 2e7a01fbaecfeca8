"""The second factor that staff roles need."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from kolaborasi.common.actors import Actor, Role
from kolaborasi.partners.states import STAFF_ROLES
from kolaborasi.people.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_staff_role(role: Role) -> bool:
    """Whether a role needs a second factor."""
    return role.name in STAFF_ROLES


def was_given(request: HttpRequest, user: User) -> bool:
    """Whether this session was opened, or confirmed later, with a second factor. Demo mode asks for none."""
    return settings.DEMO or any(
        entry["method"] == "mfa" for entry in get_authentication_records(request, user)
    )


def without_staff_roles(actor: Actor) -> Actor:
    """The actor with the roles that need no second factor."""
    return Actor(actor.kind, actor.id, tuple(role for role in actor.roles if not is_staff_role(role)))


def next_step(user: User) -> str:
    """Address where a user gives the second factor they have, or sets one up."""
    kinds = set(Authenticator.objects.filter(user=user, type__in=FACTORS).values_list("type", flat=True))
    if Authenticator.Type.TOTP in kinds:
        return reverse("mfa_reauthenticate")
    if Authenticator.Type.WEBAUTHN in kinds:
        return reverse("mfa_reauthenticate_webauthn")
    return reverse("mfa_index")
