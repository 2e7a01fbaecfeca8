"""Questions on cash: what became of a fund's rupiah, and which promises stand with an aggregator that may take none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from kolaborasi.aid.models import CashGift, CashMovement, Delivery, Fund, Licence, Pledge, Purse
from kolaborasi.aid.states import CashGiftState
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.partners.models import PartnerKind
from kolaborasi.partners.states import PartnerState


@dataclass(frozen=True)
class FundChain:
    """What became of the rupiah of a fund: received = costs + account + goods + recipients + loss."""

    received: int
    costs: int
    account: int
    goods: int
    recipients: int
    loss: int


def fund_chain(fund: Fund) -> FundChain:
    """What became of a fund's rupiah, added up from its movements alone."""
    rows = CashMovement.objects.filter(fund=fund).values_list("source", "target").annotate(Sum("rupiah"))
    moved = {(source, target): rupiah for source, target, rupiah in rows}
    came = moved.get((Purse.HELPERS, Purse.ACCOUNT), 0)
    costs = moved.get((Purse.ACCOUNT, Purse.COSTS), 0)
    spent = moved.get((Purse.ACCOUNT, Purse.GOODS), 0)
    arrived = moved.get((Purse.GOODS, Purse.RECIPIENTS), 0)
    lost = moved.get((Purse.GOODS, Purse.LOSS), 0)
    return FundChain(came, costs, came - costs - spent, spent - arrived - lost, arrived, lost)


def packages_on(delivery: Delivery) -> int:
    """Bought packages that a delivery accounts for."""
    rows = CashMovement.objects.filter(delivery=delivery).aggregate(packages=Sum("packages"))
    return rows["packages"] or 0


def cash_to_replan(today: date) -> QuerySet[CashGift]:
    """Promised money whose aggregator may take none: it is not active, or the licence does not hold, the oldest first."""
    holds = Q(
        fund__licence__revoked_at=None,
        fund__licence__starts_date__lte=today,
        fund__licence__ends_date__gt=today,
        fund__licence__partner__state=PartnerState.ACTIVE,
    )
    return (
        CashGift.objects.filter(state=CashGiftState.PROMISED)
        .exclude(holds)
        .select_related("fund__licence__partner", "fund__place")
        .order_by("promised_at", "pk")
    )


def pledges_to_replan(today: date) -> QuerySet[Pledge]:
    """Open promises of goods of aggregators that are not active or whose licences are all over, the most urgent first."""
    licences = Licence.objects.filter(partner=OuterRef("partner"))
    valid = licences.filter(revoked_at=None, starts_date__lte=today, ends_date__gt=today)
    unlicensed = Exists(licences) & ~Exists(valid)
    return (
        Pledge.objects.filter(
            ~Q(partner__state=PartnerState.ACTIVE) | unlicensed,
            partner__kind=PartnerKind.AGGREGATOR,
            state__in=[CommitmentState.HELD, CommitmentState.CONFIRMED],
        )
        .select_related("partner", "need_line__item", "need_line__need__place")
        .order_by("deliver_date", "pk")
    )
