"""Which fields say something about persons: each room declares it in its `privacy` module.

A room's `privacy.py` holds `FIELDS`: for each model class, the names of its fields by class of data. Every field
must be named, except the automatic primary key and relations: a relation holds no more than the id of what it points
to. Fields inherited from an abstract model are declared once, where the abstract model lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db.models import AutoField, Field, Model


class Data(StrEnum):
    """What a field can tell about a person."""

    IDENTITY = "identity"
    """Names a person or reaches one; encrypted at rest, shown only with `people.services.look`."""
    CLINICAL = "clinical"
    """A fact about a person's body; plain, under the pseudonymous id."""
    PSEUDONYMOUS = "pseudonymous"
    """An id, keyed hash or secret that leads to a person only with other data of the platform."""
    INCIDENTAL = "incidental"
    """Text or picture that is not meant to show a person but might; seen inside the programme, never exported."""
    NONE = "none"
    """Nothing about a natural person."""


Declared = Mapping[str, Mapping[Data, tuple[str, ...]]]


@dataclass(frozen=True)
class Finding:
    """A field that is declared not at all, twice, or does not exist.

    Args:
        model: label of the model, for example `people.Person`.
        field: its name.
        fault: `unclassified`, `classified twice` or `no such field`.
    """

    model: str
    field: str
    fault: str

    def __str__(self) -> str:
        return f"{self.model}.{self.field}: {self.fault}"


def classes_of(model: type[Model]) -> dict[str, list[Data]]:
    """The declared classes of a model's fields, those of its abstract parents included."""
    found: dict[str, list[Data]] = {}
    for ancestor in model.__mro__:
        if not ancestor.__module__.startswith("kolaborasi."):
            continue
        for data, names in _declared(ancestor.__module__.split(".")[1]).get(ancestor.__name__, {}).items():
            for name in names:
                found.setdefault(name, []).append(data)
    return found


def must_be_classified(field: Field[Any, Any]) -> bool:
    """Every field but the automatic primary key and relations."""
    return not field.is_relation and not isinstance(field, AutoField)


def findings(model: type[Model]) -> Iterator[Finding]:
    """What is wrong with a model's declaration; nothing when it is complete and true."""
    declared = classes_of(model)
    fields = {field.name: field for field in model._meta.concrete_fields}
    for name, field in fields.items():
        if must_be_classified(field) and name not in declared:
            yield Finding(model._meta.label, name, "unclassified")
    for name, classes in declared.items():
        if name not in fields:
            yield Finding(model._meta.label, name, "no such field")
        elif len(classes) > 1:
            yield Finding(model._meta.label, name, "classified twice")


def own_models() -> list[type[Model]]:
    """Every concrete model of the platform's rooms."""
    return [model for model in apps.get_models() if model.__module__.startswith("kolaborasi.")]


def _declared(room: str) -> Declared:
    module = f"kolaborasi.{room}.privacy"
    return import_module(module).FIELDS if find_spec(module) else {}
