"""Forms of people who are tested: book, show a result, take the test that was offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, NameField
from kolaborasi.diagnostics.forms.collection import CHANNELS, choices_of_places
from kolaborasi.diagnostics.forms.fields import offer_choices
from kolaborasi.diagnostics.models import Reason, SexChoice, Slot
from kolaborasi.diagnostics.rules.own import OWN_REASONS
from kolaborasi.diagnostics.services import Asking
from kolaborasi.messages.models import Channel
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place

WHY = {
    Reason.SUSPECT: _("I have symptoms"),
    Reason.CONTACT: _("I was close to somebody who is ill"),
    Reason.SCREENING: _("My work or school asks for it"),
    Reason.TRAVEL: _("I want to travel"),
}


class BirthDateField(forms.DateField):
    """A date on which somebody alive can have been born."""

    def __init__(self, **settings: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d")
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"]
        super().__init__(**{"widget": widget, "input_formats": formats, **settings})

    def clean(self, value: Any) -> Any:
        """The date.

        Raises:
            ValidationError: it lies in the future or too long ago.
        """
        born = super().clean(value)
        if born is not None and not date(1900, 1, 1) <= born <= localdate():
            raise forms.ValidationError(_("This cannot be a birth date. Write it as on the identity card."))
        return born


class WhoForm(IdempotentForm):
    """Birth date, sex and where one lives: what the site and the puskesmas need."""

    birth_date = BirthDateField(label=_("Your birth date"), help_text=_("It opens your result later."))
    sex = forms.ChoiceField(label=_("Sex"), choices=SexChoice.choices, widget=forms.RadioSelect)
    residence = forms.ChoiceField(
        label=_("Where you live"),
        required=False,
        help_text=_("The puskesmas of this kelurahan cares for you if the result is positive."),
    )

    def __init__(self, data: Any, *, places: Sequence[Place], initial: dict[str, Any] | None = None) -> None:
        self.places = {place.code: place for place in places}
        super().__init__(data, initial=initial)
        offer_choices(self, "residence", choices_of_places(places))

    @property
    def home(self) -> Place | None:
        """The kelurahan, when one was chosen."""
        return self.places.get(self.cleaned_data["residence"])


class BookForm(WhoForm):
    """A test for oneself; visitors also say their name and how they are reached."""

    reason = forms.ChoiceField(
        label=_("Why do you want a test?"),
        choices=[(each, WHY[Reason(each)]) for each in OWN_REASONS],
        widget=forms.RadioSelect,
    )
    name = NameField(label=_("Your name as on the identity card"))
    channel = forms.ChoiceField(
        label=_("How shall the result reach you?"),
        choices=CHANNELS,
        initial=Channel.WHATSAPP,
        widget=forms.RadioSelect,
    )
    contact = forms.CharField(
        label=_("Mobile number or e-mail address"),
        max_length=200,
        help_text=_("The link to your booking and your result is sent there."),
    )
    field_order = ("reason", "name", "birth_date", "sex", "residence", "channel", "contact")

    def __init__(
        self, data: Any, *, places: Sequence[Place], known: bool, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, places=places, initial=initial)
        self.known = known
        if known:
            for name in ("name", "channel", "contact"):
                del self.fields[name]

    def asking(self, language: str) -> Asking:
        """What the verb needs."""
        clean = self.cleaned_data
        channel = clean.get("channel", Channel.EMAIL)
        return Asking(
            birth_date=clean["birth_date"],
            sex=clean["sex"],
            reason=clean["reason"],
            residence=self.home,
            channel=channel,
            language=language,
            identity=None if self.known else self._identity(channel),
        )

    def _identity(self, channel: str) -> Identity:
        contact = self.cleaned_data["contact"]
        by_mail = channel == Channel.EMAIL
        return Identity(
            name=self.cleaned_data["name"],
            email=contact if by_mail else "",
            phone="" if by_mail else contact,
        )

    def clean(self) -> dict[str, Any]:
        """An address with @ is no telephone number, and the other way round.

        Raises:
            ValidationError: at the contact.
        """
        clean = super().clean() or self.cleaned_data
        contact, channel = clean.get("contact", ""), clean.get("channel")
        if contact and channel and ("@" in contact) != (channel == Channel.EMAIL):
            wanted = (
                _("Write an e-mail address, or choose WhatsApp or SMS above.")
                if channel == Channel.EMAIL
                else _("Write a mobile number, or choose e-mail above.")
            )
            self.add_error("contact", wanted)
        return clean


class SlotForm(IdempotentForm):
    """One of the free slots that were shown."""

    slot = forms.ChoiceField(
        label=_("When and where"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a time."),
            "invalid_choice": _("This place was just taken or its time has come. Choose another one."),
        },
    )

    def __init__(self, data: Any, *, slots: Sequence[tuple[Slot, str]]) -> None:
        self.slots = {str(slot.pk): slot for slot, _label in slots}
        super().__init__(data)
        offer_choices(self, "slot", [(str(slot.pk), label) for slot, label in slots])

    @property
    def chosen(self) -> Slot:
        """The slot."""
        return self.slots[self.cleaned_data["slot"]]


class ContactForm(WhoForm):
    """The test offered to a close contact: when and where."""

    slot = SlotForm.base_fields["slot"]
    field_order = ("slot", "birth_date", "sex", "residence")

    def __init__(self, data: Any, *, places: Sequence[Place], slots: Sequence[tuple[Slot, str]]) -> None:
        super().__init__(data, places=places)
        self.slots = {str(slot.pk): slot for slot, _label in slots}
        offer_choices(self, "slot", [(str(slot.pk), label) for slot, label in slots])

    @property
    def chosen(self) -> Slot:
        """The slot."""
        return self.slots[self.cleaned_data["slot"]]


class BirthDateForm(forms.Form):
    """The second factor of a result."""

    birth_date = BirthDateField(label=_("Birth date of the person tested"))
