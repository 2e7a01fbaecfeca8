"""Input of the partners' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm
from kolaborasi.partners.models import REFERENCE, PartnerKind, Reason, RoleChoice
from kolaborasi.partners.states import CITY_ROLES
from kolaborasi.places.errors import UnknownArea, WrongScheme
from kolaborasi.places.models import Place
from kolaborasi.places.queries import place_by_unmarked_code

# The city's own bodies are enrolled, they do not apply.
_APPLICANTS = [choice for choice in PartnerKind.choices if choice[0] != PartnerKind.GOVERNMENT]


class PlaceField(forms.CharField):
    """An area by its code; cleans to the place, or None when empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"max_length": 20, "required": False} | options))

    def clean(self, value: Any) -> Place | None:
        """The place of the code.

        Raises:
            ValidationError: no area has it, or it names several.
        """
        text = super().clean(value)
        if not text:
            return None
        try:
            return place_by_unmarked_code(text)
        except (UnknownArea, WrongScheme) as error:
            raise forms.ValidationError(str(error)) from None


class ApplyForm(IdempotentForm):
    """What an organisation says of itself."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind of organisation"), choices=_APPLICANTS)
    legal_id = forms.CharField(
        label=_("Legal id"),
        max_length=40,
        required=False,
        help_text=_(
            "Number of the business licence (NIB) or decree of legal status. Leave empty for a community."
        ),
    )
    place = PlaceField(
        label=_("Area code of the seat"),
        help_text=_(
            "Kemendagri code with dots, for example 31.71.01.1001. Leave empty when it works in the whole city."
        ),
    )


class ReasonForm(IdempotentForm):
    """Why a state is changed: a choice and a reference, no free text about people."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *Reason.choices])
    reference = forms.RegexField(
        REFERENCE,
        label=_("Letter or case number"),
        max_length=60,
        required=False,
        help_text=_("A number only; write no names of people here."),
        error_messages={"invalid": _("Write the number of the letter or case, for example 133/HUK/2022.")},
    )


class AppointForm(IdempotentForm):
    """An account and the role it gets."""

    email = forms.EmailField(label=_("E-mail address of the account"))
    role = forms.ChoiceField(label=_("Role"))
    place = PlaceField(label=_("Area code the role is limited to"))

    def __init__(self, *arguments: Any, official: bool, **options: Any) -> None:
        """The roles of the city when `official`, else the partner's own."""
        super().__init__(*arguments, **options)
        choices = [choice for choice in RoleChoice.choices if (choice[0] in CITY_ROLES) == official]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        if not official:
            del self.fields["place"]
