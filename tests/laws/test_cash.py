"""Rupiah are never made or lost: random histories of receipts, fees, purchases, deliveries and losses sum up."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolaborasi.aid import queries, services, verification
from kolaborasi.aid.models import Fund, Purchase
from kolaborasi.aid.queries.cash import FundChain
from kolaborasi.common.errors import Refused
from tests.aid.cash import agent, arrived, bought, fund, received
from tests.conftest import NOW
from tests.factories import ItemFactory

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "fee", "buy", "hand on", "lose"]),
        st.integers(1, 2_000),
        st.integers(1, 9),
    ),
    min_size=4,
    max_size=14,
)


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_rupiah_of_a_fund_sum_up_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        _live(steps)
        transaction.set_rollback(True)


def _live(steps: list[tuple[str, int, int]]) -> None:
    of = fund()
    partner, item = of.licence.partner, ItemFactory()
    by, proof = agent(partner), arrived(of.licence.partner, 20)
    came = kept = spent = 0
    received(of, 1_000)
    came += 1_000
    for what, rupiah, packages in steps:
        last = Purchase.objects.order_by("-pk").first()
        try:
            with transaction.atomic():
                if what == "receive":
                    received(of, rupiah)
                    came += rupiah
                elif what == "fee":
                    services.take_fee(fund=of, rupiah=rupiah, by=by, now=NOW)
                    kept += rupiah
                elif what == "buy":
                    bought(of, item, packages, rupiah)
                    spent += rupiah
                elif last is not None and what == "hand on":
                    services.hand_on(purchase=last, delivery=proof, packages=packages, by=by, now=NOW)
                elif last is not None:
                    services.write_off(purchase=last, packages=packages, by=by, now=NOW)
        except Refused:
            continue
    chain, stored = queries.fund_chain(of), Fund.objects.get(pk=of.pk)
    assert chain == FundChain(
        came, kept, came - kept - spent, spent - chain.recipients - chain.loss, chain.recipients, chain.loss
    )
    assert (stored.received, stored.fee_taken, stored.on_hand, stored.in_goods) == (
        *(chain.received, chain.costs, chain.account, chain.goods),
    )
    assert min(chain.account, chain.goods, chain.recipients, chain.loss) >= 0
    assert kept <= came // 10
    assert [fault for check in verification.checks() for fault in check.faults] == []
