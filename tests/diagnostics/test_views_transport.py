"""Couriers and receptions: rounds, manifests picked up by scanning, receipt with its differences."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.forms.scans import ManifestForm
from kolaborasi.diagnostics.models import Consignment, Lab, LabDay, Specimen
from kolaborasi.diagnostics.rules.barcodes import barcode_of
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import User
from tests.conftest import NOW
from tests.diagnostics.factories import SYSTEM, collection_site, consignment, lab, specimen
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory
from tests.hospitals.pages import fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def courier_account(partner: Partner | None = None) -> User:
    return member("courier", partner=partner or PartnerFactory())


def round_of(number: int = 2) -> tuple[Consignment, list[Specimen]]:
    """A manifest that waits to be picked up."""
    site, to = collection_site(), lab(offers=50)
    tubes = [specimen(site) for _each in range(number)]
    return consignment(tubes, to), tubes


def codes(tubes: list[Specimen]) -> str:
    """As a scanner types them: one a line, the last one ended too."""
    return "".join(f"{each.label.barcode}\n" for each in tubes)


def manifest(of: Consignment, page: str = "") -> str:
    return f"/diagnostics/rounds/{of.pk}/{page}"


def reception(of: Lab, page: str = "") -> str:
    return f"/diagnostics/labs/{of.pk}/reception/{page}"


def picked_up(carried: Consignment, tubes: list[Specimen]) -> None:
    barcodes = [each.label.barcode for each in tubes]
    services.pick_up(consignment=carried, barcodes=barcodes, at=NOW, by=SYSTEM, now=NOW)


def test_courier_sees_own_rounds_and_free_ones_only() -> None:
    mine, free, taken = round_of()[0], round_of()[0], round_of()[0]
    me, other = courier_account(), courier_account()
    Consignment.objects.filter(pk=mine.pk).update(courier=me)
    Consignment.objects.filter(pk=taken.pk).update(courier=other)
    client = signed_in(me)
    rows = client.get("/diagnostics/rounds/").context["list"].page
    assert {row.pk for row in rows} == {mine.pk, free.pk}
    assert client.get(manifest(taken)).status_code == 404


def test_coordinator_sees_rounds_of_the_own_area_only() -> None:
    kept = round_of()[0]
    away = KelurahanFactory(code="31.75.01.1001", name="Jauh")
    far = consignment([specimen(SiteFactory(kind="collection", place=away))], lab(offers=5))
    client = signed_in(member("coordinator", place=kept.origin.place))
    rows = client.get("/diagnostics/rounds/").context["list"].page
    assert [row.pk for row in rows] == [kept.pk]
    assert client.get(manifest(far)).status_code == 404


def test_rounds_are_closed_to_staff_and_visitors() -> None:
    carried, tubes = round_of()
    stranger = signed_in(member("partner_admin", partner=PartnerFactory()))
    assert stranger.get("/diagnostics/rounds/").status_code == 403
    assert stranger.post(manifest(carried), fill(scans=codes(tubes))).status_code == 404
    assert Client().get("/diagnostics/rounds/")["Location"].startswith("/accounts/login/")
    assert set(Specimen.objects.values_list("state", flat=True)) == {"collected"}


def test_scanned_tubes_are_picked_up_and_the_others_wait() -> None:
    carried, (taken, left) = round_of()
    client = signed_in(courier_account())
    assert client.post(manifest(carried), fill(scans=codes([taken]).lower()))["Location"] == manifest(carried)
    taken.refresh_from_db()
    left.refresh_from_db()
    assert (taken.state, left.state, left.consignment) == ("in-transit", "collected", None)


def test_ticked_tubes_are_picked_up_by_whoever_has_no_scanner() -> None:
    carried, tubes = round_of()
    form = fill(ticked=[each.label.barcode for each in tubes], scans=codes(tubes[:1]))
    assert signed_in(courier_account()).post(manifest(carried), form).status_code == 302
    assert set(Specimen.objects.values_list("state", flat=True)) == {"in-transit"}


def test_strange_scan_is_named_and_nothing_is_picked_up() -> None:
    carried, tubes = round_of()
    stranger = specimen()
    answer = signed_in(courier_account()).post(manifest(carried), fill(scans=codes([*tubes, stranger])))
    assert answer.status_code == 422
    assert answer.context["strangers"] == [stranger.label.barcode]
    assert answer.context["form"]["scans"].value() == codes([*tubes, stranger])
    assert Consignment.objects.get(pk=carried.pk).picked_up_at is None


@pytest.mark.parametrize("scans", ["", "K0000000000", "nonsense"])
def test_scan_that_is_none_is_said_at_the_field(scans: str) -> None:
    carried, _tubes = round_of()
    answer = signed_in(courier_account()).post(manifest(carried), fill(scans=scans))
    assert answer.status_code == 422
    assert "scans" in answer.context["form"].errors
    assert Consignment.objects.get().picked_up_at is None


def test_undelivered_tubes_are_brought_back_after_a_question() -> None:
    carried, tubes = round_of()
    picked_up(carried, tubes)
    client = signed_in(courier_account())
    Consignment.objects.update(courier=client.get("/diagnostics/rounds/").wsgi_request.user)
    assert client.get(manifest(carried, "back/")).status_code == 200
    assert client.post(manifest(carried, "back/"), fill())["Location"] == "/diagnostics/rounds/"
    assert set(Specimen.objects.values_list("state", "consignment")) == {("collected", None)}
    assert LabDay.objects.order_by("date")[0].committed == 0


def test_rounds_ask_the_database_a_fixed_number_of_times() -> None:
    client = signed_in(courier_account())
    assert_same_queries(5, ask=lambda: client.get("/diagnostics/rounds/"), add_row=lambda: round_of(1))


def test_receipt_shows_what_differs_from_the_manifest() -> None:
    carried, (here, missing) = round_of()
    stray = specimen()
    picked_up(carried, [here, missing])
    client = staff(carried.lab.site)
    unused = services.issue_labels(site=stray.site, number=1, by=SYSTEM, now=NOW)[0].barcode
    form = fill(scans=codes([here, stray]) + unused)
    answer = client.post(reception(carried.lab, f"{carried.pk}/"), form)
    assert answer["Location"] == reception(carried.lab, "done/")
    done = client.get(answer["Location"]).context["done"]
    assert done["taken"] == 1
    assert done["missing"] == [missing.label.barcode]
    assert done["unplanned"] == [stray.label.barcode]
    assert done["refused"] == [[unused, "barcode-unknown"]]
    for tube, state in ((here, "received"), (stray, "received"), (missing, "in-transit")):
        tube.refresh_from_db()
        assert tube.state == state
    assert missing.label.barcode in text_of(client.get(reception(carried.lab)))


def test_receipt_sent_twice_shows_the_same_and_takes_in_once() -> None:
    carried, tubes = round_of()
    picked_up(carried, tubes)
    client, form = staff(carried.lab.site), fill(scans=codes(tubes))
    for _press in range(2):
        answer = client.post(reception(carried.lab, f"{carried.pk}/"), form)
        assert answer["Location"] == reception(carried.lab, "done/")
    done = client.get(reception(carried.lab, "done/")).context["done"]
    assert (done["taken"], done["missing"], done["refused"]) == (2, [], [])
    assert Specimen.objects.filter(state="received").count() == 2


def test_lab_receives_without_a_manifest() -> None:
    to, tube = lab(), specimen()
    client = staff(to.site)
    client.post(reception(to, "scan/"), fill(scans=codes([tube])))
    done: dict[str, Any] = client.get(reception(to, "done/")).context["done"]
    assert (done["taken"], done["unplanned"]) == (0, [tube.label.barcode])
    tube.refresh_from_db()
    assert (tube.state, tube.lab) == ("received", to)


def test_lab_that_is_down_takes_nothing_in() -> None:
    to, tube = lab(), specimen()
    services.lab_down(lab=to, reason="power", by=SYSTEM, now=utc_now())
    answer = staff(to.site).post(reception(to, "scan/"), fill(scans=codes([tube])))
    assert answer.status_code == 422
    tube.refresh_from_db()
    assert tube.state == "collected"


def test_reception_is_closed_to_others_and_another_labs_manifest_unknown() -> None:
    carried, tubes = round_of()
    other = lab()
    assert staff(other.site).get(reception(carried.lab)).status_code == 403
    address = reception(other, f"{carried.pk}/")
    assert staff(other.site).post(address, fill(scans=codes(tubes))).status_code == 404
    assert set(Specimen.objects.values_list("state", flat=True)) == {"collected"}


def test_reception_asks_the_database_a_fixed_number_of_times() -> None:
    to = lab(offers=50)
    client = staff(to.site)

    def add() -> None:
        consignment([specimen()], to)

    assert_same_queries(8, ask=lambda: client.get(reception(to)), add_row=add)


def test_long_manifest_is_scanned_and_offers_no_ticks() -> None:
    barcodes = [barcode_of(number) for number in range(1, 1202)]
    form = ManifestForm(fill(scans="\n".join(barcodes)), barcodes=barcodes)
    assert "ticked" not in form.fields
    assert form.is_valid()
    assert form.barcodes == barcodes


def test_lab_declares_lost_what_was_missing_and_leaves_its_list() -> None:
    carried, tubes = round_of()
    picked_up(carried, tubes)
    client, address = staff(carried.lab.site), reception(carried.lab)
    discard = f"/diagnostics/specimens/{tubes[0].pk}/discard/"
    # While it is on its way, the lab neither sees nor discards it.
    assert client.get(discard).status_code == 404
    services.receive(
        lab=carried.lab,
        barcodes=[tubes[1].label.barcode],
        at=NOW,
        by=SYSTEM,
        now=NOW,
        consignment=carried,
    )
    assert discard in text_of(client.get(address))
    assert staff(lab().site).get(discard).status_code == 404
    assert client.post(discard, fill(reason="lost"))["Location"] == address
    assert discard not in text_of(client.get(address))
    tubes[0].refresh_from_db()
    assert (tubes[0].state, tubes[0].discard_reason) == ("discarded", "lost")


def test_courier_says_what_broke_and_still_finds_what_is_missing() -> None:
    carried, tubes = round_of(3)
    me = courier_account()
    client = signed_in(me)
    client.post(manifest(carried), fill(scans=codes(tubes)))
    discard = f"/diagnostics/specimens/{tubes[0].pk}/discard/"
    assert discard in text_of(client.get(manifest(carried)))
    assert signed_in(courier_account()).get(discard).status_code == 404
    assert client.post(discard, fill(reason="leaked"))["Location"] == manifest(carried)
    now = utc_now()
    services.receive(
        lab=carried.lab,
        barcodes=[tubes[1].label.barcode],
        at=now,
        by=SYSTEM,
        now=now,
        consignment=carried,
    )
    assert manifest(carried) in text_of(client.get("/diagnostics/rounds/"))
    page = text_of(client.get(manifest(carried)))
    assert tubes[1].label.barcode not in page
    assert tubes[2].label.barcode in page
    assert [each.state for each in Specimen.objects.order_by("pk")] == ["discarded", "received", "in-transit"]
