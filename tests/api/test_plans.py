"""Plans over the API: proposed by the system, decided by a person, line by line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from kolaborasi.aid.models import Pledge
from kolaborasi.allocation.models import Proposal, ProposalLine
from kolaborasi.places.models import Place
from tests.api.conftest import Api, Member
from tests.factories import NeedLineFactory, OfferFactory


@pytest.fixture
def coordinator(member: Member) -> Api:
    """A coordinator of the whole city."""
    return member("coordinator")


@pytest.fixture
def planned(coordinator: Api) -> int:
    """A proposal for one need and one offer."""
    NeedLineFactory(needed_by_date=localdate() + timedelta(days=7))
    OfferFactory(available_date=localdate())
    assert Place.objects.filter(kind="kelurahan").count() == 2
    response = coordinator.post("/plans", {"seed": 0})
    assert response.status_code == 201, response.content
    assert response["Location"] == f"/api/v1/plans/{response.json()['id']}"
    return response.json()["id"]


def test_plan_is_made_and_promises_nothing(coordinator: Api, planned: int) -> None:
    plan = coordinator.get(f"/plans/{planned}").json()
    assert (plan["state"], plan["lines"], plan["open"], plan["approved"]) == ("proposed", 1, 1, 0)
    assert [each["id"] for each in coordinator.get("/plans").json()["items"]] == [planned]
    (line,) = coordinator.get(f"/plans/{planned}/lines").json()["items"]
    assert (line["quantity"], line["state"], line["pledge"]) == (50, "proposed", None)
    assert line["reason"]
    assert Pledge.objects.count() == 0


def test_plan_of_nothing_is_refused(coordinator: Api) -> None:
    response = coordinator.post("/plans", {})
    assert (response.status_code, response.json()["code"]) == (422, "nothing-to-plan")
    assert Proposal.objects.count() == 0


def test_approved_lines_are_promises_once(coordinator: Api, planned: int) -> None:
    line = ProposalLine.objects.get()
    done = coordinator.post(f"/plans/{planned}/approve", {"lines": [line.pk]}).json()
    assert done == {"approved": [line.pk], "refused": [], "decided_before": [], "left": 0}
    again = coordinator.post(f"/plans/{planned}/approve", {}).json()
    assert again == {"approved": [], "refused": [], "decided_before": [], "left": 0}
    assert Pledge.objects.get().quantity == 50
    assert coordinator.get(f"/plans/{planned}").json()["state"] == "approved"


def test_refused_line_is_told_with_its_code(coordinator: Api, planned: int) -> None:
    line = ProposalLine.objects.get()
    line.need_line.need.state, line.need_line.need.state_reason = "withdrawn", "over"
    line.need_line.need.save()
    done = coordinator.post(f"/plans/{planned}/approve", {}).json()
    assert done == {
        "approved": [],
        "refused": [{"line": line.pk, "code": "need-closed"}],
        "decided_before": [],
        "left": 0,
    }


def test_more_lines_than_one_request_decides_are_left_for_the_next(
    coordinator: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kolaborasi.allocation.api.MOST_AT_ONCE", 2)
    for _ in range(3):
        need = NeedLineFactory(needed_by_date=localdate() + timedelta(days=7))
        OfferFactory(available_date=localdate(), place=need.need.place)
    path = f"/plans/{coordinator.post('/plans', {}).json()['id']}/approve"
    ids = list(ProposalLine.objects.order_by("pk").values_list("pk", flat=True))
    first = coordinator.post(path, {}).json()
    assert (first["approved"], first["left"]) == (ids[:2], len(ids) - 2)
    assert Pledge.objects.count() == 2
    second = coordinator.post(path, {}).json()
    assert (second["approved"], second["left"]) == (ids[2:], 0)


def test_approval_sent_again_with_its_key_gets_the_first_answer(coordinator: Api, planned: int) -> None:
    line, key = ProposalLine.objects.get(), "8e03978e-40d5-43dd-bc93-6894a57f9324"
    first = coordinator.post(f"/plans/{planned}/approve", {}, key=key)
    again = coordinator.post(f"/plans/{planned}/approve", {}, key=key)
    assert again.json() == first.json()
    assert (first.json()["approved"], again["Idempotency-Replayed"]) == ([line.pk], "true")
    other = coordinator.post(f"/plans/{planned}/approve", {"lines": [line.pk]}, key=key)
    assert other.json()["code"] == "idempotency-key-reused"


def test_rejected_lines_stay_undone(coordinator: Api, planned: int) -> None:
    assert coordinator.post(f"/plans/{planned}/reject", {}).json() == {"rejected": 1}
    assert Pledge.objects.count() == 0
    assert coordinator.get(f"/plans/{planned}").json()["state"] == "rejected"


def test_plans_are_for_the_roles_that_need_them(visitor: Api, helper: Api, planned: int) -> None:
    for caller, status in ((visitor, 401), (helper, 403)):
        assert caller.get("/plans").status_code == status
        assert caller.get(f"/plans/{planned}").status_code == status
        assert caller.get(f"/plans/{planned}/lines").status_code == status
        assert caller.post("/plans", {}).status_code == status
        assert caller.post(f"/plans/{planned}/approve", {}).status_code == status
        assert caller.post(f"/plans/{planned}/reject", {}).status_code == status
    assert (Proposal.objects.count(), ProposalLine.objects.get().state) == (1, "proposed")


def test_plan_that_is_not_there_is_not_found(coordinator: Api) -> None:
    assert coordinator.get("/plans/7").json()["code"] == "plan-unknown"
    assert coordinator.post("/plans/7/approve", {}).status_code == 404
