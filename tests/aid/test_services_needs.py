"""A need from registration to its end, and offers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from kolaborasi.aid import services
from kolaborasi.aid.errors import (
    InstitutionElsewhere,
    NeedAlreadyOpen,
    NeedRefused,
    PledgeRefused,
    RaiseNeedsVerifier,
    SecondPersonNeeded,
)
from kolaborasi.aid.facts import load_items
from kolaborasi.aid.models import Cause, Item, Need, NeedLine, Offer
from kolaborasi.aid.queries import nearest_open_lines, needs, overlapping_lines, public_needs, within
from kolaborasi.aid.rules import LineWish
from kolaborasi.aid.services.needs import NeedRow
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.partners.states import PartnerState
from kolaborasi.places.models import Place
from tests.conftest import NOW
from tests.factories import (
    TODAY,
    ItemFactory,
    KelurahanFactory,
    NeedFactory,
    NeedLineFactory,
    PartnerFactory,
    SiteFactory,
    person,
    staff,
)

pytestmark = pytest.mark.django_db
WISH = LineWish("sembako", 40, TODAY + timedelta(days=7))


def register(place: Place, by: Actor, **changes: object) -> Need:
    given = {
        "cause": Cause.INCOME,
        "households": 40,
        "people": 160,
        "lines": [WISH],
        "place": place,
        "by": by,
        "now": NOW,
        **changes,
    }
    return services.register_need(**given)


@pytest.fixture
def place() -> Place:
    ItemFactory()
    return KelurahanFactory()


def test_need_of_an_rw_head_waits_for_a_verifier_before_it_is_public(place: Place) -> None:
    need = register(place, staff("rw_head", place.code))
    assert need.state == "submitted"
    assert list(public_needs()) == []
    services.verify_need(need=need, by=staff("verifier", "31.71"), now=NOW)
    found = public_needs().get()
    assert (found.pk, found.needed, found.committed, found.delivered) == (need.pk, 40, 0, 0)
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "aid.register_need",
        "aid.verify_need",
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"people": 0, "households": 0}, "nobody"),
        ({"people": 39}, "fewer-people-than-households"),
        ({"population": 159}, "too-many-people"),
        ({"lines": []}, "no-lines"),
        ({"lines": [WISH, WISH]}, "item-twice"),
        ({"lines": [LineWish("sembako", 0, TODAY)]}, "quantity"),
        ({"lines": [LineWish("sembako", 1, TODAY - timedelta(days=1))]}, "past-date"),
        ({"lines": [LineWish("sembako", 1, TODAY + timedelta(days=181))]}, "too-far-ahead"),
        ({"lines": [LineWish("sembako", 401, TODAY)]}, "too-many-units"),
    ],
)
def test_need_filled_in_wrongly_is_refused(place: Place, changes: dict[str, object], fault: str) -> None:
    with pytest.raises(NeedRefused) as refusal:
        register(place, staff("rw_head", place.code), **changes)
    assert refusal.value.details["faults"] == [fault]
    assert Need.objects.count() == 0


def test_need_of_no_households_is_an_institutions_alone(place: Place) -> None:
    with pytest.raises(NeedRefused) as refusal:
        register(place, staff("coordinator"), households=0, people=10, lines=[LineWish("sembako", 1, TODAY)])
    assert refusal.value.details["faults"] == ["no-households"]
    site = SiteFactory(place=place)
    assert register(place, staff("coordinator"), households=0, people=10, institution=site).pk


def test_need_of_a_wider_area_than_a_kelurahan_is_refused(place: Place) -> None:
    for code in ("31", "31.71", "31.71.01"):
        with pytest.raises(NeedRefused) as refusal:
            register(Place.objects.get(code=code), staff("coordinator"))
        assert refusal.value.details["faults"] == ["place-too-wide"]
    assert Need.objects.count() == 0


def test_institution_asks_only_where_it_is(place: Place) -> None:
    site = SiteFactory(place=place)
    by = staff("partner_member", partner_id=site.partner_id)
    with pytest.raises(InstitutionElsewhere) as refusal:
        register(KelurahanFactory(), by, institution=site)
    assert refusal.value.details == {"place": place.code}
    assert Need.objects.count() == 0


def test_need_is_not_verified_by_the_one_who_registered_it(place: Place) -> None:
    verifier = staff("verifier")
    need = register(place, verifier)
    with pytest.raises(SecondPersonNeeded):
        services.verify_need(need=need, by=verifier, now=NOW)
    assert Need.objects.get().state == "submitted"
    assert services.verify_need(need=need, by=staff("verifier"), now=NOW).state == "open"


def test_open_need_is_raised_by_another_verifier_alone(place: Place) -> None:
    verifier = staff("verifier")
    need = register(place, verifier)
    line = need.lines.get()
    services.verify_need(need=need, by=staff("coordinator"), now=NOW)
    for by, refusal in ((staff("rw_head", place.code), RaiseNeedsVerifier), (verifier, SecondPersonNeeded)):
        with pytest.raises(refusal):
            services.change_need(line=line, quantity=41, by=by, now=NOW)
    assert NeedLine.objects.get().reported == 40
    services.change_need(line=line, quantity=30, by=staff("rw_head", place.code), now=NOW)
    services.change_need(line=line, quantity=60, by=staff("verifier"), now=NOW)
    assert NeedLine.objects.get().reported == 60


def test_waiting_need_is_raised_by_its_own_people_but_not_beyond_reason(place: Place) -> None:
    head = staff("rw_head", place.code)
    line = register(place, head).lines.get()
    services.change_need(line=line, quantity=400, by=head, now=NOW)
    with pytest.raises(NeedRefused) as refusal:
        services.change_need(line=line, quantity=9_999_999, by=head, now=NOW)
    assert refusal.value.details["faults"] == ["too-many-units"]
    assert NeedLine.objects.get().reported == 400


def test_needs_above_and_below_a_place_are_shown_beside_one_another(place: Place) -> None:
    rw = Place.objects.create(
        kind="rw", code=f"{place.code}/012", name="RW 012", search_name="rw012", parent=place
    )
    other = Place.objects.create(
        kind="rw", code=f"{place.code}/013", name="RW 013", search_name="rw013", parent=place
    )
    head = staff("coordinator")
    whole, part, beside = (register(where, head) for where in (place, rw, other))
    register(KelurahanFactory(), head)
    register(place, head, institution=SiteFactory(place=place))
    assert [line.need_id for line in overlapping_lines(whole)] == [part.pk, beside.pk]
    assert [line.need_id for line in overlapping_lines(part)] == [whole.pk]
    services.reject_need(need=whole, reason="duplicate", by=staff("verifier"), now=NOW)
    assert overlapping_lines(part) == []


def test_unknown_item_is_told_in_the_language_of_the_reader(place: Place) -> None:
    with translation.override("id"), pytest.raises(NotFound) as refusal:
        register(place, staff("coordinator"), lines=[LineWish("emas", 1, TODAY)])
    assert str(refusal.value) == "Tidak ada barang “emas”. Pilih salah satu dari daftar."


def test_need_with_an_unknown_item_is_refused(place: Place) -> None:
    with pytest.raises(NotFound):
        register(place, staff("rw_head", place.code), lines=[LineWish("emas", 1, TODAY)])
    assert Need.objects.count() == 0


def test_second_need_for_the_same_item_is_refused(place: Place) -> None:
    first = register(place, staff("rw_head", place.code))
    with pytest.raises(NeedAlreadyOpen) as refusal:
        register(place, staff("rw_head", place.code))
    assert refusal.value.details == {"need": first.pk}
    services.reject_need(need=first, reason="not-confirmed", by=staff("verifier"), now=NOW)
    assert register(place, staff("rw_head", place.code)).pk


def test_need_of_another_area_is_not_permitted(place: Place) -> None:
    for by in (staff("rw_head", "31.72"), staff("auditor"), Actor.visitor()):
        with pytest.raises(NotPermitted):
            register(place, by)
    assert Need.objects.count() == 0


def test_institution_registers_for_itself_unless_frozen(place: Place) -> None:
    site = SiteFactory(place=place)
    by = staff("partner_member", partner_id=site.partner_id)
    assert register(place, by, institution=site).institution == site
    frozen = SiteFactory(place=place, partner=PartnerFactory(state=PartnerState.FROZEN, reason="other"))
    with pytest.raises(Refused) as refusal:
        register(place, staff("partner_member", partner_id=frozen.partner_id), institution=frozen)
    assert refusal.value.code == "partner-not-active"


def test_need_is_verified_once_and_only_by_a_verifier_of_the_area(place: Place) -> None:
    need = register(place, staff("rw_head", place.code))
    for by in (staff("rw_head", place.code), staff("verifier", "31.72")):
        with pytest.raises(NotPermitted):
            services.verify_need(need=need, by=by, now=NOW)
    assert Need.objects.get().state == "submitted"
    services.verify_need(need=need, by=staff("verifier", place.code), now=NOW)
    with pytest.raises(WrongState):
        services.verify_need(need=need, by=staff("verifier", place.code), now=NOW)


def test_changed_need_may_fall_below_what_is_promised(place: Place) -> None:
    line = NeedLineFactory(reported=50, need__place=place)
    NeedLine.objects.filter(pk=line.pk).update(committed=30)
    services.change_need(line=line, quantity=20, by=staff("rw_head", place.code), now=NOW)
    line.refresh_from_db()
    assert (line.reported, line.limit, line.committed, line.shortfall) == (20, 30, 30, 10)
    with pytest.raises(NeedRefused):
        services.change_need(line=line, quantity=0, by=staff("rw_head", place.code), now=NOW)


def test_imported_needs_are_open_and_marked_as_estimates(place: Place) -> None:
    other = KelurahanFactory()
    rows = [NeedRow(where.pk, Cause.ISOLATION, 10, 40, (WISH,)) for where in (place, other)]
    made = services.import_needs(rows=rows, estimated=True, by=Actor.system("estimate"), now=NOW)
    assert [need.estimated for need in public_needs().order_by("pk")] == [True, True]
    assert AuditEntry.objects.filter(verb="aid.import_needs").count() == len(made) == 2
    with pytest.raises(NotPermitted):
        services.import_needs(rows=rows, estimated=True, by=staff("verifier"), now=NOW)


def test_import_with_an_unknown_item_stores_nothing(place: Place) -> None:
    rows = [
        NeedRow(place.pk, Cause.ISOLATION, 1, 4, (WISH,)),
        NeedRow(place.pk, Cause.ISOLATION, 1, 4, (LineWish("emas", 1, TODAY),)),
    ]
    with pytest.raises(NotFound):
        services.import_needs(rows=rows, estimated=True, by=Actor.system("estimate"), now=NOW)
    assert Need.objects.count() == 0


def test_nearest_open_lines_come_by_distance_and_only_with_room() -> None:
    line = NeedLineFactory()
    near, far, full, closed = (NeedLineFactory(item=line.item) for _line in range(4))
    NeedLine.objects.filter(pk=full.pk).update(committed=50)
    Need.objects.filter(pk=closed.need_id).update(state="withdrawn", state_reason="test")
    found = nearest_open_lines(line)
    assert [each.pk for each in found] == [near.pk, far.pk]
    assert found[0].km == pytest.approx(1.0, abs=0.01)


def test_needs_within_a_place_are_those_below_it() -> None:
    need = NeedFactory()
    NeedFactory(place=KelurahanFactory(code="31.72.01.1001"))
    assert [found.pk for found in within(needs(), "31.71")] == [need.pk]
    assert [found.pk for found in within(needs(), "31.7")] == []


def test_offer_of_a_person_is_made_and_withdrawn(place: Place) -> None:
    offer = services.make_offer(
        item=Item.objects.get(),
        quantity=30,
        place=place,
        available_date=TODAY,
        person=person(),
        by=Actor.user(1),
        now=NOW,
    )
    Offer.objects.update(committed=10)
    services.withdraw_offer(offer=offer, by=staff("coordinator"), now=NOW)
    offer.refresh_from_db()
    assert (offer.reported, offer.limit, offer.left) == (10, 10, 0)


def test_offer_of_a_frozen_partner_or_of_nothing_is_refused(place: Place) -> None:
    partner = PartnerFactory(state=PartnerState.FROZEN, reason="other")
    given = {"item": Item.objects.get(), "place": place, "available_date": TODAY, "now": NOW}
    by = staff("partner_admin", partner_id=partner.pk)
    with pytest.raises(Refused):
        services.make_offer(quantity=1, partner=partner, by=by, **given)
    with pytest.raises(PledgeRefused):
        services.make_offer(quantity=0, partner=partner, by=by, **given)
    with pytest.raises(NotPermitted):
        services.make_offer(quantity=1, person=person(), by=Actor.visitor(), **given)
    assert Offer.objects.count() == 0


def test_items_have_the_reference_prices_of_ksbb() -> None:
    assert load_items() == 19
    assert load_items() == 19
    priced = Item.objects.exclude(reference_price=None, code__contains="-")
    assert dict(priced.values_list("code", "reference_price")) == {
        "sembako": 200_000,
        "makanan-siap-saji": 45_000,
        "paket-lebaran": 85_000,
        "thr-tunai": 200_000,
        "bansos-sembako": 149_500,
        "bst-tunai": 300_000,
        "komposter": None,
    }
