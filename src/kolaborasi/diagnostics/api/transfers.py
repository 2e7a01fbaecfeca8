"""Files: exports of machines, HL7 messages and result lists go in; the room's CSV and FHIR come out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import AwareDatetime, Field

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, digest_of, documented, write_once
from kolaborasi.diagnostics import fhir, queries, services
from kolaborasi.diagnostics.api.access import lab_of, made, seen_run
from kolaborasi.diagnostics.api.bench import shown
from kolaborasi.diagnostics.api.schemas.bench import EnteredOut, RunOut
from kolaborasi.diagnostics.api.schemas.specimens import AT
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.hl7 import message_text
from kolaborasi.diagnostics.instruments.tables import MOST_BYTES

router = Router()
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 1, 1)


class PartlyIn(Schema):
    """Whether the good rows are taken when others are wrong."""

    model_config = examples({"partly": False}, closed=True)

    partly: bool = False


class PlateFileIn(Schema):
    """When the run ended."""

    model_config = examples({"ended_at": AT}, closed=True)

    ended_at: AwareDatetime


class ExportIn(Schema):
    """Results validated from a day to another, not included."""

    model_config = examples({"first": "2021-07-12", "last": "2021-07-13", "form": "csv"}, closed=True)

    first: dt.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    last: dt.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    form: str = Field("csv", pattern="^(csv|fhir)$")


class ExportOut(Schema):
    """A file as text: our CSV, or a FHIR R4 bundle."""

    model_config = examples({"name": "results.csv", "media_type": "text/csv", "content": "barcode,lab,…"})

    name: str
    media_type: str
    content: str


@router.post(
    "/runs/{run_id}/file",
    response=RunOut,
    summary="Read a run from the file of its machine",
    openapi_extra=documented(verb="diagnostics.import_plate_file", needs_key=True),
)
def import_plate_file(
    request: HttpRequest, run_id: int, payload: Form[PlateFileIn], file: File[UploadedFile]
) -> HttpResponse:
    """Exports of Bio-Rad CFX and Applied Biosystems QuantStudio; a file of another plate is refused."""
    actor = acting(request)
    content = {**payload.dict(), "file": digest_of(file)}

    def write() -> Written:
        services.import_plate_file(
            run=seen_run(run_id, actor),
            content=_content(file),
            ended_at=payload.ended_at,
            by=actor,
            now=utc_now(),
        )
        return Written(shown(seen_run(run_id, actor)))

    return write_once(request, content=content, write=write, needs_key=True)


@router.post(
    "/labs/{lab_id}/results/hl7",
    response={201: EnteredOut},
    summary="Hand in HL7 v2.5.1 ORU^R01 messages",
    openapi_extra=documented(verb="diagnostics.import_hl7", needs_key=True),
)
def import_hl7(
    request: HttpRequest, lab_id: int, payload: Form[PartlyIn], file: File[UploadedFile]
) -> HttpResponse:
    """Each report finds its specimen by our barcode; wrong ones are named by number."""

    def make(actor: Actor) -> tuple[EnteredOut, str]:
        done = services.import_hl7(
            lab=lab_of(lab_id),
            text=message_text(_content(file)),
            partly=payload.partly,
            by=actor,
            now=utc_now(),
        )
        return EnteredOut.of(done), ""

    return made(request, content={**payload.dict(), "file": digest_of(file)}, make=make)


@router.post(
    "/labs/{lab_id}/results/csv",
    response={201: EnteredOut},
    summary="Hand in a CSV file of results",
    openapi_extra=documented(verb="diagnostics.import_results_csv", needs_key=True),
)
def import_results_csv(
    request: HttpRequest, lab_id: int, payload: Form[PartlyIn], file: File[UploadedFile]
) -> HttpResponse:
    """Layouts in docs/diagnostics-files.md; wrong rows are named by number."""

    def make(actor: Actor) -> tuple[EnteredOut, str]:
        done = services.import_results_csv(
            lab=lab_of(lab_id), content=_content(file), partly=payload.partly, by=actor, now=utc_now()
        )
        return EnteredOut.of(done), ""

    return made(request, content={**payload.dict(), "file": digest_of(file)}, make=make)


@router.post(
    "/labs/{lab_id}/results/export",
    response=ExportOut,
    summary="Export the results of a lab",
    openapi_extra=documented(verb="diagnostics.export_results"),
)
def export_results(request: HttpRequest, lab_id: int, payload: ExportIn) -> HttpResponse:
    """Pseudonymous; the export is on record."""
    actor = acting(request)

    def write() -> Written:
        lab = lab_of(lab_id)
        rows = services.export_results(
            lab=lab, first=payload.first, last=payload.last, by=actor, now=utc_now()
        )
        name = f"results-{lab.pk}-{payload.first}-{payload.last}"
        if payload.form == "fhir":
            text = json.dumps(fhir.results_bundle(lab, payload.first, payload.last), ensure_ascii=False)
            return Written(ExportOut(name=f"{name}.json", media_type="application/fhir+json", content=text))
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(queries.COLUMNS)
        writer.writerows(rows)
        return Written(ExportOut(name=f"{name}.csv", media_type="text/csv", content=written.getvalue()))

    return write_once(request, content=payload.dict(), write=write)


def _content(file: UploadedFile) -> bytes:
    if (file.size or 0) > MOST_BYTES:
        raise FileRefused(_("The file is too large. Send at most 60 MB at once."))
    file.seek(0)
    found: bytes = file.read()
    return found
