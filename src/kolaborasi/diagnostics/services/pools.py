"""Verbs on pools: make_pool, dissolve_pool; and which specimens and pools may go on a plate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import BarcodeUnknown, NeverReceived, PlateRefused, WrongLab
from kolaborasi.diagnostics.models import Lab, Pool, PoolMember, Specimen, Well
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.rules.pooling import LARGEST_POOL
from kolaborasi.diagnostics.services.journey import locked, read_barcodes
from kolaborasi.diagnostics.services.record import mark
from kolaborasi.diagnostics.states import RunState, SpecimenState

ON_ITS_WAY = (RunState.PLANNED, RunState.RUNNING)


def make_pool(*, lab: Lab, barcodes: Sequence[str], by: Actor, now: datetime) -> Pool:
    """Mix specimens into one tube, to be tested together first.

    Raises:
        NotPermitted: nobody of the lab.
        NotABarcode, BarcodeUnknown, NeverReceived, WrongLab: a specimen is not there to be pooled.
        PlateRefused: fewer than two, more than may be diluted, or one is in a pool or on a plate already.
    """
    TABLE.require(by, "make_pool", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    wanted = read_barcodes(barcodes)
    if not 2 <= len(wanted) <= LARGEST_POOL:
        raise PlateRefused(_("A pool mixes 2 to 10 specimens."), size=len(wanted))
    with transaction.atomic():
        specimens = present(lab, wanted)
        if _mixed(specimens.values()).exists():
            raise PlateRefused(_("A specimen is in another pool that was not read. Dissolve that one first."))
        planned = Well.objects.filter(specimen__in=specimens.values(), run__state=RunState.PLANNED)
        if planned.exists():
            raise PlateRefused(_("A specimen is on a plate that was not started. Give that plate up first."))
        pool = Pool.objects.create(lab=lab, made_at=now, size=len(specimens))
        PoolMember.objects.bulk_create(PoolMember(pool=pool, specimen=each) for each in specimens.values())
        subject = ("diagnostics.pool", pool.pk)
        mark(verb="make_pool", event="pool_made", subject=subject, by=by, now=now, size=pool.size)
    return pool


def dissolve_pool(*, pool: Pool, by: Actor, now: datetime) -> Pool:
    """Throw a mixture away that is on no plate; its specimens wait to be read alone or in another pool.

    Raises:
        NotPermitted: nobody of the lab.
        PlateRefused: it was read or dissolved, or is on a plate.
    """
    site = pool.lab.site
    TABLE.require(by, "dissolve_pool", place_code=site.place.code, partner_id=site.partner_id)
    with transaction.atomic():
        (held,) = _locked_pools([pool.pk])
        _require_open(held)
        held.dissolved_at = now
        held.save(update_fields=["dissolved_at"])
        subject = ("diagnostics.pool", pool.pk)
        mark(verb="dissolve_pool", event="pool_dissolved", subject=subject, by=by, now=now, size=held.size)
    return held


def present(lab: Lab, barcodes: Sequence[str], *, pools: Collection[Pool] = ()) -> dict[str, Specimen]:
    """Specimens that wait in the lab, by barcode, and those of pools; specimens and pools locked.

    Raises:
        BarcodeUnknown, NeverReceived, WrongLab: a specimen is not in the lab.
        PlateRefused: a specimen does not wait, or a pool cannot go on a plate.
    """
    members = PoolMember.objects.filter(pool__in=pools).values("specimen")
    found = {each.label.barcode: each for each in locked(Q(label__barcode__in=barcodes) | Q(pk__in=members))}
    for barcode in barcodes:
        _require_waiting(lab, found.get(barcode), barcode)
    for pool in _locked_pools([each.pk for each in pools]):
        _require_open(pool)
    for barcode in set(found) - set(barcodes):
        if found[barcode].lab_id != lab.pk or found[barcode].state != SpecimenState.RECEIVED:
            raise PlateRefused(
                _("A specimen of this pool does not wait here any more. Dissolve the pool."), barcode=barcode
            )
    return {barcode: found[barcode] for barcode in barcodes}


def require_unmixed(specimens: Collection[Specimen]) -> None:
    """Refuse locked specimens to be read alone while a pool waits that would read them too.

    Raises:
        PlateRefused: one is in a pool that was neither read nor dissolved.
    """
    found = _mixed(specimens).select_related("specimen__label").order_by("pk").first()
    if found is not None:
        barcode = found.specimen.label.barcode
        raise PlateRefused(
            _(
                "%(barcode)s is in pool %(pool)s, which was not read. Put that pool on the plate, or dissolve it first."
            )
            % {"barcode": barcode, "pool": found.pool_id},
            barcode=barcode,
            pool=found.pool_id,
        )


def _mixed(specimens: Collection[Specimen]) -> QuerySet[PoolMember]:
    """Where specimens are in pools that were neither read nor dissolved."""
    return PoolMember.objects.filter(
        specimen__in=specimens, pool__outcome="", pool__dissolved_at__isnull=True
    )


def _require_waiting(lab: Lab, specimen: Specimen | None, barcode: str) -> None:
    if specimen is None:
        raise BarcodeUnknown
    if specimen.lab_id is None:
        raise NeverReceived
    if specimen.lab_id != lab.pk:
        raise WrongLab
    if specimen.state != SpecimenState.RECEIVED:
        raise PlateRefused(_("A specimen is being read or has a result already."), barcode=barcode)


def _require_open(pool: Pool) -> None:
    if pool.outcome or pool.dissolved_at is not None:
        raise PlateRefused(_("This pool was read or dissolved already. Load the page again."), pool=pool.pk)
    if Well.objects.filter(pool=pool, run__state__in=ON_ITS_WAY).exists():
        raise PlateRefused(_("This pool is on a plate already. Give that plate up first."), pool=pool.pk)


def _locked_pools(ids: Sequence[int]) -> list[Pool]:
    return list(Pool.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
