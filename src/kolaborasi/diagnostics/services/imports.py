"""Verbs that take files in: import_plate_file, import_hl7, import_results_csv."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import FileRefused, PlateRefused
from kolaborasi.diagnostics.hl7 import entries_of
from kolaborasi.diagnostics.instruments.plates import mapped, mismatched, read_plate_file
from kolaborasi.diagnostics.instruments.tables import read_results_csv
from kolaborasi.diagnostics.models import Lab, Run, Well
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.services.bench import read_run
from kolaborasi.diagnostics.services.results import Entered, enter_results


def import_plate_file(*, run: Run, content: bytes, ended_at: datetime, by: Actor, now: datetime) -> Run:
    """Read a running plate from the export of its machine.

    Raises:
        NotPermitted: nobody of the lab.
        FileRefused: the file cannot be read, or is of another plate: its name or its samples differ.
        PlateRefused, CtOutOfRange, ControlsFailed, WrongTime, WrongState: as in `read_run`.
    """
    site = run.lab.site
    TABLE.require(by, "import_plate_file", place_code=site.place.code, partner_id=site.partner_id)
    file = read_plate_file(content)
    if file.plate and file.plate != run.plate:
        raise FileRefused(
            _("This file is of plate %(other)s, not of %(plate)s.")
            % {"other": file.plate[:40], "plate": run.plate}
        )
    barcodes = dict(
        Well.objects.filter(run=run, specimen__isnull=False).values_list(
            "position", "specimen__label__barcode"
        )
    )
    strange = mismatched(file.samples, barcodes)
    if strange:
        raise PlateRefused(
            _("This file is of another plate: its samples differ from ours."), positions=sorted(strange)
        )
    readings = mapped(file.readings, run.assay.rule.targets)
    return read_run(run=run, readings=readings, ended_at=ended_at, by=by, now=now)


def import_hl7(*, lab: Lab, text: str, by: Actor, now: datetime, partly: bool = False) -> Entered:
    """Take results in from HL7 v2.5.1 ORU^R01 messages of the lab's own system.

    Raises:
        NotPermitted: nobody of the lab.
        NotHl7: no such message.
        FileRefused: a report cannot be taken in; `details["rows"]` says why row by row.
    """
    TABLE.require(by, "import_hl7", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    with transaction.atomic():
        entries, unread = entries_of(text)
        return enter_results(
            lab=lab, entries=entries, unread=unread, source="hl7", by=by, now=now, partly=partly
        )


def import_results_csv(
    *, lab: Lab, content: bytes, by: Actor, now: datetime, partly: bool = False
) -> Entered:
    """Take results in from our own CSV.

    Raises:
        NotPermitted: nobody of the lab.
        FileRefused: columns or rows are wrong; `details["rows"]` says why row by row.
    """
    TABLE.require(by, "import_results_csv", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    with transaction.atomic():
        entries, unread = read_results_csv(content)
        return enter_results(
            lab=lab, entries=entries, unread=unread, source="file", by=by, now=now, partly=partly
        )
