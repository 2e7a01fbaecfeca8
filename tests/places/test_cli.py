"""The command line of places: what it prints, where, and its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.utils import translation

from kolaborasi.places.cli import places
from kolaborasi.places.models import Figure, Place

pytestmark = pytest.mark.django_db
Write = Callable[[str, str], Path]


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(places, [str(argument) for argument in arguments])


def test_load_jakarta_prints_one_line() -> None:
    result = _run("load-jakarta")
    assert result.exit_code == 0
    assert result.output == "Jakarta: 318 areas; 318 created, 0 updated, 0 unchanged.\n"


def test_load_prints_one_line(shared_data: Path) -> None:
    result = _run("load", shared_data / "places" / "kemendagri_2025_provinces.csv", "--scheme", "kemendagri")
    assert result.exit_code == 0
    assert result.stdout == (
        "kemendagri_2025_provinces.csv (kemendagri): 38 rows; 38 areas created, 0 updated, 0 unchanged, 0 rows skipped.\n"
    )


def test_load_with_broken_rows_tells_each_and_fails(jakarta: None, write: Write) -> None:
    path = write("a.csv", "code,name\n31.71.09,Baru\n31.71.1,Salah\n31.79.01,Jauh\n")
    result = _run("load", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "line 3, column code: “31.71.1” is no kemendagri code, which has 2, 4, 6, 10 digits.",
        "line 4: lies in 31.79, which is not known. Load that area first.",
        "Error: 2 of 3 rows are broken; nothing was loaded. Correct them, or load the rest with --skip-bad.",
    ]
    assert Place.objects.count() == 318
    result = _run("load", path, "--skip-bad")
    assert result.exit_code == 0
    assert "1 areas created, 0 updated, 0 unchanged, 2 rows skipped." in result.stdout
    assert Place.objects.get(code="31.71.09").name == "Baru"


def test_load_of_ambiguous_codes_names_both_schemes_and_fails(jakarta: None, write: Write) -> None:
    result = _run("load", write("kota.csv", "code,name\n3171,\n"))
    assert result.exit_code == 1
    assert (
        "3171 is Kota Administrasi Jakarta Selatan in BPS and Kota Administrasi Jakarta Pusat"
        in result.stderr
    )


def test_import_counts_reports_and_ends_with_one_line(jakarta: None, shared_data: Path) -> None:
    path = shared_data / "vaccination" / "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021).xlsx"
    result = _run("import-counts", path)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert sum(line.startswith("to review: ") for line in lines) == 3
    assert sum(line.startswith("disagreement: ") for line in lines) == 4
    assert lines[-1] == (
        "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021).xlsx (2021-07-31): rows Data Kelurahan 267, Data Kecamatan 44; "
        "311 of places, 0 of buckets, 2 totals; 7176 figures, 3 to review, 4 disagreements, 0 rows skipped."
    )
    assert Figure.objects.filter(series__startswith="vaccination.").count() == 7176


def test_import_counts_without_a_date_fails_and_takes_one(jakarta: None, write: Write) -> None:
    path = write("kasus.csv", "nama_kecamatan,nama_kelurahan,POSITIF\nGAMBIR,CIDENG,7\n")
    refused = _run("import-counts", path)
    assert refused.exit_code == 1
    assert refused.stderr == "Error: kasus.csv: no date in the file's name. Give it with --date.\n"
    taken = _run("import-counts", path, "--date", "2021-07-01", "--dry-run")
    assert taken.exit_code == 0
    assert taken.stdout.endswith("; nothing was written (--dry-run).\n")
    assert Figure.objects.filter(source="kasus").count() == 0


def test_absent_file_fails_before_anything_is_done() -> None:
    result = _run("load", "/no/such/file.csv")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_broken_rows_are_told_in_english_where_pages_are_indonesian(jakarta: None, write: Write) -> None:
    with translation.override("id"):
        result = _run("load", write("a.csv", "code,name\n31.71.09,\n"))
    assert result.stderr.splitlines() == [
        "line 2, column name: is empty. Give the area a name.",
        "Error: 1 of 1 rows are broken; nothing was loaded. Correct them, or load the rest with --skip-bad.",
    ]
