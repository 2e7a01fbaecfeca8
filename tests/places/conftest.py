"""What the tests of places share: English messages, actors, Jakarta loaded, an index of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation

from kolaborasi.common.actors import Actor
from kolaborasi.places import facts
from kolaborasi.places.matching import PlaceIndex
from kolaborasi.places.rules import Kind
from kolaborasi.places.services import load_jakarta

LOADER = Actor.system("test")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def loader() -> Actor:
    """An actor that may load."""
    return LOADER


@pytest.fixture
def jakarta(db: None, now: datetime) -> None:
    """The areas and figures that come with the platform."""
    load_jakarta(by=LOADER, now=now)


@pytest.fixture(scope="session")
def jakarta_index() -> PlaceIndex:
    """Jakarta's areas, ready to be found, without a database."""
    index = PlaceIndex()
    for place in facts.jakarta_places():
        index.add(Kind(place.kind), place.code, place.name, place.bps_code)
    return index


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file into a fresh folder: name, text."""

    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return _write
