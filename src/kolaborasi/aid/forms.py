"""What people fill in on the aid pages → clean values for the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.errors import NotAPhoto
from kolaborasi.aid.labels import (
    CancelReason,
    RejectReason,
    ReleaseReason,
    WithdrawReason,
    place_above,
    place_name,
)
from kolaborasi.aid.models import Cause, Item, NeedLine
from kolaborasi.aid.photos import Photo, read_photo
from kolaborasi.aid.rules import LONGEST_PROMISE, LineWish
from kolaborasi.common.pages import IdempotentForm, NameField, UnitsField
from kolaborasi.partners.models import Partner, Site
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place, PlaceKind

SOON = timedelta(days=2)
FEW = 6
"""Up to this many choices are shown all at once; more make a drop-down."""


class DayField(forms.DateField):
    """A day, with the browser's own calendar; reads and writes YYYY-MM-DD in every language."""

    def __init__(self, *, first: date | None = None, last: date | None = None, **settings: Any) -> None:
        limits = {"min": first and first.isoformat(), "max": last and last.isoformat()}
        attributes = {"type": "date", **{name: value for name, value in limits.items() if value}}
        widget = forms.DateInput(attrs=attributes, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"], **settings)


class PhotoField(forms.FileField):
    """A photo, re-encoded without the place, time and device it was taken with."""

    def __init__(self, **settings: Any) -> None:
        widget = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})
        super().__init__(widget=widget, **settings)

    def clean(self, data: Any, initial: Any = None) -> Photo | None:
        """The photo, or None when none was sent."""
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return read_photo(file, size=file.size)
        except NotAPhoto as error:
            raise forms.ValidationError(str(error)) from error


class PledgeForm(IdempotentForm):
    """Part or all of one line of a need, when, and who promises it."""

    line = forms.ChoiceField(label=_("What you want to bring"), widget=forms.RadioSelect)
    quantity = UnitsField(label=_("How much"))
    deliver_date = forms.DateField()
    giver = forms.ChoiceField(label=_("Who promises it"), widget=forms.RadioSelect)
    name = NameField(label=_("Your name"))
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    named = forms.BooleanField(label=_("Show my name on the page of this need"), required=False)

    def __init__(
        self, *data: Any, lines: Sequence[NeedLine], partners: Sequence[Partner], known: bool, today: date
    ) -> None:
        """A form for the open lines of a need.

        Args:
            partners: those the helper may promise for.
            known: the helper is signed in and their person is known, so no contact is asked.
        """
        super().__init__(*data)
        self.fields["line"].choices = [(line.pk, self._line_label(line)) for line in lines]  # type: ignore[attr-defined]
        self.fields["deliver_date"] = DayField(
            label=_("Which day you bring it"), first=today, last=today + LONGEST_PROMISE
        )
        self.fields["giver"].choices = [  # type: ignore[attr-defined]
            ("me", _("I myself")),
            *((f"partner:{partner.pk}", partner.name) for partner in partners),
        ]
        self.partners = {f"partner:{partner.pk}": partner for partner in partners}
        if not partners:
            del self.fields["giver"]
        if known:
            for name in ("name", "email", "phone"):
                del self.fields[name]
        else:
            self.fields["name"].widget.attrs["autocomplete"] = "name"
            self.fields["email"].help_text = _(
                "We send the link to your promise there. One of the two is enough."
            )
        self.known = known

    @staticmethod
    def _line_label(line: NeedLine) -> str:
        left = format_decimal(line.left, locale=to_locale(get_language() or "id"))
        words = {"item": line.item.name, "left": left, "unit": line.item.unit}
        return gettext("%(item)s: %(left)s %(unit)s still needed") % words

    def clean(self) -> dict[str, Any]:
        """One way to reach the helper is needed, unless it is known already."""
        clean = super().clean() or {}
        unreachable = not self.known and not clean.get("email") and not clean.get("phone")
        if unreachable and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Give an e-mail address or a mobile number, so that you can confirm."))
        return clean

    @property
    def partner(self) -> Partner | None:
        """The partner that promises, when one does."""
        return self.partners.get(self.cleaned_data.get("giver", "me"))

    @property
    def identity(self) -> Identity | None:
        """Name and contact of a helper who is not known yet."""
        if self.known:
            return None
        clean = self.cleaned_data
        return Identity(name=clean["name"], email=clean["email"], phone=clean["phone"])


