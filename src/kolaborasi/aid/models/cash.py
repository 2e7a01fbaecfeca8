"""Cash that an aggregator receives on its own account: its licence, the fund, gifts, transfers, purchases, movements.

Kolaborasi never holds money; these are books about an aggregator's account, kept as double entries.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models.giving import Delivery
from kolaborasi.aid.models.programmes import Item
from kolaborasi.aid.rules.cash import HIGHEST_FEE, MOST_PACKAGES, MOST_RUPIAH, LicenceFacts
from kolaborasi.aid.states import CashGiftState
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place


class LicenceScope(models.TextChoices):
    """What a licence lets an aggregator do; managing funds and handing goods out are two functions."""

    FUNDS = "funds", _("collect money")
    GOODS = "goods", _("hand out goods")
    BOTH = "both", _("collect money and hand out goods")


class Licence(models.Model):
    """Leave to collect from the public, by minister, governor or mayor (Permensos 8/2021); `ends_date` not included.

    `fee` is the most the aggregator may keep, in hundredths of a per cent; without an area it holds in all the country.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60)
    scope = models.CharField(max_length=5, choices=LicenceScope.choices)
    area = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    fee = models.PositiveSmallIntegerField()
    starts_date = models.DateField()
    ends_date = models.DateField()
    registered_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="aid_licence_has_a_number"),
            models.CheckConstraint(
                condition=Q(scope__in=LicenceScope.values), name="aid_licence_scope_is_known"
            ),
            models.CheckConstraint(condition=Q(fee__lte=HIGHEST_FEE), name="aid_licence_fee_is_lawful"),
            models.CheckConstraint(
                condition=Q(ends_date__gt=F("starts_date")), name="aid_licence_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["number"], name="aid_licence_number_is_once"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def facts(self) -> LicenceFacts:
        """What it says, for the rules. Reads the area."""
        return LicenceFacts(
            collects=self.scope != LicenceScope.GOODS,
            area=self.area.code if self.area else "",
            starts_date=self.starts_date,
            ends_date=self.ends_date,
            revoked=self.revoked_at is not None,
        )


class Fund(models.Model):
    """Money for the needs of a place on an aggregator's own account, reached by its own QRIS.

    Rupiah: `received` came in, `fee_taken` was kept, `on_hand` is unspent, `in_goods` is in packages not handed out.
    """

    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="funds")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    qris = models.CharField(max_length=512, unique=True)
    opened_at = models.DateTimeField()
    received = models.PositiveBigIntegerField(default=0)
    fee_taken = models.PositiveBigIntegerField(default=0)
    on_hand = models.PositiveBigIntegerField(default=0)
    in_goods = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(qris=""), name="aid_fund_has_a_qris"),
            models.CheckConstraint(
                condition=Q(fee_taken__lte=F("received") * HIGHEST_FEE / 10_000),
                name="aid_fund_fee_is_lawful",
            ),
            models.CheckConstraint(
                condition=Q(received__gte=F("fee_taken") + F("on_hand") + F("in_goods")),
                name="aid_fund_has_no_more_than_it_received",
            ),
        ]


class CashGift(models.Model):
    """Money that a helper promises to a fund; the helper's statement that it was sent is a fact of its own.

    That it came is the aggregator's fact: a `CashReceipt`. `code` is what the helper writes in the transfer's note.
    """

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="gifts")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rupiah = models.PositiveBigIntegerField()
    code = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=10, default=CashGiftState.PROMISED)
    promised_at = models.DateTimeField()
    stated_at = models.DateTimeField(null=True, blank=True)
    stated_rupiah = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rupiah__gt=0), name="aid_cashgift_is_some_rupiah"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CashGiftState]),
                name="aid_cashgift_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, partner__isnull=True)
                | Q(person__isnull=True, partner__isnull=False),
                name="aid_cashgift_is_from_a_partner_or_a_person",
            ),
            models.CheckConstraint(
                condition=Q(stated_at__isnull=True, stated_rupiah__isnull=True)
                | Q(stated_at__isnull=False, stated_rupiah__isnull=False, stated_rupiah__gt=0),
                name="aid_cashgift_stated_with_time_and_rupiah",
            ),
        ]


