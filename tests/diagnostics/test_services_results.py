"""Results: validated by a second person, told with a second factor, corrected with a reason."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import transaction

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import FileRefused, LinkUnknown, OwnResult, WrongBirthDate
from kolaborasi.diagnostics.models import CaseNotice, CloseContact, Result, ResultLink, Specimen
from kolaborasi.diagnostics.rules.barcodes import barcode_of
from kolaborasi.diagnostics.services import Entry
from kolaborasi.events.models import Event
from kolaborasi.exchange.errors import NotGenuine
from kolaborasi.exchange.queries import verified
from kolaborasi.messages.models import Message
from kolaborasi.messages.rendering import render
from kolaborasi.partners.models import SiteKind
from kolaborasi.people.services import Identity
from tests.conftest import NOW
from tests.diagnostics.factories import (
    BORN,
    NEGATIVE,
    POSITIVE,
    SYSTEM,
    Bench,
    bench,
    collection_site,
    coordinator,
    order,
    received,
    specimen,
    staff_of,
    subject,
)
from tests.factories import KelurahanFactory, SiteFactory

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor("result-link")
HOUR = timedelta(hours=1)


def entry(tube: Specimen, outcome: str = "negative", row: int = 1, **changes: object) -> Entry:
    values = {"resulted_at": NOW + HOUR, "cts": {}, **changes}
    return Entry(row, tube.label.barcode, outcome, **values)  # type: ignore[arg-type]


def entered(place: Bench, outcome: str = "negative", **changes: object) -> Result:
    tube = place.specimens[0]
    services.enter_results(
        lab=place.lab,
        entries=[entry(tube, outcome, **changes)],
        source="hand",
        by=place.technician,
        now=NOW + HOUR,
    )
    return Result.objects.get(specimen=tube, state="proposed")


def validated(place: Bench, outcome: str = "negative", **changes: object) -> Result:
    result = entered(place, outcome, **changes)
    return services.validate_results(results=[result], by=place.validator, now=NOW + 2 * HOUR)[0]


def token_of(message: Message) -> str:
    return message.context["link"].rstrip("/").rsplit("/", 1)[1]


def told(place: Bench) -> str:
    assert services.tell_results(by=SYSTEM, now=NOW + 3 * HOUR) == 1
    return token_of(Message.objects.get(template="diagnostics_result"))


def test_result_counts_only_after_a_second_person() -> None:
    place = bench(1)
    result = entered(place, "positive")
    with pytest.raises(OwnResult), transaction.atomic():
        services.validate_results(results=[result], by=place.technician, now=NOW + HOUR)
    assert Specimen.objects.get().state == "resulted"
    services.validate_results(results=[result], by=place.validator, now=NOW + 2 * HOUR)
    tube = Specimen.objects.get()
    assert (tube.state, tube.resulted_at, tube.validated_at) == ("validated", NOW + HOUR, NOW + 2 * HOUR)
    with pytest.raises(WrongState):
        services.validate_results(results=[result], by=place.validator, now=NOW + 2 * HOUR)


def test_rejected_result_stays_on_record_and_the_specimen_is_read_again() -> None:
    place = bench(1)
    services.reject_result(result=entered(place), by=place.validator, now=NOW + HOUR)
    tube = Specimen.objects.get()
    assert (tube.state, tube.repeats, tube.resulted_at) == ("received", 1, None)
    assert Result.objects.get().state == "rejected"
    assert entered(place, "positive").outcome == "positive"


def test_wrong_rows_are_told_row_by_row_and_nothing_is_written() -> None:
    place, elsewhere = bench(2), bench(1)
    unreceived = specimen()
    first, second = place.specimens
    entries = [
        entry(first, row=1),
        Entry(2, "K123", "negative", NOW + HOUR),
        Entry(3, barcode_of(999_999_999), "negative", NOW + HOUR),
        entry(unreceived, row=4),
        entry(elsewhere.specimens[0], row=5),
        entry(first, row=6),
        entry(second, row=7, cts={"N1": 71.0}),
        entry(second, row=8, resulted_at=NOW + 5 * HOUR),
        entry(second, row=9, resulted_at=NOW - HOUR),
        entry(second, "perhaps", row=10),
    ]
    with pytest.raises(FileRefused) as refusal, transaction.atomic():
        services.enter_results(
            lab=place.lab, entries=entries, source="file", by=place.technician, now=NOW + HOUR
        )
    found = [(row["row"], row["code"]) for row in refusal.value.details["rows"]]
    assert found[:6] == [
        (2, "not-a-barcode"),
        (3, "barcode-unknown"),
        (4, "never-received"),
        (5, "wrong-lab"),
        (6, "file-refused"),
        (7, "ct-out-of-range"),
    ]
    assert [row for row, _code in found[6:]] == [8, 9, 10]
    assert Result.objects.count() == 0
    assert not AuditEntry.objects.filter(verb="diagnostics.enter_results").exists()


def test_good_rows_can_be_taken_in_alone() -> None:
    place = bench(2)
    rows = [entry(place.specimens[0], row=1), Entry(2, "K123", "negative", NOW + HOUR)]
    done = services.enter_results(
        lab=place.lab, entries=rows, source="file", by=place.technician, now=NOW + HOUR, partly=True
    )
    assert (done.results, [row["row"] for row in done.refused]) == (1, [2])
    assert Result.objects.count() == 1


def test_assay_reads_ct_values_that_come_without_an_outcome() -> None:
    place = bench(2)
    rows = [
        entry(tube, "", row=row, cts=cts, assay=place.assay)
        for row, (tube, cts) in enumerate(zip(place.specimens, (POSITIVE, NEGATIVE), strict=True))
    ]
    services.enter_results(lab=place.lab, entries=rows, source="file", by=place.technician, now=NOW + HOUR)
    assert list(Result.objects.order_by("pk").values_list("outcome", flat=True)) == ["positive", "negative"]


def test_link_opens_with_the_birth_date_and_holds_nothing_of_the_person() -> None:
    place = bench(1)
    validated(place, "positive")
    token = told(place)
    message = Message.objects.get(template="diagnostics_result")
    text = render(message)
    for secret in ("positive", "positif", "Warga Contoh", "1990"):
        assert secret not in text.body + text.subject + json.dumps(message.context)
    with pytest.raises(WrongBirthDate) as refusal:
        services.open_result(token=token, birth_date=date(1990, 7, 2), by=VISITOR, now=NOW + 4 * HOUR)
    assert refusal.value.details == {"tries_left": 4}
    result = services.open_result(token=token, birth_date=BORN, by=VISITOR, now=NOW + 4 * HOUR)
    assert result.outcome == "positive"
    assert Specimen.objects.get().state == "notified"
    assert ResultLink.objects.get().opened_at == NOW + 4 * HOUR


def test_link_ends_after_five_wrong_dates_and_after_a_month() -> None:
    place = bench(1)
    validated(place)
    token = told(place)
    with pytest.raises(LinkUnknown):
        services.open_result(token=token, birth_date=BORN, by=VISITOR, now=NOW + timedelta(days=31))
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongBirthDate) as refusal:
            services.open_result(token=token, birth_date=date(1980, 1, 1), by=VISITOR, now=NOW + 4 * HOUR)
        assert refusal.value.details == {"tries_left": left}
    with pytest.raises(LinkUnknown):
        services.open_result(token=token, birth_date=BORN, by=VISITOR, now=NOW + 4 * HOUR)
    again = services.tell_again(
        order=Specimen.objects.get().order, by=staff_of(place.specimens[0].site.partner), now=NOW + 5 * HOUR
    )
    assert (
        services.open_result(token=again.token, birth_date=BORN, by=VISITOR, now=NOW + 6 * HOUR).outcome
        == "negative"
    )


def test_correction_keeps_the_old_result_and_ends_its_document() -> None:
    place = bench(1)
    old = validated(place, "positive")
    paper = services.result_document(result=old, now=NOW + 3 * HOUR)
    claims = verified(paper)
    assert (claims["result"], claims["birth_date"], claims["name"]) == (
        "260373001",
        "1990-07-01",
        "Warga Contoh",
    )
    new = services.correct_result(
        result=old, outcome="negative", reason="mix-up", by=place.technician, now=NOW + 4 * HOUR
    )
    old.refresh_from_db()
    assert (old.state, old.outcome, new.corrects_id) == ("superseded", "positive", old.pk)
    with pytest.raises(NotGenuine):
        verified(paper)
    assert CaseNotice.objects.get().withdrawn_at == NOW + 4 * HOUR
    with pytest.raises(OwnResult), transaction.atomic():
        services.validate_results(results=[new], by=place.technician, now=NOW + 5 * HOUR)
    services.validate_results(results=[new], by=place.validator, now=NOW + 5 * HOUR)
    assert [r.outcome for r in queries.results_of(Specimen.objects.get())] == ["negative", "positive"]
    with pytest.raises(WrongState):
        services.correct_result(
            result=old, outcome="negative", reason="typing", by=place.technician, now=NOW + 6 * HOUR
        )


def test_changed_document_is_not_genuine() -> None:
    place = bench(1)
    paper = services.result_document(result=validated(place), now=NOW)
    head, payload, signature = paper.split(".")
    for forged in (f"{head}.{payload[:-2]}AA.{signature}", "a.b.c", "", f"{head}.{payload}."):
        with pytest.raises(NotGenuine):
            verified(forged)


def puskesmas(*places: object):
    site = SiteFactory(kind=SiteKind.PUSKESMAS, name="Puskesmas Contoh")
    services.set_catchment(site=site, places=places, by=coordinator(), now=NOW)  # type: ignore[arg-type]
    return site


def case(residence: object) -> tuple[Bench, CaseNotice]:
    place = bench(0)
    tube = specimen(of=order(residence=residence))
    received(place.lab, [tube])
    place.specimens.append(tube)
    validated(place, "positive")
    return place, CaseNotice.objects.get()


def test_positive_result_is_told_to_the_puskesmas_of_the_residence() -> None:
    home = KelurahanFactory()
    site = puskesmas(home.parent)
    _place, notice = case(home)
    assert notice.site == site
    by = staff_of(site.partner)
    assert list(queries.notices_of(by)) == [notice]
    assert services.see_person(order=notice.result.specimen.order, by=by, now=NOW)["name"] == "Warga Contoh"
    assert AuditEntry.objects.filter(verb="people.look", actor=by.reference).count() == 1
    with pytest.raises(NotPermitted):
        services.see_notice(notice=notice, by=staff_of(collection_site().partner), now=NOW)
    assert services.see_notice(notice=notice, by=by, now=NOW).seen_at == NOW


def test_person_is_not_shown_to_strangers() -> None:
    _place, notice = case(KelurahanFactory())
    stranger = staff_of(collection_site().partner)
    before = AuditEntry.objects.filter(verb="people.look").count()
    with pytest.raises(NotPermitted):
        services.see_person(order=notice.result.specimen.order, by=stranger, now=NOW)
    assert AuditEntry.objects.filter(verb="people.look").count() == before


def test_positive_result_without_a_puskesmas_is_shown_to_coordinators() -> None:
    _place, notice = case(KelurahanFactory())
    assert notice.site is None
    assert list(queries.unheard_notices()) == [notice]


def test_no_record_or_event_names_an_outcome() -> None:
    case(KelurahanFactory())
    records = [
        *AuditEntry.objects.values_list("detail", flat=True),
        *Event.objects.values_list("data", flat=True),
    ]
    text = json.dumps(records)
    assert "positive" not in text
    assert "Contoh" not in text


def test_contacts_are_told_and_order_a_test_without_learning_who_it_was() -> None:
    home = KelurahanFactory()
    site = puskesmas(home)
    _place, notice = case(home)
    by = staff_of(site.partner)
    listed = services.list_contact(
        notice=notice,
        identity=Identity(name="Kontak Contoh", email="kontak@contoh.example"),
        channel="email",
        by=by,
        now=NOW,
    )
    ((contact, token),) = services.tell_contacts(notice=notice, by=by, now=NOW)
    assert contact.pk == listed.pk
    assert services.tell_contacts(notice=notice, by=by, now=NOW) == []
    text = render(Message.objects.get(template="diagnostics_contact"))
    assert "Warga Contoh" not in text.body
    asked = services.order_for_contact(
        token=token, birth_date=BORN, sex="male", site=collection_site(), by=VISITOR, now=NOW
    )
    assert (asked.reason, asked.priority, asked.person_id) == ("contact", "high", contact.person_id)
    with pytest.raises(LinkUnknown):
        services.order_for_contact(
            token="other", birth_date=BORN, sex="male", site=collection_site(), by=VISITOR, now=NOW
        )
    assert CloseContact.objects.get().order_id == asked.pk


def test_antigen_positive_asks_for_confirmation_and_is_counted_apart() -> None:
    who, site = subject(nik="3171014107900001"), collection_site()
    quick = services.record_antigen(
        subject=who, site=site, brand="Contoh", outcome="positive", tested_at=NOW, by=SYSTEM, now=NOW
    )
    asked = services.order_test(
        subject=who, wish=services.Wish("suspect", site, confirms=quick), by=SYSTEM, now=NOW
    )
    assert (asked.confirms, asked.person_id) == (quick, quick.person_id)
    days = queries.positivity(NOW.date(), NOW.date() + timedelta(days=1), queries.DateOf.COLLECTION)
    assert (days[0].results, Result.objects.count()) == (0, 0)


def test_tube_is_disposed_of_once_it_has_a_result_that_counts() -> None:
    place = bench(2)
    tubes = [tube.label.barcode for tube in place.specimens]
    validated(place)
    with pytest.raises(WrongState), transaction.atomic():
        services.dispose(lab=place.lab, barcodes=tubes, by=place.technician, now=NOW + 5 * HOUR)
    assert not Specimen.objects.filter(disposed_at__isnull=False).exists()
    services.dispose(lab=place.lab, barcodes=tubes[:1], by=place.technician, now=NOW + 5 * HOUR)
    tube = Specimen.objects.get(label__barcode=tubes[0])
    assert (tube.state, tube.disposed_at) == ("validated", NOW + 5 * HOUR)
    assert Result.objects.get(specimen=tube).state == "validated"


def test_export_names_nobody_and_is_on_record() -> None:
    place = bench(1)
    validated(place, "positive", cts={"N1": 21.5})
    day = (NOW + 2 * HOUR).date()
    rows = list(
        services.export_results(
            lab=place.lab, first=day, last=day + timedelta(days=1), by=place.technician, now=NOW
        )
    )
    assert len(rows) == 1
    row = dict(zip(queries.COLUMNS, rows[0], strict=True))
    assert (row["outcome"], row["ct"], row["birth_year"], row["sex"]) == (
        "positive",
        "N1=21.5",
        1990,
        "female",
    )
    assert "Warga Contoh" not in str(rows[0])
    assert AuditEntry.objects.filter(verb="diagnostics.export_results").count() == 1
    with pytest.raises(NotPermitted):
        services.export_results(
            lab=place.lab, first=day, last=day, by=staff_of(collection_site().partner), now=NOW
        )
