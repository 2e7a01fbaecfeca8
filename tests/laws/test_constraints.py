"""Every concrete capacity, promise and stock table carries the constraints of its law, found by discovery."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, models, transaction

from kolaborasi.aid.models import NeedLine, Pledge
from kolaborasi.commitments.models import Capacity, Commitment, Consumable
from kolaborasi.commitments.queries import capacities, checks, promises
from kolaborasi.stock.models import Balance, Movement
from tests.conftest import NOW
from tests.factories import NeedLineFactory, PartnerFactory

CAPACITIES, COMMITMENTS = capacities(), promises()


def constraint_names(model: type[models.Model]) -> set[str]:
    """Names of the CHECK constraints the database itself has on a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
            [model._meta.db_table],
        )
        return {name for (name,) in cursor.fetchall()}


def test_discovery_finds_the_tables_of_the_programmes() -> None:
    assert {NeedLine, Balance} <= set(CAPACITIES)
    assert Pledge in COMMITMENTS


@pytest.mark.django_db
@pytest.mark.parametrize("model", CAPACITIES, ids=lambda model: model._meta.label)
def test_capacity_has_the_checks_in_the_database(model: type[Capacity]) -> None:
    prefix = f"{model._meta.app_label}_{model._meta.model_name}"
    wanted = {f"{prefix}_promised_at_most_its_limit", f"{prefix}_limit_is_reported_or_promised"}
    if issubclass(model, Consumable):
        wanted.add(f"{prefix}_delivered_at_most_what_is_promised")
    assert wanted <= constraint_names(model)


@pytest.mark.django_db
@pytest.mark.parametrize("model", COMMITMENTS, ids=lambda model: model._meta.label)
def test_commitment_has_the_checks_in_the_database(model: type[Commitment]) -> None:
    prefix = f"{model._meta.app_label}_{model._meta.model_name}"
    wanted = {
        f"{prefix}_promises_at_least_one",
        f"{prefix}_delivers_at_most_what_was_promised",
        f"{prefix}_state_is_known",
        f"{prefix}_held_until_a_time",
        f"{prefix}_fulfilled_means_delivered",
        f"{prefix}_delivered_only_when_confirmed",
    }
    assert wanted <= constraint_names(model)


@pytest.mark.parametrize("model", COMMITMENTS, ids=lambda model: model._meta.label)
def test_commitment_counts_against_capacities(model: type[Commitment]) -> None:
    assert model.counts_against
    for name in model.counts_against:
        target = model._meta.get_field(name).related_model
        assert isinstance(target, type)
        assert issubclass(target, Capacity)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"committed": 51}, "aid_needline_(limit_is_reported_or_promised|promised_at_most_its_limit)"),
        ({"limit": 60}, "aid_needline_limit_is_reported_or_promised"),
        ({"reported": 10}, "aid_needline_limit_is_reported_or_promised"),
        ({"delivered": 1}, "aid_needline_delivered_at_most_what_is_promised"),
        ({"committed": -1}, "aid_needline_committed_check"),
    ],
)
def test_database_refuses_what_code_forgets(change: dict[str, int], constraint: str) -> None:
    line = NeedLineFactory(reported=50)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        NeedLine.objects.filter(pk=line.pk).update(**change)
    assert NeedLine.objects.values_list("reported", "limit", "committed", "delivered").get() == (50, 50, 0, 0)


@pytest.mark.django_db
def test_movements_are_never_changed_in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [Movement._meta.db_table]
        )
        assert {"stock_movement_is_append_only", "stock_movement_is_never_truncated"} <= {
            name for (name,) in cursor.fetchall()
        }


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["committed", "delivered"])
def test_verification_names_the_row_that_does_not_add_up(column: str) -> None:
    line = NeedLineFactory(reported=50)
    giver = PartnerFactory()
    Pledge.objects.create(
        need_line=line,
        partner=giver,
        quantity=5,
        deliver_date=NOW.date(),
        pledged_at=NOW,
        held_until=NOW + timedelta(hours=1),
        link_hash="x",
        receipt_code="AAAAAA",
    )
    NeedLine.objects.filter(pk=line.pk).update(committed=9, delivered=3 if column == "delivered" else 0)
    faults = [fault for check in checks() for fault in check.faults]
    assert f"aid.needline {line.pk}: committed 9 but its promises sum to 5" in faults
    told = f"aid.needline {line.pk}: delivered 3 but its promises delivered 0" in faults
    assert told == (column == "delivered")
