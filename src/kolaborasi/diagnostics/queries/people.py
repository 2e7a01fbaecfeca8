"""What is known of a person who is tested."""

from __future__ import annotations

from datetime import date

from kolaborasi.diagnostics.models import AntigenTest, Order
from kolaborasi.people.models import Person, User


def person_of(user_id: int | None) -> Person | None:
    """The person of an account."""
    account = User.objects.select_related("person").filter(pk=user_id).first() if user_id else None
    return account.person if account else None


def known_facts(person: Person) -> tuple[date, str] | None:
    """Birth date and sex of the person's last test; None at the first."""
    for model in (Order, AntigenTest):
        found = model.objects.filter(person=person).order_by("-pk").values_list("birth_date", "sex").first()
        if found is not None:
            return found
    return None
