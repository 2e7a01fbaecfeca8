"""Reading of requests: text the database cannot hold is refused before it gets there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.types import DictStrAny

UNREADABLE = "Cannot parse request body"


class TextParser(Parser):
    """Ninja's parser without U+0000 and lone surrogates, which PostgreSQL's text cannot hold."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The JSON of a body."""
        parsed = super().parse_body(request)
        _require_text(parsed)
        return parsed

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        """The values of a query or form; of files only the names are looked at."""
        _require_text([[str(value) for value in values] for _name, values in data.lists()])
        return super().parse_querydict(data, list_fields, request)


def _require_text(value: Any) -> None:
    if isinstance(value, dict):
        _require_text(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            _require_text(each)
    elif isinstance(value, str) and ("\x00" in value or not _is_unicode(value)):
        raise HttpError(400, UNREADABLE)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
