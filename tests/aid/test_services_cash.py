"""Cash: licences are enforced, statement and confirmation are two facts, rupiah sum up, statements count once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kolaborasi.aid import queries, services, verification
from kolaborasi.aid.cash_errors import (
    CodeBroken,
    DeliveryElsewhere,
    GiftUnknown,
    InvoiceCounted,
    LicenceNumberTaken,
    LicenceRefused,
    NotEnoughPackages,
    NotEnoughRupiah,
    NotLicensed,
    NotQris,
    OwnFund,
    PurchaseRefused,
    QrisTaken,
    ReceiptMatched,
    RupiahRefused,
    TransferCounted,
    TransferRefused,
)
from kolaborasi.aid.emvco import Field, build
from kolaborasi.aid.models import CashGift, CashMovement, CashReceipt, Fund, Licence, Purchase
from kolaborasi.aid.queries.cash import FundChain
from kolaborasi.aid.rules.cash import LicenceFacts, LicenceFault, fee_left, licence_fault, worth
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.partners import services as partners
from kolaborasi.partners.errors import PartnerNotActive
from kolaborasi.places.errors import UnreadableFile
from tests.aid.cash import VISITOR, agent, arrived, bought, fund, gift, licence, promised, qris, received
from tests.conftest import NOW
from tests.factories import TODAY, ItemFactory, KelurahanFactory, PartnerFactory, staff

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=400)


def faults() -> list[str]:
    return [fault for check in verification.checks() for fault in check.faults]


def freeze(of: Fund) -> None:
    partners.freeze(
        partner=of.licence.partner,
        reason="licence-revoked",
        reference="133/HUK",
        by=staff("coordinator"),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"revoked": True}, LicenceFault.REVOKED),
        ({"starts_date": TODAY + timedelta(days=1)}, LicenceFault.NOT_YET),
        ({"ends_date": TODAY}, LicenceFault.EXPIRED),
        ({"collects": False}, LicenceFault.SCOPE),
        ({"area": "31.7"}, LicenceFault.AREA),
        ({"area": ""}, None),
    ],
)
def test_licence_holds_by_its_scope_area_and_days(
    changed: dict[str, Any], fault: LicenceFault | None
) -> None:
    known = {
        "collects": True,
        "area": "31.71",
        "starts_date": TODAY,
        "ends_date": LATER.date(),
        "revoked": False,
    }
    assert licence_fault(LicenceFacts(**known | changed), place="31.71.01.1001", on=TODAY) == fault


def test_fee_and_worth_are_whole_rupiah() -> None:
    assert (fee_left(received=999, taken=50, fee=1_000), fee_left(received=10, taken=5, fee=1_000)) == (49, 0)
    assert [worth(rupiah=100, packages=3, before=before, taken=1) for before in range(3)] == [33, 33, 34]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee": 1_370},
        {"number": " "},
        {"scope": "all"},
        {"ends_date": date(2021, 1, 1)},
        {"partner": "community"},
    ],
)
def test_licence_that_is_not_lawful_is_refused(wrong: dict[str, Any]) -> None:
    if "partner" in wrong:
        wrong = {"partner": PartnerFactory()}
    with pytest.raises(LicenceRefused):
        licence(**wrong)
    assert Licence.objects.count() == 0


def test_licence_is_registered_once_and_by_a_coordinator() -> None:
    first = licence()
    with pytest.raises(LicenceNumberTaken):
        licence(number=first.number)
    with pytest.raises(NotPermitted):
        licence(by=agent(first.partner))
    with pytest.raises(IntegrityError, match="aid_licence_fee_is_lawful"), transaction.atomic():
        Licence.objects.update(fee=1_001)
    assert Licence.objects.count() == 1


def test_fund_needs_a_whole_qris_of_its_own() -> None:
    under, place, code = licence(), KelurahanFactory(), qris(7)
    by = agent(under.partner)
    for wrong, refusal in ((code[:-1] + "#", CodeBroken), ("00020101021163040000", CodeBroken)):
        with pytest.raises(refusal):
            services.open_fund(licence=under, place=place, qris=wrong, by=by, now=NOW)
    with pytest.raises(NotQris) as refused:
        services.open_fund(licence=under, place=place, qris=build([Field("00", "01")]), by=by, now=NOW)
    assert "currency" in refused.value.details["faults"]
    services.open_fund(licence=under, place=place, qris=code, by=by, now=NOW)
    with pytest.raises(QrisTaken):
        services.open_fund(licence=under, place=place, qris=code, by=by, now=NOW)
    assert Fund.objects.count() == 1


@pytest.mark.parametrize("how", ["frozen", "revoked", "expired"])
def test_aggregator_without_leave_takes_nothing_new_and_its_promises_are_listed(how: str) -> None:
    of, other = fund(), fund()
    open_gift, kept = gift(of), gift(other)
    pledge = promised(of.licence.partner, 5)
    promised(other.licence.partner, 5)
    assert (queries.cash_to_replan(TODAY).count(), queries.pledges_to_replan(TODAY).count()) == (0, 0)
    if how == "frozen":
        freeze(of)
    elif how == "revoked":
        services.revoke_licence(licence=of.licence, by=staff("coordinator"), now=NOW)
    else:
        Licence.objects.filter(pk=of.licence_id).update(ends_date=TODAY)
    with pytest.raises(PartnerNotActive if how == "frozen" else NotLicensed):
        gift(of)
    with pytest.raises((PartnerNotActive, NotLicensed)):
        fund(of.licence)
    received(of, 100_000)
    with pytest.raises((PartnerNotActive, NotLicensed)):
        services.take_fee(fund=of, rupiah=1, by=agent(of.licence.partner), now=NOW)
    assert list(queries.cash_to_replan(TODAY)) == [open_gift]
    assert list(queries.pledges_to_replan(TODAY)) == [pledge]
    assert CashGift.objects.count() == 2
    assert kept.state == "promised"
    assert Fund.objects.get(pk=of.pk).fee_taken == 0


def test_statement_and_confirmation_are_two_facts() -> None:
    of = fund()
    given = gift(of, 200_000)
    for refusal, code, by in (
        (GiftUnknown, "NOSUCHCODE", VISITOR),
        (OwnFund, given.code, agent(of.licence.partner)),
    ):
        with pytest.raises(refusal):
            services.state_transfer(code=code, rupiah=200_000, by=by, now=NOW)
    stated = services.state_transfer(code=given.code.lower(), rupiah=150_000, by=VISITOR, now=NOW)
    assert (stated.state, stated.stated_rupiah, Fund.objects.get(pk=of.pk).received) == (
        "promised",
        150_000,
        0,
    )
    received(of, 149_000, "TRX1", given)
    again = CashGift.objects.get(pk=given.pk)
    assert (again.state, again.stated_rupiah, Fund.objects.get(pk=of.pk).received) == (
        "confirmed",
        150_000,
        149_000,
    )
    with pytest.raises(TransferCounted):
        received(of, 149_000, "TRX1", given)
    for reference, day in ((" ", TODAY), ("TRX\x00", TODAY), ("TRX2", TODAY + timedelta(days=1))):
        with pytest.raises(TransferRefused):
            services.confirm_receipt(
                fund=of,
                transfer=services.Transfer(given, 1, day, reference),
                by=agent(of.licence.partner),
                now=NOW,
            )
    with pytest.raises(ReceiptMatched):
        received(of, 1, "TRX2", gift(fund()))
    with pytest.raises(WrongState):
        services.cancel_cash(code=given.code, by=VISITOR, now=NOW)
    assert Fund.objects.get(pk=of.pk).on_hand == 149_000
    assert faults() == []


def test_cancelled_gift_is_not_waited_for_until_its_money_comes() -> None:
    of = fund()
    given = services.cancel_cash(code=gift(of).code, by=VISITOR, now=NOW)
    assert given.state == "cancelled"
    unknown = received(of, 200_000)
    found = services.match_receipt(receipt=unknown, gift=given, by=agent(of.licence.partner), now=NOW)
    assert found.gift == given
    assert CashGift.objects.get().state == "confirmed"
    with pytest.raises(ReceiptMatched):
        services.match_receipt(receipt=unknown, gift=given, by=agent(of.licence.partner), now=NOW)


def test_rupiah_become_packages_that_arrive_and_sum_up() -> None:
    of, item = fund(), ItemFactory()
    partner, by = of.licence.partner, agent(of.licence.partner)
    received(of, 1_000_000)
    with pytest.raises(NotEnoughRupiah) as refused:
        services.take_fee(fund=of, rupiah=100_001, by=by, now=NOW)
    assert refused.value.details == {"left": 100_000}
    services.take_fee(fund=of, rupiah=100_000, by=by, now=NOW)
    with pytest.raises(NotEnoughRupiah):
        bought(of, item, 3, 900_001)
    for packages, rupiah, refusal in (
        (0, 1, PurchaseRefused),
        (10_000_001, 1, PurchaseRefused),
        (1, 0, RupiahRefused),
    ):
        with pytest.raises(refusal):
            bought(of, item, packages, rupiah)
    purchase = bought(of, item, 3, 500_000)
    with pytest.raises(InvoiceCounted):
        services.buy(fund=of, item=item, packages=1, rupiah=1, invoice=purchase.invoice, by=by, now=NOW)
    proof = arrived(partner, 2)
    with pytest.raises(NotEnoughPackages):
        services.hand_on(purchase=purchase, delivery=proof, packages=3, by=by, now=NOW)
    with pytest.raises(DeliveryElsewhere):
        services.hand_on(purchase=purchase, delivery=arrived(PartnerFactory(), 2), packages=1, by=by, now=NOW)
    services.hand_on(purchase=purchase, delivery=proof, packages=2, by=by, now=NOW)
    with pytest.raises(NotEnoughPackages):
        services.hand_on(purchase=purchase, delivery=proof, packages=1, by=by, now=NOW)
    with pytest.raises(NotPermitted):
        services.write_off(purchase=purchase, packages=1, by=agent(PartnerFactory()), now=NOW)
    services.write_off(purchase=purchase, packages=1, by=by, now=NOW)
    assert queries.fund_chain(of) == FundChain(
        received=1_000_000, costs=100_000, account=400_000, goods=0, recipients=333_333, loss=166_667
    )
    stored = Fund.objects.get(pk=of.pk)
    assert (stored.on_hand, stored.in_goods, stored.fee_taken) == (400_000, 0, 100_000)
    assert faults() == []


def test_books_that_were_changed_are_found() -> None:
    of = fund()
    received(of, 1_000_000)
    purchase = bought(of, ItemFactory(), 3, 500_000)
    Fund.objects.update(on_hand=1)
    Purchase.objects.update(lost=1)
    assert faults() == [
        f"aid.fund {of.pk}: its sums are not those of its movements and receipts",
        f"aid.purchase {purchase.pk}: its packages or rupiah are not those that moved",
    ]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        CashMovement.objects.update(rupiah=1)
    with pytest.raises(IntegrityError, match="aid_fund_has_no_more_than_it_received"), transaction.atomic():
        Fund.objects.update(on_hand=600_000)


def statement(*rows: str) -> str:
    return "\n".join(["Tanggal;Jumlah;Keterangan;No_Ref", *rows])


def test_statement_confirms_gifts_row_by_row_and_once() -> None:
    of = fund()
    first, second = gift(of, 1_500_000), gift(of, 50_000)
    by = agent(of.licence.partner)
    text = statement(
        f"12/07/2021;1.500.000,00;QRIS {first.code.lower()} WARGA CONTOH;A1",
        f"2021-07-11;Rp 40.000;{second.code};A2",
        "2021-07-11;25,000.00;derma;A3",
        "2021-07-11;25000;derma;A3",
        "2021-07-11;26000;derma;A3",
        "2021-07-11;-5000;biaya admin;A4",
        f"2021-07-11;10000;{first.code} {second.code};A5",
        "2021-07-13;1000;besok;A6",
        "31/02/2021;1.50;x;",
    )
    report = services.import_statement(fund=of, text=text, by=by, now=NOW)
    assert [(row.line, row.outcome.value, row.rupiah, row.gift_id) for row in report.rows] == [
        (2, "matched", 1_500_000, first.pk),
        (3, "different", 40_000, second.pk),
        (4, "unmatched", 25_000, None),
        (5, "known", 25_000, None),
        (6, "contradicts", 26_000, None),
        (7, "money-out", -5_000, None),
        (8, "unmatched", 10_000, None),
    ]
    assert [(each.line, each.column) for each in report.problems] == [
        (10, "tanggal"),
        (10, "jumlah"),
        (10, "no_ref"),
        (9, ""),
    ]
    assert set(CashGift.objects.values_list("state", flat=True)) == {"confirmed"}
    assert Fund.objects.get(pk=of.pk).received == 1_575_000
    repeated = services.import_statement(fund=of, text=text, by=by, now=NOW)
    assert {row.outcome.value for row in repeated.rows} == {"known", "contradicts", "money-out"}
    assert (CashReceipt.objects.count(), Fund.objects.get(pk=of.pk).received) == (4, 1_575_000)
    assert faults() == []


def test_statement_is_booked_with_a_fixed_number_of_statements() -> None:
    of = fund()
    by = agent(of.licence.partner)
    counts: list[int] = []
    for rows in (1, 30):
        lines = [f"2021-07-11;1000;derma;{rows}-{row}" for row in range(rows)]
        with connection.execute_wrapper(_counting(counts, rows)):
            services.import_statement(fund=of, text=statement(*lines), by=by, now=NOW)
    assert counts.count(1) == counts.count(30)


def _counting(counts: list[int], rows: int) -> Any:
    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counts.append(rows)
        return execute(sql, params, many, context)

    return count


@pytest.mark.parametrize(
    "text", ["", "Tanggal;Jumlah\n", 'date,amount,description,reference\n2021-07-11,1,"x,A1']
)
def test_statement_that_cannot_be_read_changes_nothing(text: str) -> None:
    of = fund()
    with pytest.raises(UnreadableFile):
        services.import_statement(fund=of, text=text, by=agent(of.licence.partner), now=NOW)
    with pytest.raises(NotPermitted):
        services.import_statement(fund=of, text=statement(), by=Actor.visitor("x"), now=NOW)
    assert CashReceipt.objects.count() == 0
