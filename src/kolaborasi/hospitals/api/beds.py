"""Beds as JSON: the whole city at once, reports, the national bed site's own form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import Refused
from kolaborasi.common.http.conditional import tag_of_content, unless_known
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.api.access import hospital_of
from kolaborasi.hospitals.api.registry import shown
from kolaborasi.hospitals.api.schemas import CityBedsOut, HospitalBedsOut, ReportIn
from kolaborasi.hospitals.classes import WARDS, BedClass
from kolaborasi.hospitals.models import BedPool
from kolaborasi.hospitals.models.beds import ReportSource
from kolaborasi.hospitals.queries.city_document import city_document
from kolaborasi.hospitals.rules import MOST_BEDS, BedCount
from kolaborasi.hospitals.siranap import PoolNumbers, Seen, read_message, write_message

router = Router()


class BedQuery(Schema):
    """Which beds."""

    bed_class: BedClass | None = Field(None, description="Only this class.")


class MessageNotUnderstood(Refused):
    """A message in the national form has rows that cannot be read; nothing of it was taken."""

    code = "message-not-understood"

    def __init__(self, rows: list[str]) -> None:
        super().__init__(
            _("Some rows could not be read; nothing was taken. Correct them and send all again."),
            details={"rows": rows},
        )


class RoomIn(Schema):
    """One row of the national API (`Fasyankes` of SIRS Online); numbers may be texts."""

    model_config = examples(
        {
            "id_tt": "24",
            "ruang": "icu-np-vent",
            "jumlah_ruang": 1,
            "jumlah": 12,
            "terpakai": 10,
            "antrian": 3,
            "prepare": 0,
            "prepare_plan": 0,
            "covid": 1,
        }
    )

    id_tt: str | int
    ruang: str = ""
    jumlah_ruang: str | int = 1
    jumlah: str | int
    terpakai: str | int
    terpakai_suspek: str | int = 0
    terpakai_konfirmasi: str | int = 0
    antrian: str | int = 0
    prepare: str | int = 0
    prepare_plan: str | int = 0
    covid: str | int = 1
    tglupdate: str = ""


ROOM = {
    "id_tt": "24",
    "ruang": "icu-np-vent",
    "jumlah_ruang": 1,
    "jumlah": 12,
    "terpakai": 10,
    "terpakai_suspek": 0,
    "terpakai_konfirmasi": 0,
    "antrian": 3,
    "prepare": 0,
    "prepare_plan": 0,
    "covid": 1,
    "tglupdate": "2021-06-28 09:10:00",
}


class MessageIn(Schema):
    """A message in the form of the national API."""

    model_config = examples({"fasyankes": [ROOM]})

    fasyankes: list[RoomIn] = Field(min_length=1, max_length=200)


class MessageOut(Schema):
    """The hospital's beds in the form of the national API."""

    model_config = examples({"fasyankes": [ROOM]})

    fasyankes: list[RoomIn]


@router.get("/beds", response=CityBedsOut, summary="Read the beds of the whole city")
def list_beds(request: HttpRequest, asked: Query[BedQuery]) -> HttpResponse:
    """Every hospital of the network with its beds and the age of each count, in one answer."""
    # Written by the database: checking two thousand rows against the schema takes longer than reading them.
    found = city_document(utc_now(), bed_class=str(asked.bed_class) if asked.bed_class else None)
    content = f'{{"hospitals": {found}}}'.encode()
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return unless_known(request, response, tag_of_content(content))


@router.post(
    "/{hospital_id}/beds",
    response=HospitalBedsOut,
    summary="Report beds",
    openapi_extra=documented(verb="hospitals.report_beds"),
)
def report_beds(request: HttpRequest, hospital_id: int, payload: ReportIn) -> HttpResponse:
    """Say how many beds there are, all classes named or none. A shorter report than what is promised is taken too."""
    actor = acting(request)

    def write() -> Written:
        now = utc_now()
        counts = {
            each.bed_class: BedCount(**each.model_dump(exclude={"bed_class"})) for each in payload.counts
        }
        services.report_beds(
            hospital=hospital_of(hospital_id),
            counts=counts,
            observed_at=payload.observed_at or now,
            source=ReportSource.API,
            by=actor,
            now=now,
        )
        return Written(shown(hospital_id))

    return write_once(request, content=payload.dict(), write=write)


@router.get(
    "/{hospital_id}/siranap",
    response=MessageOut,
    summary="Read a hospital's beds in the national form",
)
def get_siranap(request: HttpRequest, hospital_id: int) -> dict[str, Any]:
    """The body that the national API expects of the hospital."""
    pools = queries.pools_of(hospital_of(hospital_id))
    return write_message(_numbers(pool) for pool in pools)


def _numbers(pool: BedPool) -> PoolNumbers:
    return PoolNumbers(
        bed_class=BedClass(pool.bed_class),
        staffed=pool.staffed,
        occupied=pool.occupied,
        preparing=pool.preparing,
        cleaning=pool.cleaning,
        waiting_outside=pool.waiting_outside,
        waiting_inside=pool.waiting_inside,
        observed_at=pool.observed_at,
    )


@router.post(
    "/{hospital_id}/siranap",
    response=HospitalBedsOut,
    summary="Report beds in the national form",
    openapi_extra=documented(verb="hospitals.report_beds"),
)
def send_siranap(request: HttpRequest, hospital_id: int, payload: MessageIn) -> HttpResponse:
    """Take the body a hospital sends to the national API; all rows or none."""
    actor, sent = acting(request), payload.model_dump()

    def write() -> Written:
        now = utc_now()
        seen, problems = read_message(sent, read_at=now)
        problems_said = [str(each) for each in problems]
        if problems_said or any(not _is_possible(each) for each in seen):
            raise MessageNotUnderstood(problems_said or [str(_("A number is too large or below zero."))])
        services.report_beds(
            hospital=hospital_of(hospital_id),
            counts={each.bed_class: each.count for each in seen if each.bed_class not in WARDS},  # type: ignore[misc]  # a message counts gross
            observed_at=min(each.observed_at for each in seen),
            source=ReportSource.SIRANAP,
            by=actor,
            now=now,
        )
        return Written(shown(hospital_id))

    return write_once(request, content=sent, write=write)


def _is_possible(seen: Seen) -> bool:
    count = seen.count
    return isinstance(count, BedCount) and all(
        0 <= each <= MOST_BEDS for each in (count.staffed, count.occupied, count.cleaning, count.preparing)
    )
