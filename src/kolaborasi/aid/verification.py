"""What `kolaborasi verify` recomputes of the aid programme."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Least

from kolaborasi.aid.models import (
    CashMovement,
    CashReceipt,
    Delivery,
    Entitlement,
    Fund,
    Household,
    HouseholdKey,
    Pledge,
    Purchase,
    Purse,
    Round,
)
from kolaborasi.aid.states import DeliveryState, HouseholdState
from kolaborasi.common.verification import Check


def checks() -> Iterator[Check]:
    """What was delivered was acknowledged; no household is served twice; rupiah sum up; nothing is kept of who was erased."""
    yield _deliveries()
    yield _rounds()
    yield from _households()
    yield from _cash()


def _rounds() -> Check:
    """A round covers of its need what its households got, up to what it was to cover."""
    served = (
        Entitlement.objects.filter(round=OuterRef("pk"))
        .order_by()
        .values("round")
        .annotate(units=Sum("delivered"))
        .values("units")
    )
    rounds = Round.objects.annotate(served=Coalesce(Subquery(served), 0))
    wrong = rounds.exclude(delivered=Least(F("served"), F("quantity")))
    faults = [
        f"aid.round {pk}: delivered {delivered} but its households got {served} of {quantity}"
        for pk, delivered, served, quantity in wrong.values_list("pk", "delivered", "served", "quantity")
    ]
    return Check("rounds of government aid", rounds.count(), faults)


def _households() -> Iterator[Check]:
    active = Entitlement.objects.filter(state__in=["held", "confirmed", "fulfilled"])
    merged = active.filter(household__state=HouseholdState.MERGED).values_list("pk", flat=True)
    twice = active.values("period", "household__kk_mark").annotate(n=Count("pk")).filter(n__gt=1)
    faults = [f"aid.entitlement {pk}: its household is merged into another" for pk in merged]
    faults += [
        f"aid.period {row['period']}: one family card has {row['n']} promises"
        for row in twice.exclude(household__kk_mark=None)
    ]
    yield Check("one promise for each household and period", active.count(), faults)
    chains = Household.objects.filter(same_as__state=HouseholdState.MERGED).values_list("pk", flat=True)
    erased = Household.objects.filter(head__erased_at__isnull=False).exclude(
        nik_mark__isnull=True, kk_mark__isnull=True
    )
    faults = [f"aid.household {pk}: merged into one that is merged itself" for pk in chains]
    faults += [
        f"aid.household {pk}: its head was erased, its marks were not"
        for pk in erased.values_list("pk", flat=True)
    ]
    yield Check("households", Household.objects.count(), faults)
    keys = HouseholdKey.objects.all()
    orphans = keys.filter(~Exists(Household.objects.filter(pk=OuterRef("household_id"))))
    lost = orphans.values_list("household_id", flat=True).distinct()
    yield Check("keys of households", keys.count(), [f"aid.householdkey: no household {pk}" for pk in lost])


def _deliveries() -> Check:
    received = (
        Delivery.objects.filter(pledge=OuterRef("pk"), state=DeliveryState.ACKNOWLEDGED)
        .values("pledge")
        .annotate(units=Sum("received"))
        .values("units")
    )
    wrong = Pledge.objects.annotate(proved=Coalesce(Subquery(received), 0)).exclude(delivered=F("proved"))
    faults = [
        f"aid.pledge {pk}: delivered {delivered} but {proved} were acknowledged"
        for pk, delivered, proved in wrong.values_list("pk", "delivered", "proved")
    ]
    return Check("deliveries of aid.pledge", Pledge.objects.count(), faults)


def _cash() -> Iterator[Check]:
    """Rupiah of a fund are where its movements brought them; packages that left a purchase moved and arrived."""
    ways = {
        "came": ("target", Purse.ACCOUNT),
        "costs": ("target", Purse.COSTS),
        "spent": ("target", Purse.GOODS),
        "gone": ("source", Purse.GOODS),
    }
    sums = {
        name: Coalesce(Sum("movements__rupiah", filter=_of_movements(way)), 0) for name, way in ways.items()
    }
    receipts = CashReceipt.objects.filter(fund=OuterRef("pk")).order_by().values("fund")
    banked = receipts.annotate(rupiah_in=Sum("rupiah")).values("rupiah_in")
    funds = Fund.objects.annotate(**sums, banked=Coalesce(Subquery(banked), 0, output_field=IntegerField()))
    right = Q(
        received=F("came"),
        banked=F("came"),
        fee_taken=F("costs"),
        on_hand=F("came") - F("costs") - F("spent"),
        in_goods=F("spent") - F("gone"),
    )
    wrong = funds.exclude(right).values_list("pk", flat=True)
    faults = [f"aid.fund {pk}: its sums are not those of its movements and receipts" for pk in wrong]
    yield Check("rupiah of aid.fund", funds.count(), faults)
    yield _purchases()
    over = (
        CashMovement.objects.filter(delivery__isnull=False)
        .values("delivery")
        .annotate(moved=Sum("packages"))
        .filter(Q(moved__gt=F("delivery__received")) | Q(delivery__received=None))
    )
    faults = [f"aid.delivery {row['delivery']}: more bought packages than were received" for row in over]
    yield Check("bought packages on deliveries", CashMovement.objects.count(), faults)


def _purchases() -> Check:
    """What a purchase gave is what moved; all gone means all rupiah gone."""
    ways = {
        "moved_out": ("target", Purse.RECIPIENTS),
        "moved_lost": ("target", Purse.LOSS),
        "moved_in": ("target", Purse.GOODS),
    }
    sums = {
        name: Coalesce(Sum("movements__packages", filter=_of_movements(way)), 0) for name, way in ways.items()
    }
    left = Coalesce(Sum("movements__rupiah", filter=Q(movements__source=Purse.GOODS)), 0)
    bought = Purchase.objects.annotate(**sums, rupiah_left=left)
    worth = F("rupiah") * (F("handed_out") + F("lost")) / F("packages")
    right = Q(handed_out=F("moved_out"), lost=F("moved_lost"), packages=F("moved_in"), rupiah_left=worth)
    wrong = bought.exclude(right).values_list("pk", flat=True)
    faults = [f"aid.purchase {pk}: its packages or rupiah are not those that moved" for pk in wrong]
    return Check("packages of aid.purchase", bought.count(), faults)


def _of_movements(way: tuple[str, Purse]) -> Q:
    return Q((f"movements__{way[0]}", way[1]))
