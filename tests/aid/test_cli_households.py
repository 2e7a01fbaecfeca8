"""Sub-programmes and household lists on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kolaborasi.aid import facts
from kolaborasi.aid.models import Household, Programme, Roll
from tests.aid.government import row
from tests.aid.pages import member
from tests.aid.test_cli import run, said
from tests.aid.test_programmes import NEW
from tests.factories import KelurahanFactory

pytestmark = pytest.mark.django_db


def test_programmes_are_listed_and_a_new_one_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(NEW)
    result = run("programmes", "--reference", "--load", path)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines() if "Taps" in line] == ["air-bersih"]
    assert Programme.objects.count() == 8


def test_a_programme_that_is_not_whole_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(NEW.replace('agency = "PAM Contoh"', ""))
    result = run("programmes", "--load", path)
    assert result.exit_code == 1
    assert "programme[1].agency" in said(result)
    assert Programme.objects.count() == 0


def load(folder: Path, *rows: str, skip_bad: bool = False) -> tuple[int, str]:
    facts.load_programmes()
    place = KelurahanFactory()
    path = folder / "daftar.csv"
    path.write_text("\n".join(["NIK,No KK,Nama,Jiwa,Alasan", *rows]))
    who = member("verifier", place=place)
    result = run(
        *("load-households", path, "--programme", "pangan", "--place", place.code, "--source", "verifier"),
        *("--as-of", "2021-07-12", "--as", who.email),
        *(["--skip-bad"] if skip_bad else []),
    )
    return result.exit_code, said(result)


def test_a_list_is_taken_in(tmp_path: Path) -> None:
    rows = [",".join(map(str, row(number))) for number in (1, 2)]
    code, told = load(tmp_path, *rows)
    assert (code, Household.objects.count()) == (0, 2), told
    assert "2 new households, 0 known, 0 wait" in told


def test_broken_rows_are_told_one_by_one_and_nothing_is_loaded(tmp_path: Path) -> None:
    good = ",".join(map(str, row(1)))
    code, told = load(tmp_path, good, "317101,123,Siti,4,income")
    assert (code, Roll.objects.count()) == (1, 0)
    assert "line 3, column nik: A NIK has 16 digits" in told
    assert load(tmp_path, good, "317101,123,Siti,4,income", skip_bad=True)[0] == 0
    assert (Roll.objects.count(), Household.objects.count()) == (1, 1)
