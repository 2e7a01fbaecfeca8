"""Two coordinators approve the same plan at the same moment."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from kolaborasi.aid.models import Pledge
from kolaborasi.allocation import queries, services
from kolaborasi.allocation.models import Proposal, ProposalLine
from kolaborasi.common.actors import Actor
from tests.factories import NeedLineFactory, OfferFactory, staff
from tests.races.parallel import together

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = Actor.system("test")
LINES = 12


def proposed(now: datetime) -> Proposal:
    for _ in range(LINES):
        line = NeedLineFactory(reported=20)
        OfferFactory(reported=20, place=line.need.place)
    return services.propose(by=SYSTEM, now=now)


def test_many_approvals_of_the_same_lines_make_each_one_pledge(now: datetime) -> None:
    found = proposed(now)
    lines = queries.open_lines_of(found)
    coordinators = [staff("coordinator") for _ in range(8)]
    shuffled = [random.Random(number).sample(lines, LINES) for number in range(8)]
    done = together(
        [
            lambda by=by, mine=mine: services.approve(lines=mine, by=by, now=now)  # type: ignore[misc]
            for by, mine in zip(coordinators, shuffled, strict=True)
        ]
    )
    assert all(isinstance(each, services.Decided) for each in done), done
    assert sum(len(each.approved) for each in done) == LINES
    assert sum(len(each.decided_before) for each in done) == 7 * LINES
    assert not any(each.refused for each in done)
    assert Pledge.objects.count() == LINES
    assert set(queries.lines_of(found).values_list("offer__committed", "need_line__committed")) == {(20, 20)}
    found.refresh_from_db()
    assert found.state == "approved"


def test_without_the_lock_of_the_line_it_becomes_two_pledges(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race exists: with the guard away a line is approved twice, so the test above can fail."""
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.select_for_update", lambda self, **options: self.all()
    )
    assert any(approved_twice(now) for _attempt in range(20))


def approved_twice(now: datetime) -> bool:
    """Whether two approvals of a line of 20, with room for 40, made a pledge each."""
    line = NeedLineFactory(reported=40)
    OfferFactory(reported=40, place=line.need.place)
    found = services.propose(by=SYSTEM, now=now)
    ProposalLine.objects.filter(proposal=found, need_line=line).update(quantity=20)
    lines = [each for each in queries.open_lines_of(found) if each.need_line_id == line.pk]
    together([lambda: services.approve(lines=lines, by=SYSTEM, now=now) for _ in range(2)])
    return Pledge.objects.filter(need_line=line).count() == 2


def test_approval_and_rejection_of_a_line_at_the_same_moment_agree(now: datetime) -> None:
    found = proposed(now)
    lines = queries.open_lines_of(found)
    approved, rejected = together(
        [
            lambda: services.approve(lines=lines, by=SYSTEM, now=now),
            lambda: services.reject(lines=lines, by=SYSTEM, now=now),
        ]
    )
    assert len(approved.approved) + rejected == LINES
    assert Pledge.objects.count() == len(approved.approved)
