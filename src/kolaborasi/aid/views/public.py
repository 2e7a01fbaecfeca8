"""Pages for everybody: open needs as list and map, one need, coverage, proof photos."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from kolaborasi.aid import queries
from kolaborasi.aid.models import Delivery
from kolaborasi.aid.rules import Coverage
from kolaborasi.aid.states import DeliveryState, NeedState, need_status
from kolaborasi.aid.views.access import actor_of, followed, receives, visible_need
from kolaborasi.aid.views.lists import CoverageList, need_list
from kolaborasi.common.errors import NotFound
from kolaborasi.places import facts
from kolaborasi.places.models import PlaceKind

A_DAY = 24 * 60 * 60


@require_safe
def needs(request: HttpRequest) -> HttpResponseBase:
    """Open needs: list beside the map."""
    return need_list(request, queries.listed(queries.public_needs())).response()


@require_safe
def points(request: HttpRequest) -> JsonResponse:
    """The filtered needs as points of the map, one for each kelurahan and institution."""
    rows = queries.point_rows(need_list(request, queries.listed(queries.public_needs())).found)
    placed = [row for row in rows if row["lat"] is not None]
    by_point = sorted(placed, key=lambda row: (row["code"], row["lat"], row["lon"]))
    grouped = groupby(by_point, key=lambda row: (row["code"], row["lat"], row["lon"]))
    return JsonResponse([_point(list(same)) for _key, same in grouped], safe=False)


def _point(rows: list[dict[str, Any]]) -> dict[str, Any]:
    first, units = rows[0], sum(row["units"] for row in rows)
    one = reverse("aid:need", args=[first["pk"]])
    several = f"{reverse('aid:list')}?area={first['code']}"
    name = first["above"] if first["kind"] == PlaceKind.RW else first["name"]
    count = ngettext("%(count)s need", "%(count)s needs", len(rows)) % {"count": len(rows)}
    return {
        "lat": first["lat"],
        "lon": first["lon"],
        "title": name,
        "text": f"{count}, " + _("%(units)s packages still needed") % {"units": units},
        "href": one if len(rows) == 1 else several,
        "kind": "open" if units else "good",
    }


@require_safe
@cache_control(max_age=A_DAY, public=True)
def outlines(request: HttpRequest, kind: str) -> HttpResponse:
    """Simplified outlines of all cities, kecamatan or kelurahan as GeoJSON."""
    return HttpResponse(facts.outlines(kind), content_type="application/geo+json")


@require_safe
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """One need: what is needed, promised and delivered, who helps, what arrived, what else is near."""
    found = visible_need(request, pk)
    context = {
        "need": found,
        "lines": found.lines.all(),
        "helpers": queries.helpers_of(found),
        "deliveries": list(queries.shown_deliveries(found)[:12]),
        "nearby": queries.nearby(found),
        "is_open": found.state == NeedState.OPEN,
        "status": need_status(found.state, needed=found.needed, delivered=found.delivered),  # type: ignore[attr-defined]
        "receives": receives(actor_of(request), found),
    }
    return render(request, "aid/need.html", context)


@require_safe
def coverage(request: HttpRequest) -> HttpResponseBase:
    """Needed, promised and delivered by kelurahan, as table, map and file."""
    rows = queries.coverage_by_kelurahan()
    return CoverageList(request, rows, total=Coverage.over(row.coverage for row in rows)).response()


@require_safe
def photo(request: HttpRequest, pk: int, token: str = "") -> HttpResponseBase:
    """The proof photo of a delivery: to everybody once it is acknowledged, before that to the two sides of it.

    Raises:
        NotFound: there is no such photo, or it is not to be seen by this visitor.
    """
    delivery = queries.delivery(pk)
    if delivery is None or not delivery.photo or not _may_see(request, delivery, token):
        raise NotFound(_("There is no such photo."))
    try:
        content = delivery.photo.open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("There is no such photo.")) from error
    response = FileResponse(content, content_type="image/jpeg")
    public = delivery.state == DeliveryState.ACKNOWLEDGED
    response["Cache-Control"] = f"public, max-age={A_DAY}, immutable" if public else "private, no-store"
    return response


def _may_see(request: HttpRequest, delivery: Delivery, token: str) -> bool:
    if delivery.state == DeliveryState.ACKNOWLEDGED:
        return True
    if delivery.state != DeliveryState.REPORTED:
        return False
    if token:
        return followed(request, token=token).pledge.pk == delivery.pledge_id
    need = delivery.pledge.need_line.need
    return receives(actor_of(request), need) or queries.owns(actor_of(request), delivery.pledge)
