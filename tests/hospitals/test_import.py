"""Beds from files and messages: the real ones, and wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.hospitals import services, verification
from kolaborasi.hospitals.build import TABLE, build_facts
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import HospitalKnown
from kolaborasi.hospitals.facts import jakarta_hospitals
from kolaborasi.hospitals.matching import HospitalIndex, normal_name
from kolaborasi.hospitals.models import BedReport, Hospital, HospitalName
from kolaborasi.hospitals.queries import hospitals, network_size
from kolaborasi.hospitals.rules import BedCount, FreeBeds
from kolaborasi.hospitals.services.imports import hospital_index
from kolaborasi.hospitals.siranap import (
    NotUnderstood,
    PoolNumbers,
    age,
    free_beds,
    queue,
    read_message,
    read_plain,
    read_snapshot,
    write_message,
)
from kolaborasi.places.facts import jakarta_places
from kolaborasi.places.models import Place, PlaceCode
from kolaborasi.places.rules import Kind, Scheme, parent_code
from tests.conftest import NOW
from tests.factories import staff
from tests.hospitals.factories import DISPATCHER, HospitalFactory, PoolFactory

SYSTEM = Actor.system("test")
AFTER = datetime(2021, 8, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "beds"),
    [
        ("Tersedia 2 bed kosong IGD", 2),
        ("Bed IGD Penuh!", 0),
        ("TERSEDIA  11 BED", 11),
        (" 7 ", 7),
        ("3.0", 3),
    ],
)
def test_free_beds_of_a_text(text: str, beds: int) -> None:
    assert free_beds(text) == beds


@pytest.mark.parametrize(("text", "people"), [("tanpa antrian pasien.", 0), ("dengan antrian 12 pasien", 12)])
def test_queue_of_a_text(text: str, people: int) -> None:
    assert queue(text) == people


@pytest.mark.parametrize(
    ("text", "minutes", "exact"),
    [("37 jam", 2220, 60), ("21 menit", 21, 1), ("kurang dari 1 menit", 0, 1), ("2 hari", 2880, 1440)],
)
def test_age_of_a_text(text: str, minutes: int, exact: int) -> None:
    found = age(text)
    assert found is not None
    assert (found.at_least, found.exact_to) == (timedelta(minutes=minutes), timedelta(minutes=exact))


@pytest.mark.parametrize("text", ["NA", "", " - "])
def test_age_that_says_nothing_is_unknown(text: str) -> None:
    assert age(text) is None


@pytest.mark.parametrize("reader", [free_beds, queue, age])
def test_text_that_is_not_understood_is_refused(reader: object) -> None:
    with pytest.raises(NotUnderstood):
        reader("segera dibuka")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RSUD CIPAYUNG", "RS Umum Daerah Cipayung"),
        ("RS Umum Pelabuhan Tg.Priok", "RS Umum  Pelabuhan Tanjung Priok"),
        ("RSU Gandaria", "RS Umum Gandaria"),
        ("RS Tk IV Cijantung", "RS Tk. IV Cijantung"),
        ("RS Ibu dan Anak\N{REPLACEMENT CHARACTER}Avisena", "RSIA Avisena"),
    ],
)
def test_names_of_one_hospital_are_compared_alike(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


def test_index_is_sure_only_of_code_or_name_in_the_city() -> None:
    index = HospitalIndex()
    index.add(1, name="RS Umum Evasari", city="3173", code="3173001")
    index.add(2, name="RS Umum Daerah Matraman", city="3174")
    assert index.find(name="whatever", city="", code="3173001") is not None
    for name, city, hospital, sure in [
        ("RSU Evasari", "3173", 1, True),
        ("RS Umum Primaya Evasari Hospital", "3173", 1, False),
        ("RSUD Matraman", "3172", 2, False),
    ]:
        found = index.find(name=name, city=city)
        assert found is not None
        assert (found.hospital, found.sure) == (hospital, sure)
    assert index.find(name="RS Ukrida", city="3173") is None


def load_jakarta() -> None:
    """Jakarta's areas and hospitals, all of them in the network since before the first snapshot."""
    made: dict[str, Place] = {}
    for area in jakarta_places():
        above = parent_code(Scheme.KEMENDAGRI, area.code)
        made[area.code] = Place.objects.create(
            kind=Kind(area.kind),
            code=area.code,
            name=area.name,
            search_name=area.name.lower(),
            parent=made[above] if above else None,
            latitude=area.latitude,
            longitude=area.longitude,
        )
        PlaceCode.objects.create(place=made[area.code], scheme=Scheme.BPS, code=area.bps_code)
    services.load_hospitals(by=SYSTEM, now=NOW)
    for hospital in hospitals():
        services.join_network(hospital=hospital, beds={BedClass.ED: 1}, by=SYSTEM, now=NOW)


