"""`kolaborasi diagnostics …` and `kolaborasi plan diagnostics`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.utils import timezone

from kolaborasi.allocation.cli import plan as plan_group
from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.cli import diagnostics
from kolaborasi.diagnostics.models import DispatchPlan, Lab, LabDay, Specimen
from kolaborasi.diagnostics.models import Result as LabResult
from kolaborasi.partners.models import Partner, Site
from tests.diagnostics import factories as make
from tests.diagnostics.factories import SYSTEM
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def run(*arguments: object, typed: str = "") -> Result:
    return CliRunner().invoke(diagnostics, [str(argument) for argument in arguments], input=typed)


def email(role: str, partner: Partner | None = None) -> str:
    found: str = MembershipFactory(role=role, **({"partner": partner} if partner else {})).user.email
    return found


def lab() -> Lab:
    made, today = make.lab(), utc_now().date()
    item = make.assay().kit
    assert item is not None
    services.receive_kits(
        lab=made,
        item=item,
        lot=f"JAUH-{made.pk}",
        expires_date=today + timedelta(days=90),
        reactions=5000,
        by=SYSTEM,
        now=utc_now(),
    )
    days = {today + timedelta(days=number): 50 for number in range(3)}
    services.offer_days(lab=made, offers=days, by=SYSTEM, now=utc_now())
    return made


def held(at_lab: Lab, number: int) -> list[str]:
    site = make.collection_site()
    tubes = [make.specimen(site, at=utc_now() - timedelta(minutes=30)) for _each in range(number)]
    barcodes = [each.label.barcode for each in tubes]
    services.receive(lab=at_lab, barcodes=barcodes, at=utc_now(), by=SYSTEM, now=utc_now())
    return barcodes


def test_labs_are_listed_with_offer_and_backlog() -> None:
    own = lab()
    held(own, 2)
    (line,) = [row for row in run("labs").stdout.splitlines() if row.split()[0] == str(own.pk)]
    assert line.split()[-5:-1] == ["active", "50", "50", "2"]
    assert len(run("labs", "--state", "down").stdout.splitlines()) == 1


def test_administrator_offers_days_and_a_stranger_does_not() -> None:
    own, day = lab(), (utc_now() + timedelta(days=2)).date()
    stranger = email("partner_admin", make.collection_site().partner)
    assert run("offer", own.pk, f"{day}=7", "--as", stranger).exit_code == 1
    assert LabDay.objects.get(lab=own, date=day).reported == 50
    admin = email("partner_admin", own.site.partner)
    assert run("offer", own.pk, f"{day}=7", "--as", admin).exit_code == 0
    assert LabDay.objects.get(lab=own, date=day).reported == 7
    assert run("offer", own.pk, "soon=7", "--as", admin).exit_code == 2
    assert run("offer", own.pk, f"{day}=99999", "--as", admin).exit_code == 1


def test_lab_goes_down_and_comes_back() -> None:
    own = lab()
    admin = email("partner_admin", own.site.partner)
    assert run("down", own.pk, "moon", "--as", admin).exit_code == 2
    assert run("down", own.pk, "power", "--as", admin).exit_code == 0
    assert Lab.objects.get(pk=own.pk).state == "down"
    assert run("back", own.pk, "--as", admin).exit_code == 0
    assert Lab.objects.get(pk=own.pk).state == "active"
    assert run("down", 987654, "power", "--as", admin).exit_code == 1


def test_result_file_is_refused_row_by_row_unless_the_rest_is_asked_for(tmp_path: Path) -> None:
    own = lab()
    good = held(own, 1)[0]
    analyst, at = email("partner_member", own.site.partner), utc_now().isoformat()
    file = tmp_path / "results.csv"
    file.write_text(f"barcode,result,resulted_at\n{good},positive,{at}\nK0000000000,negative,{at}\n")
    refused = run("import-results", own.pk, file, "--as", analyst)
    assert refused.exit_code == 1
    assert "row 3: " in refused.stderr
    assert not LabResult.objects.exists()
    done = run("import-results", own.pk, file, "--load-rest", "--as", analyst)
    assert done.stdout == "results.csv: 1 results taken in, 1 rows refused.\n"
    assert LabResult.objects.get().outcome == "positive"


def test_hl7_file_without_message_is_refused(tmp_path: Path) -> None:
    own = lab()
    file = tmp_path / "message.hl7"
    file.write_text("no message")
    result = run("import-hl7", own.pk, file, "--as", email("partner_member", own.site.partner))
    assert result.exit_code == 1
    assert not LabResult.objects.exists()


def test_plate_file_of_another_plate_is_refused(tmp_path: Path) -> None:
    bench = make.bench(1)
    started = bench.run()
    file = tmp_path / "plate.csv"
    file.write_text("nothing,here\n1,2\n")
    result = run("import-plate", started.pk, file, "--as", email("partner_member", bench.lab.site.partner))
    assert result.exit_code == 1
    started.refresh_from_db()
    assert started.state == "running"


def test_coordinator_proposes_and_approves() -> None:
    own, site = lab(), make.collection_site()
    tubes = [make.specimen(site, at=utc_now() - timedelta(minutes=30)) for _each in range(3)]
    coordinator = email("coordinator")
    proposed = run("propose-dispatch", "--as", coordinator)
    plan = DispatchPlan.objects.get()
    assert f"Plan {plan.pk}: 3 of 3 specimens" in proposed.stdout
    assert str(plan.pk) == run("plans").stdout.splitlines()[1].split()[0]
    assert run("approve-dispatch", plan.pk, "--as", email("courier")).exit_code == 1
    approved = run("approve-dispatch", plan.pk, "--as", coordinator)
    assert approved.stdout == f"Plan {plan.pk}: 1 manifests, 0 lines refused.\n"
    assert {each.consignment.lab_id for each in Specimen.objects.select_related("consignment")} == {own.pk}
    assert len(tubes) == 3
    assert run("reject-dispatch", plan.pk, "--as", coordinator).exit_code == 1


def test_plan_writes_nothing_until_it_is_asked_to() -> None:
    lab()
    make.specimen(at=utc_now() - timedelta(minutes=30))
    dry = CliRunner().invoke(plan_group, ["diagnostics"])
    assert "1 of 1 waiting specimens in 1 lines." in dry.stdout
    assert not DispatchPlan.objects.exists()
    CliRunner().invoke(plan_group, ["diagnostics", "--approve"])
    assert DispatchPlan.objects.get().state == "approved"
    assert Specimen.objects.get().consignment is not None


def test_results_are_exported_and_indicators_printed(tmp_path: Path) -> None:
    own = lab()
    barcode = held(own, 1)[0]
    staff = make.staff_of(own.site.partner)
    entry = services.Entry(1, barcode, "negative", utc_now())
    services.enter_results(lab=own, entries=[entry], source="hand", by=staff, now=utc_now())
    services.validate_results(
        results=list(LabResult.objects.all()), by=make.staff_of(own.site.partner), now=utc_now()
    )
    today, out = utc_now().date(), tmp_path / "out.csv"
    days = ("--first", today - timedelta(days=1), "--last", today + timedelta(days=2))
    admin = email("partner_admin", own.site.partner)
    assert run("export", own.pk, *days, "--out", out, "--as", admin).exit_code == 0
    assert out.read_text().splitlines()[1].startswith(barcode)
    assert '"260415000"' in run("export", own.pk, *days, "--fhir", "--as", admin).stdout
    assert run("export", own.pk, *days, "--as", email("partner_member", own.site.partner)).exit_code == 1
    shown = run("indicators", "--by", "report", "--days", "2").stdout
    assert "0.0%" in shown
    assert own.site.name in shown


def test_specimen_tells_its_way() -> None:
    own = lab()
    barcode = held(own, 1)[0]
    lines = run("specimen", barcode).stdout.splitlines()
    assert lines[0] == f"{barcode}: received, {own.site.name}"
    assert [line.split()[0] for line in lines[2:]] == ["collected", "received"]
    assert run("specimen", "K0000000000").exit_code == 1


def test_labels_are_issued() -> None:
    site = make.collection_site()
    done = run("labels", site.pk, 3, "--as", email("partner_member", site.partner))
    assert len(done.stdout.splitlines()) == 3
    assert "assays known" in run("load-assays").stdout


CARD = "barcode,name,birth_date,sex,nik,email,reason,kind,collected_at,residence\n"


def swab_list(path: Path, site: Site, *cells: str) -> Path:
    labels = services.issue_labels(site=site, number=len(cells), by=SYSTEM, now=utc_now())
    rows = [f"{label.barcode},{each}" for label, each in zip(labels, cells, strict=True)]
    file = path / "swabs.csv"
    file.write_text(CARD + "\n".join(rows) + "\n")
    return file


def test_list_of_swabs_is_taken_in_row_by_row(tmp_path: Path) -> None:
    site = make.collection_site()
    at = timezone.localtime(utc_now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    later = timezone.localtime(utc_now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    good = f"Warga Contoh A,1990-07-01,female,,a@contoh.example,screening,np-swab,{at},"
    file = swab_list(
        tmp_path,
        site,
        good,
        f"Warga Contoh B,1.7.1990,female,,b@contoh.example,screening,np-swab,{at},",
        f"Warga Contoh C,1990-07-01,female,,c@contoh.example,screening,np-swab,{later},",
        f"Warga Contoh D,1990-07-01,female,,d@contoh.example,holiday,np-swab,{at},",
        f"Warga Contoh E,1990-07-01,female,,e@contoh.example,screening,np-swab,{at},99.99",
    )
    staff = email("partner_member", site.partner)
    refused = run("import-swabs", site.pk, file, "--as", staff)
    assert refused.exit_code == 1
    rows = [line.split(":")[0] for line in refused.stderr.splitlines() if line.startswith("row")]
    assert rows == ["row 3", "row 4", "row 5", "row 6"]
    assert Specimen.objects.count() == 0
    stranger = email("partner_member", make.collection_site().partner)
    assert run("import-swabs", site.pk, file, "--load-rest", "--as", stranger).exit_code == 1
    assert Specimen.objects.count() == 0
    done = run("import-swabs", site.pk, file, "--load-rest", "--as", staff)
    assert done.stdout == "swabs.csv: 1 swabs taken in, 4 rows refused.\n"
    again = run("import-swabs", site.pk, file, "--load-rest", "--as", staff)
    assert "(barcode-used)" in again.stderr
    assert Specimen.objects.count() == 1


def test_list_of_swabs_without_columns_is_refused(tmp_path: Path) -> None:
    site = make.collection_site()
    file = tmp_path / "swabs.csv"
    file.write_text("barcode,name\n")
    done = run("import-swabs", site.pk, file, "--as", email("partner_member", site.partner))
    assert done.exit_code == 1
    assert "birth date, sex, reason, kind, collected at" in done.stderr


def test_pcr_is_asked_for_a_rapid_test_once() -> None:
    site = make.collection_site()
    test = services.record_antigen(
        subject=make.subject(),
        site=site,
        brand="Antigen Contoh",
        outcome="positive",
        tested_at=utc_now(),
        by=SYSTEM,
        now=utc_now(),
    )
    assert run("ask-for-pcr", test.pk, "--as", email("partner_member")).exit_code == 1
    staff = email("partner_member", site.partner)
    assert "waits for a swab" in run("ask-for-pcr", test.pk, "--as", staff).stdout
    assert "already waits" in run("ask-for-pcr", test.pk, "--as", staff).stderr


def test_specimen_is_discarded_and_its_pool_dissolved() -> None:
    own = lab()
    barcodes = held(own, 2)
    staff = email("partner_member", own.site.partner)
    by = make.staff_of(own.site.partner)
    pool = services.make_pool(lab=own, barcodes=barcodes, by=by, now=utc_now())
    assert run("discard", barcodes[0], "burnt", "--as", staff).exit_code == 2
    assert "is discarded" in run("discard", barcodes[0], "leaked", "--as", staff).stdout
    assert run("dissolve-pool", pool.pk, "--as", email("partner_member")).exit_code == 1
    assert run("dissolve-pool", pool.pk, "--as", staff).stdout == f"Pool {pool.pk} is dissolved.\n"


def test_tube_is_collected_picked_up_and_received_from_scans() -> None:
    own, site = lab(), make.collection_site()
    order = make.order(site, now=utc_now())
    (label,) = services.issue_labels(site=site, number=1, by=SYSTEM, now=utc_now())
    staff, courier = email("partner_member", site.partner), email("courier")
    bench = email("partner_member", own.site.partner)
    assert run("collect", order.pk, label.barcode, "--as", bench).exit_code == 1
    assert not Specimen.objects.exists()
    done = run("collect", order.pk, "-", "--as", staff, typed=f"{label.barcode}\n")
    assert done.stdout == f"{label.barcode} is collected for order {order.pk}.\n"
    tubes = [Specimen.objects.get(), make.specimen(site, at=utc_now() - timedelta(minutes=30))]
    manifest = make.consignment(tubes, own, departs=utc_now())
    stray = run("pick-up", manifest.pk, "K0000000000", "--as", courier)
    assert (stray.exit_code, stray.stderr.count("\n")) == (1, 1)
    assert run("pick-up", manifest.pk, label.barcode, "--as", staff).exit_code == 1
    assert set(Specimen.objects.values_list("state", flat=True)) == {"collected"}
    picked = run("pick-up", manifest.pk, "-", "--as", courier, typed=f"{label.barcode}\n")
    assert picked.stdout == f"Manifest {manifest.pk} is picked up; 1 specimens stay at the site.\n"
    there = run("receive", own.pk, label.barcode, "K0000000000", "--manifest", manifest.pk, "--as", bench)
    assert there.stdout == "1 taken in, 0 of them not on the manifest; 0 missing, 1 refused.\n"
    assert there.stderr == "K0000000000: barcode-unknown\n"
    assert [each.state for each in Specimen.objects.order_by("pk")] == ["received", "collected"]
    assert run("receive", own.pk, "nonsense", "--as", bench).stderr.count("\n") == 1


def test_results_are_validated_by_a_second_person_or_none_is() -> None:
    own = lab()
    barcodes = held(own, 2)
    analyst = email("partner_member", own.site.partner)
    by = make.staff_of(own.site.partner)
    entries = [services.Entry(row, each, "negative", utc_now()) for row, each in enumerate(barcodes, 1)]
    services.enter_results(lab=own, entries=entries, source="hand", by=by, now=utc_now())
    refused = run("validate", own.pk, *barcodes, "K0000000000", "--as", analyst)
    assert refused.exit_code == 1
    assert "K0000000000. None was validated." in refused.stderr
    assert run("validate", own.pk, *barcodes, "--as", email("partner_member")).exit_code == 1
    assert not LabResult.objects.exclude(state="proposed").exists()
    done = run("validate", own.pk, "-", "--as", analyst, typed=" ".join(barcodes))
    assert done.stdout == "2 results validated.\n"
    assert set(LabResult.objects.values_list("state", flat=True)) == {"validated"}
