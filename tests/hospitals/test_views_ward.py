"""A hospital's own page: beds reported in one form, offers answered, patients admitted and discharged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import services
from kolaborasi.hospitals.models import BedPool, BedReport, Hospital, Placement
from kolaborasi.people.models import Person
from tests.factories import PartnerFactory
from tests.hospitals.factories import DISPATCHER, HospitalFactory, PoolFactory, referral
from tests.hospitals.factories import accepted as accepted_at
from tests.hospitals.factories import admitted as admitted_at
from tests.hospitals.factories import offered as offered_at
from tests.hospitals.pages import fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def pool(**given: Any) -> BedPool:
    now = utc_now()
    return PoolFactory(observed_at=now - timedelta(minutes=30), received_at=now, **given)


def counts(**values: int) -> dict[str, Any]:
    """A report of isolation beds with negative pressure."""
    return fill(**{f"isolation-np_{name}": value for name, value in values.items()})


def address(hospital: Hospital, page: str = "desk") -> str:
    return f"/hospitals/{hospital.pk}/{page}/"


def test_report_form_holds_the_last_numbers_of_every_class() -> None:
    found = pool(occupied=3, others=3, reported=2, limit=2)
    pool(hospital=found.hospital, bed_class="icu", staffed=7)
    form = staff(found.hospital.site).get(address(found.hospital, "report")).context["form"]
    assert [row.bed_class for row in form.rows] == ["isolation-np", "icu"]
    assert (form["isolation-np_staffed"].value(), form["isolation-np_occupied"].value()) == (5, 3)
    assert form["icu_staffed"].value() == 7


def test_report_is_taken_once_however_often_it_is_sent() -> None:
    found = pool()
    client, form = staff(found.hospital.site), counts(staffed=8, occupied=3)
    for _press in range(2):
        assert client.post(address(found.hospital, "report"), form)["Location"] == address(found.hospital)
    found.refresh_from_db()
    assert (found.staffed, found.occupied, found.left, found.source) == (8, 3, 5, "hospital")
    assert BedReport.objects.count() == 2


def test_class_that_was_never_reported_can_be_added() -> None:
    found = pool()
    form = counts(staffed=5, occupied=0) | {"icu_staffed": 2, "icu_occupied": 1}
    staff(found.hospital.site).post(address(found.hospital, "report"), form)
    made = BedPool.objects.get(bed_class="icu")
    assert (made.hospital, made.staffed, made.occupied) == (found.hospital, 2, 1)


def test_plus_and_minus_change_a_number_without_reporting() -> None:
    found = pool()
    client = staff(found.hospital.site)
    form = counts(staffed=8, occupied=3)
    more = client.post(address(found.hospital, "report"), form | {"step": "isolation-np_occupied+1"})
    assert more.status_code == 200
    assert more.context["form"]["isolation-np_occupied"].value() == "4"
    fewer = client.post(
        address(found.hospital, "report"), counts(staffed=0) | {"step": "isolation-np_staffed-1"}
    )
    assert fewer.context["form"]["isolation-np_staffed"].value() == "0"
    found.refresh_from_db()
    assert (found.staffed, BedReport.objects.count()) == (5, 1)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"staffed": 3, "occupied": 4}, "terisi"),
        ({"staffed": -1, "occupied": 0}, ""),
        ({"staffed": 20_000, "occupied": 0}, ""),
        ({"occupied": 3}, "Tulis berapa tempat tidur yang siap."),
        ({"staffed": 5, "occupied": 3, "cleaning": 4}, ""),
        ({}, "Tulis tempat tidur paling sedikit satu kelas."),
    ],
)
def test_impossible_report_keeps_what_was_typed_and_changes_nothing(
    values: dict[str, int], sentence: str
) -> None:
    found = pool()
    response = staff(found.hospital.site).post(address(found.hospital, "report"), counts(**values))
    assert response.status_code == 422
    assert response.context["form"].errors
    assert sentence in text_of(response)
    for name, value in values.items():
        assert response.context["form"][f"isolation-np_{name}"].value() == str(value)
    found.refresh_from_db()
    assert (found.staffed, BedReport.objects.count()) == (5, 1)


def test_hospital_outside_the_network_reports_nothing() -> None:
    hospital = HospitalFactory(network="outside")
    response = staff(hospital.site).post(address(hospital, "report"), counts(staffed=3, occupied=0))
    assert response.status_code == 422
    assert BedPool.objects.count() == 0


def test_fewer_beds_than_promised_show_the_patients_concerned_and_nobody_by_name() -> None:
    found = pool(staffed=2)
    held = accepted_at(found, utc_now())
    client = staff(found.hospital.site)
    client.post(address(found.hospital, "report"), counts(staffed=0, occupied=0))
    page = text_of(client.get(address(found.hospital)))
    assert "kurang 1 tempat tidur" in page
    assert f"P-{str(held.patient_id)[:8].upper()}" in page
    assert "Warga Contoh" not in page


def test_offer_is_accepted_from_the_desk_and_the_patient_admitted_and_discharged() -> None:
    found = pool()
    held = offered_at(found, utc_now())
    client, desk = staff(found.hospital.site), address(found.hospital)
    assert f"P-{str(held.patient_id)[:8].upper()}" in text_of(client.get(desk))
    assert (
        client.post(f"/hospitals/offers/{held.pk}/accept/?desk={found.hospital_id}", fill())["Location"]
        == desk
    )
    act = f"/hospitals/referrals/{held.referral_id}"
    assert client.post(f"{act}/admit/?desk={found.hospital_id}", fill())["Location"] == desk
    assert "Pulangkan pasien ini?" in text_of(client.get(f"{act}/discharge/"))
    client.post(f"{act}/discharge/?desk={found.hospital_id}", fill())
    held.refresh_from_db()
    found.refresh_from_db()
    assert (held.state, held.referral.state, found.committed) == ("fulfilled", "offered", 0) or (
        held.state == "fulfilled" and found.committed == 0
    )


def test_decline_needs_a_reason_and_asks_the_next_hospital() -> None:
    first, second = pool(), pool()
    held = services.offer(referral=referral(utc_now()), pools=[first, second], by=DISPATCHER, now=utc_now())
    client = staff(first.hospital.site)
    decline = f"/hospitals/offers/{held.pk}/decline/?desk={first.hospital_id}"
    assert client.post(decline, fill()).status_code == 422
    assert client.post(decline, fill(reason="no-staff")).status_code == 302
    assert [(each.pool_id, each.answer) for each in Placement.objects.order_by("pk")] == [
        (first.pk, "declined"),
        (second.pk, "pending"),
    ]


def test_offer_that_is_over_is_refused_with_the_reason() -> None:
    found = pool()
    held = offered_at(found, utc_now())
    services.withdraw_offer(placement=held, by=DISPATCHER, now=utc_now())
    response = staff(found.hospital.site).post(f"/hospitals/offers/{held.pk}/accept/", fill())
    assert response.status_code == 422
    assert "Tawaran ini sudah selesai" in text_of(response) or response.context["form"].errors


def test_stranger_and_visitor_do_nothing_at_a_hospital() -> None:
    found = pool()
    held = offered_at(found, utc_now())
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.get(address(found.hospital)).status_code == 403
    assert stranger.get(address(found.hospital, "report")).status_code == 403
    assert stranger.post(address(found.hospital, "report"), counts(staffed=9, occupied=0)).status_code == 403
    assert stranger.post(f"/hospitals/offers/{held.pk}/accept/", fill()).status_code == 404
    assert stranger.post(f"/hospitals/referrals/{held.referral_id}/admit/", fill()).status_code == 404
    assert stranger.get("/hospitals/mine/").status_code == 404
    assert Client().post(address(found.hospital, "report"), counts(staffed=9, occupied=0)).status_code == 302
    held.refresh_from_db()
    found.refresh_from_db()
    assert (held.answer, found.staffed, BedReport.objects.count()) == ("pending", 5, 1)


def test_member_does_not_pause_but_the_administrator_does() -> None:
    found = pool()
    pause = address(found.hospital, "part/pause")
    assert staff(found.hospital.site).post(pause, fill()).status_code == 403
    assert Hospital.objects.get(pk=found.hospital_id).network == "joined"
    admin = staff(found.hospital.site, "partner_admin")
    assert admin.post(pause, fill()).status_code == 302
    assert Hospital.objects.get(pk=found.hospital_id).network == "paused"
    admin.post(address(found.hospital, "part/resume"), fill())
    assert Hospital.objects.get(pk=found.hospital_id).network == "joined"


def test_request_to_convert_beds_is_answered() -> None:
    found = pool()
    asked = services.ask_conversion(
        hospital=found.hospital, bed_class=found.bed_class, beds=4, by=DISPATCHER, now=utc_now()
    )
    admin = staff(found.hospital.site, "partner_admin")
    assert "4 tempat tidur" in text_of(admin.get(address(found.hospital)))
    answer = address(found.hospital, f"conversions/{asked.pk}/agree")
    assert admin.post(answer, fill()).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "agreed"
    assert admin.get(answer).status_code == 404
    assert admin.post(answer, fill()).status_code == 422


def test_identity_is_shown_on_a_press_and_the_look_is_on_record() -> None:
    from kolaborasi.audit.models import AuditEntry

    found = pool()
    held = admitted_at(found, utc_now())
    client = staff(found.hospital.site)
    look = f"/hospitals/referrals/{held.referral_id}/identity/"
    assert client.get(look).status_code == 405
    assert "Warga Contoh" in text_of(client.post(look))
    entry = AuditEntry.objects.filter(verb="people.look").latest("pk")
    assert entry.subject_id == str(held.patient_id)
    assert "Warga" not in str(entry.detail)
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    before = AuditEntry.objects.filter(verb="people.look").count()
    assert stranger.post(look).status_code == 404
    assert AuditEntry.objects.filter(verb="people.look").count() == before
    assert Person.objects.filter(pk=held.patient_id).exists()


def test_desk_asks_the_same_number_of_queries_for_any_number_of_patients() -> None:
    found = pool(staffed=30)
    client = staff(found.hospital.site)
    assert_same_queries(
        10, ask=lambda: client.get(address(found.hospital)), add_row=lambda: admitted_at(found, utc_now())
    )
