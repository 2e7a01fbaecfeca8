"""CSV files: the whole filtered list, safe in a spreadsheet, in the language of the page."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import Column
from kolaborasi.common.pages.export import csv_lines, safe_cell
from tests.common.test_listing import listed, row


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+62 812", "'+62 812"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("Tebet", "Tebet"),
        (-5, -5),
        (Decimal("-1.5"), Decimal("-1.5")),
        (True, 1),
        (None, ""),
        (date(2021, 7, 12), "2021-07-12"),
        (datetime(2021, 7, 12, 3, 0, tzinfo=UTC), "2021-07-12T10:00+07:00"),
    ],
)
def test_cell_is_data_for_every_kind_of_value(value: Any, cell: Any) -> None:
    assert safe_cell(value) == cell


@pytest.mark.django_db
def test_file_holds_all_pages_of_the_filtered_list_and_only_exported_columns() -> None:
    for scope in ("=cmd", "b", "c", "d"):
        row(scope, "b")
    row("other", "a")
    response: Any = listed("?format=csv&key=b&page=2").response()
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(content)))
    assert lines[0] == ["Scope", "Key", "At"]
    assert [line[0] for line in lines[1:]] == ["'=cmd", "b", "c", "d"]
    assert response["Content-Disposition"] == 'attachment; filename="answers.csv"'


@pytest.mark.parametrize(("language", "header"), [("id", "Cari"), ("en", "Search")])
def test_header_keeps_the_language_of_the_page_while_streaming(language: str, header: str) -> None:
    lines = csv_lines([Column("name", _("Search"))], [{"name": "x"}], language)
    with translation.override("id" if language == "en" else "en"):
        assert next(lines) == f"\ufeff{header}\r\n"
        assert next(lines) == "x\r\n"
