"""Form fields that all rooms share."""

from __future__ import annotations

import re
from typing import Any

from babel.numbers import get_group_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.names import LONGEST_NAME, plain_name

MOST_UNITS = 10_000_000
LONGEST = 20
PLAIN = re.compile(r"[0-9]{1,18}")


def _grouped(sign: str) -> re.Pattern[str]:
    return re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(sign)}[0-9]{{3}})+")


class NameField(forms.CharField):
    """A name that others may read: on one line, without characters that are not seen, at most 80 long."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"max_length": LONGEST_NAME, **settings})

    def to_python(self, value: Any) -> str:
        """The plain name."""
        return plain_name(super().to_python(value) or "")


class UnitsField(forms.IntegerField):
    """A whole number of units as people type it: plain, or in groups of three as the page writes it.

    `1.000` is a thousand on an Indonesian page, `1,000` on an English one (CLDR's group sign); anything that could be
    read in two ways is refused instead of guessed.
    """

    default_error_messages = {
        "invalid": _("Type a whole number without a decimal part, for example %(example)s."),
    }

    def __init__(self, **settings: Any) -> None:
        """A field from 1 to 10 million units unless `min_value` and `max_value` say otherwise."""
        # No type=number: it reads the group sign as a decimal point before anybody can object.
        attributes = {"inputmode": "numeric", "autocomplete": "off", "maxlength": str(LONGEST)}
        widget = forms.TextInput(attrs=attributes)
        super().__init__(**{"min_value": 1, "max_value": MOST_UNITS, "widget": widget, **settings})

    def to_python(self, value: Any) -> int | None:
        """The number that was typed.

        Raises:
            ValidationError: it is no whole number, or not grouped in threes.
        """
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        sign = get_group_symbol((get_language() or "id").replace("-", "_"))
        if PLAIN.fullmatch(text):
            return int(text)
        if len(text) <= LONGEST and _grouped(sign).fullmatch(text):
            return int(text.replace(sign, ""))
        example = f"1{sign}000"
        raise ValidationError(self.error_messages["invalid"], "invalid", params={"example": example})
