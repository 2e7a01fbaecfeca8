"""Forms of the corrections desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, NameField
from kolaborasi.vaccination.forms.fields import RowField, day_field, number_field, without
from kolaborasi.vaccination.models import Correction, CorrectionKind
from kolaborasi.vaccination.queries import work

CARD = {"autocomplete": "off", "spellcheck": "false"}


class OpenForm(IdempotentForm):
    """Whose record is wrong, how, and who puts it right."""

    kind = forms.ChoiceField(label=_("What is wrong"), choices=without(CorrectionKind.choices))
    code = forms.CharField(
        label=_("NIK or passport number the record is under"),
        max_length=30,
        widget=forms.TextInput(attrs=CARD),
    )
    dose_number = number_field(
        _("Which dose, when it is the dose of somebody else"), lowest=1, highest=9, required=False
    )
    owner = RowField(
        label=_("Who decides"),
        empty_label=_("Please choose"),
        help_text=_("The facility that made the record, or the health office."),
    )
    reference = forms.CharField(
        label=_("Number of the letter or complaint"),
        max_length=60,
        required=False,
        help_text=_("A number alone; write nothing about the person here."),
    )

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.fields["owner"].queryset = work.active_partners()  # type: ignore[attr-defined]


class IdentityForm(IdempotentForm):
    """What the card says; what is left empty stays as it is."""

    name = NameField(label=_("Name as on the card"), required=False)
    nik = forms.CharField(
        label=_("NIK"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={**CARD, "inputmode": "numeric"}),
    )
    passport = forms.CharField(label=_("Passport number"), required=False, max_length=20)
    birth_date = day_field(_("Birth date"), required=False)


class RightPersonForm(IdempotentForm):
    """Whose dose it was."""

    code = forms.CharField(
        label=_("NIK or passport number of the right person"),
        max_length=30,
        widget=forms.TextInput(attrs=CARD),
    )


class MissingDoseForm(IdempotentForm):
    """The dose that was missing, as the paper shown has it."""

    product = RowField(label=_("Vaccine"), empty_label=_("Please choose"))
    number = number_field(_("Which dose"), lowest=1, highest=9)
    given_date = day_field(_("Day it was given"))
    lot_code = forms.CharField(label=_("Lot number on the card"), max_length=60)

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.fields["product"].queryset = work.products()  # type: ignore[attr-defined]


class RejectForm(IdempotentForm):
    """Where the reason is kept."""

    reference = forms.CharField(
        label=_("Number of the file with the reason"),
        max_length=60,
        help_text=_("A number alone; write nothing about the person here."),
    )


RESOLVING: dict[str, type[IdempotentForm]] = {
    CorrectionKind.WRONG_IDENTITY: IdentityForm,
    CorrectionKind.MISATTRIBUTED_DOSE: RightPersonForm,
    CorrectionKind.MISSING_DOSE: MissingDoseForm,
}


def said_of(correction: Correction, number: int) -> dict[str, Any]:
    """What the person said of a missing dose, as the beginning of its form."""
    return {
        "product": correction.said_product_id,
        "given_date": correction.said_date,
        "lot_code": correction.said_lot,
        "number": number,
    }
