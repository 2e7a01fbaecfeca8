"""How specimens go from one state to the next: locked together, moved in one statement, each event kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import BarcodeUnknown, NotABarcode, WrongTime
from kolaborasi.diagnostics.models import EventKind, Specimen, SpecimenEvent
from kolaborasi.diagnostics.rules.barcodes import barcode_fault, scanned
from kolaborasi.diagnostics.rules.times import time_fault
from kolaborasi.diagnostics.states import SPECIMEN, SpecimenState
from kolaborasi.partners.models import Site


def locked(condition: Q) -> list[Specimen]:
    """Specimens locked in the order of their keys, with labels, orders and labs.

    Two statements: rows joined to a locked one are those from before the wait, so they are read once it is over.
    """
    rows: QuerySet[Specimen] = Specimen.objects.select_for_update(of=("self",), no_key=True)
    ids = list(rows.filter(condition).order_by("pk").values_list("pk", flat=True))
    found = Specimen.objects.filter(pk__in=ids).order_by("pk")
    return list(
        found.select_related(
            "label", "order", "site__place", "lab__site__place", "consignment__lab__site__place"
        )
    )


def read_barcodes(texts: Collection[str]) -> list[str]:
    """Scanned barcodes in the order scanned, each once.

    Raises:
        NotABarcode: one cannot be ours.
    """
    barcodes = list(dict.fromkeys(scanned(text) for text in texts))
    for barcode in barcodes:
        fault = barcode_fault(barcode)
        if fault is not None:
            raise NotABarcode(fault)
    return barcodes


def locked_by_barcode(text: str) -> Specimen:
    """The specimen with a label, locked.

    Raises:
        NotABarcode: the text cannot be a barcode of ours.
        BarcodeUnknown: no specimen carries it.
    """
    found = locked(Q(label__barcode=read_barcodes([text])[0]))
    if not found:
        raise BarcodeUnknown
    return found[0]


def check_time(at: datetime, now: datetime, *, not_before: datetime | None = None, **limits: Any) -> None:
    """Refuse a time an event cannot have happened at.

    Raises:
        WrongTime: in the future, before an earlier event, or too old.
    """
    fault = time_fault(at, now=now, not_before=not_before, **limits)
    if fault is not None:
        raise WrongTime(fault)


def advance(
    specimens: Sequence[Specimen],
    move: str,
    kind: EventKind,
    *,
    at: datetime,
    by: Actor,
    now: datetime,
    site: Site | None = None,
    **changes: Any,
) -> None:
    """Move locked specimens along their lifecycle and keep the event; three statements for any number.

    Args:
        move: event of the lifecycle; `changes` are columns set on all of them.
        at: when it happened; `now` is when we were told.

    Raises:
        WrongState: one is in another state; nothing is changed.
    """
    if not specimens:
        return
    after: dict[SpecimenState, list[Specimen]] = {}
    for specimen in specimens:
        after.setdefault(SPECIMEN.move(specimen.state, move), []).append(specimen)
    for state, group in after.items():
        values = {**changes, "state": state}
        Specimen.objects.filter(pk__in=[each.pk for each in group]).update(**values)
        for specimen in group:
            for field, value in values.items():
                setattr(specimen, field, value)
    keep(specimens, kind, at=at, by=by, now=now, site=site)


def keep(
    specimens: Sequence[Specimen | int],
    kind: EventKind,
    *,
    at: datetime,
    by: Actor,
    now: datetime,
    site: Site | None = None,
) -> None:
    """Write the event of each specimen, in one statement for any number.

    Args:
        specimens: rows, or nothing but their keys.
    """
    keys = [each if isinstance(each, int) else each.pk for each in specimens]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SpecimenEvent._meta.db_table}"  # noqa: S608
            " (specimen_id, kind, at, recorded_at, recorded_by_id, site_id)"
            " SELECT specimen.id, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS specimen (id)",
            [str(kind), at, now, by.user_id, site.pk if site else None, keys],
        )
