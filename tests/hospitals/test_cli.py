"""`kolaborasi hospitals …`: beds, reports, referrals and the board on the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.cli import hospitals
from kolaborasi.hospitals.models import BedPool, BedReport, ConversionRequest, NameInQuestion, Referral
from kolaborasi.places.models import PlaceCode
from tests.factories import KelurahanFactory, PartnerFactory
from tests.hospitals.factories import HospitalFactory, PoolFactory, admitted
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
    result = run("import-beds", file)
    assert "4 rows; 1 counts taken" in result.stdout
    assert "3 refused" in result.stdout
    found.refresh_from_db()
    assert (found.staffed, found.occupied) == (9, 4)
    file.write_text("name,beds\nRS Contoh,4\n")
    assert run("import-beds", file).exit_code == 1
    assert BedReport.objects.count() == 2


def test_network_is_kept_on_the_command_line() -> None:
    hospital, email = HospitalFactory(network="outside"), member("coordinator").email
    stranger = member("partner_admin", partner=PartnerFactory()).email
    words = (hospital.pk, "icu=4", "hcu=2")
    assert run("join", *words, "--as", stranger).exit_code == 1
    for wrong in ("icu", "icu=-1", "icu=x", "sultan=1", "icu=999999"):
        assert run("join", hospital.pk, wrong, "--as", email).exit_code != 0
    hospital.refresh_from_db()
    assert hospital.network == "outside"
    done = run("join", *words, "--from", "2021-07-01", "--as", email)
    assert done.stdout == f"Hospital {hospital.pk} is in the network from 2021-07-01.\n"
    assert run("agree", hospital.pk, "icu=6", "--as", email).exit_code == 0
    assert queries.agreement_of(hospital) == {"icu": 6, "hcu": 2}
    for name, state in (("pause", "paused"), ("resume", "joined"), ("leave", "left")):
        assert run(name, hospital.pk, "--as", stranger).exit_code == 1
        assert run(name, hospital.pk, "--as", email).exit_code == 0
        hospital.refresh_from_db()
        assert hospital.network == state
    assert run("pause", 987654, "--as", email).exit_code == 1


def test_conversion_is_asked_and_answered_on_the_command_line() -> None:
    hospital, email = HospitalFactory(), member("coordinator").email
    assert run("ask-conversion", hospital.pk, "icu", 5, "--as", email).exit_code == 0
    asked = ConversionRequest.objects.get()
    assert str(asked.pk) in run("conversions").stdout
    assert run("ask-conversion", hospital.pk, "icu", 0, "--as", email).exit_code == 1
    assert run("answer-conversion", asked.pk, "--agree", "--as", email).exit_code == 0
    assert run("answer-conversion", asked.pk, "--decline", "--as", email).exit_code == 1
    assert run("answer-conversion", 987654, "--agree", "--as", email).exit_code == 1
    asked.refresh_from_db()
    assert asked.state == "agreed"


def test_names_are_answered_and_the_waiting_rows_counted(tmp_path: Path) -> None:
    found, email = pool(), member("coordinator").email
    path = tmp_path / "beds.csv"
    day = utc_now().isoformat()
    path.write_text(
        "hospital,district,bed_class,staffed,occupied,observed_at\n"
        f"RS Satu Lain,3171,isolation-np,8,2,{day}\nRS Dua Lain,3171,icu,1,1,{day}\n"
    )
    assert "2 held back" in run("import-beds", path).stdout
    one = NameInQuestion.objects.get(name="RS Satu Lain")
    other = NameInQuestion.objects.get(name="RS Dua Lain")
    assert "RS Satu Lain" in run("names").stdout
    assert run("confirm-name", one.pk, found.hospital_id, "--as", email).exit_code == 0
    assert run("confirm-name", one.pk, found.hospital_id, "--as", email).exit_code == 1
    assert run("dismiss-name", other.pk, "--as", email).exit_code == 0
    found.refresh_from_db()
    assert (found.staffed, found.occupied) == (8, 2)


def test_file_with_a_wrong_row_is_refused_whole_when_asked(tmp_path: Path) -> None:
    found = pool()
    path = tmp_path / "beds.csv"
    code, day = found.hospital.registry_code, utc_now().isoformat()
    path.write_text(
        "registry_code,bed_class,staffed,occupied,observed_at\n"
        f"{code},isolation-np,8,2,{day}\n{code},icu,1,2,{day}\n"
    )
    assert run("import-beds", path, "--all-or-nothing").exit_code == 1
    assert BedReport.objects.count() == 1
    assert run("import-beds", path).exit_code == 0
    assert BedReport.objects.count() == 2


def test_patient_is_moved_to_another_class_on_the_command_line() -> None:
    ward = pool(bed_class="isolation")
    other = pool(hospital=ward.hospital)
    lies = admitted(ward, at=utc_now())
    own = member("partner_member", partner=ward.hospital.site.partner).email
    stranger = member("partner_member", partner=PartnerFactory()).email
    assert run("move-bed", lies.referral_id, "isolation-np", "--as", stranger).exit_code == 1
    assert run("move-bed", lies.referral_id, "picu", "--as", own).exit_code == 1
    assert run("move-bed", lies.referral_id, "isolation-np", "--as", own).exit_code == 0
    other.refresh_from_db()
    assert other.committed == 1
