"""The verb that hands results out as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import Lab
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.export import result_rows
from kolaborasi.diagnostics.services.record import mark


def export_results(
    *, lab: Lab, first: date, last: date, by: Actor, now: datetime
) -> Iterator[tuple[object, ...]]:
    """Rows of a lab's results validated from a day to another, not included, as `queries.COLUMNS` names them.

    Raises:
        NotPermitted: neither the lab's administrator nor a coordinator of the place.
    """
    TABLE.require(by, "export_results", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    with transaction.atomic():
        mark(
            verb="export_results",
            event="results_exported",
            subject=("diagnostics.lab", lab.pk),
            by=by,
            now=now,
            first=first.isoformat(),
            last=last.isoformat(),
        )
    return result_rows(lab, first, last)
