"""CSV of a whole list, streamed, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from kolaborasi.common.pages.columns import Column

CHUNK = 2000
BYTE_ORDER_MARK = "\ufeff"
# Source: OWASP, CSV Injection: cells beginning with these are read as formulas by spreadsheets.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> str | int | float | Decimal:
    """A cell that no spreadsheet runs as a formula; numbers stay numbers, moments become ISO 8601 local time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        value = timezone.localtime(value).isoformat(timespec="minutes") if timezone.is_aware(value) else value
    text = str(value)
    # A space before the sign does not stop every spreadsheet from reading a formula.
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


class _Line:
    """A file for `csv.writer` that hands the line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[Column], rows: Iterable[Any], language: str | None) -> Iterator[str]:
    """Lines of the file: byte-order mark and translated header, then one line a row.

    Args:
        columns: the exported columns, in order.
        rows: a queryset is read through a server-side cursor, one statement and so one moment of the database.
        language: of the header and of translated values.
    """
    writer = csv.writer(_Line())
    with translation.override(language):
        header = writer.writerow([str(column.label) for column in columns])
    yield BYTE_ORDER_MARK + header
    for row in rows.iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else rows:
        # The language is set per line: the request's own thread-wide setting may be gone while the file streams.
        with translation.override(language):
            line = writer.writerow([safe_cell(column.of(row)) for column in columns])
        yield line


def csv_response(columns: Sequence[Column], rows: Iterable[Any], name: str) -> StreamingHttpResponse:
    """The file as a download called `name`.csv."""
    lines = csv_lines(columns, rows, translation.get_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
