"""Reference data of the programme: how assays are read, columns of instrument files, codes; typed in with sources."""

from __future__ import annotations

import csv
import json
from functools import cache
from importlib.resources import files
from typing import Any

from kolaborasi.diagnostics.models import Assay
from kolaborasi.stock.models import Item


def load_assays() -> int:
    """Bring the assays and their kits as goods to the reference data; returns how many assays there are."""
    assays = []
    for row in _json("assays.json"):
        kit, _made = Item.objects.get_or_create(
            code=f"kit-{row['code']}", defaults={"name": row["name"], "unit": "reaction"}
        )
        assays.append(Assay(**row, kit=kit))
    fields = [field.name for field in Assay._meta.concrete_fields if field.name not in ("id", "code")]
    Assay.objects.bulk_create(assays, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(assays)


@cache
def specimen_types() -> dict[str, str]:
    """SNOMED CT code of each specimen type."""
    return {row["type"]: row["snomed"] for row in _rows("specimen_types.csv")}


@cache
def instrument_columns() -> list[dict[str, str]]:
    """Column names of instrument exports: instrument, field, column, source."""
    return _rows("instrument_columns.csv")


@cache
def result_columns() -> list[dict[str, str]]:
    """Column names of result files: layout, field, column, time_format, source."""
    return _rows("result_columns.csv")


@cache
def result_codes() -> dict[tuple[str, str], str]:
    """Outcome of a code or word: (system, code in lower case) → outcome."""
    return {(row["system"], row["code"].lower()): row["outcome"] for row in _rows("result_codes.csv")}


@cache
def ct_targets() -> dict[str, str]:
    """Gene target of a LOINC code of a Ct value."""
    return {row["loinc"]: row["target"] for row in _rows("ct_codes.csv")}


@cache
def presence_codes() -> frozenset[str]:
    """LOINC codes of a SARS-CoV-2 result that says whether it was found."""
    return frozenset(row["loinc"] for row in _rows("presence_codes.csv"))


def _json(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(_text(name))
    return loaded


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
