"""Homes made once: with tables and the areas of Jakarta, and with a whole city."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kolaborasi.config.embedded import EmbeddedServer
from tests.config.commands import run, start

CITY_TIMEOUT_SECONDS = 280

CopyHome = Callable[[Path], Path]


@dataclass(frozen=True)
class City:
    """A home in which the city was loaded, and what each of the two commands that made it printed."""

    home: Path
    outputs: tuple[str, str]


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Two commands begin on an empty folder at the same moment."""
    home = tmp_path_factory.mktemp("run") / "home"
    both = [start(home, "run", "--once") for _ in range(2)]
    outputs = [process.communicate(timeout=CITY_TIMEOUT_SECONDS) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    yield City(home, (outputs[0][0], outputs[1][0]))
    EmbeddedServer(home).stop()


@pytest.fixture(scope="session")
def home(city: City) -> Path:
    """The home of the city."""
    return city.home


@pytest.fixture(scope="session")
def copy_home(tmp_path_factory: pytest.TempPathFactory) -> CopyHome:
    """Copies a home with tables and areas but no city, whose server does not run, into a folder."""
    made = tmp_path_factory.mktemp("tables") / "home"
    for command in (("migrate",), ("places", "load-jakarta")):
        done = run(made, *command)
        assert done.returncode == 0, done.stderr
    EmbeddedServer(made).stop()

    def copied(folder: Path) -> Path:
        # Owners stay: the server of a run as root belongs to another account.
        subprocess.run(["cp", "-a", made, folder / "home"], check=True)
        return folder / "home"

    return copied
