"""Forms of residents: who somebody is, where to wait, another time, what is wrong with a card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, NameField
from kolaborasi.partners.models import Partner, Site
from kolaborasi.people.models import Person
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place
from kolaborasi.vaccination.forms.fields import day_field, without
from kolaborasi.vaccination.models import CorrectionKind, Dose, Product
from kolaborasi.vaccination.services import Applicant
from kolaborasi.vaccination.services.corrections import Said

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
OUTSIDE, NOT_HERE = "outside", _("Outside the city")
WRONG_FIELDS = (("nik", _("NIK or passport number")), ("name", _("Name")), ("birth_date", _("Birth date")))


def set_choices(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Set what a field may be chosen from, which is known only when the page is asked for."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


def place_choices(places: Sequence[Place]) -> list[tuple[str, str]]:
    """Kelurahan by code, with their kecamatan."""
    return [(place.code, f"{place.name} ({place.parent.name})") for place in places if place.parent]


class PapersForm(IdempotentForm):
    """The number of a person and their birth date."""

    nik = forms.CharField(
        label=_("NIK"),
        required=False,
        max_length=20,
        help_text=_("The 16 digits on the identity card (KTP), child card (KIA) or family card (KK)."),
        widget=forms.TextInput(NUMBER),
    )
    passport = forms.CharField(
        label=_("Passport number"),
        required=False,
        max_length=20,
        help_text=_("Only for those without a NIK."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    birth_date = day_field(_("Birth date"))

    def clean(self) -> dict[str, Any]:
        """One of the two numbers is needed."""
        clean = super().clean() or {}
        if not clean.get("nik") and not clean.get("passport") and not {"nik", "passport"} & set(self.errors):
            self.add_error("nik", self.missing)
        return clean

    missing = _("Give a NIK or a passport number.")

    @property
    def identity(self) -> Identity:
        """The number as it was typed."""
        return Identity(nik=self.cleaned_data["nik"], passport=self.cleaned_data["passport"])


class ApplicantForm(PapersForm):
    """Who somebody is, where they live, and how they are reached."""

    name = NameField(label=_("Name as on the card"), widget=forms.TextInput({"autocomplete": "name"}))
    residence = forms.ChoiceField(
        label=_("Where you live"),
        help_text=_("Your kelurahan, whatever your identity card says."),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("The link to confirm goes there. One of the two is enough."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    vouched_by = forms.ChoiceField(
        label=_("As case worker I know this person, who has no NIK and no passport"), required=False
    )
    field_order: tuple[str, ...] = (
        "nik",
        "passport",
        "vouched_by",
        "name",
        "birth_date",
        "residence",
        "phone",
        "email",
    )
    missing = _(
        "Give a NIK or a passport number. Somebody who has neither is booked by a case worker of a social organisation"
        " who knows them."
    )

    def __init__(
        self,
        *data: Any,
        places: Sequence[Place],
        partners: Sequence[Partner],
        account_email: str = "",
        at_home: bool = False,
        **more: Any,
    ) -> None:
        """A form for a visitor, or for somebody signed in whose person has no card yet.

        Args:
            partners: for which the actor may vouch.
            account_email: of the account that is signed in; the contact then is not asked.
            at_home: they are visited, so that the address is asked.
        """
        super().__init__(*data, **more)
        if at_home:
            self.fields["address"] = address_field()
        self.places = {place.code: place for place in places}
        self.partners = {str(partner.pk): partner for partner in partners}
        self.account_email = account_email if not partners else ""
        set_choices(self, "residence", without([(OUTSIDE, NOT_HERE), *place_choices(places)]))
        if partners:
            named = [(key, partner.name) for key, partner in self.partners.items()]
            set_choices(self, "vouched_by", without(named, _("No, there is a NIK or passport")))
        else:
            del self.fields["vouched_by"]
        if self.account_email:
            del self.fields["email"], self.fields["phone"]

    def clean(self) -> dict[str, Any]:
        """A number or a word, and one way to be reached."""
        clean = super().clean()
        if clean.get("vouched_by"):
            self.errors.pop("nik", None)
            clean.setdefault("nik", "")
        reachable = self.account_email or clean.get("email") or clean.get("phone") or clean.get("vouched_by")
        if not reachable and not {"email", "phone"} & set(self.errors):
            self.add_error(
                "phone", _("Give a mobile number or an e-mail address: the link to confirm goes there.")
            )
        return clean

    @property
    def voucher(self) -> Partner | None:
        """The partner that vouches, when one does."""
        return self.partners.get(self.cleaned_data.get("vouched_by", ""))

    @property
    def residence_place(self) -> Place | None:
        """The kelurahan somebody lives in, None outside the city."""
        return self.places.get(self.cleaned_data["residence"])

    @property
    def identity(self) -> Identity:
        """Name, number and contact as they were typed."""
        clean = self.cleaned_data
        return Identity(
            name=clean["name"],
            nik=clean.get("nik", ""),
            passport=clean.get("passport", ""),
            phone=clean.get("phone", ""),
            address=clean.get("address", ""),
            email=clean.get("email", "") or self.account_email,
        )

    def applicant(self, person: Person | None) -> Applicant:
        """Who somebody says they are.

        Args:
            person: of the account that is signed in.
        """
        clean = self.cleaned_data
        return Applicant(self.identity, clean["birth_date"], self.residence_place, person)


def address_field(*, known: bool = False) -> forms.CharField:
    """Where a home visit goes.

    Args:
        known: an address is on record; it is not shown, and kept when nothing is typed.
    """
    kept = _("Leave it empty to keep the address we know.")
    return forms.CharField(
        label=_("Address for the home visit"),
        required=not known,
        max_length=300,
        help_text=kept if known else _("Street, number, RT and RW. Only those who come to you see it."),
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )


class HomeForm(IdempotentForm):
    """Where to go, for somebody whose card is known."""

    def __init__(self, *data: Any, known: bool, **more: Any) -> None:
        super().__init__(*data, **more)
        self.fields["address"] = address_field(known=known)


class WaitForm(ApplicantForm):
    """The same, with the area and the vaccine somebody waits for."""

    area = forms.ChoiceField(
        label=_("Where you could come"), help_text=_("A wider area brings an offer sooner.")
    )
    product = forms.ChoiceField(label=_("Vaccine"), required=False)
    field_order = ("area", "product", *ApplicantForm.field_order)

    def __init__(self, *data: Any, areas: Sequence[Place], products: Sequence[Product], **more: Any) -> None:
        super().__init__(*data, **more)
        fill_wish(self, areas, products)


class OwnWaitForm(IdempotentForm):
    """Area and vaccine, for somebody whose card is known."""

    area = forms.ChoiceField(
        label=_("Where you could come"), help_text=_("A wider area brings an offer sooner.")
    )
    product = forms.ChoiceField(label=_("Vaccine"), required=False)

    def __init__(self, *data: Any, areas: Sequence[Place], products: Sequence[Product], **more: Any) -> None:
        super().__init__(*data, **more)
        fill_wish(self, areas, products)


def fill_wish(form: forms.Form, areas: Sequence[Place], products: Sequence[Product]) -> None:
    """Areas and vaccines of a wish."""
    set_choices(form, "area", without((area.code, area_words(area)) for area in areas))
    set_choices(form, "product", without(((each.code, each.name) for each in products), _("Any that fits")))


def area_words(area: Place) -> str:
    """`Cideng (Gambir)`, `Gambir (Jakarta Pusat)`, `Jakarta Pusat`."""
    above = area.parent
    return f"{area.name} ({above.name})" if above is not None and above.parent_id is not None else area.name


class MoveForm(IdempotentForm):
    """Another time of a session."""

    slot = forms.ChoiceField(label=_("New time"), widget=forms.RadioSelect)

    def __init__(self, *data: Any, slots: Sequence[tuple[int, str]], **more: Any) -> None:
        super().__init__(*data, **more)
        set_choices(self, "slot", slots)


class CorrectionForm(IdempotentForm):
    """What is wrong with a card; no value of an identity is asked for."""

    kind = forms.ChoiceField(
        label=_("What is wrong"), choices=CorrectionKind.choices, widget=forms.RadioSelect
    )
    fields_wrong = forms.MultipleChoiceField(
        label=_("Which data are wrong"),
        choices=WRONG_FIELDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Only for wrong data. Bring the card to the office that decides; do not write numbers here."
        ),
    )
    dose = forms.ChoiceField(
        label=_("Which dose is not yours"), required=False, help_text=_("Only for a dose of somebody else.")
    )
    given_date = day_field(
        _("Day of the missing dose"), _("Only for a missing dose, as for the next three."), required=False
    )
    product = forms.ChoiceField(label=_("Vaccine of the missing dose"), required=False)
    site = forms.ChoiceField(label=_("Where it was given"), required=False)
    lot_code = forms.CharField(label=_("Batch number on the vaccination card"), required=False, max_length=60)

    def __init__(
        self,
        *data: Any,
        doses: Sequence[Dose],
        products: Sequence[Product],
        sites: Sequence[Site],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(*data, **more)
        self.doses = {str(dose.pk): dose for dose in doses}
        self.products = {product.code: product for product in products}
        self.sites = {str(site.pk): site for site in sites}
        self.today = today
        named = [(str(dose.pk), f"{dose.number}: {dose.product.name}, {dose.lot_code}") for dose in doses]
        set_choices(self, "dose", without(named))
        set_choices(self, "product", without((code, each.name) for code, each in self.products.items()))
        set_choices(
            self, "site", without(((key, site.name) for key, site in self.sites.items()), _("Somewhere else"))
        )

    def clean(self) -> dict[str, Any]:
        """What the kind of correction needs is there."""
        clean = super().clean() or {}
        kind = clean.get("kind")
        needed = {
            CorrectionKind.WRONG_IDENTITY: ("fields_wrong", _("Tick which data are wrong.")),
            CorrectionKind.MISATTRIBUTED_DOSE: ("dose", _("Choose the dose that is not yours.")),
            CorrectionKind.MISSING_DOSE: ("given_date", _("Give the day of the missing dose.")),
        }
        name, sentence = needed.get(cast(CorrectionKind, kind), ("", ""))
        if name and not clean.get(name) and name not in self.errors:
            self.add_error(name, sentence)
        if clean.get("given_date") and clean["given_date"] > self.today:
            self.add_error("given_date", _("This day lies in the future."))
        return clean

    @property
    def said(self) -> Said:
        """What the person says, of the chosen kind only."""
        clean = self.cleaned_data
        if clean["kind"] == CorrectionKind.WRONG_IDENTITY:
            return Said(fields=clean["fields_wrong"])
        if clean["kind"] == CorrectionKind.MISATTRIBUTED_DOSE:
            return Said()
        return Said(
            given_date=clean["given_date"],
            product=self.products.get(clean["product"]),
            site=self.chosen_site,
            lot_code=clean["lot_code"],
        )

    @property
    def chosen_dose(self) -> Dose | None:
        """The dose that is not the person's."""
        kind = self.cleaned_data["kind"]
        return (
            self.doses.get(self.cleaned_data["dose"]) if kind == CorrectionKind.MISATTRIBUTED_DOSE else None
        )

    @property
    def chosen_site(self) -> Site | None:
        """Where a missing dose was given."""
        missing = self.cleaned_data["kind"] == CorrectionKind.MISSING_DOSE
        return self.sites.get(self.cleaned_data["site"]) if missing else None