@pytest.mark.django_db
def test_facts_hold_the_known_hospitals_and_load_once() -> None:
    load_jakarta()
    assert Hospital.objects.count() == len(jakarta_hospitals()) == 195
    assert (network_size(NOW.date()).joined, network_size(NOW.date()).known) == (195, 195)
    assert services.load_hospitals(by=SYSTEM, now=NOW) == []


def test_facts_are_what_the_command_makes(shared_data: Path, tmp_path: Path) -> None:
    made = build_facts(shared_data, tmp_path)[0]
    kept = Path(services.loading.__file__).parent.parent / "facts" / TABLE
    assert made.read_bytes() == kept.read_bytes()


@pytest.mark.django_db
def test_replay_of_every_real_snapshot_loses_no_row(shared_data: Path) -> None:
    load_jakarta()
    files = sorted((shared_data / "beds" / "siranap").glob("*.csv"), key=lambda path: path.stem[-4:])
    assert len(files) == 50
    read = [read_snapshot(path) for path in files]
    assert [problem for file in read for problem in file.problems] == []
    index = hospital_index()
    matches = {
        (row.name, row.city): index.find(name=row.name, city=row.city) for file in read for row in file.rows
    }
    uncertain = {key: match for key, match in matches.items() if match is None or not match.sure}
    assert sorted(uncertain) == [
        ("RS Ketergantungan Obat", "3172"),
        ("RS Tk. II M. Ridwan Meuraksa", "3172"),
        ("RS Umum Daerah Matraman", "3172"),
        ("RS Umum Murni Teguh Sudirman Jakarta", "3173"),
        ("RS Umum Primaya Evasari Hospital", "3173"),
    ]
    held_back = services.import_beds(file=read[0], source="siranap", by=SYSTEM, now=AFTER).reviews
    assert {(each.name, each.city) for each in held_back} <= set(uncertain)
    for (name, city), match in uncertain.items():
        assert match is not None
        hospital = Hospital.objects.get(pk=match.hospital)
        services.confirm_name(hospital=hospital, name=name, city_code=city, by=SYSTEM, now=AFTER)
    rows = cells = taken = repeated = silent = 0
    for file in read[1:]:
        done = services.import_beds(file=file, source="siranap", by=SYSTEM, now=AFTER)
        assert (done.reviews, done.problems) == ([], [])
        rows += done.rows
        cells += sum(len(row.seen) for row in file.rows)
        taken, repeated, silent = taken + done.taken, repeated + done.repeated, silent + done.silent
    assert taken + repeated == cells
    assert (rows, silent, taken, repeated) == (3139, 28, 3632, 404)
    assert [fault for check in verification.checks() for fault in check.faults] == []


@pytest.mark.django_db
def test_hospital_that_vanishes_from_a_file_keeps_its_beds(tmp_path: Path) -> None:
    first, second = PoolFactory(), PoolFactory()
    path = plain(tmp_path, f"{first.hospital.registry_code},isolation-np,9,0,2021-07-12T10:00")
    done = services.import_beds(file=read_plain(path, read_at=NOW), source="file", by=SYSTEM, now=NOW)
    assert (done.rows, done.taken) == (1, 1)
    second.refresh_from_db()
    assert (second.staffed, second.reported, second.observed_at) == (5, 5, NOW - timedelta(minutes=10))


def plain(folder: Path, *rows: str) -> Path:
    """A plain CSV file of beds."""
    path = folder / "beds.csv"
    path.write_text("registry_code,bed_class,staffed,occupied,observed_at\n" + "\n".join(rows) + "\n")
    return path


@pytest.mark.django_db
def test_wrong_rows_are_reported_and_the_sound_ones_kept(tmp_path: Path) -> None:
    pool, outside = PoolFactory(), HospitalFactory(network="outside")
    code = pool.hospital.registry_code
    path = plain(
        tmp_path,
        f"{code},isolation-np,9,2,2021-07-12T09:55",
        f"{code},icu,3,4,2021-07-12T09:55",
        f"{code},hcu,-1,0,2021-07-12T09:55",
        f"{code},isolation,9,2,2021-07-12T11:55",
        f"{code},isolation-np,9,2,2021-07-11T09:55",
        f"{code},water-bed,9,2,2021-07-12T09:55",
        f"{outside.registry_code},icu,3,1,2021-07-12T09:55",
        "9999999,icu,3,1,2021-07-12T09:55",
        f"{code},28,many,2,2021-07-12T09:55",
    )
    done = services.import_beds(file=read_plain(path, read_at=NOW), source="file", by=SYSTEM, now=NOW)
    assert (done.rows, done.taken, done.repeated, len(done.reviews), len(done.problems)) == (9, 1, 0, 0, 8)
    assert sorted(problem.line for problem in done.problems) == [3, 4, 5, 6, 7, 8, 9, 10]
    pool.refresh_from_db()
    assert (pool.staffed, pool.occupied, pool.others, pool.reported) == (9, 2, 2, 7)


