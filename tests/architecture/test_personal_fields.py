"""Every field of every model says whether it tells something about a person."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import pytest
from django.apps import apps
from django.db.models import BinaryField, Model

from kolaborasi.common.classification import Data, classes_of, findings, own_models

# The log-in address is compared by the account library and cannot be closed; `people.models.User` says so.
PLAIN_IDENTITY = {"people.User.email"}
# Each of these asks its writer to name and show nobody; a new one needs a reason not to be a choice instead.
INCIDENTAL = {"aid.Need.state_reason", "aid.Pledge.end_reason", "aid.Delivery.photo"}


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_field_is_classified_once(model: type[Model]) -> None:
    assert [str(finding) for finding in findings(model)] == []


def test_identity_is_stored_encrypted_and_in_people_alone() -> None:
    plain = set()
    for model in own_models():
        for name, classes in classes_of(model).items():
            if Data.IDENTITY in classes and not isinstance(model._meta.get_field(name), BinaryField):
                plain.add(f"{model._meta.label}.{name}")
    assert plain == PLAIN_IDENTITY
    rooms = {m._meta.app_label for m in own_models() for c in classes_of(m).values() if Data.IDENTITY in c}
    assert rooms == {"people"}


def test_text_and_pictures_that_might_show_a_person_are_few_and_known() -> None:
    found = {
        f"{model._meta.label}.{name}"
        for model in own_models()
        for name, classes in classes_of(model).items()
        if Data.INCIDENTAL in classes
    }
    assert found == INCIDENTAL


def test_declarations_name_only_models_that_exist() -> None:
    known = {
        (ancestor.__module__.rsplit(".models", 1)[0], ancestor.__name__)
        for model in own_models()
        for ancestor in model.__mro__
    }
    for app in apps.get_app_configs():
        module = f"{app.name}.privacy"
        if app.name.startswith("kolaborasi.") and find_spec(module):
            assert {(app.name, name) for name in import_module(module).FIELDS} <= known
