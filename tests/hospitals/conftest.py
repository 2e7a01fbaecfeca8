"""The dispatcher's account, for every test that uses the database."""

from __future__ import annotations

import pytest

from tests.hospitals.factories import dispatcher_account


@pytest.fixture(autouse=True)
def dispatcher(request: pytest.FixtureRequest) -> None:
    """The account of `DISPATCHER`."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None:
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        dispatcher_account()
