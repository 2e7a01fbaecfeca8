"""What people fill in on the hospital pages → clean values for the verbs."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, UnitsField
from kolaborasi.hospitals.labels import place_name
from kolaborasi.hospitals.models import CancelReason, DeclineReason
from kolaborasi.hospitals.models.choices import AgeGroupChoice, PcrState
from kolaborasi.hospitals.rules import AgeGroup, Checkup, Severity, SeverityReason, Signs, Wish, severity_of
from kolaborasi.partners.models import Site
from kolaborasi.places.models import Place

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
MOST_SERIALS = 200


def measured(label: Any, help_text: Any) -> UnitsField:
    """A measured value that may be missing; what is impossible is refused by the verb in its own words."""
    return UnitsField(label=label, help_text=help_text, required=False, min_value=0, max_value=999)


def offer_choices(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """Set the choices of a field, which depend on who fills the form in."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def tick(label: Any) -> forms.BooleanField:
    """A box that may be ticked."""
    return forms.BooleanField(label=label, required=False)


class SignsForm(IdempotentForm):
    """How ill a patient is, by the criteria of the national guideline; the severity follows from them."""

    spo2 = measured(_("Oxygen saturation (SpO2), per cent"), _("In room air. Leave empty when not measured."))
    breaths = measured(_("Breaths a minute"), _("Leave empty when not counted."))
    ventilation = tick(_("Cannot breathe alone, needs a ventilator"))
    shock = tick(_("Shock, or blood pressure must be supported"))
    unconscious = tick(_("Unconscious or newly confused"))
    distress = tick(_("Cannot finish a sentence, or the chest is drawn in"))
    pneumonia = tick(_("Cough, fever and breathlessness, or pneumonia in a picture"))

    def signs(self) -> Signs:
        """What was seen at the patient."""
        clean = self.cleaned_data
        names = ("spo2", "breaths", "ventilation", "shock", "unconscious", "distress", "pneumonia")
        return Signs(**{name: clean[name] for name in names})

    def severity(self, age: AgeGroup) -> tuple[Severity, tuple[SeverityReason, ...]]:
        """The severity and the criteria it follows from."""
        return severity_of(self.signs(), age)


class NeedsForm(SignsForm):
    """Signs, age and what the hospital must be able to do."""

    age = forms.ChoiceField(
        label=_("Age"), choices=AgeGroupChoice.choices, initial=AgeGroup.ADULT, widget=forms.RadioSelect
    )
    pregnant = tick(_("Pregnant"))
    labour = tick(_("The birth has begun"))
    dialysis = tick(_("Needs dialysis"))
    isolation = tick(_("Must not lie in a room with others"))
    pcr = forms.ChoiceField(
        label=_("PCR test"),
        choices=PcrState.choices,
        initial=PcrState.NOT_TESTED,
        help_text=_("A missing result never keeps anybody from a bed."),
    )

    def wish(self) -> Wish:
        """What decides about the bed."""
        clean = self.cleaned_data
        age = AgeGroup(clean["age"])
        return Wish(
            severity=self.severity(age)[0],
            age=age,
            ventilator=clean["ventilation"],
            dialysis=clean["dialysis"],
            obstetric=clean["pregnant"],
            labour=clean["labour"],
            isolation=clean["isolation"],
        )

    def reasons(self) -> tuple[SeverityReason, ...]:
        """The criteria the severity follows from."""
        return self.severity(AgeGroup(self.cleaned_data["age"]))[1]


