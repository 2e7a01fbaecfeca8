"""Who may prove a delivery, with what, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from kolaborasi.aid import services
from kolaborasi.aid.errors import ReceiptCodeUsedUp, SecondPersonNeeded, WrongReceiptCode
from kolaborasi.aid.models import Delivery, NeedLine, Pledge
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.commitments.errors import TooMuchDelivered, WrongState
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.people.models import User
from tests.aid.pages import helper
from tests.conftest import NOW
from tests.factories import TODAY, MembershipFactory, NeedLineFactory, PartnerFactory, SiteFactory, staff

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()
FIRST, SECOND = Photo(b"first", "jpg"), Photo(b"second", "jpg")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def line() -> NeedLine:
    return NeedLineFactory(reported=50)


def promise(line: NeedLine, by: Actor, donor: Donor | None = None) -> Pledge:
    made = services.pledge(
        need_line=line, donor=donor or Donor(), quantity=20, deliver_date=TODAY, by=by, now=NOW
    )
    return made.pledge


def head(line: NeedLine, user: User) -> Actor:
    code = line.need.place.code
    MembershipFactory(user=user, role="rw_head", place=line.need.place)
    return Actor.user(user.pk, (Role("rw_head", None, code),))


def delivered(line: NeedLine) -> int:
    line.refresh_from_db()
    return line.delivered


def test_rw_head_does_not_acknowledge_what_she_promised_herself(line: NeedLine) -> None:
    by = head(line, helper())
    pledge = promise(line, by)
    with pytest.raises(SecondPersonNeeded):
        services.acknowledge(pledge=pledge, received=20, by=by, now=NOW)
    for actor in (by, VISITOR):
        with pytest.raises(SecondPersonNeeded):
            services.acknowledge_by_code(
                pledge=pledge, code=pledge.receipt_code, quantity=20, by=actor, now=NOW
            )
    assert (delivered(line), Delivery.objects.count()) == (0, 0)
    services.acknowledge(pledge=pledge, received=20, by=staff("verifier"), now=NOW)
    assert delivered(line) == 20


def test_institution_does_not_prove_what_its_own_partner_promised() -> None:
    site = SiteFactory()
    line = NeedLineFactory(reported=50, need__place=site.place, need__institution=site)
    own = staff("partner_member", partner_id=site.partner_id)
    pledge = promise(line, own, Donor(partner=site.partner))
    with pytest.raises(SecondPersonNeeded):
        services.acknowledge(pledge=pledge, received=20, by=own, now=NOW)
    with pytest.raises(SecondPersonNeeded):
        services.acknowledge_by_code(
            pledge=pledge, code=pledge.receipt_code, quantity=20, by=VISITOR, now=NOW
        )
    assert delivered(line) == 0


def test_helper_of_elsewhere_still_proves_with_the_code(line: NeedLine) -> None:
    user = helper()
    pledge = promise(line, head(NeedLineFactory(), user))
    by = Actor.user(user.pk, ())
    services.acknowledge_by_code(pledge=pledge, code=pledge.receipt_code, quantity=20, by=by, now=NOW)
    assert delivered(line) == 20


@pytest.mark.parametrize(
    ("roles", "witness"),
    [
        ((("rw_head", ""), ("verifier", "31")), "recipient"),
        ((("coordinator", "31"),), "coordinator"),
        ((("coordinator", "31"), ("verifier", "31.72")), "coordinator"),
        ((("verifier", "31.71"), ("coordinator", "31")), "verifier"),
    ],
)
def test_witness_is_told_by_the_role_that_counts_at_the_place(
    line: NeedLine, roles: tuple[tuple[str, str], ...], witness: str
) -> None:
    own = tuple(Role(name, None, code or line.need.place.code) for name, code in roles)
    pledge = promise(line, helper_actor())
    delivery = services.acknowledge(pledge=pledge, received=20, by=Actor.user(helper().pk, own), now=NOW)
    assert Delivery.objects.get(pk=delivery.pk).acknowledged_by == witness


def helper_actor() -> Actor:
    return Actor.user(helper().pk, ())


@pytest.mark.django_db(transaction=True)
def test_used_up_code_is_renewed_by_the_receiving_side(line: NeedLine) -> None:
    pledge = promise(line, helper_actor())
    old = pledge.receipt_code
    for _try in range(5):
        with pytest.raises(WrongReceiptCode):
            services.acknowledge_by_code(pledge=pledge, code="QQQQQQ", quantity=20, by=VISITOR, now=NOW)
    with pytest.raises(NotPermitted):
        services.renew_code(pledge=pledge, by=VISITOR, now=NOW)
    with pytest.raises(ReceiptCodeUsedUp) as refusal:
        services.acknowledge_by_code(pledge=pledge, code=old, quantity=20, by=VISITOR, now=NOW)
    assert "not the code" not in str(refusal.value)
    by = staff("rw_head", line.need.place.code)
    renewed = services.renew_code(pledge=pledge, by=by, now=NOW)
    assert (renewed.wrong_codes, renewed.receipt_code == old) == (0, False)
    services.acknowledge_by_code(pledge=pledge, code=renewed.receipt_code, quantity=20, by=VISITOR, now=NOW)
    assert delivered(line) == 20
    with pytest.raises(WrongState):
        services.renew_code(pledge=pledge, by=by, now=NOW)


def test_photo_of_a_refused_delivery_is_not_kept(line: NeedLine, media: Path) -> None:
    pledge = promise(line, helper_actor())
    services.report_delivery(pledge=pledge, quantity=20, photo=FIRST, by=VISITOR, now=NOW)
    assert len(list(media.rglob("*.jpg"))) == 1
    with pytest.raises(WrongState), transaction.atomic():
        services.report_delivery(pledge=pledge, quantity=20, photo=SECOND, by=VISITOR, now=NOW)
    with pytest.raises(TooMuchDelivered), transaction.atomic():
        services.acknowledge_by_code(
            pledge=pledge, code=pledge.receipt_code, quantity=21, photo=SECOND, by=VISITOR, now=NOW
        )
    assert [path.read_bytes() for path in media.rglob("*.jpg")] == [b"first"]


def test_photo_is_deleted_when_the_verb_fails_after_storing_it(
    line: NeedLine, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pledge = promise(line, helper_actor())

    def broken(**_told: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("kolaborasi.aid.services.deliveries.mark", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        services.report_delivery(pledge=pledge, quantity=20, photo=FIRST, by=VISITOR, now=NOW)
    assert (list(media.rglob("*.jpg")), Delivery.objects.count()) == ([], 0)


def test_reported_photo_is_not_replaced_by_a_later_one(line: NeedLine, media: Path) -> None:
    pledge = promise(line, helper_actor())
    services.report_delivery(pledge=pledge, quantity=20, photo=FIRST, by=VISITOR, now=NOW)
    services.acknowledge_by_code(
        pledge=pledge, code=pledge.receipt_code, quantity=20, photo=SECOND, by=VISITOR, now=NOW
    )
    assert Delivery.objects.get().photo.read() == b"first"
    assert len(list(media.rglob("*.jpg"))) == 1


def test_partner_that_gave_does_not_acknowledge(line: NeedLine) -> None:
    giver = PartnerFactory()
    pledge = promise(line, staff("partner_member", partner_id=giver.pk), Donor(partner=giver))
    roles = (Role("rw_head", None, line.need.place.code), Role("courier", giver.pk, None))
    with pytest.raises(SecondPersonNeeded):
        services.acknowledge(pledge=pledge, received=20, by=Actor.user(helper().pk, roles), now=NOW)
    assert delivered(line) == 0
