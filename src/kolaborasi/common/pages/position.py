"""The filter that measures a list from where the visitor is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages.filters import Filter

POSITION = re.compile(r"^(-?\d{1,2}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?)$")
"""`-6.17,106.82`: degrees of latitude and longitude."""


class Near(Filter):
    """The browser's position: a script sets it, its chip takes it away and does not show it."""

    @classmethod
    def me(cls, from_point: Callable[[Any, float, float], Any]) -> Near:
        """The filter `near`.

        Args:
            from_point: function (rows, latitude, longitude) → rows; not called for a position that is not on earth.
        """

        def apply(rows: Any, position: str) -> Any:
            found = POSITION.match(position)
            if found is None or not abs(float(found[1])) <= 90 or not abs(float(found[2])) <= 180:
                return rows
            return from_point(rows, float(found[1]), float(found[2]))

        field = forms.CharField(
            label=_("From where I am"),
            required=False,
            max_length=40,
            widget=forms.HiddenInput,
            validators=[RegexValidator(POSITION)],
        )
        return cls("near", field, apply=apply)

    def shown(self, value: Any) -> Any:
        """Only that there is one."""
        return True
