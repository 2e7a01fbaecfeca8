"""One person asks on several telephones at once: one person on record, one place held."""

from __future__ import annotations

from datetime import date

import pytest

from kolaborasi.common.actors import Actor
from kolaborasi.people.models import Person
from kolaborasi.people.services import Identity
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import Booking, Recipient, Slot, SlotQuota
from kolaborasi.vaccination.services import Applicant
from tests.conftest import NOW
from tests.races.parallel import together
from tests.vaccination.factories import session, slot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
TELEPHONES = 8


def ask(telephone: int, where: Slot) -> None:
    identity = Identity(name="Budi Contoh", nik="3171014107900001", phone=f"08120000000{telephone}")
    services.ask_to_book(
        applicant=Applicant(identity, date(1990, 7, 1)), slot=where, by=Actor.visitor(), now=NOW
    )


def ask_on_all() -> list[object]:
    """One person's number from eight connections, each for another session and with another telephone."""
    slots = [slot(session()) for _telephone in range(TELEPHONES)]
    return together(
        [lambda number=number, where=where: ask(number, where) for number, where in enumerate(slots)]
    )


def test_one_number_asked_with_at_once_is_one_person_with_one_place() -> None:
    assert ask_on_all() == [None] * TELEPHONES
    assert (Person.objects.count(), Recipient.objects.count()) == (1, 1)
    assert Booking.objects.filter(state="held").count() == 1
    assert sum(SlotQuota.objects.values_list("committed", flat=True)) == 1


def test_without_the_second_look_most_of_them_learn_that_the_number_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Nothing(Exception):
        pass

    monkeypatch.setattr("kolaborasi.vaccination.services.asking.AlreadyRegistered", Nothing)
    answers = ask_on_all()
    assert "AlreadyRegistered" in {type(answer).__name__ for answer in answers}
    assert Person.objects.count() == 1
