"""Diagnostics over the API: from order to result, dispatch, files, cases, indicators, refusals."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import CloseContact, Lab, Machine, Order, Result, Run, Specimen
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import Site, SiteKind
from tests.api.conftest import Api, Member
from tests.conftest import NOW
from tests.diagnostics import factories as make
from tests.diagnostics.factories import SYSTEM
from tests.factories import KelurahanFactory, SiteFactory
from tests.support import assert_same_queries

CARD = {"name": "Warga Contoh", "birth_date": "1990-07-01", "sex": "female", "email": "warga@contoh.example"}


def moment(minutes: float = 0) -> str:
    return (utc_now() - timedelta(minutes=minutes)).isoformat()


def lab(offers: int = 50) -> Lab:
    """A lab that offers today and tomorrow by the real clock."""
    made = make.lab()
    today = utc_now().date()
    item = make.assay().kit
    assert item is not None
    services.receive_kits(
        lab=made,
        item=item,
        lot=f"JAUH-{made.pk}",
        expires_date=today + timedelta(days=90),
        reactions=5000,
        by=SYSTEM,
        now=utc_now(),
    )
    days = {today + timedelta(days=number): offers for number in range(3)}
    services.offer_days(lab=made, offers=days, by=SYSTEM, now=utc_now())
    return made


def desk(member: Member, site: Site) -> Api:
    return member("partner_member", partner=site.partner)


def bench(member: Member, of: Lab) -> Api:
    return member("partner_member", partner=of.site.partner)


def swabbed(site: Site, number: int = 1) -> list[str]:
    """Barcodes of fresh swabs at a site."""
    tubes = [make.specimen(site, at=utc_now() - timedelta(minutes=30)) for _each in range(number)]
    return [each.label.barcode for each in tubes]


def held(site: Site, at_lab: Lab, number: int = 1) -> list[str]:
    barcodes = swabbed(site, number)
    services.receive(lab=at_lab, barcodes=barcodes, at=utc_now(), by=SYSTEM, now=utc_now())
    return barcodes


def test_from_order_to_result(member: Member, visitor: Api) -> None:
    site, own = make.collection_site(), lab()
    officer, analyst, validator = desk(member, site), bench(member, own), bench(member, own)
    sent = {"subject": CARD, "wish": {"site": site.pk, "reason": "contact"}}
    order = officer.post("/diagnostics/orders", sent)
    assert (order.status_code, order.json()["state"]) == (201, "requested")
    assert "1990" not in order.content.decode()
    assert "Warga" not in order.content.decode()
    barcode = officer.post(f"/diagnostics/testing-sites/{site.pk}/labels", {"number": 1}).json()["barcodes"][
        0
    ]
    swab = {"barcode": barcode, "kind": "np-swab", "collected_at": moment(20)}
    taken = officer.post(f"/diagnostics/orders/{order.json()['id']}/specimens", swab)
    assert (taken.status_code, taken.json()["state"]) == (201, "collected")
    scan = {"barcodes": [barcode], "at": moment(10)}
    assert analyst.post(f"/diagnostics/labs/{own.pk}/receive", scan).json()["unplanned"] == [barcode]
    machine = Machine.objects.get(lab=own)
    plate = {
        "machine": machine.pk,
        "assay": "cdc-n1-n2",
        "plate": "P-1",
        "filled": [
            {"position": "A1", "content": "specimen", "barcode": barcode},
            {"position": "B1", "content": "positive"},
            {"position": "C1", "content": "negative"},
        ],
    }
    run = analyst.post(f"/diagnostics/labs/{own.pk}/runs", plate)
    address = f"/diagnostics/runs/{run.json()['id']}"
    assert analyst.post(f"{address}/start", {"at": moment(5)}).json()["state"] == "running"
    readings = {"A1": make.POSITIVE, "B1": make.POSITIVE, "C1": make.NO_TEMPLATE}
    read = analyst.post(f"{address}/read", {"ended_at": moment(1), "readings": readings})
    assert read.json()["state"] == "read"
    waiting = validator.get(f"/diagnostics/labs/{own.pk}/results").json()["items"]
    assert [(each["barcode"], each["outcome"]) for each in waiting] == [(barcode, "positive")]
    ids = {"results": [waiting[0]["id"]]}
    assert analyst.post("/diagnostics/validations", ids).json()["code"] == "own-result"
    assert validator.post("/diagnostics/validations", ids).json()["items"][0]["state"] == "validated"
    assert validator.post(f"/diagnostics/labs/{own.pk}/tell").json() == {"told": 1}
    token = Message.objects.get(template="diagnostics_result").context["link"].split("/")[-2]
    wrong = visitor.post("/diagnostics/opened-results", {"token": token, "birth_date": "1991-07-01"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong-birth-date")
    opened = visitor.post("/diagnostics/opened-results", {"token": token, "birth_date": "1990-07-01"})
    assert opened.json()["outcome"] == "positive"
    assert opened.json()["document"].count(".") == 2
    events = [
        each["kind"] for each in officer.get(f"/diagnostics/specimens/{barcode}/events").json()["items"]
    ]
    assert events == ["collected", "received", "run-started", "resulted", "validated", "notified"]


def test_wrong_birth_date_counts_once_for_each_key(visitor: Api) -> None:
    bench_ = make.bench(1)
    done = services.enter_results(
        lab=bench_.lab,
        entries=[services.Entry(1, bench_.specimens[0].label.barcode, "negative", utc_now())],
        source="hand",
        by=bench_.technician,
        now=utc_now(),
    )
    assert done.results == 1
    services.validate_results(results=list(Result.objects.all()), by=bench_.validator, now=utc_now())
    services.tell_results(by=SYSTEM, now=utc_now())
    token = Message.objects.get(template="diagnostics_result").context["link"].split("/")[-2]
    sent = {"token": token, "birth_date": "2000-01-01"}
    key = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    for _try in range(2):
        assert visitor.post("/diagnostics/opened-results", sent, key=key).json()["code"] == "wrong-birth-date"
    from kolaborasi.diagnostics.models import ResultLink

    assert ResultLink.objects.get().wrong_tries == 1


def test_dispatch_from_plan_to_receipt(member: Member) -> None:
    site, own = make.collection_site(), lab()
    barcodes = swabbed(site, 3)
    coordinator, courier, analyst = member("coordinator"), member("courier"), bench(member, own)
    plan = coordinator.post("/diagnostics/dispatch-plans", {"departs_at": moment(-10)})
    assert (plan.status_code, plan.json()["planned"]) == (201, 3)
    address = f"/diagnostics/dispatch-plans/{plan.json()['id']}"
    lines = coordinator.get(f"{address}/lines").json()["items"]
    assert [(each["lab"], each["quantity"]) for each in lines] == [(own.pk, 3)]
    tag = coordinator.get(address)["ETag"]
    stale = coordinator.post(f"{address}/approve", If_Match='"0"')
    assert (stale.status_code, Specimen.objects.filter(consignment__isnull=False).count()) == (412, 0)
    approved = coordinator.post(f"{address}/approve", If_Match=tag)
    (manifest,) = approved.json()["consignments"]
    assert courier.get("/diagnostics/consignments").json()["items"][0]["id"] == manifest
    carried = f"/diagnostics/consignments/{manifest}"
    assert len(courier.get(f"{carried}/specimens").json()["items"]) == 3
    picked = courier.post(f"{carried}/pick-up", {"barcodes": barcodes[:2], "at": moment()})
    assert picked.json()["carried"] == 2
    scan = {"barcodes": barcodes[:1], "at": moment(), "consignment": manifest}
    received = analyst.post(f"/diagnostics/labs/{own.pk}/receive", scan).json()
    assert (received["received"], received["missing"]) == (barcodes[:1], barcodes[1:2])
    day = analyst.get(f"/diagnostics/labs/{own.pk}/days").json()["items"][0]
    assert (day["promised"], day["received"]) == (1, 1)


def test_plan_is_for_coordinators(member: Member, visitor: Api) -> None:
    site = make.collection_site()
    swabbed(site)
    officer = desk(member, site)
    assert officer.get("/diagnostics/dispatch-plans").status_code == 403
    assert officer.post("/diagnostics/dispatch-plans", {"departs_at": moment(-10)}).status_code == 403
    assert visitor.get("/diagnostics/dispatch-plans").status_code == 401


def test_lab_goes_down_and_comes_back(member: Member) -> None:
    own = lab()
    manager = member("partner_admin", partner=own.site.partner)
    address = f"/diagnostics/labs/{own.pk}"
    tag = manager.get(address)["ETag"]
    assert manager.post(f"{address}/down", {"reason": "machine"}, If_Match=tag).json()["state"] == "down"
    assert manager.post(f"{address}/back", If_Match=tag).status_code == 412
    assert manager.post(f"{address}/back").json()["state"] == "active"
    day = (utc_now() + timedelta(days=1)).date().isoformat()
    far = {"offers": [{"date": day, "specimens": 99_999}]}
    assert manager.post(f"{address}/days", far).json()["code"] == "more-than-possible"
    assert manager.post(f"{address}/days", {"offers": [{"date": day, "specimens": 7}]}).status_code == 200
    offered = {each["date"]: each["offered"] for each in manager.get(f"{address}/days").json()["items"]}
    assert offered[day] == 7


def test_lab_is_registered_verified_and_equipped(member: Member) -> None:
    site = SiteFactory(kind=SiteKind.LAB)
    admin, coordinator = member("partner_admin", partner=site.partner), member("coordinator")
    made = admin.post("/diagnostics/labs", {"site": site.pk, "biosafety": 2})
    assert (made.status_code, made.json()["state"]) == (201, "registered")
    address = f"/diagnostics/labs/{made.json()['id']}"
    assert admin.post(f"{address}/verify").status_code == 403
    assert coordinator.post(f"{address}/verify").json()["state"] == "active"
    machine = {"name": "PCR 1", "model": "CFX96", "wells": 96, "run_minutes": 90}
    assert admin.post(f"{address}/machines", machine).status_code == 201
    shifts = {"shifts": [{"weekday": 0, "starts_minute": 420, "minutes": 480, "staffed_machines": 1}]}
    shown = admin.post(f"{address}/shifts", shifts).json()
    assert (len(shown["machines"]), shown["shifts"]) == (1, shifts["shifts"])
    assert (
        admin.post("/diagnostics/labs", {"site": 987654, "biosafety": 2}).json()["code"] == "not-among-yours"
    )
    assert Lab.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"biosafety": True}, {"biosafety": "2"}, {"biosafety": 5}, {"colour": 1}])
def test_body_of_the_wrong_shape_is_refused(member: Member, wrong: dict[str, Any]) -> None:
    site = SiteFactory(kind=SiteKind.LAB)
    admin = member("partner_admin", partner=site.partner)
    assert admin.post("/diagnostics/labs", {"site": site.pk, "biosafety": 2, **wrong}).status_code == 422
    assert not Lab.objects.exists()


def test_creating_writes_need_a_key_and_are_done_once(member: Member) -> None:
    site = make.collection_site()
    officer = desk(member, site)
    sent = {"subject": CARD, "wish": {"site": site.pk, "reason": "contact"}}
    assert officer.post("/diagnostics/orders", sent, key=None).json()["code"] == "idempotency-key-missing"
    key = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    first, again = (officer.post("/diagnostics/orders", sent, key=key) for _turn in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert Order.objects.count() == 1


def test_strangers_see_no_order_specimen_or_result(member: Member, visitor: Api) -> None:
    site, own = make.collection_site(), lab()
    (barcode,) = held(site, own)
    order = Order.objects.get()
    stranger = desk(member, make.collection_site())
    for path in (f"orders/{order.pk}", f"specimens/{barcode}", f"specimens/{barcode}/events"):
        assert stranger.get(f"/diagnostics/{path}").json()["code"] == "not-among-yours"
        assert visitor.get(f"/diagnostics/{path}").status_code == 404
    assert stranger.get(f"/diagnostics/orders?site={site.pk}").status_code == 403
    assert stranger.get(f"/diagnostics/labs/{own.pk}/results").status_code == 403
    assert stranger.post(f"/diagnostics/orders/{order.pk}/cancel").status_code == 404
    assert stranger.post(f"/diagnostics/specimens/{barcode}/discard", {"reason": "lost"}).status_code == 404
    assert Specimen.objects.get().state == "received"


def test_swab_list_names_wrong_rows(member: Member) -> None:
    site = make.collection_site()
    officer = desk(member, site)
    labels = officer.post(f"/diagnostics/testing-sites/{site.pk}/labels", {"number": 1}).json()["barcodes"]
    row = {
        "subject": CARD,
        "wish": {"site": site.pk, "reason": "screening"},
        "kind": "np-swab",
        "collected_at": moment(5),
    }
    sent = {"swabs": [{**row, "barcode": labels[0]}, {**row, "barcode": "K0000"}]}
    refused = officer.post("/diagnostics/swabs", sent)
    assert refused.json()["code"] == "file-refused"
    assert [each["row"] for each in refused.json()["rows"]] == [2]
    assert not Specimen.objects.exists()
    done = officer.post("/diagnostics/swabs", {**sent, "partly": True})
    assert (done.json()["barcodes"], done.json()["refused"][0]["code"]) == (labels, "not-a-barcode")


def test_swab_list_names_rows_of_unknown_areas_and_sites(member: Member) -> None:
    site = make.collection_site()
    officer = desk(member, site)
    labels = officer.post(f"/diagnostics/testing-sites/{site.pk}/labels", {"number": 3}).json()["barcodes"]
    nowhere = {"scheme": "kemendagri", "code": "99.99.99.9999"}
    wish = {"site": site.pk, "reason": "screening"}
    wishes = (wish, {**wish, "residence": nowhere}, {**wish, "site": 987654})
    row = {"subject": CARD, "kind": "np-swab", "collected_at": moment(5)}
    sent = {
        "swabs": [
            {**row, "wish": each, "barcode": barcode} for each, barcode in zip(wishes, labels, strict=True)
        ]
    }
    wrong = [(2, "unknown-area"), (3, "testing-site-unknown")]
    refused = officer.post("/diagnostics/swabs", sent)
    assert (refused.status_code, refused.json()["code"]) == (422, "file-refused")
    assert [(each["row"], each["code"]) for each in refused.json()["rows"]] == wrong
    assert not Specimen.objects.exists()
    done = officer.post("/diagnostics/swabs", {**sent, "partly": True}).json()
    assert done["barcodes"] == labels[:1]
    assert [(each["row"], each["code"]) for each in done["refused"]] == wrong


def test_result_file_reports_row_by_row(member: Member) -> None:
    own = lab()
    barcodes = held(make.collection_site(), own, 2)
    analyst = bench(member, own)
    text = f"barcode,result,resulted_at\n{barcodes[0]},positive,{moment()}\nK0000000000,negative,{moment()}\n"
    address = f"/diagnostics/labs/{own.pk}/results/csv"

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("results.csv", text.encode(), "text/csv")

    refused = analyst.post_form(address, {"file": file()})
    assert [each["row"] for each in refused.json()["rows"]] == [3]
    assert not Result.objects.exists()
    done = analyst.post_form(address, {"file": file(), "partly": "true"})
    assert (done.status_code, done.json()["results"], len(done.json()["refused"])) == (201, 1, 1)


def test_results_are_exported_as_csv_and_fhir(member: Member) -> None:
    own = lab()
    (barcode,) = held(make.collection_site(), own)
    analyst, manager = bench(member, own), member("partner_admin", partner=own.site.partner)
    entry = {
        "barcode": barcode,
        "resulted_at": moment(),
        "outcome": "positive",
        "cts": {"N": 21.5, "ORF1ab": None},
    }
    assert analyst.post(f"/diagnostics/labs/{own.pk}/results", {"results": [entry]}).status_code == 201
    ids = {"results": [Result.objects.get().pk]}
    assert manager.post("/diagnostics/validations", ids).status_code == 200
    today = utc_now().date()
    period = {
        "first": (today - timedelta(days=1)).isoformat(),
        "last": (today + timedelta(days=2)).isoformat(),
    }
    address = f"/diagnostics/labs/{own.pk}/results/export"
    assert analyst.post(address, period).status_code == 403
    lines = manager.post(address, period).json()["content"].splitlines()
    assert (len(lines), lines[1].split(",")[0]) == (2, barcode)
    bundle = manager.post(address, {**period, "form": "fhir"}).json()["content"]
    assert '"code": "260373001"' in bundle
    assert "Warga" not in bundle


def test_contact_of_a_positive_person_takes_a_test(member: Member, visitor: Api) -> None:
    own, home = lab(), KelurahanFactory()
    puskesmas = SiteFactory(kind=SiteKind.PUSKESMAS)
    services.set_catchment(site=puskesmas, places=[home], by=SYSTEM, now=utc_now())
    site = make.collection_site()
    tube = make.specimen(site, at=utc_now() - timedelta(minutes=30), residence=home)
    services.receive(lab=own, barcodes=[tube.label.barcode], at=utc_now(), by=SYSTEM, now=utc_now())
    analyst, validator = bench(member, own), bench(member, own)
    entry = {"barcode": tube.label.barcode, "resulted_at": moment(), "outcome": "positive"}
    analyst.post(f"/diagnostics/labs/{own.pk}/results", {"results": [entry]})
    validator.post("/diagnostics/validations", {"results": [Result.objects.get().pk]})
    nurse = member("partner_member", partner=puskesmas.partner)
    (notice,) = nurse.get("/diagnostics/notices").json()["items"]
    address = f"/diagnostics/notices/{notice['id']}"
    assert nurse.post(f"{address}/seen").json()["seen_at"] is not None
    contact = {"name": "Warga Contoh", "email": "dekat@contoh.example"}
    assert nurse.post(f"{address}/contacts", contact).status_code == 201
    assert nurse.post(f"{address}/tell-contacts").json() == {"told": 1}
    token = Message.objects.get(template="diagnostics_contact").context["link"].split("/")[-2]
    sent = {"token": token, "birth_date": "1985-05-05", "sex": "male", "site": site.pk}
    taken = visitor.post("/diagnostics/contact-orders", sent)
    assert (taken.status_code, taken.json()["reason"]) == (201, "contact")
    assert CloseContact.objects.get().order_id == taken.json()["id"]
    stranger = member("partner_member", partner=site.partner)
    assert stranger.get(address).status_code == 404


def test_indicators_are_public_and_count(visitor: Api) -> None:
    bench_ = make.bench(1)
    entries = [services.Entry(1, bench_.specimens[0].label.barcode, "negative", utc_now())]
    services.enter_results(
        lab=bench_.lab, entries=entries, source="hand", by=bench_.technician, now=utc_now()
    )
    services.validate_results(results=list(Result.objects.all()), by=bench_.validator, now=utc_now())
    by_report = visitor.get("/diagnostics/indicators/positivity?by=report").json()
    assert (by_report["by"], sum(each["results"] for each in by_report["days"])) == ("report", 1)
    until = date(2021, 7, 13).isoformat()
    rate = visitor.get(f"/diagnostics/indicators/testing-rate?until={until}").json()
    assert (rate["persons"], rate["per_1000"]) == (1, None)
    load = visitor.get("/diagnostics/indicators/labs").json()
    assert (load["items"][0]["results"], load["partner_share"]) == (1, 1.0)
    assert visitor.get("/diagnostics/indicators/kelurahan").json() == {"items": []}


def test_public_lists_take_the_same_queries(visitor: Api) -> None:
    assert_same_queries(3, ask=lambda: visitor.get("/diagnostics/labs"), add_row=make.lab)
    assert_same_queries(
        1, ask=lambda: visitor.get("/diagnostics/testing-sites"), add_row=make.collection_site
    )


def test_runs_are_listed_and_failed(member: Member) -> None:
    made = make.bench(2)
    run = made.run()
    caller = bench(member, made.lab)
    assert caller.get(f"/diagnostics/labs/{made.lab.pk}/runs").json()["items"][0]["filled"] == 4
    failed = caller.post(f"/diagnostics/runs/{run.pk}/fail", {"reason": "power"})
    assert (failed.json()["state"], failed.json()["failure"]) == ("failed", "power")
    assert Run.objects.get().state == "failed"
    assert caller.get(f"/diagnostics/labs/{made.lab.pk}/pool-advice").json()["size"] == 1


def test_rapid_test_asks_for_pcr_once(member: Member) -> None:
    site = make.collection_site()
    officer, stranger = desk(member, site), desk(member, make.collection_site())
    sent = {
        "subject": CARD,
        "site": site.pk,
        "brand": "Antigen Contoh",
        "outcome": "positive",
        "tested_at": moment(30),
    }
    test = officer.post("/diagnostics/antigen-tests", sent).json()
    address = f"/diagnostics/antigen-tests/{test['id']}/ask-for-pcr"
    assert stranger.post(address).json()["code"] == "not-among-yours"
    order = officer.post(address)
    assert (order.status_code, order.json()["confirms"]) == (201, test["id"])
    assert officer.post(address).json()["code"] == "duplicate-order"
    assert Order.objects.count() == 1
    listed = officer.get(f"/diagnostics/antigen-tests?site={site.pk}").json()["items"]
    assert [each["id"] for each in listed] == [test["id"]]


def test_late_and_waiting_specimens_are_counted(visitor: Api) -> None:
    site = make.collection_site()
    make.specimen(site, at=utc_now() - timedelta(days=3))
    (late,) = visitor.get("/diagnostics/indicators/late").json()["items"]
    assert (late["lab"], late["late"]) == (None, 1)
    (waiting,) = visitor.get("/diagnostics/indicators/waiting").json()["items"]
    assert (waiting["site"], waiting["waiting"]) == (site.pk, 1)


def test_slots_are_opened_booked_and_given_back(member: Member) -> None:
    site = make.collection_site()
    officer = desk(member, site)
    begins = utc_now() + timedelta(hours=2)
    sent = {
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=1)).isoformat(),
        "minutes": 30,
        "places": 1,
    }
    opened = officer.post(f"/diagnostics/testing-sites/{site.pk}/slots", sent).json()["items"]
    assert [each["left"] for each in opened] == [1, 1]
    orders = [
        officer.post(
            "/diagnostics/orders",
            {
                "subject": {**CARD, "email": f"{name}@contoh.example"},
                "wish": {"site": site.pk, "reason": "contact"},
            },
        ).json()["id"]
        for name in ("satu", "dua")
    ]
    slot = {"slot": opened[0]["id"]}
    booked = officer.post(f"/diagnostics/orders/{orders[0]}/book", slot)
    assert booked.json()["slot"] == opened[0]["id"]
    full = officer.post(f"/diagnostics/orders/{orders[1]}/book", slot)
    assert (full.status_code, full.json()["code"]) == (422, "not-enough-left")
    assert officer.post(f"/diagnostics/orders/{orders[0]}/cancel-booking").json()["slot"] is None
    assert officer.post(f"/diagnostics/orders/{orders[1]}/book", slot).status_code == 200
    assert officer.post(f"/diagnostics/orders/{orders[1]}/cancel").json()["state"] == "cancelled"
    free = officer.get(f"/diagnostics/slots?site={site.pk}").json()["items"]
    assert [each["left"] for each in free] == [1, 1]


def test_visitor_books_moves_and_cancels_a_test(visitor: Api) -> None:
    site = make.collection_site()
    begins = utc_now() + timedelta(hours=2)
    first, second = services.open_slots(
        site=site,
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        minutes=30,
        places=1,
        by=SYSTEM,
        now=utc_now(),
    )
    sent = {
        "slot": first.pk,
        "reason": "contact",
        "birth_date": "1990-07-01",
        "sex": "female",
        "visitor": {"name": "Warga Contoh", "email": "warga@contoh.example"},
    }
    booked = visitor.post("/diagnostics/own-bookings", sent)
    assert (booked.status_code, booked.json()["site"]) == (201, site.pk)
    ticket = booked.json()["ticket"]
    assert (
        visitor.post("/diagnostics/own-bookings/cancel", {"ticket": "1-x"}).json()["code"] == "link-unknown"
    )
    moved = visitor.post("/diagnostics/own-bookings/move", {"ticket": ticket, "slot": second.pk})
    assert moved.json()["starts_at"] != booked.json()["starts_at"]
    gone = visitor.post("/diagnostics/own-bookings/cancel", {"ticket": ticket})
    assert (gone.json()["state"], Order.objects.get().state) == ("cancelled", "cancelled")
    assert visitor.post("/diagnostics/own-bookings", {**sent, "visitor": None}).status_code in (401, 403)


def test_pool_is_dissolved_by_its_lab_only_and_once(member: Member) -> None:
    place = make.bench(2)
    codes = [each.label.barcode for each in place.specimens]
    pool = services.make_pool(lab=place.lab, barcodes=codes, by=place.technician, now=NOW)
    address = f"/diagnostics/pools/{pool.pk}/dissolve"
    assert member("partner_member").post(address, {}).status_code == 404
    pool.refresh_from_db()
    assert pool.dissolved_at is None
    own = member("partner_member", partner=place.lab.site.partner)
    assert own.post(address, {}).json()["dissolved_at"] is not None
    assert own.post(address, {}).json()["code"] == "plate-refused"


def test_courier_discards_nothing_that_is_not_in_the_own_box(member: Member) -> None:
    place = make.lab(offers=10)
    tube = make.specimen()
    make.consignment([tube], place)
    address = f"/diagnostics/specimens/{tube.label.barcode}/discard"
    # A round that nobody took yet is seen by every courier.
    answer = member("courier").post(address, {"reason": "lost"})
    assert answer.status_code == 403
    tube.refresh_from_db()
    assert tube.state == "collected"
