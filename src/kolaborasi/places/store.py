"""Set-based writing of places, codes and figures, inside the transaction of a verb."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from kolaborasi.places.matching import PlaceIndex
from kolaborasi.places.models import Figure, Place, PlaceCode
from kolaborasi.places.plans import PlaceSpec
from kolaborasi.places.reports import FigureSpec
from kolaborasi.places.rules import Kind, Scheme, normal_name, parent_code

BATCH = 5000


@dataclass
class Written:
    """Primary key by canonical code, and what writing changed."""

    ids: dict[str, int]
    created: int = 0
    updated: int = 0
    unchanged: int = 0


def one_loader_at_a_time() -> None:
    """Make other loaders wait until this transaction ends.

    ON CONFLICT names one unique constraint, while a code is unique in two ways: of two loaders of the same file one
    could fail on the other constraint.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('places.load'), hashtext(current_schema()))")


def known_places() -> dict[str, Place]:
    """Every place down to the kelurahan by its code."""
    return {place.code: place for place in Place.objects.exclude(kind=Kind.RW).order_by()}


def place_index(places: Iterable[Place]) -> PlaceIndex:
    """Places down to the kelurahan with both codes, ready to be found; one query."""
    index = PlaceIndex()
    bps = dict(PlaceCode.objects.filter(scheme=Scheme.BPS).values_list("place_id", "code").order_by())
    for place in places:
        index.add(Kind(place.kind), place.code, place.name, bps.get(place.pk, ""))
    return index


def upsert_places(specs: Sequence[PlaceSpec], existing: Mapping[str, Place]) -> Written:
    """Create or correct areas, parents first; every parent is in `specs` or in `existing`.

    A name that differs only in capitals, blanks or title keeps its present spelling.
    """
    written = Written({code: place.pk for code, place in existing.items()})
    for kind in Kind:
        batch = []
        for spec in sorted((s for s in specs if s.kind == kind), key=lambda s: s.code):
            place = _place(spec, existing.get(spec.code), written.ids)
            if place is None:
                written.unchanged += 1
            else:
                batch.append(place)
        written.updated += sum(place.code in existing for place in batch)
        written.created += sum(place.code not in existing for place in batch)
        fields = ["name", "search_name", "latitude", "longitude"]
        for place in Place.objects.bulk_create(
            batch, BATCH, update_conflicts=True, unique_fields=["code"], update_fields=fields
        ):
            written.ids[place.code] = place.pk
    return written


def insert_missing_rw(places: Sequence[Place]) -> None:
    """Insert RW that another transaction may be inserting too; the codes follow when the keys are known."""
    Place.objects.bulk_create(sorted(places, key=lambda place: place.code), BATCH, ignore_conflicts=True)
    keys = (
        Place.objects.filter(code__in=[place.code for place in places])
        .values_list("pk", "code")
        .order_by("code")
    )
    rows = [PlaceCode(place_id=pk, scheme=Scheme.RW, code=code) for pk, code in keys]
    PlaceCode.objects.bulk_create(rows, BATCH, ignore_conflicts=True)


def _place(spec: PlaceSpec, old: Place | None, ids: Mapping[str, int]) -> Place | None:
    """The row to write; None when nothing would change."""
    search_name = normal_name(spec.name)
    name, latitude, longitude = spec.name, spec.latitude, spec.longitude
    if old is not None:
        name = old.name if old.search_name == search_name else name
        latitude, longitude = (old.latitude, old.longitude) if latitude is None else (latitude, longitude)
        if (old.name, old.latitude, old.longitude) == (name, latitude, longitude):
            return None
    above = parent_code(Scheme.KEMENDAGRI, spec.code)
    return Place(
        kind=spec.kind,
        code=spec.code,
        name=name,
        search_name=search_name,
        parent_id=ids[above] if above else None,
        latitude=latitude,
        longitude=longitude,
    )


def upsert_codes(codes: Iterable[tuple[int, Scheme, str]]) -> None:
    """Give places their codes: primary key, scheme, code."""
    rows = [PlaceCode(place_id=pk, scheme=scheme, code=code) for pk, scheme, code in sorted(codes)]
    PlaceCode.objects.bulk_create(
        rows, BATCH, update_conflicts=True, unique_fields=["place", "scheme"], update_fields=["code"]
    )


def upsert_figures(specs: Iterable[FigureSpec], ids: Mapping[str, int]) -> int:
    """Keep published counts; the same place, bucket, series, date and source again corrects the number.

    Returns:
        How many figures were written.
    """
    rows = [
        Figure(
            place_id=ids[spec.code] if spec.code else None,
            bucket=spec.bucket,
            series=spec.series,
            date=spec.date,
            value=spec.value,
            source=spec.source,
        )
        for spec in specs
    ]
    keys = ["place", "bucket", "series", "date", "source"]
    Figure.objects.bulk_create(
        rows, BATCH, update_conflicts=True, unique_fields=keys, update_fields=["value"]
    )
    return len(rows)
