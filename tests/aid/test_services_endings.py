"""How promises end when their day has passed or their need is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kolaborasi.aid import services
from kolaborasi.aid.errors import NeedClosed, NotOverdue, UnknownReason
from kolaborasi.aid.models import NeedLine, Pledge
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.queries import (
    coverage_by_kelurahan,
    pledges_overdue,
    total_coverage,
)
from kolaborasi.aid.rules import Coverage
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.errors import WrongState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.messages.models import Message
from kolaborasi.messages.rendering import render
from kolaborasi.people.services import Identity
from tests.aid.pages import helper
from tests.conftest import NOW
from tests.factories import TODAY, NeedLineFactory, PartnerFactory, staff

pytestmark = pytest.mark.django_db
VISITOR, REMINDER = Actor.visitor(), Actor.system("reminder")
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def line() -> NeedLine:
    return NeedLineFactory(reported=50)


def promise(line: NeedLine, quantity: int = 20, *, days: int = 0) -> Pledge:
    made = services.pledge(
        need_line=line,
        donor=Donor(),
        quantity=quantity,
        deliver_date=TODAY + timedelta(days=days),
        by=Actor.user(helper().pk, ()),
        now=NOW,
    )
    return made.pledge


def unconfirmed(line: NeedLine, quantity: int = 10) -> Pledge:
    made = services.pledge(
        need_line=line,
        donor=Donor(identity=Identity(name="Warga Contoh", email="warga@contoh.example")),
        quantity=quantity,
        deliver_date=TODAY,
        by=VISITOR,
        now=NOW,
    )
    return made.pledge


def numbers(line: NeedLine) -> tuple[int, int, int]:
    line.refresh_from_db()
    return line.reported, line.committed, line.delivered


def newest() -> str:
    message = Message.objects.latest("pk")
    text = render(message)
    return f"{message.template}: {text.subject}\n{text.body}"


def withdraw(line: NeedLine) -> None:
    services.withdraw_need(need=line.need, reason="helped-otherwise", by=staff("verifier"), now=NOW)


def test_overdue_promise_is_given_back_by_the_receiving_side(line: NeedLine) -> None:
    pledge, by = promise(line), staff("rw_head", line.need.place.code)
    assert list(pledges_overdue(by, today=TODAY)) == []
    with pytest.raises(NotOverdue):
        services.release_overdue(pledge=pledge, reason="did-not-come", by=by, now=NOW)
    assert numbers(line) == (50, 20, 0)
    assert [each.pk for each in pledges_overdue(by, today=TODAY + timedelta(days=1))] == [pledge.pk]
    services.release_overdue(pledge=pledge, reason="did-not-come", by=by, now=TOMORROW)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.ended_at, pledge.end_reason) == ("released", TOMORROW, "did-not-come")
    assert numbers(line) == (50, 0, 0)
    assert newest().startswith("aid_released: Janji Anda sudah berakhir")
    assert AuditEntry.objects.filter(verb="aid.release_overdue").count() == 1
    assert list(pledges_overdue(by, today=TODAY + timedelta(days=1))) == []


def test_overdue_rest_is_given_back_and_what_arrived_stays(line: NeedLine) -> None:
    pledge = promise(line)
    services.acknowledge(pledge=pledge, received=5, close=False, by=staff("verifier"), now=NOW)
    services.release_overdue(pledge=pledge, reason="other", by=staff("coordinator"), now=TOMORROW)
    assert numbers(line) == (50, 5, 5)


def test_overdue_promise_is_not_given_back_by_others_or_without_a_known_reason(line: NeedLine) -> None:
    pledge = promise(line)
    for by in (VISITOR, staff("rw_head", "31.72"), Actor.user(helper().pk, ())):
        with pytest.raises(NotPermitted):
            services.release_overdue(pledge=pledge, reason="other", by=by, now=TOMORROW)
    with pytest.raises(UnknownReason):
        services.release_overdue(pledge=pledge, reason="malas", by=staff("verifier"), now=TOMORROW)
    assert numbers(line) == (50, 20, 0)


def test_reported_delivery_is_judged_before_the_promise_is_given_back(
    line: NeedLine, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path
    pledge = promise(line)
    services.report_delivery(pledge=pledge, quantity=20, photo=Photo(b"x", "jpg"), by=VISITOR, now=NOW)
    with pytest.raises(WrongState):
        services.release_overdue(pledge=pledge, reason="other", by=staff("verifier"), now=TOMORROW)
    assert list(pledges_overdue(staff("verifier"), today=TODAY + timedelta(days=1))) == []
    assert numbers(line) == (50, 20, 0)


def test_giver_is_reminded_once_the_day_before(line: NeedLine) -> None:
    soon, later = promise(line, days=1), promise(line, days=2)
    Message.objects.all().delete()
    assert services.remind_givers(by=REMINDER, now=NOW) == [soon]
    assert newest().startswith("aid_reminder: Janji Anda jatuh tempo")
    assert Message.objects.get().recipient == soon.person_id
    assert services.remind_givers(by=REMINDER, now=NOW) == []
    assert services.remind_givers(by=REMINDER, now=TOMORROW) == [later]
    with pytest.raises(NotPermitted):
        services.remind_givers(by=staff("coordinator"), now=NOW)


def test_withdrawn_need_ends_what_is_unconfirmed_and_tells_everybody(line: NeedLine) -> None:
    sure, unsure = promise(line), unconfirmed(line)
    Message.objects.all().delete()
    withdraw(line)
    unsure.refresh_from_db()
    assert (unsure.state, unsure.end_reason, unsure.ended_at) == ("released", "need-is-over", NOW)
    assert numbers(line) == (50, 20, 0)
    told = {message.recipient: message.context["ended"] for message in Message.objects.all()}
    assert told == {sure.person_id: False, unsure.person_id: True}
    assert newest().startswith("aid_need_over: ")
    services.acknowledge(pledge=sure, received=20, by=staff("verifier"), now=NOW)
    assert numbers(line) == (50, 20, 20)


def test_promise_on_a_need_that_is_over_is_not_confirmed(line: NeedLine) -> None:
    pledge = unconfirmed(line)
    line.need.state, line.need.state_reason = "withdrawn", "other"
    line.need.save()
    with pytest.raises(NeedClosed):
        services.confirm_pledge(pledge=pledge, by=VISITOR, now=NOW)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.confirmed_at) == ("held", None)


def test_totals_keep_what_arrived_when_a_need_ends(line: NeedLine) -> None:
    services.acknowledge(pledge=promise(line), received=20, by=staff("verifier"), now=NOW)
    other = NeedLineFactory(reported=30, need__place=line.need.place, item=line.item)
    assert total_coverage() == Coverage(80, 20, 20)
    withdraw(line)
    assert total_coverage() == Coverage(50, 20, 20)
    found = coverage_by_kelurahan()
    assert [(each.code, each.needs, each.coverage) for each in found] == [
        (line.need.place.code, 1, Coverage(50, 20, 20))
    ]
    withdraw(other)
    assert total_coverage() == Coverage(20, 20, 20)
    line.refresh_from_db()
    assert (line.reported, NeedLine.objects.select_related("need").get(pk=line.pk).left) == (50, 0)


def test_rejected_needs_count_nowhere() -> None:
    NeedLineFactory(need__state="rejected", need__state_reason="duplicate")
    assert total_coverage() == Coverage(0, 0, 0)
    assert coverage_by_kelurahan() == []


def test_partner_that_promised_is_sent_nothing(line: NeedLine) -> None:
    giver = PartnerFactory()
    services.pledge(
        need_line=line,
        donor=Donor(partner=giver),
        quantity=5,
        deliver_date=TODAY,
        by=staff("partner_member", partner_id=giver.pk),
        now=NOW,
    )
    withdraw(line)
    assert (numbers(line), Message.objects.count()) == ((50, 5, 0), 0)
