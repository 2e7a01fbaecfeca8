"""Needs, their files and their helpers, by sessions that really run at the same time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from kolaborasi.aid import services
from kolaborasi.aid.models import Need, NeedLine, Pledge
from kolaborasi.aid.services import files, pledges
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.commitments.queries import checks
from kolaborasi.common.actors import Actor
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place, PlaceCode
from tests.conftest import NOW
from tests.factories import TODAY, ItemFactory, KelurahanFactory, NeedLineFactory, staff
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
SESSIONS = 6
HEADER = "code,rw,cause,households,people,item,quantity,needed_by\n"


def load_from_everybody(folder: Path, *, rws: tuple[str, ...] = ("", "4")) -> Counter[str]:
    ItemFactory()
    for number in range(1, 4):
        place = KelurahanFactory(code=f"31.71.01.100{number}")
        PlaceCode.objects.create(place=place, scheme="kemendagri", code=place.code)
    day = (TODAY + timedelta(days=7)).isoformat()
    rows = [f"31.71.01.100{n},{rw},income,20,75,sembako,20,{day}\n" for n in (1, 2, 3) for rw in rws]
    paths = []
    for session in range(SESSIONS):
        # Every other file has its rows the other way round, so that wrongly ordered locks would wait in a circle.
        paths.append(folder / f"kebutuhan-{session}.csv")
        paths[-1].write_text(HEADER + "".join(rows[:: 1 if session % 2 else -1]), encoding="utf-8")

    def load(path: Path) -> None:
        services.import_needs_file(path=path, by=Actor.system("test"), now=NOW)

    results = together([lambda path=path: load(path) for path in paths])
    return Counter(type(result).__name__ for result in results)


def test_same_file_loaded_by_many_at_once_is_loaded_once(tmp_path: Path) -> None:
    assert load_from_everybody(tmp_path) == {"NoneType": 1, "BrokenRows": SESSIONS - 1}
    assert Need.objects.count() == 6


def test_without_the_lock_the_same_file_doubles_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(wanted: files.Wanted, *_given: object) -> dict[str, int]:
        codes = [code for code, _cause in wanted]
        return dict(Place.objects.filter(code__in=codes).values_list("code", "pk"))

    monkeypatch.setattr(files, "_locked_places", unlocked)
    load_from_everybody(tmp_path, rws=("",))
    assert Need.objects.count() > 3


def hoard(line: NeedLine) -> Counter[str]:
    donor = Donor(identity=Identity(name="Warga Contoh", email="warga@contoh.example"))

    def promise() -> None:
        services.pledge(
            need_line=line, donor=donor, quantity=1, deliver_date=TODAY, by=Actor.visitor(), now=NOW
        )

    return Counter(type(result).__name__ for result in together([promise] * 20))


def test_one_contact_holds_five_units_however_many_ask_at_once() -> None:
    line = NeedLineFactory(reported=50)
    assert hoard(line) == {"NoneType": 5, "TooManyUnconfirmed": 15}
    line.refresh_from_db()
    assert line.committed == 5


def test_without_the_lock_one_contact_holds_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pledges, "contact_digests", lambda **_contact: [])
    line = NeedLineFactory(reported=50)
    hoard(line)
    line.refresh_from_db()
    assert line.committed > 5


def test_need_withdrawn_while_many_promise_keeps_no_unconfirmed_promise() -> None:
    line = NeedLineFactory(reported=50)
    verifier = staff("verifier")

    def promise(number: int) -> None:
        donor = Donor(identity=Identity(name="Warga Contoh", email=f"warga{number}@contoh.example"))
        made = services.pledge(
            need_line=line, donor=donor, quantity=1, deliver_date=TODAY, by=Actor.visitor(), now=NOW
        )
        if number % 2:
            services.confirm_pledge(pledge=made.pledge, by=Actor.visitor(), now=NOW)

    def withdraw() -> None:
        services.withdraw_need(need=line.need, reason="helped-otherwise", by=verifier, now=NOW)

    results = together([*[lambda n=n: promise(n) for n in range(20)], withdraw])
    assert results[-1] is None
    assert {type(result).__name__ for result in results} <= {"NoneType", "NeedClosed", "WrongState"}
    assert not Pledge.objects.filter(state="held").exists()
    standing = Pledge.objects.filter(state="confirmed").count()
    line.refresh_from_db()
    assert (line.reported, line.committed) == (50, standing)
    assert [fault for check in checks() for fault in check.faults] == []