class ReferralForm(NeedsForm):
    """A bed is asked for: who, where, how ill, what for."""

    requester = forms.ChoiceField(label=_("Asked for by"))
    name = forms.CharField(label=_("Name of the patient"), max_length=120)
    phone = forms.CharField(
        label=_("Telephone of the patient or family"),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "tel"}),
    )
    nik = forms.CharField(
        label=_("NIK"),
        required=False,
        max_length=20,
        help_text=_("Keeps one patient from being registered twice. Leave empty when it is not known."),
        widget=forms.TextInput(NUMBER),
    )
    on_behalf = tick(_("I ask for a caller who has no telephone or device"))
    place = forms.ChoiceField(
        label=_("Where the patient is"), help_text=_("The kelurahan; the address is asked on the way.")
    )
    field_order = (
        *(
            "requester",
            "name",
            "phone",
            "nik",
            "on_behalf",
            "place",
            "age",
            "spo2",
            "breaths",
            "ventilation",
            "shock",
        ),
        *("unconscious", "distress", "pneumonia", "pregnant", "labour", "dialysis", "isolation", "pcr"),
    )

    def __init__(self, data: Any, *, sites: Sequence[Site], hotline: bool, places: Sequence[Place]) -> None:
        self.sites = {str(site.pk): site for site in sites}
        self.places = {place.code: place for place in places}
        super().__init__(data)
        options: list[tuple[str, Any]] = [("hotline", _("Hotline"))] if hotline else []
        options += [(key, site.name) for key, site in self.sites.items()]
        offer_choices(self, "requester", options)
        offer_choices(self, "place", [("", _("Choose a kelurahan")), *_kelurahan_options(places)])
        first = next(iter(self.sites.values()), None)
        if not hotline and first is not None and first.place.code in self.places:
            self.initial["place"] = first.place.code
        if len(options) == 1:
            self.initial["requester"] = options[0][0]
            self.fields["requester"].widget = forms.HiddenInput()
        if not hotline:
            del self.fields["on_behalf"]

    @property
    def site(self) -> Site | None:
        """The site that asks; None for the hotline."""
        return self.sites.get(self.cleaned_data["requester"])


class IsolationForm(IdempotentForm):
    """Somebody isolates at home and joins the daily list of a puskesmas."""

    puskesmas = forms.ChoiceField(label=_("Puskesmas"))
    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(
        label=_("Telephone"), required=False, max_length=30, widget=forms.TextInput({"type": "tel"})
    )
    nik = forms.CharField(label=_("NIK"), required=False, max_length=20, widget=forms.TextInput(NUMBER))
    place = forms.ChoiceField(label=_("Where they isolate"))
    age = forms.ChoiceField(
        label=_("Age"), choices=AgeGroupChoice.choices, initial=AgeGroup.ADULT, widget=forms.RadioSelect
    )
    pregnant = tick(_("Pregnant"))
    at_risk = tick(_("Another illness or the age makes a severe course more likely"))

    def __init__(self, data: Any, *, sites: Sequence[Site], places: Sequence[Place]) -> None:
        self.sites = {str(site.pk): site for site in sites}
        self.places = {place.code: place for place in places}
        super().__init__(data)
        offer_choices(self, "puskesmas", [(key, site.name) for key, site in self.sites.items()])
        offer_choices(self, "place", [("", _("Choose a kelurahan")), *_kelurahan_options(places)])
        if len(self.sites) == 1:
            only = next(iter(self.sites.values()))
            self.initial.update(puskesmas=str(only.pk), place=only.place.code)
            self.fields["puskesmas"].widget = forms.HiddenInput()


def _kelurahan_options(places: Iterable[Place]) -> list[tuple[str, str]]:
    return [
        (place.code, f"{place_name(place)} ({place.parent.name})" if place.parent else place_name(place))
        for place in places
    ]


