"""`kolaborasi plan hospitals`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from kolaborasi.allocation.cli import plan
from kolaborasi.allocation.models import Proposal
from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals.models import Placement
from tests.hospitals.factories import PoolFactory, dispatcher_account, referral

pytestmark = pytest.mark.django_db


def test_plan_of_beds_writes_only_when_asked() -> None:
    dispatcher_account()
    earlier = utc_now() - timedelta(minutes=5)
    PoolFactory(staffed=1, observed_at=earlier, received_at=earlier)
    referral(earlier)
    shown = CliRunner().invoke(plan, ["hospitals"])
    assert shown.exit_code == 0
    assert "with the plan: 1 placed, 0 waiting" in shown.output
    assert (Proposal.objects.count(), Placement.objects.count()) == (0, 0)
    done = CliRunner().invoke(plan, ["hospitals", "--approve"])
    assert "Approved 1 lines; refused: none." in done.output
    assert Placement.objects.get().state == "held"


def test_plan_of_beds_says_that_there_is_nothing_to_plan() -> None:
    result = CliRunner().invoke(plan, ["hospitals"])
    assert result.exit_code == 1
    assert "nobody waits for a bed" in result.output
