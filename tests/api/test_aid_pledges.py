"""Promises, deliveries and offers over the API."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils.timezone import localdate
from PIL import Image

from kolaborasi.aid.models import Delivery, NeedLine, Offer, Pledge
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.models import AnsweredRequest
from kolaborasi.messages.models import Message
from kolaborasi.people.models import Person
from kolaborasi.people.queries import published_names
from kolaborasi.places.models import PlaceCode
from tests.api.conftest import Api, Member, secret_of
from tests.factories import (
    ItemFactory,
    KelurahanFactory,
    NeedFactory,
    NeedLineFactory,
    OfferFactory,
    PartnerFactory,
    UserFactory,
)
from tests.support import assert_same_queries

CONTACT = {"name": "Warga Contoh", "email": "warga@contoh.example"}
KEY = "f2f0a2f6-3bd1-4d0b-9f0a-6f3b4d2f7c11"


def _body(soon: str, **more: Any) -> dict[str, Any]:
    return {"item": "sembako", "quantity": 12, "deliver_date": soon, **more}


def _pledge(api: Api, line: NeedLine, soon: str, **more: Any) -> dict[str, Any]:
    response = api.post(f"/aid/needs/{line.need_id}/pledges", _body(soon, **more))
    assert response.status_code == 201, response.content
    return response.json()


def _link() -> str:
    """The secret in the message to the contact."""
    return Message.objects.latest("pk").context["link"].split("/")[3]


def _photo(kind: str = "JPEG") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, kind)
    return SimpleUploadedFile("bukti.jpg", file.getvalue(), content_type="image/jpeg")


def test_pledge_of_a_visitor_is_held_until_the_link_is_followed(visitor: Api, soon: str) -> None:
    line = NeedLineFactory()
    made = _pledge(visitor, line, soon, contact=CONTACT)
    assert (made["status"], made["token"], made["partner"]) == ("unconfirmed", None, None)
    assert made["held_until"] is not None
    path = f"/aid/pledges/{made['id']}"
    assert visitor.get(path).status_code == 404
    token = _link()
    assert visitor.get(path, X_Pledge_Token=token).json()["status"] == "unconfirmed"
    assert visitor.post(f"{path}/confirm").status_code == 404
    confirmed = visitor.post(f"{path}/confirm", X_Pledge_Token=token)
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "promised")
    assert AuditEntry.objects.get(verb="aid.confirm_pledge").actor == "visitor:pledge-link"
    (found,) = visitor.get("/aid/pledges", X_Pledge_Token=token).json()["items"]
    assert found["id"] == made["id"]
    assert visitor.get("/aid/pledges", X_Pledge_Token="another").status_code == 404
    line.refresh_from_db()
    assert (line.committed, line.delivered) == (12, 0)


def test_pledge_of_a_visitor_never_answers_with_personal_values(visitor: Api, soon: str) -> None:
    line = NeedLineFactory()
    response = visitor.post(f"/aid/needs/{line.need_id}/pledges", _body(soon, contact=CONTACT), key=KEY)
    assert b"Warga" not in response.content
    assert b"contoh.example" not in response.content
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(common_answeredrequest)::text FROM common_answeredrequest")
        kept = cursor.fetchone()[0]
    assert "Warga" not in kept
    assert KEY not in kept


def test_pledge_of_an_account_stands_at_once(helper: Api, soon: str) -> None:
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    assert (made["status"], made["quantity"], made["receipt_code"]) == ("promised", 12, None)
    assert helper.get(f"/aid/pledges/{made['id']}").json()["id"] == made["id"]
    assert Api().get(f"/aid/pledges/{made['id']}", X_Pledge_Token=made["token"]).status_code == 200
    assert [each["id"] for each in helper.get("/aid/pledges").json()["items"]] == [made["id"]]


def test_pledge_again_with_the_key_answers_with_the_same_secret(helper: Api, soon: str) -> None:
    line = NeedLineFactory()
    path = f"/aid/needs/{line.need_id}/pledges"
    first = helper.post(path, _body(soon), key=KEY)
    again = helper.post(path, _body(soon), key=KEY)
    assert first.json()["token"]
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert first.json()["token"] not in str(AnsweredRequest.objects.get().answer)
    line.refresh_from_db()
    assert (line.committed, Pledge.objects.count(), Message.objects.count()) == (12, 1, 1)


def test_pledge_of_a_partner_names_it(member: Member, soon: str) -> None:
    line, partner = NeedLineFactory(), PartnerFactory()
    made = _pledge(member("partner_member", partner=partner), line, soon, partner=partner.pk)
    assert made["partner"] == {"id": partner.pk, "name": partner.name}
    assert made["status"] == "promised"


def test_pledge_for_a_partner_of_others_is_refused(
    member: Member, helper: Api, visitor: Api, soon: str
) -> None:
    line, partner = NeedLineFactory(), PartnerFactory()
    path = f"/aid/needs/{line.need_id}/pledges"
    stranger = member("partner_member", partner=PartnerFactory())
    assert stranger.post(path, _body(soon, partner=partner.pk)).json()["code"] == "partner-not-yours"
    assert helper.post(path, _body(soon, partner=partner.pk)).status_code == 404
    assert visitor.post(path, _body(soon, partner=partner.pk, contact=CONTACT)).status_code == 401
    line.refresh_from_db()
    assert (line.committed, Pledge.objects.count(), Person.objects.count()) == (0, 0, 1)


def test_pledge_of_a_frozen_partner_is_refused(member: Member, soon: str) -> None:
    line = NeedLineFactory()
    partner = PartnerFactory(state="frozen", reason="complaint")
    response = member("partner_admin", partner=partner).post(
        f"/aid/needs/{line.need_id}/pledges", _body(soon, partner=partner.pk)
    )
    assert (response.status_code, response.json()["code"]) == (409, "partner-not-active")
    assert Pledge.objects.count() == 0


def test_pledge_over_what_is_left_names_the_nearest_open_needs(helper: Api, soon: str) -> None:
    line = NeedLineFactory(committed=45)
    near = NeedLineFactory(committed=10)
    NeedLineFactory(committed=50)
    response = helper.post(f"/aid/needs/{line.need_id}/pledges", _body(soon))
    assert response.status_code == 422
    body = response.json()
    assert (body["code"], body["left"], body["asked"]) == ("not-enough-left", 5, 12)
    assert body["detail"] == "Only 5 left; 12 were asked for."
    assert body["nearest"] == [
        {
            "need": near.need_id,
            "place": {
                "code": near.need.place.code,
                "scheme": "kemendagri",
                "kind": "kelurahan",
                "name": near.need.place.name,
            },
            "left": 40,
            "distance_km": 1.0,
        }
    ]
    line.refresh_from_db()
    assert line.committed == 45


def test_pledge_to_a_need_that_is_over_is_refused(helper: Api, soon: str) -> None:
    need = NeedFactory(state="withdrawn", state_reason="over")
    NeedLineFactory(need=need, reported=0)
    response = helper.post(f"/aid/needs/{need.pk}/pledges", _body(soon))
    assert (response.status_code, response.json()["code"]) == (409, "need-closed")
    waiting = NeedLineFactory(need__state="submitted", need__verified_at=None)
    assert helper.post(f"/aid/needs/{waiting.need_id}/pledges", _body(soon)).status_code == 404
    assert Pledge.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"contact": None}, "who-promises"),
        ({"contact": {"name": "Warga Contoh", "email": "no-address"}}, "not-a-contact"),
        ({"contact": CONTACT, "deliver_date": "2020-01-01"}, "pledge-refused"),
        ({"contact": CONTACT, "item": "masker"}, "item-not-needed"),
    ],
)
def test_pledge_that_is_wrong_says_why(visitor: Api, soon: str, more: dict[str, Any], code: str) -> None:
    line = NeedLineFactory()
    response = visitor.post(f"/aid/needs/{line.need_id}/pledges", _body(soon, **more))
    assert response.json()["code"] == code
    assert (Pledge.objects.count(), Person.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_pledge_of_an_account_with_a_contact_is_refused(helper: Api, soon: str) -> None:
    line = NeedLineFactory()
    response = helper.post(f"/aid/needs/{line.need_id}/pledges", _body(soon, contact=CONTACT))
    assert (response.status_code, response.json()["code"]) == (422, "who-promises")
    assert Pledge.objects.count() == 0


@pytest.mark.parametrize("lax", [True, "1", 1.0])
def test_quantity_that_is_no_number_promises_nothing(visitor: Api, soon: str, lax: Any) -> None:
    line = NeedLineFactory()
    body = _body(soon, contact=CONTACT) | {"quantity": lax}
    assert visitor.post(f"/aid/needs/{line.need_id}/pledges", body).status_code == 422
    line.refresh_from_db()
    assert (line.committed, Pledge.objects.count()) == (0, 0)


def test_name_is_kept_without_characters_that_turn_it_round(visitor: Api, soon: str) -> None:
    line = NeedLineFactory()
    address = f"/aid/needs/{line.need_id}/pledges"
    unseen = visitor.post(address, _body(soon, contact={**CONTACT, "name": "\u202e\u200b"}))
    assert (unseen.status_code, Pledge.objects.count()) == (422, 0)
    made = visitor.post(address, _body(soon, named=True, contact={**CONTACT, "name": "Warga\u202e  Contoh"}))
    assert made.status_code == 201
    assert published_names([Pledge.objects.get().person_id]) == ["Warga Contoh"]


def test_pledge_of_an_account_that_was_never_confirmed_is_refused(soon: str) -> None:
    line = NeedLineFactory()
    nobody = Api(secret_of(UserFactory()))
    response = nobody.post(f"/aid/needs/{line.need_id}/pledges", _body(soon))
    assert (response.status_code, response.json()["code"]) == (422, "account-not-confirmed")
    assert Pledge.objects.count() == 0


def test_hand_over_and_cancel_are_for_the_helper_alone(
    helper: Api, visitor: Api, member: Member, soon: str
) -> None:
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    path = f"/aid/pledges/{made['id']}"
    head = member("rw_head", place=line.need.place)
    for other in (visitor, head, Api(secret_of(UserFactory()))):
        assert other.post(f"{path}/hand-over").status_code == 404
        assert other.post(f"{path}/cancel", {"reason": "other"}).status_code == 404
    pledge = Pledge.objects.get()
    assert (pledge.handed_over_at, pledge.state) == (None, "confirmed")
    assert helper.post(f"{path}/hand-over").json()["status"] == "on-the-way"
    assert helper.post(f"{path}/cancel", {"reason": "Ibu Contoh is ill."}).status_code == 422
    assert helper.post(f"{path}/cancel", {"reason": "cannot-bring"}).json()["status"] == "cancelled"
    assert helper.post(f"{path}/cancel", {}).json()["code"] == "wrong-state"
    line.refresh_from_db()
    assert line.committed == 0


def test_receiving_side_sees_promises_with_codes_and_nobody_else(
    helper: Api, visitor: Api, member: Member, soon: str
) -> None:
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    head = member("rw_head", place=line.need.place)
    (shown,) = head.get(f"/aid/needs/{line.need_id}/pledges").json()["items"]
    assert shown["receipt_code"] == Pledge.objects.get().receipt_code
    assert head.get(f"/aid/pledges/{made['id']}").json()["receipt_code"] == shown["receipt_code"]
    assert visitor.get(f"/aid/needs/{line.need_id}/pledges").status_code == 401
    assert helper.get(f"/aid/needs/{line.need_id}/pledges").status_code == 403
    assert member("rw_head", place=KelurahanFactory()).get(f"/aid/pledges/{made['id']}").status_code == 404


def test_list_of_promises_asks_the_database_as_often_for_three_as_for_one(member: Member, soon: str) -> None:
    partner = PartnerFactory()
    api = member("partner_admin", partner=partner)

    def add() -> None:
        made = _pledge(api, NeedLineFactory(), soon, partner=partner.pk)
        Delivery.objects.create(
            pledge_id=made["id"], quantity=1, reported_at=Pledge.objects.latest("pk").pledged_at
        )

    # Token with account and roles, own partners, promises, deliveries.
    assert_same_queries(4, ask=lambda: api.get("/aid/pledges"), add_row=add)


def test_report_delivery_with_a_photo_waits_for_the_receiving_side(
    helper: Api, member: Member, soon: str, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    path = f"/aid/pledges/{made['id']}"
    response = helper.post_form(f"{path}/deliveries", {"quantity": 12, "photo": _photo()}, key=KEY)
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1{path}"
    told = response.json()
    assert (told["state"], told["quantity"], told["received"], told["photo"]) == ("reported", 12, None, True)
    again = helper.post_form(f"{path}/deliveries", {"quantity": 12, "photo": _photo()}, key=KEY)
    assert again["Idempotency-Replayed"] == "true"
    reused = helper.post_form(f"{path}/deliveries", {"quantity": 12, "photo": _photo("PNG")}, key=KEY)
    assert reused.json()["code"] == "idempotency-key-reused"
    assert (Delivery.objects.count(), len(list(tmp_path.rglob("*.jpg")))) == (1, 1)
    assert helper.get(path).json()["status"] == "awaiting-recipient"
    head = member("rw_head", place=line.need.place)
    done = head.post(f"{path}/acknowledge", {"received": 10})
    assert done.status_code == 201
    assert (done.json()["state"], done.json()["received"]) == ("acknowledged", 10)
    line.refresh_from_db()
    assert (line.committed, line.delivered) == (10, 10)


def test_report_delivery_without_a_photo_or_with_another_file_is_refused(helper: Api, soon: str) -> None:
    made = _pledge(helper, NeedLineFactory(), soon)
    path = f"/aid/pledges/{made['id']}/deliveries"
    response = helper.post_form(path, {"quantity": 12})
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"place": "file", "pointer": "#/photo", "detail": "This is needed. Add it."}
    ]
    text = SimpleUploadedFile("bukti.jpg", b"not a picture", content_type="image/jpeg")
    assert helper.post_form(path, {"quantity": 12, "photo": text}).json()["code"] == "not-a-photo"
    assert Delivery.objects.count() == 0


def test_receipt_by_code_is_proof(visitor: Api, helper: Api, soon: str) -> None:
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    path = f"/aid/pledges/{made['id']}/receipt"
    code = Pledge.objects.get().receipt_code
    assert visitor.post(path, {"code": code, "quantity": 12}).status_code == 404
    response = visitor.post(path, {"code": code.lower(), "quantity": 5}, X_Pledge_Token=made["token"])
    assert response.status_code == 201
    assert (response.json()["received"], response.json()["acknowledged_by"]) == (5, "code")
    line.refresh_from_db()
    assert (line.committed, line.delivered) == (12, 5)


def test_wrong_code_stays_counted_and_its_answer_is_replayed(helper: Api, soon: str) -> None:
    made = _pledge(helper, NeedLineFactory(), soon)
    path = f"/aid/pledges/{made['id']}/receipt"
    first = helper.post(path, {"code": "WRONG", "quantity": 12}, key=KEY)
    assert (first.status_code, first.json()["code"], first.json()["tries_left"]) == (
        422,
        "wrong-receipt-code",
        4,
    )
    again = helper.post(path, {"code": "WRONG", "quantity": 12}, key=KEY)
    assert (again.status_code, again.content) == (422, first.content)
    assert Pledge.objects.get().wrong_codes == 1
    left = [helper.post(path, {"code": "WRONG", "quantity": 1}).json()["tries_left"] for _try in range(4)]
    assert left == [3, 2, 1, 0]
    right = helper.post(path, {"code": Pledge.objects.get().receipt_code, "quantity": 12})
    assert right.json()["code"] == "receipt-code-used-up"
    assert Delivery.objects.count() == 0


def test_dispute_is_for_the_receiving_side(
    helper: Api, member: Member, soon: str, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    path = f"/aid/pledges/{made['id']}"
    helper.post_form(f"{path}/deliveries", {"quantity": 12, "photo": _photo()})
    assert helper.post(f"{path}/dispute").status_code == 403
    assert helper.post(f"{path}/acknowledge", {"received": 12}).status_code == 403
    assert Delivery.objects.get().state == "reported"
    head = member("rw_head", place=line.need.place)
    assert head.post(f"{path}/dispute").json()["state"] == "disputed"
    line.refresh_from_db()
    assert line.delivered == 0


def test_release_of_an_overdue_promise_is_for_the_receiving_side(
    helper: Api, member: Member, soon: str
) -> None:
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    path, reason = f"/aid/pledges/{made['id']}/release", {"reason": "did-not-come"}
    head = member("rw_head", place=line.need.place)
    early = head.post(path, reason)
    assert (early.status_code, early.json()["code"]) == (409, "not-overdue")
    Pledge.objects.update(deliver_date=localdate() - timedelta(days=1))
    assert helper.post(path, reason).status_code == 403
    assert head.post(path, {"reason": "malas"}).status_code == 422
    line.refresh_from_db()
    assert line.committed == 12
    first, again = (head.post(path, reason, key=KEY) for _time in range(2))
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert again.content == first.content
    line.refresh_from_db()
    assert (line.committed, Pledge.objects.get().end_reason) == (0, "did-not-come")


def test_renewed_code_is_given_to_the_receiving_side_alone(helper: Api, member: Member, soon: str) -> None:
    line = NeedLineFactory()
    made = _pledge(helper, line, soon)
    path, old = f"/aid/pledges/{made['id']}/renew-code", Pledge.objects.get().receipt_code
    assert helper.post(path).status_code == 403
    assert Pledge.objects.get().receipt_code == old
    answer = member("rw_head", place=line.need.place).post(path)
    assert (answer.status_code, answer.json()["receipt_code"]) == (200, Pledge.objects.get().receipt_code)
    assert answer.json()["receipt_code"] != old


def _offer_body(soon: str, **more: Any) -> dict[str, Any]:
    place = KelurahanFactory()
    PlaceCode.objects.create(place=place, scheme="kemendagri", code=place.code)
    item = ItemFactory()
    return {
        "item": item.code,
        "quantity": 100,
        "place": {"scheme": "kemendagri", "code": place.code},
        "available_date": soon,
        **more,
    }


def test_make_offer_and_withdraw_it(helper: Api, soon: str) -> None:
    response = helper.post("/aid/offers", _offer_body(soon))
    assert response.status_code == 201
    offer = response.json()
    assert (offer["offered"], offer["committed"], offer["left"], offer["partner"]) == (100, 0, 100, None)
    assert helper.get(response["Location"]).json()["id"] == offer["id"]
    assert [each["id"] for each in helper.get("/aid/offers").json()["items"]] == [offer["id"]]
    taken = helper.post(f"/aid/offers/{offer['id']}/withdraw").json()
    assert (taken["offered"], taken["left"]) == (0, 0)


def test_make_offer_by_others_changes_nothing(visitor: Api, helper: Api, soon: str) -> None:
    partner = PartnerFactory()
    assert visitor.post("/aid/offers", _offer_body(soon)).status_code == 401
    assert helper.post("/aid/offers", _offer_body(soon, partner=partner.pk)).status_code == 404
    assert helper.post("/aid/offers", _offer_body(soon, item="batu")).json()["code"] == "item-unknown"
    body = _offer_body(soon, until_date=soon)
    assert helper.post("/aid/offers", body).json()["detail"] == "The last day must come after the first."
    assert Offer.objects.count() == 0


def test_offer_of_others_is_hidden_and_stays(helper: Api, visitor: Api) -> None:
    offer = OfferFactory()
    assert visitor.get("/aid/offers").status_code == 401
    assert helper.get("/aid/offers").json()["items"] == []
    assert helper.get(f"/aid/offers/{offer.pk}").status_code == 404
    assert helper.post(f"/aid/offers/{offer.pk}/withdraw").status_code == 404
    offer.refresh_from_db()
    assert offer.reported == 50


def test_list_offers_asks_the_database_as_often_for_three_as_for_one(member: Member) -> None:
    partner = PartnerFactory()
    api = member("partner_member", partner=partner)
    assert_same_queries(4, ask=lambda: api.get("/aid/offers"), add_row=lambda: OfferFactory(partner=partner))


def test_pledge_for_too_far_ahead_is_refused(helper: Api) -> None:
    line = NeedLineFactory()
    late = (localdate() + timedelta(days=91)).isoformat()
    response = helper.post(f"/aid/needs/{line.need_id}/pledges", _body(late))
    assert response.json()["faults"] == ["too-far-ahead"]
