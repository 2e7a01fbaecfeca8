"""Pools, runs, results and what a file did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.diagnostics.api.schemas.specimens import AT, PERSON, RowRefused
from kolaborasi.diagnostics.models import CaseNotice, CloseContact, Pool, Result, Run, Well
from kolaborasi.diagnostics.queries import Backlog, DayPositivity, Turnaround, Use
from kolaborasi.diagnostics.rules.pooling import PoolAdvice
from kolaborasi.diagnostics.services import Entered
from kolaborasi.places.api import KEMAYORAN, PlaceRef

WELL = {
    "position": "A1",
    "content": "specimen",
    "barcode": "K0000000423",
    "pool": None,
    "readings": {"N1": 21.5},
}
RUN = {
    "id": 6,
    "lab": 12,
    "machine": 3,
    "assay": "cdc-n1-n2",
    "plate": "P-001",
    "state": "running",
    "failure": None,
    "prepared_at": AT,
    "started_at": AT,
    "ended_at": None,
    "wells": [WELL],
}
RESULT = {
    "id": 70,
    "barcode": "K0000000423",
    "lab": 12,
    "assay": "cdc-n1-n2",
    "outcome": "positive",
    "cts": {"N1": 21.5, "N2": 22.0},
    "source": "plate",
    "state": "proposed",
    "resulted_at": AT,
    "validated_at": None,
    "corrects": None,
    "correction_reason": None,
}
NOTICE = {
    "id": 4,
    "person": PERSON,
    "site": 50,
    "residence": KEMAYORAN,
    "made_at": AT,
    "seen_at": None,
    "contacts": 2,
}
DAY = {"date": "2021-07-12", "results": 120, "positive": 41, "positivity": 0.342}


class PoolOut(Schema):
    """Specimens mixed into one tube."""

    model_config = examples({"id": 2, "lab": 12, "size": 5, "made_at": AT, "dissolved_at": None})

    id: int
    lab: int
    size: int
    made_at: datetime
    dissolved_at: datetime | None

    @classmethod
    def of(cls, pool: Pool) -> PoolOut:
        """The pool."""
        return cls(
            id=pool.pk,
            lab=pool.lab_id,
            size=pool.size,
            made_at=pool.made_at,
            dissolved_at=pool.dissolved_at,
        )


class PoolAdviceOut(Schema):
    """How many specimens to mix, and what it saves on average."""

    model_config = examples({"size": 4, "positivity": 0.08, "tests_per_specimen": 0.53, "saving": 0.47})

    size: int = Field(description="1: do not pool.")
    positivity: float
    tests_per_specimen: float
    saving: float

    @classmethod
    def of(cls, advice: PoolAdvice) -> PoolAdviceOut:
        """The numbers."""
        return cls(
            size=advice.size,
            positivity=round(advice.positivity, 4),
            tests_per_specimen=round(advice.tests_per_specimen, 4),
            saving=round(advice.saving, 4),
        )


class WellOut(Schema):
    """A position of a plate."""

    model_config = examples(WELL)

    position: str
    content: str
    barcode: str | None
    pool: int | None
    readings: dict[str, float | None] | None

    @classmethod
    def of(cls, well: Well) -> WellOut:
        """The well."""
        return cls(
            position=well.position,
            content=well.content,
            barcode=well.specimen.label.barcode if well.specimen else None,
            pool=well.pool_id,
            readings=well.readings,
        )


class RunOut(Schema):
    """A plate, with its wells."""

    model_config = examples(RUN)

    id: int
    lab: int
    machine: int
    assay: str
    plate: str
    state: str
    failure: str | None
    prepared_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    wells: list[WellOut]

    @classmethod
    def of(cls, run: Run, wells: Sequence[Well]) -> RunOut:
        """The run and its wells."""
        same = ("plate", "state", "prepared_at", "started_at", "ended_at")
        return cls(
            id=run.pk,
            lab=run.lab_id,
            machine=run.machine_id,
            assay=run.assay.code,
            failure=run.failure or None,
            wells=[WellOut.of(each) for each in wells],
            **{field: getattr(run, field) for field in same},
        )


class RunRow(Schema):
    """A plate in a list."""

    model_config = examples({**{key: value for key, value in RUN.items() if key != "wells"}, "filled": 96})

    id: int
    lab: int
    machine: int
    assay: str
    plate: str
    state: str
    failure: str | None
    prepared_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    filled: int = Field(description="Wells in use.")

    @classmethod
    def of(cls, run: Run) -> RunRow:
        """A run as `queries.runs` reads it."""
        whole = RunOut.of(run, ()).model_dump(exclude={"wells"})
        return cls(**whole, filled=run.well_count)  # type: ignore[attr-defined]  # annotated


RunPage = Page[RunRow]


class ResultOut(Schema):
    """What a lab read in a specimen."""

    model_config = examples(RESULT)

    id: int
    barcode: str
    lab: int
    assay: str | None
    outcome: str
    cts: dict[str, float | None] = Field(description="Ct by gene target; null where there was no curve.")
    source: str
    state: str
    resulted_at: datetime
    validated_at: datetime | None
    corrects: int | None
    correction_reason: str | None

    @classmethod
    def of(cls, result: Result) -> ResultOut:
        """A result as `queries.results` reads it."""
        same = ("outcome", "source", "state", "resulted_at", "validated_at")
        return cls(
            id=result.pk,
            barcode=result.specimen.label.barcode,
            lab=result.lab_id,
            assay=result.assay.code if result.assay else None,
            cts={each.target: each.ct for each in result.cts.all()},
            corrects=result.corrects_id,
            correction_reason=result.correction_reason or None,
            **{field: getattr(result, field) for field in same},
        )


ResultPage = Page[ResultOut]


class ResultList(Schema):
    """Results."""

    model_config = examples({"items": [RESULT]})

    items: list[ResultOut]

    @classmethod
    def of(cls, rows: Sequence[Result]) -> ResultList:
        """All of them."""
        return cls(items=[ResultOut.of(each) for each in rows])


class EnteredOut(Schema):
    """What an import did."""

    model_config = examples(
        {
            "results": 93,
            "refused": [{"row": 2, "code": "barcode-unknown", "message": "No label has this barcode."}],
        }
    )

    results: int
    refused: list[RowRefused]

    @classmethod
    def of(cls, done: Entered) -> EnteredOut:
        """The report."""
        return cls(results=done.results, refused=[RowRefused.of(row) for row in done.refused])


class OwnResultOut(Schema):
    """A result as the person tested reads it."""

    model_config = examples(
        {
            "outcome": "negative",
            "collected_at": AT,
            "resulted_at": AT,
            "lab_name": "Laboratorium Kampus Contoh 1",
            "document": "eyJ…",
        }
    )

    outcome: str
    collected_at: datetime
    resulted_at: datetime
    lab_name: str
    document: str = Field(description="Signed (compact JWS), to be shown as QR code; anybody can check it.")


class ToldOut(Schema):
    """How many persons were told."""

    model_config = examples({"told": 12})

    told: int


class NoticeOut(Schema):
    """A positive result as the puskesmas of the residence is told of it."""

    model_config = examples(NOTICE)

    id: int
    person: UUID
    site: int | None
    residence: PlaceRef | None
    made_at: datetime
    seen_at: datetime | None
    contacts: int

    @classmethod
    def of(cls, notice: CaseNotice) -> NoticeOut:
        """A notice as `queries.notices` reads it."""
        order = notice.result.specimen.order
        return cls(
            id=notice.pk,
            person=order.person_id,
            site=notice.site_id,
            residence=PlaceRef.of(order.residence) if order.residence else None,
            made_at=notice.made_at,
            seen_at=notice.seen_at,
            contacts=notice.contact_count,  # type: ignore[attr-defined]  # annotated
        )


NoticePage = Page[NoticeOut]


class ContactOut(Schema):
    """A close contact: never who they were close to."""

    model_config = examples(
        {"id": 9, "notice": 4, "channel": "email", "listed_at": AT, "told_at": None, "order": None}
    )

    id: int
    notice: int
    channel: str
    listed_at: datetime
    told_at: datetime | None
    order: int | None

    @classmethod
    def of(cls, contact: CloseContact) -> ContactOut:
        """The contact."""
        return cls(
            id=contact.pk,
            notice=contact.notice_id,
            channel=contact.channel,
            listed_at=contact.listed_at,
            told_at=contact.told_at,
            order=contact.order_id,
        )


class ContactList(Schema):
    """Close contacts of a case."""

    model_config = examples({"items": [{"id": 9, "notice": 4, "channel": "email", "listed_at": AT, "told_at": None, "order": None}]})  # fmt: skip

    items: list[ContactOut]


class DayPositivityOut(Schema):
    """Results of a day."""

    model_config = examples(DAY)

    date: date
    results: int
    positive: int | None = Field(description="Null where a small count is hidden.")
    positivity: float | None

    @classmethod
    def of(cls, day: DayPositivity, *, hidden: bool) -> DayPositivityOut:
        """The numbers, small ones hidden when asked."""
        share = None if hidden or day.positivity is None else round(day.positivity, 4)
        return cls(
            date=day.date, results=day.results, positive=None if hidden else day.positive, positivity=share
        )


class PositivityOut(Schema):
    """Positivity by the one day that decides for every row."""

    model_config = examples({"by": "collection", "days": [DAY]})

    by: str
    days: list[DayPositivityOut]


class TestingRateOut(Schema):
    """Persons tested in seven days against the WHO's one per 1,000."""

    model_config = examples(
        {"until": "2021-07-20", "persons": 235646, "specimens": 300100, "population": 10645000, "per_1000": 22.14, "times_yardstick": 22.14}
    )  # fmt: skip

    until: date
    persons: int
    specimens: int
    population: int
    per_1000: float | None
    times_yardstick: float | None


