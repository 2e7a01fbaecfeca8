"""What follows when a specimen is gone: its person waits for a swab, a manifest without specimens ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import Consignment, EventKind, Order, Specimen
from kolaborasi.diagnostics.rules.barcodes import scanned
from kolaborasi.diagnostics.services.journey import advance
from kolaborasi.diagnostics.services.orders import locked_order
from kolaborasi.diagnostics.services.record import mark_many
from kolaborasi.diagnostics.states import ORDER, SpecimenState

ON_A_MANIFEST = (SpecimenState.COLLECTED, SpecimenState.RECEIVED, SpecimenState.IN_TRANSIT)


def give_up(specimen: Specimen, *, reason: str, by: Actor, now: datetime) -> None:
    """Discard a locked specimen in the caller's transaction; its person waits for another swab.

    Raises:
        WrongState: it has a result, or is in a machine.
    """
    held_by = specimen.lab.site if specimen.lab else specimen.site
    advance(
        [specimen],
        "discard",
        EventKind.DISCARDED,
        at=now,
        by=by,
        now=now,
        site=held_by,
        discard_reason=reason,
    )
    _wait_again(locked_order(specimen.order))


def _wait_again(order: Order) -> None:
    order.state = ORDER.move(order.state, "collect again")
    try:
        with transaction.atomic():
            order.save(update_fields=["state"])
    except IntegrityError as error:
        if "waits_once" not in str(error):
            raise
        # A person waits for one swab: the newer order stands for this one.
        order.state = ORDER.move(order.state, "cancel")
        order.save(update_fields=["state"])


def locked_manifests(barcodes: Collection[str]) -> list[Consignment]:
    """The open manifests that carry specimens with these barcodes, locked in the order of their keys."""
    carrying = Specimen.objects.filter(label__barcode__in=[scanned(each) for each in barcodes])
    rows = Consignment.objects.select_for_update(no_key=True, of=("self",))
    found = rows.filter(pk__in=carrying.values("consignment"), state__in=OPEN)
    return list(found.select_related("lab_day").order_by("pk"))


def release_emptied(manifests: Sequence[Consignment], by: Actor, now: datetime) -> None:
    """Give the places of locked manifests back that carry nothing any more."""
    carrying = set(
        Specimen.objects.filter(consignment__in=manifests, state__in=ON_A_MANIFEST).values_list(
            "consignment", flat=True
        )
    )
    empty = [each for each in manifests if each.pk not in carrying and each.state in OPEN]
    for each in empty:
        commitments.release(each, now=now)
    Consignment.objects.filter(pk__in=[each.pk for each in empty]).update(closed_at=now)
    if empty:
        mark_many(
            verb="release_consignment",
            event="consignment_released",
            subjects=[("diagnostics.consignment", each.pk, {"lab": each.lab_id}) for each in empty],
            by=by,
            now=now,
        )
