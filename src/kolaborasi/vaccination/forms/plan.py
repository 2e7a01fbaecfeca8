"""Forms of the planner: a session with its partners and quotas, a supply plan, the list of an RT or RW."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.pages import IdempotentForm
from kolaborasi.vaccination.forms.fields import RowField, day_field, number_field, tick, time_field
from kolaborasi.vaccination.labels import place_name
from kolaborasi.vaccination.models import SessionKind, SlotQuota
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.rules import Channel, Window, people_a_window_can_take, shares
from kolaborasi.vaccination.services import Parts

HALF_DAYS = {"morning": (time(8), time(12)), "afternoon": (time(13), time(17)), "day": (time(8), time(17))}
HOURS = [
    ("morning", _("morning, 08.00 to 12.00")),
    ("afternoon", _("afternoon, 13.00 to 17.00")),
    ("day", _("all day, 08.00 to 17.00")),
    ("typed", _("other hours, as typed below")),
]
MOST_BYTES = 5_000_000
PART_LABELS = {
    Channel.BOOKING: _("Booking, per cent"),
    Channel.COLLECTIVE: _("List of an RT, RW or employer, per cent"),
    Channel.RETURNING: _("Due for the next dose, per cent"),
}


class SessionForm(IdempotentForm):
    """One vaccine at a site on a day, with the part of each partner."""

    site = RowField(
        label=_("Site; its own organisation is the owner"),
        empty_label=_("Please choose"),
        name=lambda site: f"{site.name} – {place_name(site.place)}",
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=SessionKind.choices,
        help_text=_("A vehicle stops for half a day: plan each of its stops as a session of its own."),
    )
    product = RowField(label=_("Vaccine"), empty_label=_("Please choose"))
    day = day_field(_("Day"))
    hours = forms.ChoiceField(label=_("Hours"), choices=HOURS)
    from_time = time_field(_("From"), required=False)
    to_time = time_field(_("Until"), required=False)
    window_minutes = number_field(_("Minutes of a time window"), lowest=10, highest=600, initial=60)
    facility = RowField(
        label=_("Responsible health facility"),
        empty_label=_("Please choose"),
        help_text=_("Answers for safety and for the records."),
    )
    vaccinator = RowField(label=_("Who sends the vaccinators"), empty_label=_("Please choose"))
    stock_owner = RowField(label=_("Who owns the doses"), empty_label=_("Please choose"))
    registrar = RowField(label=_("Who runs the registration"), required=False, empty_label=_("Nobody"))
    sponsor = RowField(
        label=_("Who pays or lends"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("A sponsor sees nothing of the people and does not act in the session."),
    )
    residents_of = forms.ChoiceField(label=_("Only for residents of"), required=False)
    vaccinators = number_field(_("Vaccinators at the same time"), lowest=1, highest=500, initial=2)
    minutes_per_dose = number_field(_("Minutes for a dose"), lowest=1, highest=60, initial=5)
    places = number_field(
        _("Places in each window"),
        _("Leave empty for as many as the vaccinators can take."),
        lowest=1,
        highest=10_000,
        required=False,
    )
    booking = number_field(PART_LABELS[Channel.BOOKING], lowest=0, highest=100, initial=40)
    collective = number_field(PART_LABELS[Channel.COLLECTIVE], lowest=0, highest=100, initial=0)
    returning = number_field(
        PART_LABELS[Channel.RETURNING],
        _("What is left to 100 per cent is for people who come without a booking."),
        lowest=0,
        highest=100,
        initial=30,
    )

    def __init__(self, *args: Any, actor: Actor, areas: Iterable[tuple[str, Any]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        partners = work.active_partners()
        rows = {
            "site": work.open_sites(),
            "product": work.products(),
            **dict.fromkeys(("facility", "vaccinator", "stock_owner", "registrar", "sponsor"), partners),
        }
        for name, found in rows.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        self.fields["residents_of"].choices = [("", _("everybody")), *areas]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Hours are typed when they are to be typed, and the parts are at most a hundred per cent."""
        clean: dict[str, Any] = super().clean() or {}
        if clean.get("hours") == "typed":
            for name in ("from_time", "to_time"):
                if clean.get(name) is None:
                    self.add_error(name, _("Type the hours, for example 08.00."))
        if sum(clean.get(channel.value) or 0 for channel in PART_LABELS) > 100:
            self.add_error("returning", _("Together the parts are at most 100 per cent."))
        return clean

    def parts(self) -> Parts:
        """Which partner has which part."""
        names = ("facility", "vaccinator", "stock_owner", "registrar", "sponsor")
        return Parts(**{name: self.cleaned_data[name] for name in names})

    def windows(self) -> list[Window]:
        """Time windows of the day with the quota of each channel; a rest shorter than a window is left out."""
        clean = self.cleaned_data
        begins, ends = HALF_DAYS.get(clean["hours"]) or (clean["from_time"], clean["to_time"])
        zone = get_current_timezone()
        start = datetime.combine(clean["day"], begins, tzinfo=zone)
        end = datetime.combine(clean["day"], ends, tzinfo=zone)
        step = timedelta(minutes=clean["window_minutes"])
        count = int((end - start) / step) if end > start else 0
        return [self._window(start + turn * step, start + (turn + 1) * step) for turn in range(count)]

    def _window(self, starts_at: datetime, ends_at: datetime) -> Window:
        clean = self.cleaned_data
        most = people_a_window_can_take(
            Window(starts_at, ends_at, {}),
            vaccinators=clean["vaccinators"],
            minutes_per_dose=clean["minutes_per_dose"],
        )
        parts = {channel: clean[channel.value] for channel in PART_LABELS if clean[channel.value]}
        return Window(starts_at, ends_at, shares(clean["places"] or most, parts))


