"""Verbs that take files of beds in: matched to hospitals, judged row by row, nothing lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.hospitals.bed_files import file_name, packed, unpacked
from kolaborasi.hospitals.errors import (
    REPORT_SENTENCES,
    HospitalKnown,
    NotInNetwork,
    QuestionAnswered,
    RowsRefused,
)
from kolaborasi.hospitals.matching import HospitalIndex, normal_name
from kolaborasi.hospitals.models import BedLoad, HeldRow, Hospital, HospitalName, NameInQuestion, RowOutcome
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import ReportFault
from kolaborasi.hospitals.services.beds import ReportRow, import_reports
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.siranap import BedFile, HospitalRow, Seen
from kolaborasi.places.models import PlaceCode, PlaceKind
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import Scheme

LONGEST_NAME = 160


@dataclass(frozen=True)
class Review:
    """A hospital of a file that a person must look at before its rows count.

    Args:
        hospital: the one most likely meant; None when the city knows none like it.
    """

    line: int
    name: str
    city: str
    hospital: int | None


@dataclass
class BedImport:
    """What became of every row of a file.

    Args:
        rows: rows of the file.
        taken, repeated: counts that became reports, and counts that said what was known already.
        silent: rows whose cells say nothing; missing, which is not empty.
        reviews: rows held back until a person has said which hospital is meant; they are kept and counted then.
        problems: rows that were not understood or refused, with why.
        load: the file as it is on record.
    """

    rows: int = 0
    taken: int = 0
    repeated: int = 0
    silent: int = 0
    reviews: list[Review] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    load: BedLoad | None = None


@dataclass
class _Rows:
    """The rows of a file by what is to be done with them."""

    reports: list[ReportRow] = field(default_factory=list)
    unsure: list[tuple[HospitalRow, int | None]] = field(default_factory=list)


def import_beds(
    *, file: BedFile, source: str, by: Actor, now: datetime, name: str = "-", partly: bool = True
) -> BedImport:
    """Take a file of beds in. Hospitals absent from it stay as they are; rows of uncertain hospitals are held back.

    Args:
        file: as `bed_files.read_bed_file` read it.
        name: of the file, for the record.
        partly: keep the sound rows although others are refused; False refuses the whole file then.

    Raises:
        NotPermitted: neither the system nor a coordinator of the city.
        RowsRefused: a row is wrong and `partly` is False; nothing is stored.
    """
    TABLE.require(by, "import_beds")
    result = BedImport(rows=len(file.rows) + len(file.problems), problems=list(file.problems))
    with transaction.atomic():
        sorted_out = _sorted_out(file, result, hospital_index())
        held = _hold_back(sorted_out, result, now)
        done = import_reports(rows=sorted_out.reports, source=source, by=by, now=now)
        result.taken, result.repeated = len(done.taken), len(done.repeated)
        result.problems += [
            Problem(report.line, str(report.bed_class), _why(report, faults))
            for report, faults in done.refused
        ]
        if result.problems and not partly:
            raise RowsRefused(result.problems, rows=result.rows)
        result.load = _kept(result, held, source, file_name(name), now)
        mark(
            verb="import_beds",
            event="beds_loaded",
            subject=("hospitals.bedload", result.load.pk),
            by=by,
            now=now,
            source=source,
            rows=result.rows,
            taken=result.taken,
            held=len(result.reviews),
            refused=len(result.problems),
        )
    return result


def _sorted_out(file: BedFile, result: BedImport, index: HospitalIndex) -> _Rows:
    found = _Rows()
    for row in file.rows:
        match = index.find(name=row.name, city=index.city_code(row.city), code=row.code)
        if match is not None and match.sure:
            _take_sure(found, result, row, match.hospital)
        elif normal_name(row.name):
            found.unsure.append((row, match.hospital if match else None))
        else:
            result.problems.append(Problem(row.line, "", _unknown(row)))
    return found


def _take_sure(found: _Rows, result: BedImport, row: HospitalRow, hospital_id: int) -> None:
    result.silent += not row.seen
    found.reports += _reports(row.line, row.seen, hospital_id)


def _unknown(row: HospitalRow) -> str:
    if row.code:
        return _("No hospital has the registry code %(code)s.") % {"code": row.code[:20]}
    return _("The row names no hospital.")


def _hold_back(rows: _Rows, result: BedImport, now: datetime) -> list[HeldRow]:
    """Put uncertain hospitals on the review list; a row whose name was answered meanwhile follows the answer.

    The questions are locked until the file is in, so that no answer can pass a row by.
    """
    index = hospital_index()
    wanted = {_key(index, row): (row, likely) for row, likely in reversed(rows.unsure)}
    questions = _questions(wanted, now)
    answers = {
        (name, city): hospital
        for name, city, hospital in HospitalName.objects.filter(
            normal_name__in={name for name, _in_city in wanted}
        ).values_list("normal_name", "city_code", "hospital_id")
    }
    held = []
    for row, likely in rows.unsure:
        key = _key(index, row)
        question = questions[key]
        if key in answers:
            _take_sure(rows, result, row, answers[key])
            continue
        outcome = RowOutcome.WAITING if question.answered_at is None else RowOutcome.DISMISSED
        held.append(HeldRow(question=question, line=row.line, seen=packed(row.seen), outcome=outcome))
        if outcome == RowOutcome.WAITING:
            result.reviews.append(Review(row.line, row.name, row.city, likely))
    return held


def _key(index: HospitalIndex, row: HospitalRow) -> tuple[str, str]:
    return normal_name(row.name)[:LONGEST_NAME], index.city_code(row.city)


def _questions(
    wanted: Mapping[tuple[str, str], tuple[HospitalRow, int | None]], now: datetime
) -> dict[tuple[str, str], NameInQuestion]:
    """The question of each name, asked when it is new, locked by primary key."""
    NameInQuestion.objects.bulk_create(
        [
            NameInQuestion(
                name=row.name[:LONGEST_NAME],
                normal_name=normal,
                city_code=city,
                likely_id=likely,
                seen_at=now,
            )
            for (normal, city), (row, likely) in sorted(wanted.items(), key=lambda each: each[0])
        ],
        ignore_conflicts=True,
    )
    found = NameInQuestion.objects.select_for_update(no_key=True)
    found = found.filter(normal_name__in={name for name, _in_city in wanted}).order_by("pk")
    return {(each.normal_name, each.city_code): each for each in found}


def _kept(result: BedImport, held: list[HeldRow], source: str, name: str, now: datetime) -> BedLoad:
    made = BedLoad.objects.create(
        file_name=name,
        source=source,
        loaded_at=now,
        rows=result.rows,
        taken=result.taken,
        repeated=result.repeated,
        silent=result.silent,
        problems=[
            {"line": each.line, "column": each.column, "reason": each.reason}
            for each in sorted(result.problems, key=lambda each: each.line)
        ],
    )
    for each in held:
        each.load = made
    HeldRow.objects.bulk_create(held, batch_size=1000)
    return made


def _why(report: ReportRow, faults: Sequence[ReportFault] | None) -> str:
    if faults:
        return str(REPORT_SENTENCES[faults[0]])
    return str(NotInNetwork(report.hospital_id, "").message)


def confirm_name(*, hospital: Hospital, name: str, city_code: str, by: Actor, now: datetime) -> HospitalName:
    """Say which hospital a name of the review list is; rows that waited for it are counted, later ones read at once.

    Args:
        city_code: BPS code of the city the file gives; empty when it gives none that is known.

    Raises:
        NotPermitted: neither the system nor a coordinator of the city.
        HospitalKnown: the name was confirmed already.
        QuestionAnswered: somebody has said that it is no hospital of the city.
    """
    TABLE.require(by, "confirm_name")
    normal = normal_name(name)[:LONGEST_NAME]
    with refusing({"hospital_name_once_per_city": HospitalKnown}), transaction.atomic():
        question = _locked_question(normal, city_code)
        made = HospitalName.objects.create(
            hospital=hospital, normal_name=normal, city_code=city_code, confirmed_at=now
        )
        if question is not None:
            _answer(question, now)
            _count_held(question, hospital, by, now)
        mark(
            verb="confirm_name",
            event="name_confirmed",
            subject=("hospitals.hospital", hospital.pk),
            by=by,
            now=now,
            city=city_code,
        )
    return made


def dismiss_name(*, question: NameInQuestion, by: Actor, now: datetime) -> NameInQuestion:
    """Say that a name of the review list is no hospital of the city; its rows stay out of the counts.

    Raises:
        NotPermitted: neither the system nor a coordinator of the city.
        QuestionAnswered: somebody has answered it.
    """
    TABLE.require(by, "dismiss_name")
    with transaction.atomic():
        locked = _locked_question(question.normal_name, question.city_code)
        if locked is None:
            raise QuestionAnswered
        _answer(locked, now)
        _waiting(locked).update(outcome=RowOutcome.DISMISSED)
        mark(
            verb="dismiss_name",
            event="name_dismissed",
            subject=("hospitals.nameinquestion", locked.pk),
            by=by,
            now=now,
            city=locked.city_code,
        )
    return locked


def _locked_question(normal: str, city_code: str) -> NameInQuestion | None:
    """The question of a name; None when nobody asked.

    Raises:
        QuestionAnswered: somebody has answered it.
    """
    asked = NameInQuestion.objects.select_for_update(no_key=True)
    found = asked.filter(normal_name=normal, city_code=city_code).first()
    if found is not None and found.answered_at is not None:
        known = HospitalName.objects.filter(normal_name=normal, city_code=city_code).exists()
        raise HospitalKnown if known else QuestionAnswered
    return found


def _answer(question: NameInQuestion, now: datetime) -> None:
    question.answered_at = now
    question.save(update_fields=["answered_at"])


def _waiting(question: NameInQuestion) -> QuerySet[HeldRow]:
    return HeldRow.objects.filter(question=question, outcome=RowOutcome.WAITING)


def _count_held(question: NameInQuestion, hospital: Hospital, by: Actor, now: datetime) -> None:
    """Count the rows that waited, each file's by its source, the oldest file first."""
    rows = list(_waiting(question).select_related("load").order_by("load__loaded_at", "line", "pk"))
    for source in dict.fromkeys(row.load.source for row in rows):
        of_source = [row for row in rows if row.load.source == source]
        # The held row's own id stands for the line, since lines of several files are counted at once.
        reports = [
            report for row in of_source for report in _reports(row.pk, unpacked(row.seen), hospital.pk)
        ]
        done = import_reports(rows=reports, source=source, by=by, now=now)
        taken, repeated = {each.line for each in done.taken}, {each.line for each in done.repeated}
        refused = {each.line: _why(each, faults) for each, faults in done.refused}
        for row in of_source:
            row.outcome, row.reason = _outcome(row.pk, taken, repeated, refused)
    HeldRow.objects.bulk_update(rows, ["outcome", "reason"], batch_size=500)


