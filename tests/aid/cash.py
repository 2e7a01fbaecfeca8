"""Aggregators, their licences and funds for tests; visibly made up."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from kolaborasi.aid import services
from kolaborasi.aid.emvco import Field, build
from kolaborasi.aid.models import CashGift, CashReceipt, Delivery, Fund, Item, Licence, Pledge, Purchase
from kolaborasi.commitments import services as commitments
from kolaborasi.common.actors import Actor, Role
from kolaborasi.partners.models import Partner, PartnerKind
from kolaborasi.places.models import Place
from tests.conftest import NOW
from tests.factories import TODAY, KelurahanFactory, NeedLineFactory, PartnerFactory, UserFactory, person

VISITOR = Actor.visitor("x")
_numbers = count(1)


def qris(number: int) -> str:
    """A whole QRIS of a made-up merchant."""
    fields = {
        "00": "01",
        "01": "11",
        "26": "0014ID.CO.BANK.WWW0118936000080000000001",
        "51": f"0014ID.CO.QRIS.WWW0215ID{number:013}",
        "52": "8398",
        "53": "360",
        "58": "ID",
        "59": "AGREGATOR CONTOH",
        "60": "JAKARTA",
        "61": "10110",
    }
    return build(Field(id_, value) for id_, value in fields.items())


def licence(**values: Any) -> Licence:
    """A licence for all the country until the end of the year, with the lawful 10 %."""
    known: dict[str, Any] = {
        "number": f"SK-CONTOH-{next(_numbers)}",
        "scope": "both",
        "fee": 1_000,
        "starts_date": date(2021, 1, 1),
        "ends_date": date(2022, 1, 1),
        "by": Actor.system("test"),
        "now": NOW,
    }
    known |= values
    known.setdefault("partner", None)
    partner = known.pop("partner") or PartnerFactory(kind=PartnerKind.AGGREGATOR)
    return services.register_licence(partner=partner, **known)


def agent(partner: Partner) -> Actor:
    """Somebody of the aggregator."""
    return Actor.user(UserFactory().pk, (Role("partner_admin", partner.pk, None),))


def fund(under: Licence | None = None, place: Place | None = None) -> Fund:
    """An open fund."""
    under = under or licence()
    return services.open_fund(
        licence=under,
        place=place or KelurahanFactory(),
        qris=qris(next(_numbers)),
        by=agent(under.partner),
        now=NOW,
    )


def gift(to: Fund, rupiah: int = 200_000) -> CashGift:
    """A visitor's promise."""
    return services.promise_cash(fund=to, helper=person(), rupiah=rupiah, by=VISITOR, now=NOW)


def received(to: Fund, rupiah: int, reference: str = "", of: CashGift | None = None) -> CashReceipt:
    """Money the aggregator confirms."""
    transfer = services.Transfer(of, rupiah, TODAY, reference or f"TRX{next(_numbers)}")
    return services.confirm_receipt(fund=to, transfer=transfer, by=agent(to.licence.partner), now=NOW)


def bought(from_fund: Fund, item: Item, packages: int, rupiah: int) -> Purchase:
    """Packages bought from the fund."""
    return services.buy(
        fund=from_fund,
        item=item,
        packages=packages,
        rupiah=rupiah,
        invoice=f"INV-{next(_numbers)}",
        by=agent(from_fund.licence.partner),
        now=NOW,
    )


def promised(partner: Partner, quantity: int) -> Pledge:
    """An aggregator's promise of packages to a place, confirmed."""
    pledge = Pledge(
        need_line=NeedLineFactory(reported=100),
        partner=partner,
        quantity=quantity,
        deliver_date=TODAY,
        pledged_at=NOW,
        confirmed_at=NOW,
        held_until=NOW + timedelta(days=1),
        link_hash=f"{next(_numbers):064}",
        receipt_code="ABCDEF",
    )
    commitments.hold(pledge, now=NOW)
    commitments.confirm(pledge, now=NOW)
    return pledge


def arrived(partner: Partner, quantity: int) -> Delivery:
    """Packages of the aggregator that the receiving side acknowledged."""
    pledge = promised(partner, quantity)
    commitments.settle(pledge, delivered=quantity, now=NOW)
    return Delivery.objects.create(
        pledge=pledge,
        quantity=quantity,
        reported_at=NOW,
        state="acknowledged",
        received=quantity,
        acknowledged_at=NOW,
        acknowledged_by="code",
    )