@pytest.mark.django_db
def test_import_by_a_hospitals_own_people_is_refused(tmp_path: Path) -> None:
    pool = PoolFactory()
    path = plain(tmp_path, f"{pool.hospital.registry_code},isolation-np,9,2,2021-07-12T09:55")
    with pytest.raises(NotPermitted):
        services.import_beds(
            file=read_plain(path, read_at=NOW), source="file", by=staff("partner_admin"), now=NOW
        )
    assert BedReport.objects.count() == 1


@pytest.mark.django_db
def test_same_file_again_changes_nothing(tmp_path: Path) -> None:
    pool = PoolFactory()
    path = plain(tmp_path, f"{pool.hospital.registry_code},isolation-np,9,2,2021-07-12T09:55")
    file = read_plain(path, read_at=NOW)
    services.import_beds(file=file, source="file", by=DISPATCHER, now=NOW)
    again = services.import_beds(file=file, source="file", by=DISPATCHER, now=NOW)
    assert (again.taken, again.repeated, BedReport.objects.count()) == (0, 1, 2)


def test_plain_file_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "beds.csv"
    path.write_text("hospital;bed_class;staffed\n")
    with pytest.raises(NotUnderstood, match="observed_at, occupied"):
        read_plain(path, read_at=NOW)


def room(**given: object) -> dict[str, object]:
    """A room as a hospital's system sends it, numbers as texts."""
    return {
        "id_tt": "28",
        "ruang": "Melati",
        "jumlah_ruang": "1",
        "jumlah": "10",
        "terpakai": "7",
        "terpakai_suspek": "0",
        "terpakai_konfirmasi": "7",
        "antrian": "2",
        "prepare": "1",
        "prepare_plan": "3",
        "covid": 1,
        **given,
    }


def test_message_sums_rooms_and_keeps_the_oldest_time() -> None:
    rooms = [
        room(tglupdate="2021-07-12 09:00:00"),
        room(ruang="Mawar", jumlah=5, tglupdate="2021-07-12 08:00:00"),
    ]
    seen, problems = read_message({"fasyankes": rooms}, read_at=NOW)
    assert problems == []
    assert [(each.bed_class, each.observed_at) for each in seen] == [
        (BedClass.ISOLATION_NP, datetime(2021, 7, 12, 1, 0, tzinfo=UTC))
    ]
    assert seen[0].count == BedCount(15, 14, cleaning=2, preparing=6, waiting_inside=4)


@pytest.mark.parametrize("broken", [{"id_tt": "99"}, {"jumlah": "x"}, {"terpakai": True}, {"id_tt": None}])
def test_message_with_a_broken_room_keeps_the_others(broken: dict[str, object]) -> None:
    seen, problems = read_message([room(), room(**broken), "text"], read_at=NOW)
    assert (len(seen), [each.line for each in problems]) == (1, [2, 3])


def test_message_that_is_written_is_read_the_same() -> None:
    pools = [
        PoolNumbers(BedClass.ICU_NP_VENT, 8, 6, 1, 2, 0, 5, NOW),
        PoolNumbers(BedClass.ED, 4, 4, 0, 0, 9, 0, NOW),
        PoolNumbers(BedClass.DIALYSIS, 4, 4, 0, 0, 9, 0, NOW),
        PoolNumbers(BedClass.HCU, 0, 0, 0, 0, 0, 0, None),
    ]
    written = write_message(pools)
    assert [(row["id_tt"], row["antrian"]) for row in written["fasyankes"]] == [("24", 5), ("32", 9)]
    seen, problems = read_message(written, read_at=NOW + timedelta(hours=1))
    assert problems == []
    assert [(each.bed_class, each.observed_at) for each in seen] == [
        (BedClass.ICU_NP_VENT, NOW),
        (BedClass.ED, NOW),
    ]
    assert seen[0].count == BedCount(8, 6, cleaning=2, preparing=1, waiting_inside=5)
    assert seen[1].count == BedCount(4, 4, waiting_outside=9)


def test_free_beds_as_a_gross_count_hold_the_patients_placed_before() -> None:
    assert FreeBeds(3, waiting_outside=2).gross(4) == BedCount(7, 4, others=0, waiting_outside=2)


@pytest.mark.django_db
def test_confirmed_name_is_kept_once() -> None:
    hospital = HospitalFactory()
    services.confirm_name(hospital=hospital, name="RS Lama", city_code="3173", by=DISPATCHER, now=NOW)
    with pytest.raises(HospitalKnown), transaction.atomic():
        services.confirm_name(hospital=hospital, name="RS.  LAMA", city_code="3173", by=DISPATCHER, now=NOW)
    assert HospitalName.objects.count() == 1
