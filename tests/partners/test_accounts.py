"""Sign up, confirm, sign in, second factor, password reset, throttling: through the account library's own pages."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.messages.rendering import render
from kolaborasi.partners.accounts import MfaAdapter
from kolaborasi.people import queries, services
from kolaborasi.people.models import Person, User
from tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
PASSWORD = "Kampung-Aman-21"
EMAIL = "warga@contoh.example"


@pytest.fixture(autouse=True)
def _fresh_counts(client: Client) -> None:
    cache.clear()
    client.cookies["django_language"] = "en"


def sign_up(client: Client, email: str = EMAIL) -> None:
    response = client.post(
        reverse("account_signup"), {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    )
    assert response.status_code == 302, response.content.decode()[:2000]


def link_in_last_mail() -> str:
    body = render(Message.objects.latest("id")).body
    found = re.search(r"http://127\.0\.0\.1:8000(/accounts/\S+)", body)
    assert found, body
    return found[1]


def confirmed_account(client: Client) -> User:
    sign_up(client)
    client.post(link_in_last_mail())
    client.post(reverse("account_logout"))
    return User.objects.get(email=EMAIL)


def sign_in(client: Client, password: str = PASSWORD, email: str = EMAIL):  # type: ignore[no-untyped-def]
    return client.post(reverse("account_login"), {"login": email, "password": password})


def code_of(secret: str, step: int = 0) -> str:
    counter = next(iter(yield_hotp_counters_from_time())) + step
    return format_hotp_value(hotp_value(secret, counter))


def set_up_authenticator(client: Client) -> str:
    """Through the library's pages: password again, then the first code; returns the secret."""
    asked = client.get(reverse("mfa_activate_totp"))["Location"]
    assert asked.startswith(reverse("account_reauthenticate"))
    assert client.post(asked, {"password": PASSWORD})["Location"] == reverse("mfa_activate_totp")
    secret = str(client.get(reverse("mfa_activate_totp")).context["form"].secret)
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.status_code == 302, response.content.decode()[:1500]
    return secret


def test_sign_up_sends_a_link_without_storing_the_address_in_the_message(client: Client) -> None:
    sign_up(client, "Warga@Contoh.example")
    message = Message.objects.get()
    assert message.template == "account_confirm_email"
    assert queries.address_of(message.recipient, "email") == EMAIL
    assert "contoh" not in str(message.context)
    user = User.objects.get()
    assert (user.email, user.person, user.is_active) == (EMAIL, None, True)


def test_account_cannot_sign_in_before_its_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    client.post(reverse("account_logout"))
    assert sign_in(client)["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session


def test_confirmed_account_has_one_person_whose_contact_is_confirmed(client: Client) -> None:
    user = confirmed_account(client)
    assert user.person is not None
    assert Person.objects.count() == 1
    assert queries.is_confirmed(user.person.pk, "email")
    assert EmailAddress.objects.get().verified
    assert sign_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_second_sign_up_with_an_address_looks_the_same_and_tells_the_owner(client: Client) -> None:
    confirmed_account(client)
    cache.clear()
    sign_up(Client())
    assert User.objects.count() == 1
    assert Message.objects.latest("id").template == "account_exists"


def test_password_is_reset_through_the_mail(client: Client) -> None:
    user = confirmed_account(client)
    client.post(reverse("account_reset_password"), {"email": EMAIL})
    assert Message.objects.latest("id").template == "account_reset_password"
    form = client.get(link_in_last_mail(), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "Warga-Baru-2021", "password2": "Warga-Baru-2021"})
    user.refresh_from_db()
    assert user.check_password("Warga-Baru-2021")


def test_unknown_address_gets_no_mail_and_makes_no_person(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "tiada@contoh.example"})
    assert not Message.objects.exists()
    assert not Person.objects.exists()


def test_changed_address_is_mailed_and_becomes_the_persons(client: Client) -> None:
    user = confirmed_account(client)
    sign_in(client)
    response = client.post(reverse("account_email"), {"action_add": "", "email": "baru@contoh.example"})
    assert response.status_code == 302, response.content.decode()[:1500]
    message = Message.objects.latest("id")
    assert queries.address_of(message.recipient, "email") == "baru@contoh.example"
    client.post(link_in_last_mail())
    user.refresh_from_db()
    assert user.email == "baru@contoh.example"
    assert user.person is not None
    assert queries.address_of(user.person.pk, "email") == "baru@contoh.example"
    assert queries.is_confirmed(user.person.pk, "email")


def test_sixth_wrong_password_is_throttled_and_so_is_the_right_one_after_it(client: Client) -> None:
    confirmed_account(client)
    for _try in range(5):
        assert "not correct" in sign_in(client, "salah-salah").content.decode()
    assert "Too many failed" in sign_in(client, "salah-salah").content.decode()
    assert "Too many failed" in sign_in(client).content.decode()
    assert "_auth_user_id" not in client.session


def test_sign_in_from_one_address_is_limited_over_all_accounts(client: Client) -> None:
    answers = [sign_in(client, "salah-salah", f"warga{number}@contoh.example") for number in range(11)]
    assert ["Too many failed" in answer.content.decode() for answer in answers] == [False] * 10 + [True]


def test_erased_person_is_signed_out_at_once(client: Client) -> None:
    user = confirmed_account(client)
    sign_in(client)
    assert client.get("/partners/apply/").status_code == 200
    assert user.person is not None
    services.erase(person=user.person, by=Actor.user(user.pk), now=utc_now())
    assert client.get("/partners/apply/")["Location"].startswith(reverse("account_login"))
    assert "not correct" in sign_in(client).content.decode()


def test_authenticator_is_set_up_sealed_and_asked_for_at_the_next_sign_in(client: Client) -> None:
    user = confirmed_account(client)
    MembershipFactory(user=user, partner=PartnerFactory(kind="government"), role="coordinator")
    sign_in(client)
    assert client.get("/partners/")["Location"].startswith(reverse("mfa_index"))
    secret = set_up_authenticator(client)
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored
    assert MfaAdapter().decrypt(stored) == secret
    # A session opened with a password alone stays one until the factor is given in it.
    assert client.get("/partners/")["Location"].startswith(reverse("mfa_reauthenticate"))
    client.post(reverse("account_logout"))

    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get("/partners/apply/").status_code == 302
    wrong = f"{(int(code_of(secret)) + 1) % 10**6:06d}"
    assert client.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert "_auth_user_id" not in client.session
    cache.clear()
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/partners/").status_code == 200


def test_recovery_codes_come_with_the_authenticator(client: Client) -> None:
    user = confirmed_account(client)
    sign_in(client)
    set_up_authenticator(client)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    assert codes[0] not in str(Authenticator.objects.get(user=user, type="recovery_codes").data)
    client.post(reverse("account_logout"))
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert client.session["_auth_user_id"] == str(user.pk)
    unused = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    assert unused == codes[1:]


def test_staff_cannot_take_their_last_authenticator_away(client: Client) -> None:
    user = confirmed_account(client)
    MembershipFactory(user=user, role="partner_admin")
    authenticator = TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").instance
    assert not MfaAdapter().can_delete_authenticator(authenticator)
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    assert MfaAdapter().can_delete_authenticator(authenticator)


def test_short_and_common_passwords_are_refused(client: Client) -> None:
    for password in ("pendek", "password1234567"[:10], "1234567890123"):
        response = client.post(
            reverse("account_signup"), {"email": EMAIL, "password1": password, "password2": password}
        )
        assert response.status_code == 200
    assert not User.objects.exists()
