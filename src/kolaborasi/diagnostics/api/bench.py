"""Pools and runs as JSON."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StrictFloat, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import NotAmongYours, changed, lab_of, made, may, own_lab, seen_run
from kolaborasi.diagnostics.api.schemas.bench import PoolAdviceOut, PoolOut, RunOut, RunPage, RunRow
from kolaborasi.diagnostics.api.schemas.specimens import AT
from kolaborasi.diagnostics.models import Lab, Run, WellContent
from kolaborasi.diagnostics.queries.bench import kit_lot, pool, pool_of
from kolaborasi.diagnostics.services import Filled
from kolaborasi.diagnostics.states import RunState

router = Router()


class RunFailure(StrEnum):
    """Why a run cannot be read."""

    POSITIVE_FAILED = "positive-control-not-detected"
    NEGATIVE_FAILED = "negative-control-detected"
    POWER = "power"
    MACHINE = "machine"
    SPILT = "spilt"


class PoolIn(Schema):
    """Specimens to be mixed."""

    model_config = examples({"barcodes": ["K0000000423", "K0000000431"]}, closed=True)

    barcodes: list[str] = Field(min_length=2, max_length=10)


class FilledIn(Schema):
    """What goes into a position."""

    model_config = examples({"position": "A1", "content": "specimen", "barcode": "K0000000423"}, closed=True)

    position: str = Field(max_length=3)
    content: WellContent
    barcode: str = Field("", max_length=40)
    pool: StrictInt | None = None


class RunIn(Schema):
    """A plate."""

    model_config = examples(
        {
            "machine": 3,
            "assay": "cdc-n1-n2",
            "plate": "P-001",
            "kit_lot": 15,
            "filled": [
                {"position": "A1", "content": "specimen", "barcode": "K0000000423"},
                {"position": "G12", "content": "positive"},
                {"position": "H12", "content": "negative"},
            ],
        },
        closed=True,
    )

    machine: StrictInt
    assay: str = Field(max_length=40, description="Code of the assay.")
    plate: str = Field(min_length=1, max_length=40)
    kit_lot: StrictInt | None = Field(None, description="Lot the reactions are taken from.")
    filled: list[FilledIn] = Field(min_length=1, max_length=384)


class StartIn(Schema):
    """When the machine started."""

    model_config = examples({"at": AT}, closed=True)

    at: AwareDatetime


class FailIn(Schema):
    """Why the run cannot be read."""

    model_config = examples({"reason": "power"}, closed=True)

    reason: RunFailure


class ReadIn(Schema):
    """Ct by target by position, for every filled well and no other; null where there was no curve."""

    model_config = examples(
        {"ended_at": AT, "readings": {"A1": {"N1": 21.5, "N2": 22.0, "RP": 27.1}}}, closed=True
    )

    ended_at: AwareDatetime
    readings: dict[str, dict[str, StrictFloat | StrictInt | None]] = Field(min_length=1, max_length=384)


class RunQuery(Schema):
    """Which runs."""

    state: RunState | None = None


@router.get("/labs/{lab_id}/pool-advice", response=PoolAdviceOut, summary="Read how many specimens to pool")
def get_pool_advice(request: HttpRequest, lab_id: int) -> PoolAdviceOut:
    """Dorfman's scheme with the lab's own positivity of the last seven days."""
    return PoolAdviceOut.of(queries.pool_advice(own_lab(lab_id, acting(request), "make_pool"), utc_now()))


@router.post(
    "/labs/{lab_id}/pools",
    response={201: PoolOut},
    summary="Mix specimens into a pool",
    openapi_extra=documented(verb="diagnostics.make_pool", needs_key=True),
)
def make_pool(request: HttpRequest, lab_id: int, payload: PoolIn) -> HttpResponse:
    """2 to 10 specimens that wait in the lab."""

    def make(actor: Actor) -> tuple[PoolOut, str]:
        done = services.make_pool(lab=lab_of(lab_id), barcodes=payload.barcodes, by=actor, now=utc_now())
        return PoolOut.of(done), ""

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/pools/{pool_id}/dissolve",
    response=PoolOut,
    summary="Dissolve a pool",
    openapi_extra=documented(verb="diagnostics.dissolve_pool"),
)
def dissolve_pool(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Its specimens wait to be read alone, or in another pool."""
    actor = acting(request)

    def write() -> Written:
        found = pool_of(pool_id)
        if found is None or not may(actor, "dissolve_pool", found.lab.site):
            raise NotAmongYours
        return Written(PoolOut.of(services.dissolve_pool(pool=found, by=actor, now=utc_now())))

    return write_once(request, write=write)