class CashReceipt(models.Model):
    """A transfer the aggregator confirms, by hand or by its bank's statement; without a gift until it is known whose.

    `bank_reference` is the bank's own number of the transfer, so that none counts twice.
    """

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="receipts")
    gift = models.ForeignKey(
        CashGift, null=True, blank=True, on_delete=models.PROTECT, related_name="receipts"
    )
    rupiah = models.PositiveBigIntegerField()
    received_date = models.DateField()
    bank_reference = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rupiah__gt=0), name="aid_cashreceipt_is_some_rupiah"),
            models.CheckConstraint(condition=~Q(bank_reference=""), name="aid_cashreceipt_has_a_reference"),
            models.UniqueConstraint(fields=["fund", "bank_reference"], name="aid_cashreceipt_counts_once"),
        ]


class Purchase(models.Model):
    """Packages bought from a fund; what left was handed out or lost."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="purchases")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    packages = models.PositiveIntegerField()
    rupiah = models.PositiveBigIntegerField()
    invoice = models.CharField(max_length=60)
    bought_at = models.DateTimeField()
    handed_out = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(packages__range=(1, MOST_PACKAGES), rupiah__range=(1, MOST_RUPIAH)),
                name="aid_purchase_is_of_something",
            ),
            models.CheckConstraint(condition=~Q(invoice=""), name="aid_purchase_has_an_invoice"),
            models.CheckConstraint(
                condition=Q(packages__gte=F("handed_out") + F("lost")),
                name="aid_purchase_gives_at_most_what_was_bought",
            ),
            models.UniqueConstraint(fields=["fund", "invoice"], name="aid_purchase_invoice_is_once"),
        ]


class Purse(models.TextChoices):
    """Where the rupiah of a fund are to the books; the aggregator's own are account and goods."""

    HELPERS = "helpers", _("helpers")
    ACCOUNT = "account", _("the aggregator's account")
    COSTS = "costs", _("the aggregator's costs")
    GOODS = "goods", _("packages not handed out yet")
    RECIPIENTS = "recipients", _("recipients")
    LOSS = "loss", _("lost or spoiled")


PATHS = (
    (Purse.HELPERS, Purse.ACCOUNT),
    (Purse.ACCOUNT, Purse.COSTS),
    (Purse.ACCOUNT, Purse.GOODS),
    (Purse.GOODS, Purse.RECIPIENTS),
    (Purse.GOODS, Purse.LOSS),
)
"""The ways rupiah go."""


def _on_a_path() -> Q:
    ways = Q()
    for source, target in PATHS:
        ways |= Q(source=source.value, target=target.value)
    return ways


class CashMovement(models.Model):
    """Rupiah of a fund that changed purse; append-only. The shape of `stock.Movement`, with rupiah for goods."""

    at = models.DateTimeField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="movements")
    source = models.CharField(max_length=10, choices=Purse.choices)
    target = models.CharField(max_length=10, choices=Purse.choices)
    rupiah = models.PositiveBigIntegerField()
    packages = models.PositiveIntegerField(default=0)
    receipt = models.OneToOneField(CashReceipt, null=True, blank=True, on_delete=models.PROTECT)
    purchase = models.ForeignKey(
        Purchase, null=True, blank=True, on_delete=models.PROTECT, related_name="movements"
    )
    delivery = models.ForeignKey(
        Delivery, null=True, blank=True, on_delete=models.PROTECT, related_name="cash_movements"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_on_a_path(), name="aid_cashmovement_goes_a_known_way"),
            # Packages so cheap that a portion is worth less than a rupiah still leave.
            models.CheckConstraint(
                condition=Q(rupiah__gt=0) | Q(packages__gt=0), name="aid_cashmovement_moves_something"
            ),
            models.CheckConstraint(
                condition=Q(source="helpers", receipt__isnull=False)
                | ~Q(source="helpers") & Q(receipt__isnull=True),
                name="aid_cashmovement_in_has_its_receipt",
            ),
            models.CheckConstraint(
                condition=(Q(source="goods") | Q(target="goods")) & Q(purchase__isnull=False, packages__gt=0)
                | ~Q(source="goods") & ~Q(target="goods") & Q(purchase__isnull=True, packages=0),
                name="aid_cashmovement_of_goods_has_its_purchase",
            ),
            models.CheckConstraint(
                condition=Q(target="recipients", delivery__isnull=False)
                | ~Q(target="recipients") & Q(delivery__isnull=True),
                name="aid_cashmovement_to_recipients_has_its_delivery",
            ),
        ]