class DeliveryForm(IdempotentForm):
    """What a helper handed over, with its proof."""

    quantity = UnitsField(label=_("How much you handed over"))
    code = forms.CharField(
        label=_("The recipient's code"),
        max_length=12,
        required=False,
        help_text=_("Six letters and digits. The recipient has it on their phone or on paper."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    photo = PhotoField(
        label=_("Photo of the hand-over"),
        required=False,
        help_text=_("Show the goods, not faces. Where and when it was taken is removed from the photo."),
    )
    close = forms.BooleanField(
        label=_("Nothing more will come from me; give the rest back, so that others can promise it"),
        required=False,
    )


class ReceiptForm(IdempotentForm):
    """What the receiving side says arrived."""

    received = UnitsField(label=_("How much arrived"))
    more = forms.BooleanField(label=_("The rest will still come"), required=False)


class CodeForm(IdempotentForm):
    """What arrived, vouched for by the recipient's code."""

    code = forms.CharField(label=_("The recipient's code"), max_length=12)
    quantity = UnitsField(label=_("How much was handed over"))
    photo = PhotoField(label=_("Photo of the hand-over"), required=False)
    close = forms.BooleanField(label=_("Nothing more will come"), required=False)


class CancelForm(IdempotentForm):
    """Why a helper takes a promise back."""

    reason = forms.ChoiceField(label=_("Why"), choices=CancelReason.choices, widget=forms.RadioSelect)


class ReleaseForm(IdempotentForm):
    """Why the receiving side gives a promise back."""

    reason = forms.ChoiceField(label=_("Why"), choices=ReleaseReason.choices, widget=forms.RadioSelect)


class WithdrawForm(IdempotentForm):
    """Why a need is over."""

    reason = forms.ChoiceField(label=_("Why"), choices=WithdrawReason.choices, widget=forms.RadioSelect)


class RejectForm(IdempotentForm):
    """Why a need is not accepted."""

    reason = forms.ChoiceField(label=_("Why"), choices=RejectReason.choices, widget=forms.RadioSelect)


class QuantityForm(IdempotentForm):
    """How much is needed from now on."""

    quantity = UnitsField(label=_("How much is needed in all"))


class NeedForm(IdempotentForm):
    """What a place or an institution needs: all items on one page, so that it works without JavaScript."""

    where = forms.ChoiceField(label=_("For whom"))
    rw = forms.IntegerField(
        label=_("Number of the RW"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("Leave it empty when the need is that of the whole kelurahan."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    cause = forms.ChoiceField(label=_("Why help is needed"), choices=Cause.choices, widget=forms.RadioSelect)
    households = UnitsField(
        label=_("Households"),
        min_value=0,
        help_text=_("How many families (KK) need it; 0 for an institution."),
    )
    people = UnitsField(label=_("People"), help_text=_("How many people that is in all."))
    needed_by_date = forms.DateField()

    def __init__(
        self,
        *data: Any,
        places: Sequence[Place],
        institutions: Sequence[Site],
        items: Sequence[Item],
        today: date,
    ) -> None:
        """A form for the places and institutions the actor may speak for."""
        super().__init__(*data)
        self.places = {f"place:{place.pk}": place for place in places}
        self.institutions = {f"site:{site.pk}": site for site in institutions}
        self.items = items
        where = self.fields["where"]
        choices = [(key, site.name) for key, site in self.institutions.items()]
        choices += [(key, f"{place_name(place)}, {place_above(place)}") for key, place in self.places.items()]
        if len(choices) <= FEW:
            where.widget = forms.RadioSelect()
        where.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.initial["where"] = choices[0][0]
        if not any(place.kind == PlaceKind.KELURAHAN for place in places):
            del self.fields["rw"]
        self.fields["needed_by_date"] = DayField(label=_("Needed by"), first=today)
        for item in items:
            self.fields[f"item_{item.pk}"] = UnitsField(
                label=item.name, required=False, help_text=item.content
            )

    @property
    def place(self) -> Place:
        """The chosen place, or that of the chosen institution."""
        site = self.institution
        return site.place if site else self.places[self.cleaned_data["where"]]

    @property
    def institution(self) -> Site | None:
        """The chosen institution, when one is."""
        return self.institutions.get(self.cleaned_data["where"])

    @property
    def wishes(self) -> list[LineWish]:
        """The lines that were filled in."""
        clean = self.cleaned_data
        return [
            LineWish(item.code, clean[f"item_{item.pk}"], clean["needed_by_date"])
            for item in self.items
            if clean.get(f"item_{item.pk}")
        ]

    @property
    def quantity_field(self) -> str:
        """The one quantity that was filled in; empty when there are several and none can be blamed."""
        filled = [field for field in self.item_fields if self.cleaned_data.get(field.name)]
        return str(filled[0].name) if len(filled) == 1 else ""

    @property
    def item_fields(self) -> list[Any]:
        """The quantities, for the template to show together."""
        return [self[f"item_{item.pk}"] for item in self.items]


class OfferForm(IdempotentForm):
    """Goods for wherever they are needed most."""

    giver = forms.ChoiceField(label=_("Who gives it"), widget=forms.RadioSelect)
    item = forms.ChoiceField(label=_("What you offer"), widget=forms.RadioSelect)
    quantity = UnitsField(label=_("How much"))
    place = forms.ChoiceField(
        label=_("Where it is now"), help_text=_("The kelurahan the goods set out from.")
    )
    available_date = forms.DateField()
    until_date = forms.DateField()
    named = forms.BooleanField(label=_("Show my name where it arrives"), required=False)

    def __init__(
        self,
        *data: Any,
        items: Sequence[Item],
        places: Sequence[Place],
        partners: Sequence[Partner],
        today: date,
    ) -> None:
        """A form for the giver's own goods and those of the partners they act for."""
        super().__init__(*data)
        self.partners = {f"partner:{partner.pk}": partner for partner in partners}
        self.items = {str(item.pk): item for item in items}
        self.places = {str(place.pk): place for place in places}
        self.fields["giver"].choices = [  # type: ignore[attr-defined]
            ("me", _("I myself")),
            *((key, partner.name) for key, partner in self.partners.items()),
        ]
        if not partners:
            del self.fields["giver"]
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            (key, f"{item.name} ({item.unit})") for key, item in self.items.items()
        ]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *(
                (key, f"{place.name} ({place.parent.name})")
                for key, place in self.places.items()
                if place.parent
            ),
        ]
        last = today + LONGEST_PROMISE
        self.fields["available_date"] = DayField(
            label=_("From which day"), first=today, last=last, initial=today
        )
        self.fields["until_date"] = DayField(
            label=_("Until which day"),
            first=today,
            required=False,
            help_text=_("The day from which it is no longer to be had, for example because it spoils."),
        )

    def clean(self) -> dict[str, Any]:
        """The last day lies behind the first."""
        clean = super().clean() or {}
        first, until = clean.get("available_date"), clean.get("until_date")
        if first and until and until <= first:
            self.add_error("until_date", _("This day must be after the first one."))
        return clean

    @property
    def partner(self) -> Partner | None:
        """The partner that gives, when one does."""
        return self.partners.get(self.cleaned_data.get("giver", "me"))
