"""`kolaborasi people rewrap`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from kolaborasi.audit.models import AuditEntry
from kolaborasi.people import queries
from kolaborasi.people.cli import people
from tests.people.factories import NIK, person

pytestmark = pytest.mark.django_db


def test_rewrap_moves_everybody_and_a_second_run_nobody(settings: Settings) -> None:
    settings.PEOPLE_KEYS = ["old " * 10]
    somebody = person(nik=NIK)
    settings.PEOPLE_KEYS = ["new " * 10, "old " * 10]
    first = CliRunner().invoke(people, ["rewrap"], catch_exceptions=False)
    second = CliRunner().invoke(people, ["rewrap"], catch_exceptions=False)
    assert first.output.splitlines() == ["1 moved", "All persons stand on the newest key; 1 were moved."]
    assert second.output.splitlines() == ["All persons stand on the newest key; 0 were moved."]
    settings.PEOPLE_KEYS = ["new " * 10]
    assert queries.find_by_nik(NIK) == somebody.pk
    assert AuditEntry.objects.get(verb="people.rewrap").actor == "system:rewrap"
