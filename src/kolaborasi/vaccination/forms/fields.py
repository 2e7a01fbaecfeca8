"""Fields that the staff forms share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]


def day_field(label: Any, help_text: Any = "", **settings: Any) -> forms.DateField:
    """A day, picked or typed."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, help_text=help_text, input_formats=DAY_FORMATS, widget=widget, **settings
    )


def time_field(label: Any, **settings: Any) -> forms.TimeField:
    """An hour and minute in the city."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, input_formats=["%H:%M", "%H.%M"], widget=widget, **settings)


def tick(label: Any, help_text: Any = "") -> forms.BooleanField:
    """A box that may be ticked."""
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def number_field(
    label: Any, help_text: Any = "", *, lowest: int = 0, highest: int, **settings: Any
) -> forms.IntegerField:
    """A small whole number."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=lowest, max_value=highest, widget=widget, **settings
    )


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row of a queryset, called by a function of the row.

    Args:
        name: what the choice is called.
    """

    def __init__(self, *, name: Any = str, empty_label: Any = None, **settings: Any) -> None:
        self.name = name
        super().__init__(queryset=None, empty_label=empty_label, **settings)

    def label_from_instance(self, row: Any) -> str:
        """The words of the choice."""
        return str(self.name(row))


def without(choices: Iterable[tuple[Any, Any]], label: Any = None) -> list[tuple[Any, Any]]:
    """Choices with nothing chosen before them."""
    return [("", label or _("Please choose")), *choices]
