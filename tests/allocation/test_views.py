"""Pages of plans, as the public, an auditor and a coordinator meet them."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import now as present
from pytest_django import DjangoAssertNumQueries

from kolaborasi.aid.models import Pledge
from kolaborasi.allocation import queries, services
from kolaborasi.allocation.models import Proposal
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner
from tests.factories import MembershipFactory, NeedLineFactory, OfferFactory, PartnerFactory
from tests.partners.conftest import sign_in

pytestmark = pytest.mark.django_db


def proposed(places: int = 3) -> Proposal:
    for _ in range(places):
        line = NeedLineFactory(reported=20)
        OfferFactory(reported=20, place=line.need.place)
    return services.propose(by=Actor.system("test"), now=present())


def enter(client: Client, role: str) -> Client:
    return sign_in(client, MembershipFactory(partner=PartnerFactory(kind="government"), role=role).user)


def test_plans_are_for_coordinators_verifiers_and_auditors(client: Client) -> None:
    found = proposed()
    for address in ("/posko/plans/", f"/posko/plans/{found.pk}/"):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
        assert enter(Client(), "partner_member").get(address).status_code == 403
    for role in ("verifier", "auditor", "coordinator"):
        page = enter(Client(), role).get(f"/posko/plans/{found.pk}/")
        assert page.status_code == 200
        assert ("Approve all 3 lines" in page.content.decode()) == (role == "coordinator")


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_auditor_cannot_decide(client: Client, act: str) -> None:
    found = proposed()
    enter(client, "auditor")
    assert client.post(f"/posko/plans/{found.pk}/{act}/?all=1").status_code == 403
    assert client.post("/posko/plans/new/", {"idempotency_key": str(uuid4())}).status_code == 403
    assert [line.state for line in queries.lines_of(found)] == ["proposed"] * 3
    assert Proposal.objects.count() == 1


def test_coordinator_approves_ticked_lines_after_a_question(client: Client) -> None:
    found = proposed()
    first, second, _third = queries.open_lines_of(found)
    enter(client, "coordinator")
    address = f"/posko/plans/{found.pk}/approve/?line={first.pk}&line={second.pk}"
    assert "Approve 2 lines?" in client.get(address).content.decode()
    assert Pledge.objects.count() == 0
    page = client.post(address, follow=True)
    assert page.redirect_chain == [(f"/posko/plans/{found.pk}/", 302)]
    assert "2 lines are promises now." in page.content.decode()
    assert Pledge.objects.count() == 2


def test_approving_shows_what_was_refused_and_why(client: Client) -> None:
    found = proposed()
    line = queries.lines_of(found)[0]
    Partner.objects.filter(pk=line.offer.partner_id).update(state="frozen", reason="complaint")
    enter(client, "coordinator")
    page = client.post(f"/posko/plans/{found.pk}/approve/?all=1", follow=True).content.decode()
    assert "2 lines are promises now." in page
    assert "1 line was refused" in page
    assert "The giver takes nothing new at the moment: frozen, paused or gone." in page


def test_approving_again_chooses_nothing(client: Client) -> None:
    found = proposed()
    enter(client, "coordinator")
    client.post(f"/posko/plans/{found.pk}/approve/?all=1")
    page = client.post(f"/posko/plans/{found.pk}/approve/?all=1", follow=True).content.decode()
    assert "No line was chosen" in page
    assert Pledge.objects.count() == 3


def test_lines_of_another_plan_and_nonsense_are_not_chosen(client: Client) -> None:
    found = proposed()
    other = services.propose(by=Actor.system("test"), now=present())
    foreign = queries.open_lines_of(other)[0]
    enter(client, "coordinator")
    client.post(
        f"/posko/plans/{found.pk}/approve/?line={foreign.pk}&line=x&line=99999999999999999999&line=-1"
    )
    assert Pledge.objects.count() == 0


def test_rejecting_promises_nothing(client: Client) -> None:
    found = proposed()
    enter(client, "coordinator")
    page = client.post(f"/posko/plans/{found.pk}/reject/?all=1", follow=True).content.decode()
    assert "3 lines were rejected." in page
    assert (Pledge.objects.count(), Proposal.objects.get().state) == (0, "rejected")


def test_making_a_plan_stores_it_once_for_one_form(client: Client) -> None:
    line = NeedLineFactory()
    OfferFactory(place=line.need.place)
    enter(client, "coordinator")
    key = {"idempotency_key": str(uuid4())}
    addresses = {client.post("/posko/plans/new/", key).headers["Location"] for _ in range(2)}
    assert addresses == {f"/posko/plans/{Proposal.objects.get().pk}/"}


def test_making_a_plan_of_nothing_says_what_is_missing(client: Client) -> None:
    enter(client, "coordinator")
    page = client.post("/posko/plans/new/", {"idempotency_key": str(uuid4())})
    assert page.status_code == 422
    assert "There is nothing to plan" in page.content.decode()
    assert Proposal.objects.count() == 0


def test_plan_that_is_over_cannot_be_decided(client: Client) -> None:
    found = proposed()
    Proposal.objects.update(made_at="2021-07-12T00:00Z", expires_at="2021-07-13T00:00Z")
    enter(client, "coordinator")
    page = client.get(f"/posko/plans/{found.pk}/").content.decode()
    assert "This plan can no longer be decided" in page
    assert "Approve all" not in page


def test_csv_has_every_line_with_place_code_and_reason(client: Client) -> None:
    found = proposed()
    enter(client, "auditor")
    response = client.get(f"/posko/plans/{found.pk}/?format=csv")
    text = b"".join(response.streaming_content).decode().removeprefix("\ufeff")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Units"] for row in rows] == ["20", "20", "20"]
    assert rows[0]["Area code"] == queries.lines_of(found)[0].need_line.need.place.code
    assert rows[0]["Why"].startswith("Nothing is promised to Kelurahan ")


def test_decided_lines_tell_when_and_by_which_account(client: Client) -> None:
    found = proposed(1)
    decider = MembershipFactory(partner=PartnerFactory(kind="government"), role="coordinator").user
    sign_in(client, decider).post(f"/posko/plans/{found.pk}/approve/?all=1")
    page = enter(Client(), "auditor").get(f"/posko/plans/{found.pk}/").content.decode()
    assert f"account {decider.pk}" in page
    assert decider.email not in page


def test_more_lines_than_one_request_decides_are_left_for_the_next(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kolaborasi.allocation.views.MOST_AT_ONCE", 2)
    found = proposed(3)
    enter(client, "coordinator")
    address = f"/posko/plans/{found.pk}/approve/?all=1"
    page = client.get(address).content.decode()
    assert "Approve 2 lines?" in page
    assert "1 more stay to be decided afterwards" in page
    client.post(address)
    assert Pledge.objects.count() == 2
    client.post(address)
    assert Pledge.objects.count() == 3


def test_unknown_plan_is_not_found(client: Client) -> None:
    enter(client, "coordinator")
    assert client.get("/posko/plans/4711/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_plan_costs_the_same_queries_for_one_and_three_lines(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = proposed(rows)
    enter(client, "coordinator")
    client.get("/posko/plans/")
    with django_assert_num_queries(PLAN_QUERIES):
        assert client.get(f"/posko/plans/{found.pk}/").status_code == 200


PLAN_QUERIES = 8
"""Session, account, roles, the plan, its items, items of the filter, the count and the lines."""
