"""The demonstration's hospitals: real ones, sums as published, and work for each account."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db.models import Sum
from django.utils.timezone import localdate

from kolaborasi.aid.facts import load_items
from kolaborasi.common.actors import Actor
from kolaborasi.demo import beds
from kolaborasi.demo.city import load_city
from kolaborasi.demo.hospitals import load_network
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.classes import INTENSIVE, BedClass
from kolaborasi.hospitals.facts import jakarta_hospitals
from kolaborasi.hospitals.models import BedPool, Hospital, Placement, Referral
from kolaborasi.partners.queries import actor_of
from kolaborasi.people.models import User
from kolaborasi.places.services import load_jakarta

KNOWN = beds.joined(jakarta_hospitals())


def total(rows: list[beds.Beds], *classes: BedClass) -> tuple[int, int]:
    chosen = [row for row in rows if row.bed_class in classes]
    return sum(row.staffed for row in chosen), sum(row.occupied for row in chosen)


def test_generated_beds_add_up_to_what_was_published() -> None:
    rows = beds.generated(KNOWN)
    assert len(KNOWN) == 140
    assert total(rows, *beds.ISOLATION_CLASSES) == (10_448, 9_787)
    assert total(rows, *beds.ICU_CLASSES) == (1_260, 1_099)
    assert sum(row.waiting_outside for row in rows) == 1_400
    assert sum(row.waiting_inside for row in rows) == 1_900
    assert all(0 <= row.occupied <= row.staffed for row in rows)


def test_same_seed_makes_the_same_beds() -> None:
    assert beds.generated(KNOWN) == beds.generated(KNOWN)
    assert beds.generated(KNOWN) != beds.generated(KNOWN, seed=7)


def test_days_before_follow_the_published_sums() -> None:
    rows = [row for row in beds.generated(KNOWN) if row.bed_class in beds.ISOLATION_CLASSES]
    for day, published, share in (
        (-11, 8_524, 0.84),
        (-2, 10_252, 9_388 / 10_252),
        (-1, 10_355, 9_612 / 10_355),
    ):
        then = [beds.on_day(row, day) for row in rows]
        staffed, occupied = sum(row.staffed for row in then), sum(row.occupied for row in then)
        # Each hospital is rounded for itself, so the sums are met to one per cent.
        assert staffed == pytest.approx(published, rel=0.01)
        assert occupied / staffed == pytest.approx(share, abs=0.01)


@pytest.mark.django_db
def test_network_is_loaded_once_and_every_account_has_work(now: datetime) -> None:
    load_jakarta(by=Actor.system("test"), now=now)
    load_items()
    load_city(now=now)
    loaded = load_network(now=now)
    assert (loaded.fresh, loaded.joined, loaded.known) == (True, 140, len(jakarta_hospitals()))
    again = load_network(now=now)
    assert (again.fresh, again.joined, again.known) == (False, 140, len(jakarta_hospitals()))
    sums = BedPool.objects.filter(bed_class__in=["isolation", "isolation-np"]).aggregate(
        staffed=Sum("staffed"), occupied=Sum("occupied")
    )
    assert sums == {"staffed": 10_448, "occupied": 9_787}
    assert Referral.objects.filter(state="requested").count() == 36

    def actor(key: str) -> Actor:
        return actor_of(User.objects.get(email=f"{key}@contoh.invalid"), now)

    own = queries.hospitals_of(actor("rumah-sakit")).get()
    assert len(queries.offers_to(own, now)) == 1
    assert len(queries.expected_in(own)) == 1
    assert len(queries.patients_in(own)) == 1
    assert queries.may_see_board(actor("petugas-rujukan"))
    site = queries.puskesmas_of(actor("puskesmas")).get()
    assert (
        queries.daily_list(localdate(now), site).count(),
        queries.not_followed_up(localdate(now), site).count(),
    ) == (14, 7)
    assert Placement.objects.count() == 3
    days = {
        row.day
        for row in queries.occupancy_over_time(
            since=localdate(now) - timedelta(days=20), until=localdate(now)
        )
    }
    assert len(days) >= 10
    assert Hospital.objects.filter(network="outside").count() == len(jakarta_hospitals()) - 140
    assert {BedClass(each) for each in BedPool.objects.values_list("bed_class", flat=True)} >= INTENSIVE - {
        BedClass.PICU
    }