class LabLoadOut(Schema):
    """How a lab is doing: turnaround of the period, backlog now, use of what it offered."""

    model_config = examples(
        {
            "lab": 12,
            "name": "Laboratorium Kampus Contoh 1",
            "kind": "campus",
            "results": 300,
            "median_hours": 14.2,
            "p95_hours": 29.0,
            "waiting": 40,
            "oldest_hours": 20.5,
            "offered": 2100,
            "promised": 800,
            "received": 780,
        }
    )

    lab: int
    name: str
    kind: str
    results: int
    median_hours: float | None
    p95_hours: float | None
    waiting: int
    oldest_hours: float | None = Field(description="Since the swab of the oldest specimen without a result.")
    offered: int
    promised: int
    received: int

    @classmethod
    def of(cls, backlog: Backlog, turnaround: Turnaround | None, use: Use | None) -> LabLoadOut:
        """The lab's numbers from three questions."""
        oldest = backlog.oldest_hours
        return cls(
            lab=backlog.lab_id,
            name=backlog.name,
            kind=backlog.kind,
            results=turnaround.results if turnaround else 0,
            median_hours=round(turnaround.median, 2) if turnaround else None,
            p95_hours=round(turnaround.p95, 2) if turnaround else None,
            waiting=backlog.waiting,
            oldest_hours=None if oldest is None else round(oldest, 2),
            offered=use.offered if use else 0,
            promised=use.committed if use else 0,
            received=use.used if use else 0,
        )


