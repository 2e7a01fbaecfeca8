"""Factories of the vaccination programme: sessions with doses, people without surprises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from kolaborasi.common.actors import Actor, Role
from kolaborasi.partners.models import Partner, PartnerKind, Site, SiteKind
from kolaborasi.people.services import Identity, register
from kolaborasi.places.models import Place
from kolaborasi.stock.models import Location
from kolaborasi.stock.services import site_location
from kolaborasi.vaccination import services
from kolaborasi.vaccination.facts import load_products, questions
from kolaborasi.vaccination.models import (
    Group,
    IdentifiedBy,
    Product,
    Recipient,
    Session,
    SessionKind,
    Slot,
    VaccineLot,
    Visit,
)
from kolaborasi.vaccination.rules import Channel, Window
from kolaborasi.vaccination.services import Parts
from tests.conftest import NOW
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory, UserFactory

SYSTEM = Actor.system("test")
DAY = date(2021, 7, 13)
NINE = datetime.fromisoformat("2021-07-13T09:00:00+07:00")
EXPIRES = date(2021, 12, 31)
number = count(1)


def product(code: str = "coronavac") -> Product:
    """A product of the reference data."""
    if not Product.objects.exists():
        load_products()
    return Product.objects.get(code=code)


def government() -> Partner:
    """A government body with a store."""
    return PartnerFactory(kind=PartnerKind.GOVERNMENT)


def store(owner: Partner | None = None) -> Location:
    """A warehouse."""
    return site_location(SiteFactory(partner=owner or government(), kind=SiteKind.WAREHOUSE))


def lot(
    doses: int = 0,
    *,
    at: Location | None = None,
    code: str | None = None,
    expires: date = EXPIRES,
    of: str = "coronavac",
    per_vial: int = 10,
    owner: Partner | None = None,
) -> VaccineLot:
    """A lot, with doses at a place when asked."""
    made = services.register_lot(
        product=product(of),
        code=code or f"LOT{next(number):05d}",
        expires_date=expires,
        doses_per_vial=per_vial,
        owner=owner or government(),
        by=SYSTEM,
        now=NOW,
    )
    if doses and at is not None:
        services.receive_doses(lot=made, location=at, doses=doses, by=SYSTEM, now=NOW)
    return made


def session(
    *,
    doses: int = 20,
    quotas: Mapping[Channel, int] | None = None,
    windows: int = 1,
    of: str = "coronavac",
    site: Site | None = None,
    day: date = DAY,
    open_: bool = True,
    with_lot: VaccineLot | None = None,
    residents_of: Place | None = None,
    vaccinators: int = 100,
) -> Session:
    """A session from 9 o'clock in windows of an hour, with doses of one lot on hand."""
    site = site or SiteFactory(kind=SiteKind.VACCINATION)
    begin = NINE + (day - DAY)
    facility = PartnerFactory(kind=PartnerKind.HOSPITAL)
    planned = services.plan_session(
        site=site,
        kind=SessionKind.FIXED,
        product=product(of),
        day=day,
        parts=Parts(facility=facility, vaccinator=PartnerFactory(), stock_owner=government()),
        windows=[
            Window(
                begin + timedelta(hours=hour),
                begin + timedelta(hours=hour + 1),
                quotas or {Channel.BOOKING: 20},
            )
            for hour in range(windows)
        ],
        vaccinators=vaccinators,
        residents_of=residents_of,
        by=SYSTEM,
        now=NOW,
    )
    if doses:
        held = with_lot or lot(of=of)
        services.receive_doses(lot=held, location=planned.location, doses=doses, by=SYSTEM, now=NOW)
    return services.open_session(session=planned, by=SYSTEM, now=NOW) if open_ else planned


def slot(of: Session) -> Slot:
    """The first window of a session."""
    return of.slots.select_related("session__site__place").first()  # type: ignore[return-value]


def recipient(birth_date: date = date(1990, 1, 1), **identity: Any) -> Recipient:
    """Somebody visibly made up, without a number of their own."""
    residence = identity.pop("residence", None)
    person = register(identity=Identity(**{"name": "Warga Contoh", **identity}), by=SYSTEM, now=NOW)
    return Recipient.objects.create(
        person=person,
        birth_date=birth_date,
        group=Group.STAGE3,
        residence=residence,
        identified_by=IdentifiedBy.PASSPORT,
        enrolled_at=NOW,
    )


def hands(of: Session) -> Actor:
    """A vaccinator of the session's facility, with an account."""
    return Actor.user(UserFactory().pk, (Role("partner_member", of.facility_id),))


def screened(of: Session, who: Recipient, *, by: Actor, now: datetime = NINE, **yes: bool) -> Visit:
    """Somebody checked in and screened, fit unless an answer says otherwise."""
    visit = services.check_in(session=of, recipient=who, by=by, now=now)
    answers = {question.code: False for question in questions()} | {
        code.replace("_", "-"): value for code, value in yes.items()
    }
    services.screen(visit=visit, answers=answers, by=by, now=now)
    visit.refresh_from_db()
    return visit


def kelurahan() -> Place:
    """Another kelurahan each time."""
    return KelurahanFactory()
