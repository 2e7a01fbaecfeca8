"""Whether a signed result document holds, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.exchange.errors import NotGenuine
from kolaborasi.exchange.queries import verified

KIND = "test-result"
SNOMED: dict[str, str] = {
    Outcome.POSITIVE: "260373001",
    Outcome.NEGATIVE: "260415000",
    Outcome.INCONCLUSIVE: "419984006",
}
"""Detected, Not detected, Inconclusive (SNOMED CT)."""
OUTCOMES = {code: outcome for outcome, code in SNOMED.items()}


@dataclass(frozen=True)
class ResultDocument:
    """What a genuine document says.

    Args:
        outcome: a word of `Outcome`.
        test: LOINC code.
    """

    number: str
    name: str
    birth_date: date
    outcome: str
    test: str
    lab: str
    collected_at: datetime
    resulted_at: datetime
    issued_at: datetime


def verified_result(token: str) -> ResultDocument:
    """The content of a result document that was signed here and still counts.

    Raises:
        NotGenuine: not ours, changed, of another kind, or revoked because the result was corrected.
    """
    claims = verified(token)
    if claims.get("kind") != KIND:
        raise NotGenuine("signature")
    return ResultDocument(
        number=claims["jti"],
        name=claims["name"],
        birth_date=date.fromisoformat(claims["birth_date"]),
        outcome=OUTCOMES[claims["result"]],
        test=claims["test"],
        lab=claims["lab"],
        collected_at=datetime.fromisoformat(claims["collected_at"]),
        resulted_at=datetime.fromisoformat(claims["resulted_at"]),
        issued_at=datetime.fromtimestamp(claims["iat"]).astimezone(),
    )
