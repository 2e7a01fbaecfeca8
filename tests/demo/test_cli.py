"""`kolaborasi demo estimates` prints every number of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from kolaborasi.demo.cli import demo

DOCUMENT = Path(__file__).parents[2] / "docs" / "estimates.md"


def output(*arguments: str) -> str:
    done = CliRunner().invoke(demo, ["estimates", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_documentation_quotes_the_commands_output() -> None:
    quoted = re.search(r"```text\n(.*?)```", DOCUMENT.read_text(), re.S)
    assert quoted is not None
    assert quoted[1] == output()


def test_every_kelurahan_can_be_listed() -> None:
    lines = output("--all").split("code,isolating,households,people,packages\n")[1].splitlines()
    assert len(lines) == 267
    assert sum(int(line.split(",")[4]) for line in lines) == 39_019
