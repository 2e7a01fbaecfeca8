"""Forms of the validator: what is validated, corrected, exported."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm
from kolaborasi.diagnostics.forms.fields import offer_choices
from kolaborasi.diagnostics.models.results import CorrectionReason, OutcomeChoice
from kolaborasi.diagnostics.rules.assays import Readings

MOST_AT_ONCE = 500


class ValidateForm(IdempotentForm):
    """Results that were looked at."""

    result = forms.TypedMultipleChoiceField(coerce=int, label=_("Results"))

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        # Whether a result waits and whose it is is for the verb to say; here only that numbers were sent.
        sent = data.getlist("result") if data is not None else []
        numbers = [
            each for each in sent[:MOST_AT_ONCE] if each.isascii() and each.isdigit() and len(each) < 15
        ]
        offer_choices(self, "result", [(each, each) for each in numbers])
        self.fields["result"].error_messages["required"] = _("Tick at least one result.")


class CorrectForm(IdempotentForm):
    """What the result is in truth, and why it was another one."""

    outcome = forms.ChoiceField(
        label=_("Corrected result"),
        choices=[each for each in OutcomeChoice.choices if each[0] != OutcomeChoice.INVALID],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=_("Why it is corrected"), choices=CorrectionReason.choices, widget=forms.RadioSelect
    )

    def __init__(self, data: Any, *, targets: list[str]) -> None:
        super().__init__(data)
        self.targets = targets
        for target in targets:
            self.fields[f"ct-{target}"] = forms.DecimalField(
                label=_("Ct of %(target)s") % {"target": target},
                required=False,
                localize=True,
                help_text=_("Empty where no curve crossed the threshold."),
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    def cts(self) -> Readings:
        """Ct by target."""
        values = {target: self.cleaned_data[f"ct-{target}"] for target in self.targets}
        return {target: float(ct) if ct is not None else None for target, ct in values.items()}


class ExportForm(forms.Form):
    """Which days of validated results are exported; both included."""

    first = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To and including"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """At most a year, the right way round."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = clean.get("first"), clean.get("last")
        if first and last and not first <= last <= first + timedelta(days=366):
            self.add_error("last", _("The last day comes after the first, at most a year later."))
        return clean

    @property
    def days(self) -> tuple[date, date]:
        """First day, and the day after the last."""
        return self.cleaned_data["first"], self.cleaned_data["last"] + timedelta(days=1)
