"""The OpenAPI document, its page, and what holds for every operation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pydantic import BaseModel

from kolaborasi.api.openapi import operations
from kolaborasi.api.urls import api
from kolaborasi.common.http.cursors import Page
from tests.api.conftest import Api

OPERATIONS = {
    "accept_offer",
    "acknowledge",
    "acknowledge_by_code",
    "admit_patient",
    "approve_plan",
    "cancel_pledge",
    "cancel_referral",
    "change_line",
    "confirm_pledge",
    "decline_offer",
    "depart_referral",
    "discharge_patient",
    "dispute",
    "get_coverage",
    "get_hospital",
    "get_need",
    "get_network",
    "get_offer",
    "get_partner",
    "get_place",
    "get_plan",
    "get_pledge",
    "get_problem_type",
    "get_referral",
    "get_referral_timeline",
    "get_siranap",
    "hand_over",
    "list_beds",
    "list_bucket_figures",
    "list_figure_dates",
    "list_figures",
    "list_hospital_offers",
    "list_hospitals",
    "list_items",
    "list_need_pledges",
    "list_needs",
    "list_offers",
    "list_partners",
    "list_places",
    "list_plan_lines",
    "list_plans",
    "list_pledges",
    "list_problem_types",
    "list_referrals",
    "make_offer",
    "make_pledge",
    "offer_referral",
    "place_patient",
    "propose_plan",
    "rank_beds",
    "reassess_referral",
    "record_death",
    "refer",
    "register_need",
    "reject_need",
    "reject_plan",
    "release_overdue",
    "renew_code",
    "report_beds",
    "report_delivery",
    "send_siranap",
    "turn_away_patient",
    "verify_need",
    "withdraw_bed_offer",
    "withdraw_need",
    "withdraw_offer",
}


def document() -> dict[str, Any]:
    """The document as it is served."""
    return json.loads(Client().get("/api/v1/openapi.json").content)


def test_openapi_document_lists_every_operation() -> None:
    served = document()
    assert served["openapi"] == "3.1.0"
    assert {operation["operationId"] for _method, _path, operation in operations(served)} == OPERATIONS


def test_openapi_document_has_no_dangling_reference() -> None:
    served = document()
    references = set(re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(served)))
    assert references <= set(served["components"]["schemas"])
    assert "Problem" in references


def test_openapi_errors_are_problem_documents() -> None:
    for _method, _path, operation in operations(document()):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], operation["operationId"]


def test_openapi_readings_can_be_not_modified() -> None:
    for method, _path, operation in operations(document()):
        assert ("304" in operation["responses"]) == (method == "get"), operation["operationId"]


def test_openapi_writes_take_an_idempotency_key_and_name_their_verb() -> None:
    needing = set()
    for method, _path, operation in operations(document()):
        if method != "post":
            continue
        header = next(each for each in operation["parameters"] if each["name"] == "Idempotency-Key")
        assert "Who may: " in operation["description"], operation["operationId"]
        if header["required"]:
            needing.add(operation["operationId"])
    assert needing == {
        "acknowledge",
        "acknowledge_by_code",
        "approve_plan",
        "make_offer",
        "make_pledge",
        "place_patient",
        "propose_plan",
        "refer",
        "register_need",
        "reject_plan",
        "report_delivery",
    }


def test_openapi_security_follows_the_permission_table() -> None:
    security = {op["operationId"]: op["security"] for _method, _path, op in operations(document())}
    assert security["register_need"] == [{"Token": []}, {"Session": []}]
    assert security["make_pledge"] == [{"Token": []}, {"Session": []}, {}]
    assert set(document()["components"]["securitySchemes"]) == {"Token", "Session"}


def _models() -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                for model in (*operation.response_models.values(), *operation.models):
                    fields = list(model.model_fields.values())
                    if getattr(model, "__ninja_param_source__", "body") in ("body", "form"):
                        found += [each for field in fields for each in _inner(field.annotation)]
    return list(dict.fromkeys(found))


def _inner(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for argument in getattr(annotation, "__args__", ()) for each in _inner(argument)]


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_every_body_has_an_example_that_is_true(model: type[BaseModel]) -> None:
    if issubclass(model, Page):
        (model,) = _inner(model.model_fields["items"].annotation)
    extra = model.model_config.get("json_schema_extra")
    if extra is None and set(model.model_fields) == {"items"}:
        (model,) = _inner(model.model_fields["items"].annotation)
        extra = model.model_config.get("json_schema_extra")
    assert isinstance(extra, dict), f"{model.__name__} has no example"
    assert extra["examples"]
    for example in extra["examples"]:
        model.model_validate(example)


def test_docs_page_loads_nothing_from_elsewhere() -> None:
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert addresses
    for address in addresses:
        assert address.startswith("/static/")
        assert finders.find(address.removeprefix("/static/")), address
    assert not re.search(r"<script>|<style|style=|onload=", page.content.decode())


def test_every_problem_type_is_explained(visitor: Api) -> None:
    listed = visitor.get("/problems").json()
    codes = [each["code"] for each in listed]
    assert codes == sorted(set(codes))
    assert {"not-enough-left", "need-closed", "idempotency-key-missing", "token-refused"} <= set(codes)
    assert all(each["meaning"] for each in listed)
    assert visitor.get("/problems/not-enough-left").json() == {
        "code": "not-enough-left",
        "status": 422,
        "meaning": "A capacity has less left than was asked for.",
    }
    assert visitor.get("/problems/no-such-thing").status_code == 404
