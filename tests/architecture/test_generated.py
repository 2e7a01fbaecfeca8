"""Generated documents are what the code would generate now."""

from __future__ import annotations

from pathlib import Path

from kolaborasi.config.diagrams import lifecycles, page

STATES = Path(__file__).parents[2] / "docs" / "states"


def test_every_lifecycle_is_drawn_as_it_is() -> None:
    wanted = {f"{name}.md": page(name, lifecycle) for name, lifecycle in lifecycles().items()}
    assert {path.name: path.read_text(encoding="utf-8") for path in STATES.glob("*.md")} == wanted
    assert "commitments-commitment.md" in wanted
