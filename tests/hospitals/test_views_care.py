"""Home isolation, ambulances and oxygen on their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import services
from kolaborasi.hospitals.models import (
    Ambulance,
    AmbulanceRequest,
    Cylinder,
    FollowUp,
    Hospital,
    IsolationCase,
    Referral,
    RefillRound,
)
from kolaborasi.hospitals.rules import AgeGroup, Severity
from kolaborasi.partners.models import Site, SiteKind
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory
from tests.hospitals.factories import DISPATCHER, HospitalFactory, PuskesmasFactory, patient
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
LIST, RIDES, OXYGEN = "/hospitals/isolation/", "/hospitals/ambulances/", "/hospitals/oxygen/"


def case_of(puskesmas: Site) -> IsolationCase:
    return services.open_isolation(
        person=patient(),
        place=KelurahanFactory(),
        puskesmas=puskesmas,
        age=AgeGroup.ADULT,
        by=DISPATCHER,
        now=utc_now() - timedelta(days=1),
    )


def ride_of(partner: Any = None) -> AmbulanceRequest:
    return services.request_ambulance(
        patient=patient(), place=KelurahanFactory(), severity=Severity.SEVERE, by=DISPATCHER, now=utc_now()
    )


def shown(response: Any) -> list[int]:
    return [row.pk for row in response.context["list"].page]


def test_list_of_a_puskesmas_holds_its_own_people_the_unreached_first() -> None:
    own, other = PuskesmasFactory(), PuskesmasFactory()
    reached, waiting, _foreign = case_of(own), case_of(own), case_of(other)
    client = staff(own)
    client.post(f"{LIST}{reached.pk}/", fill(reached="yes", spo2=97))
    assert shown(client.get(LIST)) == [waiting.pk, reached.pk]
    assert shown(client.get(f"{LIST}?open=on")) == [waiting.pk]
    assert "Belum dipantau hari ini" in text_of(client.get(LIST))


def test_coordinator_sees_every_puskesmas_side_by_side() -> None:
    one, two = case_of(PuskesmasFactory()), case_of(PuskesmasFactory())
    response = dispatcher().get(LIST)
    assert set(shown(response)) == {one.pk, two.pk}
    assert one.puskesmas.name in text_of(response)


def test_person_is_added_to_the_list() -> None:
    site = PuskesmasFactory()
    place = KelurahanFactory()
    form = fill(puskesmas=site.pk, name="Warga Contoh", place=place.code, age="elder", at_risk="on")
    assert staff(site).post(f"{LIST}new/", form)["Location"] == LIST
    made = IsolationCase.objects.get()
    assert (made.puskesmas, made.place, made.age_group, made.at_risk) == (site, place, "elder", True)
    assert dispatcher().get(f"{LIST}new/").status_code == 403


def test_warning_sign_asks_for_a_bed_at_once() -> None:
    case = case_of(PuskesmasFactory())
    response = staff(case.puskesmas).post(f"{LIST}{case.pk}/", fill(reached="yes", spo2=91))
    made = Referral.objects.get()
    assert response["Location"] == f"/hospitals/referrals/{made.pk}/"
    assert (made.patient_id, made.source, made.requester) == (case.person_id, "isolation", case.puskesmas)


def test_nobody_answered_is_recorded_but_is_no_follow_up() -> None:
    case = case_of(PuskesmasFactory())
    client = staff(case.puskesmas)
    client.post(f"{LIST}{case.pk}/", fill(reached="no"))
    assert FollowUp.objects.get().reached is False
    assert shown(client.get(f"{LIST}?open=on")) == [case.pk]


@pytest.mark.parametrize(
    "wrong", [{"reached": "no", "spo2": 97}, {"reached": "yes", "spo2": 10}, {"reached": "?"}]
)
def test_wrong_follow_up_stores_nothing(wrong: dict[str, Any]) -> None:
    case = case_of(PuskesmasFactory())
    assert staff(case.puskesmas).post(f"{LIST}{case.pk}/", fill(**wrong)).status_code == 422
    assert (FollowUp.objects.count(), Referral.objects.count()) == (0, 0)


def test_isolation_ends_and_identity_is_for_the_puskesmas_alone() -> None:
    case = case_of(PuskesmasFactory())
    client, stranger = staff(case.puskesmas), staff(PuskesmasFactory())
    assert "Warga Contoh" in text_of(client.post(f"{LIST}{case.pk}/identity/"))
    assert stranger.get(f"{LIST}{case.pk}/").status_code == 404
    assert stranger.post(f"{LIST}{case.pk}/", fill(reached="yes", spo2=97)).status_code == 404
    assert stranger.post(f"{LIST}{case.pk}/identity/").status_code == 404
    assert stranger.post(f"{LIST}{case.pk}/end/", fill(outcome="recovered")).status_code == 404
    assert Client().get(LIST).status_code == 302
    case.refresh_from_db()
    assert (case.state, FollowUp.objects.count()) == ("open", 0)
    client.post(f"{LIST}{case.pk}/end/", fill(outcome="recovered"))
    case.refresh_from_db()
    assert case.state == "recovered"


def test_isolation_list_asks_the_same_number_of_queries_for_any_number_of_people() -> None:
    site = PuskesmasFactory()
    client = staff(site)
    assert_same_queries(7, ask=lambda: client.get(LIST), add_row=lambda: case_of(site))


def test_ambulance_is_sent_picks_up_and_arrives() -> None:
    post = SiteFactory(kind=SiteKind.OTHER)
    vehicle = services.add_ambulance(partner=post.partner, call_sign="AGD 101", by=DISPATCHER, now=utc_now())
    ride, client = ride_of(), dispatcher()
    assert shown(client.get(RIDES)) == [ride.pk]
    assert client.post(f"{RIDES}{ride.pk}/dispatch/", fill()).status_code == 422
    assert client.post(f"{RIDES}{ride.pk}/dispatch/", fill(ambulance=vehicle.pk))["Location"] == RIDES
    crew = staff(post)
    assert shown(crew.get(RIDES)) == [ride.pk]
    crew.post(f"{RIDES}{ride.pk}/pick-up/", fill())
    crew.post(f"{RIDES}{ride.pk}/arrive/", fill())
    ride.refresh_from_db()
    assert (ride.state, ride.ambulance) == ("arrived", vehicle)


def test_ambulance_is_given_back_and_the_request_ends() -> None:
    vehicle = Ambulance.objects.create(partner=PartnerFactory(), call_sign="AGD 102")
    ride, client = ride_of(), dispatcher()
    client.post(f"{RIDES}{ride.pk}/dispatch/", fill(ambulance=vehicle.pk))
    client.post(f"{RIDES}{ride.pk}/give-back/", fill())
    ride.refresh_from_db()
    assert (ride.state, ride.ambulance) == ("requested", None)
    client.post(f"{RIDES}{ride.pk}/cancel/", fill())
    ride.refresh_from_db()
    assert ride.state == "cancelled"


def test_stranger_sends_no_ambulance() -> None:
    vehicle = Ambulance.objects.create(partner=PartnerFactory(), call_sign="AGD 103")
    ride = ride_of()
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.post(f"{RIDES}{ride.pk}/dispatch/", fill(ambulance=vehicle.pk)).status_code == 404
    assert stranger.post(f"{RIDES}{ride.pk}/cancel/", fill()).status_code == 404
    assert shown(stranger.get(RIDES)) == []
    assert Client().get(RIDES).status_code == 302
    ride.refresh_from_db()
    assert ride.state == "requested"


def test_ambulance_list_asks_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client = dispatcher()
    assert_same_queries(7, ask=lambda: client.get(RIDES), add_row=ride_of)


def test_cylinders_go_to_the_filler_and_come_back() -> None:
    hospital, filler = HospitalFactory(), SiteFactory(kind=SiteKind.OTHER)
    client, own = staff(hospital.site), f"{OXYGEN}{hospital.pk}"
    assert client.post(f"{own}/register/", fill(serials="A1, A2\nA3")).status_code == 302
    assert client.post(f"{own}/use/", fill(serials="A1\nA2")).status_code == 302
    today = utc_now().date().isoformat()
    plan = fill(filler=filler.pk, date=today, total=100, each=10)
    assert dispatcher().post(f"{OXYGEN}rounds/new/", plan)["Location"] == OXYGEN
    line = RefillRound.objects.get().lines.get()
    assert line.quota == 2
    assert client.post(f"{OXYGEN}lines/{line.pk}/send/", fill(serials="A1 , A2")).status_code == 302
    assert client.post(f"{OXYGEN}lines/{line.pk}/return/", fill(serials="A2")).status_code == 302
    states = dict(Cylinder.objects.values_list("serial", "state"))
    assert states == {"A1": "at-filler", "A2": "full", "A3": "full"}
    assert "A3" in text_of(client.get(OXYGEN))


@pytest.mark.parametrize("serials", ["", "B9", "A1, A1", "x" * 50])
def test_cylinders_that_are_not_there_change_nothing(serials: str) -> None:
    hospital = HospitalFactory()
    services.register_cylinders(owner=hospital.site, serials=["A1"], by=DISPATCHER, now=utc_now())
    response = staff(hospital.site).post(f"{OXYGEN}{hospital.pk}/use/", fill(serials=serials))
    assert response.status_code == 422 or response.status_code == 404
    assert Cylinder.objects.get().state == "full"


def test_stranger_touches_no_cylinder() -> None:
    hospital = HospitalFactory()
    services.register_cylinders(owner=hospital.site, serials=["A1"], by=DISPATCHER, now=utc_now())
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.post(f"{OXYGEN}{hospital.pk}/use/", fill(serials="A1")).status_code == 403
    assert stranger.post(f"{OXYGEN}rounds/new/", fill()).status_code == 403
    assert "A1" not in text_of(stranger.get(OXYGEN))
    assert Cylinder.objects.get().state == "full"


def test_oxygen_page_asks_the_same_number_of_queries_for_any_number_of_cylinders() -> None:
    hospital: Hospital = HospitalFactory()
    client, numbers = staff(hospital.site), iter("123")

    def add() -> None:
        services.register_cylinders(
            owner=hospital.site, serials=[next(numbers)], by=DISPATCHER, now=utc_now()
        )

    assert_same_queries(7, ask=lambda: client.get(OXYGEN), add_row=add)
