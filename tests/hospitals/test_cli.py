"""`kolaborasi hospitals …`: beds, reports, referrals and the board on the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals.cli import hospitals
from kolaborasi.hospitals.models import BedPool, BedReport, Referral
from kolaborasi.places.models import PlaceCode
from tests.factories import KelurahanFactory, PartnerFactory
from tests.hospitals.factories import HospitalFactory, PoolFactory
from tests.hospitals.factories import referral as waiting_referral
from tests.hospitals.pages import member

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hospitals, [str(argument) for argument in arguments])


def pool(**given: Any) -> BedPool:
    now = utc_now()
    return PoolFactory(observed_at=now - timedelta(minutes=5), received_at=now, **given)


def test_beds_are_listed_with_their_age() -> None:
    found, old = pool(), pool(bed_class="icu")
    BedPool.objects.filter(pk=old.pk).update(observed_at=utc_now() - timedelta(days=2))
    lines = run("beds").stdout.splitlines()
    assert lines[0].split()[:4] == ["hospital", "name", "class", "free"]
    assert any(str(found.hospital_id) in line and "5 minutes ago" in line for line in lines)
    assert any("icu" in line and "old" in line for line in lines)
    assert len(run("beds", "--class", "icu").stdout.splitlines()) == 2
    assert run("beds", "--class", "sultan").exit_code == 1


def test_nearest_beds_come_first() -> None:
    far_place, near_place = KelurahanFactory(latitude=-6.4), KelurahanFactory()
    PlaceCode.objects.create(place=near_place, scheme="kemendagri", code=near_place.code)
    far = pool(hospital=HospitalFactory(site__place=far_place), staffed=30)
    near = pool(hospital=HospitalFactory(site__place=near_place))
    lines = run("beds", "--near", near_place.code).stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [str(near.hospital_id), str(far.hospital_id)]


def test_member_reports_and_a_stranger_does_not() -> None:
    found = pool()
    own = member("partner_member", partner=found.hospital.site.partner)
    stranger = member("partner_member", partner=PartnerFactory())
    words = ("report", found.hospital_id, "isolation-np=3/9", "--as")
    assert run(*words, stranger.email).exit_code == 1
    assert BedReport.objects.count() == 1
    assert run(*words, own.email).stdout == f"Hospital {found.hospital_id}: 1 counts taken.\n"
    found.refresh_from_db()
    assert (found.occupied, found.staffed) == (3, 9)


@pytest.mark.parametrize("count", ["isolation-np", "sultan=1/2", "isolation-np=9/3", "isolation-np=-1/3"])
def test_wrong_report_changes_nothing(count: str) -> None:
    found = pool()
    own = member("partner_member", partner=found.hospital.site.partner)
    assert run("report", found.hospital_id, count, "--as", own.email).exit_code != 0
    assert BedReport.objects.count() == 1
    assert run("report", 987654, "icu=1/2", "--as", own.email).exit_code == 1


def test_hotline_refers_and_no_name_is_printed() -> None:
    place = KelurahanFactory()
    PlaceCode.objects.create(place=place, scheme="kemendagri", code=place.code)
    email = member("coordinator").email
    result = run("refer", "--place", place.code, "--name", "Warga Contoh", "--spo2", 90, "--as", email)
    made = Referral.objects.get()
    assert result.stdout == f"Referral {made.pk}: severe, waiting for a bed\n"
    assert run("refer", "--place", "99", "--name", "Warga Contoh", "--as", email).exit_code == 1
    assert Referral.objects.count() == 1


def test_board_is_in_fair_order() -> None:
    newer = waiting_referral(utc_now())
    older = waiting_referral(utc_now() - timedelta(hours=2))
    lines = run("board").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == [str(older.pk), str(newer.pk)]
    assert lines[-1] == "2 wait for a bed."


def test_network_says_its_size() -> None:
    pool()
    HospitalFactory(network="outside")
    assert "1 of 2 known hospitals" in run("network").stdout
    assert "0 of 2 known hospitals" in run("network", "--date", "2021-06-01").stdout


def test_plain_file_is_taken_row_by_row(tmp_path: Path) -> None:
    found = pool()
    outside = HospitalFactory(network="outside")
    at = utc_now().isoformat()
    file = tmp_path / "beds.csv"
    file.write_text(
        "registry_code,bed_class,staffed,occupied,observed_at\n"
        f"{found.hospital.registry_code},isolation-np,9,4,{at}\n"
        f"{found.hospital.registry_code},icu,2,5,{at}\n"
        f"{outside.registry_code},icu,2,1,{at}\n"
        f"{found.hospital.registry_code},sultan,2,1,{at}\n"
    )
    result = run("import-csv", file)
    assert "4 rows; 1 counts taken" in result.stdout
    assert "3 refused" in result.stdout
    found.refresh_from_db()
    assert (found.staffed, found.occupied) == (9, 4)
    assert run("import-siranap", file).exit_code == 1
