"""Files of beds and names to review as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.common.http.cursors import Page, PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, digest_of, documented, write_once
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.api.access import hospital_of
from kolaborasi.hospitals.bed_files import MOST_BYTES, read_bed_file
from kolaborasi.hospitals.models import BedLoad, HeldRow, NameInQuestion
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.places.errors import UnreadableFile

router = Router()
PROBLEM = {"line": 7, "column": "icu", "reason": "More beds are occupied than staffed."}
HELD = {"line": 9, "name": "RS Contoh", "question": 12, "outcome": "waiting", "reason": ""}
LOAD = {
    "id": 5,
    "file_name": "covid_bed_data_all_0805.csv",
    "source": "siranap",
    "loaded_at": "2021-08-05T16:00:00Z",
    "rows": 104,
    "taken": 100,
    "repeated": 1,
    "silent": 1,
    "held": [HELD],
    "problems": [PROBLEM],
}
NAME = {"id": 12, "name": "RS Contoh", "city_code": "3173", "likely": 17, "waiting": 3}


class LoadUnknown(NotFound):
    """No such file was loaded."""

    code = "bed-file-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such file. Look for it in the list of files."))


class NameUnknown(NotFound):
    """Nobody asks about this name, or it was answered."""

    code = "name-unknown"

    def __init__(self) -> None:
        super().__init__(_("Somebody has answered this already. Load the list again."))


class FileIn(Schema):
    """What to do with the file."""

    model_config = examples({"partly": False, "registry_code": ""})

    partly: bool = Field(False, description="Load the good rows although others are wrong.")
    registry_code: str = Field(
        "", max_length=12, description="Hospital of a JSON message that does not say which it is of."
    )


class ProblemOut(Schema):
    """A row that was not taken."""

    model_config = examples(PROBLEM)

    line: int
    column: str
    reason: str


class HeldOut(Schema):
    """A row that waited, or waits, for a person to say which hospital is meant."""

    model_config = examples(HELD)

    line: int
    name: str
    question: int
    outcome: str
    reason: str

    @classmethod
    def of(cls, row: HeldRow) -> HeldOut:
        """The row with its question."""
        return cls(
            line=row.line,
            name=row.question.name,
            question=row.question_id,
            outcome=row.outcome,
            reason=row.reason,
        )


class LoadOut(Schema):
    """A file of beds and what became of every row."""

    model_config = examples(LOAD)

    id: int
    file_name: str
    source: str
    loaded_at: datetime
    rows: int
    taken: int
    repeated: int
    silent: int
    held: list[HeldOut]
    problems: list[ProblemOut]

    @classmethod
    def of(cls, load: BedLoad) -> LoadOut:
        """The file with its rows that were not simply taken."""
        return cls(
            id=load.pk,
            file_name=load.file_name,
            source=load.source,
            loaded_at=load.loaded_at,
            rows=load.rows,
            taken=load.taken,
            repeated=load.repeated,
            silent=load.silent,
            held=[HeldOut.of(each) for each in queries.held_rows_of(load)],
            problems=[ProblemOut(**each) for each in load.problems],
        )


class NameOut(Schema):
    """A name of a file that may or may not be a hospital of the city."""

    model_config = examples(NAME)

    id: int
    name: str
    city_code: str = Field(description="BPS code; empty when the file gives none that is known.")
    likely: int | None = Field(description="Hospital most likely meant.")
    waiting: int = Field(description="Rows that are counted once somebody has said.")

    @classmethod
    def of(cls, question: NameInQuestion) -> NameOut:
        """The question."""
        return cls(
            id=question.pk,
            name=question.name,
            city_code=question.city_code,
            likely=question.likely_id,
            waiting=question.waiting,  # type: ignore[attr-defined]  # annotated
        )


class NamePage(Page[NameOut]):
    """A page of names."""


class NameIn(Schema):
    """Which hospital is meant."""

    model_config = examples({"hospital": 17}, closed=True)

    hospital: int = Field(strict=True)


@router.post(
    "/bed-files",
    response={201: LoadOut},
    summary="Load a file of beds",
    openapi_extra=documented(verb="hospitals.import_beds"),
)
def load_bed_file(request: HttpRequest, payload: Form[FileIn], file: File[UploadedFile]) -> HttpResponse:
    """A day of SIRANAP, a plain CSV, or messages of the national API; every row is taken, held back or reported."""
    actor = acting(request)
    TABLE.require(actor, "import_beds")
    if (file.size or 0) > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than 2 MB. Send it in parts."))

    def write() -> Written:
        now, name = utc_now(), file.name or "-"
        read, source = read_bed_file(file.read(), name=name, read_at=now, code=payload.registry_code)
        done = services.import_beds(
            file=read, source=source, name=name, partly=payload.partly, by=actor, now=now
        )
        return Written(_shown(done.load.pk if done.load else 0), 201)

    return write_once(request, content={**payload.dict(), "file": digest_of(file)}, write=write)


@router.get(
    "/bed-files/{load_id}",
    response=LoadOut,
    summary="Read what became of a file of beds",
    openapi_extra={"x-verb": "hospitals.see_loads"},
)
def get_bed_file(request: HttpRequest, load_id: int) -> LoadOut:
    """Every row that was not simply taken, with why."""
    TABLE.require(acting(request), "see_loads")
    return _shown(load_id)


def _shown(pk: int) -> LoadOut:
    found = queries.bed_load_by_id(pk)
    if found is None:
        raise LoadUnknown
    return LoadOut.of(found)


@router.get(
    "/names",
    response=NamePage,
    summary="List names to review",
    openapi_extra={"x-verb": "hospitals.confirm_name"},
)
def list_names(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Names of files of which a person must say which hospital is meant."""
    TABLE.require(acting(request), "confirm_name")
    part = slice_of(queries.names_in_question(), order=("name", "pk"), page=page)
    return {
        "items": [NameOut.of(each) for each in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.post(
    "/names/{name_id}/confirm",
    response=NameOut,
    summary="Say which hospital a name is",
    openapi_extra=documented(verb="hospitals.confirm_name"),
)
def confirm_name(request: HttpRequest, name_id: int, payload: NameIn) -> HttpResponse:
    """The rows that waited are counted, later files are read without asking."""
    actor = acting(request)
    TABLE.require(actor, "confirm_name")

    def write() -> Written:
        question = _question(name_id)
        services.confirm_name(
            hospital=hospital_of(payload.hospital),
            name=question.name,
            city_code=question.city_code,
            by=actor,
            now=utc_now(),
        )
        return Written(NameOut.of(question))

    return write_once(request, content=payload.dict(), write=write)


@router.post(
    "/names/{name_id}/dismiss",
    response=NameOut,
    summary="Say that a name is no hospital of the city",
    openapi_extra=documented(verb="hospitals.dismiss_name"),
)
def dismiss_name(request: HttpRequest, name_id: int) -> HttpResponse:
    """Its rows stay out of the counts, also in later files."""
    actor = acting(request)
    TABLE.require(actor, "dismiss_name")

    def write() -> Written:
        question = _question(name_id)
        services.dismiss_name(question=question, by=actor, now=utc_now())
        return Written(NameOut.of(question))

    return write_once(request, write=write)


def _question(pk: int) -> NameInQuestion:
    found = queries.names_in_question().filter(pk=pk).first()
    if found is None:
        raise NameUnknown
    return found
