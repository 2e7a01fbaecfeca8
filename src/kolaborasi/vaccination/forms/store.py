"""Forms of a store: lots, shipments, moves, losses, temperatures, counts, recalls."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, UnitsField
from kolaborasi.partners.models import Partner
from kolaborasi.stock.models import Location
from kolaborasi.vaccination.forms.fields import RowField, day_field, number_field, tick, without
from kolaborasi.vaccination.models import Explanation, Product, RecallReason, WasteReason

BY_HAND = [choice for choice in WasteReason.choices if choice[0] not in ("expired", "recalled", "open-vial")]
VVM_STAGES = [
    ("1", _("1: inner square lighter than the ring")),
    ("2", _("2: still lighter, use first")),
    ("3", _("3: same colour, do not use")),
    ("4", _("4: darker, do not use")),
]


class ReceiveForm(IdempotentForm):
    """Doses that come into a store from outside the network, with what their pack says."""

    product = RowField(label=_("Vaccine"), empty_label=_("Please choose"))
    code = forms.CharField(
        label=_("Lot number"),
        max_length=40,
        help_text=_("As printed on the pack; capitals do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    expires_date = day_field(_("First day not to be used"), _("The day after the expiry date on the pack."))
    doses_per_vial = number_field(
        _("Doses in a vial"), _("As this pack says; it differs by lot."), lowest=1, highest=20
    )
    owner = RowField(label=_("Owner of the doses"), empty_label=_("Please choose"))
    location = RowField(label=_("Into which store"), empty_label=_("Please choose"))
    doses = UnitsField(label=_("Doses received"))

    def __init__(
        self,
        *args: Any,
        products: QuerySet[Product],
        owners: QuerySet[Partner],
        locations: QuerySet[Location],
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        for name, rows in (("product", products), ("owner", owners), ("location", locations)):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class MoveForm(IdempotentForm):
    """Doses of a lot to another place."""

    target = RowField(label=_("To"), empty_label=_("Please choose"))
    doses = UnitsField(label=_("Doses"))

    def __init__(self, *args: Any, targets: QuerySet[Location], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.fields["target"].queryset = targets  # type: ignore[attr-defined]


class SendForm(MoveForm):
    """Doses that go on a journey."""

    arrives_date = day_field(
        _("Arrives by"), _("From now on they can be booked at the target for this day and later.")
    )
    field_order = ("target", "doses", "arrives_date")


class WasteForm(IdempotentForm):
    """Doses that were lost, and why."""

    doses = UnitsField(label=_("Doses lost"))
    reason = forms.ChoiceField(label=_("Why"), choices=without(BY_HAND))


class CountForm(IdempotentForm):
    """What was counted, and why it differs."""

    counted = UnitsField(label=_("Doses counted"), min_value=0)
    explanation = forms.ChoiceField(
        label=_("If the number differs from the books, why?"),
        choices=without(Explanation.choices, _("It does not differ")),
        required=False,
    )


class StorageForm(IdempotentForm):
    """A temperature, and the vial monitor when it was looked at."""

    celsius = forms.CharField(
        label=_("Temperature, °C"),
        max_length=8,
        help_text=_("One decimal, for example 4,5 or -20."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    vvm_stage = forms.ChoiceField(
        label=_("Vial monitor (VVM)"), choices=without(VVM_STAGES, _("Not looked at")), required=False
    )
    thawed = tick(_("Thawed on purpose: kept at 2 to 8 °C from now on"))

    def clean_celsius(self) -> int:
        """Tenths of a degree.

        Raises:
            ValidationError: no temperature between -100 and 60 °C.
        """
        text = str(self.cleaned_data["celsius"]).strip().replace(",", ".").replace("\u2212", "-")
        try:
            tenths = int((Decimal(text) * 10).to_integral_value(ROUND_HALF_UP))
        except (ArithmeticError, ValueError):
            tenths = 10_000
        if not -1000 <= tenths <= 600:
            raise forms.ValidationError(_("Type a temperature in degrees Celsius, for example 4,5."))
        return tenths


class ShipmentForm(IdempotentForm):
    """What arrived of a shipment."""

    doses = UnitsField(label=_("Doses that arrived"), min_value=0)
    close = forms.ChoiceField(
        label=_("The rest"),
        choices=[
            ("yes", _("Nothing more comes: what is missing is lost on the way")),
            ("no", _("The rest comes later")),
        ],
        widget=forms.RadioSelect,
        initial="yes",
    )


class QuarantineForm(IdempotentForm):
    """Whether doses set apart may be given."""

    fit = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("yes", _("They may be given: the maker's data allow it")),
            ("no", _("They may not be given: write them off")),
        ],
        widget=forms.RadioSelect,
    )


class RecallForm(IdempotentForm):
    """Why a lot is called back."""

    reason = forms.ChoiceField(label=_("Why"), choices=without(RecallReason.choices))
