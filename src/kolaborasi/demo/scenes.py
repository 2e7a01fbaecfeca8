"""Small scenes that give every role something to do: needs that wait, promises on the way, a part delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from kolaborasi.aid.models import Cause, Need, NeedLine
from kolaborasi.aid.queries import lines_of
from kolaborasi.aid.rules import LineWish
from kolaborasi.aid.services import acknowledge, hand_over, pledge, register_need, verify_need
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.common.actors import Actor
from kolaborasi.demo import names
from kolaborasi.demo.accounts import DEMO
from kolaborasi.partners.models import Partner, PartnerKind, Site
from kolaborasi.partners.queries import actor_of
from kolaborasi.partners.services import appoint, appoint_official, enrol, open_site
from kolaborasi.people.models import User
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place
from kolaborasi.places.services import ensure_rw

INSTITUTIONS = 24
MEAL_DAYS = 14
MEALS = "makanan-siap-saji"


@dataclass(frozen=True)
class Scene:
    """What the scenes leave behind: day packs all institutions ask for."""

    institution_meals: int


def play(
    *,
    city: Partner,
    aggregator: Partner,
    users: Mapping[str, User],
    kelurahan: Mapping[str, Place],
    now: datetime,
) -> Scene:
    """Appoint the demo accounts, register institutions and their needs, and start some promises."""
    home = kelurahan[names.SCENE_KELURAHAN]
    rw = ensure_rw(kelurahan=home, number=names.SCENE_RW, by=DEMO, now=now)
    _appoint(city, aggregator, users, rw, now)
    actors = {key: actor_of(user, now) for key, user in users.items()}
    sites = _institutions(kelurahan, now)
    appoint(user=users["panti"], partner=sites[0].partner, role="partner_member", by=DEMO, now=now)
    actors["panti"] = actor_of(users["panti"], now)
    _rw_scene(rw, aggregator, actors, now)
    return Scene(_institution_scene(sites, aggregator, actors, now))


def _appoint(city: Partner, aggregator: Partner, users: Mapping[str, User], rw: Place, now: datetime) -> None:
    for key, role in (("koordinator", "coordinator"), ("verifikator", "verifier"), ("auditor", "auditor")):
        appoint_official(user=users[key], partner=city, role=role, by=DEMO, now=now)
    appoint_official(user=users["ketua-rw"], partner=city, role="rw_head", place=rw, by=DEMO, now=now)
    appoint(user=users["agregator"], partner=aggregator, role="partner_admin", by=DEMO, now=now)
    # A courier of the aggregator is one of its members too: that is what shows them its promises.
    for role in ("courier", "partner_member"):
        appoint(user=users["kurir"], partner=aggregator, role=role, by=DEMO, now=now)


def _institutions(kelurahan: Mapping[str, Place], now: datetime) -> list[Site]:
    """Homes spread evenly over the list of kelurahan, the first of them where the demo accounts are."""
    mainland = sorted(code for code in kelurahan if not code.startswith("31.01."))
    codes = [names.SCENE_KELURAHAN, *mainland[5 :: len(mainland) // (INSTITUTIONS - 1)]][:INSTITUTIONS]
    return [_institution(number, kelurahan[code], now) for number, code in enumerate(codes, start=1)]


def _institution(number: int, place: Place, now: datetime) -> Site:
    kind, name = names.institution(number)
    partner = enrol(
        name=name, kind=PartnerKind.SOCIAL, legal_id=f"CONTOH-P{number:02d}", place=place, by=DEMO, now=now
    )
    return open_site(
        partner=partner, place=place, kind=kind, name=name, address=f"Jalan Contoh {number}", by=DEMO, now=now
    )


def _rw_scene(rw: Place, aggregator: Partner, actors: Mapping[str, Actor], now: datetime) -> None:
    """One need waits for the verifier; of another a part is on the way, a part promised, a part unconfirmed."""
    head, soon = actors["ketua-rw"], localdate(now) + timedelta(days=7)
    register_need(
        place=rw,
        cause=Cause.INCOME,
        households=140,
        people=560,
        lines=[LineWish("sembako", 140, soon)],
        by=head,
        now=now,
    )
    need = register_need(
        place=rw,
        cause=Cause.ISOLATION,
        households=200,
        people=800,
        lines=[LineWish("masker-sabun", 200, soon)],
        by=head,
        now=now,
    )
    line = _opened(need, actors, now)
    tomorrow = localdate(now) + timedelta(days=1)
    on_the_way = pledge(
        need_line=line,
        donor=Donor(partner=aggregator, named=True),
        quantity=80,
        deliver_date=tomorrow,
        by=actors["agregator"],
        now=now,
    )
    hand_over(pledge=on_the_way.pledge, by=actors["kurir"], now=now)
    pledge(need_line=line, donor=Donor(), quantity=20, deliver_date=tomorrow, by=actors["warga"], now=now)
    visitor = Identity(name="Warga Contoh 18", email="warga18@contoh.invalid")
    pledge(
        need_line=line,
        donor=Donor(identity=visitor),
        quantity=10,
        deliver_date=tomorrow,
        by=Actor.visitor(),
        now=now,
    )


def _institution_scene(
    sites: list[Site], aggregator: Partner, actors: Mapping[str, Actor], now: datetime
) -> int:
    """Every institution asks for meals; the last still waits for the verifier, the first was partly served."""
    meals, needs = 0, []
    for number, site in enumerate(sites, start=1):
        residents = 24 + 7 * number
        meals += residents * MEAL_DAYS
        needs.append(_institution_need(site, residents, actors, now))
    for need in needs[1:-1]:
        verify_need(need=need, by=actors["verifikator"], now=now)
    line = _opened(needs[0], actors, now)
    tomorrow = localdate(now) + timedelta(days=1)
    promised = pledge(
        need_line=line,
        donor=Donor(partner=aggregator, named=True),
        quantity=200,
        deliver_date=tomorrow,
        by=actors["agregator"],
        now=now,
    )
    acknowledge(pledge=promised.pledge, received=120, by=actors["panti"], now=now, close=False)
    return meals


def _institution_need(site: Site, residents: int, actors: Mapping[str, Actor], now: datetime) -> Need:
    line = LineWish(MEALS, residents * MEAL_DAYS, localdate(now) + timedelta(days=MEAL_DAYS))
    return register_need(
        place=site.place,
        institution=site,
        cause=Cause.INSTITUTION,
        households=0,
        people=residents,
        lines=[line],
        by=actors["koordinator"],
        now=now,
    )


def _opened(need: Need, actors: Mapping[str, Actor], now: datetime) -> NeedLine:
    """The one line of a need, once the verifier has opened it."""
    opened = verify_need(need=need, by=actors["verifikator"], now=now)
    return lines_of([opened]).select_related("need__place").get()
