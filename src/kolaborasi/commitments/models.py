"""Something finite, and promises against it: abstract, each programme declares its own tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from kolaborasi.commitments.states import CommitmentState


class Capacity(models.Model):
    """Something finite that can be promised and comes free when the promise is fulfilled: a bed, a stock balance.

    `reported` is what the owner last said, `limit` the most that may be promised. An owner may shrink below what is
    promised: then `limit` equals `committed` and nothing new can be taken.
    """

    KEPT: ClassVar[bool] = False

    reported = models.PositiveIntegerField()
    limit = models.PositiveIntegerField()
    committed = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(committed__lte=F("limit")),
                name="%(app_label)s_%(class)s_promised_at_most_its_limit",
            ),
            models.CheckConstraint(
                condition=Q(limit=Greatest(F("reported"), F("committed"))),
                name="%(app_label)s_%(class)s_limit_is_reported_or_promised",
            ),
        ]

    @property
    def left(self) -> int:
        """Units that can still be promised, from the row as it was read."""
        return self.limit - self.committed

    @property
    def shortfall(self) -> int:
        """Units promised beyond what the owner now reports."""
        return max(0, self.committed - self.reported)


class Consumable(Capacity):
    """A capacity that fulfilment uses up: the unmet need of a kampung, the one gift of a helper.

    Three numbers, never mixed up: `reported` (needed or offered), `committed` (promised, delivered or not),
    `delivered`.
    """

    KEPT: ClassVar[bool] = True

    delivered = models.PositiveIntegerField(default=0)

    class Meta(Capacity.Meta):
        abstract = True
        constraints = [
            *Capacity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(delivered__lte=F("committed")),
                name="%(app_label)s_%(class)s_delivered_at_most_what_is_promised",
            ),
        ]


class Commitment(models.Model):
    """A promise of a quantity against one or more capacity rows."""

    counts_against: ClassVar[tuple[str, ...]] = ()
    """Names of the foreign keys to the capacities; a null one does not count."""

    quantity = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, default=CommitmentState.HELD)
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="%(app_label)s_%(class)s_promises_at_least_one"
            ),
            models.CheckConstraint(
                condition=Q(delivered__lte=F("quantity")),
                name="%(app_label)s_%(class)s_delivers_at_most_what_was_promised",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CommitmentState]),
                name="%(app_label)s_%(class)s_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_until__isnull=False),
                name="%(app_label)s_%(class)s_held_until_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="fulfilled") | Q(delivered__gt=0),
                name="%(app_label)s_%(class)s_fulfilled_means_delivered",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "fulfilled"]) | Q(delivered=0),
                name="%(app_label)s_%(class)s_delivered_only_when_confirmed",
            ),
        ]
