"""Codes that are read aloud at a door."""

from __future__ import annotations

import secrets

# Letters and digits that cannot be taken for one another when read aloud or from a worn print.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_receipt_code() -> str:
    """Six letters and digits by which the receiving side proves that it got the goods."""
    return "".join(secrets.choice(CODE_LETTERS) for _letter in range(6))
