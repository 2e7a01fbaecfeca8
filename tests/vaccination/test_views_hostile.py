"""Pages under bad input and many rows: days to come, everything approved at once, lots of others, fixed numbers of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate, localtime

from kolaborasi.common.clock import utc_now
from kolaborasi.people.services import Identity
from kolaborasi.stock.models import Shipment
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import AdverseEvent, CorrectionKind, Dose, SupplyLine, SupplyPlan
from tests.support import assert_same_queries
from tests.vaccination.factories import government, hands, product, recipient
from tests.vaccination.staff_pages import (
    SYSTEM,
    coordinator,
    fill,
    fit,
    hand,
    lot_now,
    member,
    session_now,
    signed_in,
    text_of,
    warehouse,
)
from tests.vaccination.test_views_plans import proposed
from tests.vaccination.test_views_site import address, dose_form

pytestmark = pytest.mark.django_db


def lines_of(plan: SupplyPlan, count: int) -> None:
    """More lines like the one of a plan, on later days."""
    first = SupplyLine.objects.filter(plan=plan).first()
    assert first is not None
    SupplyLine.objects.bulk_create(
        SupplyLine(
            plan=plan,
            lot_id=first.lot_id,
            target_id=first.target_id,
            arrives_date=first.arrives_date + timedelta(days=SupplyLine.objects.count()),
            doses=1,
            reasons=first.reasons,
        )
        for _turn in range(count)
    )


def test_all_lines_are_asked_about_sent_once_and_those_that_cannot_go_say_why() -> None:
    plan = proposed()
    first = SupplyLine.objects.get()
    lines_of(plan, 1)
    bad = lot_now(5, at=plan.store)
    services.recall_lot(lot=bad, reason="quality", by=SYSTEM, now=utc_now())  # type: ignore[arg-type]
    SupplyLine.objects.exclude(pk=first.pk).update(lot=bad)
    client, page = coordinator(), f"/vaccination/plans/{plan.pk}/approve/"
    assert client.get(page).status_code == 200
    assert Shipment.objects.count() == 0
    for _turn in range(2):
        assert client.post(page, fill()).status_code == 302
    assert list(SupplyLine.objects.order_by("pk").values_list("state", "refusal")) == [
        ("approved", ""),
        ("refused", "lot-refused"),
    ]
    assert Shipment.objects.get().quantity == first.doses


def test_all_lines_are_for_coordinators() -> None:
    plan = proposed()
    stranger = signed_in(member("partner_admin", partner=government()))
    assert stranger.post(f"/vaccination/plans/{plan.pk}/approve/", fill()).status_code == 403
    assert (SupplyLine.objects.get().state, Shipment.objects.count()) == ("proposed", 0)


def test_plan_costs_the_same_for_one_line_and_for_three() -> None:
    plan, client = proposed(), coordinator()
    assert SupplyLine.objects.count() == 1
    more = iter((0, 1, 1))
    assert_same_queries(
        6,
        ask=lambda: client.get(f"/vaccination/plans/{plan.pk}/"),
        add_row=lambda: lines_of(plan, next(more)),
    )


def event_now() -> AdverseEvent:
    of = session_now()
    visit = fit(of, recipient())
    hand(of).post(address(of, f"queue/{visit.number}/"), dose_form(of))
    dose = Dose.objects.latest("pk")
    now = utc_now()
    return services.report_adverse_event(
        dose=dose,
        kind="fever",  # type: ignore[arg-type]
        onset_at=now,
        serious=False,
        by=hands(of),
        now=now,
    )


def test_coordinator_of_the_whole_city_sees_sessions_stock_and_events_of_everybody() -> None:
    event, city = event_now(), coordinator()
    session = event.dose.session
    assert session is not None
    assert [row.pk for row in city.get("/vaccination/sessions/").context["list"].page] == [session.pk]
    assert [row.pk for row in city.get("/vaccination/events/").context["list"].page] == [event.pk]
    places = {row.location_id for row in city.get("/vaccination/stock/").context["list"].page}
    assert session.location_id in places


def test_adverse_events_cost_the_same_for_one_and_for_three() -> None:
    client = coordinator()
    assert_same_queries(5, ask=lambda: client.get("/vaccination/events/"), add_row=event_now)


def test_page_of_a_lot_costs_the_same_for_one_dose_and_for_three() -> None:
    lot, client = lot_now(), coordinator()

    def more() -> None:
        of = session_now(with_lot=lot)
        visit = fit(of, recipient())
        hand(of).post(address(of, f"queue/{visit.number}/"), dose_form(of))

    assert_same_queries(7, ask=lambda: client.get(f"/vaccination/lots/{lot.pk}/"), add_row=more)


def test_lots_of_others_are_named_and_lead_nowhere() -> None:
    own, other = lot_now(code="OWN1"), lot_now(code="OTHER1")
    client = signed_in(member("partner_member", partner=own.owner))
    page = client.get("/vaccination/lots/").content.decode()
    assert "OTHER1" in page
    assert f"/vaccination/lots/{own.pk}/" in page
    assert f"/vaccination/lots/{other.pk}/" not in page
    assert client.get(f"/vaccination/lots/{other.pk}/").status_code == 403


def test_reaction_that_has_not_begun_is_refused() -> None:
    of = session_now()
    visit = fit(of, recipient())
    client = hand(of)
    client.post(address(of, f"queue/{visit.number}/"), dose_form(of))
    later = localtime(utc_now() + timedelta(hours=2))
    form = fill(
        kind="fever",
        onset_date=later.date().isoformat(),
        onset_time=later.strftime("%H:%M"),
        outcome="recovering",
    )
    answer = client.post(address(of, f"doses/{Dose.objects.get().pk}/reaction/"), form)
    assert (answer.status_code, AdverseEvent.objects.count()) == (422, 0)


def test_missing_dose_of_tomorrow_is_refused_and_one_of_today_is_kept() -> None:
    office, who = government(), recipient()
    correction = services.open_correction(
        kind=CorrectionKind.MISSING_DOSE, owner=office, recipient=who, by=SYSTEM, now=utc_now()
    )
    client = signed_in(member("partner_member", partner=office))
    page = f"/vaccination/corrections/{correction.pk}/"
    form = {"product": product().pk, "number": 1, "lot_code": "AB12"}
    tomorrow = (localdate() + timedelta(days=1)).isoformat()
    assert client.post(page, fill(given_date=tomorrow, **form)).status_code == 422
    assert Dose.objects.count() == 0
    assert client.post(page, fill(given_date=localdate().isoformat(), **form)).status_code == 302
    correction.refresh_from_db()
    assert (correction.state, Dose.objects.get().number) == ("resolved", 1)


def test_lot_with_another_expiry_is_refused_at_its_field_and_nothing_is_received() -> None:
    place = warehouse()
    known = lot_now(code="SAME1", owner=place.site.partner)  # type: ignore[union-attr]
    client = signed_in(member("partner_member", partner=known.owner))
    form = fill(
        product=product().pk,
        code="same1",
        expires_date=(localdate() + timedelta(days=300)).isoformat(),
        doses_per_vial=10,
        owner=known.owner_id,
        location=place.pk,
        doses=5,
    )
    answer = client.post("/vaccination/stock/receive/", form)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"code"}
    assert known.lot.balance_set.count() == 0


def test_correction_desk_names_the_field_when_a_stranger_would_decide() -> None:
    who = services.enrol(
        identity=Identity(name="Warga Contoh", passport="CONTOH0009"),
        birth_date=localdate() - timedelta(days=12_000),
        by=SYSTEM,
        now=utc_now(),
    )
    stranger = session_now().facility
    client = signed_in(member("partner_admin", partner=stranger))
    form = fill(kind="wrong-identity", code="CONTOH0009", owner=stranger.pk)
    answer = client.post("/vaccination/corrections/new/", form)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"owner"}
    assert "Organisasi ini tidak terlibat" in text_of(answer)
    assert who.corrections.count() == 0
