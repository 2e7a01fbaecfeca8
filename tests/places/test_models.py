"""What the table of places refuses by itself."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from kolaborasi.places.models import Place
from tests.factories import KelurahanFactory


@pytest.mark.django_db
@pytest.mark.parametrize(
    "half", [{"latitude": None}, {"longitude": None}, {"latitude": 91.0}, {"longitude": -181.0}]
)
def test_position_is_whole_and_on_earth(half: dict[str, float | None]) -> None:
    place = KelurahanFactory(latitude=-6.2, longitude=106.8)
    with pytest.raises(IntegrityError, match="place_position_whole_and_on_earth"), transaction.atomic():
        Place.objects.filter(pk=place.pk).update(**half)
    place.refresh_from_db()
    assert (place.latitude, place.longitude) == (-6.2, 106.8)
