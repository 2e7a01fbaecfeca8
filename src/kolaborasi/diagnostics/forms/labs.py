"""Forms of a lab's manager: joining, machines, shifts, kits, offers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, UnitsField
from kolaborasi.diagnostics.forms.fields import offer_choices
from kolaborasi.diagnostics.models import Shift
from kolaborasi.diagnostics.models.labs import DownReason
from kolaborasi.diagnostics.queries.lab_desk import OfferedDay
from kolaborasi.diagnostics.rules.capacity import ShiftFacts
from kolaborasi.partners.models import Site
from kolaborasi.stock.models import Item

TURNS = 2
"""Shifts a day that the form takes; a third one is entered through the API."""


class JoinForm(IdempotentForm):
    """A site joins the testing network as a lab."""

    site = forms.ChoiceField(label=_("Site"))
    biosafety = forms.TypedChoiceField(
        label=_("Biosafety level"),
        choices=[(level, str(level)) for level in (1, 2, 3, 4)],
        coerce=int,
        initial=2,
        help_text=_("PCR needs level 2 or higher."),
    )
    mobile = forms.BooleanField(label=_("It is a mobile lab"), required=False)
    preparation_minutes = UnitsField(
        label=_("Minutes of preparation before a run"),
        min_value=0,
        max_value=720,
        initial=60,
        help_text=_("Extraction and filling of the plate."),
    )

    def __init__(self, data: Any, *, sites: Sequence[Site]) -> None:
        self.sites = {str(site.pk): site for site in sites}
        super().__init__(data)
        offer_choices(self, "site", [(str(site.pk), site.name) for site in sites])

    @property
    def chosen(self) -> Site:
        """The site."""
        return self.sites[self.cleaned_data["site"]]


class DownForm(IdempotentForm):
    """Why the lab cannot read specimens."""

    reason = forms.ChoiceField(label=_("Reason"), choices=DownReason.choices, widget=forms.RadioSelect)


class MachineForm(IdempotentForm):
    """A PCR machine."""

    name = forms.CharField(label=_("Name in the lab"), max_length=60, help_text=_("For example A or CFX-2."))
    model = forms.CharField(label=_("Model"), max_length=60)
    wells = UnitsField(
        label=_("Wells of a run"), max_value=384, initial=96, help_text=_("Two of them are used by controls.")
    )
    run_minutes = UnitsField(label=_("Minutes of a run"), min_value=10, max_value=1440, initial=100)
    targets = forms.CharField(
        label=_("Gene targets"),
        required=False,
        max_length=120,
        help_text=_("Separated by commas, for example N1, N2, RP."),
    )

    def clean_targets(self) -> list[str]:
        """The names."""
        return [each.strip() for each in self.cleaned_data["targets"].split(",") if each.strip()]


class KitsForm(IdempotentForm):
    """Kits that arrived, by lot and expiry."""

    item = forms.ChoiceField(label=_("Kit"))
    lot = forms.CharField(label=_("Lot"), max_length=60)
    expires_date = forms.DateField(
        label=_("First day not to be used"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day after the date printed on the box."),
    )
    reactions = UnitsField(label=_("Reactions"), max_value=1_000_000)

    def __init__(self, data: Any, *, items: Sequence[Item]) -> None:
        self.items = {str(item.pk): item for item in items}
        super().__init__(data)
        offer_choices(self, "item", [(str(item.pk), item.name) for item in items])

    @property
    def kit(self) -> Item:
        """What arrived."""
        return self.items[self.cleaned_data["item"]]

    def clean_expires_date(self) -> date:
        """A day to come.

        Raises:
            ValidationError: the lot has expired.
        """
        expires: date = self.cleaned_data["expires_date"]
        if expires <= localdate():
            raise forms.ValidationError(_("This lot has expired and may not be used."))
        return expires


class OffersForm(IdempotentForm):
    """How many specimens are read for the network on each of the days shown; empty leaves a day as it is."""

    def __init__(self, data: Any, *, days: Sequence[OfferedDay]) -> None:
        super().__init__(data)
        self.days = days
        for day in days:
            self.fields[self._name(day.date)] = UnitsField(
                label=day.date.isoformat(),
                min_value=0,
                max_value=max(day.capacity.specimens, day.offer.reported if day.offer else 0),
                required=False,
                initial=day.offer.reported if day.offer else None,
            )

    @staticmethod
    def _name(day: date) -> str:
        return f"day_{day.isoformat()}"

    @property
    def rows(self) -> list[tuple[OfferedDay, forms.BoundField]]:
        """Each day with its field."""
        return [(day, self[self._name(day.date)]) for day in self.days]

    @property
    def offers(self) -> dict[date, int]:
        """The days that are to change."""
        known = {day.date: day.offer.reported if day.offer else None for day in self.days}
        typed = {day: self.cleaned_data.get(self._name(day)) for day in known}
        return {day: number for day, number in typed.items() if number is not None and number != known[day]}


class ShiftsForm(IdempotentForm):
    """When the lab works: up to two shifts each weekday; an empty line is a day off."""

    def __init__(self, data: Any, *, shifts: Sequence[Shift]) -> None:
        super().__init__(data)
        names = get_day_names("wide", locale=(get_language() or "id").replace("-", "_"))
        self.labels = {weekday: names[weekday].capitalize() for weekday in range(7)}
        for weekday in range(7):
            of_day = [each for each in shifts if each.weekday == weekday]
            for turn in range(TURNS):
                self._add(weekday, turn, of_day[turn] if turn < len(of_day) else None)

    def _add(self, weekday: int, turn: int, shift: Shift | None) -> None:
        clock = {"type": "time"}
        starts = forms.TimeField(
            label=_("From"), required=False, widget=forms.TimeInput(attrs=clock, format="%H:%M")
        )
        hours = forms.DecimalField(
            label=_("Hours"), required=False, min_value=0.5, max_value=24, decimal_places=2
        )
        machines = UnitsField(label=_("Machines staffed"), required=False, min_value=0, max_value=100)
        if shift is not None:
            starts.initial = time(shift.starts_minute // 60, shift.starts_minute % 60)
            hours.initial = f"{shift.minutes / 60:g}"
            machines.initial = shift.staffed_machines
        for name, field in (("starts", starts), ("hours", hours), ("machines", machines)):
            self.fields[f"{name}_{weekday}_{turn}"] = field

    @property
    def rows(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """Each weekday with the fields of its shifts."""
        return [
            (
                self.labels[weekday],
                [
                    [self[f"{name}_{weekday}_{turn}"] for name in ("starts", "hours", "machines")]
                    for turn in range(TURNS)
                ],
            )
            for weekday in range(7)
        ]

    def clean(self) -> dict[str, Any]:
        """A line is filled in wholly or not at all.

        Raises:
            ValidationError: at the field that is missing.
        """
        clean = super().clean() or self.cleaned_data
        for weekday in range(7):
            for turn in range(TURNS):
                names = [f"{name}_{weekday}_{turn}" for name in ("starts", "hours", "machines")]
                given = [name for name in names if clean.get(name) is not None]
                for name in set(names) - set(given) - set(self.errors) if given else ():
                    self.add_error(name, _("Fill in the whole line, or leave all of it empty."))
        return clean

    @property
    def shifts(self) -> list[ShiftFacts]:
        """The shifts."""
        clean, found = self.cleaned_data, []
        for weekday in range(7):
            for turn in range(TURNS):
                starts = clean[f"starts_{weekday}_{turn}"]
                if starts is not None:
                    minutes = int(clean[f"hours_{weekday}_{turn}"] * 60)
                    machines = clean[f"machines_{weekday}_{turn}"]
                    found.append(ShiftFacts(weekday, starts.hour * 60 + starts.minute, minutes, machines))
        return found
