"""The classification notices what is missing, repeated or made up."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import models
from django.test.utils import isolate_apps

from kolaborasi.common import classification
from kolaborasi.common.classification import Data


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The declaration of a made-up room."""
    fields: dict[str, object] = {}
    monkeypatch.setattr(classification, "find_spec", lambda name: name == "kolaborasi.pretend.privacy")
    monkeypatch.setattr(classification, "import_module", lambda name: SimpleNamespace(FIELDS=fields))
    return fields


def made_up() -> type[models.Model]:
    class Base(models.Model):
        quantity = models.IntegerField()

        class Meta:
            abstract = True
            app_label = "common"

    class Gift(Base):
        note = models.TextField()
        partner = models.ForeignKey("self", on_delete=models.CASCADE)

        class Meta:
            app_label = "common"

    Base.__module__ = Gift.__module__ = "kolaborasi.pretend.models"
    return Gift


@isolate_apps("kolaborasi.common")
def test_undeclared_field_is_found_and_relations_and_keys_are_not(declared: dict[str, object]) -> None:
    found = [str(finding) for finding in classification.findings(made_up())]
    assert found == ["common.Gift.quantity: unclassified", "common.Gift.note: unclassified"]


@isolate_apps("kolaborasi.common")
def test_field_of_an_abstract_parent_is_declared_with_the_parent(declared: dict[str, object]) -> None:
    declared["Base"] = {Data.NONE: ("quantity",)}
    declared["Gift"] = {Data.IDENTITY: ("note",)}
    gift = made_up()
    assert list(classification.findings(gift)) == []
    assert classification.classes_of(gift) == {"note": [Data.IDENTITY], "quantity": [Data.NONE]}


@isolate_apps("kolaborasi.common")
def test_field_declared_twice_or_not_there_is_found(declared: dict[str, object]) -> None:
    declared["Base"] = {Data.NONE: ("quantity",)}
    declared["Gift"] = {Data.IDENTITY: ("note",), Data.NONE: ("note", "colour")}
    assert [str(finding) for finding in classification.findings(made_up())] == [
        "common.Gift.note: classified twice",
        "common.Gift.colour: no such field",
    ]
