"""Files of machines and laboratory systems: all of a good one, nothing of a wrong one."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.db import transaction

from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import ControlsFailed, FileRefused, PlateRefused
from kolaborasi.diagnostics.hl7 import barcode_of_report, cts_of, entries_of, outcome_of
from kolaborasi.diagnostics.instruments import read_plate_file, read_results_csv
from kolaborasi.diagnostics.models import Ct, Result, Run, Specimen, Well
from kolaborasi.diagnostics.rules.barcodes import barcode_of
from kolaborasi.exchange.errors import NotHl7
from kolaborasi.exchange.hl7v2 import moment, read_reports
from tests.conftest import NOW
from tests.diagnostics.factories import INVALID, NEGATIVE, NO_TEMPLATE, POSITIVE, Bench, bench

HOUR = timedelta(hours=1)
LATER = NOW + HOUR
BARCODE = barcode_of(42)


def cfx(rows: dict[str, tuple[str, dict]], separator: str = ",") -> bytes:
    """An export of CFX Maestro: run information above, `A01` positions, NaN where nothing crossed."""
    text = StringIO()
    text.write("File Name,plate.pcrd\r\nCreated By User,admin\r\n\r\n")
    out = csv.writer(text, delimiter=separator)
    out.writerow(["", "Well", "Fluor", "Target", "Content", "Sample", "Cq", "SQ"])
    for position, (sample, cts) in rows.items():
        for target, ct in cts.items():
            padded = f"{position[0]}{int(position[1:]):02d}"
            out.writerow(["", padded, "FAM", target, "Unkn", sample, "NaN" if ct is None else ct, "NaN"])
    return text.getvalue().encode()


def quantstudio(rows: dict[str, tuple[str, dict]], plate: str = "") -> bytes:
    """An export of QuantStudio: starred run information, `[Results]`, tabs, Undetermined where nothing crossed."""
    lines = [f"* Experiment Barcode = {plate}", "* Instrument Type = QuantStudio 5", "", "[Results]"]
    lines.append("Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tReporter\tCT")
    for number, (position, (sample, cts)) in enumerate(rows.items(), start=1):
        for target, ct in cts.items():
            shown = "Undetermined" if ct is None else f"{ct:.3f}"
            lines.append(f"{number}\t{position}\tFALSE\t{sample}\t{target}\tUNKNOWN\tFAM\t{shown}")
    return "\n".join([*lines, "", "[Melt Curve]", "x\ty"]).encode("utf-16")


def plate_rows(place: Bench, values: list[dict], named: bool = True) -> dict[str, tuple[str, dict]]:
    filled = {
        f"{'ABCDEFGH'[number]}1": (tube.label.barcode if named else "", reading)
        for number, (tube, reading) in enumerate(zip(place.specimens, values, strict=True))
    }
    return {**filled, "G12": ("PC", POSITIVE), "H12": ("NTC", NO_TEMPLATE)}


@pytest.mark.parametrize("write", [cfx, quantstudio, lambda rows: cfx(rows, ";")], ids=["cfx", "qs", "cfx;"])
@pytest.mark.django_db
def test_export_of_a_machine_is_the_plate_it_read(write) -> None:  # type: ignore[no-untyped-def]
    place = bench(3)
    run = place.run()
    content = write(plate_rows(place, [POSITIVE, NEGATIVE, INVALID]))
    services.import_plate_file(run=run, content=content, ended_at=LATER, by=place.technician, now=LATER)
    assert list(Result.objects.order_by("specimen_id").values_list("outcome", flat=True)) == [
        "positive",
        "negative",
        "invalid",
    ]
    assert Well.objects.get(run=run, position="A1").readings == POSITIVE


def test_export_names_its_program_plate_and_samples() -> None:
    file = read_plate_file(quantstudio({"A1": (BARCODE, {"N1": 20.5, "N2": None})}, plate="P7"))
    assert (file.instrument, file.plate) == ("quantstudio", "P7")
    assert (file.samples, file.readings) == ({"A1": BARCODE}, {"A1": {"N1": 20.5, "N2": None}})
    assert read_plate_file(cfx({"A1": ("", {"N1": 20.5})})).instrument == "bio-rad-cfx"


@pytest.mark.django_db
def test_file_of_another_plate_changes_nothing() -> None:
    place = bench(2)
    run = place.run("P1")
    rows = plate_rows(place, [POSITIVE, NEGATIVE])
    swapped = {**rows, "A1": rows["B1"], "B1": rows["A1"]}
    for content, error in (
        (quantstudio(rows, plate="P2"), FileRefused),
        (cfx(swapped), PlateRefused),
        (cfx({**rows, "C1": ("x", NEGATIVE)}), PlateRefused),
        (cfx({**rows, "H12": ("NTC", POSITIVE)}), ControlsFailed),
    ):
        with pytest.raises(error), transaction.atomic():
            services.import_plate_file(
                run=run, content=content, ended_at=LATER, by=place.technician, now=LATER
            )
    assert (Run.objects.get().state, Result.objects.count()) == ("running", 0)
    assert not Well.objects.filter(readings__isnull=False).exists()


def test_rows_that_cannot_be_read_are_told_by_their_line() -> None:
    content = (
        cfx({"A1": ("", {"N1": 20.0})}).decode()
        + ",Z99,FAM,N1,Unkn,,20,1\r\n,B01,FAM,N1,Unkn,,abc,1\r\n,C01\r\n"
    )
    with pytest.raises(FileRefused) as refusal:
        read_plate_file(content.encode())
    assert [row["row"] for row in refusal.value.details["rows"]] == [6, 7, 8]


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"Well,Cq\nA01,1\n", b"\x00" * 100])
def test_what_is_no_export_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_plate_file(content)


def oru(
    barcode: str = BARCODE,
    at: str = "20210712110000+0700",
    value: str = "260373001^Detected^SCT",
    code: str = "94500-6^SARS-CoV-2 RNA^LN",
    status: str = "F",
    marks: str = "^~\\&",
) -> str:
    """A message as laboratory systems send it."""
    return "\r".join(
        [
            f"MSH|{marks}|LIS|Lab|K|K|{at}||ORU^R01^ORU_R01|77|P|2.5.1",
            "PID|1||x||Contoh^Warga||19900701|F",
            f"OBR|1|ORD1|FIL1|{code}|||{at}|||||||||||||||{at}|||{status}",
            f"OBX|1|CWE|{code}||{value}|||A|||{status}|||{at}|||||{at}",
            f"OBX|2|NM|94745-7^Ct^LN||21.5|{{cycles}}||||{''}{status}",
            f"SPM|1|{barcode}&Lab^{barcode}&Lab||258500001^Swab^SCT|||||||||||||{at}|{at}",
        ]
    )


@pytest.mark.django_db
def test_message_of_a_lab_system_is_a_result_that_waits() -> None:
    place = bench(1)
    text = oru(place.specimens[0].label.barcode)
    done = services.import_hl7(lab=place.lab, text=text, by=place.technician, now=LATER)
    assert done.results == 1
    result = Result.objects.get()
    assert (result.outcome, result.state, result.source) == ("positive", "proposed", "hl7")
    assert result.resulted_at == datetime(2021, 7, 12, 4, tzinfo=UTC)
    assert dict(Ct.objects.values_list("target", "ct")) == {"RNA": 21.5}
    assert Specimen.objects.get().state == "resulted"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"value": "260415000^Not detected^SCT"}, "negative"),
        ({"value": "NEG^Negatif^L"}, "negative"),
        ({"value": "419984006^Inconclusive^SCT"}, "inconclusive"),
        ({"value": "455371000124106^Invalid^SCT"}, "invalid"),
        ({"value": "x^y^L^10828004^Positive^SCT"}, "positive"),
    ],
)
def test_outcome_of_a_message_is_read_by_code_or_word(changes: dict, outcome: str) -> None:
    ((entry,), _unread) = entries_of(oru(**changes))
    assert (entry.outcome, entry.barcode) == (outcome, BARCODE)


@pytest.mark.parametrize(
    "changes", [{"status": "P"}, {"code": "94558-4^Antigen^LN"}, {"value": "840539006^COVID-19^SCT"}]
)
def test_message_without_a_final_pcr_result_is_refused(changes: dict) -> None:
    entries, unread = entries_of(oru(**changes))
    assert entries == []
    assert [row["code"] for row in unread] == ["no-pcr-result"]


@pytest.mark.parametrize("text", ["", "hello", "MSH", "MSH|^~\\&|", oru().replace("ORU^R01", "ADT^A01")])
def test_what_is_no_result_message_is_refused(text: str) -> None:
    with pytest.raises(NotHl7):
        read_reports(text)


def test_encoding_characters_may_be_others_and_five() -> None:
    (usual,) = read_reports(oru())
    (five,) = read_reports(oru(marks="^~\\&#"))
    assert five == usual
    swapped = oru().replace("^~\\&", "\0").replace("^", "$").replace("&", "*").replace("\0", "$~\\*")
    (other,) = read_reports(swapped)
    assert [each.coded for each in other.observations] == [each.coded for each in usual.observations]
    assert (other.specimens, other.service, other.reported_at) == (
        usual.specimens,
        usual.service,
        usual.reported_at,
    )
    (escaped,) = read_reports(oru(value="1^Detected \\T\\ confirmed^L"))
    assert escaped.observations[0].coded.text == "Detected & confirmed"


def test_genes_that_disagree_are_inconclusive() -> None:
    text = oru(code="94533-7^N gene^LN") + "\rOBX|3|CWE|94559-2^ORF1ab^LN||260415000^Not detected^SCT||||||F"
    (report,) = read_reports(text)
    assert outcome_of(report.observations) == "inconclusive"


def raw_segments(text: str) -> list[list[str]]:
    """An independent reading of a message: split at the bar, nothing else."""
    return [line.split("|") for line in text.replace("\r", "\n").split("\n") if line.strip()]


def test_real_messages_are_read_without_loss(shared_data: Path) -> None:
    files = sorted((shared_data / "lab" / "hl7v2").glob("*.hl7"))
    assert len(files) >= 40
    observations = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        reports = read_reports(text)
        segments = raw_segments(text)
        obr = [s for s in segments if s[0] == "OBR"]
        assert [(r.placer, r.filler, r.service.code) for r in reports] == [
            tuple(s[number].split("^")[0] if len(s) > number else "" for number in (2, 3, 4)) for s in obr
        ], path.name
        raw = [s for s in segments if s[0] == "OBX"]
        read = [each for report in reports for each in report.observations]
        assert [(o.number, o.kind, o.code.code) for o in read] == [
            (s[1], s[2], s[3].split("^")[0]) for s in raw
        ], path.name
        assert [o.status for o in read] == [s[11] if len(s) > 11 else "" for s in raw]
        assert [o.coded.code for o in read] == [s[5].split("~")[0].split("^")[0].split("&")[0] for s in raw]
        assert [o.analysed_at for o in read] == [moment(s[19]) if len(s) > 19 else None for s in raw]
        tubes = [s[2].replace("^", "&").split("&")[0] for s in segments if s[0] == "SPM"]
        assert {t for t in tubes if t} <= {n for r in reports for n in r.specimens}, path.name
        observations += len(read)
    assert observations > 150


def test_real_pcr_messages_give_an_outcome(shared_data: Path) -> None:
    text = (shared_data / "lab" / "hl7v2" / "sample_AL_20240624-0001.hl7").read_text(encoding="utf-8")
    (report,) = read_reports(text)
    assert outcome_of(report.observations) == "positive"
    assert cts_of(report.observations) == {}
    assert barcode_of_report(report) == "0bab3f94-feb4-4915-939d-1adc5da201f3"


def test_our_csv_is_read_with_times_of_the_city_and_ct_values() -> None:
    text = (
        f"\ufeffbarcode;result;resulted_at;ct_N1;ct_N2\n{BARCODE};Tidak terdeteksi;2021-07-12T10:30;;31,5\n"
    )
    ((entry,), _unread) = read_results_csv(text.encode())
    assert (entry.row, entry.barcode, entry.outcome) == (2, BARCODE, "negative")
    assert entry.resulted_at == datetime(2021, 7, 12, 3, 30, tzinfo=UTC)
    assert entry.cts == {"N2": 31.5}


def test_real_bulk_file_is_read_row_by_row(shared_data: Path) -> None:
    content = (shared_data / "lab" / "test-results-upload-valid-4000-rows.csv").read_bytes()
    entries, unread = read_results_csv(content)
    assert unread == []
    assert len(entries) == len(content.splitlines()) - 1 == 3999
    assert (entries[0].barcode, entries[0].outcome, entries[0].row) == ("123", "positive", 2)
    assert entries[0].resulted_at == datetime(2021, 12, 20, 7, tzinfo=UTC)
    _entries, unread = read_results_csv(
        (shared_data / "lab" / "test-results-upload-all-fields.csv").read_bytes()
    )
    # The second row of that file is an antigen test.
    assert [row["row"] for row in unread] == [3]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (f"{BARCODE},maybe,2021-07-12T10:30", 2),
        (f"{BARCODE},positive,12/7/21", 2),
        (f"{BARCODE},positive", 2),
    ],
)
def test_wrong_row_of_our_csv_is_told(line: str, row: int) -> None:
    entries, unread = read_results_csv(f"barcode,result,resulted_at\n{line}\n".encode())
    assert entries == []
    assert [each["row"] for each in unread] == [row]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe"])
def test_what_is_no_result_file_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_results_csv(content)


def test_message_with_a_ct_that_is_no_number_is_told() -> None:
    _entries, unread = entries_of(oru().replace("|21.5|", "|many|"))
    assert [row["code"] for row in unread] == ["row-refused"]


@pytest.mark.django_db
@pytest.mark.parametrize("partly", [False, True])
def test_good_rows_are_taken_in_beside_unreadable_ones_when_asked(partly: bool) -> None:
    place = bench(2)
    first, second = (each.label.barcode for each in place.specimens)
    text = (
        "barcode,result,resulted_at\n"
        f"{first},maybe,2021-07-12T11:00+07:00\n{second},negative,2021-07-12T11:00+07:00\nx,negative,2021-07-12\n"
    )
    common = {"lab": place.lab, "by": place.technician, "now": LATER, "partly": partly}
    if not partly:
        with pytest.raises(FileRefused) as refusal, transaction.atomic():
            services.import_results_csv(content=text.encode(), **common)
        assert [row["row"] for row in refusal.value.details["rows"]] == [2, 4]
        assert Result.objects.count() == 0
        return
    done = services.import_results_csv(content=text.encode(), **common)
    assert (done.results, [row["row"] for row in done.refused]) == (1, [2, 4])
    assert Result.objects.get().specimen.label.barcode == second


@pytest.mark.django_db
def test_good_message_is_taken_in_beside_one_without_a_pcr_result() -> None:
    place = bench(1)
    (tube,) = place.specimens
    text = oru().replace(BARCODE, tube.label.barcode) + "\r" + oru(code="94558-4^Antigen^LN")
    done = services.import_hl7(lab=place.lab, text=text, by=place.technician, now=LATER, partly=True)
    assert (done.results, [row["code"] for row in done.refused]) == (1, ["no-pcr-result"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("barcode", "target", "code"),
    [
        ("K\x00000000010", "N1", "not-a-barcode"),
        ("", "N1", "not-a-barcode"),
        (None, "N" * 21, "numbers-refused"),
    ],
)
def test_text_that_breaks_databases_is_a_wrong_row(barcode: str | None, target: str, code: str) -> None:
    place = bench(1)
    tube = place.specimens[0].label.barcode if barcode is None else barcode
    content = f"barcode,result,resulted_at,ct_{target}\n{tube},negative,2021-07-12T11:00+07:00,30\n"
    with pytest.raises(FileRefused) as refusal, transaction.atomic():
        services.import_results_csv(lab=place.lab, content=content.encode(), by=place.technician, now=LATER)
    assert [row["code"] for row in refusal.value.details["rows"]] == [code]
    assert Result.objects.count() == 0


@pytest.mark.django_db
def test_targets_the_assay_does_not_ask_for_are_left_out() -> None:
    place = bench(1)
    run = place.run()
    extra = {**POSITIVE, "E": 33.0}
    rows = {**plate_rows(place, [extra])}
    services.import_plate_file(run=run, content=cfx(rows), ended_at=LATER, by=place.technician, now=LATER)
    assert dict(Ct.objects.values_list("target", "ct")) == POSITIVE
