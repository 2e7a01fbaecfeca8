"""Licences and the funds opened under them: only a licensed, active aggregator takes anything new."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.aid.cash_errors import (
    CodeBroken,
    LicenceNumberTaken,
    LicenceRefused,
    NotLicensed,
    NotQris,
    QrisTaken,
)
from kolaborasi.aid.emvco import BrokenCode, parse, qris_faults
from kolaborasi.aid.models import Fund, Licence, LicenceScope
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules.cash import HIGHEST_FEE, licence_fault
from kolaborasi.aid.services.record import mark
from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.partners.models import Partner, PartnerKind
from kolaborasi.partners.services import require_active
from kolaborasi.places.models import Place


def register_licence(
    *,
    partner: Partner,
    number: str,
    scope: str,
    fee: int,
    starts_date: date,
    ends_date: date,
    by: Actor,
    now: datetime,
    area: Place | None = None,
) -> Licence:
    """Note an aggregator's licence to collect from the public.

    Args:
        scope: one of `LicenceScope`.
        fee: the most it may keep, in hundredths of a per cent.
        ends_date: the first day it no longer holds.
        area: where it holds; None for all the country.

    Raises:
        NotPermitted: no coordinator of the area.
        LicenceRefused: no aggregator, no number, a fee above 10 %, an unknown scope or no days.
        LicenceNumberTaken.
    """
    TABLE.require(by, "register_licence", place_code=area.code if area else None)
    lawful = 0 <= fee <= HIGHEST_FEE and starts_date < ends_date and scope in LicenceScope.values
    named = number.strip() and number.isprintable() and len(number) <= 60
    if not (lawful and named and partner.kind == PartnerKind.AGGREGATOR):
        raise LicenceRefused
    with refusing({"aid_licence_number_is_once": LicenceNumberTaken}), transaction.atomic():
        licence = Licence.objects.create(
            partner=partner,
            number=number.strip(),
            scope=scope,
            area=area,
            fee=fee,
            starts_date=starts_date,
            ends_date=ends_date,
            registered_at=now,
        )
        subject = ("aid.licence", licence.pk)
        mark(verb="register_licence", event="licence_registered", subject=subject, by=by, now=now)
    return licence


def revoke_licence(*, licence: Licence, by: Actor, now: datetime) -> Licence:
    """End a licence at once; its funds take nothing new. Revoking twice changes nothing.

    Raises:
        NotPermitted: no coordinator of its area.
    """
    TABLE.require(by, "revoke_licence", place_code=licence.area.code if licence.area else None)
    with transaction.atomic():
        locked = Licence.objects.select_for_update(no_key=True).get(pk=licence.pk)
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save(update_fields=["revoked_at"])
            subject = ("aid.licence", licence.pk)
            mark(verb="revoke_licence", event="licence_revoked", subject=subject, by=by, now=now)
    return locked


def open_fund(*, licence: Licence, place: Place, qris: str, by: Actor, now: datetime) -> Fund:
    """Open a fund for the needs of a place, reached by the aggregator's own QRIS.

    Args:
        qris: the text of the QR code.

    Raises:
        NotPermitted: not of the aggregator.
        CodeBroken, NotQris: what is wrong with the code.
        PartnerNotActive, NotLicensed: the aggregator may take nothing new.
        QrisTaken.
    """
    TABLE.require(by, "open_fund", partner_id=licence.partner_id)
    try:
        faults = qris_faults(parse(qris))
    except BrokenCode as error:
        raise CodeBroken(error) from error
    if faults:
        raise NotQris(faults)
    with refusing({"aid_fund_qris_key": QrisTaken}), transaction.atomic():
        require_collecting(licence.pk, place, now)
        if Fund.objects.filter(qris=qris).exists():
            raise QrisTaken
        fund = Fund.objects.create(licence=licence, place=place, qris=qris, opened_at=now)
        mark(verb="open_fund", event="fund_opened", subject=("aid.fund", fund.pk), by=by, now=now)
    return fund


def require_collecting(licence_id: int, place: Place, now: datetime) -> Licence:
    """Refuse unless money may be taken under the licence for the place, and keep it so until the transaction ends.

    Raises:
        PartnerNotActive: the aggregator is frozen, paused or gone.
        NotLicensed: the licence does not hold, now or here.
    """
    require_active(Licence.objects.values_list("partner_id", flat=True).get(pk=licence_id))
    licence = (
        Licence.objects.select_for_update(of=("self",), no_key=True).select_related("area").get(pk=licence_id)
    )
    fault = licence_fault(licence.facts, place=place.code, on=localdate(now))
    if fault:
        raise NotLicensed(fault)
    return licence
