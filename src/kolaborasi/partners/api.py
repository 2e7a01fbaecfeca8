"""Questions about partners as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.errors import NotFound
from kolaborasi.common.http.cursors import Page, PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.partners import queries
from kolaborasi.partners.models import Partner, PartnerKind, Site, StateChoice
from kolaborasi.places.api import PlaceRef

router = Router(tags=["partners"])
EXAMPLE = {
    "id": 7,
    "name": "Komunitas Contoh",
    "kind": "community",
    "state": "active",
    "place": None,
    "activated_at": "2021-06-13T03:00:00Z",
    "site_count": 1,
}


class PartnerUnknown(NotFound):
    """There is no such partner, or it was never activated."""

    code = "partner-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such partner. Choose another one."))


class SiteOut(Schema):
    """Where a partner gives or receives."""

    id: int
    name: str
    kind: str
    place: PlaceRef
    address: str
    latitude: float | None
    longitude: float | None

    @classmethod
    def of(cls, site: Site) -> SiteOut:
        """The words of a site read with its place."""
        return cls(
            id=site.pk,
            name=site.name,
            kind=site.kind,
            place=PlaceRef.of(site.place),
            address=site.address,
            latitude=site.latitude,
            longitude=site.longitude,
        )


class PartnerOut(Schema):
    """An organisation that gives capacity."""

    model_config = examples(EXAMPLE)

    id: int
    name: str
    kind: str
    state: str = Field(description="Only an active partner takes new promises.")
    place: PlaceRef | None
    activated_at: datetime | None
    site_count: int = Field(description="Sites in use.")

    @classmethod
    def of(cls, partner: Partner) -> PartnerOut:
        """The words of a partner read by `queries.partners()`."""
        return cls(
            id=partner.pk,
            name=partner.name,
            kind=partner.kind,
            state=partner.state,
            place=PlaceRef.of(partner.place) if partner.place else None,
            activated_at=partner.activated_at,
            site_count=partner.site_count,  # type: ignore[attr-defined]
        )


class PartnerDetail(PartnerOut):
    """A partner with its sites in use."""

    model_config = examples({**EXAMPLE, "site_count": 0, "sites": []})

    sites: list[SiteOut]


class PartnerPage(Page[PartnerOut]):
    """A page of partners."""


class PartnerQuery(Schema):
    """Which partners."""

    kind: PartnerKind | None = None
    state: StateChoice | None = None
    name: str = Field("", max_length=80, description="Part of the name.")


@router.get("/partners", response=PartnerPage, summary="List partners")
def list_partners(
    request: HttpRequest, response: HttpResponse, asked: Query[PartnerQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Partners that were activated once, by name."""
    found = queries.partners()
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.name:
        found = found.filter(name__icontains=asked.name)
    part = slice_of(found, order=("name", "pk"), page=page, question=asked.dict())
    return {
        "items": [PartnerOut.of(partner) for partner in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/partners/{partner_id}", response=PartnerDetail, summary="Read one partner")
def get_partner(request: HttpRequest, partner_id: int) -> PartnerDetail:
    """A partner and its sites in use."""
    partner = queries.partners().filter(pk=partner_id).first()
    if partner is None:
        raise PartnerUnknown
    sites = [SiteOut.of(site) for site in queries.open_sites(partner)]
    return PartnerDetail(**PartnerOut.of(partner).model_dump(), sites=sites)
