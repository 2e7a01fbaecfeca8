"""Fields the testing pages share: scanned barcodes and moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.rules.barcodes import scanned

MOST_SCANS = 5000
LOCAL = "%Y-%m-%dT%H:%M"
SCAN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


def offer_choices(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """Set the choices of a field, which depend on who fills the form in."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


class ScansField(forms.CharField):
    """Barcodes from a scanner that types: each ends with Enter, a blank or a comma; each counts once.

    Whether a text is a barcode of ours is for the verb to say.
    """

    def __init__(self, **settings: Any) -> None:
        widget = forms.Textarea(attrs={**SCAN, "rows": 4, "data-scans": ""})
        super().__init__(**{"widget": widget, "max_length": MOST_SCANS * 20, **settings})

    def clean(self, value: Any) -> Any:
        """The barcodes in the order scanned.

        Raises:
            ValidationError: there are too many, or none though some are required.
        """
        text = str(super().clean(value) or "")
        found = list(
            dict.fromkeys(scanned(each) for each in text.replace(",", " ").replace(";", " ").split())
        )
        if len(found) > MOST_SCANS:
            raise forms.ValidationError(_("At most 5,000 barcodes at once."))
        return found


class BarcodeField(forms.CharField):
    """One scanned barcode."""

    def __init__(self, **settings: Any) -> None:
        widget = forms.TextInput(attrs={**SCAN, "class": "scan-input"})
        super().__init__(**{"widget": widget, "max_length": 40, **settings})


class MomentField(forms.DateTimeField):
    """Day and time in the city; empty means now."""

    def __init__(self, **settings: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        plain = {"required": False, "widget": widget, "input_formats": [LOCAL, f"{LOCAL}:%S"]}
        super().__init__(**{**plain, **settings})


def minute_of(now: datetime) -> str:
    """A moment as the field shows it."""
    return localtime(now).strftime(LOCAL)
