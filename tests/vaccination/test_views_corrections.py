"""The corrections desk and the public page on coverage."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.clock import utc_now
from kolaborasi.people import queries as people
from kolaborasi.people.services import Identity
from kolaborasi.vaccination import services
from kolaborasi.vaccination.charts import shares_by_area, stacked
from kolaborasi.vaccination.models import Correction, CorrectionKind, Dose, Recipient, Session
from tests.factories import PartnerFactory
from tests.support import assert_same_queries
from tests.vaccination.factories import government, hands, product, recipient
from tests.vaccination.staff_pages import (
    SYSTEM,
    came,
    coordinator,
    fill,
    fit,
    hand,
    member,
    session_now,
    signed_in,
    text_of,
)
from tests.vaccination.test_views_site import address, dose_form

pytestmark = pytest.mark.django_db
NIK, OTHER_NIK = "3171014107900001", "3171014107900008"
BORN = date(1990, 7, 1)


def known(nik: str, name: str = "Warga Contoh") -> Recipient:
    return services.enrol(identity=Identity(name=name, nik=nik), birth_date=BORN, by=SYSTEM, now=utc_now())


def vaccinated(nik: str) -> tuple[Session, Dose]:
    of = session_now()
    visit = fit(of, known(nik))
    hand(of).post(address(of, f"queue/{visit.number}/"), dose_form(of))
    return of, Dose.objects.get()


def opened(owner: Any, **given: Any) -> Correction:
    return services.open_correction(owner=owner, by=hands(session_now()), now=utc_now(), **given)


def here(correction: Correction, page: str = "") -> str:
    return f"/vaccination/corrections/{correction.pk}/{page}"


def test_correction_is_opened_with_an_owner_and_a_day() -> None:
    of, dose = vaccinated(NIK)
    form = fill(kind="misattributed-dose", code=NIK, dose_number=1, owner=of.facility_id, reference="12/A")
    hand(of).post("/vaccination/corrections/new/", form)
    made = Correction.objects.get()
    assert (made.dose, made.owner, (made.due_date - localdate()).days) == (dose, of.facility, 3)


def test_misattributed_dose_without_its_number_is_refused() -> None:
    of, _dose = vaccinated(NIK)
    form = fill(kind="misattributed-dose", code=NIK, owner=of.facility_id)
    assert hand(of).post("/vaccination/corrections/new/", form).status_code == 422
    assert Correction.objects.count() == 0


def test_dose_moves_to_the_right_person_and_the_wrong_record_stays_to_be_seen() -> None:
    of, dose = vaccinated(NIK)
    right = known(OTHER_NIK, "Warga Contoh Delapan")
    made = opened(of.facility, kind=CorrectionKind.MISATTRIBUTED_DOSE, dose=dose, recipient=dose.recipient)
    client = hand(of)
    client.post(here(made), fill(code=OTHER_NIK))
    dose.refresh_from_db()
    made.refresh_from_db()
    assert (dose.state, made.state, made.resulting_dose.recipient) == ("entered-in-error", "resolved", right)
    assert client.get(here(made)).status_code == 200


def test_wrong_nik_is_put_right() -> None:
    of, who = session_now(), known(NIK)
    came(of, who)
    made = opened(of.facility, kind=CorrectionKind.WRONG_IDENTITY, recipient=who)
    hand(of).post(here(made), fill(nik=OTHER_NIK))
    assert (people.find_by_nik(OTHER_NIK), people.find_by_nik(NIK)) == (who.pk, None)


def test_missing_dose_is_recorded_from_the_paper() -> None:
    of, who = session_now(), known(NIK)
    came(of, who)
    made = opened(of.facility, kind=CorrectionKind.MISSING_DOSE, recipient=who)
    form = fill(product=product().pk, number=1, given_date="2021-08-01", lot_code="AB12")
    hand(of).post(here(made), form)
    made.refresh_from_db()
    assert (made.state, made.resulting_dose.lot_code) == ("resolved", "AB12")


def test_nothing_said_is_refused_and_nothing_changes() -> None:
    of, who = session_now(), known(NIK)
    came(of, who)
    made = opened(of.facility, kind=CorrectionKind.WRONG_IDENTITY, recipient=who)
    assert hand(of).post(here(made), fill()).status_code == 422
    made.refresh_from_db()
    assert made.state == "open"


def test_rejection_keeps_where_the_reason_is() -> None:
    of, who = session_now(), known(NIK)
    came(of, who)
    made = opened(of.facility, kind=CorrectionKind.WRONG_IDENTITY, recipient=who)
    hand(of).post(here(made, "reject/"), fill(reference="ARSIP-7"))
    made.refresh_from_db()
    assert (made.state, made.reference) == ("rejected", "ARSIP-7")


def test_correction_of_another_owner_is_not_shown() -> None:
    of, who = session_now(), known(NIK)
    came(of, who)
    made = opened(of.facility, kind=CorrectionKind.WRONG_IDENTITY, recipient=who)
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.get(here(made)).status_code == 404
    assert stranger.post(here(made, "identity/")).status_code == 404
    assert signed_in(member("verifier")).get(here(made)).status_code == 200


def test_name_is_shown_on_asking_and_the_look_is_on_record() -> None:
    of, who = session_now(), known(NIK, "Warga Contoh Tujuh")
    came(of, who)
    made = opened(of.facility, kind=CorrectionKind.WRONG_IDENTITY, recipient=who)
    client = hand(of)
    assert "Warga Contoh Tujuh" not in text_of(client.get(here(made)))
    assert "Warga Contoh Tujuh" in text_of(client.post(here(made, "identity/")))
    assert AuditEntry.objects.filter(verb="people.look", subject_id=str(who.pk)).count() == 1


def test_list_costs_the_same_for_one_and_for_three() -> None:
    owner = government()
    client = signed_in(member("partner_member", partner=owner))
    assert_same_queries(
        5,
        ask=lambda: client.get("/vaccination/corrections/"),
        add_row=lambda: opened(owner, kind=CorrectionKind.WRONG_IDENTITY, recipient=recipient()),
    )


def test_coverage_is_public_and_counts_people_where_they_live() -> None:
    _of, dose = vaccinated(NIK)
    page = Client().get("/vaccination/coverage/")
    assert page.status_code == 200
    assert dose.site is not None
    rows = {row.code: row for row in page.context["list"].found}
    # One dose points at a person: it is counted and not shown.
    assert rows[dose.site.place.code].given_first is None
    assert rows[dose.site.place.code].first == 0


def test_bookings_not_served_stand_out() -> None:
    of = session_now(doses=1)
    visit = fit(of, recipient())
    booking = services.book(
        recipient=recipient(),
        slot=of.slots.select_related("session__site__place").get(),
        by=SYSTEM,
        now=utc_now(),
    ).booking
    balance = of.location.balance_set.get()
    services.waste_doses(
        lot=balance.lot.vaccine,
        location=of.location,
        doses=1,
        reason="broken",  # type: ignore[arg-type]
        by=SYSTEM,
        now=utc_now(),
    )
    hand(of).post(address(of, f"queue/{visit.number}/leave/"), fill())
    services.cancel_session(session=of, by=hands(of), now=utc_now())
    booking.refresh_from_db()
    assert booking.end_reason == "no-dose"
    assert coordinator().get("/vaccination/coverage/").context["outcomes"].not_served == 1


def test_coverage_costs_the_same_for_one_and_for_three() -> None:
    client = Client()

    def more() -> None:
        of = session_now()
        visit = fit(of, recipient())
        hand(of).post(address(of, f"queue/{visit.number}/"), dose_form(of))

    assert_same_queries(22, ask=lambda: client.get("/vaccination/coverage/"), add_row=more)


def test_file_of_coverage_has_every_kelurahan() -> None:
    vaccinated(NIK)
    answer = Client().get("/vaccination/coverage/", {"format": "csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2


def test_stacked_columns_have_the_height_of_their_sum() -> None:
    days = [date(2021, 7, 1), date(2021, 7, 2)]
    drawn = stacked(days, {"rumah sakit": {days[0]: 30, days[1]: 10}, "polisi": {days[0]: 10}})
    assert drawn is not None
    first = [piece for piece in drawn.pieces if piece.x < 200]
    assert [piece.value for piece in first] == [30, 10]
    assert sum(piece.height for piece in first) == 192.0
    assert [mark.value for mark in drawn.levels] == [0, 20.0, 40]
    assert stacked(days, {}) is None


def test_bars_stretch_beyond_a_hundred_per_cent_and_leave_unknown_targets_out() -> None:
    drawn = shares_by_area([("Pusat", 0.5, 2.0), ("Kepulauan", None, 1.0)])
    assert drawn is not None
    assert [(bar.name, bar.residents, bar.given) for bar in drawn.bars] == [("Pusat", 115.0, 460.0)]
    assert shares_by_area([("Kepulauan", None, None)]) is None
