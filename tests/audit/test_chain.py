"""The log refuses change, and a changed past shows."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from kolaborasi.audit.models import AuditEntry, Seal, UnsealedEntry
from kolaborasi.audit.queries import checks, entries_about
from kolaborasi.audit.services import NotInTransaction, record, seal
from kolaborasi.common.actors import Actor

BY = Actor.user(7)
pytestmark = pytest.mark.django_db


def write(number: int, now: datetime) -> list[AuditEntry]:
    with transaction.atomic():
        return [
            record(verb="aid.pledge", subject=("aid.pledge", pk), by=BY, now=now, detail={"quantity": pk})
            for pk in range(number)
        ]


def faults() -> list[str]:
    return [fault for check in checks() for fault in check.faults]


def test_entry_waits_for_its_seal_and_is_sealed_once(now: datetime) -> None:
    entries = write(3, now)
    assert UnsealedEntry.objects.count() == 3
    assert seal() == 3
    assert seal() == 0
    assert list(Seal.objects.order_by("position").values_list("position", "entry_id")) == [
        (position, entry.pk) for position, entry in enumerate(entries, start=1)
    ]
    assert UnsealedEntry.objects.count() == 0
    assert faults() == []
    assert [check.rows for check in checks()] == [3, 3]


def test_seal_continues_the_chain_of_an_earlier_batch(now: datetime) -> None:
    write(2, now)
    assert seal(limit=1) == 1
    assert seal() == 1
    write(1, now)
    assert seal() == 1
    assert faults() == []


def test_entry_is_found_by_its_subject(now: datetime) -> None:
    write(2, now)
    assert [entry.actor for entry in entries_about("aid.pledge", 1)] == ["user:7"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_auditentry SET actor = 'user:8'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
        "UPDATE audit_seal SET digest = ''",
        "DELETE FROM audit_seal",
    ],
)
def test_log_refuses_change(change: str, now: datetime) -> None:
    write(1, now)
    seal()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)
    assert AuditEntry.objects.get().actor == "user:7"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit_auditentry SET actor = 'user:8' WHERE subject_id = '1'", "is not what was sealed"),
        (
            "UPDATE audit_auditentry SET at = at + interval '1 second' WHERE subject_id = '1'",
            "not what was sealed",
        ),
        (
            """UPDATE audit_auditentry SET detail = '{"quantity": 9}' WHERE subject_id = '1'""",
            "not what was sealed",
        ),
        ("DELETE FROM audit_auditentry WHERE subject_id = '1'", "is gone"),
        ("DELETE FROM audit_seal WHERE position = 2", "audit seal 2 is missing"),
        ("DELETE FROM audit_seal WHERE position = 3", "neither sealed nor waiting"),
    ],
)
def test_tampering_behind_the_triggers_shows(change: str, told: str, now: datetime) -> None:
    write(3, now)
    seal()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert any(told in fault for fault in faults())


@pytest.mark.django_db(transaction=True)
def test_entry_outside_a_transaction_is_refused(now: datetime) -> None:
    with pytest.raises(NotInTransaction):
        record(verb="aid.pledge", subject=("aid.pledge", 1), by=BY, now=now)
    assert AuditEntry.objects.count() == 0
