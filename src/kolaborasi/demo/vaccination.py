"""Load the demonstration's vaccination programme: weeks of doses, sessions of the coming days, work for each account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.db import transaction
from django.utils import translation
from django.utils.timezone import get_default_timezone, localdate

from kolaborasi.common.actors import Actor
from kolaborasi.demo.accounts import DEMO, DemoAccount, open_account
from kolaborasi.demo.city import MARK
from kolaborasi.demo.offers import SEED
from kolaborasi.demo.queries import account_of, user_of
from kolaborasi.demo.vaccine_network import SITES, Network, SiteFact, open_network
from kolaborasi.partners.queries import actor_of, all_partners
from kolaborasi.partners.services import appoint, appoint_official
from kolaborasi.people.models import User
from kolaborasi.people.services import Identity, correct
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.errors import SlotFull
from kolaborasi.vaccination.facts import load_products, load_published, questions
from kolaborasi.vaccination.models import (
    AdverseKind,
    CorrectionKind,
    Dose,
    RecallReason,
    Recipient,
    Route,
    Session,
    Slot,
    VaccineLot,
    WasteReason,
)
from kolaborasi.vaccination.rules import NO_SHOW_AFTER, Channel, Window, shares
from kolaborasi.vaccination.services import Booked, PaperDose, Parts

OPEN_DAYS, DAYS = 3, 5
"""Days with open sessions, today included, and with planned ones, which wait for doses."""

QUOTAS: Mapping[str, Mapping[Channel, int]] = {
    # A vehicle's quota: 30 per cent by booking, 70 for the neighbourhood (ipol.id/2021/07/mobil-vaksin-keliling).
    "mobile": {Channel.BOOKING: 30, Channel.COLLECTIVE: 70},
    "community": {Channel.COLLECTIVE: 80, Channel.WALK_IN: 20},
    "workplace": {Channel.COLLECTIVE: 100},
    "home": {Channel.BOOKING: 100},
}
MIXED = {Channel.BOOKING: 60, Channel.RETURNING: 20, Channel.WALK_IN: 20}
LOT_OF = {"coronavac": "sinovac", "astrazeneca": "az", "comirnaty": "pfizer", "bbibp-corv": "sinopharm"}
PAST = (
    ("sentra", -35, "sinovac", slice(0, 21)),
    ("kampus", -30, "az", slice(52, 66)),
    ("rumah-sakit", -23, "pfizer", slice(36, 52)),
    ("gelanggang", -21, "sinovac-tarik", slice(21, 36)),
    ("kantor", -14, "sinopharm", slice(66, 76)),
    ("sentra", -7, "sinovac", slice(0, 12)),
    ("mobil-pagi", -6, "az-dekat", slice(76, 84)),
    ("rumah", -4, "sinovac", slice(84, 90)),
    ("rumah-sakit", -2, "pfizer", slice(36, 46)),
)
"""Sessions of the past: site, day, lot, and which of the generated people came; some come twice, some are overdue."""

BOOKERS, WAITERS, YESTERDAY = slice(90, 130), slice(130, 142), slice(142, 154)
PEOPLE = 154
FULL = 4
"""Places of the session that is full, so that a waiting list makes sense."""


@dataclass(frozen=True)
class Programme:
    """What loading did: whether it was new, sessions of the coming days, doses on record."""

    fresh: bool
    sessions: int
    doses: int


def load_programme(*, now: datetime, seed: int = SEED) -> Programme:
    """Load the vaccination programme unless it is there, all or nothing.

    Raises:
        Partner.DoesNotExist: the demonstration city is not loaded.
    """
    load_products()
    with transaction.atomic(), translation.override("id"):
        fresh = not queries.lots().exists()
        if fresh:
            load_published(by=DEMO, now=now)
            _fill(now, seed)
        return Programme(fresh, queries.bookable_sessions(now).count(), queries.doses_on_record())


def _fill(now: datetime, seed: int) -> None:
    kelurahan = {place.code: place for place in places_of_kind(Kind.KELURAHAN)}
    network = open_network(kelurahan, now)
    hands = _appoint(network, now)
    people = _people(network, kelurahan, now, seed)
    people[20] = _resident(network, now)
    for site, day, lot, came in PAST:
        _past_session(network, site, day, network.lots[lot], people[came], now)
    services.recall_lot(lot=network.lots["sinovac-tarik"], reason=RecallReason.QUALITY, by=DEMO, now=now)
    _yesterday(network, people[YESTERDAY], hands, now)
    sessions = [_coming(network, fact, day, now) for day in range(DAYS) for fact in SITES]
    opened = [session for session in sessions if session.state == "open"]
    _bookings(opened, people[BOOKERS], people[20], now)
    _waiting(network, people[WAITERS], now)
    _queue(opened[0], hands, now)
    _cold_chain(network, now)
    _reports(network, people, now)
    services.issue_certificates(recipients=people[:90], by=DEMO, now=now)
    planner = _actor("perencana-vaksin", now)
    services.propose_supply(
        store=network.stores["pusat"], start=localdate(now), days=DAYS, by=planner, now=now
    )


def _account(key: str, now: datetime) -> User:
    account: DemoAccount | None = account_of(key)
    if account is None:
        raise ValueError(f"no demo account {key}")
    return user_of(account) or open_account(account, now)


def _actor(key: str, now: datetime) -> Actor:
    return actor_of(_account(key, now), now)


def _appoint(network: Network, now: datetime) -> Actor:
    """Give the accounts their roles; the vaccinator as actor."""
    partners = network.partners
    appoint(
        user=_account("vaksinator", now), partner=partners["klinik"], role="partner_member", by=DEMO, now=now
    )
    appoint(
        user=_account("gudang-vaksin", now), partner=partners["dinas"], role="partner_admin", by=DEMO, now=now
    )
    city = all_partners().get(legal_id=MARK)
    appoint_official(
        user=_account("perencana-vaksin", now), partner=city, role="coordinator", by=DEMO, now=now
    )
    return _actor("vaksinator", now)


def _people(network: Network, kelurahan: Mapping[str, Place], now: datetime, seed: int) -> list[Recipient]:
    """Invented people of 18 to 85 years; a passport number nobody has, because any NIK could be somebody's."""
    generator = np.random.default_rng([seed, 21])
    homes = sorted(code for code in kelurahan if not code.startswith("31.01."))
    own = {fact.code for fact in SITES if fact.residents}
    near = sorted(own)
    today, made = localdate(now), []
    for number in range(1, PEOPLE + 1):
        code = near[number % len(near)] if number % 3 else str(generator.choice(homes))
        age = int(generator.integers(18, 86))
        made.append(
            services.enrol(
                identity=Identity(name=f"Peserta Contoh {number}", passport=f"CONTOH{number:04d}"),
                birth_date=date(today.year - age - 1, int(generator.integers(1, 13)), 15),
                residence=kelurahan[code],
                by=DEMO,
                now=now - timedelta(days=40),
            )
        )
    return made


