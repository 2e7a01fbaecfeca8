"""Pages of a list by cursor: where the last row stood, not how many rows came before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kolaborasi.common.errors import Refused

MOST = 200
SALT = "kolaborasi.cursor"
Row = TypeVar("Row", bound=Model)
Entry = TypeVar("Entry")


class CursorUnknown(Refused):
    """The cursor was not given by this list with these filters."""

    code = "cursor-unknown"

    def __init__(self) -> None:
        super().__init__(_("This cursor belongs to another question. Begin again without a cursor."))


class PageQuery(Schema):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=MOST, description="How many entries at most.")
    cursor: str = Field("", max_length=1000, description="From the `next` link of the page before.")


class Page(Schema, Generic[Entry]):
    """One page of a list."""

    items: list[Entry]
    next: str | None = Field(
        description="Address of the next page, also in the Link header; null on the last."
    )


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """The rows of one page and the cursor of the next, empty on the last page."""

    rows: list[Row]
    cursor: str


def slice_of(
    rows: QuerySet[Row], *, order: Sequence[str], page: PageQuery, question: Mapping[str, Any] | None = None
) -> Slice[Row]:
    """One page of rows by keyset: rows that come or go elsewhere never shift it.

    Source: M. Winand, "We need tool support for keyset pagination" (use-the-index-luke.com/no-offset).

    Args:
        order: field names, `-` for descending; none may be null, the last must be unique.
        question: the filters, so that a cursor is not used for another question.

    Raises:
        CursorUnknown: the cursor was changed, or is of another list, order or question.
    """
    asked = _digest(order, question)
    if page.cursor:
        rows = rows.filter(_beyond(order, _opened(page.cursor, asked)))
    found = list(rows.order_by(*order)[: page.limit + 1])
    here = found[: page.limit]
    return Slice(here, _closed(here[-1], order, asked) if len(found) > page.limit else "")


def next_link(request: HttpRequest, response: HttpResponse, cursor: str) -> str | None:
    """Address of the next page, which is also put into the Link header (RFC 8288); None on the last page."""
    if not cursor:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    address = f"{request.path}?{query.urlencode()}"
    response["Link"] = f'<{address}>; rel="next"'
    return address


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after (v1, v2, …): k1 > v1, or k1 = v1 and k2 > v2, and so on; < where the order is descending."""
    beyond, equal = Q(pk__in=[]), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        after = f"{field}__lt" if name.startswith("-") else f"{field}__gt"
        beyond |= equal & Q(**{after: value})
        equal &= Q(**{field: value})
    return beyond


def _closed(row: Model, order: Sequence[str], asked: str) -> str:
    values = [_plain(reduce(getattr, name.lstrip("-").split("__"), row)) for name in order]
    return signing.dumps([asked, values], salt=SALT, compress=True)


def _opened(cursor: str, asked: str) -> list[Any]:
    try:
        question, values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise CursorUnknown from error
    if question != asked:
        raise CursorUnknown
    return list(values)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _digest(order: Sequence[str], question: Mapping[str, Any] | None) -> str:
    content = json.dumps([list(order), question or {}], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
