"""Hospitals and the network as JSON."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.api.access import hospital_of
from kolaborasi.hospitals.api.schemas import (
    SEVERITIES,
    BedOut,
    HospitalBedsOut,
    HospitalOut,
    HospitalPage,
    NetworkOut,
    OccupancyOut,
    WaitingOut,
)
from kolaborasi.hospitals.states import NetworkState

router = Router()
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)


class HospitalQuery(Schema):
    """Which hospitals."""

    network: NetworkState | None = Field(None, description="Only with this part in the network.")
    within: str = Field(
        "", max_length=17, pattern=r"^[0-9./]*$", description="Kemendagri code of an area they lie in."
    )
    registry_code: str = Field(
        "", max_length=12, pattern=r"^[0-9A-Za-z]*$", description="Code of RS Online / SIRANAP."
    )


class NetworkQuery(Schema):
    """Which day."""

    date: datetime.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Today when absent.")


@router.get("/registry", response=HospitalPage, summary="List hospitals")
def list_hospitals(
    request: HttpRequest, response: HttpResponse, asked: Query[HospitalQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Every hospital the city knows, in the network or not."""
    found = queries.hospitals()
    if asked.network:
        found = found.filter(network=asked.network)
    if asked.within:
        found = found.filter(site__place__code__startswith=asked.within)
    if asked.registry_code:
        found = found.filter(registry_code=asked.registry_code)
    part = slice_of(found, order=("site__name", "pk"), page=page, question=asked.dict())
    items = [HospitalOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


def shown(hospital_id: int) -> HospitalBedsOut:
    """A hospital with its beds.

    Raises:
        HospitalUnknown: there is none.
    """
    hospital = hospital_of(hospital_id)
    pools = queries.pools_of(hospital).annotate(is_old=queries.is_stale(utc_now()))
    return HospitalBedsOut(
        **HospitalOut.of(hospital).model_dump(),
        beds=[BedOut.of(pool, stale=pool.is_old) for pool in pools],
    )


@router.get("/network", response=NetworkOut, summary="Read the size and the load of the network")
def get_network(request: HttpRequest, asked: Query[NetworkQuery]) -> NetworkOut:
    """How many of the known hospitals are in the network, how full it is, how many wait."""
    day = asked.date or localdate()
    size = queries.network_size(day)
    return NetworkOut(
        date=day,
        joined=size.joined,
        paused=size.paused,
        known=size.known,
        occupancy=[OccupancyOut.of(row) for row in queries.occupancy(utc_now())],
        queue=[
            WaitingOut(
                severity=SEVERITIES[row.severity], waiting=row.waiting, longest_since_at=row.longest_since
            )
            for row in queries.queue_counts()
        ],
    )


@router.get("/{hospital_id}", response=HospitalBedsOut, summary="Read one hospital")
def get_hospital(request: HttpRequest, hospital_id: int) -> HospitalBedsOut:
    """A hospital with its beds of every class."""
    return shown(hospital_id)
