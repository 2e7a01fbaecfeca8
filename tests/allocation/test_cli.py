"""`kolaborasi plan aid` writes only when it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kolaborasi.aid.models import Pledge
from kolaborasi.allocation.cli import plan
from kolaborasi.allocation.models import Proposal
from tests.factories import ItemFactory, NeedLineFactory, OfferFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    done = CliRunner().invoke(plan, ["aid", *arguments], env={"COLUMNS": "120"}, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


@pytest.fixture(autouse=True)
def _world() -> None:
    """Two places, 20 and 40 needed, 20 on offer in each: six bands of both take 36, the nearer one the rest."""
    item = ItemFactory(code="paket-isoman")
    for needed in (20, 40):
        line = NeedLineFactory(reported=needed, item=item)
        OfferFactory(reported=20, item=item, place=line.need.place)


def test_dry_run_is_the_default_and_stores_nothing() -> None:
    output = run()
    assert "3 lines; nothing was stored" in output
    assert "40 (67%)" in output
    assert (Proposal.objects.count(), Pledge.objects.count()) == (0, 0)
    assert run("--dry-run") == output


def test_store_keeps_the_plan_and_promises_nothing() -> None:
    assert "stored with 3 lines" in run("--store")
    assert (Proposal.objects.count(), Pledge.objects.count()) == (1, 0)


def test_approve_carries_all_lines_out() -> None:
    assert "Approved 3 lines; refused: none." in run("--approve")
    assert Proposal.objects.get().state == "approved"
    assert Pledge.objects.count() == 3


def test_csv_holds_every_kelurahan(tmp_path: Path) -> None:
    run("--csv", str(tmp_path / "coverage.csv"))
    lines = (tmp_path / "coverage.csv").read_text().splitlines()
    assert lines[0] == "code,kelurahan,item,needed,before,after"
    assert sorted(line.split(",", 3)[3] for line in lines[1:]) == ["20,0,14", "40,0,26"]