class ChangeForm(IdempotentForm):
    """How many people a session can take."""

    vaccinators = number_field(_("Vaccinators at the same time"), lowest=1, highest=500)
    minutes_per_dose = number_field(_("Minutes for a dose"), lowest=1, highest=60)


class QuotaForm(IdempotentForm):
    """Places of every window and channel; what is not changed is left alone."""

    def __init__(self, *args: Any, quotas: Iterable[SlotQuota], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.quotas = list(quotas)
        for quota in self.quotas:
            field = number_field(quota.get_channel_display(), lowest=0, highest=10_000)
            field.initial = quota.reported
            self.fields[f"quota_{quota.pk}"] = field

    @property
    def rows(self) -> list[tuple[SlotQuota, forms.BoundField]]:
        """Each quota with its field."""
        return [(quota, self[f"quota_{quota.pk}"]) for quota in self.quotas]

    def changes(self) -> list[tuple[SlotQuota, int]]:
        """Quotas with another number than before, those that become smaller first."""
        typed = [(quota, self.cleaned_data[f"quota_{quota.pk}"]) for quota in self.quotas]
        changed = [(quota, people) for quota, people in typed if people != quota.reported]
        return sorted(changed, key=lambda change: change[1] - change[0].reported)


class SupplyForm(IdempotentForm):
    """The days a supply plan is for."""

    store = RowField(label=_("From which store"), empty_label=None)
    start = day_field(_("First day"))
    days = number_field(_("Days"), lowest=1, highest=60, initial=7)

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.fields["store"].queryset = work.warehouses()  # type: ignore[attr-defined]


class CollectiveForm(IdempotentForm):
    """A list of people as a spreadsheet."""

    file = forms.FileField(
        label=_("Spreadsheet or CSV file"),
        help_text=_(
            "A row of headings with name, NIK (or passport) and birth date; RT and RW may stand beside them. At most"
            " 2,000 people."
        ),
    )
    load_rest = tick(_("Book the sound lines although others are refused"))
    vouched = tick(_("Our organisation knows those without a number"))

    def clean_file(self) -> Any:
        """The file, when it is not larger than a list can be."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 5 MB. Send the list alone, without pictures.")
            )
        return file
