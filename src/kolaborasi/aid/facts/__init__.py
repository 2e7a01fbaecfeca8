"""Reference data of the programme: the packages, their prices and rules, typed in with their sources."""

from __future__ import annotations

import csv
from importlib.resources import files

from kolaborasi.aid.models import Item


def load_items() -> int:
    """Bring the item table to the reference data; returns how many items there are."""
    text = files(__package__).joinpath("items.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    items = [Item(**{**row, "reference_price": int(row["reference_price"] or 0) or None}) for row in rows]
    fields = [name for name in rows[0] if name != "code"]
    Item.objects.bulk_create(items, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(items)
