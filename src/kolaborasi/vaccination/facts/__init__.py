"""Reference data of the programme: products, schedules, screening questions, typed in with their sources."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files

from django.db import transaction
from django.utils.translation import get_language

from kolaborasi.common.actors import Actor
from kolaborasi.places.services import import_counts
from kolaborasi.stock.models import Item
from kolaborasi.vaccination.models import Product, ScheduleRule

PUBLISHED = "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021).csv"


@dataclass(frozen=True)
class Question:
    """A screening question and what a yes means: `defer`, `exclude` this product, or `longer` observation."""

    code: str
    effect: str
    text_en: str
    text_id: str
    source: str

    @property
    def text(self) -> str:
        """The question in the language in use."""
        return self.text_en if (get_language() or "id").startswith("en") else self.text_id


@cache
def questions() -> tuple[Question, ...]:
    """The screening questions in the order they are asked."""
    return tuple(Question(**row) for row in _rows("screening.csv"))


def load_products() -> int:
    """Bring products and schedule rules to the reference data; returns how many products there are."""
    rows = _rows("products.csv")
    with transaction.atomic():
        Item.objects.bulk_create(
            [Item(code=f"vaccine-{row['code']}", name=row["name"], unit="dose") for row in rows],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "unit"],
        )
        items = {item.code: item for item in Item.objects.filter(code__startswith="vaccine-")}
        products = [_product(row, items[f"vaccine-{row['code']}"]) for row in rows]
        changed = [name for name in rows[0] if name != "code"]
        Product.objects.bulk_create(
            products, update_conflicts=True, unique_fields=["item"], update_fields=["code", *changed]
        )
        _load_rules({product.code: product for product in products})
    return len(products)


def load_published(*, by: Actor, now: datetime) -> int:
    """Bring in the doses per kelurahan that the city published for 31 July 2021; returns how many figures.

    Source: Pemprov DKI Jakarta, the workbook the file is named after; made by `kolaborasi vaccination build-facts`.

    Raises:
        UnknownArea: the areas are not loaded.
    """
    with as_file(files(__package__).joinpath(PUBLISHED)) as path:
        return import_counts(path=path, by=by, now=now).figures


def _load_rules(products: dict[str, Product]) -> None:
    rules = []
    for row in _rows("schedule.csv"):
        rules.append(
            ScheduleRule(
                product=products[row["product"]],
                number=int(row["number"]),
                previous=products.get(row["previous"]),
                booster=row["booster"] == "yes",
                min_days=int(row["min_days"]),
                max_days=_number(row["max_days"]),
                min_age=int(row["min_age"]),
                max_age=_number(row["max_age"]),
                starts_date=row["starts_date"],
                ends_date=row["ends_date"] or None,
                source=row["source"],
            )
        )
    ScheduleRule.objects.filter(product__in=products.values()).delete()
    ScheduleRule.objects.bulk_create(rules)


def _product(row: dict[str, str], item: Item) -> Product:
    return Product(
        item=item,
        **{
            **row,
            "dose_microlitres": int(row["dose_microlitres"]),
            "thawed_days": _number(row["thawed_days"]),
            "opened_minutes": int(row["opened_minutes"]),
            "observation_minutes": int(row["observation_minutes"]),
        },
    )


def _number(text: str) -> int | None:
    return int(text) if text else None


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
