"""Permission tables: every verb is listed, every listed verb exists, every role word is a role."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from kolaborasi.common.permissions import PermissionTable, tables
from kolaborasi.partners.states import RoleName

TABLES = {table.room: table for table in tables()}


def verbs_of(room: str) -> set[str]:
    """Public functions of a room's services that take `by`."""
    services = import_module(f"kolaborasi.{room}.services")
    return {
        name
        for name, function in inspect.getmembers(services, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__.startswith(f"kolaborasi.{room}.")
        and inspect.signature(function).parameters.get("by") is not None
        and inspect.signature(function).parameters["by"].kind == inspect.Parameter.KEYWORD_ONLY
    }


def test_tables_are_found() -> None:
    assert {"people", "partners"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_table_lists_every_verb_of_its_room(table: PermissionTable) -> None:
    assert verbs_of(table.room) - set(table.grants) == set()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_line_of_the_table_is_asked_for_in_its_room(table: PermissionTable) -> None:
    """A line is a verb, or a right that the room's code asks the table about by name."""
    folder = Path(import_module(f"kolaborasi.{table.room}").__path__[0])
    code = "".join(path.read_text() for path in folder.rglob("*.py") if path.name != "permissions.py")
    asked = {line for line in table.grants if f'"{line}"' in code}
    assert set(table.grants) - verbs_of(table.room) - asked == set()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_table_names_only_roles_that_exist(table: PermissionTable) -> None:
    assert table.role_names() <= set(RoleName)


def test_table_carries_the_name_of_its_room() -> None:
    assert all(apps.is_installed(f"kolaborasi.{room}") for room in TABLES)
