"""Any value anywhere: an answer that is documented, and never an error of ours."""

from __future__ import annotations

import json
from itertools import product
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
NEEDED = {"series": "population.total", "date": "2021-06-30"}
ODD = ["\x00", "a\x00b", "%", "_", "\\", "'", str(2**31), str(2**63), "-1", "0", "1e400", "NaN", "9999-12-31"]
ANY_TEXT = st.one_of(st.sampled_from(KNOWN), st.sampled_from(ODD), st.text(max_size=20))
ODD_JSON = ["\x00", "\ud800", 2**31, 2**63, -1, 0, 1, 1.5, "0001-01-01", "9999-12-31", [], {}, None, True]
ANY_JSON: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD_JSON),
    st.integers(),
    st.floats(),
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
    needed = {name: NEEDED[name] for name in names if name in NEEDED}

    def ask(chosen: dict[str, str], parts: list[str]) -> None:
        query = urlencode({**needed, **chosen}, errors="replace")
        response = caller.get(f"{_filled(path, parts)}?{query}")
        assert response.status_code < 500, (query, parts)

    for name, value in product(names, [*KNOWN, *ODD]):
        ask({name: value}, ["1", "1"])

    @settings(max_examples=15, **QUIET)
    @given(
        st.dictionaries(st.sampled_from(names or ["none"]), ANY_TEXT, max_size=3),
        # A slash or dots would be another address.
        st.lists(st.one_of(st.integers().map(str), st.text("ab1", min_size=1)), min_size=2, max_size=2),
    )
    def ask_at_random(chosen: dict[str, str], parts: list[str]) -> None:
        ask(chosen, parts)

    ask_at_random()


@pytest.mark.parametrize(("path", "operation"), WRITES, ids=[op["operationId"] for _path, op in WRITES])
def test_write_with_any_value_is_answered(path: str, operation: dict[str, Any], member: Member) -> None:
    line, offer = NeedLineFactory(), OfferFactory()
    caller = member("coordinator")
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    example = DOCUMENT["components"]["schemas"][name]["examples"][0]
    address = _filled(path, [str(line.need_id), str(line.pk)] if "needs" in path else [str(offer.pk)])

    def ask(changes: dict[str, Any]) -> None:
        response = caller.post(address, {**example, **changes})
        assert response.status_code < 500, json.dumps(changes)

    for member_name, value in product(example, ODD_JSON):
        ask({member_name: value})

    @settings(max_examples=15, **QUIET)
    @given(st.dictionaries(st.sampled_from(sorted(example)), ANY_JSON, max_size=3))
    def ask_at_random(changes: dict[str, Any]) -> None:
        ask(changes)

    ask_at_random()
