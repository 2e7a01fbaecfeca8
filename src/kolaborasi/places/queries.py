"""Questions about places and published figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.utils.translation import gettext as _

from kolaborasi.common.rows import row_where
from kolaborasi.places.area_files import clash_sentence
from kolaborasi.places.errors import UnknownArea, WrongScheme
from kolaborasi.places.models import Figure, Place, PlaceCode
from kolaborasi.places.rules import (
    EARTH_RADIUS_KM,
    BadCode,
    Kind,
    Scheme,
    canonical_code,
    is_dotted,
    normal_name,
)

_HAS_CODE = f"id = (SELECT place_id FROM {PlaceCode._meta.db_table} WHERE scheme = %s AND code = %s)"  # noqa: S608


def place_by_code(scheme: Scheme | str, code: str) -> Place:
    """The place with a code of a scheme; the digits may have dots or not.

    Raises:
        UnknownArea: no place has it, or it cannot be a code of the scheme.
    """
    of_scheme = Scheme(scheme)
    try:
        canonical = canonical_code(of_scheme, code)
        found = row_where(Place, _HAS_CODE, [str(of_scheme), canonical])
    except BadCode:
        found = None
    if found is None:
        words = {"scheme": of_scheme, "code": code, "clash": clash_sentence(code)}
        text = _("No area has the %(scheme)s code %(code)s. %(clash)s") % words
        raise UnknownArea(text.strip())
    return found


def place_by_unmarked_code(code: str) -> Place:
    """The place of a code that came without its scheme, when only one reading is possible.

    Dots and a slash tell the scheme, and so do lengths that only one scheme has.

    Raises:
        WrongScheme: the schemes name different areas by it, as by `3171`; the caller must say which.
        UnknownArea: no place has it.
    """
    if clash := ("" if is_dotted(code) else clash_sentence(code)):
        raise WrongScheme(_("%(clash)s Say which.") % {"clash": clash})
    schemes = (
        [Scheme.RW]
        if "/" in code
        else [Scheme.KEMENDAGRI]
        if is_dotted(code)
        else [Scheme.KEMENDAGRI, Scheme.BPS]
    )
    for scheme in schemes[:-1]:
        try:
            return place_by_code(scheme, code)
        except UnknownArea:
            continue
    return place_by_code(schemes[-1], code)


def places_by_code(codes: Collection[str]) -> dict[str, Place]:
    """Places by their canonical code; codes that no place has are left out."""
    return {place.code: place for place in Place.objects.filter(code__in=codes)}


def children(place: Place) -> QuerySet[Place]:
    """The areas directly below a place, by code."""
    return Place.objects.filter(parent=place).order_by("code")


def places_of_kind(kind: Kind | str, *, below: str | None = None) -> QuerySet[Place]:
    """All areas of a level, by code; `below` is the code of an area they lie in, at any depth."""
    places = Place.objects.filter(kind=kind).order_by("code")
    if below is None:
        return places
    return places.filter(Q(code__startswith=f"{below}.") | Q(code__startswith=f"{below}/"))


def kilometres(latitude: float, longitude: float, place: str = "") -> Combinable:
    """Great-circle distance in SQL from a point to a place, for `annotate`; no extension is needed.

    Source: haversine formula, R. W. Sinnott, Sky and Telescope 68 (1984).

    Args:
        latitude, longitude: of the point, in degrees.
        place: lookup path of the place, ending in `__`; empty on places themselves.
    """
    here, there = Radians(Value(latitude, FloatField())), Radians(F(f"{place}latitude"))
    east = Radians(F(f"{place}longitude")) - Radians(Value(longitude, FloatField()))
    half = Power(Sin((there - here) / 2), 2) + Cos(here) * Cos(there) * Power(Sin(east / 2), 2)
    return Value(2 * EARTH_RADIUS_KM) * ASin(Least(Sqrt(half), Value(1.0)))


def places_near(latitude: float, longitude: float, kind: Kind | str, limit: int = 10) -> QuerySet[Place]:
    """The nearest areas of a level, by great-circle distance of their points, which is given as `distance_km`.

    Places without a position are left out.

    Args:
        latitude, longitude: degrees.
        limit: how many at most.
    """
    distance = kilometres(latitude, longitude)
    located = Place.objects.filter(kind=kind, latitude__isnull=False)
    return located.annotate(distance_km=distance).order_by("distance_km", "code")[:limit]


def places_named(text: str, *, kind: Kind | str | None = None, limit: int = 20) -> QuerySet[Place]:
    """Areas whose name holds the text, capitals, blanks and titles aside; names that begin with it come first."""
    wanted = normal_name(text)
    places = Place.objects.filter(search_name__contains=wanted) if wanted else Place.objects.none()
    if kind is not None:
        places = places.filter(kind=kind)
    begins = Q(search_name__startswith=wanted)
    return (
        places.select_related("parent")
        .annotate(begins=begins)
        .order_by("-begins", "search_name", "code")[:limit]
    )


def figures(
    series: str, date: date, kind: Kind | str = Kind.KELURAHAN, *, source: str | None = None
) -> QuerySet[Figure]:
    """Published counts of a series at a date for the areas of a level, with their places.

    Args:
        source: one source, where several published the same series.
    """
    found = Figure.objects.filter(series=series, date=date, place__kind=kind).select_related("place")
    if source is not None:
        found = found.filter(source=source)
    return found.order_by("place__code", "source")


def bucket_figures(series: str, date: date) -> QuerySet[Figure]:
    """Published counts that belong to no place, for example `LUAR DKI JAKARTA`."""
    return Figure.objects.filter(series=series, date=date, place__isnull=True).order_by("bucket")


def figure_dates(series: str) -> list[date]:
    """The dates at which a series was published, newest first."""
    dates = Figure.objects.filter(series=series).order_by("-date").values_list("date", flat=True)
    return list(dates.distinct())
