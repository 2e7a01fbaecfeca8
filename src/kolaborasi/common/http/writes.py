"""Writes of the API: done once for each Idempotency-Key.

Source: IETF draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import Refused
from kolaborasi.common.http.conditional import plain
from kolaborasi.common.http.problems import refusal_document, response_of
from kolaborasi.common.http.sealing import open_, seal
from kolaborasi.common.idempotency import once, once_in_steps

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{16,255}")


class KeyMissing(Refused):
    """A write that creates something came without an Idempotency-Key."""

    code = "idempotency-key-missing"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            _("Send an Idempotency-Key header, a new UUID for each act, so that a retry does nothing twice.")
        )


class KeyMalformed(Refused):
    """The Idempotency-Key is too short, too long or has foreign characters."""

    code = "idempotency-key-malformed"
    status = 400

    def __init__(self) -> None:
        super().__init__(_("An Idempotency-Key has 16 to 255 visible ASCII characters; a UUID is best."))


@dataclass(frozen=True)
class Written:
    """What a write answers.

    Args:
        body: the representation of what was made or changed.
        status: 201 when something was made.
        location: address of what was made.
    """

    body: Schema
    status: int = 200
    location: str = ""


def acting(request: HttpRequest) -> Actor:
    """Who acts in a request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def write_once(
    request: HttpRequest,
    *,
    content: Any = None,
    write: Callable[[], Written],
    needs_key: bool = False,
    in_steps: bool = False,
) -> HttpResponse:
    """Do a write in one transaction and answer it; a repeated key gets the first answer and does nothing.

    A refusal undoes everything and frees the key for another try; one that leaves a trace is an answer like others,
    so that a retry does not leave it twice.

    Args:
        content: what was sent (see `digest_of` for files); with the address it is what the key stands for.
        write: calls one verb.
        needs_key: refuse requests without a key: for acts that done twice would be two.
        in_steps: `write` is many transactions of its own (see `idempotency.once_in_steps`); goes with `needs_key`.

    Raises:
        KeyMissing, KeyMalformed: the header is needed or not well formed.
        KeyReused: the key was used for other content.
        Refused: of the verb.
    """
    key = _key(request)
    if not key:
        if needs_key:
            raise KeyMissing
        with transaction.atomic():
            return _response(_answer(request, write))
    do = once_in_steps if in_steps else once
    answer = do(
        scope=_scope(request),
        key=hashlib.sha256(key.encode()).hexdigest(),
        # The key itself is not stored, so with it in the content nobody can guess the content from its hash.
        content=[key, request.path, content],
        now=utc_now(),
        write=lambda: seal(_answer(request, write), key=key),
    )
    response = _response(open_(answer.value, key=key))
    if answer.repeated:
        response[REPLAYED] = "true"
    return response


def digest_of(file: UploadedFile[Any] | None) -> str:
    """SHA-256 of an upload, which is read from its beginning again afterwards; empty without one."""
    if file is None:
        return ""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def documented(*, verb: str, needs_key: bool = False, if_match: bool = False) -> dict[str, Any]:
    """What the OpenAPI document says of a write beside its signature.

    Args:
        verb: room and verb of the permission table, for example `aid.pledge`.
        needs_key: as in `write_once`.
        if_match: the write looks at If-Match.
    """
    parameters: list[Mapping[str, Any]] = [
        {
            "in": "header",
            "name": HEADER,
            "required": needs_key,
            "schema": {"type": "string", "minLength": 16, "maxLength": 255},
            "description": "A new UUID for each act. Sent again, it gets the first answer and does nothing.",
            "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
        }
    ]
    if if_match:
        parameters.append(
            {
                "in": "header",
                "name": "If-Match",
                "required": False,
                "schema": {"type": "string"},
                "description": "ETag of the need as it was read; refused with 412 when it has changed since.",
            }
        )
    return {"parameters": parameters, "x-verb": verb}


def _key(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "").strip()
    bare = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if given and not KEY.fullmatch(bare):
        raise KeyMalformed
    return bare


def _scope(request: HttpRequest) -> str:
    route = request.resolver_match.route if request.resolver_match else request.path
    return f"{acting(request).reference}/{hashlib.sha256(route.encode()).hexdigest()[:24]}"


def _answer(request: HttpRequest, write: Callable[[], Written]) -> dict[str, Any]:
    try:
        written = write()
    except Refused as error:
        if not error.leaves_a_trace:
            raise
        return {"status": error.status, "problem": refusal_document(request, error)}
    return {"status": written.status, "body": plain(written.body), "location": written.location}


def _response(answer: Mapping[str, Any]) -> HttpResponse:
    if "problem" in answer:
        return response_of(answer["problem"])
    response = HttpResponse(
        json.dumps(answer["body"], ensure_ascii=False),
        status=answer["status"],
        content_type="application/json; charset=utf-8",
    )
    response["Cache-Control"] = "private, no-store"
    if answer["location"]:
        response["Location"] = answer["location"]
    return response
