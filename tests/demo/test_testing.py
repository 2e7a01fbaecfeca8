"""The demonstration's testing network: kinds and sums, specimens in every state, work for each account."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.utils.timezone import localdate

from kolaborasi.aid.facts import load_items
from kolaborasi.common.actors import Actor
from kolaborasi.demo.city import load_city
from kolaborasi.demo.diagnostics import load_testing
from kolaborasi.demo.hospitals import load_network
from kolaborasi.demo.labs import generated_labs
from kolaborasi.diagnostics import queries
from kolaborasi.diagnostics.models import CaseNotice, Lab, Specimen
from kolaborasi.diagnostics.queries import DateOf
from kolaborasi.diagnostics.states import SpecimenState
from kolaborasi.diagnostics.verification import checks
from kolaborasi.partners.queries import actor_of
from kolaborasi.people.models import User
from kolaborasi.places.services import load_jakarta


def test_labs_offer_together_what_was_read_on_the_busiest_day() -> None:
    labs = generated_labs()
    assert (len(labs), sum(each.offer for each in labs)) == (120, 45_030)
    assert Counter(each.kind.partner for each in labs) == {
        "government": 30,
        "campus": 18,
        "research": 10,
        "lab": 40,
        "hospital": 22,
    }
    assert all(0 < each.offer <= each.able(0) for each in labs)
    assert generated_labs() == labs
    assert len({each.legal_id for each in labs}) == 120


@pytest.mark.django_db
def test_network_is_loaded_once_and_every_account_has_work(now: datetime) -> None:
    load_jakarta(by=Actor.system("test"), now=now)
    load_items()
    load_city(now=now)
    load_network(now=now)
    loaded = load_testing(now=now)
    assert (loaded.fresh, loaded.labs, loaded.offered) == (True, 120, 45_030)
    again = load_testing(now=now)
    assert (again.fresh, again.labs) == (False, 120)
    states = Counter(Specimen.objects.values_list("state", flat=True))
    assert set(states) == set(SpecimenState)
    assert [check.faults for check in checks()] == [[]] * 4
    assert Counter(Lab.objects.values_list("state", flat=True)) == {"active": 119, "down": 1}

    def actor(key: str) -> Actor:
        return actor_of(User.objects.get(email=f"{key}@contoh.invalid"), now)

    (own,) = [
        lab
        for lab in queries.labs()
        if any(role.partner_id == lab.site.partner_id for role in actor("analis").roles)
    ]
    assert queries.runs(own).filter(state="running").count() == 1
    assert queries.results_to_validate(own).exists()
    assert queries.bench_queue(own).exists()
    assert queries.still_with_courier(own).count() == 1
    assert {each.picked_up_at is None for each in queries.courier_manifests(actor("kurir-sampel"))} == {
        True,
        False,
    }
    assert queries.own_orders(actor("warga")).count() == 1
    assert queries.notices_of(actor("puskesmas")).exists()
    site = next(each for each in queries.testing_sites() if each.name == "Titik Swab Contoh 1")
    # Ten who came today, and the one whose tube leaked.
    assert queries.orders_waiting(site).count() == 11
    assert queries.labels_left(site).count() >= 24
    assert queries.late_specimens(now).exists()
    plan = queries.plans().get(state="proposed")
    down = Lab.objects.get(state="down")
    assert queries.plan_lines(plan).filter(origin=down.site).exists()
    assert not queries.plan_lines(plan).filter(lab=down).exists()
    today = localdate(now)
    by_day = queries.positivity(today - timedelta(days=14), today, DateOf.COLLECTION)
    assert sum(each.results > 0 for each in by_day) >= 10
    assert CaseNotice.objects.filter(site__isnull=True).count() == 0
    assert len(queries.turnaround(today - timedelta(days=14), today + timedelta(days=1))) >= 12
