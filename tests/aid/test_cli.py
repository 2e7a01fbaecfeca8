"""`kolaborasi aid …`: the same verbs on the command line, and files of needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.utils.timezone import localdate

from kolaborasi.aid import facts
from kolaborasi.aid.cli import aid
from kolaborasi.aid.models import Delivery, Need, NeedLine, Pledge
from kolaborasi.aid.states import DeliveryState, NeedState
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.places.models import PlaceKind
from kolaborasi.places.services import load_jakarta
from tests.aid.pages import helper, member, photo, promised, soon
from tests.factories import NeedLineFactory, PartnerFactory

pytestmark = pytest.mark.django_db
HEADER = "code,rw,cause,households,people,item,quantity,needed_by\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(aid, [str(argument) for argument in arguments])


def said(result: Result) -> str:
    return result.stdout + result.stderr


def test_items_are_listed_with_their_prices() -> None:
    assert "sembako" not in run("items").stdout
    result = run("items", "--load")
    assert result.exit_code == 0
    assert "sembako" in result.stdout
    assert "200000" in result.stdout


def test_needs_are_listed_the_least_helped_first() -> None:
    helped = NeedLineFactory(reported=50, committed=40)
    bare = NeedLineFactory(reported=50)
    lines = run("needs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["need", str(bare.need_id), str(helped.need_id)]
    assert len(run("needs", "--place", bare.need.place.code).stdout.splitlines()) == 2


def test_need_shows_its_lines() -> None:
    line = NeedLineFactory(reported=50, committed=20, delivered=5)
    result = run("need", line.need_id)
    assert result.stdout.splitlines()[-1].split()[:6] == [str(line.pk), "sembako", "50", "20", "5", "30"]


def test_unknown_need_ends_with_one_line_and_an_exit_code() -> None:
    result = run("need", 987654)
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: There is no such need. See: kolaborasi aid needs\n",
    )


def test_account_promises_and_no_personal_value_is_printed() -> None:
    line, user = NeedLineFactory(), helper()
    result = run("pledge", line.pk, "--quantity", 4, "--day", soon(), "--as", user.email)
    pledge = Pledge.objects.get()
    assert (pledge.person, pledge.state) == (user.person, CommitmentState.CONFIRMED)
    assert said(result) == f"Pledge {pledge.pk}: 4 for need {line.need_id}, confirmed\n"


def test_account_promises_for_its_partner_only() -> None:
    line, partner = NeedLineFactory(), PartnerFactory()
    user = member("partner_member", partner=partner)
    own = ("pledge", line.pk, "--quantity", 4, "--day", soon(), "--as", user.email, "--partner")
    assert run(*own, PartnerFactory().pk).exit_code == 1
    assert Pledge.objects.count() == 0
    assert run(*own, partner.pk).exit_code == 0
    assert Pledge.objects.get().partner == partner


def test_pledge_over_what_is_left_says_how_much_is() -> None:
    line, user = NeedLineFactory(reported=50, committed=38), helper()
    result = run("pledge", line.pk, "--quantity", 20, "--day", soon(), "--as", user.email)
    assert (result.exit_code, result.stderr) == (1, "Error: Only 12 left; 20 were asked for.\n")
    line.refresh_from_db()
    assert line.committed == 38


def test_unknown_account_is_refused_without_repeating_the_address() -> None:
    line = NeedLineFactory()
    result = run("pledge", line.pk, "--quantity", 1, "--day", soon(), "--as", "siapa@contoh.example")
    assert result.exit_code == 1
    assert "siapa@contoh.example" not in said(result)


def test_verifier_verifies_and_rejects() -> None:
    first, second = (
        NeedLineFactory(need__state=NeedState.SUBMITTED, need__verified_at=None).need for _ in "ab"
    )
    user = member("verifier", place=first.place)
    assert run("verify", first.pk, "--as", user.email).stdout == f"Need {first.pk}: open\n"
    foreign = run("verify", second.pk, "--as", user.email)
    assert foreign.exit_code == 1
    assert Need.objects.get(pk=second.pk).state == NeedState.SUBMITTED
    everywhere = member("verifier")
    assert run("verify", second.pk, "--reject", "karena", "--as", everywhere.email).exit_code == 2
    assert run("verify", second.pk, "--reject", "duplicate", "--as", everywhere.email).exit_code == 0
    assert Need.objects.get(pk=second.pk).state == NeedState.REJECTED


def test_delivery_by_code_by_the_receiving_side_and_by_photo(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    line = NeedLineFactory(reported=500)
    user = helper()
    pledge, _token = promised(line)
    done = run("deliver", pledge.pk, "--quantity", 4, "--code", pledge.receipt_code, "--as", user.email)
    assert done.exit_code == 0
    head = member("rw_head", place=line.need.place)
    assert run("deliver", pledge.pk, "--quantity", 6, "--as", head.email).exit_code == 0
    line.refresh_from_db()
    assert (line.committed, line.delivered) == (10, 10)
    run("pledge", line.pk, "--quantity", 3, "--day", soon(), "--as", user.email)
    own = Pledge.objects.latest("pk")
    picture = tmp_path / "serah.jpg"
    picture.write_bytes(photo().read())
    report = ("deliver", own.pk, "--quantity", 3, "--photo", picture, "--as")
    assert run(*report, head.email).exit_code == 1
    assert run(*report, user.email).exit_code == 0
    assert Delivery.objects.latest("pk").state == DeliveryState.REPORTED


def test_delivery_by_somebody_without_code_or_role_changes_nothing() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    user = helper()
    assert run("deliver", pledge.pk, "--quantity", 10, "--as", user.email).exit_code == 1
    wrong = run("deliver", pledge.pk, "--quantity", 10, "--code", "AAAAAA", "--as", user.email)
    assert wrong.exit_code == 1
    pledge.refresh_from_db()
    line.refresh_from_db()
    assert (pledge.wrong_codes, line.delivered, Delivery.objects.count()) == (1, 0, 0)


def test_expire_ends_what_was_not_confirmed() -> None:
    pledge, _token = promised(NeedLineFactory())
    Pledge.objects.filter(pk=pledge.pk).update(state="held", held_until=utc_now())
    assert run("expire").stdout == "1 pledges expired\n"


def test_coverage_lists_kelurahan_the_least_covered_first() -> None:
    line = NeedLineFactory(reported=50, committed=20, delivered=5)
    row = run("coverage").stdout.splitlines()[1].split()
    assert (row[0], row[-4:]) == (line.need.place.code, ["50", "20", "5", "40%"])


@pytest.fixture
def jakarta() -> None:
    load_jakarta(by=Actor.system("test"), now=utc_now())
    facts.load_items()


def needs_file(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "kebutuhan.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("jakarta")
def test_import_makes_one_verified_need_of_the_rows_of_a_place(tmp_path: Path) -> None:
    day = soon()
    path = needs_file(
        tmp_path,
        f"31.71.01.1001,12,income,20,75,sembako,20,{day}",
        f"31.71.01.1001,12,income,20,75,makanan-siap-saji,75,{day}",
        f"31.71.01.1002,,isolation,10,40,paket-isoman,10,{day}",
    )
    result = run("import-needs", path)
    assert result.stdout == "kebutuhan.csv (kemendagri): 3 rows; 2 needs with 3 lines, 0 rows skipped.\n"
    needs = {need.place.code: need for need in Need.objects.select_related("place")}
    assert set(needs) == {"31.71.01.1001/012", "31.71.01.1002"}
    rw = needs["31.71.01.1001/012"]
    assert (rw.place.kind, rw.state, rw.lines.count()) == (PlaceKind.RW, NeedState.OPEN, 2)


@pytest.mark.usefixtures("jakarta")
def test_import_of_the_same_file_again_loads_nothing(tmp_path: Path) -> None:
    path = needs_file(tmp_path, f"31.71.01.1001,12,income,20,75,sembako,20,{soon()}")
    assert run("import-needs", path).exit_code == 0
    again = run("import-needs", path)
    assert again.exit_code == 1
    assert "line 2, column item: The place asks for this item already" in again.stderr
    assert NeedLine.objects.count() == 1


BROKEN = (
    ("31.71.01.9999,,income,20,75,sembako,20,{day}", "line 2, column code: No area has the kemendagri code"),
    ("31.71.01,3,income,20,75,sembako,20,{day}", "line 2, column code: Only a kelurahan has RW"),
    (
        "31.71.01.1001,0,income,20,75,sembako,20,{day}",
        "line 2, column rw: “0” is no whole number from 1 to 999",
    ),
    (
        "31.71.01.1001,,lapar,20,75,sembako,20,{day}",
        "line 2, column cause: “lapar” is no cause; write one of",
    ),
    ("31.71.01.1001,,income,20,7,sembako,20,{day}", "line 2, column people: There cannot be fewer people"),
    ("31.71.01.1001,,income,20,75,emas,20,{day}", "line 2, column item: There is no item “emas”"),
    (
        "31.71.01.1001,,income,20,75,sembako,1.200,{day}",
        "line 2, column quantity: “1.200” is no whole number",
    ),
    (
        "31.71.01.1001,,income,20,75,sembako,20,2020-01-01",
        "line 2, column needed_by: The day it is needed by",
    ),
    ("31.71.01.1001,,income,20,75,sembako,20,besok", "line 2, column needed_by: “besok” is no day"),
    ("31.71.01.1001,,income,20,75,sembako,20", "line 2: has 7 cells where the header has 8"),
)


@pytest.mark.usefixtures("jakarta")
@pytest.mark.parametrize(("row", "reason"), BROKEN)
def test_import_names_line_column_and_reason_and_loads_nothing(tmp_path: Path, row: str, reason: str) -> None:
    sound = "31.71.02.1001,,income,20,75,sembako,20,{day}"
    path = needs_file(tmp_path, row.format(day=soon()), sound.format(day=soon()))
    result = run("import-needs", path)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert "1 of 2 rows are broken; nothing was loaded" in result.stderr
    assert Need.objects.count() == 0
    skipping = run("import-needs", path, "--skip-bad")
    assert skipping.exit_code == 0
    assert reason in skipping.stderr
    assert [need.place.code for need in Need.objects.select_related("place")] == ["31.71.02.1001"]


@pytest.mark.usefixtures("jakarta")
def test_import_names_rows_of_one_need_that_disagree(tmp_path: Path) -> None:
    path = needs_file(
        tmp_path,
        f"31.71.01.1001,,income,20,75,sembako,20,{soon()}",
        f"31.71.01.1001,,income,21,75,masker-sabun,20,{soon()}",
        f"31.71.01.1001,,income,20,75,sembako,5,{soon()}",
    )
    result = run("import-needs", path)
    assert "line 3, column households: Households and people differ from line 2" in result.stderr
    assert "line 4, column item: The item is there twice" in result.stderr


@pytest.mark.usefixtures("jakarta")
def test_import_with_ambiguous_codes_asks_for_the_scheme(tmp_path: Path) -> None:
    path = needs_file(tmp_path, f"3171,,income,20,75,sembako,20,{soon()}")
    result = run("import-needs", path)
    assert result.exit_code == 1
    assert "3171 is Jakarta Selatan in BPS and Jakarta Pusat in Kemendagri" in result.stderr.replace(
        "Kota Administrasi ", ""
    ).replace("Kota Adm. ", "")
    assert Need.objects.count() == 0


@pytest.mark.usefixtures("jakarta")
def test_import_names_the_wrong_scheme(tmp_path: Path) -> None:
    header = "code,name,cause,households,people,item,quantity,needed_by\n"
    # In BPS 3173 is Jakarta Pusat, in Kemendagri Jakarta Barat.
    path = needs_file(tmp_path, f"3173,Jakarta Pusat,income,20,75,sembako,20,{soon()}", header=header)
    result = run("import-needs", path, "--scheme", "kemendagri")
    assert result.exit_code == 1
    assert "is read as kemendagri" in result.stderr
    assert "only agree under bps" in result.stderr
    assert Need.objects.count() == 0


@pytest.mark.usefixtures("jakarta")
def test_import_reads_bps_codes(tmp_path: Path) -> None:
    header = "kode_bps,cause,households,people,item,quantity,needed_by\n"
    path = needs_file(tmp_path, f"3171010001,income,20,75,sembako,20,{soon()}", header=header)
    assert run("import-needs", path).exit_code == 0
    assert Need.objects.get().place.name.upper() == "CIPEDAK"


@pytest.mark.usefixtures("jakarta")
def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = needs_file(tmp_path, f"31.71.01.1001,12,income,20,75,sembako,20,{soon()}")
    result = run("import-needs", path, "--dry-run")
    assert "1 needs with 1 lines" in result.stdout
    assert "nothing was written" in result.stdout
    assert Need.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "lacks the columns"),
        ("kode;jumlah\n1;2\n", "lacks the columns cause"),
        (HEADER, "no rows that can be read"),
    ],
)
def test_file_without_columns_or_rows_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "kosong.csv"
    path.write_text(content)
    result = run("import-needs", path)
    assert result.exit_code == 1
    assert reason in result.stderr


def test_import_is_for_coordinators_of_the_whole_city(tmp_path: Path) -> None:
    path = needs_file(tmp_path, f"31.71.01.1001,,income,20,75,sembako,20,{localdate()}")
    for user in (helper(), member("verifier")):
        assert run("import-needs", path, "--as", user.email).exit_code == 1
    assert Need.objects.count() == 0
