"""Items, lots, locations, balances, movements."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from kolaborasi.commitments.models import Capacity
from kolaborasi.partners.models import Site


class Item(models.Model):
    """A kind of goods, counted in one unit (GS1 trade item)."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=30)

    def __str__(self) -> str:
        return self.code


class Lot(models.Model):
    """Goods of one item that share origin and expiry."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    code = models.CharField(max_length=60)
    expires_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "code"], name="stock_lot_code_is_once_per_item")
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.code}"


class LocationKind(models.TextChoices):
    """What a location is to the books; outside ones may run below zero, because goods come from there."""

    SITE = "site"
    POINT = "point"
    TRANSIT = "transit"
    SUPPLIER = "supplier"
    RECIPIENT = "recipient"
    LOSS = "loss"


INSIDE = (LocationKind.SITE, LocationKind.POINT, LocationKind.TRANSIT)
"""A point is a place for goods that is no site of its own: a cold box carried to a session, a vehicle."""


class Location(models.Model):
    """A place that goods are moved from or to."""

    kind = models.CharField(max_length=10, choices=LocationKind.choices)
    name = models.CharField(max_length=120)
    site = models.OneToOneField(Site, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="site", site__isnull=False) | (~Q(kind="site") & Q(site__isnull=True)),
                name="stock_location_of_kind_site_has_a_site",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in LocationKind]),
                name="stock_location_kind_is_known",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=~Q(kind__in=["site", "point"]),
                name="stock_location_outside_sites_is_one_per_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_inside(self) -> bool:
        """Whether goods here belong to the network, so that a balance is kept."""
        return self.kind in INSIDE


class Balance(Capacity):
    """What a location has of a lot: `reported` is on hand plus surely arriving."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT)
    on_hand = models.PositiveIntegerField(default=0)
    arriving = models.PositiveIntegerField(default=0)

    class Meta(Capacity.Meta):
        constraints = [
            *Capacity.Meta.constraints,
            models.UniqueConstraint(
                fields=["location", "lot"], name="stock_balance_is_one_per_location_and_lot"
            ),
            models.CheckConstraint(
                condition=Q(reported=F("on_hand") + F("arriving")),
                name="stock_balance_reports_on_hand_and_arriving",
            ),
        ]


class Reason(models.TextChoices):
    """Why goods moved."""

    RECEIPT = "receipt"
    TRANSFER = "transfer"
    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    DELIVERY = "delivery"
    RETURN = "return"
    WASTE = "waste"
    EXPIRY = "expiry"
    COUNT = "count"


class Movement(models.Model):
    """Goods that changed place; append-only, a mistake is undone by a movement back."""

    at = models.DateTimeField()
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT)
    source = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="movements_out")
    target = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="movements_in")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_movement_moves_at_least_one"),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="stock_movement_goes_somewhere_else"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[reason.value for reason in Reason]),
                name="stock_movement_reason_is_known",
            ),
        ]


class Shipment(models.Model):
    """Goods on the way to a location that will surely arrive by a date: the arriving part of its balance."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT)
    source = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="shipments_out")
    target = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="shipments_in")
    quantity = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    arrives_date = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_shipment_carries_at_least_one"),
            models.CheckConstraint(
                condition=Q(received__lte=F("quantity")), name="stock_shipment_received_at_most_what_was_sent"
            ),
        ]
