"""`kolaborasi verify` reads every row and names those that do not add up."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kolaborasi.aid import services as aid
from kolaborasi.aid.models import NeedLine, Pledge
from kolaborasi.audit.services import seal
from kolaborasi.config.verification import report
from tests.conftest import NOW
from tests.factories import TODAY, NeedLineFactory, OfferFactory, staff

pytestmark = pytest.mark.django_db


def shown() -> tuple[bool, str]:
    console = Console(file=io.StringIO(), width=120)
    clean = report(console)
    return clean, console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture
def delivered() -> Pledge:
    line = NeedLineFactory(reported=50)
    offer = OfferFactory(item=line.item)
    made = aid.pledge_by_plan(
        need_line=line, offer=offer, quantity=20, deliver_date=TODAY, by=staff("coordinator"), now=NOW
    )
    aid.acknowledge(pledge=made.pledge, received=15, by=staff("verifier"), now=NOW)
    seal()
    return made.pledge


def test_city_that_adds_up_is_clean_and_every_check_tells_its_rows(delivered: Pledge) -> None:
    clean, text = shown()
    assert clean
    for check in (
        "promises of aid.needline",
        "promises of aid.offer",
        "deliveries of aid.pledge",
        "audit chain",
    ):
        assert check in text


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda pledge: NeedLine.objects.update(committed=16), "committed 16 but its promises sum to 15"),
        (lambda pledge: NeedLine.objects.update(delivered=14), "delivered 14 but its promises delivered 15"),
        (lambda pledge: pledge.deliveries.update(received=14), "delivered 15 but 14 were acknowledged"),
    ],
)
def test_damage_is_found_and_named(delivered: Pledge, damage: object, told: str) -> None:
    damage(delivered)  # type: ignore[operator]
    clean, text = shown()
    assert not clean
    assert told in text
