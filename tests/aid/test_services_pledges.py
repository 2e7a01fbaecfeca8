"""A pledge from promise to proof."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import transaction
from PIL import Image

from kolaborasi.aid import services
from kolaborasi.aid.errors import (
    NeedClosed,
    NoProof,
    NotAPhoto,
    PledgeRefused,
    ReceiptCodeUsedUp,
    TooManyUnconfirmed,
    UnknownReason,
    WrongItem,
    WrongReceiptCode,
)
from kolaborasi.aid.models import Delivery, NeedLine, Offer, Pledge
from kolaborasi.aid.photos import Photo, read_photo
from kolaborasi.aid.queries import pledge_by_token, pledges, status
from kolaborasi.aid.services.pledges import Donor, Pledged
from kolaborasi.aid.states import NeedState
from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.errors import HoldExpired, NotEnoughLeft, TooMuchDelivered, WrongState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.events.models import Event
from kolaborasi.messages.models import Message
from kolaborasi.partners.states import PartnerState
from kolaborasi.people.models import Contact
from kolaborasi.people.services import Identity
from tests.conftest import NOW
from tests.factories import TODAY, ItemFactory, NeedLineFactory, OfferFactory, PartnerFactory, person, staff

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()
DONOR = Donor(identity=Identity(name="Dermawan Contoh", email="dermawan@contoh.example"))
PHOTO = Photo(b"picture", "jpg")


def by_visitor(line: NeedLine, quantity: int = 20, now=NOW) -> Pledged:
    return services.pledge(
        need_line=line, donor=DONOR, quantity=quantity, deliver_date=TODAY, by=VISITOR, now=now
    )


def confirmed(line: NeedLine, quantity: int = 20) -> Pledge:
    return services.confirm_pledge(pledge=by_visitor(line, quantity).pledge, by=VISITOR, now=NOW)


def numbers(line: NeedLine) -> tuple[int, int, int]:
    line.refresh_from_db()
    return line.reported, line.committed, line.delivered


def word(pledge: Pledge) -> str:
    return status(pledges().get(pk=pledge.pk))


@pytest.fixture
def line() -> NeedLine:
    return NeedLineFactory(reported=50)


def test_visitor_pledge_is_held_and_a_link_is_sent(line: NeedLine) -> None:
    made = by_visitor(line)
    assert (made.pledge.state, made.pledge.held_until) == ("held", NOW + timedelta(hours=24))
    assert numbers(line) == (50, 20, 0)
    message = Message.objects.get()
    assert message.template == "aid_pledge"
    assert message.context["link"] == f"/aid/p/{made.token}/"
    assert message.recipient == made.pledge.person_id
    assert pledge_by_token(made.token).pk == made.pledge.pk
    assert word(made.pledge) == "unconfirmed"


def test_pledge_leaves_no_personal_value_behind(line: NeedLine) -> None:
    by_visitor(line)
    traces = [
        *AuditEntry.objects.values_list("detail", flat=True),
        *Event.objects.values_list("data", flat=True),
    ]
    traces += [*Message.objects.values_list("context", flat=True)]
    assert "ermawan" not in str(traces)
    assert AuditEntry.objects.filter(verb="aid.pledge", actor="visitor:public").count() == 1
    assert Event.objects.filter(name="aid.pledged").count() == 1


def test_confirmed_pledge_confirms_the_contact(line: NeedLine) -> None:
    pledge = confirmed(line)
    assert (pledge.state, pledge.confirmed_at) == ("confirmed", NOW)
    assert Contact.objects.get().confirmed_at == NOW
    assert word(pledge) == "promised"


def test_pledge_confirmed_too_late_is_refused_and_expires(line: NeedLine) -> None:
    made = by_visitor(line)
    late = NOW + timedelta(hours=24)
    with pytest.raises(HoldExpired):
        services.confirm_pledge(pledge=made.pledge, by=VISITOR, now=late)
    assert Pledge.objects.get().confirmed_at is None
    assert services.expire_pledges(by=Actor.system("expiry"), now=late) == [made.pledge]
    assert numbers(line) == (50, 0, 0)
    assert word(made.pledge) == "expired"
    assert services.expire_pledges(by=Actor.system("expiry"), now=late) == []


def test_partner_pledge_is_confirmed_at_once_and_named(line: NeedLine) -> None:
    giver = PartnerFactory()
    made = services.pledge(
        need_line=line,
        donor=Donor(partner=giver),
        quantity=50,
        deliver_date=TODAY,
        by=staff("partner_member", partner_id=giver.pk),
        now=NOW,
    )
    assert (made.pledge.state, made.pledge.named, made.pledge.person) == ("confirmed", True, None)
    assert numbers(line) == (50, 50, 0)
    assert Message.objects.count() == 0


def test_pledge_for_a_partner_by_a_stranger_is_refused(line: NeedLine) -> None:
    giver, other = PartnerFactory(), PartnerFactory()
    with pytest.raises(NotPermitted):
        services.pledge(
            need_line=line,
            donor=Donor(partner=giver),
            quantity=1,
            deliver_date=TODAY,
            by=staff("partner_member", partner_id=other.pk),
            now=NOW,
        )
    assert numbers(line) == (50, 0, 0)


@pytest.mark.parametrize("state", [PartnerState.FROZEN, PartnerState.PAUSED, PartnerState.LEFT])
def test_pledge_of_a_partner_that_may_not_give_is_refused(line: NeedLine, state: PartnerState) -> None:
    giver = PartnerFactory(state=state, reason="other")
    with pytest.raises(Refused) as refusal:
        services.pledge(
            need_line=line,
            donor=Donor(partner=giver),
            quantity=1,
            deliver_date=TODAY,
            by=staff("partner_member", partner_id=giver.pk),
            now=NOW,
        )
    assert refusal.value.code == "partner-not-active"
    assert numbers(line) == (50, 0, 0)
    assert Pledge.objects.count() == 0


@pytest.mark.parametrize(
    ("quantity", "day", "faults"),
    [
        (0, TODAY, ["quantity"]),
        (1, TODAY - timedelta(days=1), ["past-date"]),
        (1, TODAY + timedelta(days=91), ["too-far-ahead"]),
    ],
)
def test_pledge_filled_in_wrongly_is_refused(quantity: int, day: object, faults: list[str]) -> None:
    line = NeedLineFactory(reported=50, needed_by_date=TODAY + timedelta(days=120))
    with pytest.raises(PledgeRefused) as refusal:
        services.pledge(need_line=line, donor=DONOR, quantity=quantity, deliver_date=day, by=VISITOR, now=NOW)
    assert refusal.value.details == {"faults": faults}
    assert numbers(line) == (50, 0, 0)


@pytest.mark.parametrize(
    ("identity", "faults"),
    [
        (Identity(name="Warga Contoh"), ["no-contact"]),
        (Identity(name="  ", email="warga@contoh.example"), ["no-name"]),
        (Identity(name=" ", email=" ", phone=" "), ["no-name", "no-contact"]),
    ],
)
def test_pledge_of_nobody_that_can_be_reached_is_refused(
    line: NeedLine, identity: Identity, faults: list[str]
) -> None:
    with pytest.raises(PledgeRefused) as refusal:
        services.pledge(
            need_line=line,
            donor=Donor(identity=identity),
            quantity=1,
            deliver_date=TODAY,
            by=VISITOR,
            now=NOW,
        )
    assert refusal.value.details == {"faults": faults}
    assert (numbers(line), Message.objects.count()) == ((50, 0, 0), 0)


def test_pledge_after_the_day_it_is_needed_by_is_refused_with_that_day(line: NeedLine) -> None:
    given = {"need_line": line, "donor": DONOR, "quantity": 1, "by": VISITOR, "now": NOW}
    with pytest.raises(PledgeRefused) as refusal:
        services.pledge(deliver_date=TODAY + timedelta(days=15), **given)
    assert refusal.value.details == {"faults": ["after-needed"], "needed_by_date": "2021-07-26"}
    assert "26 Juli 2021" in str(refusal.value)
    assert numbers(line) == (50, 0, 0)
    assert services.pledge(deliver_date=TODAY + timedelta(days=14), **given).pledge.pk


def test_late_help_is_taken_once_the_day_has_passed() -> None:
    line = NeedLineFactory(reported=50, needed_by_date=TODAY - timedelta(days=1))
    assert by_visitor(line).pledge.quantity == 20


def test_planned_pledge_after_the_day_it_is_needed_by_is_refused(line: NeedLine) -> None:
    offer = OfferFactory(item=line.item)
    with pytest.raises(PledgeRefused):
        services.pledge_by_plan(
            need_line=line,
            offer=offer,
            quantity=1,
            deliver_date=TODAY + timedelta(days=15),
            by=staff("coordinator"),
            now=NOW,
        )
    assert numbers(line) == (50, 0, 0)


def test_sixth_unconfirmed_pledge_of_a_contact_is_refused_until_one_is_confirmed(line: NeedLine) -> None:
    made = [by_visitor(line, 1) for _promise in range(5)]
    with pytest.raises(TooManyUnconfirmed) as refusal, transaction.atomic():
        by_visitor(line, 1)
    assert (refusal.value.code, refusal.value.details) == ("too-many-unconfirmed", {"most": 5})
    assert (numbers(line), Message.objects.count()) == ((50, 5, 0), 5)
    other = Donor(identity=Identity(name="Warga Contoh", email="warga.lain@contoh.example"))
    assert services.pledge(
        need_line=line, donor=other, quantity=1, deliver_date=TODAY, by=VISITOR, now=NOW
    ).pledge.pk
    services.confirm_pledge(pledge=made[0].pledge, by=VISITOR, now=NOW)
    assert by_visitor(line, 1).pledge.pk


def test_expired_pledges_of_a_contact_do_not_count(line: NeedLine) -> None:
    for _promise in range(5):
        by_visitor(line, 1)
    later, day = NOW + timedelta(hours=25), TODAY + timedelta(days=2)
    assert services.pledge(
        need_line=line, donor=DONOR, quantity=1, deliver_date=day, by=VISITOR, now=later
    ).pledge.pk


def test_reason_in_ones_own_words_is_refused(line: NeedLine) -> None:
    pledge = confirmed(line)
    words = "Pak RT rumah nomor 7 sakit"
    with pytest.raises(UnknownReason) as refusal:
        services.cancel_pledge(pledge=pledge, reason=words, by=VISITOR, now=NOW)
    assert "cannot-bring" in refusal.value.details["reasons"]
    with pytest.raises(UnknownReason):
        services.withdraw_need(need=line.need, reason=words, by=staff("verifier"), now=NOW)
    waiting = NeedLineFactory(need__state="submitted").need
    with pytest.raises(UnknownReason):
        services.reject_need(need=waiting, reason=words, by=staff("verifier"), now=NOW)
    assert numbers(line) == (50, 20, 0)


def test_pledge_over_what_is_left_is_refused_with_what_is_left(line: NeedLine) -> None:
    by_visitor(line, 38)
    with pytest.raises(NotEnoughLeft) as refusal:
        by_visitor(line, 13)
    assert refusal.value.left == 12
    assert numbers(line) == (50, 38, 0)
    assert Pledge.objects.count() == 1


@pytest.mark.parametrize("state", [NeedState.SUBMITTED, NeedState.REJECTED, NeedState.WITHDRAWN])
def test_pledge_on_a_need_that_is_not_open_is_refused(state: NeedState) -> None:
    line = NeedLineFactory(need__state=state, need__state_reason="test")
    with pytest.raises(NeedClosed):
        by_visitor(line)
    assert numbers(line) == (50, 0, 0)


def test_pledge_on_a_need_that_was_withdrawn_since_it_was_read_is_refused(line: NeedLine) -> None:
    seen_before = NeedLine.objects.select_related("need__place", "item").get(pk=line.pk)
    services.withdraw_need(need=line.need, reason="no-longer-needed", by=staff("verifier"), now=NOW)
    with pytest.raises(NeedClosed):
        by_visitor(seen_before, 1)
    assert numbers(line) == (50, 0, 0)


def test_pledge_taken_back_can_be_promised_again(line: NeedLine) -> None:
    pledge = confirmed(line, 50)
    services.cancel_pledge(pledge=pledge, reason="cannot-bring", by=VISITOR, now=NOW)
    assert numbers(line) == (50, 0, 0)
    assert word(pledge) == "cancelled"
    with pytest.raises(WrongState):
        services.cancel_pledge(pledge=pledge, reason="other", by=VISITOR, now=NOW)
    assert by_visitor(line, 50).pledge.pk


def test_delivery_counts_only_when_the_recipient_acknowledges(line: NeedLine) -> None:
    pledge = services.hand_over(pledge=confirmed(line), by=VISITOR, now=NOW)
    assert word(pledge) == "on-the-way"
    services.report_delivery(pledge=pledge, quantity=20, photo=PHOTO, by=VISITOR, now=NOW)
    assert numbers(line) == (50, 20, 0)
    assert word(pledge) == "awaiting-recipient"
    delivery = services.acknowledge(
        pledge=pledge, received=18, by=staff("rw_head", line.need.place.code), now=NOW
    )
    assert (delivery.quantity, delivery.received, delivery.acknowledged_by) == (20, 18, "recipient")
    assert numbers(line) == (50, 18, 18)
    assert word(pledge) == "partly-delivered"


def test_delivery_by_the_recipients_code_is_proof(line: NeedLine) -> None:
    pledge = confirmed(line)
    typed = f" {pledge.receipt_code[:3].lower()} {pledge.receipt_code[3:]}"
    delivery = services.acknowledge_by_code(pledge=pledge, code=typed, quantity=20, by=VISITOR, now=NOW)
    assert (delivery.received, delivery.acknowledged_by) == (20, "code")
    assert numbers(line) == (50, 20, 20)
    assert word(pledge) == "delivered"


def test_second_delivery_completes_a_pledge(line: NeedLine) -> None:
    pledge = confirmed(line)
    for units, expected in ((5, "partly-delivered"), (15, "delivered")):
        services.acknowledge_by_code(
            pledge=pledge, code=pledge.receipt_code, quantity=units, by=VISITOR, now=NOW
        )
        assert word(pledge) == expected
    assert numbers(line) == (50, 20, 20)
    assert list(Delivery.objects.order_by("pk").values_list("received", flat=True)) == [5, 15]


def test_rest_of_a_partly_delivered_pledge_can_be_taken_back(line: NeedLine) -> None:
    pledge = confirmed(line)
    services.acknowledge_by_code(pledge=pledge, code=pledge.receipt_code, quantity=5, by=VISITOR, now=NOW)
    pledge.refresh_from_db()
    services.cancel_pledge(pledge=pledge, reason="other", by=VISITOR, now=NOW)
    assert numbers(line) == (50, 5, 5)
    assert word(pledge) == "partly-delivered"


@pytest.mark.django_db(transaction=True)
def test_wrong_code_is_counted_and_five_kill_the_code(line: NeedLine) -> None:
    pledge = confirmed(line)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongReceiptCode) as refusal:
            services.acknowledge_by_code(pledge=pledge, code="QQQQQQ", quantity=20, by=VISITOR, now=NOW)
        assert refusal.value.details == {"tries_left": left}
    assert refusal.type is ReceiptCodeUsedUp
    with pytest.raises(ReceiptCodeUsedUp):
        services.acknowledge_by_code(
            pledge=pledge, code=pledge.receipt_code, quantity=20, by=VISITOR, now=NOW
        )
    assert numbers(line) == (50, 20, 0)


def test_more_than_promised_cannot_be_delivered(line: NeedLine) -> None:
    pledge = confirmed(line)
    with pytest.raises(TooMuchDelivered):
        services.report_delivery(pledge=pledge, quantity=21, photo=PHOTO, by=VISITOR, now=NOW)
    with pytest.raises(TooMuchDelivered):
        services.acknowledge(pledge=pledge, received=21, by=staff("verifier"), now=NOW)
    assert numbers(line) == (50, 20, 0)
    assert Delivery.objects.count() == 0


def test_delivery_without_photo_and_code_proves_nothing(line: NeedLine) -> None:
    with pytest.raises(NoProof):
        services.report_delivery(pledge=confirmed(line), quantity=20, photo=None, by=VISITOR, now=NOW)
    assert Delivery.objects.count() == 0


def test_unconfirmed_pledge_cannot_be_handed_over_or_delivered(line: NeedLine) -> None:
    pledge = by_visitor(line).pledge
    with pytest.raises(WrongState):
        services.hand_over(pledge=pledge, by=VISITOR, now=NOW)
    with pytest.raises(WrongState):
        services.report_delivery(pledge=pledge, quantity=20, photo=PHOTO, by=VISITOR, now=NOW)
    assert Pledge.objects.get().handed_over_at is None


def test_disputed_delivery_does_not_count_and_can_be_settled_later(line: NeedLine) -> None:
    pledge = confirmed(line)
    services.report_delivery(pledge=pledge, quantity=20, photo=PHOTO, by=VISITOR, now=NOW)
    services.dispute(pledge=pledge, by=staff("rw_head", line.need.place.code), now=NOW)
    assert numbers(line) == (50, 20, 0)
    assert word(pledge) == "promised"
    services.report_delivery(pledge=pledge, quantity=20, photo=PHOTO, by=VISITOR, now=NOW)
    services.acknowledge(pledge=pledge, received=20, by=staff("verifier", "31"), now=NOW)
    assert numbers(line) == (50, 20, 20)


@pytest.mark.parametrize("role", ["rw_head", "verifier"])
def test_acknowledging_elsewhere_is_not_permitted(line: NeedLine, role: str) -> None:
    with pytest.raises(NotPermitted):
        services.acknowledge(pledge=confirmed(line), received=1, by=staff(role, "31.72"), now=NOW)
    assert numbers(line) == (50, 20, 0)


def test_planned_pledge_counts_against_need_and_offer(line: NeedLine) -> None:
    offer = OfferFactory(item=line.item, reported=30)
    made = services.pledge_by_plan(
        need_line=line, offer=offer, quantity=30, deliver_date=TODAY, by=staff("coordinator"), now=NOW
    )
    assert (made.pledge.state, made.pledge.partner_id) == ("confirmed", offer.partner_id)
    assert numbers(line) == (50, 30, 0)
    assert Offer.objects.get().committed == 30
    with pytest.raises(NotEnoughLeft) as refusal:
        services.pledge_by_plan(
            need_line=line, offer=offer, quantity=1, deliver_date=TODAY, by=staff("coordinator"), now=NOW
        )
    assert refusal.value.capacity == ("aid.offer", offer.pk)
    services.acknowledge(pledge=made.pledge, received=10, by=staff("verifier"), now=NOW)
    offer.refresh_from_db()
    assert (offer.committed, offer.delivered) == (10, 10)


def test_planned_pledge_of_another_item_or_without_the_role_is_refused(line: NeedLine) -> None:
    offer = OfferFactory(item=ItemFactory(code="makanan-siap-saji"))
    with pytest.raises(WrongItem):
        services.pledge_by_plan(
            need_line=line, offer=offer, quantity=1, deliver_date=TODAY, by=staff("coordinator"), now=NOW
        )
    with pytest.raises(NotPermitted):
        services.pledge_by_plan(
            need_line=line, offer=offer, quantity=1, deliver_date=TODAY, by=staff("verifier"), now=NOW
        )
    assert numbers(line) == (50, 0, 0)


def test_unknown_link_is_not_found() -> None:
    with pytest.raises(NotFound):
        pledge_by_token("no-such-link")


def test_giver_of_an_offer_is_told_of_the_plan(line: NeedLine) -> None:
    offer = OfferFactory(item=line.item, partner=None, person=person())
    made = services.pledge_by_plan(
        need_line=line, offer=offer, quantity=5, deliver_date=TODAY, by=staff("coordinator"), now=NOW
    )
    message = Message.objects.get()
    assert (message.template, message.recipient) == ("aid_planned", offer.person_id)
    assert pledge_by_token(made.token).pk == made.pledge.pk


def picture(**save: object) -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (3000, 1500), "white").save(file, **{"format": "JPEG", **save})
    file.seek(0)
    return file


def test_photo_is_made_smaller_and_loses_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0110] = "Kamera Contoh"
    file = picture(exif=exif)
    photo = read_photo(file, size=1000)
    with Image.open(BytesIO(photo.content)) as kept:
        assert kept.size == (1280, 640)
        assert dict(kept.getexif()) == {}
    assert b"Kamera" not in photo.content


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\xff\xd8\xff\xe0broken", b"GIF89a" + b"0" * 40])
def test_file_that_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPhoto):
        read_photo(BytesIO(content), size=len(content))


def test_photo_over_ten_megabytes_is_refused() -> None:
    with pytest.raises(NotAPhoto):
        read_photo(picture(), size=10 * 1024 * 1024 + 1)