@router.get("/labs/{lab_id}/runs", response=RunPage, summary="List the runs of a lab")
def list_runs(
    request: HttpRequest,
    response: HttpResponse,
    lab_id: int,
    asked: Query[RunQuery],
    page: Query[PageQuery],
) -> dict[str, Any]:
    """The newest first."""
    found = queries.runs(own_lab(lab_id, acting(request)))
    if asked.state:
        found = found.filter(state=asked.state)
    question = {"lab": lab_id, **asked.dict()}
    part = slice_of(found, order=("-prepared_at", "-pk"), page=page, question=question)
    items = [RunRow.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/runs/{run_id}", response=RunOut, summary="Read one run")
def get_run(request: HttpRequest, run_id: int) -> RunOut:
    """A plate with its wells."""
    return shown(seen_run(run_id, acting(request)))


@router.post(
    "/labs/{lab_id}/runs",
    response={201: RunOut},
    summary="Prepare a run",
    openapi_extra=documented(verb="diagnostics.prepare_run", needs_key=True),
)
def prepare_run(request: HttpRequest, lab_id: int, payload: RunIn) -> HttpResponse:
    """With at least one positive and one negative control."""

    def make(actor: Actor) -> tuple[RunOut, str]:
        lab = own_lab(lab_id, actor)
        machine = queries.machines(lab).filter(pk=payload.machine).first()
        assay = queries.assays().filter(code=payload.assay).first()
        lot = kit_lot(lab, payload.kit_lot) if payload.kit_lot is not None else None
        if machine is None or assay is None or (payload.kit_lot is not None and lot is None):
            raise NotAmongYours
        done = services.prepare_run(
            lab=lab,
            machine=machine,
            assay=assay,
            plate=payload.plate,
            filled=_filled(lab, payload),
            kit_lot=lot,
            by=actor,
            now=utc_now(),
        )
        return shown(seen_run(done.pk, actor)), f"/runs/{done.pk}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/runs/{run_id}/start",
    response=RunOut,
    summary="Start a run",
    openapi_extra=documented(verb="diagnostics.start_run", if_match=True),
)
def start_run(request: HttpRequest, run_id: int, payload: StartIn) -> HttpResponse:
    """Its specimens are being read, its reactions are used up."""
    return _change(
        request,
        run_id,
        payload,
        lambda run, actor: services.start_run(run=run, at=payload.at, by=actor, now=utc_now()),
    )


@router.post(
    "/runs/{run_id}/cancel",
    response=RunOut,
    summary="Give up a plate that was not started",
    openapi_extra=documented(verb="diagnostics.cancel_run", if_match=True),
)
def cancel_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Its specimens wait for another plate."""
    return _change(
        request, run_id, None, lambda run, actor: services.cancel_run(run=run, by=actor, now=utc_now())
    )


@router.post(
    "/runs/{run_id}/fail",
    response=RunOut,
    summary="Say that a run cannot be read",
    openapi_extra=documented(verb="diagnostics.fail_run", if_match=True),
)
def fail_run(request: HttpRequest, run_id: int, payload: FailIn) -> HttpResponse:
    """Its specimens wait for another run."""
    return _change(
        request,
        run_id,
        payload,
        lambda run, actor: services.fail_run(run=run, reason=payload.reason, by=actor, now=utc_now()),
    )


@router.post(
    "/runs/{run_id}/read",
    response=RunOut,
    summary="Read a run",
    openapi_extra=documented(verb="diagnostics.read_run", if_match=True),
)
def read_run(request: HttpRequest, run_id: int, payload: ReadIn) -> HttpResponse:
    """Controls first, then every well by the assay's rule; all of it or nothing."""
    readings = {
        position: {target: None if ct is None else float(ct) for target, ct in values.items()}
        for position, values in payload.readings.items()
    }
    return _change(
        request,
        run_id,
        payload,
        lambda run, actor: services.read_run(
            run=run, readings=readings, ended_at=payload.ended_at, by=actor, now=utc_now()
        ),
    )


def shown(run: Run) -> RunOut:
    """A run with its wells."""
    return RunOut.of(run, list(queries.wells(run)))


def _filled(lab: Lab, payload: RunIn) -> list[Filled]:
    filled = []
    for each in payload.filled:
        mixed = pool(lab, each.pool) if each.pool is not None else None
        if each.pool is not None and mixed is None:
            raise NotAmongYours
        filled.append(Filled(each.position, each.content, each.barcode, mixed))
    return filled


def _change(
    request: HttpRequest, run_id: int, payload: Schema | None, act: Callable[[Run, Actor], Any]
) -> HttpResponse:
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_run(run_id, actor),
        act=act,
        show=shown,
        content=payload.dict() if payload else None,
    )
