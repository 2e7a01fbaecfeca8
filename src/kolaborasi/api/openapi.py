"""The OpenAPI document: what ninja derives from the signatures, and what holds for all operations."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from kolaborasi.common.http.problems import MEDIA_TYPE, Problem
from kolaborasi.common.permissions import Who, tables

Json = dict[str, Any]
PROBLEM = {"$ref": "#/components/schemas/Problem"}
ANYWAY = (401, 403, 500, 503)
"""Statuses of every operation: a refused token, a missing second factor, a fault of ours."""

SIGNED_IN: list[dict[str, list[str]]] = [{"Token": []}, {"Session": []}]


def complete(document: Json) -> Json:
    """Add statuses, headers, permissions and the media type of problems to every operation."""
    document = deepcopy(document)
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    document["components"]["schemas"].update({**schema.pop("$defs", {}), "Problem": schema})
    for method, _path, operation in operations(document):
        _add_statuses(operation, method)
        _add_reading(operation, method)
        _add_permission(operation)
    return document


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Method, path and description of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _add_statuses(operation: Json, method: str) -> None:
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    headers = {parameter["name"] for parameter in operation["parameters"]}
    asks = bool(operation["parameters"]) or method == "post"
    possible = {
        404: asks,
        422: asks,
        400: asks,
        409: method == "post",
        429: method == "post",
        412: "If-Match" in headers,
    }
    for status in sorted([*ANYWAY, *(status for status, true in possible.items() if true)]):
        content = {MEDIA_TYPE: {"schema": PROBLEM}}
        operation["responses"].setdefault(
            str(status), {"description": HTTPStatus(status).phrase, "content": content}
        )


def _add_reading(operation: Json, method: str) -> None:
    if method != "get":
        return
    operation["parameters"].append(
        {
            "in": "header",
            "name": "If-None-Match",
            "required": False,
            "schema": {"type": "string"},
            "description": "ETag of an earlier answer; 304 when nothing has changed.",
        }
    )
    etag = {"ETag": {"schema": {"type": "string"}, "description": "Version of this representation."}}
    operation["responses"]["200"]["headers"] = etag
    operation["responses"]["304"] = {"description": "Not Modified"}


def _add_permission(operation: Json) -> None:
    verb = operation.get("x-verb")
    if verb is None:
        operation["security"] = [*SIGNED_IN, {}]
        return
    room, name = verb.split(".")
    grants = next(table for table in tables() if table.room == room).grants[name]
    anyone = any(grant.who == Who.ANYONE for grant in grants)
    operation["security"] = [*SIGNED_IN, {}] if anyone else SIGNED_IN
    who = ", ".join(str(grant) for grant in grants)
    operation["description"] = f"{operation.get('description', '')}\n\nWho may: {who}.".strip()
