"""The demonstration's vaccination programme: loaded once, conserved, work for each account."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kolaborasi.aid.facts import load_items
from kolaborasi.commitments.queries import checks as promises
from kolaborasi.common.actors import Actor
from kolaborasi.demo.city import load_city
from kolaborasi.demo.vaccination import load_programme
from kolaborasi.people.models import User
from kolaborasi.places.services import load_jakarta
from kolaborasi.stock.queries import checks as goods
from kolaborasi.vaccination import queries, verification
from kolaborasi.vaccination.models import Booking, Session, SessionKind, SupplyLine, VaccineLot, WaitingWish


@pytest.mark.django_db
def test_programme_is_loaded_once_and_every_account_has_work() -> None:
    # A day on which every product of the demonstration had been allowed for weeks.
    now = datetime(2022, 6, 12, 3, 0, tzinfo=UTC)
    load_jakarta(by=Actor.system("test"), now=now)
    load_items()
    load_city(now=now)
    loaded = load_programme(now=now)
    assert loaded.fresh is True
    assert load_programme(now=now).fresh is False
    assert [
        fault for check in (*promises(), *goods(), *verification.checks()) for fault in check.faults
    ] == []
    assert set(Session.objects.values_list("kind", flat=True)) == set(SessionKind.values)
    assert loaded.sessions == 27
    assert (queries.doses_on_record(), loaded.doses) == (loaded.doses, 121)
    recalled = VaccineLot.objects.get(state="recalled")
    assert len(queries.doses_of_lot(recalled)) == 15
    assert len(queries.overdue_doses(now.date())) > 5
    assert set(Booking.objects.exclude(end_reason="").values_list("end_reason", flat=True)) == {
        "cancelled",
        "no-show",
        "deferred",
    }
    published = queries.published_coverage(date(2021, 7, 31))
    assert (len(published), sum(area.first for area in published)) == (267, 4_499_710)
    assert WaitingWish.objects.filter(state="waiting").count() == 12
    assert queries.quarantines().count() == 1
    assert queries.open_corrections(now).count() == 2
    assert SupplyLine.objects.filter(state="proposed").exists()
    recipient = queries.recipient_of_account(User.objects.get(email="peserta-vaksin@contoh.invalid").pk)
    assert recipient is not None
    assert Booking.objects.get(recipient=recipient).dose_number == 2
