"""The hash chain, pure."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

GENESIS = bytes(32)


def canonical(
    entry_id: int,
    at: datetime,
    actor: str,
    verb: str,
    subject_kind: str,
    subject_id: str,
    detail: dict[str, Any],
) -> bytes:
    """One byte string for an entry, equal for equal content.

    JSON with sorted keys and no spaces, after RFC 8785 (its number rules matter only for fractions, which no
    entry holds).
    """
    content = [entry_id, at.astimezone(UTC).isoformat(), actor, verb, subject_kind, subject_id, detail]
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(previous: bytes, content: bytes) -> bytes:
    """SHA-256 of the seal before and the content, 32 bytes (a hash chain after Haber & Stornetta 1991)."""
    return hashlib.sha256(previous + content).digest()
