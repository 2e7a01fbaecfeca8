"""Our own CSV of results, documented in `docs/diagnostics-files.md`: pseudonymous, one row for each result that counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kolaborasi.diagnostics.models import Lab, Result
from kolaborasi.diagnostics.queries.indicators import _between
from kolaborasi.diagnostics.states import ResultState

COLUMNS = (
    *("barcode", "lab", "site", "reason", "priority", "specimen_type", "sex", "birth_year", "residence"),
    *("collected_at", "received_at", "resulted_at", "validated_at", "outcome", "assay", "ct", "corrects"),
)


def result_rows(lab: Lab, first: date, last: date) -> Iterator[tuple[object, ...]]:
    """Rows of a lab's results validated from a day to another, not included, in the order of `COLUMNS`.

    No name, no NIK, no full birth date; the residence is the kelurahan. For the lab itself and the health office.
    """
    for result in exported_results(lab, first, last):
        yield _row(result)


def exported_results(lab: Lab, first: date, last: date) -> Iterator[Result]:
    """A lab's results that count and were validated from a day to another, not included, in the order of validation."""
    rows = (
        Result.objects.filter(lab=lab, state=ResultState.VALIDATED, **_between("validated_at", first, last))
        .select_related(
            "specimen__label", "specimen__site", "specimen__order__residence", "lab__site", "assay"
        )
        .prefetch_related("cts")
        .order_by("validated_at", "pk")
    )
    yield from rows.iterator(chunk_size=2000)


def _row(result: Result) -> tuple[object, ...]:
    specimen, order = result.specimen, result.specimen.order
    cts = ";".join(f"{each.target}={'' if each.ct is None else each.ct}" for each in result.cts.all())
    return (
        *(specimen.label.barcode, result.lab.site.name, specimen.site.name, order.reason, order.priority),
        *(
            specimen.kind,
            order.sex,
            order.birth_date.year,
            order.residence.code[:13] if order.residence else "",
        ),
        *(_time(specimen.collected_at), _time(specimen.received_at), _time(result.resulted_at)),
        *(_time(result.validated_at), result.outcome, result.assay.code if result.assay else "", cts),
        result.corrects_id or "",
    )


def _time(at: object) -> str:
    return at.isoformat() if hasattr(at, "isoformat") else ""
