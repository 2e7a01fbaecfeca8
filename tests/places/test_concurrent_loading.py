"""Loaders at the same time, on real connections: each does its whole work, none fails, nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.places.models import Figure, Place, PlaceCode
from kolaborasi.places.rules import Kind
from kolaborasi.places.services import ensure_rws, load_jakarta

pytestmark = pytest.mark.django_db(transaction=True)
LOADERS = 4


def _at_once(work: Callable[[], object]) -> list[object]:
    barrier = Barrier(LOADERS)

    def one(_number: int) -> object:
        barrier.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(LOADERS) as pool:
        return list(pool.map(one, range(LOADERS)))


def test_jakarta_loaded_four_times_at_once_is_there_once(loader: Actor, now: datetime) -> None:
    reports = _at_once(lambda: load_jakarta(by=loader, now=now))
    assert sorted(report.created for report in reports) == [0, 0, 0, 318]  # type: ignore[attr-defined]
    assert (Place.objects.count(), PlaceCode.objects.count()) == (318, 636)
    assert Figure.objects.count() == 2304
    assert AuditEntry.objects.count() == LOADERS


def test_rw_made_four_times_at_once_are_there_once(jakarta: None, loader: Actor, now: datetime) -> None:
    numbers = {"31.71.01.1001": range(1, 200), "31.71.01.1002": range(1, 200)}
    made = _at_once(lambda: ensure_rws(numbers=numbers, by=loader, now=now))
    assert [len(places) for places in made] == [398] * LOADERS  # type: ignore[arg-type]
    assert Place.objects.filter(kind=Kind.RW).count() == 398
    assert PlaceCode.objects.filter(scheme="rw").count() == 398
