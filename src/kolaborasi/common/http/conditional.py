"""Versions of a representation: not sent again when known, not changed when it is no longer the one that was seen.

The version of a resource is the hash of its representation as the caller sees it (strong entity tag).
Source: RFC 9110, sections 8.8.3 and 13.1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from ninja.responses import NinjaJSONEncoder

from kolaborasi.common.errors import Refused


class ChangedSince(Refused):
    """The resource is no longer the version named in If-Match."""

    code = "changed-since"
    status = 412

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this since you read it. Read it again and decide anew."))


def plain(representation: Schema) -> Any:
    """The JSON value of a representation, the same for an answer, its version and its replay."""
    return json.loads(json.dumps(representation.model_dump(), cls=NinjaJSONEncoder))


def tag_of(representation: Any) -> str:
    """The strong entity tag of a representation: of a schema, or of the plain values of one."""
    values = representation.model_dump() if isinstance(representation, Schema) else representation
    return tag_of_content(json.dumps(values, cls=NinjaJSONEncoder).encode())


def tag_of_content(content: bytes) -> str:
    """The strong entity tag of a representation as ninja has written it."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def unless_known(request: HttpRequest, response: HttpResponse, tag: str) -> HttpResponse:
    """The answer with its tag, or 304 without content when If-None-Match names it."""
    response["ETag"] = tag
    known = [each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))]
    if tag not in known and "*" not in known:
        return response
    unchanged = HttpResponseNotModified()
    for name in ("ETag", "Link", "Cache-Control", "Vary"):
        if response.has_header(name):
            unchanged[name] = response[name]
    return unchanged


def require_match(request: HttpRequest, present: Callable[[], Any]) -> None:
    """Do nothing when the request has no If-Match, or it names the present version.

    Must be called in the transaction of the change, with the rows behind the representation locked.

    Args:
        present: makes the representation as it is now; called only when it is needed.

    Raises:
        ChangedSince: it is another version now.
    """
    given = request.headers.get("If-Match")
    if given is None:
        return
    wanted = parse_etags(given)
    # A header that cannot be read names no version, so it must not let the change through.
    if "*" not in wanted and tag_of(present()) not in wanted:
        raise ChangedSince
