"""An event is there exactly when its verb was committed, and stays as it was written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from kolaborasi.events.models import Event
from kolaborasi.events.services import NotInTransaction, emit
from tests.conftest import NOW


@pytest.mark.django_db
def test_event_vanishes_with_the_verb_that_failed() -> None:
    with transaction.atomic():
        emit(name="aid.pledged", subject=("aid.pledge", 1), now=NOW)
        transaction.set_rollback(True)
    assert Event.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE events_event SET name = 'x'", "DELETE FROM events_event"])
def test_event_is_never_changed(change: str) -> None:
    emit(name="aid.pledged", subject=("aid.pledge", 1), now=NOW, data={"quantity": 5})
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)
    event = Event.objects.get()
    assert (event.name, event.subject_id, event.data) == ("aid.pledged", "1", {"quantity": 5})


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        emit(name="aid.pledged", subject=("aid.pledge", 1), now=NOW)
    assert Event.objects.count() == 0
