"""Questions about areas and published figures as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page, PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.places import queries
from kolaborasi.places.area_files import clash_sentence
from kolaborasi.places.errors import WrongScheme
from kolaborasi.places.models import Figure, Place
from kolaborasi.places.rules import Kind, Scheme, normal_name

router = Router(tags=["places"])
KEMAYORAN = {"code": "31.71.03.1001", "scheme": "kemendagri", "kind": "kelurahan", "name": "Kemayoran"}


class CodeGiven(Schema):
    """A code with the scheme it belongs to: in Jakarta the same digits are other areas in other schemes."""

    model_config = examples({"scheme": "kemendagri", "code": "31.71.03.1001"})

    scheme: Scheme = Field(description="Who numbered the area: kemendagri, bps or rw.")
    code: str = Field(max_length=17, description="With dots or without; an RW as 31.71.03.1001/004.")

    def place(self) -> Place:
        """The place.

        Raises:
            UnknownArea: no place has the code in this scheme.
        """
        return queries.place_by_code(self.scheme, self.code)


class PlaceRef(Schema):
    """An area in a few words."""

    model_config = examples(KEMAYORAN)

    code: str = Field(description="Kemendagri code with dots; of an RW 31.71.03.1001/004.")
    scheme: str = Field(description="Scheme of the code: kemendagri, or rw.")
    kind: str
    name: str

    @classmethod
    def of(cls, place: Place) -> PlaceRef:
        """The words of a place."""
        return cls(code=place.code, scheme=_scheme(place), kind=place.kind, name=place.name)


class PlaceOut(PlaceRef):
    """An area with its codes in every scheme."""

    model_config = examples(
        {
            **KEMAYORAN,
            "parent": {
                "code": "31.71.03",
                "scheme": "kemendagri",
                "kind": "kecamatan",
                "name": "Kemayoran",
            },
            "codes": {"kemendagri": "31.71.03.1001", "bps": "3173060001"},
            "latitude": -6.16,
            "longitude": 106.85,
        }
    )

    parent: PlaceRef | None = Field(description="The area above; null for a province.")
    codes: dict[str, str] = Field(description="Code by scheme.")
    latitude: float | None
    longitude: float | None

    @classmethod
    def of(cls, place: Place) -> PlaceOut:
        """The words of a place read with its parent and codes."""
        return cls(
            **PlaceRef.of(place).model_dump(),
            parent=PlaceRef.of(place.parent) if place.parent else None,
            codes={code.scheme: code.code for code in place.codes.all()},
            latitude=place.latitude,
            longitude=place.longitude,
        )


class PlacePage(Page[PlaceOut]):
    """A page of areas."""


class PlaceQuery(Schema):
    """Which areas."""

    kind: Kind = Field(Kind.KELURAHAN, description="Administrative level.")
    within: str = Field("", max_length=17, description="Code of an area they lie in, at any depth.")
    scheme: Scheme | None = Field(None, description="Scheme of `within` and `code`; needed with them.")
    code: str = Field("", max_length=17, description="Only the area with this code.")
    name: str = Field("", max_length=80, description="Part of the name.")


class FigureQuery(Schema):
    """Which published figures."""

    series: str = Field(max_length=80, description="For example covid.positive_today.")
    date: date


class PlaceFigureQuery(FigureQuery):
    """Which published figures of areas."""

    kind: Kind = Kind.KELURAHAN
    source: str = Field("", max_length=120, description="One source, where several published the series.")


class FigureOut(Schema):
    """A count as it was published."""

    model_config = examples(
        {
            "place": KEMAYORAN,
            "bucket": "",
            "series": "population.total",
            "date": "2021-06-30",
            "value": 27315,
            "source": "Disdukcapil DKI Jakarta",
        }
    )

    place: PlaceRef | None = Field(description="Null for a bucket.")
    bucket: str = Field(description="Name of rows that belong to no area, such as LUAR DKI JAKARTA.")
    series: str
    date: date
    value: int = Field(description="As published, also where it differs from the sum of its parts.")
    source: str

    @classmethod
    def of(cls, figure: Figure) -> FigureOut:
        """The words of a figure read with its place."""
        return cls(
            place=PlaceRef.of(figure.place) if figure.place else None,
            bucket=figure.bucket,
            series=figure.series,
            date=figure.date,
            value=figure.value,
            source=figure.source,
        )


class FigurePage(Page[FigureOut]):
    """A page of figures."""


class DatesOut(Schema):
    """When a series was published."""

    model_config = examples({"series": "population.total", "dates": ["2024-12-31"]})

    series: str
    dates: list[date] = Field(description="Newest first.")


def place_of_words(code: str, scheme: Scheme | None) -> Place:
    """The place of a code that must come with its scheme.

    Raises:
        WrongScheme: no scheme; where two areas have these digits, both are named.
        UnknownArea: no place has it.
    """
    if scheme is None:
        clash = clash_sentence(code)
        raise WrongScheme(
            _("%(clash)s Say which, with scheme=kemendagri or scheme=bps.") % {"clash": clash}
            if clash
            else _("A code needs its scheme. Add scheme=kemendagri, scheme=bps or scheme=rw.")
        )
    return queries.place_by_code(scheme, code)


@router.get("/places", response=PlacePage, summary="List areas of a level")
def list_places(
    request: HttpRequest, response: HttpResponse, asked: Query[PlaceQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Areas of one administrative level by code; `code` and `within` need their `scheme`."""
    below = place_of_words(asked.within, asked.scheme).code if asked.within else None
    kind: Kind | str = asked.kind
    one = place_of_words(asked.code, asked.scheme) if asked.code else None
    if one is not None:
        kind = one.kind
    found = queries.places_of_kind(kind, below=below)
    if one is not None:
        found = found.filter(pk=one.pk)
    if asked.name:
        found = found.filter(search_name__contains=normal_name(asked.name))
    found = found.select_related("parent").prefetch_related("codes")
    part = slice_of(found, order=("code",), page=page, question=asked.dict())
    return {
        "items": [PlaceOut.of(place) for place in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/places/{scheme}/{path:code}", response=PlaceOut, summary="Read one area by scheme and code")
def get_place(request: HttpRequest, scheme: Scheme, code: str) -> PlaceOut:
    """The area with a code; `bps/3171` and `kemendagri/3171` are different cities."""
    return PlaceOut.of(queries.place_by_code(scheme, code))


@router.get("/figures", response=FigurePage, summary="List published figures of areas")
def list_figures(
    request: HttpRequest, response: HttpResponse, asked: Query[PlaceFigureQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Counts of one series at one date, by area code and source."""
    found = queries.figures(asked.series, asked.date, asked.kind, source=asked.source or None)
    part = slice_of(found, order=("place__code", "pk"), page=page, question=asked.dict())
    return {
        "items": [FigureOut.of(figure) for figure in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/figures/buckets", response=list[FigureOut], summary="List published figures of no area")
def list_bucket_figures(request: HttpRequest, asked: Query[FigureQuery]) -> list[FigureOut]:
    """Counts that belong to no area, such as those from outside the province."""
    return [FigureOut.of(figure) for figure in queries.bucket_figures(asked.series, asked.date)]


@router.get("/figures/dates", response=DatesOut, summary="List the dates of a series")
def list_figure_dates(request: HttpRequest, series: str) -> dict[str, Any]:
    """The dates at which a series was published, newest first."""
    return {"series": series, "dates": queries.figure_dates(series)}


def _scheme(place: Place) -> str:
    return Scheme.RW if place.kind == Kind.RW else Scheme.KEMENDAGRI
