"""Bookings by link, what somebody may have next, eligible people in bulk, corrections and the waiting list."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.timezone import get_default_timezone_name, localdate

from kolaborasi.commitments.states import CommitmentState
from kolaborasi.vaccination.errors import BookingUnknown
from kolaborasi.vaccination.models import (
    Booking,
    Correction,
    Dose,
    Product,
    Recipient,
    ScheduleRule,
    Session,
    Visit,
    WaitingWish,
)
from kolaborasi.vaccination.passes import booking_of_ticket
from kolaborasi.vaccination.rules import Eligibility, PastDose, Step, eligibility
from kolaborasi.vaccination.states import CorrectionState, DoseState, VisitState, WaitingState

PARTS = ("site__partner", "facility", "vaccinator", "stock_owner", "registrar")
WITH_WORDS = ("recipient__person", "quota__slot", "session__site__place", "session__product", "balance__lot")


def booking_by_link(token: str) -> Booking:
    """The booking of a secret link, or of the ticket that stands for it on a card.

    Raises:
        BookingUnknown: no booking has it.
    """
    ticket = booking_of_ticket(token)
    digest = hashlib.sha256(token.encode()).hexdigest()
    asked = {"link_hash": digest} if ticket is None else {"pk": ticket}
    found = Booking.objects.filter(**asked).select_related(*WITH_WORDS).first()
    if found is None:
        raise BookingUnknown
    return found


def bookings_of_session(session: Session) -> QuerySet[Booking]:
    """Bookings of a session by window, with recipients and visits."""
    return (
        Booking.objects.filter(session=session)
        .select_related(*WITH_WORDS, "visit")
        .order_by("quota__slot__starts_at", "pk")
    )


def recipient_of_account(user_id: int) -> Recipient | None:
    """The recipient behind an account, or None."""
    return Recipient.objects.filter(person__account__pk=user_id).select_related("person", "residence").first()


def recipient_by_id(pk: UUID) -> Recipient | None:
    """The recipient behind a person, or None."""
    return Recipient.objects.filter(pk=pk).select_related("person", "residence").first()


def concerned_with(recipient: Recipient) -> tuple[set[int | None], set[str]]:
    """Who has to do with a person now, and where.

    Returns:
        Partners with a part in a session where the person has an open booking, an open visit or a dose that stands,
        and those that own an open correction of their record; area codes of those sessions.
    """
    given = Dose.objects.filter(recipient=recipient, state=DoseState.GIVEN)
    booked = Booking.objects.filter(
        recipient=recipient, state__in=(CommitmentState.HELD, CommitmentState.CONFIRMED)
    )
    here = Visit.objects.filter(recipient=recipient).exclude(state__in=(VisitState.DONE, VisitState.LEFT))
    sessions = Session.objects.filter(
        Q(pk__in=given.values("session"))
        | Q(pk__in=booked.values("session"))
        | Q(pk__in=here.values("session"))
    )
    partners: set[int | None] = set()
    areas: set[str] = set()
    for area, *parts in sessions.values_list("site__place__code", *PARTS):
        areas.add(area)
        partners.update(parts)
    theirs = Q(recipient=recipient) | Q(dose__recipient=recipient) | Q(right_recipient=recipient)
    owners = Correction.objects.filter(theirs, state=CorrectionState.OPEN).values_list("owner", flat=True)
    return partners.union(owners), areas


def recipients_by_id(keys: Collection[UUID]) -> dict[UUID, Recipient]:
    """Recipients that are known, by key."""
    return {found.pk: found for found in Recipient.objects.filter(pk__in=keys)}


def step_of(rule: ScheduleRule) -> Step:
    """A stored rule as the decisions take it."""
    return Step(
        rule.product.code,
        rule.number,
        rule.previous.code if rule.previous else "",
        rule.min_days,
        rule.max_days,
        rule.min_age,
        rule.booster,
        rule.max_age,
    )


def steps_on(day: date) -> list[Step]:
    """The schedule rules in force on a day."""
    rules = ScheduleRule.objects.filter(starts_date__lte=day).exclude(ends_date__lte=day)
    return [step_of(rule) for rule in rules.select_related("product", "previous")]


def doses_of(recipient: Recipient) -> QuerySet[Dose]:
    """Doses of a person that stand, first dose first."""
    return (
        Dose.objects.filter(recipient=recipient, state=DoseState.GIVEN)
        .select_related("product", "site", "lot__lot", "session")
        .order_by("number")
    )


def dose_by_id(pk: int) -> Dose | None:
    """A dose with its product and session, or None."""
    return Dose.objects.filter(pk=pk).select_related("product", "session__site__place").first()


def history_of(recipient: Recipient) -> list[PastDose]:
    """Doses of a person that stand, as rules take them."""
    return [
        PastDose(dose.product.code, dose.number, localdate(dose.given_at)) for dose in doses_of(recipient)
    ]


def may_have(recipient: Recipient, product: Product, day: date) -> Eligibility:
    """Whether somebody may have a product on a day, as which dose, and otherwise from when."""
    return eligibility(
        birth_date=recipient.birth_date,
        history=history_of(recipient),
        steps=steps_on(day),
        product=product.code,
        day=day,
    )


def next_dose(recipient: Recipient, day: date) -> dict[str, Eligibility]:
    """For each product that may come next, whether and from when; empty when nothing is due."""
    history, steps = history_of(recipient), steps_on(day)
    codes = eligibility(
        birth_date=recipient.birth_date, history=history, steps=steps, product="", day=day
    ).products
    return {
        code: eligibility(
            birth_date=recipient.birth_date, history=history, steps=steps, product=code, day=day
        )
        for code in codes
    }


def eligible_people(
    product: Product, day: date, *, area: str | None = None, limit: int | None = None
) -> list[tuple[UUID, int, bool]]:
    """Everybody who may have a product on a day and has no next dose booked: person, dose number, whether overdue.

    One statement, whatever the number of people; the same rules as `rules.eligibility`, which a test compares.

    Args:
        area: code of the area of residence, at any depth.
    """
    parameters = {
        "product": product.pk,
        "day": day,
        "zone": get_default_timezone_name(),
        "area": area,
        "below": [f"{area}.%", f"{area}/%"],
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(ELIGIBLE, parameters)
        return [(person, number, overdue) for person, number, overdue in cursor.fetchall()]


ELIGIBLE = """
WITH step AS MATERIALIZED (
    SELECT number, previous_id, min_days, max_days, min_age, max_age FROM vaccination_schedulerule
    WHERE product_id = %(product)s AND starts_date <= %(day)s AND (ends_date IS NULL OR ends_date > %(day)s)
), last AS MATERIALIZED (
    SELECT DISTINCT ON (recipient_id) recipient_id, number, product_id,
        (given_at AT TIME ZONE %(zone)s)::date AS given_date
    FROM vaccination_dose WHERE state = 'given' ORDER BY recipient_id, number DESC
)
SELECT recipient.person_id, step.number,
    last.given_date IS NOT NULL AND step.max_days IS NOT NULL AND %(day)s > last.given_date + step.max_days