class FollowUpForm(IdempotentForm):
    """What a daily follow-up found."""

    reached = forms.ChoiceField(
        label=_("Was the person reached?"),
        choices=[("yes", _("Yes")), ("no", _("No, nobody answered"))],
        initial="yes",
        widget=forms.RadioSelect,
    )
    spo2 = measured(_("Oxygen saturation (SpO2), per cent"), _("Leave empty when not measured."))
    breaths = measured(_("Breaths a minute"), _("Leave empty when not counted."))
    breathless = tick(_("Breathless"))
    chest_pain = tick(_("Chest pain"))
    confused = tick(_("Newly confused, or hard to wake"))
    not_drinking = tick(_("Does not drink"))

    def clean(self) -> dict[str, Any]:
        """Somebody who was not reached cannot have been measured."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        found = any(clean.get(name) for name in self._FOUND)
        if clean.get("reached") == "no" and found:
            self.add_error(
                "reached", _("You wrote what was found. Say that the person was reached, or clear it.")
            )
        return clean

    _FOUND = ("spo2", "breaths", "breathless", "chest_pain", "confused", "not_drinking")

    def checkup(self) -> Checkup | None:
        """What was found; None when nobody answered."""
        if self.cleaned_data["reached"] == "no":
            return None
        return Checkup(**{name: self.cleaned_data[name] for name in self._FOUND})


class DeclineForm(IdempotentForm):
    """Why a hospital says no."""

    reason = forms.ChoiceField(label=_("Reason"), choices=DeclineReason.choices, widget=forms.RadioSelect)


class CancelForm(IdempotentForm):
    """Why no bed is needed any more."""

    reason = forms.ChoiceField(label=_("Reason"), choices=CancelReason.choices, widget=forms.RadioSelect)


class EndIsolationForm(IdempotentForm):
    """How an isolation ended."""

    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[
            ("recovered", _("Recovered")),
            ("died", _("Died")),
            ("stopped", _("Moved away, refuses, or was registered wrongly")),
        ],
        widget=forms.RadioSelect,
    )


class OfferForm(IdempotentForm):
    """Hospitals to be asked, the best first, and how long each has to answer."""

    pool = forms.TypedMultipleChoiceField(coerce=int, label=_("Beds"))
    minutes = forms.TypedChoiceField(
        label=_("Time each hospital has to answer"),
        coerce=int,
        choices=[(15, _("15 minutes")), (30, _("30 minutes")), (60, _("60 minutes"))],
        initial=15,
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        # Whether a bed fits and is left is for the verb to say; here only that numbers were sent.
        sent = data.getlist("pool") if data is not None else []
        numbers = [each for each in sent if each.isascii() and each.isdigit() and len(each) < 15]
        offer_choices(self, "pool", [(each, each) for each in numbers])
        self.fields["pool"].error_messages["required"] = _("Choose at least one hospital.")


class DispatchForm(IdempotentForm):
    """Which ambulance is sent."""

    ambulance = forms.TypedChoiceField(label=_("Ambulance"), coerce=int)

    def __init__(self, data: Any, *, ambulances: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        offer_choices(self, "ambulance", [("", _("Choose an ambulance")), *ambulances])


class SerialsForm(IdempotentForm):
    """Cylinders by the numbers stamped on them."""

    serials = forms.CharField(
        label=_("Numbers of the cylinders"),
        help_text=_("As stamped on them, one a line or separated by commas."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=8000,
    )

    def clean_serials(self) -> list[str]:
        """The numbers, without empty ones."""
        found = [each.strip() for each in self.cleaned_data["serials"].replace(",", "\n").splitlines()]
        serials = [each for each in found if each]
        if len(serials) > MOST_SERIALS or any(len(each) > 40 for each in serials):
            raise forms.ValidationError(_("At most 200 numbers of at most 40 characters."))
        if not serials:
            raise forms.ValidationError(_("Write at least one number."))
        return serials


class RefillForm(IdempotentForm):
    """A drive to the filler: when, where, and how many cylinders it carries."""

    filler = forms.ChoiceField(label=_("Filler"))
    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    total = UnitsField(label=_("Cylinders the trucks carry"), min_value=1, max_value=10_000, initial=150)
    each = UnitsField(label=_("Most cylinders of one hospital"), min_value=1, max_value=1_000, initial=10)

    def __init__(self, data: Any, *, sites: Sequence[Site], today: datetime.date) -> None:
        self.sites = {str(site.pk): site for site in sites}
        super().__init__(data)
        self.initial["date"] = today
        offer_choices(self, "filler", [(key, site.name) for key, site in self.sites.items()])