def _outcome(
    pk: int, taken: Collection[int], repeated: Collection[int], refused: Mapping[int, str]
) -> tuple[RowOutcome, str]:
    # Of a row with several classes the refused one is what a person must hear of.
    if pk in refused:
        return RowOutcome.REFUSED, refused[pk][:300]
    if pk in taken:
        return RowOutcome.COUNTED, ""
    return (RowOutcome.REPEATED if pk in repeated else RowOutcome.SILENT), ""


def hospital_index() -> HospitalIndex:
    """Every open hospital by code, name and city, with the names that were confirmed; four statements."""
    index = HospitalIndex()
    cities = PlaceCode.objects.filter(scheme=Scheme.BPS, place__kind=PlaceKind.CITY)
    for bps_code, kemendagri, city_name in cities.values_list("code", "place__code", "place__name"):
        index.add_city(bps_code, kemendagri, city_name)
    bps = dict(PlaceCode.objects.filter(scheme=Scheme.BPS).values_list("place__code", "code"))
    known = Hospital.objects.filter(site__closed_date__isnull=True).order_by("pk")
    for pk, code, name, place in known.values_list("pk", "registry_code", "site__name", "site__place__code"):
        # The registry's code begins with the city it was given in, which is what files print.
        city = code[:4] if code else bps.get(place[:5], "")
        index.add(pk, name=name, city=city, code=code)
    for pk, name, city in HospitalName.objects.values_list("hospital_id", "normal_name", "city_code"):
        index.confirmed[name, city] = pk
    return index


def _reports(line: int, found: Sequence[Seen], hospital_id: int) -> Sequence[ReportRow]:
    return [
        ReportRow(
            line=line,
            hospital_id=hospital_id,
            bed_class=seen.bed_class,
            count=seen.count,
            observed_at=seen.observed_at,
            age_unknown=seen.age_unknown,
            exact_to=seen.exact_to,
            read_at=seen.read_at,
        )
        for seen in found
    ]