FROM vaccination_recipient AS recipient
LEFT JOIN last ON last.recipient_id = recipient.person_id
JOIN step ON step.number = COALESCE(last.number, 0) + 1 AND step.previous_id IS NOT DISTINCT FROM last.product_id
LEFT JOIN places_place AS home ON home.id = recipient.residence_id
WHERE recipient.birth_date <= %(day)s
    AND recipient.birth_date + make_interval(years => step.min_age) <= %(day)s
    AND (EXTRACT(MONTH FROM recipient.birth_date) <> 2 OR EXTRACT(DAY FROM recipient.birth_date) <> 29
        OR EXTRACT(YEAR FROM AGE(%(day)s, recipient.birth_date)) >= step.min_age)
    AND (step.max_age IS NULL OR EXTRACT(YEAR FROM AGE(%(day)s, recipient.birth_date)) <= step.max_age)
    AND (last.given_date IS NULL OR last.given_date + step.min_days <= %(day)s)
    AND (%(area)s::text IS NULL OR home.code = %(area)s OR home.code LIKE ANY(%(below)s))
    AND NOT EXISTS (SELECT FROM vaccination_booking AS booking
        WHERE booking.recipient_id = recipient.person_id AND booking.state IN ('held', 'confirmed'))
ORDER BY 3 DESC, last.given_date, recipient.birth_date, recipient.person_id
LIMIT %(limit)s
"""


def open_corrections(now: datetime) -> QuerySet[Correction]:
    """Requests that wait for a decision, the most pressing first."""
    return (
        Correction.objects.filter(state=CorrectionState.OPEN)
        .select_related("owner", "dose__product", "recipient")
        .order_by("due_date", "pk")
    )


def waiting_position(wish: WaitingWish) -> int:
    """How many wishes of the same area are before this one, plus one."""
    before = WaitingWish.objects.filter(
        state=WaitingState.WAITING, place=wish.place_id, joined_at__lt=wish.joined_at
    )
    return before.count() + 1


def bookings_about_to_expire(now: datetime, within: timedelta) -> QuerySet[Booking]:
    """Offers of the waiting list that end soon."""
    return Booking.objects.filter(state="held", held_until__lte=now + within).order_by("held_until")
