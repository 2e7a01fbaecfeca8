"""The same resource changed by several at once, over real parallel sessions."""

from __future__ import annotations

import pytest

from kolaborasi.aid.models import NeedLine
from kolaborasi.api.urls import api
from tests.api.conftest import Api, Member
from tests.factories import NeedLineFactory
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]


def test_version_that_was_read_by_many_is_changed_by_one(member: Member) -> None:
    line = NeedLineFactory()
    head = member("rw_head", place=line.need.place)
    path = f"/aid/needs/{line.need_id}"
    tag = head.get(path)["ETag"]

    def change(quantity: int) -> int:
        caller = Api(head.secret)
        return caller.post(f"{path}/lines/{line.pk}/change", {"quantity": quantity}, If_Match=tag).status_code

    statuses = together([lambda each=quantity: change(each) for quantity in range(60, 72)])
    assert sorted(statuses) == [200, *[412] * 11]
    changed = 60 + statuses.index(200)
    assert NeedLine.objects.get(pk=line.pk).reported == changed


def test_throttle_counts_each_thread_apart() -> None:
    (throttle,) = api.throttle  # type: ignore[misc]

    def mark(number: int) -> int:
        throttle.key = str(number)
        return int(throttle.key)

    assert together([lambda each=number: mark(each) for number in range(8)]) == list(range(8))
    assert getattr(throttle, "key", None) not in {str(number) for number in range(8)}
