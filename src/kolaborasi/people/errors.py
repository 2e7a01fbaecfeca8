"""What the verbs of this room refuse."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict, NotFound, Refused
from kolaborasi.people.rules import NumberFault

NIK_SENTENCES: dict[NumberFault, Any] = {
    NumberFault.LENGTH: _("A NIK has 16 digits. Copy it from the identity card."),
    NumberFault.AREA: _(
        "The first six digits of this NIK are no area of Indonesia. Check them on the identity card."
    ),
    NumberFault.DAY: _("Digits 7 to 12 of this NIK are no date of birth. Check them on the identity card."),
    NumberFault.SERIAL: _("A NIK does not end in 0000. Check the last four digits on the identity card."),
}
KK_SENTENCES: dict[NumberFault, Any] = {
    NumberFault.LENGTH: _("A family card number has 16 digits. Copy it from the card."),
    NumberFault.AREA: _(
        "The first six digits of this family card number are no area of Indonesia. Check the card."
    ),
    NumberFault.DAY: _("Digits 7 to 12 of this family card number are no date of issue. Check the card."),
    NumberFault.SERIAL: _(
        "A family card number does not end in 0000. Check the last four digits on the card."
    ),
}


class NotANik(Refused):
    """The text cannot be a NIK; `details["fault"]` says why, and the text itself is not repeated."""

    code = "not-a-nik"

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(NIK_SENTENCES[fault], details={"fault": fault.value})


class NotAKk(Refused):
    """The text cannot be the number of a family card; `details["fault"]` says why."""

    code = "not-a-kk"

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(KK_SENTENCES[fault], details={"fault": fault.value})


class NotAPassport(Refused):
    """The text cannot be a passport number."""

    code = "not-a-passport"

    def __init__(self) -> None:
        super().__init__(_("This is no passport number. Copy its letters and digits from the passport."))


class NotAContact(Refused):
    """The text cannot be a telephone number or e-mail address."""

    code = "not-a-contact"

    def __init__(self, kind: str) -> None:
        sentences: dict[str, str | Promise] = {
            "phone": _("This is no telephone number. Write it like 0812 3456 7890."),
            "email": _("This is no e-mail address. Write it like name@example.org."),
        }
        super().__init__(sentences[kind], details={"field": kind})


class AlreadyRegistered(Conflict):
    """Somebody else is registered under this NIK or passport."""

    code = "already-registered"

    def __init__(self, number: str = "nik") -> None:
        if number == "passport":
            super().__init__(
                _("This passport is already registered. Ask the kelurahan to correct it if it is yours.")
            )
            return
        super().__init__(_("This NIK is already registered. Ask the kelurahan to correct it if it is yours."))


class PersonErased(NotFound):
    """The person was erased: nothing can be read or written."""

    code = "person-erased"

    def __init__(self) -> None:
        super().__init__(_("This person's data was erased at their request and cannot be brought back."))


class NoContact(Refused):
    """The person has no such contact, so no code can be sent to it."""

    code = "no-contact"

    def __init__(self) -> None:
        super().__init__(
            _("There is no such contact to confirm. Enter a telephone number or e-mail address first.")
        )


class TooManyCodes(Refused):
    """A code was sent a moment ago, or the tries of the day are used up."""

    code = "too-many-codes"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _("A code was sent a moment ago or tried too often. Wait a minute; after ten tries, a day.")
        )


class WrongCode(Refused):
    """The code is not the one sent, has ended, or was tried too often; which of them is not said."""

    code = "wrong-code"

    def __init__(self) -> None:
        super().__init__(_("This code is wrong or no longer valid. Check it, or ask for a new one."))
