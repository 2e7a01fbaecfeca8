"""`kolaborasi vaccination …` and `kolaborasi plan vaccination`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.utils.timezone import localdate

from kolaborasi.allocation.cli import plan
from kolaborasi.common.clock import utc_now
from kolaborasi.exchange.models import SigningKey
from kolaborasi.people.models import User
from kolaborasi.places.services import load_jakarta
from kolaborasi.vaccination import services
from kolaborasi.vaccination.build import FACTS_FOLDER
from kolaborasi.vaccination.cli import vaccination
from kolaborasi.vaccination.facts import PUBLISHED
from kolaborasi.vaccination.models import Booking, Certificate, Session, SupplyLine, SupplyPlan, VaccineLot
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.factories import MembershipFactory, staff
from tests.vaccination.factories import SYSTEM, product, recipient, store
from tests.vaccination.factories import lot as made_lot
from tests.vaccination.factories import session as made_session

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> Result:
    return CliRunner().invoke(vaccination, [str(argument) for argument in arguments])


def lot(doses: int = 0, **given: Any) -> VaccineLot:
    return made_lot(doses, expires=localdate() + timedelta(days=100), **given)


def session(**given: Any) -> Session:
    given.setdefault("with_lot", lot())
    return made_session(day=localdate() + timedelta(days=1), **given)


def coordinator() -> User:
    return MembershipFactory(role="coordinator", place=None).user


def vaccinated() -> object:
    who = recipient()
    services.record_elsewhere(
        recipient=who,
        product=product(),
        number=1,
        given_at=NOW,
        lot_code="X",
        by=staff("verifier"),
        now=utc_now(),
    )
    return who


def test_list_is_imported_all_or_as_much_as_is_sound(tmp_path: Path) -> None:
    of = session(quotas={Channel.COLLECTIVE: 5})
    member = MembershipFactory(role="partner_member", partner=of.facility).user
    file = tmp_path / "warga.csv"
    file.write_text(
        "nama,tanggal lahir,paspor\nWarga Contoh A,1990-05-17,CONTOH0001\nWarga Contoh B,x,CONTOH0002\n"
    )
    done = run("import-list", of.pk, file, "--as", member.email)
    assert done.exit_code == 1
    assert "line 3, column tanggal lahir: " in done.stderr
    assert "Nobody was booked: 1 of 2 lines are refused." in done.stderr
    assert Booking.objects.count() == 0
    done = run("import-list", of.pk, file, "--rest", "--as", member.email)
    assert done.stdout == f"1 of 2 people booked into session {of.pk}.\n"
    assert run("import-list", 987654, file, "--as", member.email).exit_code == 1
    file.write_text("a,b\n")
    assert "no row has the headings" in run("import-list", of.pk, file, "--as", member.email).stderr


def test_stock_is_listed_and_a_recall_says_where_and_whom() -> None:
    held, place = lot(), store()
    of = session(with_lot=held, doses=5)
    services.receive_doses(lot=held, location=place, doses=7, by=SYSTEM, now=utc_now())
    services.book(recipient=recipient(), slot=of.slots.all()[0], by=SYSTEM, now=utc_now())
    listed = run("stock", "--product", "coronavac").stdout.splitlines()
    assert sorted(line.split()[-3] for line in listed[1:]) == ["5", "7"]
    assert run("stock", "--product", "moderna").stdout.splitlines()[1:] == []
    assert run("sessions").stdout.splitlines()[1].split()[-2:] == ["19", "4"]
    stranger = MembershipFactory(role="partner_admin").user
    assert run("recall", held.pk, "--reason", "quality", "--as", stranger.email).exit_code == 1
    assert run("recall", held.pk, "--reason", "mood", "--as", stranger.email).exit_code == 2
    assert run("recall", 987654, "--reason", "quality", "--as", stranger.email).exit_code == 1
    held.refresh_from_db()
    assert held.state == "released"
    done = run("recall", held.pk, "--reason", "quality", "--as", coordinator().email).stdout
    assert f"Lot {held.pk} is recalled: 0 people had a dose of it." in done
    assert "0 count on another lot now, 1 have no dose" in done
    held.refresh_from_db()
    assert held.state == "recalled"
    services.receive_doses(lot=lot(), location=of.location, doses=1, by=SYSTEM, now=utc_now())
    assert run("give-other-lots", held.pk, "--as", stranger.email).exit_code == 1
    again = run("give-other-lots", held.pk, "--as", coordinator().email).stdout
    assert again == "Bookings: 1 count on another lot now, 0 have no dose.\n"


def test_session_is_changed_and_too_few_hands_are_refused() -> None:
    of, who = session(quotas={Channel.BOOKING: 20}), coordinator()
    done = run("change-session", of.pk, "--vaccinators", 2, "--minutes", 6, "--as", who.email)
    assert done.stdout == f"Session {of.pk}: 2 vaccinators, 6 minutes for a dose.\n"
    refused = run("change-session", of.pk, "--vaccinators", 1, "--minutes", 60, "--as", who.email)
    assert refused.exit_code == 1
    assert run("change-session", 987654, "--vaccinators", 1, "--minutes", 5, "--as", who.email).exit_code == 1
    of.refresh_from_db()
    assert (of.vaccinators, of.minutes_per_dose) == (2, 6)


def test_supply_plan_is_proposed_shown_and_decided() -> None:
    place, who = store(), coordinator()
    lot(50, at=place)
    targets = [session(doses=0), session(doses=0)]
    for of in targets:
        services.join_waiting_list(recipient=recipient(), place=of.site.place, by=SYSTEM, now=utc_now())
    done = run("supply", "propose", place.pk, "--days", 3, "--as", who.email)
    made = SupplyPlan.objects.get()
    assert f"Plan {made.pk}: 2 doses; 0 used before they expire" in done.stdout
    first, second = SupplyLine.objects.order_by("pk")
    assert run("supply", "approve", made.pk, "--as", who.email).exit_code == 2
    assert run("supply", "approve", made.pk, 987654, "--as", who.email).exit_code == 1
    assert run("supply", "approve", made.pk, first.pk, "--as", who.email).stdout == "1 lines approved.\n"
    assert run("supply", "reject", made.pk, "--all", "--as", who.email).stdout == "1 lines rejected.\n"
    states = dict(SupplyLine.objects.values_list("pk", "state"))
    assert states == {first.pk: "approved", second.pk: "rejected"}
    assert [line.split()[-1] for line in run("supply", "show", made.pk).stdout.splitlines()[1:]] == [
        "approved",
        "rejected",
    ]
    assert run("supply", "show", 987654).exit_code == 1


def test_plan_vaccination_writes_only_when_told() -> None:
    place, of = store(), session(doses=0)
    lot(50, at=place)
    services.join_waiting_list(recipient=recipient(), place=of.site.place, by=SYSTEM, now=utc_now())
    words = ["vaccination", "--from", str(place.pk)]
    done = CliRunner().invoke(plan, words, env={"COLUMNS": "200"})
    assert "1 lines, 1 doses" in done.output
    assert "Nothing was stored" in done.output
    assert not SupplyPlan.objects.exists()
    done = CliRunner().invoke(plan, [*words, "--store"], env={"COLUMNS": "200"})
    assert f"Plan {SupplyPlan.objects.get().pk} stored." in done.output
    assert CliRunner().invoke(plan, ["vaccination", "--from", "987654"]).exit_code == 1


def test_certificates_are_issued_once_to_everybody_and_revoked() -> None:
    for _person in range(3):
        vaccinated()
    recipient()
    assert run("certificates", "issue").stdout == "3 certificates issued.\n"
    assert run("certificates", "issue").stdout == "0 certificates issued.\n"
    rid = Certificate.objects.first().rid  # type: ignore[union-attr]
    stranger = MembershipFactory(role="partner_admin").user
    words = ("certificates", "revoke", rid, "--reason", "fraud", "--as")
    assert run(*words, stranger.email).exit_code == 1
    assert Certificate.objects.filter(revoked_at__isnull=False).count() == 0
    assert run(*words, coordinator().email).stdout == f"{rid} is on the revocation list.\n"
    assert run("certificates", "issue").stdout == "1 certificates issued.\n"
    assert run("certificates", "revoke", "nobody", "--reason", "fraud", "--as", stranger.email).exit_code == 1
    before = SigningKey.objects.get(retired_at__isnull=True)
    assert run("keys", "rotate").stdout.startswith("New key: ")
    assert SigningKey.objects.get(retired_at__isnull=True) != before


def test_numbers_are_printed() -> None:
    load_jakarta(by=SYSTEM, now=NOW)
    assert run("load-products").stdout == "5 products with their schedules.\n"
    assert run("load-published").exit_code == 0
    lines = run("coverage", "--by", "published", "--date", "2021-07-31").stdout.splitlines()
    assert len(lines) == 268
    assert sum(int(line.split(",")[-4]) for line in lines[1:]) == 4_499_710
    assert run("coverage", "--by", "injection").exit_code == 0
    vaccinated()
    told = run("indicators").stdout
    assert "not served for lack of a dose 0" in told
    assert "second doses overdue: 1; dropout 100%" in told


def test_facts_are_made_from_the_published_workbook(shared_data: Path, tmp_path: Path) -> None:
    workbook = shared_data / "vaccination" / "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021).xlsx"
    assert run("build-facts", workbook, "--out", tmp_path).exit_code == 0
    assert (tmp_path / PUBLISHED).read_bytes() == (FACTS_FOLDER / PUBLISHED).read_bytes()
