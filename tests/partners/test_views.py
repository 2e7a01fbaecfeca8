"""Pages of partners, as a visitor, an administrator and a coordinator meet them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from kolaborasi.audit.models import AuditEntry
from kolaborasi.partners.models import Membership, Partner
from kolaborasi.people.models import User
from tests.factories import MembershipFactory, PartnerFactory, SiteFactory, UserFactory
from tests.partners.conftest import sign_in

pytestmark = pytest.mark.django_db


def coordinator() -> User:
    user: User = MembershipFactory(
        partner=PartnerFactory(name="Kota", kind="government"), role="coordinator"
    ).user
    return user


def keyed(**values: str) -> dict[str, str]:
    return {"idempotency_key": str(uuid4()), **values}


@pytest.fixture(autouse=True)
def _in_english(client: Client) -> None:
    client.cookies["django_language"] = "en"


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_and_three_partners(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        SiteFactory()
    with django_assert_num_queries(2):
        response = client.get("/partners/")
    assert response.content.decode().count("Komunitas Contoh") >= rows


def test_list_is_searched_filtered_and_exported(client: Client) -> None:
    PartnerFactory(name="Lab Kampus", kind="campus")
    PartnerFactory(name="Dapur Umum")
    assert "Dapur Umum" not in client.get("/partners/?q=kampus").content.decode()
    assert "Lab Kampus" not in client.get("/partners/?kind=community").content.decode()
    lines = b"".join(client.get("/partners/?format=csv")).decode().splitlines()
    assert lines[1:] == ["Dapur Umum,community,,0,active", "Lab Kampus,campus,,0,active"]


def test_application_is_seen_by_coordinators_and_its_applicant_alone(client: Client) -> None:
    waiting = PartnerFactory(state="applied", activated_at=None, name="Pelamar Contoh")
    applicant = MembershipFactory(partner=waiting, role="partner_admin").user
    assert client.get(f"/partners/{waiting.pk}/").status_code == 404
    assert "Pelamar" not in client.get("/partners/").content.decode()
    assert sign_in(client, UserFactory()).get(f"/partners/{waiting.pk}/").status_code == 404
    assert sign_in(client, applicant).get(f"/partners/{waiting.pk}/").status_code == 200
    page = sign_in(client, coordinator()).get(f"/partners/{waiting.pk}/").content.decode()
    assert f"/partners/{waiting.pk}/activate/" in page
    assert "Pelamar" in client.get("/partners/").content.decode()


def test_visitor_who_applies_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/partners/apply/")["Location"] == "/accounts/login/?next=/partners/apply/"


def test_application_sent_twice_makes_one_partner(client: Client) -> None:
    user = UserFactory()
    sign_in(client, user)
    sent = keyed(name="Komunitas Baru", kind="community")
    answers = [client.post("/partners/apply/", sent) for _turn in range(2)]
    partner = Partner.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/partners/{partner.pk}/"}
    assert Membership.objects.get().user == user
    assert "with the city" in client.get(f"/partners/{partner.pk}/").content.decode()


def test_application_with_an_unknown_area_keeps_what_was_typed(client: Client) -> None:
    sign_in(client, UserFactory())
    response = client.post("/partners/apply/", keyed(name="Komunitas Baru", kind="community", place="99.99"))
    assert response.status_code == 422
    assert "Komunitas Baru" in response.content.decode()
    assert not Partner.objects.exists()


def test_government_bodies_do_not_apply(client: Client) -> None:
    sign_in(client, UserFactory())
    response = client.post("/partners/apply/", keyed(name="Dinas Palsu", kind="government"))
    assert response.status_code == 422
    assert not Partner.objects.exists()


def test_coordinator_freezes_and_unfreezes_with_a_reason(client: Client) -> None:
    target = PartnerFactory()
    sign_in(client, coordinator())
    assert client.post(f"/partners/{target.pk}/freeze/", keyed()).status_code == 422
    assert Partner.objects.get(pk=target.pk).state == "active"
    client.post(f"/partners/{target.pk}/freeze/", keyed(reason="licence-revoked", reference="133/2022"))
    frozen = Partner.objects.get(pk=target.pk)
    assert (frozen.state, frozen.reason, frozen.reference) == ("frozen", "licence-revoked", "133/2022")
    assert "133/2022" in client.get(f"/partners/{target.pk}/").content.decode()
    assert "133/2022" not in Client().get(f"/partners/{target.pk}/").content.decode()
    client.post(f"/partners/{target.pk}/unfreeze/", keyed(reason="resolved"))
    assert Partner.objects.get(pk=target.pk).state == "active"


def test_reference_that_is_no_number_is_refused_in_the_form(client: Client) -> None:
    target = PartnerFactory()
    sent = keyed(reason="complaint", reference="menurut Bapak Contoh")
    response = sign_in(client, coordinator()).post(f"/partners/{target.pk}/freeze/", sent)
    assert response.status_code == 422
    assert "133/HUK/2022" in response.content.decode()
    assert Partner.objects.get(pk=target.pk).state == "active"


def test_freezing_what_is_frozen_says_so(client: Client) -> None:
    target = PartnerFactory(state="frozen", reason="safety")
    response = sign_in(client, coordinator()).post(f"/partners/{target.pk}/freeze/", keyed(reason="safety"))
    assert response.status_code == 422
    assert "no longer possible" in response.content.decode()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("event", ["freeze", "unfreeze", "activate", "decline", "pause", "leave"])
def test_step_is_refused_to_a_stranger_on_get_and_post(client: Client, event: str) -> None:
    target = PartnerFactory()
    sign_in(client, UserFactory())
    for response in (
        client.get(f"/partners/{target.pk}/{event}/"),
        client.post(f"/partners/{target.pk}/{event}/", keyed(reason="safety")),
    ):
        assert response.status_code == 403
    assert Partner.objects.get(pk=target.pk).state == "active"


def test_administrator_pauses_their_partner_and_sees_no_freeze(client: Client) -> None:
    membership = MembershipFactory(role="partner_admin")
    page = f"/partners/{membership.partner_id}/"
    content = sign_in(client, membership.user).get(page).content.decode()
    assert f"{page}pause/" in content
    assert f"{page}freeze/" not in content
    client.post(f"{page}pause/", keyed())
    assert Partner.objects.get(pk=membership.partner_id).state == "paused"


def test_administrator_gives_and_ends_a_role(client: Client) -> None:
    membership = MembershipFactory(role="partner_admin")
    colleague = UserFactory(email="rekan@contoh.example")
    page = f"/partners/{membership.partner_id}/"
    sign_in(client, membership.user)
    client.post(f"{page}roles/new/", keyed(email="Rekan@contoh.example", role="partner_member"))
    made = Membership.objects.get(user=colleague)
    content = client.get(page).content.decode()
    assert "r…@contoh.example" in content
    assert "rekan@contoh.example" not in content
    client.post(f"/partners/memberships/{made.pk}/end/", keyed())
    made.refresh_from_db()
    assert made.ends_date == localdate()


def test_administrator_cannot_give_a_role_of_the_city(client: Client) -> None:
    membership = MembershipFactory(role="partner_admin")
    UserFactory(email="rekan@contoh.example")
    page = f"/partners/{membership.partner_id}/"
    sign_in(client, membership.user)
    tried = keyed(email="rekan@contoh.example", role="coordinator")
    assert client.post(f"{page}roles/new/", tried).status_code == 422
    assert client.post(f"{page}roles/official/new/", tried).status_code == 403
    assert Membership.objects.count() == 1


def test_members_are_not_shown_to_the_public(client: Client) -> None:
    membership = MembershipFactory()
    content = client.get(f"/partners/{membership.partner_id}/").content.decode()
    assert "contoh.example" not in content
    assert "People and roles" not in content


def test_permissions_page_lists_every_verb_of_every_table(client: Client) -> None:
    content = client.get("/partners/permissions/").content.decode()
    assert "coordinator (in place)" in content
    assert "partner_admin (of partner)" in content
    assert "<code>freeze</code>" in content


def test_partner_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/partners/4711/").status_code == 404
