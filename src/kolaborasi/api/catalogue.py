"""Every type of problem the API knows, found in the code that raises it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kolaborasi.common.errors import Refused
from kolaborasi.common.http.problems import CODES


@dataclass(frozen=True)
class ProblemType:
    """One type of problem: its word, its status, what it means."""

    code: str
    status: int
    meaning: str


GENERAL = (
    ProblemType("csrf-failed", 403, "A write of a session came without its CSRF token."),
    ProblemType("unreadable-body", 400, "The body is not JSON, or not the form it is declared to be."),
)
MEANINGS = {
    400: "Address or body cannot be read.",
    401: "The act needs an account with a role, and the request came without one.",
    404: "There is no such address, or nothing there that the caller may see.",
    405: "The address takes other methods; the Allow header names them.",
    422: "Values are not accepted; `errors` lists each with its pointer.",
    429: "Too many writes from one address; Retry-After says how long to wait.",
    500: "An error nobody expected; it was recorded under the request id.",
    503: "The database does not answer.",
}


def problem_types() -> list[ProblemType]:
    """All types, by code; of two refusals with one code the first found."""
    found = {CODES[status]: ProblemType(CODES[status], status, text) for status, text in MEANINGS.items()}
    for known in (*GENERAL, *_of_refusals()):
        found.setdefault(known.code, known)
    return sorted(found.values(), key=lambda each: each.code)


def _of_refusals() -> Iterator[ProblemType]:
    waiting: list[type[Refused]] = [Refused]
    while waiting:
        refusal = waiting.pop(0)
        waiting += refusal.__subclasses__()
        yield ProblemType(refusal.code, refusal.status, (refusal.__doc__ or "").strip().split("\n\n")[0])
