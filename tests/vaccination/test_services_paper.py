"""Doses written on paper are kept all or none, each with its movement."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kolaborasi.commitments.queries import checks as promises
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.stock.models import Balance, Movement
from kolaborasi.stock.queries import checks as goods
from kolaborasi.vaccination import errors, services, verification
from kolaborasi.vaccination.models import Dose, RecallReason, Session
from kolaborasi.vaccination.services import PaperDose
from tests.conftest import NOW
from tests.vaccination.factories import NINE, SYSTEM, hands, lot, recipient, session, slot

pytestmark = pytest.mark.django_db


def faults() -> list[str]:
    return [fault for check in (*promises(), *goods(), *verification.checks()) for fault in check.faults]


def on_hand(of: Session) -> int:
    return Balance.objects.get(location=of.location).on_hand


def test_paper_of_a_session_is_kept_with_one_movement_each_in_a_fixed_number_of_statements() -> None:
    held = lot()
    counts = []
    for size in (1, 1, 3):
        of = session(with_lot=held, doses=5)
        rows = [PaperDose(recipient(), held, NINE + timedelta(minutes=n)) for n in range(size)]
        with CaptureQueriesContext(connection) as captured:
            doses = services.record_doses(session=of, rows=rows, by=hands(of), now=NINE + timedelta(hours=1))
        counts.append(len(captured))
        assert [(dose.number, dose.lot_code) for dose in doses] == [(1, held.lot.code)] * size
        assert on_hand(of) == 5 - size
    assert counts[1] == counts[2]  # the first also makes the location of people
    assert Movement.objects.filter(target__kind="recipient").count() == 5
    assert faults() == []


def test_paper_that_cannot_be_true_is_refused_as_a_whole() -> None:
    held = lot()
    of = session(with_lot=held, doses=3)
    by, later, fine = hands(of), NINE + timedelta(hours=1), recipient()
    booked = recipient()
    services.book(recipient=booked, slot=slot(of), by=SYSTEM, now=NOW)
    child = recipient(date(2015, 1, 1))
    wrong: list[tuple[type[Refused], list[PaperDose], Actor]] = [
        (errors.NotEligible, [PaperDose(fine, held, NINE), PaperDose(child, held, NINE)], by),
        (errors.AlreadyBooked, [PaperDose(fine, held, NINE), PaperDose(booked, held, NINE)], by),
        (errors.NoDoseLeft, [PaperDose(recipient(), held, NINE) for _one in range(3)], by),
        (errors.DoseAlreadyGiven, [PaperDose(fine, held, NINE)] * 2, by),
        (errors.LotRefused, [PaperDose(fine, lot(of="moderna"), NINE)], by),
        (Refused, [PaperDose(fine, held, NINE + timedelta(days=1))], by),
        (NotPermitted, [PaperDose(fine, held, NINE)], Actor.visitor()),
    ]
    for refusal, rows, who in wrong:
        with pytest.raises(refusal), transaction.atomic():
            services.record_doses(session=of, rows=rows, by=who, now=later)
    services.recall_lot(lot=held, reason=RecallReason.SAFETY, by=SYSTEM, now=NINE)
    with pytest.raises(errors.LotRefused), transaction.atomic():
        services.record_doses(session=of, rows=[PaperDose(fine, held, NINE)], by=by, now=later)
    assert (Dose.objects.count(), on_hand(of)) == (0, 3)
    assert faults() == []
