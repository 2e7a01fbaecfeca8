"""Hooks of the account library: mail through the outbox, a person for each account, sealed authenticators."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.services import enqueue
from kolaborasi.partners.queries import actor_of
from kolaborasi.partners.second_factor import FACTORS, is_staff_role
from kolaborasi.people import queries, services, vault
from kolaborasi.people.models import User

ACCOUNTS = Actor.system("accounts")
AUTHENTICATOR = "authenticator"
MAILS = {
    "account/email/email_confirmation": ("account_confirm_email", "activate_url"),
    "account/email/email_confirmation_signup": ("account_confirm_email", "activate_url"),
    "account/email/password_reset_key": ("account_reset_password", "password_reset_url"),
    "account/email/account_already_exists": ("account_exists", "password_reset_url"),
}
"""The library's mails: our template and the link it carries."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is untyped
    """Accounts by e-mail, every one with its person."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a new account; of two sign-ups at the same moment the second is sent to sign in."""
        user.joined_at = utc_now()
        form.cleaned_data["email"] = form.cleaned_data["email"].lower()
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit)
        except IntegrityError as error:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login"))) from error
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address; the account's person has it from now on, as a confirmed contact."""
        with transaction.atomic():
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed:
                _settle(email_address.user, email_address.email)
        return confirmed

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put a mail of the library in the outbox, addressed to a person; links begin with the city's own address."""
        template, link = MAILS[template_prefix]
        now = utc_now()
        with transaction.atomic():
            path = urlsplit(context[link]).path
            enqueue(template=template, recipient=_correspondent(email), context={"path": path}, now=now)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library is untyped
    """Authenticators are sealed at rest, and staff keep at least one."""

    def encrypt(self, text: str) -> str:
        """Seal an authenticator's secret with the platform key."""
        return vault.seal_secret(text, AUTHENTICATOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Open an authenticator's secret."""
        return vault.open_secret(encrypted_text, AUTHENTICATOR)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether it may go: not the last one of somebody whose role needs it."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(
            pk=authenticator.pk
        )
        is_staff = any(is_staff_role(role) for role in actor_of(authenticator.user).roles)
        return not is_staff or others.exists()


def _correspondent(email: str) -> UUID:
    """A person who has this address, registered with nothing else when there is none."""
    known = queries.find_by_email(email)
    if known:
        return known[0]
    return services.register(identity=services.Identity(email=email), by=ACCOUNTS, now=utc_now()).pk


def _settle(user: User, email: str) -> None:
    now = utc_now()
    person = services.register_account(account=user, by=ACCOUNTS, now=now)
    if person.pk not in queries.find_by_email(email):
        services.correct(person=person, changes={"email": email}, by=ACCOUNTS, now=now)
    services.vouch_for_contact(person=person, channel="email", by=ACCOUNTS, now=now)
