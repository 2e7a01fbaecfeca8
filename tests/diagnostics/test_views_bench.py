"""The bench: plates and pools prepared, started, read by hand and from files, failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.hl7 import resulted_at
from kolaborasi.diagnostics.models import Pool, Result, Run, Well
from kolaborasi.diagnostics.queries import plates
from kolaborasi.diagnostics.rules.assays import ControlFault, well_order
from kolaborasi.diagnostics.words import pseudonym
from kolaborasi.exchange.hl7v2 import read_reports
from tests.conftest import NOW
from tests.diagnostics.factories import (
    INVALID,
    NEGATIVE,
    POSITIVE,
    Bench,
    bench,
    received,
    specimen,
)
from tests.diagnostics.test_imports import cfx, plate_rows, quantstudio
from tests.factories import PartnerFactory
from tests.hospitals.pages import fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def at_lab(place: Bench, page: str = "bench/") -> str:
    return f"/diagnostics/labs/{place.lab.pk}/{page}"


def at_run(run: Run, page: str = "") -> str:
    return f"/diagnostics/runs/{run.pk}/{page}"


def technician(place: Bench) -> Client:
    return staff(place.lab.site)


def plate(place: Bench, filling: str, **changes: Any) -> dict[str, Any]:
    return fill(**{"plate": "P-1", "assay": place.assay.pk, "kit": "", "filling": filling, **changes})


def upload(content: bytes, **more: Any) -> dict[str, Any]:
    return fill(file=SimpleUploadedFile("hasil.csv", content), **more)


def test_bench_shows_codes_and_no_person() -> None:
    place = bench(2)
    page = text_of(technician(place).get(at_lab(place)))
    for tube in place.specimens:
        assert tube.label.barcode in page
        assert pseudonym(tube.order.person_id) not in page
    assert "Warga" not in page


def test_bench_is_closed_to_others() -> None:
    place = bench(1)
    run = place.run()
    stranger = signed_in(member("partner_admin", partner=PartnerFactory()))
    coordinator = signed_in(member("coordinator"))
    for page in ("bench/", "runs/", "runs/new/", "pools/", "import/"):
        assert stranger.get(at_lab(place, page)).status_code == 403
    assert coordinator.get(at_lab(place)).status_code == 403
    for page in ("", "start/", "read/", "fail/", "file/"):
        assert stranger.get(at_run(run, page)).status_code == 404
    assert stranger.post(at_run(run, "fail/"), fill(reason="power")).status_code == 404
    run.refresh_from_db()
    assert run.state == "running"


def test_bench_asks_the_database_a_fixed_number_of_times() -> None:
    place = bench(1)
    client = technician(place)
    assert_same_queries(
        12, ask=lambda: client.get(at_lab(place)), add_row=lambda: received(place.lab, [specimen()])
    )


def test_plate_is_proposed_from_what_waits() -> None:
    place = bench(3)
    form = technician(place).get(at_lab(place, "runs/new/")).context["form"]
    waiting = [each.label.barcode for each in place.specimens]
    assert form["filling"].value().splitlines() == [*waiting, "G12 +", "H12 -"]


def test_plate_is_filled_column_by_column_and_by_position() -> None:
    place = bench(3)
    one, two, three = (each.label.barcode for each in place.specimens)
    filling = f"{one}\n\n{two.lower()}\nD02 {three}\n+\nH12 -"
    answer = technician(place).post(at_lab(place, "runs/new/"), plate(place, filling))
    run = Run.objects.get()
    assert answer["Location"] == at_run(run)
    positions = {well.position: well.content for well in Well.objects.all()}
    assert positions == {
        "A1": "specimen",
        "C1": "specimen",
        "D2": "specimen",
        "D1": "positive",
        "H12": "negative",
    }
    shown = text_of(technician(place).get(at_run(run)))
    assert [code in shown for code in (one, two, three)] == [True] * 3


@pytest.mark.parametrize(
    "filling",
    ["{one}\n+", "{one}\n{one}\n+\n-", "pool 99\n+\n-", "K0000000000\n+\n-", "Z9 {one}\n+\n-", "+\n-", ""],
)
def test_plate_that_cannot_be_is_refused_and_stays_typed(filling: str) -> None:
    place = bench(1)
    typed = filling.format(one=place.specimens[0].label.barcode)
    answer = technician(place).post(at_lab(place, "runs/new/"), plate(place, typed))
    assert answer.status_code == 422
    assert answer.context["form"]["filling"].value() == typed
    assert Run.objects.count() == 0


def test_specimen_that_was_never_received_is_refused_at_the_plate() -> None:
    place, stray = bench(1), specimen()
    filling = f"{stray.label.barcode}\n+\n-"
    answer = technician(place).post(at_lab(place, "runs/new/"), plate(place, filling))
    assert answer.status_code == 422
    assert "filling" in answer.context["form"].errors
    assert Run.objects.count() == 0


def test_pool_advice_and_pools_end_up_on_the_proposed_plate() -> None:
    place = bench(4)
    client = technician(place)
    codes = [each.label.barcode for each in place.specimens]
    assert client.post(at_lab(place, "pools/"), fill(scans=codes[0])).status_code == 422
    assert client.post(at_lab(place, "pools/"), fill(scans="\n".join(codes[:2])))["Location"] == at_lab(
        place, "pools/"
    )
    pool = Pool.objects.get()
    assert pool.size == 2
    proposal = plates.proposed_filling(place.lab, place.machine).splitlines()
    assert proposal == [f"pool {pool.pk}", codes[2], codes[3], "G12 +", "H12 -"]
    page = client.get(at_lab(place, "pools/"))
    assert page.context["advice"].size == 1
    assert codes[0] in text_of(page)


def test_run_is_started_read_by_hand_and_waits_for_somebody_else() -> None:
    place = bench(2)
    client = technician(place)
    filling = "\n".join([*(each.label.barcode for each in place.specimens), "+", "-"])
    client.post(at_lab(place, "runs/new/"), plate(place, filling))
    run = Run.objects.get()
    assert client.get(at_run(run, "read/")).status_code == 404
    assert client.post(at_run(run, "start/"), fill())["Location"] == at_run(run)
    cts = {"ct-A1-N1": "21,5", "ct-A1-N2": "22", "ct-A1-RP": "27", "ct-B1-RP": "26,5"}
    controls = {"ct-C1-N1": "25", "ct-C1-N2": "25", "ct-C1-RP": "25"}
    assert client.post(at_run(run, "read/"), fill(**cts, **controls))["Location"] == at_run(run)
    outcomes = [each.outcome for each in Result.objects.order_by("specimen_id")]
    assert outcomes == ["positive", "negative"]
    assert set(Result.objects.values_list("state", flat=True)) == {"proposed"}
    assert "21,5" in text_of(client.get(at_run(run)))


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"ct-A1-N1": "99"}, "details"), ({"ct-A1-N1": "many"}, "form"), ({"ct-C1-N1": ""}, "details")],
)
def test_readings_that_cannot_be_are_refused_and_stay_typed(changed: dict[str, str], field: str) -> None:
    place = bench(1)
    run = place.run()
    typed = {"ct-A1-RP": "26", "ct-G12-N1": "25", "ct-G12-N2": "25", "ct-G12-RP": "25"}
    wrong = {key.replace("C1", "G12"): value for key, value in changed.items()}
    answer = technician(place).post(at_run(run, "read/"), fill(**{**typed, **wrong}))
    assert answer.status_code == 422
    assert answer.context["form"]["ct-A1-RP"].value() == "26"
    assert bool(answer.context["details"]) is (field == "details")
    assert Result.objects.count() == 0
    run.refresh_from_db()
    assert run.state == "running"


@pytest.mark.parametrize("written", [cfx, quantstudio])
def test_file_of_a_machine_is_read(written: Any) -> None:
    place = bench(2)
    run = place.run()
    content = written(plate_rows(place, [POSITIVE, INVALID]))
    answer = technician(place).post(at_run(run, "file/"), upload(content))
    assert answer["Location"] == at_run(run)
    assert [each.outcome for each in Result.objects.order_by("specimen_id")] == ["positive", "invalid"]


def test_file_of_another_plate_is_refused_position_by_position() -> None:
    place, other = bench(1), bench(1)
    run = place.run()
    answer = technician(place).post(at_run(run, "file/"), upload(cfx(plate_rows(other, [POSITIVE]))))
    assert answer.status_code == 422
    assert answer.context["details"]["positions"] == ["A1"]
    assert Result.objects.count() == 0


def test_file_with_wrong_rows_is_reported_row_by_row() -> None:
    place = bench(1)
    run = place.run()
    content = cfx(plate_rows(place, [POSITIVE])).replace(b"21.5", b"many")
    answer = technician(place).post(at_run(run, "file/"), upload(content))
    assert answer.status_code == 422
    assert [row["row"] for row in answer.context["details"]["rows"]] == [5, 8]
    assert "many" in text_of(answer)
    assert Result.objects.count() == 0


def test_failed_controls_offer_to_mark_the_run_as_failed() -> None:
    place = bench(1)
    run = place.run()
    rows = {**plate_rows(place, [POSITIVE]), "H12": ("NTC", POSITIVE)}
    client = technician(place)
    answer = client.post(at_run(run, "file/"), upload(cfx(rows)))
    assert answer.status_code == 422
    assert at_run(run, "fail/") in text_of(answer)
    assert client.post(at_run(run, "fail/"), fill()).status_code == 422
    form = fill(reason=ControlFault.NEGATIVE_FAILED)
    assert client.post(at_run(run, "fail/"), form)["Location"] == at_run(run)
    run.refresh_from_db()
    place.specimens[0].refresh_from_db()
    assert (run.state, run.failure) == ("failed", ControlFault.NEGATIVE_FAILED)
    assert place.specimens[0].state == "received"
    assert client.get(at_run(run, "file/")).status_code == 404


def test_plate_is_given_up_before_it_is_started() -> None:
    place = bench(1)
    client = technician(place)
    filling = f"{place.specimens[0].label.barcode}\n+\n-"
    client.post(at_lab(place, "runs/new/"), plate(place, filling))
    run = Run.objects.get()
    assert client.post(at_run(run, "cancel/"), fill())["Location"] == at_run(run)
    run.refresh_from_db()
    assert run.state == "cancelled"


def results_file(*rows: str) -> bytes:
    return "\n".join(["barcode,result,resulted_at,ct_N", *rows]).encode()


def test_results_file_is_taken_in_and_reported() -> None:
    place = bench(2)
    at = utc_now().isoformat()
    good = f"{place.specimens[0].label.barcode},positive,{at},21.5"
    bad = f"K0000000000,negative,{at},"
    client = technician(place)
    refused = client.post(at_lab(place, "import/"), upload(results_file(good, bad)))
    assert refused.status_code == 422
    assert len(refused.context["details"]["rows"]) == 1
    assert Result.objects.count() == 0
    taken = client.post(at_lab(place, "import/"), upload(results_file(good, bad), partly="on"))
    assert taken["Location"] == at_lab(place, "import/")
    assert Result.objects.count() == 1
    report = client.get(taken["Location"])
    assert report.context["done"]["results"] == 1
    assert len(report.context["done"]["refused"]) == 1
    assert client.get(taken["Location"]).context["done"] is None


def test_real_message_of_a_laboratory_system_is_taken_in_on_the_page(shared_data: Path) -> None:
    place = bench(1)
    (tube,) = place.specimens
    real = shared_data / "lab" / "hl7v2" / "sample_AL_20240624-0001.hl7"
    content = real.read_bytes()
    client = technician(place)
    strange = client.post(at_lab(place, "import/"), upload(content))
    assert strange.status_code == 422
    assert [row["code"] for row in strange.context["details"]["rows"]] == ["not-a-barcode"]
    assert Result.objects.count() == 0
    (report,) = read_reports(content.decode())
    ours = content.decode().replace(report.specimens[0], tube.label.barcode)
    # As Windows writes it: a mark of the byte order first, lines ended twice.
    written = b"\xef\xbb\xbf" + ours.replace("\r\n", "\r").replace("\r", "\r\n").encode()
    taken = client.post(at_lab(place, "import/"), upload(written))
    assert taken["Location"] == at_lab(place, "import/")
    result = Result.objects.get()
    assert (result.specimen_id, result.outcome, result.source) == (tube.pk, "positive", "hl7")
    assert result.resulted_at == resulted_at(report)


def test_file_of_nothing_known_is_refused() -> None:
    place = bench(1)
    for content in (b"", b"hello", b"MSH|^~\\&|nonsense"):
        assert technician(place).post(at_lab(place, "import/"), upload(content)).status_code == 422
    assert Result.objects.count() == 0


def test_list_of_plates_asks_a_fixed_number_of_times() -> None:
    place = bench(3)
    client = technician(place)
    rest = iter(place.specimens)

    def add() -> None:
        tube = next(rest)
        run = place.run(f"P{tube.pk}", [tube])
        services.read_run(
            run=run, readings=place.readings([NEGATIVE]), ended_at=NOW, by=place.technician, now=NOW
        )

    assert_same_queries(6, ask=lambda: client.get(at_lab(place, "runs/")), add_row=add)


def test_plate_of_more_fields_than_a_form_takes_leads_to_the_file() -> None:
    place = bench(1)
    run = place.run()
    positions = well_order(384)[:320]
    taken = set(Well.objects.values_list("position", flat=True))
    Well.objects.bulk_create(
        Well(run=run, position=each, content="negative") for each in positions if each not in taken
    )
    answer = technician(place).get(at_run(run, "read/"))
    assert Well.objects.count() * 3 > 900
    assert answer["Location"] == at_run(run, "file/")
