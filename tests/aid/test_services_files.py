"""What a file of needs may not be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kolaborasi.aid.models import Need
from kolaborasi.aid.services import import_needs_file
from kolaborasi.common.actors import Actor
from kolaborasi.places.errors import BrokenRows, UnreadableFile, WrongScheme
from kolaborasi.places.models import PlaceCode
from tests.conftest import NOW
from tests.factories import TODAY, ItemFactory, KelurahanFactory

pytestmark = pytest.mark.django_db
HEADER = "code,cause,households,people,item,quantity,needed_by\n"
DAY = (TODAY + timedelta(days=7)).isoformat()


@pytest.fixture(autouse=True)
def area() -> None:
    """Kelurahan 31.71.01.1001, which BPS calls 3173080001."""
    ItemFactory()
    place = KelurahanFactory(code="31.71.01.1001")
    PlaceCode.objects.create(place=place, scheme="kemendagri", code=place.code)
    PlaceCode.objects.create(place=place, scheme="bps", code="3173080001")
    city = place.parent.parent
    PlaceCode.objects.create(place=city, scheme="kemendagri", code=city.code)


def load(folder: Path, *rows: str, header: str = HEADER) -> None:
    path = folder / "kebutuhan.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    import_needs_file(path=path, by=Actor.system("test"), now=NOW)


def test_endless_cell_is_refused_with_its_line(tmp_path: Path) -> None:
    row = f"31.71.01.1001,income,20,75,sembako,20,{DAY}"
    with pytest.raises(UnreadableFile) as refusal:
        load(tmp_path, row, row.replace("sembako", "x" * 131_073))
    assert "3" in str(refusal.value)
    assert "kebutuhan.csv" in str(refusal.value)
    assert Need.objects.count() == 0


def test_codes_of_the_other_scheme_are_named(tmp_path: Path) -> None:
    with pytest.raises(WrongScheme) as refusal:
        load(tmp_path, f"3173080001,income,20,75,sembako,20,{DAY}")
    assert "bps" in str(refusal.value)
    assert "3173080001" in str(refusal.value)
    load(tmp_path, f"3173080001,income,20,75,sembako,20,{DAY}", header=HEADER.replace("code", "kode_bps"))
    assert Need.objects.get().place.code == "31.71.01.1001"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"31.71,income,20,75,sembako,20,{DAY}", "code"),
        (f"31.71.01.1001,income,0,75,sembako,20,{DAY}", "households"),
        (f"31.71.01.1001,income,20,75,sembako,201,{DAY}", "quantity"),
        ("31.71.01.1001,income,20,75,sembako,20,9999-12-31", "needed_by"),
    ],
)
def test_need_that_cannot_be_is_told_by_its_column(tmp_path: Path, row: str, column: str) -> None:
    with pytest.raises(BrokenRows) as refusal:
        load(tmp_path, row)
    assert [(problem.line, problem.column) for problem in refusal.value.problems] == [(2, column)]
    assert Need.objects.count() == 0
