"""Reference data of the programme: packages and sub-programmes with prices and rules, typed in with their sources."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import Any

from kolaborasi.aid.models import Item, Programme
from kolaborasi.aid.rules.programmes import ProgrammeDefinition

HALAL = {"yes": True, "no": False, "": None}


def load_items() -> int:
    """Bring the item table to the reference data; returns how many items there are."""
    rows = list(csv.DictReader(_text("items.csv").splitlines()))
    items = [
        Item(
            **{
                **row,
                "reference_price": int(row["reference_price"] or 0) or None,
                "shelf_life_days": int(row["shelf_life_days"] or 0) or None,
                "halal": HALAL[row["halal"]],
            }
        )
        for row in rows
    ]
    fields = [name for name in rows[0] if name != "code"]
    Item.objects.bulk_create(items, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(items)


def definitions() -> list[ProgrammeDefinition]:
    """The sub-programmes of the reference data."""
    found = tomllib.loads(_text("programmes.toml"))["programme"]
    return [ProgrammeDefinition.model_validate(each) for each in found]


def load_programmes() -> int:
    """Bring items and sub-programmes to the reference data; returns how many sub-programmes there are."""
    load_items()
    for definition in definitions():
        store(definition)
    return len(definitions())


def store(definition: ProgrammeDefinition) -> Programme:
    """Write a sub-programme as its definition says, new or anew; its items must be there."""
    values: dict[str, Any] = definition.model_dump(mode="json", exclude={"code", "items"})
    programme, _new = Programme.objects.update_or_create(code=definition.code, defaults=values)
    programme.items.set(Item.objects.filter(code__in=definition.items))
    return programme


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
