"""The same resource changed by several at once, over real parallel sessions."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import localdate

from kolaborasi.aid.models import NeedLine, Offer, Pledge
from kolaborasi.allocation.models import Proposal, ProposalLine
from kolaborasi.allocation.rules import LIFE
from kolaborasi.api.urls import api
from kolaborasi.common.clock import utc_now
from tests.api.conftest import Api, Member
from tests.factories import NeedLineFactory, OfferFactory
from tests.races.parallel import together

PATIENCE_SECONDS = 8
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]


def test_version_that_was_read_by_many_is_changed_by_one(member: Member) -> None:
    line = NeedLineFactory()
    verifier = member("verifier", place=line.need.place)
    path = f"/aid/needs/{line.need_id}"
    tag = verifier.get(path)["ETag"]

    def change(quantity: int) -> int:
        caller = Api(verifier.secret)
        return caller.post(f"{path}/lines/{line.pk}/change", {"quantity": quantity}, If_Match=tag).status_code

    statuses = together([lambda each=quantity: change(each) for quantity in range(60, 72)])
    assert sorted(statuses) == [200, *[412] * 11]
    changed = 60 + statuses.index(200)
    assert NeedLine.objects.get(pk=line.pk).reported == changed


def test_throttle_counts_each_thread_apart() -> None:
    (throttle,) = api.throttle  # type: ignore[misc]

    def mark(number: int) -> int:
        throttle.key = str(number)
        return int(throttle.key)

    assert together([lambda each=number: mark(each) for number in range(8)]) == list(range(8))
    assert getattr(throttle, "key", None) not in {str(number) for number in range(8)}


def planned(pairs: list[tuple[Offer, NeedLine]]) -> Proposal:
    """A plan that gives ten units of each offer to its need, in this order."""
    now = utc_now()
    found = Proposal.objects.create(
        programme="aid",
        made_at=now,
        expires_at=now + LIFE,
        parameters={},
        before={"items": {}},
        after={"items": {}},
        baseline={"items": {}},
        certificate={},
    )
    for offer, line in pairs:
        ProposalLine.objects.create(
            proposal=found,
            offer=offer,
            need_line=line,
            quantity=10,
            distance_km=1.0,
            minutes=5.0,
            reason="least-covered",
            numbers={},
        )
    return found


def stock(count: int) -> list[tuple[Offer, NeedLine]]:
    """So many needs of 20 with an offer of 20 beside each."""
    needs = [
        NeedLineFactory(reported=20, needed_by_date=localdate() + timedelta(days=7)) for _ in range(count)
    ]
    offers = [OfferFactory(reported=20, place=need.need.place, available_date=localdate()) for need in needs]
    return list(zip(offers, needs, strict=True))


def test_approved_line_stands_before_the_last_one_is_decided(member: Member) -> None:
    """Nobody waits for the end of a plan: each line is a transaction of its own."""
    coordinator = member("coordinator")
    found = planned(stock(3))
    last = ProposalLine.objects.latest("pk")

    def approve() -> Any:
        try:
            return Api(coordinator.secret).post(f"/plans/{found.pk}/approve", {}).json()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ProposalLine.objects.select_for_update().get(pk=last.pk)
            running = pool.submit(approve)
            stood = _wait_for(lambda: Pledge.objects.count() == 2)
        assert len(running.result(30)["approved"]) == 3
    assert stood


def test_two_plans_that_cross_are_approved_at_the_same_moment(member: Member) -> None:
    """One gives to the needs in one order, the other from the same offers in the opposite order."""
    coordinator = member("coordinator")
    pairs = stock(16)
    offers, needs = [offer for offer, _ in pairs], [need for _, need in pairs]
    plans = [planned(pairs), planned(list(zip(offers[::-1], needs[::-1], strict=True)))]

    def approve(plan: Proposal) -> dict[str, Any]:
        response = Api(coordinator.secret).post(f"/plans/{plan.pk}/approve", {})
        return {"status": response.status_code, **response.json()}

    answers = together([lambda plan=plan: approve(plan) for plan in plans])  # type: ignore[misc]
    assert [(each["status"], len(each["approved"]), each["refused"]) for each in answers] == [
        (200, 16, [])
    ] * 2
    assert set(NeedLine.objects.values_list("committed", flat=True)) == {20}
    assert set(Offer.objects.values_list("committed", flat=True)) == {20}


def test_same_approval_sent_by_many_at_once_promises_once(member: Member) -> None:
    coordinator = member("coordinator")
    found = planned(stock(4))
    key = "8e03978e-40d5-43dd-bc93-6894a57f9324"

    def approve() -> Any:
        return Api(coordinator.secret).post(f"/plans/{found.pk}/approve", {}, key=key).json()

    answers = together([approve] * 4)
    assert all(answer == answers[0] for answer in answers)
    assert Pledge.objects.count() == 4


def _wait_for(condition: Any) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
