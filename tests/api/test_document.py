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
    "add_machine",
    "admit_patient",
    "agree_beds",
    "answer_conversion",
    "approve_bed_plan",
    "approve_dispatch",
    "approve_plan",
    "approve_supply_line",
    "ask_conversion",
    "ask_for_card",
    "ask_for_pcr",
    "ask_to_book",
    "ask_to_wait",
    "book_for_oneself",
    "book_list",
    "book_own_test",
    "book_slot",
    "bring_back_consignment",
    "call_next",
    "cancel_booking",
    "cancel_test_booking",
    "cancel_own_booking",
    "cancel_own_test",
    "cancel_pledge",
    "cancel_referral",
    "cancel_run",
    "cancel_session",
    "cancel_test_order",
    "change_line",
    "change_quota",
    "change_recipient",
    "change_session",
    "check_in",
    "close_adverse_event",
    "close_lab",
    "close_session",
    "collect_specimen",
    "confirm_booking",
    "confirm_name",
    "confirm_person",
    "confirm_pledge",
    "correct_result",
    "count_stock",
    "decide_quarantine",
    "decline_offer",
    "depart_referral",
    "discard_specimen",
    "discard_vial",
    "discharge_patient",
    "dismiss_name",
    "dispose_specimens",
    "dispute",
    "dissolve_pool",
    "end_observation",
    "enrol_recipient",
    "enter_results",
    "export_results",
    "fail_run",
    "follow_up_adverse_event",
    "get_agreement",
    "get_bed_file",
    "get_bed_plan",
    "get_booking",
    "get_consignment",
    "get_coverage",
    "get_dispatch_plan",
    "get_hospital",
    "get_lab",
    "get_lab_load",
    "get_late_results",
    "get_lot",
    "get_need",
    "get_network",
    "get_notice",
    "get_offer",
    "get_own_record",
    "get_partner",
    "get_place",
    "get_plan",
    "get_pledge",
    "get_pool_advice",
    "get_positives_by_kelurahan",
    "get_positivity",
    "get_problem_type",
    "get_queue",
    "get_recipient",
    "get_referral",
    "get_referral_timeline",
    "get_result",
    "get_run",
    "get_session",
    "get_siranap",
    "get_specimen",
    "get_supply_plan",
    "get_test_order",
    "get_testing_rate",
    "get_vaccination_coverage",
    "get_vaccination_indicators",
    "get_waiting_at_sites",
    "give_dose",
    "give_other_lots",
    "hand_over",
    "import_hl7",
    "import_plate_file",
    "import_results_csv",
    "import_swabs",
    "issue_labels",
    "issue_own_certificate",
    "join_network",
    "join_waiting_list",
    "lab_back",
    "lab_down",
    "leave_network",
    "leave_queue",
    "leave_waiting_list",
    "list_adverse_events",
    "list_antigen_tests",
    "list_bed_lines",
    "list_bed_plans",
    "list_beds",
    "list_bucket_figures",
    "list_consignments",
    "list_contact",
    "list_contacts",
    "list_conversions",
    "list_corrections",
    "list_dispatch_lines",
    "list_dispatch_plans",
    "list_eligible",
    "list_figure_dates",
    "list_figures",
    "list_hospital_offers",
    "list_hospitals",
    "list_items",
    "list_lab_days",
    "list_labs",
    "list_lot_doses",
    "list_lot_places",
    "list_lots",
    "list_manifest",
    "list_names",
    "list_need_pledges",
    "list_needs",
    "list_notices",
    "list_observed",
    "list_offers",
    "list_open_vials",
    "list_own_sessions",
    "list_partners",
    "list_places",
    "list_plan_lines",
    "list_plans",
    "list_pledges",
    "list_problem_types",
    "list_products",
    "list_quarantines",
    "list_referrals",
    "list_results",
    "list_runs",
    "list_screening_questions",
    "list_session_bookings",
    "list_sessions",
    "list_shipments",
    "list_specimen_events",
    "list_specimen_results",
    "list_specimens",
    "list_stock",
    "list_supply_lines",
    "list_supply_plans",
    "list_test_orders",
    "list_test_slots",
    "list_testing_sites",
    "load_bed_file",
    "log_storage",
    "make_offer",
    "make_pledge",
    "make_pool",
    "mark_no_shows",
    "move_doses",
    "move_patient",
    "offer_days",
    "offer_referral",
    "open_correction",
    "open_result",
    "open_session",
    "open_test_slots",
    "open_vial",
    "order_for_contact",
    "order_own_test",
    "order_test",
    "pause_network",
    "pick_up_consignment",
    "place_patient",
    "plan_session",
    "prepare_run",
    "propose_bed_plan",
    "propose_dispatch",
    "propose_plan",
    "propose_supply",
    "rank_beds",
    "read_run",
    "reassess_referral",
    "rebook_own_test",
    "recall_lot",
    "receive_doses",
    "receive_kits",
    "receive_shipment",
    "receive_specimens",
    "record_antigen",
    "record_death",
    "record_dose_elsewhere",
    "record_paper_doses",
    "refer",
    "register_lab",
    "register_lot",
    "register_need",
    "reject_bed_plan",
    "reject_correction",
    "reject_dispatch",
    "reject_need",
    "reject_plan",
    "reject_result",
    "reject_supply_line",
    "release_consignment",
    "release_overdue",
    "renew_code",
    "report_adverse_event",
    "report_beds",
    "report_delivery",
    "reschedule",
    "resolve_correction",
    "resume_network",
    "return_doses",
    "revoke_certificate",
    "screen_visit",
    "see_notice",
    "see_queue_names",
    "send_doses",
    "send_siranap",
    "set_catchment",
    "set_machine_service",
    "set_shifts",
    "start_run",
    "tell_contacts",
    "tell_result_again",
    "tell_results",
    "turn_away_patient",
    "validate_results",
    "verify_card",
    "verify_lab",
    "verify_need",
    "waste_doses",
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
    names = [operation["operationId"] for _method, _path, operation in operations(served)]
    assert set(names) == OPERATIONS
    assert len(names) == len(OPERATIONS)


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
        "add_machine",
        "approve_bed_plan",
        "approve_dispatch",
        "approve_plan",
        "ask_for_card",
        "ask_for_pcr",
        "ask_to_book",
        "ask_to_wait",
        "book_for_oneself",
        "book_list",
        "book_own_test",
        "collect_specimen",
        "correct_result",
        "count_stock",
        "enrol_recipient",
        "enter_results",
        "import_hl7",
        "import_plate_file",
        "import_results_csv",
        "import_swabs",
        "issue_labels",
        "join_waiting_list",
        "list_contact",
        "make_offer",
        "make_pledge",
        "make_pool",
        "move_doses",
        "open_correction",
        "open_test_slots",
        "open_vial",
        "order_for_contact",
        "order_own_test",
        "order_test",
        "place_patient",
        "plan_session",
        "prepare_run",
        "propose_bed_plan",
        "propose_dispatch",
        "propose_plan",
        "propose_supply",
        "receive_doses",
        "receive_kits",
        "receive_shipment",
        "record_antigen",
        "record_dose_elsewhere",
        "record_paper_doses",
        "refer",
        "register_lab",
        "register_need",
        "reject_bed_plan",
        "reject_plan",
        "report_adverse_event",
        "report_delivery",
        "return_doses",
        "send_doses",
        "tell_result_again",
        "waste_doses",
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
