"""Hospitals over the API: the city's beds at once, reports, referrals from asking to discharge, refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import services
from kolaborasi.hospitals.models import BedPool, BedReport, Placement, Referral
from kolaborasi.hospitals.rules import Severity
from kolaborasi.hospitals.states import ReferralState
from kolaborasi.partners.models import PartnerKind, SiteKind
from kolaborasi.places.models import Place, PlaceCode
from tests.api.conftest import Api, Member
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    PuskesmasFactory,
    admitted,
    dispatcher_account,
    patient,
    wish,
)
from tests.hospitals.factories import referral as waiting_referral
from tests.support import assert_same_queries

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture(autouse=True)
def _dispatcher(db: None) -> None:
    dispatcher_account()


@pytest.fixture
def dispatcher(member: Member) -> Api:
    """A coordinator of the whole city."""
    return member("coordinator")


def pool(**given: Any) -> BedPool:
    """Five empty isolation beds, counted just now."""
    now = utc_now()
    return PoolFactory(observed_at=now - timedelta(minutes=5), received_at=now, **given)


def body(place: Place | None = None, **values: Any) -> dict[str, Any]:
    """A bed that is asked for."""
    where = place or KelurahanFactory()
    PlaceCode.objects.get_or_create(place=where, scheme="kemendagri", defaults={"code": where.code})
    return {
        "identity": {"name": "Warga Contoh"},
        "place": {"scheme": "kemendagri", "code": where.code},
        "signs": {"pneumonia": True},
        **values,
    }


def waiting() -> Referral:
    return waiting_referral(utc_now())


def state_of(referral: Referral) -> str:
    referral.refresh_from_db()
    return referral.state


def test_beds_of_the_city_come_in_one_answer_with_their_age(visitor: Api) -> None:
    fresh, old = pool(), PoolFactory(observed_at=utc_now() - timedelta(days=2))
    answer = visitor.get("/hospitals/beds")
    rows = {each["id"]: each for each in answer.json()["hospitals"]}
    assert set(rows) == {fresh.hospital_id, old.hospital_id}
    assert rows[fresh.hospital_id]["beds"][0]["free"] == 5
    assert rows[fresh.hospital_id]["beds"][0]["stale"] is False
    assert rows[old.hospital_id]["beds"][0]["stale"] is True
    assert visitor.get("/hospitals/beds", If_None_Match=answer["ETag"]).status_code == 304
    assert visitor.get("/hospitals/beds?bed_class=icu").json() == {"hospitals": []}


def test_beds_of_the_city_cost_one_query(visitor: Api) -> None:
    assert_same_queries(1, ask=lambda: visitor.get("/hospitals/beds"), add_row=pool)


def test_hospitals_are_listed_and_read(visitor: Api) -> None:
    joined, outside = pool().hospital, HospitalFactory(network="outside")
    assert {each["id"] for each in visitor.get("/hospitals/registry").json()["items"]} == {
        joined.pk,
        outside.pk,
    }
    found = visitor.get("/hospitals/registry?network=joined").json()["items"]
    assert [(each["id"], each["network"]) for each in found] == [(joined.pk, "joined")]
    assert (
        visitor.get(f"/hospitals/registry?registry_code={outside.registry_code}").json()["items"][0]["id"]
        == outside.pk
    )
    assert visitor.get(f"/hospitals/{joined.pk}").json()["beds"][0]["bed_class"] == "isolation-np"
    assert visitor.get("/hospitals/987654").json()["code"] == "hospital-unknown"


def test_hospital_list_asks_the_same_number_of_queries_for_any_number_of_rows(visitor: Api) -> None:
    assert_same_queries(1, ask=lambda: visitor.get("/hospitals/registry"), add_row=HospitalFactory)


def test_network_says_its_size_its_load_and_its_queue(visitor: Api) -> None:
    pool(occupied=3, reported=2, limit=2, others=3)
    HospitalFactory(network="outside")
    waiting()
    answer = visitor.get("/hospitals/network").json()
    assert (answer["joined"], answer["known"]) == (1, 2)
    assert answer["occupancy"] == [
        {
            "bed_class": "isolation-np",
            "staffed": 5,
            "occupied": 3,
            "free": 2,
            "waiting": 0,
            "hospitals": 1,
            "stale": 0,
        }
    ]
    assert [(each["severity"], each["waiting"]) for each in answer["queue"]] == [("moderate", 1)]


def test_member_reports_beds_once_per_key(member: Member) -> None:
    found = pool()
    caller = member("partner_member", partner=found.hospital.site.partner)
    sent = {"counts": [{"bed_class": "isolation-np", "staffed": 9, "occupied": 2}]}
    for _time in range(2):
        answer = caller.post(f"/hospitals/{found.hospital_id}/beds", sent, key=KEY)
        assert answer.status_code == 200
    assert answer.json()["beds"][0]["free"] == 7
    assert BedReport.objects.filter(source="api").count() == 1


@pytest.mark.parametrize(
    ("count", "code"),
    [
        ({"staffed": 3, "occupied": 4}, "report-refused"),
        ({"staffed": -1, "occupied": 0}, "not-valid"),
        ({"staffed": 3, "occupied": 0, "cleaning": 4}, "report-refused"),
    ],
)
def test_impossible_report_is_refused_and_changes_nothing(
    member: Member, count: dict[str, int], code: str
) -> None:
    found = pool()
    caller = member("partner_member", partner=found.hospital.site.partner)
    sent = {"counts": [{"bed_class": "isolation-np", **count}]}
    answer = caller.post(f"/hospitals/{found.hospital_id}/beds", sent)
    assert answer.status_code == 422
    assert answer.json()["code"] in {code, "invalid", "unprocessable"}
    found.refresh_from_db()
    assert (found.staffed, BedReport.objects.count()) == (5, 1)


@pytest.mark.parametrize("minutes", [60, -60 * 24])
def test_report_from_the_future_or_older_than_the_newest_is_refused(member: Member, minutes: int) -> None:
    found = pool()
    caller = member("partner_member", partner=found.hospital.site.partner)
    at = (utc_now() + timedelta(minutes=minutes)).isoformat()
    sent = {"observed_at": at, "counts": [{"bed_class": "isolation-np", "staffed": 9, "occupied": 2}]}
    assert caller.post(f"/hospitals/{found.hospital_id}/beds", sent).json()["code"] == "report-refused"
    assert BedReport.objects.count() == 1


def test_unknown_class_and_a_hospital_outside_the_network_are_refused(member: Member) -> None:
    outside = HospitalFactory(network="outside")
    caller = member("partner_member", partner=outside.site.partner)
    address = f"/hospitals/{outside.pk}/beds"
    unknown = {"counts": [{"bed_class": "sultan-suite", "staffed": 1, "occupied": 0}]}
    assert caller.post(address, unknown).status_code == 422
    known = {"counts": [{"bed_class": "isolation", "staffed": 1, "occupied": 0}]}
    assert caller.post(address, known).json()["code"] == "not-in-network"
    assert BedPool.objects.count() == 0


def test_stranger_reports_nothing(member: Member, visitor: Api) -> None:
    found = pool()
    stranger = member("partner_member", partner=PartnerFactory())
    sent = {"counts": [{"bed_class": "isolation-np", "staffed": 9, "occupied": 2}]}
    assert stranger.post(f"/hospitals/{found.hospital_id}/beds", sent).status_code == 403
    assert visitor.post(f"/hospitals/{found.hospital_id}/beds", sent).status_code == 401
    assert BedReport.objects.count() == 1


def test_national_form_goes_in_and_comes_out(member: Member) -> None:
    found = pool()
    caller = member("partner_member", partner=found.hospital.site.partner)
    address = f"/hospitals/{found.hospital_id}/siranap"
    room = {"id_tt": "28", "jumlah": "8", "terpakai": "3", "prepare": 1, "antrian": "2"}
    assert caller.post(address, {"fasyankes": [room]}).status_code == 200
    found.refresh_from_db()
    assert (found.staffed, found.occupied, found.cleaning, found.waiting_inside) == (8, 3, 1, 2)
    rows = {each["id_tt"]: each for each in caller.get(address).json()["fasyankes"]}
    assert (rows["28"]["jumlah"], rows["28"]["terpakai"], rows["28"]["antrian"]) == (8, 3, 2)


def test_national_form_that_is_not_understood_changes_nothing(member: Member) -> None:
    found = pool()
    caller = member("partner_member", partner=found.hospital.site.partner)
    rows = [{"id_tt": "28", "jumlah": 8, "terpakai": 3}, {"id_tt": "999", "jumlah": 8, "terpakai": 3}]
    answer = caller.post(f"/hospitals/{found.hospital_id}/siranap", {"fasyankes": rows})
    assert answer.json()["code"] == "message-not-understood"
    assert BedReport.objects.count() == 1


def test_referral_from_asking_to_discharge(dispatcher: Api, member: Member) -> None:
    first, second = pool(), pool()
    made = dispatcher.post("/hospitals/referrals", body(signs={"spo2": 90, "pneumonia": True}), key=KEY)
    assert (made.status_code, made.json()["severity"], made.json()["state"]) == (201, "severe", "requested")
    assert made.json()["severity_reasons"] == ["low-oxygen"]
    address = f"/hospitals/referrals/{made.json()['id']}"
    ranked = dispatcher.get(f"{address}/beds").json()["items"]
    assert {each["pool"] for each in ranked} <= {first.pk, second.pk}
    offered = dispatcher.post(f"{address}/offers", {"pools": [first.pk, second.pk]})
    assert (offered.json()["state"], offered.json()["ask_next"]) == ("offered", [second.pk])

    one = member("partner_member", partner=first.hospital.site.partner)
    two = member("partner_member", partner=second.hospital.site.partner)
    waiting_there = one.get(f"/hospitals/{first.hospital_id}/offers").json()["items"]
    assert [each["referral"] for each in waiting_there] == [made.json()["id"]]
    answer = one.post(f"/hospitals/offers/{waiting_there[0]['id']}/decline", {"reason": "no-staff"})
    assert (answer.json()["answer"], answer.json()["decline_reason"]) == ("declined", "no-staff")
    next_one = two.get(f"/hospitals/{second.hospital_id}/offers").json()["items"][0]
    assert two.post(f"/hospitals/offers/{next_one['id']}/accept").json()["answer"] == "accepted"
    assert two.post(f"{address}/depart").json()["state"] == "in-transit"
    assert two.post(f"{address}/admit").json()["state"] == "admitted"
    assert two.post(f"{address}/discharge").json()["state"] == "discharged"
    verbs = [each["verb"] for each in dispatcher.get(f"{address}/timeline").json()["items"]]
    assert verbs == ["refer", "offer", "decline", "accept", "depart", "admit", "discharge"]
    second.refresh_from_db()
    assert second.committed == 0


def test_referral_is_made_once_per_key_and_needs_one(dispatcher: Api) -> None:
    sent = body()
    assert dispatcher.post("/hospitals/referrals", sent, key=None).json()["code"] == "idempotency-key-missing"
    first = dispatcher.post("/hospitals/referrals", sent, key=KEY)
    again = dispatcher.post("/hospitals/referrals", sent, key=KEY)
    assert (again.json()["id"], again["Idempotency-Replayed"]) == (first.json()["id"], "true")
    assert Referral.objects.count() == 1


def test_patient_who_waits_is_not_referred_again(dispatcher: Api) -> None:
    known = patient()
    place = KelurahanFactory()
    sent = body(place, patient=str(known.pk), identity=None)
    assert dispatcher.post("/hospitals/referrals", sent).status_code == 201
    refused = dispatcher.post("/hospitals/referrals", sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "patient-has-a-referral")
    unknown = body(place, patient=str(uuid4()), identity=None)
    assert dispatcher.post("/hospitals/referrals", unknown).json()["code"] == "patient-unknown"
    assert Referral.objects.count() == 1


def test_puskesmas_refers_for_its_own_site_only(member: Member) -> None:
    own, other = PuskesmasFactory(), PuskesmasFactory()
    caller = member("partner_member", partner=own.partner)
    assert (
        caller.post("/hospitals/referrals", body(requester=other.pk)).json()["code"] == "requester-not-yours"
    )
    assert caller.post("/hospitals/referrals", body()).status_code == 403
    made = caller.post("/hospitals/referrals", body(requester=own.pk, source="puskesmas"))
    assert (made.status_code, made.json()["requester"]) == (201, own.pk)
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("signs", [{"spo2": 20}, {"spo2": 101}, {"breaths": 1}])
def test_impossible_measurement_is_refused(dispatcher: Api, signs: dict[str, int]) -> None:
    assert dispatcher.post("/hospitals/referrals", body(signs=signs)).json()["code"] == "referral-refused"
    assert Referral.objects.count() == 0


def test_place_holds_the_best_bed_at_once(dispatcher: Api) -> None:
    found = pool()
    made = dispatcher.post("/hospitals/placements", body())
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["bed"]["hospital"]) == ("offered", found.hospital_id)
    found.refresh_from_db()
    assert found.committed == 1


def test_place_without_a_bed_stores_nothing(dispatcher: Api) -> None:
    answer = dispatcher.post("/hospitals/placements", body())
    assert (answer.status_code, answer.json()["code"]) == (422, "no-bed")
    assert Referral.objects.count() == 0


def test_stranger_sees_and_changes_no_referral(member: Member, visitor: Api) -> None:
    found = waiting()
    pool()
    stranger = member("partner_member", partner=PartnerFactory())
    address = f"/hospitals/referrals/{found.pk}"
    for path in ("", "/timeline", "/beds"):
        assert stranger.get(f"{address}{path}").status_code == 404
        assert visitor.get(f"{address}{path}").status_code == 404
    assert visitor.get("/hospitals/referrals").status_code == 401
    assert stranger.get("/hospitals/referrals").json()["items"] == []
    assert stranger.post(f"{address}/cancel", {"reason": "recovered"}).status_code == 404
    assert stranger.post(f"{address}/death").status_code == 404
    assert state_of(found) == ReferralState.REQUESTED


def test_stranger_answers_no_offer(member: Member) -> None:
    held = services.offer(referral=waiting(), pools=[pool()], by=DISPATCHER, now=utc_now())
    stranger = member("partner_member", partner=PartnerFactory())
    assert stranger.post(f"/hospitals/offers/{held.pk}/accept").json()["code"] == "offer-unknown"
    assert stranger.post(f"/hospitals/offers/{held.pk}/decline", {"reason": "full"}).status_code == 404
    assert stranger.get(f"/hospitals/{held.pool.hospital_id}/offers").status_code == 403
    assert Placement.objects.get().answer == "pending"


def test_unfit_and_full_beds_are_refused(dispatcher: Api) -> None:
    found, full, unfit = waiting(), pool(staffed=1, committed=1), pool(bed_class="nicu")
    address = f"/hospitals/referrals/{found.pk}/offers"
    assert dispatcher.post(address, {"pools": [unfit.pk]}).json()["code"] == "bed-unfit"
    assert dispatcher.post(address, {"pools": [full.pk]}).json()["code"] == "no-bed"
    assert dispatcher.post(address, {"pools": [987654]}).json()["code"] == "bed-unfit"
    assert (state_of(found), Placement.objects.count()) == (ReferralState.REQUESTED, 0)


def test_list_is_in_fair_order_and_comes_in_pages(dispatcher: Api) -> None:
    now = utc_now()
    later = waiting_referral(now)
    earlier = waiting_referral(now - timedelta(hours=2))
    dispatcher.post(f"/hospitals/referrals/{later.pk}/reassess", {"signs": {"spo2": 80, "shock": True}})
    first = dispatcher.get("/hospitals/referrals?limit=1").json()
    assert [(each["id"], each["severity"]) for each in first["items"]] == [(later.pk, "critical")]
    second = dispatcher.get(first["next"]).json()
    assert ([each["id"] for each in second["items"]], second["next"]) == ([earlier.pk], None)


def test_referral_list_asks_the_same_number_of_queries_for_any_number_of_rows(dispatcher: Api) -> None:
    beds = pool(staffed=20)

    def add() -> None:
        services.offer(referral=waiting(), pools=[beds], by=DISPATCHER, now=utc_now())

    assert_same_queries(3, ask=lambda: dispatcher.get("/hospitals/referrals"), add_row=add)


def test_referral_ends_before_a_bed(dispatcher: Api) -> None:
    found = waiting()
    answer = dispatcher.post(f"/hospitals/referrals/{found.pk}/cancel", {"reason": "recovered"})
    assert answer.json()["state"] == "cancelled"
    again = dispatcher.post(f"/hospitals/referrals/{found.pk}/cancel", {"reason": "recovered"})
    assert again.status_code == 409


def test_accepted_patient_is_turned_away_and_waits_again(dispatcher: Api) -> None:
    held = services.offer(referral=waiting(), pools=[pool()], by=DISPATCHER, now=utc_now())
    dispatcher.post(f"/hospitals/offers/{held.pk}/accept")
    answer = dispatcher.post(f"/hospitals/referrals/{held.referral_id}/turn-away", {"reason": "full"})
    assert (answer.json()["state"], answer.json()["bed"]) == ("requested", None)


def test_offer_is_taken_back(dispatcher: Api) -> None:
    held = services.offer(referral=waiting(), pools=[pool()], by=DISPATCHER, now=utc_now())
    assert dispatcher.post(f"/hospitals/offers/{held.pk}/withdraw").json()["answer"] == "withdrawn"
    assert state_of(held.referral) == ReferralState.REQUESTED


def test_death_ends_the_referral(dispatcher: Api) -> None:
    found = waiting()
    assert dispatcher.post(f"/hospitals/referrals/{found.pk}/death").json()["state"] == "died"


def test_transfer_needs_the_patient_to_lie_there(dispatcher: Api) -> None:
    site = SiteFactory(kind=SiteKind.HOSPITAL, partner=PartnerFactory(kind=PartnerKind.HOSPITAL))
    hospital = HospitalFactory(site=site)
    answer = dispatcher.post("/hospitals/referrals", body(from_hospital=hospital.pk, source="hospital"))
    assert answer.json()["code"] == "not-in-this-hospital"
    assert Referral.objects.count() == 0


def test_hospital_joins_pauses_resumes_and_leaves(dispatcher: Api, member: Member) -> None:
    hospital = HospitalFactory(network="outside")
    path = f"/hospitals/{hospital.pk}"
    own = member("partner_admin", partner=hospital.site.partner)
    assert own.post(f"{path}/join", {"beds": {"icu": 4}}).status_code == 403
    for wrong in ({"beds": {"icu": -1}}, {"beds": {"icu": 10**9}}, {"beds": {"sultan": 1}}, {"beds": {}}):
        assert dispatcher.post(f"{path}/join", wrong).status_code == 422
    assert dispatcher.post(f"{path}/join", {"beds": {"icu": 0}}).json()["code"] == "nothing-agreed"
    assert dispatcher.get(f"{path}/agreement").json() == {
        "hospital": hospital.pk,
        "network": "outside",
        "beds": {},
    }
    joined = dispatcher.post(f"{path}/join", {"beds": {"icu": 4, "hcu": 2}}).json()
    assert (joined["network"], joined["beds"]) == ("joined", {"icu": 4, "hcu": 2})
    assert dispatcher.post(f"{path}/agreement", {"beds": {"icu": 6}}).json()["beds"] == {"icu": 6, "hcu": 2}
    assert own.post(f"{path}/pause").json()["network"] == "paused"
    assert own.post(f"{path}/pause").json()["code"] == "wrong-state"
    assert own.post(f"{path}/resume").json()["network"] == "joined"
    stranger = member("partner_admin", partner=PartnerFactory())
    assert stranger.post(f"{path}/leave").status_code == 403
    left = own.post(f"{path}/leave").json()
    assert (left["network"], left["beds"]) == ("left", {})


def test_conversion_is_asked_and_answered_once(dispatcher: Api, member: Member) -> None:
    hospital = HospitalFactory()
    asked = dispatcher.post(f"/hospitals/{hospital.pk}/conversions", {"bed_class": "icu", "beds": 3})
    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    answer = f"/hospitals/conversions/{asked.json()['id']}/answer"
    assert [each["id"] for each in dispatcher.get("/hospitals/conversions").json()["items"]] == [
        asked.json()["id"]
    ]
    stranger = member("partner_admin", partner=PartnerFactory())
    assert stranger.post(answer, {"agree": True}).status_code == 403
    own = member("partner_admin", partner=hospital.site.partner)
    assert own.post(answer, {"agree": True}).json()["state"] == "agreed"
    assert own.post(answer, {"agree": False}).json()["code"] == "wrong-state"
    assert own.post("/hospitals/conversions/987654/answer", {"agree": True}).status_code == 404
    assert dispatcher.get("/hospitals/conversions").json()["items"] == []


def bed_file(text: str, **more: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("beds.csv", text.encode(), "text/csv"), **more}


def test_file_of_beds_is_loaded_and_its_waiting_rows_counted_after_the_name(
    dispatcher: Api, member: Member
) -> None:
    found = pool()
    code = found.hospital.registry_code
    day = utc_now().isoformat()
    text = (
        "registry_code,hospital,district,bed_class,staffed,occupied,observed_at\n"
        f"{code},,,isolation-np,8,2,{day}\n"
        f"{code},,,icu,1,2,{day}\n"
        f",RS Sama Sekali Lain,3171,hcu,5,1,{day}\n"
    )
    own = member("partner_admin", partner=found.hospital.site.partner)
    assert own.post_form("/hospitals/bed-files", bed_file(text)).status_code == 403
    refused = dispatcher.post_form("/hospitals/bed-files", bed_file(text))
    assert (refused.status_code, refused.json()["code"]) == (422, "rows-refused")
    assert BedReport.objects.count() == 1
    loaded = dispatcher.post_form("/hospitals/bed-files", bed_file(text, partly=True)).json()
    assert (loaded["rows"], loaded["taken"], [each["line"] for each in loaded["problems"]]) == (3, 1, [3])
    assert [each["outcome"] for each in loaded["held"]] == ["waiting"]
    assert own.get("/hospitals/names").status_code == 403
    (name,) = dispatcher.get("/hospitals/names").json()["items"]
    assert (name["name"], name["waiting"]) == ("RS Sama Sekali Lain", 1)
    confirm = f"/hospitals/names/{name['id']}/confirm"
    assert own.post(confirm, {"hospital": found.hospital_id}).status_code == 403
    assert dispatcher.post(confirm, {"hospital": found.hospital_id}).status_code == 200
    assert dispatcher.post(f"/hospitals/names/{name['id']}/dismiss").status_code == 404
    held = dispatcher.get(f"/hospitals/bed-files/{loaded['id']}").json()["held"]
    assert [each["outcome"] for each in held] == ["counted"]
    assert own.get(f"/hospitals/bed-files/{loaded['id']}").status_code == 403
    assert BedPool.objects.get(hospital=found.hospital, bed_class="hcu").staffed == 5


def test_patient_moves_to_a_lower_class(dispatcher: Api, member: Member) -> None:
    icu = pool(bed_class="icu-np")
    ward = pool(hospital=icu.hospital, bed_class="isolation")
    stay = admitted(icu, at=utc_now(), wish=wish(Severity.CRITICAL))
    path = f"/hospitals/referrals/{stay.referral_id}"
    own = member("partner_member", partner=icu.hospital.site.partner)
    assert own.post(f"{path}/move", {"bed_class": "isolation"}).json()["code"] == "bed-unfit"
    assert own.post(f"{path}/move", {"bed_class": "picu"}).json()["code"] == "no-such-bed"
    assert own.post(f"{path}/reassess", {"signs": {"pneumonia": True}}).status_code == 200
    stranger = member("partner_member", partner=PartnerFactory())
    assert stranger.post(f"{path}/move", {"bed_class": "isolation"}).status_code == 404
    moved = own.post(f"{path}/move", {"bed_class": "isolation"}).json()
    assert moved["bed"]["bed_class"] == "isolation"
    icu.refresh_from_db()
    ward.refresh_from_db()
    assert (icu.committed, ward.committed) == (0, 1)


def test_plan_of_beds_is_made_approved_line_by_line_and_rejected(dispatcher: Api, member: Member) -> None:
    found = pool()
    first, second = waiting(), waiting()
    own = member("partner_admin", partner=found.hospital.site.partner)
    assert own.post("/bed-plans").status_code == 403
    made = dispatcher.post("/bed-plans").json()
    assert (made["programme"], made["lines"], made["open"]) == ("hospitals", 2, 2)
    path = f"/bed-plans/{made['id']}"
    assert own.get(path).status_code == 403
    assert own.get(f"{path}/lines").status_code == 403
    assert own.post(f"{path}/approve", {}).status_code == 403
    assert own.post(f"{path}/reject", {}).status_code == 403
    lines = {each["referral"]: each for each in dispatcher.get(f"{path}/lines").json()["items"]}
    assert set(lines) == {first.pk, second.pk}
    done = dispatcher.post(f"{path}/approve", {"lines": [lines[first.pk]["id"]]}).json()
    assert done["approved"] == [lines[first.pk]["id"]]
    assert dispatcher.post(f"{path}/reject", {}).json() == {"rejected": 1}
    assert (state_of(first), state_of(second)) == ("offered", "requested")
    assert dispatcher.get(f"/plans/{made['id']}").status_code == 404
    assert [each["id"] for each in dispatcher.get("/bed-plans").json()["items"]] == [made["id"]]
