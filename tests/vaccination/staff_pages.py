"""What the tests of the staff pages share: sessions of today, people signed in, forms filled in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.partners.models import Partner, PartnerKind, Site, SiteKind
from kolaborasi.stock.models import Location
from kolaborasi.stock.services import site_location
from kolaborasi.vaccination import services
from kolaborasi.vaccination.facts import questions
from kolaborasi.vaccination.models import Recipient, Session, SessionKind, VaccineLot, Visit
from kolaborasi.vaccination.rules import Channel, Window
from kolaborasi.vaccination.services import Parts
from tests.factories import PartnerFactory, SiteFactory
from tests.hospitals.pages import fill, member, signed_in, text_of
from tests.vaccination.factories import government, hands, number, product

__all__ = ["coordinator", "fill", "member", "signed_in", "text_of"]
SYSTEM = Actor.system("test")


def lot_now(doses: int = 0, *, at: Location | None = None, days: int = 200, **given: Any) -> VaccineLot:
    """A lot that is good for some days from today."""
    now = utc_now()
    made = services.register_lot(
        product=product(given.pop("of", "coronavac")),
        code=given.pop("code", f"LOT{next(number):05d}"),
        expires_date=localdate(now) + timedelta(days=days),
        doses_per_vial=given.pop("per_vial", 10),
        owner=given.pop("owner", None) or government(),
        by=SYSTEM,
        now=now,
    )
    if doses and at is not None:
        services.receive_doses(lot=made, location=at, doses=doses, by=SYSTEM, now=now)
    return made


def session_now(
    *,
    doses: int = 20,
    site: Site | None = None,
    facility: Partner | None = None,
    day: date | None = None,
    open_: bool = True,
    with_lot: VaccineLot | None = None,
    **given: Any,
) -> Session:
    """A session of today (or another day) whose one window holds this moment, with doses of one lot."""
    now = utc_now()
    day = day or localdate(now)
    begin = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+07:00")
    planned = services.plan_session(
        site=site or SiteFactory(kind=SiteKind.VACCINATION),
        kind=given.pop("kind", SessionKind.FIXED),
        product=product(given.pop("of", "coronavac")),
        day=day,
        parts=Parts(
            facility=facility or PartnerFactory(kind=PartnerKind.HOSPITAL),
            vaccinator=PartnerFactory(),
            stock_owner=government(),
        ),
        windows=[
            Window(
                begin,
                begin + timedelta(hours=24),
                given.pop("quotas", {Channel.BOOKING: 20, Channel.WALK_IN: 20}),
            )
        ],
        vaccinators=10,
        by=SYSTEM,
        now=now,
        **given,
    )
    if doses:
        held = with_lot or lot_now()
        services.receive_doses(lot=held, location=planned.location, doses=doses, by=SYSTEM, now=now)
    return services.open_session(session=planned, by=SYSTEM, now=now) if open_ else planned


def hand(of: Session, role: str = "partner_member") -> Client:
    """Somebody of the facility of a session, signed in."""
    return signed_in(member(role, partner=of.facility))


def keeper(site: Site) -> Client:
    """Somebody who keeps the store of a site, signed in."""
    return signed_in(member("partner_member", partner=site.partner))


def coordinator() -> Client:
    """A coordinator of the whole city, signed in."""
    return signed_in(member("coordinator"))


def warehouse(owner: Partner | None = None) -> Location:
    """A store of the government."""
    return site_location(SiteFactory(partner=owner or government(), kind=SiteKind.WAREHOUSE))


def came(of: Session, who: Recipient) -> Visit:
    """Somebody with a number in the queue."""
    return services.check_in(session=of, recipient=who, by=hands(of), now=utc_now())


def fit(of: Session, who: Recipient) -> Visit:
    """Somebody who was screened and may have the dose."""
    visit, answers = came(of, who), {question.code: False for question in questions()}
    services.screen(visit=visit, answers=answers, by=hands(of), now=utc_now())
    visit.refresh_from_db()
    return visit
