"""Forms of the coordinator and the puskesmas: rounds, slots, catchments, close contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone, localdate, make_aware
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, NameField, UnitsField
from kolaborasi.diagnostics.forms.collection import CHANNELS
from kolaborasi.diagnostics.forms.fields import MomentField, offer_choices
from kolaborasi.messages.models import Channel
from kolaborasi.partners.models import Site
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place


class RoundForm(IdempotentForm):
    """When the courier round leaves."""

    departs_at = MomentField(label=_("The round departs at"), help_text=_("Leave empty for now."))


class SlotsForm(IdempotentForm):
    """Times that can be booked at a site."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    days = UnitsField(
        label=_("On so many days in a row"), initial=1, max_value=31, help_text=_("1 is this day alone.")
    )
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = UnitsField(label=_("Minutes of a time"), initial=15, min_value=5, max_value=480)
    places = UnitsField(
        label=_("Places each time"),
        min_value=0,
        max_value=1000,
        initial=10,
        help_text=_("Times that are open already get this number; what is booked stays booked."),
    )

    def clean_day(self) -> date:
        """A day that is not over.

        Raises:
            ValidationError: it is.
        """
        day: date = self.cleaned_data["day"]
        if not localdate() <= day <= localdate() + timedelta(days=92):
            raise forms.ValidationError(_("Choose a day from today on, at most three months ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning.

        Raises:
            ValidationError: it does not.
        """
        clean = super().clean() or self.cleaned_data
        if clean.get("starts") and clean.get("ends") and clean["ends"] <= clean["starts"]:
            self.add_error("ends", _("The end comes after the beginning."))
        return clean

    def periods(self) -> list[tuple[datetime, datetime]]:
        """Beginning and end on each day."""
        clean = self.cleaned_data
        days = [clean["day"] + timedelta(days=number) for number in range(clean["days"])]
        return [(_at(day, clean["starts"]), _at(day, clean["ends"])) for day in days]


def _at(day: date, hour: time) -> datetime:
    return make_aware(datetime.combine(day, hour), get_current_timezone())


class CatchmentForm(IdempotentForm):
    """Which puskesmas looks after an area."""

    site = forms.ChoiceField(label=_("Puskesmas"))
    area = forms.ChoiceField(
        label=_("Area"),
        help_text=_("A kecamatan stands for all its kelurahan that have no puskesmas of their own."),
    )

    def __init__(self, data: Any, *, sites: Sequence[Site], areas: Sequence[Place]) -> None:
        self.sites = {str(site.pk): site for site in sites}
        self.areas = {place.code: place for place in areas}
        super().__init__(data)
        offer_choices(self, "site", [(str(site.pk), site.name) for site in sites])
        offer_choices(
            self,
            "area",
            [
                (place.code, f"{place.name} ({place.parent.name})" if place.parent else place.name)
                for place in areas
            ],
        )

    @property
    def puskesmas(self) -> Site:
        """The site."""
        return self.sites[self.cleaned_data["site"]]

    @property
    def place(self) -> Place:
        """The area."""
        return self.areas[self.cleaned_data["area"]]


class ListContactForm(IdempotentForm):
    """Somebody who was close to a person with a positive result."""

    name = NameField(label=_("Name"))
    channel = forms.ChoiceField(
        label=_("How to reach them"), choices=CHANNELS, initial=Channel.WHATSAPP, widget=forms.RadioSelect
    )
    contact = forms.CharField(
        label=_("Mobile number or e-mail address"),
        max_length=200,
        help_text=_("They are told that they were close to somebody, never to whom."),
    )

    def identity(self) -> Identity:
        """Whom to tell."""
        clean = self.cleaned_data
        by_mail = clean["channel"] == Channel.EMAIL
        return Identity(
            name=clean["name"],
            email=clean["contact"] if by_mail else "",
            phone="" if by_mail else clean["contact"],
        )
