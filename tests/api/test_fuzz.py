"""Any value anywhere: an answer that is documented, and never an error of ours."""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolaborasi.api.openapi import operations
from kolaborasi.api.urls import api
from tests.api.conftest import Member
from tests.factories import NeedLineFactory, OfferFactory

QUIET = {
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    "deadline": None,
}
DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
READINGS = [(path, op) for method, path, op in operations(DOCUMENT) if method == "get"]
WRITES = [
    (path, op)
    for method, path, op in operations(DOCUMENT)
    if method == "post" and "application/json" in op.get("requestBody", {}).get("content", {})
]
KNOWN = ["sembako", "kemendagri", "31.71", "31.71.01.1001/004", "kelurahan", "1", "2021-06-30", "true", ""]
ANY_TEXT = st.one_of(st.sampled_from(KNOWN), st.text(max_size=20), st.integers().map(str))
ANY_JSON: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def _filled(path: str, values: list[str]) -> str:
    for value in values:
        if "{" in path:
            before, rest = path.split("{", 1)
            path = before + (quote(value, safe="") or "1") + rest.split("}", 1)[1]
    return path


@pytest.mark.parametrize(("path", "operation"), READINGS, ids=[op["operationId"] for _path, op in READINGS])
def test_reading_with_any_value_is_answered(path: str, operation: dict[str, Any], member: Member) -> None:
    NeedLineFactory()
    caller = member("coordinator")
    names = [each["name"] for each in operation["parameters"] if each["in"] == "query"]

    @settings(max_examples=25, **QUIET)
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        chosen = {name: data.draw(ANY_TEXT) for name in names if data.draw(st.booleans())}
        # A slash or dots would be another address.
        parts = st.one_of(st.just("1"), st.integers().map(str), st.text("ab1", min_size=1, max_size=5))
        address = _filled(path, [data.draw(parts), data.draw(parts)])
        response = caller.get(f"{address}?{urlencode(chosen, errors='replace')}")
        assert response.status_code < 500

    ask()


@pytest.mark.parametrize(("path", "operation"), WRITES, ids=[op["operationId"] for _path, op in WRITES])
def test_write_with_any_value_is_answered(path: str, operation: dict[str, Any], member: Member) -> None:
    line, offer = NeedLineFactory(), OfferFactory()
    caller = member("coordinator")
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    example = DOCUMENT["components"]["schemas"][name]["examples"][0]
    address = _filled(path, [str(line.need_id), str(line.pk)] if "needs" in path else [str(offer.pk)])

    @settings(max_examples=25, **QUIET)
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        body = copy.deepcopy(example)
        for member_name in list(body):
            if data.draw(st.booleans()):
                body[member_name] = data.draw(ANY_JSON)
        response = caller.post(address, body)
        assert response.status_code < 500, json.dumps(body)

    ask()
