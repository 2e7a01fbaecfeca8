"""Freezing a partner while others make commitments with it: real parallel sessions of the database.

The commitment is stood in for by a site, the nearest row that names a partner: what is raced is the guard
`require_active`, which every verb that commits a partner calls first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from django.db import connection, transaction

from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.partners import services
from kolaborasi.partners.errors import PartnerNotActive
from kolaborasi.partners.models import Partner, Reason, Site
from kolaborasi.places.models import Place
from tests.factories import KelurahanFactory, PartnerFactory

pytestmark = pytest.mark.django_db(transaction=True)

COORDINATOR = Actor.user(901, (Role("coordinator", 900),))
PATIENCE_SECONDS = 20
Guard = Callable[[int], None]


def no_lock(partner_id: int) -> None:
    """What a verb would do without the guard: read the state and go on."""
    state = Partner.objects.get(pk=partner_id).state
    if state != "active":
        raise PartnerNotActive(partner_id, state)


def in_session(work: Callable[[], object]) -> object:
    """Run on a connection of this thread's own."""
    try:
        return work()
    finally:
        connection.close()


def commit_with(
    partner: Partner, place: Place, name: str, guard: Guard, between: Callable[[], object]
) -> bool:
    """One commitment: guard, something in between, the row; False when it was refused."""
    try:
        with transaction.atomic():
            guard(partner.pk)
            between()
            Site.objects.create(
                partner=partner, place=place, kind="other", name=name, opened_date=date(2021, 7, 1)
            )
    except PartnerNotActive:
        return False
    return True


def rows_slipping_in_after_a_freeze(guard: Guard, now: datetime) -> int:
    """Freeze while a commitment stands between guard and row; returns rows that were not there when freeze returned."""
    partner, place = PartnerFactory(), KelurahanFactory()
    guarded, frozen = threading.Event(), threading.Event()

    def between() -> None:
        guarded.set()
        # With the guard, the freeze waits for this transaction and cannot return meanwhile.
        frozen.wait(1.5)

    def freeze() -> int:
        assert guarded.wait(PATIENCE_SECONDS)
        services.freeze(partner=partner, reason=Reason.SAFETY, by=COORDINATOR, now=now)
        seen = Site.objects.filter(partner=partner).count()
        frozen.set()
        return seen

    with ThreadPoolExecutor(2) as pool:
        commitment = pool.submit(in_session, lambda: commit_with(partner, place, "A", guard, between))
        freezing = pool.submit(in_session, freeze)
        assert commitment.result(PATIENCE_SECONDS) is True
        seen = freezing.result(PATIENCE_SECONDS)
    assert Partner.objects.get(pk=partner.pk).state == "frozen"
    return Site.objects.filter(partner=partner).count() - int(str(seen))


def test_commitment_slips_in_after_a_freeze_without_the_guard(now: datetime) -> None:
    assert rows_slipping_in_after_a_freeze(no_lock, now) == 1


def test_no_commitment_slips_in_after_a_freeze(now: datetime) -> None:
    assert rows_slipping_in_after_a_freeze(services.require_active, now) == 0


def test_commitment_that_waited_for_a_freeze_is_refused(now: datetime) -> None:
    partner, place = PartnerFactory(), KelurahanFactory()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.freeze(partner=partner, reason=Reason.SAFETY, by=COORDINATOR, now=now)
            waiting = pool.submit(
                in_session, lambda: commit_with(partner, place, "A", services.require_active, lambda: None)
            )
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
        assert waiting.result(PATIENCE_SECONDS) is False
    assert Site.objects.count() == 0


def test_commitments_with_one_partner_do_not_wait_for_one_another() -> None:
    partner, place = PartnerFactory(), KelurahanFactory()
    meeting = threading.Barrier(8)

    def commit(number: int) -> object:
        return in_session(
            lambda: commit_with(
                partner,
                place,
                f"Site {number}",
                services.require_active,
                lambda: meeting.wait(PATIENCE_SECONDS),
            )
        )

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(commit, range(8), timeout=PATIENCE_SECONDS)) == [True] * 8
    assert Site.objects.count() == 8


def test_many_commitments_and_one_freeze_agree_on_what_was_first(now: datetime) -> None:
    partner, place = PartnerFactory(), KelurahanFactory()
    started = threading.Barrier(21)

    def commit(number: int) -> object:
        started.wait(PATIENCE_SECONDS)
        return in_session(
            lambda: commit_with(partner, place, f"Site {number}", services.require_active, lambda: None)
        )

    def freeze() -> int:
        started.wait(PATIENCE_SECONDS)
        services.freeze(partner=partner, reason=Reason.SAFETY, by=COORDINATOR, now=now)
        return Site.objects.filter(partner=partner).count()

    with ThreadPoolExecutor(21) as pool:
        freezing = pool.submit(in_session, freeze)
        made = list(pool.map(commit, range(20), timeout=PATIENCE_SECONDS))
        seen = freezing.result(PATIENCE_SECONDS)
    assert seen == made.count(True) == Site.objects.count()


def test_two_freezes_at_once_leave_one_on_record(now: datetime) -> None:
    partner = PartnerFactory()
    started = threading.Barrier(2)

    def freeze() -> str:
        started.wait(PATIENCE_SECONDS)
        try:
            services.freeze(partner=partner, reason=Reason.SAFETY, by=COORDINATOR, now=now)
        except WrongState:
            return "refused"
        return "frozen"

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(in_session, freeze) for _turn in range(2)]
        assert sorted(str(result.result(PATIENCE_SECONDS)) for result in results) == ["frozen", "refused"]


def test_guard_without_a_transaction_is_a_mistake() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.require_active(PartnerFactory().pk)
