"""Staff have no staff role, no page and no API before their second factor; demo mode asks for none."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from kolaborasi.common.actors import Role
from kolaborasi.partners.middleware import ActorMiddleware, standing_of
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import User
from tests.factories import MembershipFactory, PartnerFactory, UserFactory
from tests.partners.conftest import sign_in

pytestmark = pytest.mark.django_db


def with_role(role: str) -> User:
    kind = "government" if role in {"coordinator", "verifier", "auditor"} else "community"
    user: User = MembershipFactory(partner=PartnerFactory(kind=kind), role=role).user
    return user


@pytest.mark.parametrize("role", ["coordinator", "verifier", "auditor", "partner_admin", "courier"])
def test_staff_are_sent_to_set_up_before_any_page(client: Client, role: str) -> None:
    user = with_role(role)
    response = sign_in(client, user, second_factor=False).get("/partners/?q=a")
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('mfa_index')}?next=%2Fpartners%2F%3Fq%3Da"


@pytest.mark.parametrize("role", ["coordinator", "partner_admin"])
@pytest.mark.parametrize("address", ["/api/v1/partners", "/api/v1/aid/needs", "/api/v1/openapi.json"])
def test_staff_are_refused_by_the_api_before_their_second_factor(
    client: Client, role: str, address: str
) -> None:
    user = with_role(role)
    response = sign_in(client, user, second_factor=False).get(address)
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "second-factor-needed"
    assert sign_in(client, user).get(address).status_code == 200


def test_member_without_staff_role_needs_none(client: Client) -> None:
    assert (
        sign_in(client, with_role("partner_member"), second_factor=False).get("/partners/").status_code == 200
    )


def test_staff_with_second_factor_pass(client: Client) -> None:
    assert sign_in(client, with_role("coordinator")).get("/partners/").status_code == 200


def test_demo_mode_asks_for_none(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert sign_in(client, with_role("coordinator"), second_factor=False).get("/partners/").status_code == 200


def test_staff_verb_before_second_factor_changes_nothing(client: Client) -> None:
    target = PartnerFactory()
    sign_in(client, with_role("coordinator"), second_factor=False)
    response = client.post(f"/partners/{target.pk}/freeze/", {"reason": "safety"})
    assert (response.status_code, response["Location"]) == (302, reverse("mfa_index"))
    assert Partner.objects.get(pk=target.pk).state == "active"


def test_account_pages_and_sign_out_are_reached_before(client: Client) -> None:
    sign_in(client, with_role("coordinator"), second_factor=False)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.post(reverse("set_language"), {"language": "id"}).status_code == 302


def test_actor_before_second_factor_keeps_only_roles_that_need_none(
    rf: RequestFactory, client: Client
) -> None:
    user = with_role("coordinator")
    member = MembershipFactory(user=user, role="partner_member")
    request = rf.get("/")
    request.user, request.session = user, sign_in(client, user, second_factor=False).session
    standing = standing_of(request)
    assert standing.actor.roles == (Role("partner_member", member.partner_id),)
    assert standing.lacks_factor


def test_records_of_another_account_do_not_count(rf: RequestFactory, client: Client) -> None:
    user, other = with_role("coordinator"), UserFactory()
    request = rf.get("/")
    request.user, request.session = user, sign_in(client, other).session
    assert standing_of(request).lacks_factor


def test_visitor_costs_no_statement(rf: RequestFactory, django_assert_num_queries: object) -> None:
    seen = []
    middleware = ActorMiddleware(lambda request: seen.append(request.actor.reference))  # type: ignore[arg-type, func-returns-value, return-value]
    request = rf.get("/")
    request.user = type("Nobody", (), {"is_authenticated": False})()
    with django_assert_num_queries(0):  # type: ignore[operator]
        middleware(request)
    assert seen == ["visitor:public"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Authenticator.Type.TOTP, "mfa_reauthenticate"),
        (Authenticator.Type.WEBAUTHN, "mfa_reauthenticate_webauthn"),
    ],
)
def test_staff_who_have_a_factor_are_asked_for_it(client: Client, kind: str, name: str) -> None:
    user = with_role("verifier")
    if kind == Authenticator.Type.TOTP:
        TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    else:
        Authenticator.objects.create(user=user, type=kind, data={})
    response = sign_in(client, user, second_factor=False).get("/partners/")
    assert response["Location"].partition("?")[0] == reverse(name)
