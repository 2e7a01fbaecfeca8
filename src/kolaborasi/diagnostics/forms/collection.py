"""Forms of the collection site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, NameField, UnitsField
from kolaborasi.diagnostics.forms.fields import BarcodeField, MomentField, minute_of, offer_choices
from kolaborasi.diagnostics.labels import COLUMNS, ROWS
from kolaborasi.diagnostics.models import DiscardReason, Priority, Reason, SexChoice, SpecimenType
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.services import Subject
from kolaborasi.diagnostics.words import place_name
from kolaborasi.messages.models import Channel
from kolaborasi.places.models import Place

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
MOST_LABELS = 10 * COLUMNS * ROWS
CHANNELS = [(Channel.WHATSAPP, "WhatsApp"), (Channel.SMS, "SMS"), (Channel.EMAIL, _("e-mail"))]
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]


def choices_of_places(places: Sequence[Place]) -> list[tuple[str, Any]]:
    """Kelurahan with their kecamatan."""
    named = [
        (place.code, f"{place_name(place)} ({place.parent.name})" if place.parent else place_name(place))
        for place in places
    ]
    return [("", _("Choose a kelurahan")), *named]


class CardForm(IdempotentForm):
    """What the identity card says."""

    nik = forms.CharField(
        label=_("NIK"),
        required=False,
        max_length=20,
        help_text=_("The 16 digits of the identity card. Leave empty for foreigners and the newborn."),
        widget=forms.TextInput(NUMBER),
    )
    name = NameField(label=_("Name as on the card"))
    birth_date = forms.DateField(
        label=_("Birth date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=SexChoice.choices, widget=forms.RadioSelect)

    def clean_nik(self) -> str:
        """The digits, as people write them in groups too."""
        return str(self.cleaned_data["nik"]).replace(" ", "").replace(".", "").replace("-", "")

    def clean_birth_date(self) -> date:
        """A date on which somebody alive can have been born.

        Raises:
            ValidationError: it lies in the future or too long ago.
        """
        born: date = self.cleaned_data["birth_date"]
        if not date(1900, 1, 1) <= born <= localdate():
            raise forms.ValidationError(_("This cannot be a birth date. Check it on the card."))
        return born

    def subject(self) -> Subject:
        """Who is tested."""
        clean = self.cleaned_data
        return Subject(
            name=clean["name"],
            birth_date=clean["birth_date"],
            sex=clean["sex"],
            nik=clean["nik"],
            phone=clean.get("phone", ""),
            email=clean.get("email", ""),
        )


class ConfirmCardForm(CardForm):
    """The card of somebody who ordered for themselves."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["nik"].required = True
        self.fields["nik"].help_text = _("The 16 digits of the identity card.")


class TestedForm(CardForm):
    """A person who is tested, with where they live and how they are reached."""

    phone = forms.CharField(
        label=_("Mobile number"), required=False, max_length=30, widget=forms.TextInput({"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=200)
    residence = forms.ChoiceField(
        label=_("Where they live"),
        required=False,
        help_text=_("The puskesmas of this kelurahan is told of a positive result."),
    )

    def __init__(self, data: Any, *, places: Sequence[Place]) -> None:
        self.places = {place.code: place for place in places}
        super().__init__(data)
        offer_choices(self, "residence", choices_of_places(places))

    @property
    def home(self) -> Place | None:
        """The kelurahan, when one was chosen."""
        return self.places.get(self.cleaned_data["residence"])


class OrderForm(TestedForm):
    """A test is ordered at the desk, with the card in hand."""

    reason = forms.ChoiceField(label=_("Why tested"), choices=Reason.choices, widget=forms.RadioSelect)
    priority = forms.ChoiceField(
        label=_("How soon"), choices=Priority.choices, initial=Priority.ROUTINE, widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(
        label=_("How the result is told"),
        choices=CHANNELS,
        initial=Channel.WHATSAPP,
        help_text=_("The message holds a link that opens with the birth date only."),
    )
    language = forms.ChoiceField(label=_("Language of the messages"), choices=LANGUAGES, initial="id")

    def clean(self) -> dict[str, Any]:
        """Somebody who is new here can be told only where they can be reached."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        contact = clean.get("email" if clean.get("channel") == Channel.EMAIL else "phone")
        if not self.errors and not contact and not clean["nik"]:
            self.add_error(
                "channel", _("Write the number or address the result goes to, or choose another way.")
            )
        return clean


class ConfirmationForm(IdempotentForm):
    """A PCR test is asked for to confirm a rapid test."""

    priority = forms.ChoiceField(
        label=_("How soon"), choices=Priority.choices, initial=Priority.HIGH, widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(label=_("How the result is told"), choices=CHANNELS, initial=Channel.WHATSAPP)


class FindForm(IdempotentForm):
    """Somebody at the desk, looked up by the number of their card."""

    nik = forms.CharField(label=_("NIK"), max_length=20, widget=forms.TextInput(NUMBER))

    def clean_nik(self) -> str:
        """The digits."""
        return str(self.cleaned_data["nik"]).replace(" ", "").replace(".", "").replace("-", "")


class CollectForm(IdempotentForm):
    """A swab was taken; the barcode last, because a scanner ends with Enter."""

    kind = forms.ChoiceField(
        label=_("Specimen"),
        choices=SpecimenType.choices,
        initial=SpecimenType.BOTH,
        widget=forms.RadioSelect,
    )
    collected_at = MomentField(label=_("Taken at"), help_text=_("Leave empty for now."))
    barcode = BarcodeField(
        label=_("Barcode of the label"), help_text=_("Scan the label on the tube, or type it.")
    )


class AntigenForm(TestedForm):
    """A rapid test and what it showed."""

    brand = forms.CharField(label=_("Brand of the test"), max_length=80)
    outcome = forms.ChoiceField(
        label=_("Result"),
        choices=[
            (Outcome.POSITIVE.value, _("positive")),
            (Outcome.NEGATIVE.value, _("negative")),
            (Outcome.INVALID.value, _("invalid")),
        ],
        widget=forms.RadioSelect,
    )
    tested_at = MomentField(label=_("Tested at"), help_text=_("Leave empty for now."))


class LabelsForm(IdempotentForm):
    """How many labels are printed."""

    number = UnitsField(
        label=_("Number of labels"),
        initial=COLUMNS * ROWS,
        max_value=MOST_LABELS,
        help_text=_("A sheet has 65 labels; at most ten sheets at once."),
    )


class DiscardForm(IdempotentForm):
    """Why a specimen gives no result."""

    reason = forms.ChoiceField(label=_("Reason"), choices=DiscardReason.choices, widget=forms.RadioSelect)


def moment_or(found: datetime | None, now: datetime) -> datetime:
    """What was typed, or now."""
    return found or now


__all__ = ["minute_of", "moment_or"]
