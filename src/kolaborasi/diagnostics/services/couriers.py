"""Verbs of couriers and receiving labs: pick_up, bring_back, receive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import (
    BarcodeUnknown,
    ConsignmentOver,
    LabNotWorking,
    NotOnManifest,
    WrongCourier,
)
from kolaborasi.diagnostics.models import Consignment, EventKind, Lab, Specimen
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.services.journey import advance, check_time, keep, locked, read_barcodes
from kolaborasi.diagnostics.services.losses import locked_manifests, release_emptied
from kolaborasi.diagnostics.services.record import mark
from kolaborasi.diagnostics.states import LabState, SpecimenState


@dataclass
class Received:
    """What a lab took in, and where the scan differs from the manifest.

    Args:
        specimens: taken in now.
        missing: on the manifest and not scanned; still with the courier.
        unplanned: scanned and taken in though another manifest, or none, carries them.
        refused: scanned and not taken in: (barcode, why).
    """

    specimens: list[Specimen] = field(default_factory=list)
    missing: list[Specimen] = field(default_factory=list)
    unplanned: list[Specimen] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def pick_up(
    *, consignment: Consignment, barcodes: Sequence[str], at: datetime, by: Actor, now: datetime
) -> Consignment:
    """A courier scanned what they take along. What was not scanned stays and waits for the next round.

    Raises:
        NotPermitted: no courier.
        WrongCourier: another courier carries it.
        NotABarcode, NotOnManifest: a scan that does not belong to it; nothing is picked up.
        WrongTime: in the future, or before a swab was taken.
        ConsignmentOver: it is picked up already, or over.
    """
    TABLE.require(by, "pick_up", place_code=consignment.origin.place.code)
    wanted = read_barcodes(barcodes)
    with transaction.atomic():
        carried = _locked_consignment(consignment)
        _require_courier(carried, by)
        if carried.state not in OPEN or carried.picked_up_at is not None:
            raise ConsignmentOver
        specimens = {each.label.barcode: each for each in locked(Q(consignment=carried))}
        strangers = [barcode for barcode in wanted if barcode not in specimens]
        if strangers or not wanted:
            raise NotOnManifest(strangers)
        taken = [specimens[barcode] for barcode in wanted]
        left = [each for barcode, each in specimens.items() if barcode not in set(wanted)]
        check_time(at, now, not_before=max(each.collected_at for each in taken))
        advance(
            taken,
            "pick up",
            EventKind.PICKED_UP,
            at=at,
            by=by,
            now=now,
            site=carried.origin,
            picked_up_at=at,
            lab=None,
            received_at=None,
        )
        _detach(left, by, now)
        carried.picked_up_at, carried.courier_id = at, by.user_id or carried.courier_id
        carried.save(update_fields=["picked_up_at", "courier"])
        mark(
            verb="pick_up",
            event="consignment_picked_up",
            subject=("diagnostics.consignment", carried.pk),
            by=by,
            now=now,
            specimens=len(taken),
            left=len(left),
        )
    return carried


def bring_back(*, consignment: Consignment, at: datetime, by: Actor, now: datetime) -> list[Specimen]:
    """The courier could not deliver: all that is still on the way goes back to where it was picked up.

    Raises:
        NotPermitted, WrongCourier, WrongTime.
        ConsignmentOver: nothing of it is on the way.
    """
    TABLE.require(by, "bring_back", place_code=consignment.origin.place.code)
    with transaction.atomic():
        carried = _locked_consignment(consignment)
        _require_courier(carried, by)
        specimens = locked(Q(consignment=carried, state=SpecimenState.IN_TRANSIT))
        if carried.picked_up_at is None or not specimens:
            raise ConsignmentOver
        check_time(at, now, not_before=carried.picked_up_at)
        _put_down(carried, specimens, at, by, now)
        if carried.state in OPEN:
            _close(carried, 0, now)
        subject = ("diagnostics.consignment", carried.pk)
        mark(
            verb="bring_back",
            event="consignment_brought_back",
            subject=subject,
            by=by,
            now=now,
            specimens=len(specimens),
        )
    return specimens


def receive(
    *,
    lab: Lab,
    barcodes: Sequence[str],
    at: datetime,
    by: Actor,
    now: datetime,
    consignment: Consignment | None = None,
) -> Received:
    """A lab scanned what arrived, against the manifest when there is one; differences are told, never hidden.

    A specimen that is physically here is taken in even if it was planned elsewhere; what is missing stays with the
    courier until it is found or discarded as lost. The promise of the manifest is fulfilled by what it brought.

    Raises:
        NotPermitted: nobody of the lab.
        LabNotWorking: the lab is not verified, down or closed.
        NotABarcode: a scan that is no barcode of ours; nothing is taken in.
        WrongTime: in the future, or before the pick-up.
        ConsignmentOver: the manifest was received already, or is another lab's.
    """
    TABLE.require(by, "receive", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    wanted = read_barcodes(barcodes)
    with transaction.atomic():
        # The lab first: it cannot go down between this question and what is taken in.
        if Lab.objects.select_for_update(no_key=True).get(pk=lab.pk).state != LabState.ACTIVE:
            raise LabNotWorking
        manifests = locked_manifests(wanted)
        carried = _manifest(consignment, lab)
        on_paper = Q(consignment=carried) if carried else Q(pk__in=[])
        found = {each.label.barcode: each for each in locked(on_paper | Q(label__barcode__in=wanted))}
        result = _sorted_out(found, wanted, carried, lab)
        here = [*result.specimens, *result.unplanned]
        if here:
            check_time(at, now, not_before=max(each.picked_up_at or each.collected_at for each in here))
        advance(
            here, "receive", EventKind.RECEIVED, at=at, by=by, now=now, site=lab.site, lab=lab, received_at=at
        )
        _detach_unplanned(result.unplanned)
        if carried is not None:
            # Never picked up and not here either: back to those that wait at the site.
            _detach([each for each in result.missing if each.state == SpecimenState.COLLECTED], by, now)
            _close(carried, len(result.specimens), now)
        release_emptied([each for each in manifests if carried is None or each.pk != carried.pk], by, now)
        mark(
            verb="receive",
            event="specimens_received",
            subject=("diagnostics.lab", lab.pk),
            by=by,
            now=now,
            consignment=carried.pk if carried else None,
            specimens=len(here),
            missing=len(result.missing),
            unplanned=len(result.unplanned),
        )
    return result


def _put_down(
    carried: Consignment, specimens: list[Specimen], at: datetime, by: Actor, now: datetime
) -> None:
    """Back at the collection site, or in the lab whose waiting specimens went elsewhere because it was down."""
    origin = Lab.objects.filter(site=carried.origin_id).first()
    changes: dict[str, Any] = {"consignment": None, "picked_up_at": None}
    at_lab = [each for each in specimens if origin is not None and each.site_id != carried.origin_id]
    at_site = [each for each in specimens if each not in at_lab]
    kind = EventKind.BROUGHT_BACK
    advance(at_site, "bring back", kind, at=at, by=by, now=now, site=carried.origin, **changes)
    changes |= {"lab": origin, "received_at": at}
    advance(at_lab, "receive", kind, at=at, by=by, now=now, site=carried.origin, **changes)


def _sorted_out(
    found: dict[str, Specimen], wanted: list[str], carried: Consignment | None, lab: Lab
) -> Received:
    result = Received()
    for barcode in wanted:
        specimen = found.get(barcode)
        if specimen is None:
            result.refused.append((barcode, BarcodeUnknown.code))
        elif specimen.lab_id == lab.pk and specimen.state != SpecimenState.COLLECTED:
            result.refused.append((barcode, "already-here"))
        elif specimen.state not in (SpecimenState.COLLECTED, SpecimenState.IN_TRANSIT):
            result.refused.append((barcode, "wrong-state"))
        elif carried is not None and specimen.consignment_id == carried.pk:
            result.specimens.append(specimen)
        else:
            result.unplanned.append(specimen)
    if carried is not None:
        scanned = set(wanted)
        result.missing = [
            each
            for barcode, each in found.items()
            if barcode not in scanned and each.consignment_id == carried.pk
        ]
    return result


def _detach_unplanned(specimens: list[Specimen]) -> None:
    """Take them off the manifest that carried them, which then no longer waits for them."""
    strays = [each.pk for each in specimens if each.consignment_id is not None]
    Specimen.objects.filter(pk__in=strays).update(consignment=None)


def _detach(specimens: list[Specimen], by: Actor, now: datetime) -> None:
    Specimen.objects.filter(pk__in=[each.pk for each in specimens]).update(consignment=None)
    keep(specimens, EventKind.UNPLANNED, at=now, by=by, now=now)


def _manifest(consignment: Consignment | None, lab: Lab) -> Consignment | None:
    if consignment is None:
        return None
    carried = _locked_consignment(consignment)
    if carried.lab_id != lab.pk or carried.state not in OPEN:
        raise ConsignmentOver
    return carried


def _close(carried: Consignment, delivered: int, now: datetime) -> None:
    """Settle the promise with what arrived."""
    commitments.settle(carried, delivered=delivered, now=now)
    carried.closed_at = now
    carried.save(update_fields=["closed_at"])


def _locked_consignment(consignment: Consignment) -> Consignment:
    return (
        Consignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("origin__place", "lab__site__place", "lab_day")
        .get(pk=consignment.pk)
    )


def _require_courier(carried: Consignment, by: Actor) -> None:
    if by.user_id is None or carried.courier_id in (None, by.user_id):
        return
    if not by.has_role("coordinator"):
        raise WrongCourier
