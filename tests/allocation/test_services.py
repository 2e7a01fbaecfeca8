"""Proposals: stored, approved line by line, refused with reasons, rejected, expired."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kolaborasi.aid.models import Pledge
from kolaborasi.allocation import queries
from kolaborasi.allocation.models import Proposal, ProposalLine
from kolaborasi.allocation.refresh import current_proposal
from kolaborasi.allocation.services import approve, expire, propose, reject
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.events.models import Event
from kolaborasi.partners.models import Partner
from tests.factories import NeedLineFactory, OfferFactory, staff

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def proposed(now: datetime, places: int = 3) -> Proposal:
    """A proposal with as many lines as places; each has an offer of its own nearby."""
    for _ in range(places):
        line = NeedLineFactory(reported=20)
        OfferFactory(reported=20, place=line.need.place)
    return propose(by=SYSTEM, now=now)


def states(proposal: Proposal) -> list[str]:
    return list(ProposalLine.objects.filter(proposal=proposal).order_by("pk").values_list("state", flat=True))


def test_proposal_keeps_lines_numbers_and_parameters(now: datetime) -> None:
    found = proposed(now)
    assert (found.state, found.expires_at - found.made_at) == ("proposed", timedelta(hours=24))
    assert [line.quantity for line in queries.lines_of(found)] == [20, 20, 20]
    assert found.parameters["fairness"] == "bands"
    assert found.after["all"]["least"] == 1.0
    assert AuditEntry.objects.filter(verb="allocation.propose").count() == 1
    assert Event.objects.filter(name="allocation.proposed").count() == 1


def test_proposing_promises_nothing(now: datetime) -> None:
    proposed(now)
    assert Pledge.objects.count() == 0


def test_approving_all_lines_makes_confirmed_pledges_of_the_offers(now: datetime) -> None:
    found = proposed(now)
    done = approve(lines=queries.open_lines_of(found), by=staff("coordinator"), now=now)
    assert (len(done.approved), done.refused, done.decided_before) == (3, [], [])
    assert set(Pledge.objects.values_list("state", "quantity")) == {("confirmed", 20)}
    for line in queries.lines_of(found):
        assert line.pledge is not None
        assert (line.pledge.offer_id, line.pledge.need_line_id) == (line.offer_id, line.need_line_id)
        assert (line.offer.committed, line.need_line.committed) == (20, 20)
    found.refresh_from_db()
    assert found.state == "approved"
    assert AuditEntry.objects.filter(verb="allocation.approve").count() == 3


def test_approving_some_lines_leaves_the_others_open(now: datetime) -> None:
    found = proposed(now)
    first, *rest = queries.open_lines_of(found)
    approve(lines=[first], by=staff("coordinator"), now=now)
    found.refresh_from_db()
    assert found.state == "partly-approved"
    assert queries.open_lines_of(found) == rest


def test_approving_twice_makes_one_pledge(now: datetime) -> None:
    found = proposed(now)
    lines = queries.open_lines_of(found)
    approve(lines=lines, by=staff("coordinator"), now=now)
    again = approve(lines=lines, by=staff("coordinator"), now=now)
    assert (again.approved, again.refused) == ([], [])
    assert again.decided_before == [line.pk for line in lines]
    assert Pledge.objects.count() == 3


def test_line_the_world_has_overtaken_is_refused_and_the_others_go_on(now: datetime) -> None:
    found = proposed(now, places=4)
    frozen, short_need, short_offer, sound = queries.lines_of(found)
    Partner.objects.filter(pk=frozen.offer.partner_id).update(state="frozen", reason="complaint")
    type(short_need.need_line).objects.filter(pk=short_need.need_line_id).update(committed=15)
    type(short_offer.offer).objects.filter(pk=short_offer.offer_id).update(committed=18)
    done = approve(lines=queries.open_lines_of(found), by=staff("coordinator"), now=now)
    assert [line.pk for line in done.approved] == [sound.pk]
    assert [(line.pk, code) for line, code in done.refused] == [
        (frozen.pk, "partner-not-active"),
        (short_need.pk, "not-enough-left"),
        (short_offer.pk, "not-enough-left"),
    ]
    assert states(found) == ["refused", "refused", "refused", "approved"]
    short_need.refresh_from_db()
    assert (short_need.refusal_numbers["left"], short_need.refusal_numbers["capacity"]) == (5, "aid.needline")
    assert Pledge.objects.count() == 1
    found.refresh_from_db()
    assert found.state == "partly-approved"


def test_line_of_a_withdrawn_need_is_refused(now: datetime) -> None:
    found = proposed(now, places=1)
    (line,) = queries.lines_of(found)
    type(line.need_line.need).objects.filter(pk=line.need_line.need_id).update(
        state="withdrawn", state_reason="x"
    )
    done = approve(lines=[line], by=SYSTEM, now=now)
    assert [code for _, code in done.refused] == ["need-closed"]
    assert Pledge.objects.count() == 0
    found.refresh_from_db()
    assert found.state == "rejected"


@pytest.mark.parametrize("role", ["verifier", "auditor", "rw_head", "partner_admin", "courier"])
def test_nobody_but_a_coordinator_approves(role: str, now: datetime) -> None:
    found = proposed(now, places=1)
    with pytest.raises(NotPermitted):
        approve(lines=queries.open_lines_of(found), by=staff(role), now=now)
    with pytest.raises(NotPermitted):
        reject(lines=queries.open_lines_of(found), by=staff(role), now=now)
    with pytest.raises(NotPermitted):
        propose(by=staff(role), now=now)
    assert states(found) == ["proposed"]
    assert (Proposal.objects.count(), Pledge.objects.count()) == (1, 0)


def test_rejected_lines_promise_nothing_and_are_final(now: datetime) -> None:
    found = proposed(now)
    lines = queries.open_lines_of(found)
    assert reject(lines=lines, by=staff("coordinator"), now=now) == 3
    assert reject(lines=lines, by=staff("coordinator"), now=now) == 0
    assert approve(lines=lines, by=staff("coordinator"), now=now).approved == []
    found.refresh_from_db()
    assert (found.state, states(found), Pledge.objects.count()) == ("rejected", ["rejected"] * 3, 0)


def test_proposal_expires_after_a_day_and_can_no_longer_be_approved(now: datetime) -> None:
    found = proposed(now)
    lines = queries.open_lines_of(found)
    assert expire(by=SYSTEM, now=now + timedelta(hours=23)) == 0
    tomorrow = now + timedelta(hours=24)
    late = approve(lines=lines[:1], by=staff("coordinator"), now=tomorrow)
    assert (late.approved, late.decided_before) == ([], [lines[0].pk])
    assert expire(by=SYSTEM, now=tomorrow) == 1
    assert expire(by=SYSTEM, now=tomorrow) == 0
    found.refresh_from_db()
    assert (found.state, states(found), Pledge.objects.count()) == ("expired", ["expired"] * 3, 0)


def test_expiring_belongs_to_the_system(now: datetime) -> None:
    found = proposed(now)
    with pytest.raises(NotPermitted):
        expire(by=staff("coordinator"), now=now + timedelta(days=2))
    assert states(found) == ["proposed"] * 3


def test_current_proposal_is_kept_while_nothing_has_changed(now: datetime) -> None:
    first, made = current_proposal(by=SYSTEM, now=now) if proposed(now) else (None, False)
    assert (made, Proposal.objects.count()) == (False, 1)
    assert current_proposal(by=SYSTEM, now=now + timedelta(hours=1)) == (first, False)


def test_current_proposal_is_made_anew_after_a_change_or_a_day(now: datetime) -> None:
    first = proposed(now)
    NeedLineFactory(reported=5)
    second, made = current_proposal(by=SYSTEM, now=now + timedelta(hours=1))
    assert (made, second == first) == (True, False)
    third, made = current_proposal(by=SYSTEM, now=now + timedelta(days=2))
    assert (made, third == second) == (True, False)
    first.refresh_from_db()
    assert first.state == "expired"


def test_current_proposal_of_nothing_is_none(now: datetime) -> None:
    assert current_proposal(by=SYSTEM, now=now) == (None, False)
