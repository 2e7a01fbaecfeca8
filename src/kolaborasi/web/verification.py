"""What the page that checks signed documents finds out: test results and vaccination cards, by the same keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from joserfc import jws
from joserfc.errors import JoseError

from kolaborasi.diagnostics.queries import ResultDocument, verified_result
from kolaborasi.exchange.errors import NotGenuine
from kolaborasi.vaccination.certificates import smart_health_card as shc
from kolaborasi.vaccination.certificates.content import NotACertificate
from kolaborasi.vaccination.queries import product_names, verified_card

LONGEST = 20_000
"""Characters: a card file with several doses, with room to spare."""

FAULTS: dict[str, str | Promise] = {
    "revoked": _("This document was replaced or withdrawn. Ask for the newest one."),
    "key": _("Somebody else signed this document, so it cannot be checked here. Ask its issuer."),
    "signature": _("This document was not issued here, or it was changed. Do not rely on it."),
    "unknown": _("This card is signed with our key but is not on record. Do not rely on it."),
    "expired": _("This document has ended. Ask for a new one."),
    "not-yet": _("This document does not count yet: its first day lies in the future."),
    "unreadable": _(
        "This is no document that can be checked. Scan the whole code again, or paste all of its text."
    ),
}


@dataclass(frozen=True)
class Dose:
    """One dose of a card as the page shows it."""

    date: str
    product: str
    lot: str
    place: str


@dataclass(frozen=True)
class Checked:
    """What became of one check.

    Args:
        fault: a word of `FAULTS`; empty when the document is genuine and counts.
        result: of a test result that is genuine.
        name, birth_date: of the holder of a card that is genuine, the date as the card writes it.
        doses: of the card, oldest first.
    """

    fault: str = ""
    result: ResultDocument | None = None
    name: str = ""
    birth_date: str = ""
    issued_at: datetime | None = None
    doses: tuple[Dose, ...] = ()

    @property
    def sentence(self) -> str | Promise:
        """Why it does not count; empty when it does."""
        return FAULTS.get(self.fault, "")


def text_of(typed: str) -> str:
    """The code itself, from a code or from a link that carries it behind its `#`, where no server sees it."""
    bare = typed.strip()
    if bare.lower().startswith(("http://", "https://")) and "#" in bare:
        return unquote(bare.partition("#")[2]).strip()
    return bare


def check(typed: str, *, now: datetime) -> Checked:
    """Check a scanned or pasted code, link or card file; nothing of a document that does not count is told."""
    text = text_of(typed)
    return _result(text) if _is_result(text) else _card(text, now)


def _is_result(text: str) -> bool:
    """Whether it is a plain JWS; the payload of a health card is compressed and says so."""
    try:
        return "zip" not in jws.extract_compact(text.encode()).headers()
    except (JoseError, ValueError):
        return False


def _result(text: str) -> Checked:
    try:
        found = verified_result(text)
    except NotGenuine as error:
        return Checked(fault=error.details["fault"])
    return Checked(result=found, name=found.name, issued_at=found.issued_at)


def _card(text: str, now: datetime) -> Checked:
    try:
        found = verified_card(text, now=now)
    except NotACertificate as error:
        return Checked(fault=error.fault if error.fault in FAULTS else "unreadable")
    if not found.holds:
        return Checked(fault="revoked" if found.revoked else "unknown")
    name, birth_date = shc.holder_of(found.card.bundle)
    given = shc.immunizations(found.card.bundle)
    names = product_names({each["code"] for each in given if each["system"] == shc.CVX})
    doses = tuple(
        Dose(each["date"], names.get(each["code"], each["code"]), each["lot"], each["place"])
        for each in given
    )
    return Checked(name=name, birth_date=birth_date, issued_at=found.card.issued_at, doses=doses)
