"""Needs over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

from kolaborasi.aid.models import Need, NeedLine
from kolaborasi.aid.services import pledge
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.clock import utc_now
from kolaborasi.common.models import AnsweredRequest
from kolaborasi.places.models import PlaceCode
from tests.api.conftest import Api, Member
from tests.factories import (
    ItemFactory,
    KelurahanFactory,
    NeedFactory,
    NeedLineFactory,
    PartnerFactory,
    ProvinceFactory,
    SiteFactory,
)
from tests.support import assert_same_queries

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def _kelurahan(**more: Any) -> Any:
    place = KelurahanFactory(**more)
    PlaceCode.objects.get_or_create(place=place, scheme="kemendagri", defaults={"code": place.code})
    return place


def _submitted(**more: Any) -> NeedLine:
    need = NeedFactory(state="submitted", verified_at=None, place=_kelurahan(), **more)
    return NeedLineFactory(need=need)


def _body(place: Any, soon: str, **more: Any) -> dict[str, Any]:
    return {
        "place": {"scheme": "kemendagri", "code": place.code},
        "cause": "isolation",
        "households": 10,
        "people": 40,
        "lines": [{"item": ItemFactory().code, "quantity": 10, "needed_by_date": soon}],
        **more,
    }


def test_list_needs_shows_the_public_what_is_open_with_three_numbers(visitor: Api) -> None:
    line = NeedLineFactory(committed=20, delivered=5)
    _submitted()
    NeedFactory(state="rejected", state_reason="twice", verified_at=None)
    body = visitor.get("/aid/needs").json()
    (need,) = body["items"]
    assert body["next"] is None
    assert (need["id"], need["state"], need["state_reason"]) == (line.need_id, "open", None)
    assert (need["needed"], need["committed"], need["delivered"]) == (50, 20, 5)
    assert need["place"]["scheme"] == "kemendagri"
    (shown,) = need["lines"]
    assert (shown["needed"], shown["committed"], shown["delivered"], shown["left"]) == (50, 20, 5, 30)
    assert shown["item"] == {
        "code": "sembako",
        "name": {"id": "Paket sembako", "en": "Staple food package"},
        "unit": {"id": "paket", "en": "packages"},
    }


def test_list_needs_asks_the_database_as_often_for_three_as_for_one(visitor: Api) -> None:
    assert_same_queries(2, ask=lambda: visitor.get("/aid/needs"), add_row=NeedLineFactory)


def test_list_needs_by_cursor_shows_each_once(visitor: Api) -> None:
    made = [NeedLineFactory(reported=units).need_id for units in (10, 30, 30, 20, 40)]
    shown: list[int] = []
    address: str | None = "/api/v1/aid/needs?sort=most-needed&limit=2"
    while address:
        response = visitor.get(address)
        shown += [need["id"] for need in response.json()["items"]]
        address = response.json()["next"]
        assert response.get("Link") == (f'<{address}>; rel="next"' if address else None)
        if len(shown) == 2:
            NeedLineFactory(reported=100)
    assert shown == [made[4], made[2], made[1], made[3], made[0]]


def test_list_needs_refuses_a_cursor_of_another_question(visitor: Api) -> None:
    for _number in range(2):
        NeedLineFactory()
    address = visitor.get("/aid/needs?limit=1").json()["next"]
    assert visitor.get(f"{address}&unmet=true").json()["code"] == "cursor-unknown"
    assert visitor.get("/aid/needs?cursor=forged").status_code == 422


def test_list_needs_filters(visitor: Api) -> None:
    city = ProvinceFactory()
    PlaceCode.objects.create(place=city, scheme="kemendagri", code="31")
    here = NeedLineFactory(need__cause="isolation").need
    NeedLineFactory(item__code="masker", committed=50)

    def ids(query: str) -> list[int]:
        return [need["id"] for need in visitor.get(f"/aid/needs?{query}").json()["items"]]

    assert ids("item=sembako") == [here.pk]
    assert ids("cause=isolation") == [here.pk]
    assert ids("unmet=true") == [here.pk]
    assert len(ids("within=31&scheme=kemendagri")) == 2
    assert visitor.get("/aid/needs?within=31").json()["code"] == "wrong-area-code-scheme"
    assert visitor.get("/aid/needs?within=99&scheme=kemendagri").status_code == 404


def test_list_needs_that_wait_is_for_their_verifiers(visitor: Api, member: Member) -> None:
    line = _submitted()
    assert visitor.get("/aid/needs?state=submitted").status_code == 401
    verifier = member("verifier", place=line.need.place)
    assert [need["id"] for need in verifier.get("/aid/needs?state=submitted").json()["items"]] == [
        line.need_id
    ]
    elsewhere = member("verifier", place=KelurahanFactory())
    assert elsewhere.get("/aid/needs?state=submitted").json()["items"] == []


def test_get_need_that_waits_is_hidden_from_the_public(visitor: Api, member: Member) -> None:
    line = _submitted()
    assert visitor.get(f"/aid/needs/{line.need_id}").json()["code"] == "need-unknown"
    assert member("rw_head", place=line.need.place).get(f"/aid/needs/{line.need_id}").status_code == 200


def test_get_need_that_is_known_is_not_sent_again(visitor: Api) -> None:
    line = NeedLineFactory()
    first = visitor.get(f"/aid/needs/{line.need_id}")
    tag = first["ETag"]
    assert visitor.get(f"/aid/needs/{line.need_id}", If_None_Match=tag).status_code == 304
    assert visitor.get(f"/aid/needs/{line.need_id}", If_None_Match=f'"x", W/{tag}').status_code == 304
    NeedLine.objects.filter(pk=line.pk).update(committed=1)
    again = visitor.get(f"/aid/needs/{line.need_id}", If_None_Match=tag)
    assert again.status_code == 200
    assert again["ETag"] != tag


def test_register_need_makes_one_that_waits(member: Member, soon: str) -> None:
    place = _kelurahan()
    head = member("rw_head", place=place)
    response = head.post("/aid/needs", _body(place, soon))
    assert response.status_code == 201
    need = Need.objects.get()
    assert response["Location"] == f"/api/v1/aid/needs/{need.pk}"
    assert (need.state, need.place, need.lines.get().reported) == ("submitted", place, 10)
    assert response.json() == head.get(response["Location"]).json()
    assert AuditEntry.objects.filter(verb="aid.register_need").count() == 1


def test_register_need_without_key_is_refused(member: Member, soon: str) -> None:
    place = _kelurahan()
    response = member("rw_head", place=place).post("/aid/needs", _body(place, soon), key=None)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency-key-missing")
    response = member("rw_head", place=place).post("/aid/needs", _body(place, soon), key="short")
    assert (response.status_code, response.json()["code"]) == (400, "idempotency-key-malformed")
    assert Need.objects.count() == 0


def test_register_need_again_with_the_key_answers_the_same(member: Member, soon: str) -> None:
    place = _kelurahan()
    head = member("rw_head", place=place)
    first = head.post("/aid/needs", _body(place, soon), key=KEY)
    again = head.post("/aid/needs", _body(place, soon), key=f'"{KEY}"')
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again["Location"], again.content) == (201, first["Location"], first.content)
    assert Need.objects.count() == 1
    other = head.post("/aid/needs", _body(place, soon, people=41), key=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert Need.objects.count() == 1


def test_register_need_keeps_no_key_and_no_answer_in_clear(member: Member, soon: str) -> None:
    place = _kelurahan()
    member("rw_head", place=place).post("/aid/needs", _body(place, soon), key=KEY)
    kept = AnsweredRequest.objects.get()
    assert KEY not in kept.key
    assert set(kept.answer) == {"value"}
    assert "sembako" not in str(kept.answer)


def test_register_need_by_others_changes_nothing(
    visitor: Api, helper: Api, member: Member, soon: str
) -> None:
    place = _kelurahan()
    callers = {401: visitor, 403: helper}
    for status, caller in callers.items():
        assert caller.post("/aid/needs", _body(place, soon)).status_code == status
    assert (
        member("rw_head", place=KelurahanFactory()).post("/aid/needs", _body(place, soon)).status_code == 403
    )
    assert (Need.objects.count(), AuditEntry.objects.filter(verb="aid.register_need").count()) == (0, 0)
    assert AnsweredRequest.objects.count() == 0


def test_register_need_that_is_wrong_says_why(member: Member, soon: str) -> None:
    place = _kelurahan()
    head = member("rw_head", place=place)
    response = head.post("/aid/needs", _body(place, soon, households=50))
    assert response.status_code == 422
    assert response.json()["code"] == "need-refused"
    assert response.json()["faults"] == ["fewer-people-than-households"]
    yesterday = (localdate() - timedelta(days=1)).isoformat()
    response = head.post("/aid/needs", _body(place, yesterday))
    assert response.json()["faults"] == ["past-date"]
    response = head.post("/aid/needs", _body(place, soon, lines=[]))
    assert response.json()["faults"] == ["no-lines"]
    assert Need.objects.count() == 0


def test_register_need_twice_is_a_conflict(member: Member, soon: str) -> None:
    place = _kelurahan()
    head = member("rw_head", place=place)
    made = head.post("/aid/needs", _body(place, soon)).json()
    response = head.post("/aid/needs", _body(place, soon))
    assert (response.status_code, response.json()["code"]) == (409, "need-already-open")
    assert response.json()["need"] == made["id"]


def test_register_need_for_an_institution_of_the_callers_partner(member: Member, soon: str) -> None:
    site = SiteFactory(place=_kelurahan())
    manager = member("partner_admin", partner=site.partner)
    response = manager.post("/aid/needs", _body(site.place, soon, institution=site.pk))
    assert response.status_code == 201
    assert response.json()["institution"] == {"id": site.pk, "name": site.name, "kind": "orphanage"}
    other = member("partner_admin", partner=PartnerFactory())
    response = other.post("/aid/needs", _body(site.place, soon, institution=site.pk))
    assert (response.status_code, response.json()["code"]) == (404, "institution-unknown")
    assert Need.objects.count() == 1


def test_register_need_under_a_code_of_no_area_is_not_found(member: Member, soon: str) -> None:
    place = _kelurahan()
    wrong = {"scheme": "bps", "code": place.code}
    response = member("rw_head", place=place).post("/aid/needs", {**_body(place, soon), "place": wrong})
    assert (response.status_code, response.json()["code"]) == (404, "unknown-area")


def test_verify_need_opens_it(visitor: Api, member: Member) -> None:
    line = _submitted()
    response = member("verifier", place=line.need.place).post(f"/aid/needs/{line.need_id}/verify")
    assert (response.status_code, response.json()["state"]) == (200, "open")
    assert visitor.get(f"/aid/needs/{line.need_id}").status_code == 200


def test_verify_need_twice_is_a_conflict(member: Member) -> None:
    line = _submitted()
    verifier = member("verifier", place=line.need.place)
    verifier.post(f"/aid/needs/{line.need_id}/verify", key=None)
    response = verifier.post(f"/aid/needs/{line.need_id}/verify", key=None)
    assert (response.status_code, response.json()["code"]) == (409, "wrong-state")


def test_verify_need_by_others_changes_nothing(visitor: Api, helper: Api, member: Member) -> None:
    line = _submitted()
    head = member("rw_head", place=line.need.place)
    assert head.post(f"/aid/needs/{line.need_id}/verify").status_code == 403
    assert visitor.post(f"/aid/needs/{line.need_id}/verify").status_code == 404
    assert helper.post(f"/aid/needs/{line.need_id}/verify").status_code == 404
    line.need.refresh_from_db()
    assert (line.need.state, line.need.verified_at) == ("submitted", None)
    assert not AuditEntry.objects.filter(verb="aid.verify_need").exists()


def test_reject_need_needs_a_reason_that_only_insiders_see(member: Member) -> None:
    line = _submitted()
    verifier = member("verifier", place=line.need.place)
    assert verifier.post(f"/aid/needs/{line.need_id}/reject", {}).status_code == 422
    response = verifier.post(f"/aid/needs/{line.need_id}/reject", {"reason": "duplicate"})
    assert (response.json()["state"], response.json()["state_reason"]) == ("rejected", "duplicate")


@pytest.mark.parametrize("act", ["reject", "withdraw"])
def test_reason_in_own_words_is_refused_and_kept_nowhere(member: Member, act: str) -> None:
    line = _submitted() if act == "reject" else NeedLineFactory()
    verifier = member("verifier", place=line.need.place)
    response = verifier.post(
        f"/aid/needs/{line.need_id}/{act}", {"reason": "Ask Ibu Contoh, 0812 3456 7890."}
    )
    assert (response.status_code, "Ibu Contoh" in response.content.decode()) == (422, False)
    state = line.need.state
    line.need.refresh_from_db()
    assert (line.need.state, line.need.state_reason) == (state, "")


@pytest.mark.parametrize("lax", ["60", True, 60.0, "1.000"])
def test_number_that_is_none_is_refused_not_guessed(member: Member, lax: Any) -> None:
    line = NeedLineFactory()
    head = member("rw_head", place=line.need.place)
    response = head.post(f"/aid/needs/{line.need_id}/lines/{line.pk}/change", {"quantity": lax})
    assert response.status_code == 422
    line.refresh_from_db()
    assert line.reported == 50


def test_withdraw_need_stays_readable_but_not_its_reason(visitor: Api, member: Member) -> None:
    line = NeedLineFactory()
    head = member("rw_head", place=line.need.place)
    response = head.post(f"/aid/needs/{line.need_id}/withdraw", {"reason": "helped-otherwise"})
    assert response.json()["state"] == "withdrawn"
    public = visitor.get(f"/aid/needs/{line.need_id}").json()
    assert (public["state"], public["state_reason"], public["lines"][0]["left"]) == ("withdrawn", None, 0)
    assert visitor.get("/aid/needs").json()["items"] == []


def test_change_line_looks_at_the_version_that_was_read(member: Member) -> None:
    line = NeedLineFactory()
    path = f"/aid/needs/{line.need_id}"
    verifier = member("verifier", place=line.need.place)
    tag = verifier.get(path)["ETag"]
    response = verifier.post(f"{path}/lines/{line.pk}/change", {"quantity": 60}, If_Match=tag)
    assert (response.status_code, response.json()["needed"]) == (200, 60)
    refused = verifier.post(f"{path}/lines/{line.pk}/change", {"quantity": 70}, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed-since")
    line.refresh_from_db()
    assert line.reported == 60
    fresh = verifier.get(path)["ETag"]
    assert (
        verifier.post(f"{path}/lines/{line.pk}/change", {"quantity": 70}, If_Match=fresh).status_code == 200
    )
    assert verifier.post(f"{path}/lines/{line.pk}/change", {"quantity": 80}, If_Match="*").status_code == 200


def test_change_line_below_what_is_promised_leaves_nothing(member: Member, soon: str) -> None:
    line = NeedLineFactory()
    partner = PartnerFactory()
    pledge(
        need_line=line,
        donor=Donor(partner=partner),
        quantity=30,
        deliver_date=localdate() + timedelta(days=1),
        by=Actor.user(1, (Role("partner_admin", partner.pk),)),
        now=utc_now(),
    )
    head = member("rw_head", place=line.need.place)
    body = head.post(f"/aid/needs/{line.need_id}/lines/{line.pk}/change", {"quantity": 20}).json()
    (shown,) = body["lines"]
    assert (shown["needed"], shown["committed"], shown["left"]) == (20, 30, 0)


def test_change_line_by_others_changes_nothing(visitor: Api, helper: Api) -> None:
    line = NeedLineFactory()
    path = f"/aid/needs/{line.need_id}/lines/{line.pk}/change"
    assert visitor.post(path, {"quantity": 1}).status_code == 401
    assert helper.post(path, {"quantity": 1}).status_code == 403
    line.refresh_from_db()
    assert line.reported == 50
    assert not AuditEntry.objects.filter(verb="aid.change_need").exists()


def test_change_line_of_another_need_is_not_found(member: Member) -> None:
    line, other = NeedLineFactory(), NeedLineFactory()
    head = member("rw_head", place=line.need.place)
    assert head.post(f"/aid/needs/{line.need_id}/lines/{other.pk}/change", {"quantity": 1}).status_code == 404
    other.refresh_from_db()
    assert other.reported == 50


def test_coverage_adds_up_and_tells_of_kelurahan_only(visitor: Api) -> None:
    first = NeedLineFactory(reported=50, committed=20, delivered=5).need.place
    NeedLineFactory(reported=50, committed=30)
    body = visitor.get("/aid/coverage").json()
    assert body["total"] == {
        "needed": 100,
        "committed": 50,
        "delivered": 5,
        "committed_share": 0.5,
        "delivered_share": 0.05,
    }
    (row,) = [each for each in body["kelurahan"] if each["place"]["code"] == first.code]
    assert (row["needs"], row["numbers"]["committed"], row["numbers"]["committed_share"]) == (1, 20, 0.4)
    assert visitor.get("/aid/coverage?item=masker").json() == {
        "total": {
            "needed": 0,
            "committed": 0,
            "delivered": 0,
            "committed_share": 1.0,
            "delivered_share": 1.0,
        },
        "kelurahan": [],
    }


def test_list_items_gives_both_languages(visitor: Api) -> None:
    ItemFactory()
    (item,) = visitor.get("/aid/items").json()["items"]
    assert (item["code"], item["basis"], item["reference_price"]) == ("sembako", "household", 200_000)
    assert item["name"] == {"id": "Paket sembako", "en": "Staple food package"}
