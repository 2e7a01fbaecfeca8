"""Single tubes of a lab: a result typed in, tubes destroyed, the link to a result sent again."""

from __future__ import annotations

import pytest

from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Result, ResultLink, Specimen
from kolaborasi.diagnostics.queries import plates
from tests.conftest import NOW
from tests.diagnostics.factories import NEGATIVE, SYSTEM, Bench, bench, lab, specimen
from tests.hospitals.pages import fill, staff, text_of

pytestmark = pytest.mark.django_db


def at_lab(place: Bench, page: str) -> str:
    return f"/diagnostics/labs/{place.lab.pk}/{page}/"


def validated() -> Bench:
    """A lab with one negative result that counts."""
    place = bench(1)
    run = place.run()
    services.read_run(
        run=run, readings=place.readings([NEGATIVE]), ended_at=NOW, by=place.technician, now=NOW
    )
    services.validate_results(results=list(Result.objects.all()), by=place.validator, now=NOW)
    return place


def test_result_is_typed_in_and_waits_for_somebody_else() -> None:
    place = bench(2)
    client, barcode = staff(place.lab.site), place.specimens[0].label.barcode
    answer = client.post(at_lab(place, "results/new"), fill(outcome="positive", barcode=barcode.lower()))
    assert answer["Location"] == at_lab(place, "results/new")
    made = Result.objects.get()
    assert (made.specimen, made.outcome, made.state, made.source) == (
        place.specimens[0],
        "positive",
        "proposed",
        "hand",
    )


@pytest.mark.parametrize("which", ["read before", "never received", "unknown"])
def test_result_that_cannot_be_is_said_at_its_barcode(which: str) -> None:
    place = validated()
    barcode = {
        "read before": place.specimens[0].label.barcode,
        "never received": specimen().label.barcode,
        "unknown": "K0000000000",
    }[which]
    answer = staff(place.lab.site).post(
        at_lab(place, "results/new"), fill(outcome="positive", barcode=barcode)
    )
    assert answer.status_code == 422
    assert "barcode" in answer.context["form"].errors
    assert answer.context["form"]["outcome"].value() == "positive"
    assert Result.objects.count() == 1


def test_read_tubes_are_destroyed_and_unread_ones_refused() -> None:
    place = validated()
    client, tube = staff(place.lab.site), place.specimens[0]
    unread = specimen()
    services.receive(lab=place.lab, barcodes=[unread.label.barcode], at=NOW, by=SYSTEM, now=NOW)
    both = f"{tube.label.barcode}\n{unread.label.barcode}"
    assert client.post(at_lab(place, "dispose"), fill(scans=both)).status_code == 422
    assert not Specimen.objects.filter(disposed_at__isnull=False).exists()
    answer = client.post(at_lab(place, "dispose"), fill(scans=tube.label.barcode))
    assert answer["Location"] == at_lab(place, "bench")
    assert Specimen.objects.get(disposed_at__isnull=False) == tube


def test_tubes_of_another_lab_are_left_alone() -> None:
    place, other = validated(), bench(1)
    stranger = staff(other.lab.site)
    barcode = place.specimens[0].label.barcode
    assert stranger.post(at_lab(place, "dispose"), fill(scans=barcode)).status_code == 403
    assert stranger.post(at_lab(other, "dispose"), fill(scans=barcode)).status_code == 422
    assert stranger.get(at_lab(place, "results/new")).status_code == 403
    assert not Specimen.objects.filter(disposed_at__isnull=False).exists()


def test_site_sends_the_link_to_a_result_again() -> None:
    place = validated()
    services.tell_results(by=SYSTEM, now=NOW)
    tube = place.specimens[0]
    address = f"/diagnostics/specimens/{tube.pk}/tell/"
    client = staff(tube.site)
    assert address in text_of(client.get(f"/diagnostics/specimens/{tube.pk}/"))
    assert client.post(address, fill())["Location"] == f"/diagnostics/specimens/{tube.pk}/"
    assert ResultLink.objects.count() == 2


def test_lab_sends_no_link() -> None:
    place = validated()
    services.tell_results(by=SYSTEM, now=NOW)
    address = f"/diagnostics/specimens/{place.specimens[0].pk}/tell/"
    client = staff(place.lab.site)
    assert address not in text_of(client.get(f"/diagnostics/specimens/{place.specimens[0].pk}/"))
    assert client.post(address, fill()).status_code == 403
    assert ResultLink.objects.count() == 1


def test_pool_whose_member_was_discarded_is_dissolved_on_its_page() -> None:
    place = bench(2)
    codes = [each.label.barcode for each in place.specimens]
    pool = services.make_pool(lab=place.lab, barcodes=codes, by=place.technician, now=NOW)
    services.discard(barcode=codes[0], reason="leaked", by=place.technician, now=NOW)
    client, address = staff(place.lab.site), f"/diagnostics/pools/{pool.pk}/dissolve/"
    pools = f"/diagnostics/labs/{place.lab.pk}/pools/"
    assert address in text_of(client.get(pools))
    assert staff(lab().site).post(address, fill()).status_code == 404
    pool.refresh_from_db()
    assert pool.dissolved_at is None
    assert client.get(address).status_code == 200
    assert client.post(address, fill())["Location"] == pools
    assert address not in text_of(client.get(pools))
    filling = text_of(client.get(f"/diagnostics/labs/{place.lab.pk}/runs/new/"))
    assert codes[1] in filling
    # The page itself gives "pool 7" as an example, which may be the number of this one.
    assert plates.proposed_filling(place.lab, place.machine).splitlines() == [codes[1], "G12 +", "H12 -"]
