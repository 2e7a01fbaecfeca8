"""Forms of couriers and receiving labs: what was scanned, what was ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm
from kolaborasi.diagnostics.forms.fields import MomentField, ScansField, offer_choices

MOST_TICKS = 500
"""A longer manifest is scanned: nobody ticks so many, and the server takes no more fields than a thousand."""


class ManifestForm(IdempotentForm):
    """Specimens of a manifest: scanned in any order, or ticked on the list by whoever has no scanner."""

    scans = ScansField(
        label=_("Scan here"),
        required=False,
        help_text=_("Scan one tube after the other, or type the barcodes, one a line."),
    )
    ticked = forms.MultipleChoiceField(
        label=_("On the manifest"), required=False, widget=forms.CheckboxSelectMultiple
    )
    at = MomentField(label=_("When"), help_text=_("Leave empty for now."))

    def __init__(self, data: Any, *, barcodes: Sequence[str]) -> None:
        super().__init__(data)
        offer_choices(self, "ticked", [(each, each) for each in barcodes])
        if not 0 < len(barcodes) <= MOST_TICKS:
            del self.fields["ticked"]

    @property
    def barcodes(self) -> list[str]:
        """Scanned and ticked barcodes, each once."""
        clean = self.cleaned_data
        return list(dict.fromkeys([*clean["scans"], *clean.get("ticked", [])]))

    def clean(self) -> dict[str, Any]:
        """At least one was scanned or ticked."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.barcodes:
            self.add_error("scans", _("Nothing was scanned. Scan the tubes, or tick them on the list."))
        return clean


class BringBackForm(IdempotentForm):
    """When a courier brought back what could not be delivered."""

    at = MomentField(label=_("When"), help_text=_("Leave empty for now."))
