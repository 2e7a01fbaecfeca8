"""Results as JSON: enter, validate, reject, correct, tell, and open one's own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StrictBool, StrictFloat, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import (
    NotAmongYours,
    changed,
    lab_of,
    made,
    own_lab,
    seen_order,
    seen_result,
    seen_specimen,
)
from kolaborasi.diagnostics.api.schemas.bench import (
    EnteredOut,
    OwnResultOut,
    ResultList,
    ResultOut,
    ResultPage,
    ToldOut,
)
from kolaborasi.diagnostics.api.schemas.specimens import AT
from kolaborasi.diagnostics.models import Assay, Result
from kolaborasi.diagnostics.models.results import CorrectionReason
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.services import Entry
from kolaborasi.diagnostics.states import ResultState

router = Router()
MOST_ENTRIES = 5000
Cts = dict[str, StrictFloat | StrictInt | None]


class EntryIn(Schema):
    """One result; without an outcome the assay reads it from the Ct values."""

    model_config = examples(
        {"barcode": "K0000000423", "resulted_at": AT, "outcome": "positive", "cts": {"N1": 21.5}}, closed=True
    )

    barcode: str = Field(min_length=1, max_length=40)
    resulted_at: AwareDatetime
    outcome: Outcome | None = None
    assay: str = Field("", max_length=40)
    cts: Cts = Field({}, max_length=10)


class EntriesIn(Schema):
    """Results of specimens the lab has received."""

    model_config = examples(
        {
            "results": [{"barcode": "K0000000423", "resulted_at": AT, "outcome": "negative"}],
            "partly": False,
        },
        closed=True,
    )

    results: list[EntryIn] = Field(min_length=1, max_length=MOST_ENTRIES)
    partly: StrictBool = Field(False, description="Take the good rows and report the others.")


class ResultsIn(Schema):
    """Results to be validated together."""

    model_config = examples({"results": [70, 71]}, closed=True)

    results: list[StrictInt] = Field(min_length=1, max_length=MOST_ENTRIES)


class CorrectionIn(Schema):
    """The result as it should have been, and why."""

    model_config = examples({"outcome": "negative", "reason": "mix-up", "cts": {"N1": None}}, closed=True)

    outcome: Outcome
    reason: CorrectionReason
    cts: Cts = Field({}, max_length=10)


class SecretIn(Schema):
    """The second factor of a result's link."""

    model_config = examples({"token": "kZ0l…", "birth_date": "1990-07-01"}, closed=True)

    token: str = Field(min_length=1, max_length=100, description="Last part of the link that was sent.")
    birth_date: dt.date = Field(ge=dt.date(1900, 1, 1), le=dt.date(2100, 1, 1))


class ResultQuery(Schema):
    """Which results."""

    state: ResultState | None = Field(ResultState.PROPOSED, description="Those that wait when absent.")


@router.get("/labs/{lab_id}/results", response=ResultPage, summary="List results of a lab")
def list_results(
    request: HttpRequest,
    response: HttpResponse,
    lab_id: int,
    asked: Query[ResultQuery],
    page: Query[PageQuery],
) -> dict[str, Any]:
    """Those that wait for a second person, or in another state; the newest first."""
    lab = own_lab(lab_id, acting(request), "validate_results")
    found = queries.results().filter(lab=lab)
    if asked.state:
        found = found.filter(state=asked.state)
    question = {"lab": lab_id, **asked.dict()}
    part = slice_of(found, order=("-resulted_at", "-pk"), page=page, question=question)
    items = [ResultOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/results/{result_id}", response=ResultOut, summary="Read one result")
def get_result(request: HttpRequest, result_id: int) -> ResultOut:
    """A result of the caller's lab."""
    return ResultOut.of(seen_result(result_id, acting(request)))


@router.get(
    "/specimens/{barcode}/results", response=ResultList, summary="List every result a specimen ever had"
)
def list_specimen_results(request: HttpRequest, barcode: str) -> ResultList:
    """For the lab that holds it; the newest first, corrected ones too."""
    actor = acting(request)
    specimen = seen_specimen(barcode, actor)
    if specimen.lab is None:
        return ResultList(items=[])
    own_lab(specimen.lab.pk, actor, "validate_results")
    return ResultList.of(list(queries.results_of(specimen)))


@router.post(
    "/labs/{lab_id}/results",
    response={201: EnteredOut},
    summary="Enter results",
    openapi_extra=documented(verb="diagnostics.enter_results", needs_key=True),
)
def enter_results(request: HttpRequest, lab_id: int, payload: EntriesIn) -> HttpResponse:
    """They wait for validation by somebody else. One wrong row refuses all, unless `partly`."""

    def make(actor: Actor) -> tuple[EnteredOut, str]:
        known = {assay.code: assay for assay in queries.assays()}
        entries = [_entry(row, each, known) for row, each in enumerate(payload.results, start=1)]
        done = services.enter_results(
            lab=lab_of(lab_id),
            entries=entries,
            source="hand",
            partly=payload.partly,
            by=actor,
            now=utc_now(),
        )
        return EnteredOut.of(done), ""

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/validations",
    response=ResultList,
    summary="Validate results",
    openapi_extra=documented(verb="diagnostics.validate_results"),
)
def validate_results(request: HttpRequest, payload: ResultsIn) -> HttpResponse:
    """By somebody else than who entered them; all or none."""
    actor = acting(request)

    def write() -> Written:
        wanted = set(payload.results)
        found = list(queries.results().filter(pk__in=wanted))
        if len(found) < len(wanted):
            raise NotAmongYours
        services.validate_results(results=found, by=actor, now=utc_now())
        return Written(ResultList.of(list(queries.results().filter(pk__in=wanted).order_by("pk"))))

    return write_once(request, content=payload.dict(), write=write)