class LabLoadList(Schema):
    """All labs; the one with the oldest unread specimen first."""

    model_config = examples(
        {"items": [], "partner_share": 0.62, "results_by_kind": {"government": 120, "campus": 200}}
    )

    items: list[LabLoadOut]
    partner_share: float | None = Field(description="Share of results read by others than the government.")
    results_by_kind: dict[str, int]


class KelurahanCount(Schema):
    """Positive persons of a kelurahan."""

    model_config = examples({"code": "31.71.03.1001", "positive": 12})

    code: str
    positive: int | None = Field(description="Null where a small count is hidden.")


class KelurahanCounts(Schema):
    """Positive persons by kelurahan of residence and day of collection."""

    model_config = examples({"items": [{"code": "31.71.03.1001", "positive": 12}]})

    items: list[KelurahanCount]


class LateOut(Schema):
    """Specimens whose result should be there and is not."""

    model_config = examples({"lab": 12, "name": "Laboratorium Kampus Contoh 1", "late": 3, "oldest_at": AT})

    lab: int | None = Field(description="Null for those that no lab holds yet.")
    name: str | None
    late: int
    oldest_at: datetime = Field(description="Swab of the oldest.")


class LateList(Schema):
    """Late specimens by lab."""

    model_config = examples(
        {"items": [{"lab": 12, "name": "Laboratorium Kampus Contoh 1", "late": 3, "oldest_at": AT}]}
    )

    items: list[LateOut]


class WaitingOut(Schema):
    """Specimens without a lab at a site."""

    model_config = examples({"site": 41, "name": "Titik Swab Contoh 1", "waiting": 12, "oldest_at": AT})

    site: int
    name: str
    waiting: int
    oldest_at: datetime


class WaitingList(Schema):
    """Specimens that wait for a courier, by site."""

    model_config = examples(
        {"items": [{"site": 41, "name": "Titik Swab Contoh 1", "waiting": 12, "oldest_at": AT}]}
    )

    items: list[WaitingOut]
