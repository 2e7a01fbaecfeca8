"""Gifts of money and what became of them: promised, stated, received, spent, handed out; each rupiah a movement.

Locks are taken in the order partner, licence, fund, gift, purchase, delivery.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.aid.cash_errors import (
    DeliveryElsewhere,
    GiftUnknown,
    InvoiceCounted,
    NotEnoughPackages,
    NotEnoughRupiah,
    OwnFund,
    PurchaseRefused,
    ReceiptMatched,
    RupiahRefused,
    TransferCounted,
    TransferRefused,
)
from kolaborasi.aid.models import (
    CashGift,
    CashMovement,
    CashReceipt,
    Delivery,
    Fund,
    Item,
    Purchase,
    Purse,
)
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.queries.cash import packages_on
from kolaborasi.aid.rules.cash import MOST_PACKAGES, MOST_RUPIAH, fee_left, worth
from kolaborasi.aid.services.codes import CODE_LETTERS
from kolaborasi.aid.services.funds import require_collecting
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import CASH_GIFT, CashGiftState, DeliveryState
from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person


@dataclass(frozen=True)
class Transfer:
    """Money on the aggregator's account.

    Args:
        gift: whose it is; None when nobody knows yet.
        bank_reference: the bank's own number of it.
    """

    gift: CashGift | None
    rupiah: int
    received_date: date
    bank_reference: str


def promise_cash(*, fund: Fund, helper: Person | Partner, rupiah: int, by: Actor, now: datetime) -> CashGift:
    """Promise money to a fund; the gift's code goes into the note of the transfer.

    Raises:
        NotPermitted: for a partner, none of its people.
        RupiahRefused, OwnFund.
        PartnerNotActive, NotLicensed: the aggregator may take nothing new.
    """
    partner, person = (helper, None) if isinstance(helper, Partner) else (None, helper)
    if partner is not None:
        TABLE.require(by, "promise_cash_for_partner", partner_id=partner.pk)
    else:
        TABLE.require(by, "promise_cash")
    _require_rupiah(rupiah)
    _refuse_aggregator(fund, by)
    with transaction.atomic():
        require_collecting(fund.licence_id, fund.place, now)
        gift = CashGift.objects.create(
            fund=fund, person=person, partner=partner, rupiah=rupiah, code=_new_code(), promised_at=now
        )
        subject = ("aid.cash_gift", gift.pk)
        mark(
            verb="promise_cash",
            event="cash_promised",
            subject=subject,
            by=by,
            now=now,
            fund=fund.pk,
            rupiah=rupiah,
        )
    return gift


def state_transfer(*, code: str, rupiah: int, by: Actor, now: datetime) -> CashGift:
    """The helper says that the money was sent; it counts as received only when the aggregator confirms it.

    Args:
        code: of the gift; only the helper and the aggregator know it.

    Raises:
        GiftUnknown, RupiahRefused.
        OwnFund: the actor is of the aggregator.
    """
    TABLE.require(by, "state_transfer")
    _require_rupiah(rupiah)
    with transaction.atomic():
        gift = _gift_of(code)
        _refuse_aggregator(gift.fund, by)
        gift.stated_at, gift.stated_rupiah = now, rupiah
        gift.save(update_fields=["stated_at", "stated_rupiah"])
        subject = ("aid.cash_gift", gift.pk)
        mark(verb="state_transfer", event="transfer_stated", subject=subject, by=by, now=now, rupiah=rupiah)
    return gift


def cancel_cash(*, code: str, by: Actor, now: datetime) -> CashGift:
    """Take a promise of money back before it came.

    Raises:
        GiftUnknown.
        WrongState: it came, or is cancelled.
    """
    TABLE.require(by, "cancel_cash")
    with transaction.atomic():
        gift = _gift_of(code)
        gift.state = CASH_GIFT.move(gift.state, "cancel")
        gift.save(update_fields=["state"])
        subject = ("aid.cash_gift", gift.pk)
        mark(verb="cancel_cash", event="cash_cancelled", subject=subject, by=by, now=now)
    return gift


def confirm_receipt(*, fund: Fund, transfer: Transfer, by: Actor, now: datetime) -> CashReceipt:
    """The aggregator says that money is on its account; that is so even when it is frozen meanwhile.

    Raises:
        NotPermitted: not of the aggregator.
        RupiahRefused.
        TransferRefused: no number of the bank, or a day to come.
        TransferCounted: the bank's number is in the books.
        ReceiptMatched: the gift is of another fund.
    """
    TABLE.require(by, "confirm_receipt", partner_id=fund.licence.partner_id)
    _require_rupiah(transfer.rupiah)
    if not _is_number(transfer.bank_reference) or transfer.received_date > localdate(now):
        raise TransferRefused
    if transfer.gift is not None and transfer.gift.fund_id != fund.pk:
        raise ReceiptMatched
    with refusing({"aid_cashreceipt_counts_once": TransferCounted}), transaction.atomic():
        locked = lock_fund(fund)
        if locked.receipts.filter(bank_reference=transfer.bank_reference).exists():
            raise TransferCounted
        receipt = book(locked, [transfer], now)[0]
        subject = ("aid.cash_receipt", receipt.pk)
        mark(verb="confirm_receipt", event="receipt_confirmed", subject=subject, by=by, now=now, fund=fund.pk)
    return receipt


def match_receipt(*, receipt: CashReceipt, gift: CashGift, by: Actor, now: datetime) -> CashReceipt:
    """Say whose a transfer is that came without a code.

    Raises:
        NotPermitted: not of the aggregator.
        ReceiptMatched: it has a gift, or the gift is of another fund.
    """
    TABLE.require(by, "match_receipt", partner_id=receipt.fund.licence.partner_id)
    with transaction.atomic():
        lock_fund(receipt.fund)
        locked = CashReceipt.objects.get(pk=receipt.pk)
        if locked.gift_id is not None or gift.fund_id != locked.fund_id:
            raise ReceiptMatched
        locked.gift = gift
        locked.save(update_fields=["gift"])
        _confirm([gift.pk])
        subject = ("aid.cash_receipt", receipt.pk)
        mark(verb="match_receipt", event="receipt_matched", subject=subject, by=by, now=now, gift=gift.pk)
    return locked


def take_fee(*, fund: Fund, rupiah: int, by: Actor, now: datetime) -> Fund:
    """The aggregator keeps money for its costs, up to its licence's ceiling of all that came in.

    Raises:
        NotPermitted, RupiahRefused.
        PartnerNotActive, NotLicensed: it may take nothing new, a fee neither.
        NotEnoughRupiah: above the ceiling, or more than is there.
    """
    TABLE.require(by, "take_fee", partner_id=fund.licence.partner_id)
    _require_rupiah(rupiah)
    with transaction.atomic():
        licence = require_collecting(fund.licence_id, fund.place, now)
        locked = lock_fund(fund)
        left = fee_left(received=locked.received, taken=locked.fee_taken, fee=licence.fee)
        if rupiah > min(left, locked.on_hand):
            raise NotEnoughRupiah(min(left, locked.on_hand))
        locked.fee_taken += rupiah
        locked.on_hand -= rupiah
        locked.save(update_fields=["fee_taken", "on_hand"])
        _move(locked, Purse.ACCOUNT, Purse.COSTS, rupiah, now)
        mark(verb="take_fee", event="fee_taken", subject=("aid.fund", fund.pk), by=by, now=now, rupiah=rupiah)
    return locked


def buy(
    *, fund: Fund, item: Item, packages: int, rupiah: int, invoice: str, by: Actor, now: datetime
) -> Purchase:
    """Packages were bought with a fund's money. Money that came before a freeze may still become packages.

    Raises:
        NotPermitted, RupiahRefused.
        PurchaseRefused: no packages or no invoice.
        NotEnoughRupiah, InvoiceCounted.
    """
    TABLE.require(by, "buy", partner_id=fund.licence.partner_id)
    _require_rupiah(rupiah)
    if not (1 <= packages <= MOST_PACKAGES and _is_number(invoice)):
        raise PurchaseRefused
    with refusing({"aid_purchase_invoice_is_once": InvoiceCounted}), transaction.atomic():
        locked = lock_fund(fund)
        if rupiah > locked.on_hand:
            raise NotEnoughRupiah(locked.on_hand)
        if locked.purchases.filter(invoice=invoice.strip()).exists():
            raise InvoiceCounted
        bought = Purchase.objects.create(
            fund=locked, item=item, packages=packages, rupiah=rupiah, invoice=invoice.strip(), bought_at=now
        )
        locked.on_hand -= rupiah
        locked.in_goods += rupiah
        locked.save(update_fields=["on_hand", "in_goods"])
        _move(locked, Purse.ACCOUNT, Purse.GOODS, rupiah, now, purchase=bought, packages=packages)
        subject = ("aid.purchase", bought.pk)
        mark(verb="buy", event="bought", subject=subject, by=by, now=now, fund=fund.pk, rupiah=rupiah)
    return bought


def hand_on(
    *, purchase: Purchase, delivery: Delivery, packages: int, by: Actor, now: datetime
) -> CashMovement:
    """Bought packages arrived with a delivery that the receiving side has acknowledged.

    Raises:
        NotPermitted: not of the aggregator.
        DeliveryElsewhere: of another item or giver, or not acknowledged.
        NotEnoughPackages: more than the purchase or the delivery has left.
    """
    TABLE.require(by, "hand_on", partner_id=purchase.fund.licence.partner_id)
    with transaction.atomic():
        fund, locked = _lock_purchase(purchase)
        proof = (
            Delivery.objects.select_for_update(of=("self",), no_key=True)
            .select_related("pledge__need_line")
            .get(pk=delivery.pk)
        )
        pledge = proof.pledge
        same = pledge.partner_id == fund.licence.partner_id and pledge.need_line.item_id == locked.item_id
        if not same or proof.state != DeliveryState.ACKNOWLEDGED:
            raise DeliveryElsewhere
        _require_packages(packages, (proof.received or 0) - packages_on(proof))
        movement = _leave(fund, locked, packages, Purse.RECIPIENTS, now, delivery=proof)
        subject = ("aid.purchase", locked.pk)
        mark(verb="hand_on", event="handed_on", subject=subject, by=by, now=now, delivery=proof.pk)
    return movement


def write_off(*, purchase: Purchase, packages: int, by: Actor, now: datetime) -> CashMovement:
    """Bought packages were lost or spoiled.

    Raises:
        NotPermitted, NotEnoughPackages.
    """
    TABLE.require(by, "write_off", partner_id=purchase.fund.licence.partner_id)
    with transaction.atomic():
        fund, locked = _lock_purchase(purchase)
        movement = _leave(fund, locked, packages, Purse.LOSS, now)
        subject = ("aid.purchase", locked.pk)
        mark(verb="write_off", event="written_off", subject=subject, by=by, now=now, packages=packages)
    return movement


def lock_fund(fund: Fund) -> Fund:
    """The fund as it is now, for this transaction alone."""
    return Fund.objects.select_for_update(of=("self",), no_key=True).select_related("licence").get(pk=fund.pk)


def book(fund: Fund, transfers: Sequence[Transfer], now: datetime) -> list[CashReceipt]:
    """Write transfers into the books of a locked fund: receipts, movements, sums, gifts; a fixed number of statements.

    The bank's numbers must be new to the fund.
    """
    receipts = CashReceipt.objects.bulk_create(
        CashReceipt(
            fund=fund,
            gift=each.gift,
            rupiah=each.rupiah,
            received_date=each.received_date,
            bank_reference=each.bank_reference,
            recorded_at=now,
        )
        for each in transfers
    )
    CashMovement.objects.bulk_create(
        CashMovement(
            at=now, fund=fund, source=Purse.HELPERS, target=Purse.ACCOUNT, rupiah=each.rupiah, receipt=each
        )
        for each in receipts
    )
    came = sum(each.rupiah for each in receipts)
    fund.received += came
    fund.on_hand += came
    fund.save(update_fields=["received", "on_hand"])
    _confirm([each.gift_id for each in receipts if each.gift_id is not None])
    return receipts


def _confirm(gift_ids: Sequence[int]) -> None:
    sources = CASH_GIFT.sources("confirm")
    CashGift.objects.filter(pk__in=gift_ids, state__in=sources).update(state=CashGiftState.CONFIRMED)


def _gift_of(code: str) -> CashGift:
    gift = (
        CashGift.objects.select_for_update(of=("self",), no_key=True)
        .select_related("fund__licence")
        .filter(code=code.strip().upper())
        .first()
    )
    if gift is None:
        raise GiftUnknown
    return gift


def _lock_purchase(purchase: Purchase) -> tuple[Fund, Purchase]:
    fund = lock_fund(purchase.fund)
    return fund, Purchase.objects.select_for_update(no_key=True).get(pk=purchase.pk)


def _leave(
    fund: Fund,
    purchase: Purchase,
    packages: int,
    target: Purse,
    now: datetime,
    delivery: Delivery | None = None,
) -> CashMovement:
    gone = purchase.handed_out + purchase.lost
    _require_packages(packages, purchase.packages - gone)
    rupiah = worth(rupiah=purchase.rupiah, packages=purchase.packages, before=gone, taken=packages)
    if target == Purse.LOSS:
        purchase.lost += packages
    else:
        purchase.handed_out += packages
    purchase.save(update_fields=["handed_out", "lost"])
    fund.in_goods -= rupiah
    fund.save(update_fields=["in_goods"])
    return _move(
        fund, Purse.GOODS, target, rupiah, now, purchase=purchase, packages=packages, delivery=delivery
    )


def _move(
    fund: Fund,
    source: Purse,
    target: Purse,
    rupiah: int,
    now: datetime,
    *,
    purchase: Purchase | None = None,
    packages: int = 0,
    delivery: Delivery | None = None,
) -> CashMovement:
    return CashMovement.objects.create(
        at=now,
        fund=fund,
        source=source,
        target=target,
        rupiah=rupiah,
        packages=packages,
        purchase=purchase,
        delivery=delivery,
    )


def _refuse_aggregator(fund: Fund, by: Actor) -> None:
    if any(role.partner_id == fund.licence.partner_id for role in by.roles):
        raise OwnFund


def _is_number(text: str) -> bool:
    return 0 < len(text.strip()) <= 60 and text.isprintable()


def _require_rupiah(rupiah: int) -> None:
    if not 1 <= rupiah <= MOST_RUPIAH:
        raise RupiahRefused


def _require_packages(packages: int, left: int) -> None:
    if not 1 <= packages <= left:
        raise NotEnoughPackages(max(0, left))


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _letter in range(10))