@router.post(
    "/results/{result_id}/reject",
    response=ResultOut,
    summary="Do not accept a result",
    openapi_extra=documented(verb="diagnostics.reject_result", if_match=True),
)
def reject_result(request: HttpRequest, result_id: int) -> HttpResponse:
    """It stays on record, the specimen is read again."""
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_result(result_id, actor),
        act=lambda result, by: services.reject_result(result=result, by=by, now=utc_now()),
        show=ResultOut.of,
    )


@router.post(
    "/results/{result_id}/correct",
    response={201: ResultOut},
    summary="Correct a validated result",
    openapi_extra=documented(verb="diagnostics.correct_result", needs_key=True),
)
def correct_result(request: HttpRequest, result_id: int, payload: CorrectionIn) -> HttpResponse:
    """The old one stays on record and its document no longer counts; the new one waits for validation."""

    def make(actor: Actor) -> tuple[ResultOut, str]:
        new: Result = services.correct_result(
            result=seen_result(result_id, actor),
            outcome=payload.outcome,
            reason=payload.reason,
            cts=_floats(payload.cts),
            by=actor,
            now=utc_now(),
        )
        return ResultOut.of(seen_result(new.pk, actor)), f"/results/{new.pk}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/labs/{lab_id}/tell",
    response=ToldOut,
    summary="Tell persons of their results",
    openapi_extra=documented(verb="diagnostics.tell_results"),
)
def tell_results(request: HttpRequest, lab_id: int) -> HttpResponse:
    """At most 500 at once; the platform does it by itself every minute."""
    actor = acting(request)

    def write() -> Written:
        return Written(ToldOut(told=services.tell_results(lab=lab_of(lab_id), by=actor, now=utc_now())))

    return write_once(request, write=write)


@router.post(
    "/orders/{order_id}/tell-again",
    response={201: ToldOut},
    summary="Send a new link to a result",
    openapi_extra=documented(verb="diagnostics.tell_again", needs_key=True),
)
def tell_result_again(request: HttpRequest, order_id: int) -> HttpResponse:
    """The old link ends."""

    def make(actor: Actor) -> tuple[ToldOut, str]:
        services.tell_again(order=seen_order(order_id, actor), by=actor, now=utc_now())
        return ToldOut(told=1), ""

    return made(request, content=None, make=make)


@router.post(
    "/opened-results",
    response=OwnResultOut,
    summary="Open a result with the link's secret and the birth date",
    openapi_extra=documented(verb="diagnostics.open_result"),
)
def open_result(request: HttpRequest, payload: SecretIn) -> HttpResponse:
    """After five wrong dates the link is of no use."""
    actor = acting(request)

    def write() -> Written:
        result = services.open_result(
            token=payload.token, birth_date=payload.birth_date, by=actor, now=utc_now()
        )
        body = OwnResultOut(
            outcome=result.outcome,
            collected_at=result.specimen.collected_at,
            resulted_at=result.resulted_at,
            lab_name=result.lab.site.name,
            document=services.result_document(result=result, now=utc_now()),
        )
        return Written(body)

    return write_once(request, content=payload.dict(), write=write)


def _entry(row: int, given: EntryIn, known: dict[str, Assay]) -> Entry:
    assay = known.get(given.assay)
    if given.assay and assay is None:
        raise NotAmongYours
    outcome = given.outcome.value if given.outcome else ""
    return Entry(row, given.barcode, outcome, given.resulted_at, _floats(given.cts), assay)


def _floats(cts: Cts) -> dict[str, float | None]:
    return {target: None if ct is None else float(ct) for target, ct in cts.items()}
