"""Verbs on labels and specimens: issue_labels, collect, discard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.diagnostics.errors import BarcodeUnknown, BarcodeUsed, NumbersRefused
from kolaborasi.diagnostics.models import (
    Booking,
    DiscardReason,
    EventKind,
    Lab,
    Label,
    Order,
    Specimen,
    SpecimenType,
)
from kolaborasi.diagnostics.permissions import TABLE, may_discard
from kolaborasi.diagnostics.rules.barcodes import barcode_of
from kolaborasi.diagnostics.rules.times import keeps_until, late_at
from kolaborasi.diagnostics.services.journey import (
    check_time,
    keep,
    locked,
    locked_by_barcode,
    read_barcodes,
)
from kolaborasi.diagnostics.services.losses import give_up, locked_manifests, release_emptied
from kolaborasi.diagnostics.services.orders import locked_order
from kolaborasi.diagnostics.services.record import mark
from kolaborasi.diagnostics.states import ORDER, SPECIMEN
from kolaborasi.partners.models import Site

MOST_LABELS = 5000


def issue_labels(*, site: Site, number: int, by: Actor, now: datetime) -> list[Label]:
    """Issue new barcodes to a collection site, to be printed.

    Raises:
        NotPermitted: nobody of the site.
        NumbersRefused: none, or more than a roll.
    """
    TABLE.require(by, "issue_labels", place_code=site.place.code, partner_id=site.partner_id)
    if not 1 <= number <= MOST_LABELS:
        raise NumbersRefused("number")
    with transaction.atomic():
        labels = Label.objects.bulk_create(
            Label(pk=pk, barcode=barcode_of(pk), site=site, issued_at=now) for pk in _new_numbers(number)
        )
        mark(
            verb="issue_labels",
            event="labels_issued",
            subject=("partners.site", site.pk),
            by=by,
            now=now,
            first=labels[0].pk,
            number=number,
        )
    return labels


def collect(
    *, order: Order, barcode: str, kind: str, collected_at: datetime, by: Actor, now: datetime
) -> Specimen:
    """A swab was taken and its tube labelled.

    Args:
        barcode: as scanned.
        kind: a `SpecimenType`.
        collected_at: when the swab was taken, which is when the turnaround begins.

    Raises:
        NotPermitted: nobody of the site.
        NotABarcode, BarcodeUnknown, BarcodeUsed: the label cannot be used.
        WrongTime: in the future, or more than a week ago.
        WrongState: the order does not wait for a swab.
    """
    check_time(collected_at, now, oldest=timedelta(days=7))
    if kind not in SpecimenType.values:
        raise NumbersRefused("kind")
    with transaction.atomic():
        asked = locked_order(order)
        TABLE.require(by, "collect", place_code=asked.site.place.code, partner_id=asked.site.partner_id)
        asked.state = ORDER.move(asked.state, "collect")
        specimen = Specimen.objects.create(
            label=_free_label(barcode),
            order=asked,
            kind=kind,
            priority=asked.priority,
            site=asked.site,
            collected_at=collected_at,
            keeps_until=keeps_until(kind, collected_at),
            late_at=late_at(asked.priority, collected_at),
        )
        asked.save(update_fields=["state"])
        for booking in Booking.objects.filter(order=asked, state=CommitmentState.CONFIRMED):
            commitments.fulfil(booking, now=now)
        keep([specimen], EventKind.COLLECTED, at=collected_at, by=by, now=now, site=asked.site)
        subject = ("diagnostics.specimen", specimen.pk)
        mark(verb="collect", event="specimen_collected", subject=subject, by=by, now=now, order=asked.pk)
    return specimen


def discard(*, barcode: str, reason: str, by: Actor, now: datetime) -> Specimen:
    """A specimen is lost, broken or unreadable: the person must be swabbed again.

    Args:
        reason: a `DiscardReason`.

    Raises:
        NotPermitted: nobody who answers for it now, see `permissions.may_discard`.
        NotABarcode, BarcodeUnknown.
        WrongState: it has a result, or is in a machine.
    """
    if reason not in DiscardReason.values:
        raise NumbersRefused("reason")
    with transaction.atomic():
        # Manifests before specimens, as every verb locks them.
        manifests = locked_manifests([barcode])
        specimen = locked_by_barcode(barcode)
        if not may_discard(by, specimen):
            raise NotPermitted
        give_up(specimen, reason=reason, by=by, now=now)
        release_emptied(manifests, by, now)
        subject = ("diagnostics.specimen", specimen.pk)
        mark(verb="discard", event="specimen_discarded", subject=subject, by=by, now=now, reason=reason)
    return specimen


def dispose(*, lab: Lab, barcodes: Sequence[str], by: Actor, now: datetime) -> list[Specimen]:
    """Tubes that were read long enough ago are destroyed; their results stay.

    Raises:
        NotPermitted: nobody of the lab.
        NotABarcode, BarcodeUnknown: a tube is not known here; nothing is disposed of.
        WrongState: one has no result that counts.
    """
    TABLE.require(by, "dispose", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    wanted = read_barcodes(barcodes)
    with transaction.atomic():
        specimens = locked(Q(label__barcode__in=wanted, lab=lab, disposed_at__isnull=True))
        if len(specimens) < len(wanted):
            raise BarcodeUnknown
        for specimen in specimens:
            # What may still be corrected has a result that counts.
            SPECIMEN.move(specimen.state, "correct")
        Specimen.objects.filter(pk__in=[each.pk for each in specimens]).update(disposed_at=now)
        keep(specimens, EventKind.DISPOSED, at=now, by=by, now=now, site=lab.site)
        subject = ("diagnostics.lab", lab.pk)
        mark(
            verb="dispose", event="specimens_disposed", subject=subject, by=by, now=now, number=len(specimens)
        )
    return specimens


def _new_numbers(number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Label._meta.db_table, number],
        )
        return [row[0] for row in cursor.fetchall()]


def _free_label(text: str) -> Label:
    barcode = read_barcodes([text])[0]
    label = Label.objects.select_for_update(no_key=True).filter(barcode=barcode).first()
    if label is None:
        raise BarcodeUnknown
    used = Specimen.objects.filter(label=label).values_list("pk", flat=True).first()
    if used is not None:
        raise BarcodeUsed(used)
    return label
