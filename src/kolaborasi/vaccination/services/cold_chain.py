"""Verbs on temperatures, quarantine and opened vials."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Conflict
from kolaborasi.stock.models import Location
from kolaborasi.vaccination.errors import LotRefused
from kolaborasi.vaccination.models import (
    Quarantine,
    QuarantineReason,
    Session,
    StorageClass,
    StorageReading,
    VaccineLot,
    Vial,
    WasteReason,
)
from kolaborasi.vaccination.permissions import require_any
from kolaborasi.vaccination.rules import LotFault, is_excursion, lot_faults
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.supply import (
    facts_of,
    lose,
    partners_at,
    place_of,
    session_partners,
    shared_lot,
)

RANGES = {StorageClass.CHILLED: (20, 80), StorageClass.FROZEN: (-250, -150), StorageClass.ULTRA: (-900, -600)}
"""Tenths of a degree Celsius, both ends included."""
DISCARD_STAGE = 3
DECIDED = _("This was decided already. Load the page again.")


def log_storage(
    *,
    lot: VaccineLot,
    location: Location,
    tenths_celsius: int,
    by: Actor,
    now: datetime,
    vvm_stage: int | None = None,
    thawed: bool = False,
) -> StorageReading:
    """Keep a temperature, and the vial monitor when it was looked at; out of range the doses go into quarantine.

    Args:
        thawed: doses of a frozen product kept at 2 to 8 °C on purpose; their shelf life starts with the first such
            reading.

    Raises:
        NotPermitted: nobody of the place's or the lot's partner, coordinator or system.
    """
    require_any(
        by, "log_storage", place_code=place_of(location), partner_ids=[*partners_at(location), lot.owner_id]
    )
    chilled = thawed and lot.product.thawed_days is not None
    lowest, highest = RANGES[StorageClass.CHILLED if chilled else StorageClass(lot.product.storage)]
    excursion = is_excursion(tenths_celsius, lowest=lowest, highest=highest)
    with transaction.atomic():
        locked = VaccineLot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        if chilled and locked.thawed_until_date is None:
            locked.thawed_until_date = localdate(now) + timedelta(days=lot.product.thawed_days or 0)
        if vvm_stage is not None:
            locked.vvm_stage = max(vvm_stage, locked.vvm_stage or 1)
        locked.save(update_fields=["thawed_until_date", "vvm_stage"])
        reading = StorageReading.objects.create(
            lot=lot,
            location=location,
            at=now,
            tenths_celsius=tenths_celsius,
            vvm_stage=vvm_stage,
            excursion=excursion,
        )
        if excursion or (vvm_stage or 0) >= DISCARD_STAGE:
            why = QuarantineReason.EXCURSION if excursion else QuarantineReason.VVM
            _set_apart(lot, location, why, now)
        mark(
            verb="log_storage",
            event="storage_logged",
            subject=("vaccination.lot", lot.pk),
            by=by,
            now=now,
            location=location.pk,
            excursion=excursion,
        )
    return reading


def decide_quarantine(*, quarantine: Quarantine, fit: bool, by: Actor, now: datetime) -> Quarantine:
    """Say whether doses that were set apart may be given after all; unfit ones are written off.

    Raises:
        NotPermitted: nobody of the lot's owner, or coordinator: those who keep the place do not decide alone.
        Conflict: it was decided already.
    """
    require_any(
        by,
        "decide_quarantine",
        place_code=place_of(quarantine.location),
        partner_ids=[quarantine.lot.owner_id],
    )
    with transaction.atomic():
        locked = Quarantine.objects.select_for_update(no_key=True).get(pk=quarantine.pk)
        if locked.closed_at is not None:
            raise Conflict(DECIDED)
        locked.closed_at, locked.fit = now, fit
        locked.save(update_fields=["closed_at", "fit"])
        balance = locked.location.balance_set.filter(lot=locked.lot_id).first()
        if not fit and balance is not None and balance.on_hand:
            cold = locked.reason == QuarantineReason.EXCURSION
            lose(
                lot=locked.lot,
                location=locked.location,
                doses=balance.on_hand,
                reason=WasteReason.COLD_CHAIN if cold else WasteReason.VVM,
                verb="waste_doses",
                by=by,
                now=now,
            )
        mark(
            verb="decide_quarantine",
            event="quarantine_decided",
            subject=("vaccination.quarantine", quarantine.pk),
            by=by,
            now=now,
            fit=fit,
        )
    return locked


def open_vial(*, session: Session, lot: VaccineLot, by: Actor, now: datetime) -> Vial:
    """Open a vial in a session and start its clock.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        LotRefused: the lot may not be given, or no whole vial of it is left here.
    """
    require_any(by, "open_vial", place_code=session.site.place.code, partner_ids=session_partners(session))
    with transaction.atomic():
        # One at a time in a session: the doses of a vial are counted against what is on hand.
        Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        fresh = shared_lot(lot.pk)
        faults = lot_faults(facts_of(fresh, session.location), localdate(now))
        if fresh.product_id != session.product_id:
            faults.append(LotFault.OTHER_PRODUCT)
        if not faults and _unopened(session, fresh) < fresh.doses_per_vial:
            faults.append(LotFault.VIAL_EMPTY)
        if faults:
            raise LotRefused(faults, lot=lot.pk)
        vial = Vial.objects.create(
            lot=fresh,
            session=session,
            opened_at=now,
            discard_at=now + timedelta(minutes=fresh.product.opened_minutes),
            doses=fresh.doses_per_vial,
        )
        mark(
            verb="open_vial",
            event="vial_opened",
            subject=("vaccination.vial", vial.pk),
            by=by,
            now=now,
            lot=lot.pk,
        )
    return vial


def discard_vial(*, vial: Vial, by: Actor, now: datetime) -> Vial:
    """Close a vial; what is left in it is written off as left in an opened vial.

    Raises:
        NotPermitted: nobody of the session's partners, coordinator or system.
        Conflict: it is closed already.
    """
    session = vial.session
    require_any(by, "discard_vial", place_code=session.site.place.code, partner_ids=session_partners(session))
    with transaction.atomic():
        locked = Vial.objects.select_for_update(no_key=True).get(pk=vial.pk)
        if locked.closed_at is not None:
            raise Conflict(DECIDED)
        rest = locked.doses - locked.given - locked.wasted
        locked.wasted, locked.closed_at = locked.wasted + rest, now
        locked.save(update_fields=["wasted", "closed_at"])
        if rest:
            lose(
                lot=vial.lot,
                location=session.location,
                doses=rest,
                reason=WasteReason.OPEN_VIAL,
                verb="waste_doses",
                by=by,
                now=now,
            )
        mark(
            verb="discard_vial",
            event="vial_discarded",
            subject=("vaccination.vial", vial.pk),
            by=by,
            now=now,
            wasted=rest,
        )
    return locked


def _unopened(session: Session, lot: VaccineLot) -> int:
    balance = session.location.balance_set.filter(lot=lot.pk).first()
    opened = Vial.objects.filter(session=session, lot=lot, closed_at__isnull=True)
    in_vials: int = sum(opened.values_list(F("doses") - F("given") - F("wasted"), flat=True))
    on_hand: int = balance.on_hand if balance else 0
    return on_hand - in_vials


def _set_apart(lot: VaccineLot, location: Location, reason: QuarantineReason, now: datetime) -> None:
    Quarantine.objects.bulk_create(
        [Quarantine(lot=lot, location=location, reason=reason, opened_at=now)], ignore_conflicts=True
    )