def _resident(network: Network, now: datetime) -> Recipient:
    """The person behind the resident's account, with an address that messages reach."""
    person = _account("peserta-vaksin", now).person
    if person is None:
        raise ValueError("a demo account has a person")
    correct(person=person, changes={"passport": "CONTOH9001"}, by=DEMO, now=now)
    return services.enrol(
        identity=Identity(name="Peserta Contoh 901", passport="CONTOH9001"),
        birth_date=date(1990, 5, 17),
        residence=network.home,
        by=DEMO,
        now=now - timedelta(days=40),
    )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), get_default_timezone())


def _session(network: Network, fact: SiteFact, day: date, people: int, planned_at: datetime) -> Session:
    hours = {0: (8, 10, 13), 1: (8, 10), 2: (13, 15)}[fact.half]
    quotas = shares(people, QUOTAS.get(fact.kind, MIXED))
    facility, partners, site = network.partners[fact.facility], network.partners, network.sites[fact.key]
    return services.plan_session(
        site=site,
        kind=fact.kind,
        product=network.products[fact.product],
        day=day,
        parts=Parts(
            facility=facility,
            vaccinator=facility,
            stock_owner=partners["dinas"],
            registrar=partners["aplikasi"],
            sponsor=partners[fact.sponsor] if fact.sponsor else None,
        ),
        windows=[Window(_at(day, hour), _at(day, hour + 2), quotas) for hour in hours],
        vaccinators=max(1, people // 8),
        residents_of=site.place if fact.residents else None,
        by=DEMO,
        now=planned_at,
    )


def _past_session(
    network: Network, key: str, day: int, lot: VaccineLot, came: Sequence[Recipient], now: datetime
) -> None:
    """A session that is over: doses brought, given as on paper, one wasted, the rest returned."""
    fact = next(each for each in SITES if each.key == key)
    when = localdate(now) + timedelta(days=day)
    start, store = _at(when, 8), network.stores["pusat"]
    planned = _session(network, fact, when, max(8, len(came)), start - timedelta(days=5))
    session = services.open_session(session=planned, by=DEMO, now=start - timedelta(days=4))
    doses = len(came) + 4
    services.move_doses(lot=lot, source=store, target=session.location, doses=doses, by=DEMO, now=start)
    rows = [
        PaperDose(who, lot, start + timedelta(minutes=5 * turn), Route.LEFT_ARM)
        for turn, who in enumerate(came)
    ]
    end = start + timedelta(hours=8)
    services.record_doses(session=session, rows=rows, by=DEMO, now=end)
    keeper = _actor("gudang-vaksin", now)
    services.waste_doses(
        lot=lot, location=session.location, doses=1, reason=WasteReason.OPEN_VIAL, by=DEMO, now=end
    )
    services.return_doses(lot=lot, source=session.location, target=store, doses=3, by=keeper, now=end)
    services.close_session(session=session, by=keeper, now=end)


def _yesterday(network: Network, came: Sequence[Recipient], hands: Actor, now: datetime) -> None:
    """A session with every outcome of a booking: given, cancelled, deferred, not come; its vial is discarded."""
    when = localdate(now) - timedelta(days=1)
    fact, start = SITES[0], _at(when, 8)
    lot, store = network.lots["sinovac"], network.stores["pusat"]
    planned = _session(network, fact, when, 20, start - timedelta(days=5))
    session = services.open_session(session=planned, by=DEMO, now=start - timedelta(days=4))
    services.move_doses(lot=lot, source=store, target=session.location, doses=12, by=DEMO, now=start)
    slot, booked_at = _slots(session)[0], start - timedelta(days=2)
    booked = [services.book(recipient=who, slot=slot, by=DEMO, now=booked_at) for who in came]
    services.cancel_booking(booking=booked[0].booking, by=DEMO, now=start - timedelta(days=1))
    vial = services.open_vial(session=session, lot=lot, by=hands, now=start)
    for turn, each in enumerate(booked[1:9]):
        at = start + timedelta(minutes=6 * turn)
        visit = services.check_in(session=session, booking=each.booking, by=hands, now=at)
        services.screen(visit=visit, answers=_answers(fever=turn == 7), by=hands, now=at)
        if turn < 7:
            visit.refresh_from_db()
            dose = services.give_dose(visit=visit, lot=lot, vial=vial, route=Route.LEFT_ARM, by=hands, now=at)
            services.end_observation(dose=dose, by=hands, now=at + timedelta(minutes=30))
    services.mark_no_shows(session=session, by=hands, now=start + timedelta(hours=4), after=NO_SHOW_AFTER)
    end = start + timedelta(hours=8)
    services.discard_vial(vial=vial, by=hands, now=end)
    rest = queries.doses_left(session)
    keeper = _actor("gudang-vaksin", now)
    services.return_doses(lot=lot, source=session.location, target=store, doses=rest, by=keeper, now=end)
    services.close_session(session=session, by=hands, now=end)


def _coming(network: Network, fact: SiteFact, day: int, now: datetime) -> Session:
    """A session of today or a coming day: the first days open with doses there or on their way, the later ones planned."""
    when, made = localdate(now) + timedelta(days=day), now - timedelta(days=3)
    people = FULL if (fact.key, day) == ("gelanggang", 1) else fact.people
    session = _session(network, fact, when, people, made)
    if day >= OPEN_DAYS:
        return session
    lot, doses = network.lots[LOT_OF[fact.product]], people * len(_slots(session))
    store = network.stores["pusat"]
    if day:
        services.send_doses(
            lot=lot, source=store, target=session.location, doses=doses, arrives_date=when, by=DEMO, now=made
        )
    else:
        services.move_doses(lot=lot, source=store, target=session.location, doses=doses, by=DEMO, now=made)
    return services.open_session(session=session, by=DEMO, now=made)


def _slots(session: Session) -> list[Slot]:
    return list(session.slots.select_related("session__site__place"))


def _answers(*, fever: bool = False) -> dict[str, bool]:
    return {question.code: fever and question.code == "fever" for question in questions()}


def _bookings(
    sessions: Sequence[Session], people: Sequence[Recipient], resident: Recipient, now: datetime
) -> None:
    """Bookings made in the last days: for today, for a session that is full, and some for later."""
    asked = now - timedelta(days=2)
    of = {(session.site.name, session.date): session for session in sessions}
    today = localdate(now)
    centre, hall = SITES[0].name, SITES[3].name
    wanted = [
        (of[centre, today], 14),
        (of[hall, today + timedelta(days=1)], FULL * 3),
        (of[centre, today + timedelta(days=1)], 8),
    ]
    rest = iter(people)
    for session, count in wanted:
        slots = _slots(session)
        for turn in range(count):
            _book(next(rest), slots[turn % len(slots)], asked)
    services.book(
        recipient=resident, slot=_slots(of[centre, today + timedelta(days=2)])[0], by=DEMO, now=asked
    )


def _book(who: Recipient, slot: Slot, now: datetime) -> Booked | None:
    for channel in (Channel.BOOKING, Channel.WALK_IN, Channel.COLLECTIVE):
        try:
            return services.book(recipient=who, slot=slot, channel=channel, by=DEMO, now=now)
        except SlotFull:
            continue
    return None


def _waiting(network: Network, people: Sequence[Recipient], now: datetime) -> None:
    """People who wait for a place around the hall, whose session tomorrow is full."""
    hall = network.sites["gelanggang"].place
    for turn, who in enumerate(people):
        joined = now - timedelta(hours=30 - turn)
        services.join_waiting_list(recipient=who, place=hall, by=DEMO, now=joined)


def _queue(session: Session, hands: Actor, now: datetime) -> None:
    """Today at the vaccinator's site: some wait, one is screened, one was just given and is watched."""
    booked = list(queries.bookings_of_session(session)[:7])
    lot = queries.balances_of(session.location)[0].lot.vaccine
    vial = services.open_vial(session=session, lot=lot, by=hands, now=now - timedelta(minutes=30))
    for turn, booking in enumerate(booked):
        at = now - timedelta(minutes=25 - 3 * turn)
        visit = services.check_in(session=session, booking=booking, by=hands, now=at)
        if turn < 3:
            services.screen(visit=visit, answers=_answers(), by=hands, now=at)
        if turn < 2:
            visit.refresh_from_db()
            services.give_dose(
                visit=visit,
                lot=lot,
                vial=vial,
                route=Route.LEFT_ARM,
                by=hands,
                now=at,
                entry_key=f"contoh-{turn}",
            )


def _cold_chain(network: Network, now: datetime) -> None:
    """A week of readings of one lot, a vial monitor that has begun to turn, and an excursion that waits for a decision."""
    lots, stores = network.lots, network.stores
    for day in range(7, 0, -1):
        at = now - timedelta(days=day)
        services.log_storage(
            lot=lots["sinovac"],
            location=stores["pusat"],
            tenths_celsius=40 + day,
            vvm_stage=1,
            by=DEMO,
            now=at,
        )
    services.log_storage(
        lot=lots["sinovac-dekat"], location=stores["pusat"], tenths_celsius=51, vvm_stage=2, by=DEMO, now=now
    )
    services.log_storage(
        lot=lots["az"], location=stores["timur"], tenths_celsius=114, by=DEMO, now=now - timedelta(hours=2)
    )


def _reports(network: Network, people: Sequence[Recipient], now: datetime) -> None:
    """Two adverse events, one of them serious, and two corrections that wait for their owner."""
    clinic = network.partners["klinik"]
    first, second, wrong = (_dose_of(people[number]) for number in (0, 40, 85))
    keeper = _actor("gudang-vaksin", now)
    for dose, kind, serious in ((first, AdverseKind.FEVER, False), (second, AdverseKind.ALLERGY, True)):
        services.report_adverse_event(
            dose=dose,
            kind=kind,
            onset_at=dose.given_at + timedelta(hours=6),
            serious=serious,
            by=keeper,
            now=now,
        )
    services.open_correction(
        kind=CorrectionKind.MISATTRIBUTED_DOSE,
        dose=wrong,
        right_recipient=people[120],
        owner=clinic,
        reference="CONTOH/01",
        by=DEMO,
        now=now - timedelta(days=1),
    )
    services.open_correction(
        kind=CorrectionKind.WRONG_IDENTITY,
        recipient=people[5],
        owner=clinic,
        reference="CONTOH/02",
        by=DEMO,
        now=now - timedelta(days=8),
    )


def _dose_of(who: Recipient) -> Dose:
    return queries.doses_of(who).get(number=1)
