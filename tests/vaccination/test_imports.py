"""Lists of an RT or RW: read from spreadsheets as people make them, booked with a report line by line."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from kolaborasi.common.errors import NotPermitted
from kolaborasi.people.models import Person
from kolaborasi.places.errors import UnreadableFile
from kolaborasi.vaccination import errors
from kolaborasi.vaccination.imports import import_list, read_list
from kolaborasi.vaccination.models import Booking, Recipient
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.vaccination.factories import hands, kelurahan, session

CSV = """Daftar warga RW 05;;;
No;Nama Lengkap;Tgl Lahir;NIK
1;Warga Contoh A;31/07/1990;'3171063107900001
2;Warga Contoh B;12 Maret 1985;3171061203850002
3;Warga Contoh C;1979-01-05;3171060501790003
"""


def workbook(rows: list[list[str | int]]) -> bytes:
    """A minimal xlsx: texts inline, numbers as numbers."""
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{cell}</v></c>"
            if isinstance(cell, int)
            else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    content = BytesIO()
    with ZipFile(content, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        file.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        )
    return content.getvalue()


def test_list_is_read_below_its_title_with_dates_as_people_write_them() -> None:
    found = read_list(CSV.encode(), name="warga.csv")
    assert found.problems == []
    assert [(line.line, line.identity.nik, line.birth_date) for line in found.lines] == [
        (3, "3171063107900001", date(1990, 7, 31)),
        (4, "3171061203850002", date(1985, 3, 12)),
        (5, "3171060501790003", date(1979, 1, 5)),
    ]


def test_workbook_with_numbers_as_numbers_is_read_and_a_rounded_nik_refused() -> None:
    content = workbook(
        [
            ["Nama", "NIK", "Tanggal Lahir", "RW"],
            ["Warga Contoh A", 3171063107900001, "31-07-1990", 5],
            ["Warga Contoh B", 3171061203850000, "12-03-1985", "RW 05"],
            ["", "x", "31/13/1990", "no"],
        ]
    )
    found = read_list(content, name="warga.xlsx")
    assert [(line.identity.nik, line.rw) for line in found.lines] == [("3171063107900001", 5)]
    assert [(problem.line, problem.column) for problem in found.problems] == [
        (3, "nik"),
        (4, "nama"),
        (4, "tanggal lahir"),
        (4, "rw"),
    ]
    assert not any("3171061203850000" in str(problem) for problem in found.problems)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "kosong.csv"),
        (b"\xff\xfe\x00", "biner.csv"),
        (b"no workbook", "rusak.xlsx"),
        (b"a,b\n1,2\n", "tanpa-judul.csv"),
        (b"nama,tanggal lahir\n", "tanpa-warga.csv"),
        (b"nama,tanggal lahir\n" + b"Warga,1990-01-01\n" * 2001, "panjang.csv"),
        (b'nama,tanggal lahir\n"Warga,1990-01-01\n', "kutip.csv"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content: bytes, name: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_list(content, name=name)
    assert name in str(refused.value)


@pytest.mark.django_db
def test_list_with_a_wrong_line_books_nobody_unless_the_rest_is_asked_for() -> None:
    home = kelurahan()
    of = session(quotas={Channel.COLLECTIVE: 5}, doses=5, residents_of=home)
    content = (
        CSV + "4;Warga Contoh D;2015-01-05;3171060501150004\n5;Warga Contoh E;31/07/1990;3171063107900001\n"
    )
    file, by = read_list(content.encode(), name="w.csv"), hands(of)
    report = import_list(session=of, file=file, by=by, now=NOW)
    assert (report.loaded, report.size, report.fine, report.booked) == (False, 5, 3, {})
    assert [problem.line for problem in report.problems] == [6, 7]
    assert (Booking.objects.count(), Recipient.objects.count()) == (0, 0)
    people = Person.objects.count()

    report = import_list(session=of, file=file, by=by, now=NOW, load_rest=True)
    assert (report.loaded, list(report.booked)) == (True, [3, 4, 5])
    assert set(Recipient.objects.values_list("residence", flat=True)) == {home.pk}
    assert Person.objects.count() > people
    again = import_list(session=of, file=file, by=by, now=NOW + timedelta(minutes=1), load_rest=True)
    assert (again.fine, len(again.problems), Booking.objects.count()) == (0, 5, 3)


@pytest.mark.django_db
def test_list_is_booked_only_by_those_who_may_into_an_open_session() -> None:
    file = read_list(CSV.encode(), name="w.csv")
    of, planned = session(), session(open_=False)
    with pytest.raises(NotPermitted):
        import_list(session=of, file=file, by=hands(planned), now=NOW)
    with pytest.raises(errors.SessionNotOpen):
        import_list(session=planned, file=file, by=hands(planned), now=NOW)
    assert Booking.objects.count() == 0
