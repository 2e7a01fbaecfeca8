"""Names as others may read them."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 80
UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn")
"""Unicode categories without a shape of their own: control and format characters, those that turn text round included."""


def plain_name(text: str) -> str:
    """The text on one line, without characters that are not seen or that turn round what stands after them."""
    seen = (" " if each.isspace() else each for each in text)
    kept = "".join(each for each in seen if unicodedata.category(each) not in UNSEEN)
    return " ".join(kept.split())
