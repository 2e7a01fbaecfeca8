"""The verb that asks for PCR where a rapid test cannot decide."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import DuplicateOrder
from kolaborasi.diagnostics.models import AntigenTest, Order, Priority, Reason
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.services.orders import Wish, place_order
from kolaborasi.diagnostics.services.record import mark
from kolaborasi.messages.models import Channel


def ask_for_pcr(
    *,
    test: AntigenTest,
    by: Actor,
    now: datetime,
    priority: str = Priority.HIGH,
    channel: str = Channel.EMAIL,
    language: str = "id",
) -> Order:
    """Order a PCR test of the person of a rapid test, at the same site: who they are was confirmed then.

    Raises:
        NotPermitted: nobody of the site.
        DuplicateOrder: the person waits for a swab, or this test was confirmed already.
        WrongSite, PartnerNotActive, NumbersRefused.
    """
    TABLE.require(by, "ask_for_pcr", place_code=test.site.place.code, partner_id=test.site.partner_id)
    wish = Wish(
        reason=Reason.SUSPECT,
        site=test.site,
        priority=priority,
        channel=channel,
        language=language,
        residence=test.residence,
        confirms=test,
    )
    with transaction.atomic():
        before = Order.objects.filter(confirms=test).first()
        if before is not None:
            raise DuplicateOrder(before.pk)
        order = place_order(test.person, test.birth_date, test.sex, wish, by, now)
        subject = ("diagnostics.order", order.pk)
        mark(verb="ask_for_pcr", event="test_ordered", subject=subject, by=by, now=now, antigen=test.pk)
    return order
