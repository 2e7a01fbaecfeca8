"""What `kolaborasi verify` recomputes of the aid programme."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from kolaborasi.aid.models import Delivery, Pledge
from kolaborasi.aid.states import DeliveryState
from kolaborasi.common.verification import Check


def checks() -> Iterator[Check]:
    """Delivered units of every pledge are those the receiving side acknowledged."""
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
    yield Check("deliveries of aid.pledge", Pledge.objects.count(), faults)
