"""The worker's periodic tasks: all registered, each does its room's work."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from procrastinate.contrib.django import app

from kolaborasi.aid import tasks as aid
from kolaborasi.aid.models import Pledge
from kolaborasi.aid.services import pledge
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.allocation import services
from kolaborasi.allocation import tasks as allocation
from kolaborasi.allocation.models import Proposal
from kolaborasi.audit import tasks as audit
from kolaborasi.audit.models import Seal, UnsealedEntry
from kolaborasi.common.actors import Actor
from kolaborasi.messages import tasks as messages
from kolaborasi.messages.models import Message
from kolaborasi.people.services import Identity
from tests.factories import TODAY, NeedLineFactory, OfferFactory

pytestmark = pytest.mark.django_db
EVERY_MINUTE, EVERY_TEN_SECONDS, EVERY_FIVE_MINUTES = "* * * * *", "* * * * * */10", "*/5 * * * *"


def test_periodic_tasks_are_registered_with_their_times() -> None:
    found = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    ours = ("aid.expire_pledges", "allocation.expire", "audit.seal", "messages.deliver")
    assert {name: found[name] for name in ours} == {
        "aid.expire_pledges": EVERY_MINUTE,
        "allocation.expire": EVERY_FIVE_MINUTES,
        "audit.seal": EVERY_TEN_SECONDS,
        "messages.deliver": EVERY_TEN_SECONDS,
    }


def promise_of_a_visitor(now: datetime) -> Pledge:
    visitor = Identity(name="Warga Contoh", email="warga@contoh.example")
    line = NeedLineFactory()
    made = pledge(
        need_line=line,
        donor=Donor(identity=visitor),
        quantity=5,
        deliver_date=TODAY + timedelta(days=1),
        by=Actor.visitor(),
        now=now,
    )
    return made.pledge


def test_unconfirmed_pledges_of_the_past_are_ended(now: datetime) -> None:
    made = promise_of_a_visitor(now)
    assert aid.expire(timestamp=0) == 1
    made.refresh_from_db()
    assert made.state == "expired"


def test_waiting_messages_are_taken_from_the_outbox(now: datetime) -> None:
    promise_of_a_visitor(now)
    assert messages.deliver_due(timestamp=0) == 1
    assert Message.objects.get().state == "sent"


def test_audit_entries_are_sealed_until_none_waits(now: datetime) -> None:
    promise_of_a_visitor(now)
    waiting = UnsealedEntry.objects.count()
    assert waiting > 0
    assert audit.seal_entries(timestamp=0) == waiting == Seal.objects.count()
    assert UnsealedEntry.objects.count() == 0


def test_proposals_of_the_past_are_ended(now: datetime) -> None:
    line = NeedLineFactory()
    OfferFactory(place=line.need.place)
    services.propose(by=Actor.system("test"), now=now)
    assert allocation.expire(timestamp=0) == 1
    assert Proposal.objects.get().state == "expired"
