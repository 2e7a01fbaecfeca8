"""Verbs that take files of beds in: matched to hospitals, judged row by row, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.hospitals.errors import REPORT_SENTENCES, HospitalKnown, NotInNetwork, QuestionAnswered
from kolaborasi.hospitals.matching import HospitalIndex, normal_name
from kolaborasi.hospitals.models import Hospital, HospitalName, NameInQuestion
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.services.beds import ReportRow, import_reports
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.siranap import BedFile, HospitalRow
from kolaborasi.places.models import PlaceCode
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import Scheme


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
        reviews: rows held back until a person has said which hospital is meant.
        problems: rows that were not understood or refused, with why.
    """

    rows: int = 0
    taken: int = 0
    repeated: int = 0
    silent: int = 0
    reviews: list[Review] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def import_beds(*, file: BedFile, source: str, by: Actor, now: datetime) -> BedImport:
    """Take a file of beds in. Sound rows are kept although others are not; hospitals absent from it stay as they are.

    Args:
        file: as `siranap.read_snapshot` or `siranap.read_plain` read it.

    Raises:
        NotPermitted: neither the system nor a coordinator of the city.
    """
    TABLE.require(by, "import_beds")
    result = BedImport(rows=len(file.rows) + len(file.problems), problems=list(file.problems))
    index = hospital_index()
    reports: list[ReportRow] = []
    for row in file.rows:
        match = index.find(name=row.name, city=row.city, code=row.code)
        if match is None or not match.sure:
            result.reviews.append(Review(row.line, row.name, row.city, match.hospital if match else None))
        elif not row.seen:
            result.silent += 1
        else:
            reports += _reports(row, match.hospital)
    done = import_reports(rows=reports, source=source, by=by, now=now)
    result.taken, result.repeated = len(done.taken), len(done.repeated)
    _ask_about(result.reviews, now)
    for report, faults in done.refused:
        reason = REPORT_SENTENCES[faults[0]] if faults else NotInNetwork(report.hospital_id, "").message
        result.problems.append(Problem(report.line, str(report.bed_class), str(reason)))
    return result


def confirm_name(*, hospital: Hospital, name: str, city_code: str, by: Actor, now: datetime) -> HospitalName:
    """Say which hospital a name of the review list is; from now on it is read without asking.

    Args:
        city_code: BPS code of the city the file gives.

    Raises:
        NotPermitted: neither the system nor a coordinator of the city.
        HospitalKnown: the name was confirmed already.
    """
    TABLE.require(by, "confirm_name")
    with refusing({"hospital_name_once_per_city": HospitalKnown}), transaction.atomic():
        made = HospitalName.objects.create(
            hospital=hospital, normal_name=normal_name(name), city_code=city_code, confirmed_at=now
        )
        _answered(normal_name(name), city_code, now)
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
        if not _answered(question.normal_name, question.city_code, now):
            raise QuestionAnswered
        question.answered_at = now
        mark(
            verb="dismiss_name",
            event="name_dismissed",
            subject=("hospitals.nameinquestion", question.pk),
            by=by,
            now=now,
            city=question.city_code,
        )
    return question


def _ask_about(reviews: Sequence[Review], now: datetime) -> None:
    """Put names on the review list; one that was answered is not asked again."""
    NameInQuestion.objects.bulk_create(
        [
            NameInQuestion(
                name=each.name[:160],
                normal_name=normal_name(each.name)[:160],
                city_code=each.city[:4],
                likely_id=each.hospital,
                seen_at=now,
            )
            for each in reviews
            if normal_name(each.name)
        ],
        ignore_conflicts=True,
    )


def _answered(normal: str, city_code: str, now: datetime) -> int:
    found = NameInQuestion.objects.filter(normal_name=normal, city_code=city_code)
    return found.filter(answered_at__isnull=True).update(answered_at=now)


def hospital_index() -> HospitalIndex:
    """Every open hospital by code, name and city, with the names that were confirmed; three statements."""
    index = HospitalIndex()
    bps = dict(PlaceCode.objects.filter(scheme=Scheme.BPS).values_list("place__code", "code"))
    known = Hospital.objects.filter(site__closed_date__isnull=True).order_by("pk")
    for pk, code, name, place in known.values_list("pk", "registry_code", "site__name", "site__place__code"):
        # The registry's code begins with the city it was given in, which is what files print.
        city = code[:4] if code else bps.get(place[:5], "")
        index.add(pk, name=name, city=city, code=code)
    for pk, name, city in HospitalName.objects.values_list("hospital_id", "normal_name", "city_code"):
        index.confirmed[name, city] = pk
    return index


def _reports(row: HospitalRow, hospital_id: int) -> Sequence[ReportRow]:
    return [
        ReportRow(
            line=row.line,
            hospital_id=hospital_id,
            bed_class=seen.bed_class,
            count=seen.count,
            observed_at=seen.observed_at,
            age_unknown=seen.age_unknown,
            exact_to=seen.exact_to,
            read_at=seen.read_at,
        )
        for seen in row.seen
    ]
