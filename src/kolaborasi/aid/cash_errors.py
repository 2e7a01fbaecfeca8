"""What the verbs on cash refuse."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.emvco import BrokenCode, QrisFault
from kolaborasi.aid.rules.cash import LicenceFault
from kolaborasi.common.errors import Conflict, NotFound, Refused

LICENCE_SENTENCES: dict[LicenceFault, Any] = {
    LicenceFault.NOT_YET: _("The aggregator's licence does not hold yet. Choose another aggregator."),
    LicenceFault.EXPIRED: _("The aggregator's licence has expired. Choose another aggregator."),
    LicenceFault.REVOKED: _("The aggregator's licence was revoked. Choose another aggregator."),
    LicenceFault.SCOPE: _(
        "This licence does not let the aggregator collect money. Choose another aggregator."
    ),
    LicenceFault.AREA: _(
        "This licence does not hold for the place. Choose an aggregator that may collect for it."
    ),
}


class NotLicensed(Conflict):
    """The aggregator may take no money now; `details["fault"]` says why."""

    code = "not-licensed"

    def __init__(self, fault: LicenceFault) -> None:
        super().__init__(LICENCE_SENTENCES[fault], details={"fault": fault.value})


class LicenceRefused(Refused):
    """The licence is no lawful one."""

    code = "licence-refused"

    def __init__(self) -> None:
        super().__init__(
            _(
                "A licence belongs to an aggregator, has a number, ends after it starts and lets it keep 10 % at the most."
                " Check these."
            )
        )


class LicenceNumberTaken(Conflict):
    """Another licence has the number."""

    code = "licence-number-taken"

    def __init__(self) -> None:
        super().__init__(_("This licence number is registered already. Check the number."))


class CodeBroken(Refused):
    """The QRIS is no payment code; `details` says what is wrong and where."""

    code = "qris-broken"

    def __init__(self, error: BrokenCode) -> None:
        super().__init__(
            _(
                "This is no payment code (%(fault)s at character %(at)s). Scan the aggregator's QRIS again and paste all of it."
            )
            % {"fault": error.fault.value, "at": error.at},
            details={"fault": error.fault.value, "at": error.at},
        )


class NotQris(Refused):
    """A payment code, but no QRIS; `details["faults"]` lists what it lacks."""

    code = "not-qris"

    def __init__(self, faults: list[QrisFault]) -> None:
        super().__init__(
            _("This payment code is no QRIS; wrong or missing: %(faults)s. Ask the aggregator for its QRIS.")
            % {"faults": ", ".join(fault.value for fault in faults)},
            details={"faults": [fault.value for fault in faults]},
        )


class QrisTaken(Conflict):
    """Another fund is reached by this QRIS."""

    code = "qris-taken"

    def __init__(self) -> None:
        super().__init__(
            _("Another fund has this QRIS. Each fund needs its own, so that its money can be told apart.")
        )


class RupiahRefused(Refused):
    """No amount of money."""

    code = "rupiah-refused"

    def __init__(self) -> None:
        super().__init__(_("Write whole rupiah, at least 1. Check the number of zeros."))


class GiftUnknown(NotFound):
    """No gift has the code."""

    code = "gift-unknown"

    def __init__(self) -> None:
        super().__init__(_("No gift has this code. Look at the code in your promise."))


class OwnFund(Conflict):
    """The aggregator cannot speak for a helper of its own fund."""

    code = "own-fund"

    def __init__(self) -> None:
        super().__init__(_("The aggregator cannot promise or state for a helper. The helper has to say it."))


class TransferRefused(Refused):
    """The transfer has no number of the bank, or a day to come."""

    code = "transfer-refused"

    def __init__(self) -> None:
        super().__init__(
            _("Write the bank's own number of the transfer and the day it came, not one to come.")
        )


class TransferCounted(Conflict):
    """The transfer is in the books."""

    code = "transfer-counted"

    def __init__(self) -> None:
        super().__init__(_("This transfer is in the books already. Look it up by the bank's number."))


class NotEnoughRupiah(Conflict):
    """There is less money than is to move."""

    code = "not-enough-rupiah"

    def __init__(self, left: int) -> None:
        super().__init__(
            _("Only Rp%(left)s are left for this. Write that much or less.") % {"left": left},
            details={"left": left},
        )


class NotEnoughPackages(Conflict):
    """There are fewer packages than are to leave."""

    code = "not-enough-packages"

    def __init__(self, left: int) -> None:
        super().__init__(
            _("Only %(left)s packages are left for this. Write that many or fewer.") % {"left": left},
            details={"left": left},
        )


class InvoiceCounted(Conflict):
    """The purchase is in the books."""

    code = "invoice-counted"

    def __init__(self) -> None:
        super().__init__(_("This invoice is in the fund's books already. Check its number."))


class PurchaseRefused(Refused):
    """Nothing was bought, or no invoice shows it."""

    code = "purchase-refused"

    def __init__(self) -> None:
        super().__init__(
            _("Write how many packages were bought, for how much, and the number of the invoice.")
        )


class DeliveryElsewhere(Conflict):
    """The delivery does not prove that these packages arrived."""

    code = "delivery-elsewhere"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Only a delivery of the same item, promised by this aggregator and acknowledged by the receiving side,"
                " proves that bought packages arrived. Choose such a delivery."
            )
        )


class ReceiptMatched(Conflict):
    """It is known whose the transfer is, or the gift is of another fund."""

    code = "receipt-matched"

    def __init__(self) -> None:
        super().__init__(
            _("This transfer has a gift already, or the gift is of another fund. Load the page again.")
        )
