"""Examples of the OpenAPI document, beside the schemas they are of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ConfigDict, JsonValue


def examples(*values: Mapping[str, Any], closed: bool = False) -> ConfigDict:
    """Model configuration with examples.

    Args:
        closed: refuse members the schema does not name, as every body of a write does.
    """
    shown = {"examples": [cast(JsonValue, dict(value)) for value in values]}
    return ConfigDict(json_schema_extra=cast(Any, shown), extra="forbid" if closed else "ignore")
