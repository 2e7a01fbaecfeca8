"""The validator: four eyes, rejection, correction with the old result in sight, export."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.test import Client

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Result, Specimen
from kolaborasi.diagnostics.words import pseudonym
from kolaborasi.people.models import User
from tests.conftest import NOW
from tests.diagnostics.factories import (
    INCONCLUSIVE,
    NEGATIVE,
    POSITIVE,
    Bench,
    bench,
    staff_of,
)
from tests.factories import PartnerFactory
from tests.hospitals.pages import fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def read(values: list[Any], by: User | None = None) -> Bench:
    """A lab whose plate was read by somebody else than the one who will validate."""
    place = bench(len(values))
    actor = staff_of(place.lab.site.partner, user=by) if by else place.technician
    services.read_run(run=place.run(), readings=place.readings(values), ended_at=NOW, by=actor, now=NOW)
    return place


def at_lab(place: Bench, page: str = "validation/") -> str:
    return f"/diagnostics/labs/{place.lab.pk}/{page}"


def at_result(result: Result, page: str = "") -> str:
    return f"/diagnostics/results/{result.pk}/{page}"


def validator(place: Bench) -> Client:
    return staff(place.lab.site)


def test_ticked_results_are_validated_and_the_others_wait() -> None:
    place = read([POSITIVE, NEGATIVE, INCONCLUSIVE])
    first, second, third = Result.objects.order_by("pk")
    form = fill(result=[first.pk, second.pk])
    assert validator(place).post(at_lab(place), form)["Location"] == at_lab(place)
    states = dict(Result.objects.values_list("pk", "state"))
    assert states == {first.pk: "validated", second.pk: "validated", third.pk: "proposed"}


def test_ticked_result_that_somebody_rejected_meanwhile_stops_all() -> None:
    place = read([POSITIVE, NEGATIVE])
    first, second = Result.objects.order_by("pk")
    services.reject_result(result=first, by=place.validator, now=NOW)
    answer = validator(place).post(at_lab(place), fill(result=[first.pk, second.pk]))
    assert answer.status_code == 422
    assert dict(Result.objects.values_list("pk", "state")) == {first.pk: "rejected", second.pk: "proposed"}


def test_list_shows_ct_values_and_no_person() -> None:
    place = read([POSITIVE])
    page = text_of(validator(place).get(at_lab(place)))
    assert "21,5" in page
    assert place.specimens[0].label.barcode in page
    assert pseudonym(place.specimens[0].order.person_id) not in page


def test_nothing_ticked_is_refused() -> None:
    place = read([POSITIVE])
    answer = validator(place).post(at_lab(place), fill())
    assert answer.status_code == 422
    assert Result.objects.get().state == "proposed"


def test_own_result_is_for_somebody_else() -> None:
    place = bench(1)
    account = member("partner_member", partner=place.lab.site.partner)
    actor = staff_of(place.lab.site.partner, user=account)
    services.read_run(run=place.run(), readings=place.readings([POSITIVE]), ended_at=NOW, by=actor, now=NOW)
    client, result = signed_in(account), Result.objects.get()
    assert "disabled" in text_of(client.get(at_lab(place)))
    answer = client.post(at_lab(place), fill(result=result.pk))
    assert answer.status_code == 422
    assert "Anda yang memasukkan hasil ini" in text_of(answer) or "You entered this result" in text_of(answer)
    result.refresh_from_db()
    assert result.state == "proposed"


def test_results_of_another_lab_are_neither_seen_nor_validated() -> None:
    place, other = read([POSITIVE]), bench(1)
    result = Result.objects.get()
    client = validator(other)
    assert client.get(at_lab(place)).status_code == 403
    for page in ("", "reject/", "correct/"):
        assert client.get(at_result(result, page)).status_code == 404
    client.post(at_lab(other), fill(result=result.pk))
    coordinator = signed_in(member("coordinator"))
    assert coordinator.get(at_result(result)).status_code == 404
    result.refresh_from_db()
    assert result.state == "proposed"


def test_rejected_result_stays_in_sight_and_its_specimen_waits_again() -> None:
    place = read([POSITIVE])
    result, client = Result.objects.get(), validator(place)
    assert client.get(at_result(result, "reject/")).status_code == 200
    assert client.post(at_result(result, "reject/"), fill())["Location"] == at_lab(place)
    assert Specimen.objects.get().state == "received"
    page = client.get(f"/diagnostics/specimens/{place.specimens[0].pk}/")
    assert [each.state for each in page.context["results"]] == ["rejected"]


def test_corrected_result_names_its_reason_and_the_old_one_stays() -> None:
    place = read([POSITIVE])
    old, client = Result.objects.get(), validator(place)
    client.post(at_lab(place), fill(result=old.pk))
    assert client.post(at_result(old, "correct/"), fill(outcome="negative")).status_code == 422
    form = fill(outcome="negative", reason="mix-up", **{"ct-RP": "26,5"})
    answer = client.post(at_result(old, "correct/"), form)
    new = Result.objects.get(corrects=old)
    assert answer["Location"] == at_result(new)
    old.refresh_from_db()
    assert (old.state, old.outcome, new.state, new.outcome) == (
        "superseded",
        "positive",
        "proposed",
        "negative",
    )
    shown = client.get(at_result(new)).context["results"]
    assert [each.outcome for each in shown] == ["negative", "positive"]
    assert {each.target: each.ct for each in new.cts.all()} == {"N1": None, "N2": None, "RP": 26.5}
    # Who corrected may not validate; the page offers no button for it.
    assert client.get(at_result(new)).context["own"] is True


def test_result_that_does_not_count_cannot_be_corrected() -> None:
    place = read([POSITIVE])
    result = Result.objects.get()
    answer = validator(place).post(at_result(result, "correct/"), fill(outcome="negative", reason="typing"))
    assert answer.status_code == 422
    assert Result.objects.count() == 1


def test_export_is_for_administrators_without_names_and_on_record() -> None:
    place = read([POSITIVE, NEGATIVE])
    validator(place).post(at_lab(place), fill(result=[each.pk for each in Result.objects.all()]))
    today = utc_now().date().isoformat()
    days = {"first": today, "last": today}
    assert validator(place).get(at_lab(place, "results.csv"), days).status_code == 403
    admin = staff(place.lab.site, "partner_admin")
    answer = admin.get(at_lab(place, "results.csv"), days)
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[call-overload]
    header, *rows = csv.reader(text.splitlines())
    assert header[:3] == ["barcode", "lab", "site"]
    assert sorted(row[0] for row in rows) == sorted(each.label.barcode for each in place.specimens)
    assert "Warga" not in text
    assert AuditEntry.objects.filter(verb="diagnostics.export_results").count() == 1
    wrong = admin.get(at_lab(place, "results.csv"), {"first": today, "last": "2020-01-01"})
    assert wrong.status_code == 400
    assert AuditEntry.objects.filter(verb="diagnostics.export_results").count() == 1


def test_every_result_is_listed_and_found_by_its_barcode() -> None:
    place = read([POSITIVE, NEGATIVE])
    client = validator(place)
    barcode = place.specimens[1].label.barcode
    found = client.get(at_lab(place, "results/"), {"q": barcode}).context["list"].page
    assert [each.specimen.label.barcode for each in found] == [barcode]
    page = client.get(at_lab(place), {"q": "P1", "outcome": "positive"})
    assert [each.outcome for each in page.context["list"].page] == ["positive"]
    stranger = signed_in(member("partner_admin", partner=PartnerFactory()))
    assert stranger.get(at_lab(place, "results/")).status_code == 403


@pytest.mark.parametrize(("page", "number"), [("validation/", 8), ("results/", 7)])
def test_lists_ask_the_database_a_fixed_number_of_times(page: str, number: int) -> None:
    place = bench(3)
    client = validator(place)
    rest = iter(place.specimens)

    def add() -> None:
        tube = next(rest)
        services.read_run(
            run=place.run(f"P{tube.pk}", [tube]),
            readings=place.readings([POSITIVE]),
            ended_at=NOW,
            by=place.technician,
            now=NOW,
        )

    assert_same_queries(number, ask=lambda: client.get(at_lab(place, page)), add_row=add)
