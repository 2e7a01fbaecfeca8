"""Nothing is silently accepted: what changed since a booking, contradicting lots, impossible days, strangers who decide."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from kolaborasi.vaccination import errors, services
from kolaborasi.vaccination.models import (
    Booking,
    Correction,
    CorrectionKind,
    Dose,
    Recipient,
    Route,
    Session,
    VaccineLot,
    Visit,
)
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.services import Said
from tests.conftest import NOW
from tests.factories import PartnerFactory, staff
from tests.vaccination.factories import (
    DAY,
    EXPIRES,
    NINE,
    SYSTEM,
    government,
    hands,
    lot,
    product,
    recipient,
    screened,
    session,
    slot,
    store,
)

pytestmark = pytest.mark.django_db
BOTH = {Channel.BOOKING: 5, Channel.RETURNING: 5, Channel.WALK_IN: 5}


def had(who: Recipient, number: int = 1, *, days: int = 40, of: str = "coronavac") -> Dose:
    return services.record_elsewhere(
        recipient=who,
        product=product(of),
        number=number,
        given_at=NINE - timedelta(days=days),
        lot_code="X1",
        by=staff("verifier"),
        now=NOW,
    )


def booked_and_screened(of: Session, who: Recipient) -> Visit:
    services.book(recipient=who, slot=slot(of), by=SYSTEM, now=NOW)
    return screened(of, who, by=hands(of))


def give(visit: Visit, **more: object) -> Dose:
    with transaction.atomic():
        return services.give_dose(
            visit=visit,
            lot=VaccineLot.objects.filter(lot__balance__location=visit.session.location).get(),
            route=Route.LEFT_ARM,
            by=hands(visit.session),
            **{"now": NINE, **more},  # type: ignore[arg-type]
        )


def test_birth_date_that_was_corrected_after_booking_is_asked_again_at_the_dose() -> None:
    of, who = session(quotas=BOTH), recipient()
    visit = booked_and_screened(of, who)
    Recipient.objects.filter(pk=who.pk).update(birth_date=date(2019, 1, 1))
    with pytest.raises(errors.NotEligible) as refused:
        give(visit)
    assert refused.value.details["faults"] == ["under-age"]
    assert (Dose.objects.count(), Booking.objects.get().state) == (0, "confirmed")


def test_dose_given_before_the_day_of_the_session_keeps_the_interval() -> None:
    of, who = session(quotas=BOTH, day=DAY + timedelta(days=3)), recipient()
    had(who, days=26)
    visit = booked_and_screened(of, who)
    with pytest.raises(errors.NotEligible) as refused:
        give(visit)
    assert (refused.value.details["faults"], refused.value.details["earliest_date"]) == (
        ["too-early"],
        (DAY + timedelta(days=2)).isoformat(),
    )


def test_second_dose_whose_first_was_somebody_elses_is_recorded_as_the_first() -> None:
    of, who = session(quotas=BOTH), recipient()
    first = had(who)
    visit = booked_and_screened(of, who)
    Dose.objects.filter(pk=first.pk).update(state="entered-in-error")
    assert give(visit).number == 1
    assert Booking.objects.get().dose_number == 1


def test_entry_of_the_day_before_yesterday_is_refused_and_a_fast_clock_is_put_right() -> None:
    of = session(quotas=BOTH)
    visit = screened(of, recipient(), by=hands(of))
    with pytest.raises(errors.EntryTooOld):
        give(visit, given_at=NINE - timedelta(hours=25))
    assert Dose.objects.count() == 0
    assert give(visit, given_at=NINE + timedelta(hours=1)).given_at == NINE


def test_somebody_booked_elsewhere_has_the_dose_here_and_their_other_place_is_free() -> None:
    there, here = session(quotas=BOTH), session(quotas=BOTH)
    who = recipient()
    kept = services.book(recipient=who, slot=slot(there), by=SYSTEM, now=NOW).booking
    dose = give(screened(here, who, by=hands(here)))
    kept.refresh_from_db()
    assert (dose.booking_id, kept.session_id, kept.state, kept.channel) == (
        *(kept.pk, here.pk),
        *("fulfilled", "walk-in"),
    )
    assert slot(there).quotas.get(channel="booking").committed == 0


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"expires_date": EXPIRES + timedelta(days=30)}, ["expires_date"]),
        ({"doses_per_vial": 1}, ["doses_per_vial"]),
        ({"owner": None}, ["owner"]),
    ],
)
def test_lot_with_other_facts_than_on_record_is_refused(change: dict[str, object], fields: list[str]) -> None:
    known = lot(code="AB12")
    facts = {
        "product": product(),
        "code": "ab12",
        "expires_date": EXPIRES,
        "doses_per_vial": 10,
        "owner": known.owner,
    }
    assert services.register_lot(**facts, by=SYSTEM, now=NOW) == known  # type: ignore[arg-type]
    changed = {**facts, **change}
    changed["owner"] = changed["owner"] or government()
    with pytest.raises(errors.LotDiffers) as refused:
        services.register_lot(**changed, by=SYSTEM, now=NOW)  # type: ignore[arg-type]
    known.refresh_from_db()
    assert (refused.value.details["fields"], known.doses_per_vial) == (fields, 10)


def test_doses_are_not_sent_for_a_day_that_is_past_nor_to_a_session_that_cannot_use_them() -> None:
    source = store()
    held = lot(50, at=source)
    same, other = session(doses=0), session(doses=0, of="astrazeneca")
    over = session(doses=0)
    services.cancel_session(session=over, by=hands(over), now=NOW)
    today = DAY - timedelta(days=1)
    wrong = [
        (same, today - timedelta(days=30), "arrives_date"),
        (other, DAY, "target"),
        (over, DAY, "target"),
    ]
    for target, day, field in wrong:
        with pytest.raises(errors.BadArrival) as refused:
            services.send_doses(
                lot=held,
                source=source,
                target=target.location,
                doses=5,
                arrives_date=day,
                by=SYSTEM,
                now=NOW,
            )
        assert refused.value.details["field"] == field
    with pytest.raises(errors.BadArrival):
        services.move_doses(lot=held, source=source, target=other.location, doses=5, by=SYSTEM, now=NOW)
    assert held.lot.balance_set.get(location=source).on_hand == 50


def test_doses_from_elsewhere_stand_in_the_order_of_their_days() -> None:
    who = recipient()
    had(who, 1, days=40)
    with pytest.raises(errors.DoseOutOfOrder):
        had(who, 2, days=70)
    had(who, 2, days=10)
    assert Dose.objects.count() == 2


@pytest.mark.parametrize("kind", [CorrectionKind.WRONG_IDENTITY, CorrectionKind.MISATTRIBUTED_DOSE])
def test_partner_without_a_part_in_the_record_cannot_make_itself_the_judge(kind: CorrectionKind) -> None:
    of, who = session(quotas=BOTH), recipient()
    dose = give(screened(of, who, by=hands(of)))
    stranger = PartnerFactory()
    asked = {
        "kind": kind,
        "recipient": who,
        "dose": dose,
        "by": staff("partner_admin", partner_id=stranger.pk),
    }
    with pytest.raises(errors.NotTheirRecord):
        services.open_correction(owner=stranger, now=NINE, **asked)  # type: ignore[arg-type]
    assert Correction.objects.count() == 0
    for owner in (of.facility, of.site.partner, government()):
        services.open_correction(owner=owner, now=NINE, **asked)  # type: ignore[arg-type]
    assert Correction.objects.count() == 3


def test_site_that_is_said_to_have_given_a_missing_dose_decides() -> None:
    of, who = session(quotas=BOTH), recipient()
    asked = {"kind": CorrectionKind.MISSING_DOSE, "owner": of.facility, "recipient": who, "by": SYSTEM}
    with pytest.raises(errors.NotTheirRecord):
        services.open_correction(now=NINE, **asked)  # type: ignore[arg-type]
    said = Said(given_date=DAY, site=of.site)
    assert services.open_correction(now=NINE, said=said, **asked).owner == of.facility  # type: ignore[arg-type]


@pytest.mark.parametrize("birth", ["2030-01-01", "2021-07-25", "1850-01-01"])
def test_birth_date_in_the_future_after_a_dose_or_of_long_ago_is_refused(birth: str) -> None:
    of, who = session(quotas=BOTH), recipient()
    dose = give(screened(of, who, by=hands(of)))
    Dose.objects.filter(pk=dose.pk).update(given_at=NINE - timedelta(days=60))
    office = government()
    correction = services.open_correction(
        kind=CorrectionKind.WRONG_IDENTITY, owner=office, recipient=who, by=SYSTEM, now=NINE
    )
    by = staff("partner_member", partner_id=office.pk)
    with pytest.raises(errors.NotEligible), transaction.atomic():
        services.resolve_correction(correction=correction, birth_date=birth, by=by, now=NINE)
    who.refresh_from_db()
    correction.refresh_from_db()
    assert (who.birth_date, correction.state) == (date(1990, 1, 1), "open")


def test_dose_is_not_moved_to_the_person_it_is_taken_from() -> None:
    of, who = session(quotas=BOTH), recipient()
    dose = give(screened(of, who, by=hands(of)))
    correction = services.open_correction(
        kind=CorrectionKind.MISATTRIBUTED_DOSE, owner=of.facility, dose=dose, by=SYSTEM, now=NINE
    )
    by = staff("partner_member", partner_id=of.facility_id)
    with pytest.raises(errors.CorrectionIncomplete), transaction.atomic():
        services.resolve_correction(correction=correction, right_recipient=who, by=by, now=NINE)
    dose.refresh_from_db()
    assert (dose.state, Dose.objects.count()) == ("given", 1)


def test_session_with_people_in_the_queue_is_not_closed_and_called_off_they_go_home() -> None:
    of = session(doses=0, quotas=BOTH)
    by = hands(of)
    visit = services.check_in(session=of, recipient=recipient(), by=by, now=NINE)
    with pytest.raises(errors.StillBooked) as refused:
        services.close_session(session=of, by=by, now=NINE)
    assert refused.value.details["waiting"] == 1
    services.cancel_session(session=of, by=by, now=NINE)
    visit.refresh_from_db()
    assert (visit.state, visit.ended_at) == ("left", NINE)
    with pytest.raises(errors.SessionNotOpen):
        services.call_next(session=of, by=by, now=NINE)
