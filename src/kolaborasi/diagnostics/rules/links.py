"""Secret links: what is stored of one."""

from __future__ import annotations

import hashlib


def hashed(token: str) -> str:
    """What is stored of a link's secret: it is random and long, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()
