"""Forms of a session: check in, wait without a booking, screening, a dose, what followed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, NameField
from kolaborasi.vaccination.facts import questions
from kolaborasi.vaccination.forms.fields import RowField, day_field, number_field, tick, time_field, without
from kolaborasi.vaccination.models import AdverseKind, Outcome, Route, Session, Vial
from kolaborasi.vaccination.queries.supply import fefo
from kolaborasi.vaccination.queries.work import last_route, open_vials

LINK = re.compile(r"/vaccination/b/([A-Za-z0-9_-]{8,64})/?")
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
YES, NO = "yes", "no"


class CheckInForm(IdempotentForm):
    """Somebody at the door: what the camera read, or what was typed."""

    code = forms.CharField(
        label=_("Booking code, NIK or passport number"),
        help_text=_("Scan the QR code of the booking, paste its link, or type the number on the card."),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    @property
    def token(self) -> str:
        """The secret of a booking's link; empty when a number was typed."""
        text = self.cleaned_data["code"].strip()
        found = LINK.search(text)
        if found:
            return found[1]
        return text if TOKEN.fullmatch(text) else ""

    @property
    def paper(self) -> str:
        """The number on a card, as it was typed."""
        return str(self.cleaned_data["code"])


class WalkInForm(IdempotentForm):
    """Somebody who is not on record yet."""

    name = NameField(label=_("Name as on the card"))
    nik = forms.CharField(
        label=_("NIK"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    passport = forms.CharField(label=_("Passport number"), required=False, max_length=20)
    birth_date = day_field(_("Birth date"))
    residence = forms.ChoiceField(label=_("Kelurahan where the person lives"), required=False)
    phone = forms.CharField(
        label=_("Phone number"), required=False, max_length=20, widget=forms.TextInput(attrs={"type": "tel"})
    )
    card_seen = tick(
        _("I have the card in hand and its NIK is printed so, although it has another birth date")
    )
    vouched = tick(_("No NIK and no passport: our organisation knows this person"))


class ScreeningFields(forms.Form):
    """The questions of the screening; unanswered ones count as no only when the tick says that they were asked."""

    all_no = tick(_("I asked every question; the answer is no to all that are not marked yes"))

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        choices = [(YES, _("Yes")), (NO, _("No"))]
        for question in questions():
            self.fields[f"q_{question.code}"] = forms.ChoiceField(
                label=question.text, choices=choices, required=False, widget=forms.RadioSelect
            )

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The questions, in the order they are asked."""
        return [self[f"q_{question.code}"] for question in questions()]

    def answers(self) -> dict[str, bool]:
        """Yes or no by question; questions without an answer are left out."""
        given = {question.code: self.cleaned_data.get(f"q_{question.code}") for question in questions()}
        everything = self.cleaned_data.get("all_no")
        return {code: answer == YES for code, answer in given.items() if answer or everything}

    def clean(self) -> dict[str, Any]:
        """Every question has an answer.

        Raises:
            ValidationError: one has none and the tick is not set.
        """
        clean: dict[str, Any] = super().clean() or {}
        self.cleaned_data = clean
        if len(self.answers()) < len(questions()):
            raise forms.ValidationError(
                _("Answer every question, or tick that all others were asked and answered no."),
                code="unasked",
            )
        return clean


class ScreeningForm(ScreeningFields, IdempotentForm):
    """The questions alone."""


class DoseFields(forms.Form):
    """What a dose record needs; everything is chosen already as it most often is."""

    lot = RowField(label=_("Lot"), name=lambda balance: lot_words(balance))
    vial = RowField(
        label=_("Opened vial"),
        required=False,
        name=lambda vial: vial_words(vial),
        empty_label=_("No vial kept"),
    )
    route = forms.ChoiceField(label=_("Where"), choices=Route.choices)
    given_at = forms.CharField(
        required=False, max_length=40, widget=forms.HiddenInput(attrs={"data-now": ""})
    )

    def __init__(self, *args: Any, session: Session, user_id: int | None, **settings: Any) -> None:
        """The lots of the session that may be given, first expiry first, the open vial, the arm used last."""
        super().__init__(*args, **settings)
        balances, vials = fefo(session.location, session.product, session.date), open_vials(session)
        self.fields["lot"].queryset = balances  # type: ignore[attr-defined]
        self.fields["vial"].queryset = vials  # type: ignore[attr-defined]
        vial = next((each for each in vials if each.doses > each.given + each.wasted), None)
        first = next(
            (each.pk for each in balances if vial is not None and each.lot_id == vial.lot_id),
            next((each.pk for each in balances), None),
        )
        self.fields["lot"].initial = first
        self.fields["vial"].initial = vial.pk if vial is not None else None
        self.fields["route"].initial = last_route(session, user_id) or Route.LEFT_ARM
        if not vials:
            self.fields["vial"].widget = forms.HiddenInput()

    def moment(self) -> datetime | None:
        """When the device says the dose was given; None when it says nothing that can be read."""
        try:
            found = parse_datetime(self.cleaned_data.get("given_at") or "")
        except ValueError:
            return None
        return found if found is not None and found.tzinfo is not None else None


def lot_words(balance: Any) -> str:
    """`AZ1234, expires 31.12.2021, 40 doses`."""
    words = {
        "code": balance.lot.code,
        "day": balance.lot.expires_date.strftime("%d.%m.%Y"),
        "doses": balance.on_hand,
    }
    return gettext("%(code)s · until %(day)s · %(doses)s doses") % words


def vial_words(vial: Vial) -> str:
    """A vial by its lot and what is left in it."""
    return gettext("%(code)s no. %(number)s · %(left)s left") % {
        "code": vial.lot.lot.code,
        "number": vial.pk,
        "left": vial.left,  # type: ignore[attr-defined]
    }


class DoseForm(DoseFields, IdempotentForm):
    """A dose for somebody who was screened: one press."""


class EntryForm(ScreeningFields, DoseFields, IdempotentForm):
    """Screening and dose of one number in one go, also while the connection is away."""

    number = number_field(_("Number in the queue"), lowest=1, highest=100_000)
    field_order = ("number", "all_no")


class VialForm(IdempotentForm):
    """A vial to open."""

    lot = RowField(label=_("Lot"), name=lot_words)

    def __init__(self, *args: Any, session: Session, **settings: Any) -> None:
        super().__init__(*args, **settings)
        balances = fefo(session.location, session.product, session.date)
        self.fields["lot"].queryset = balances  # type: ignore[attr-defined]
        self.fields["lot"].initial = next((each.pk for each in balances), None)


class EventForm(IdempotentForm):
    """Something untoward after a dose."""

    kind = forms.ChoiceField(label=_("What was seen"), choices=without(AdverseKind.choices))
    onset_date = day_field(_("Day it began"))
    onset_time = time_field(_("Time it began"))
    serious = tick(
        _("It is serious: danger to life, hospital, lasting harm or death"),
        _("A serious case alerts the coordinators at once."),
    )
    outcome = forms.ChoiceField(label=_("How the person is now"), choices=Outcome.choices)


class FollowUpForm(IdempotentForm):
    """How somebody with an adverse event is."""

    outcome = forms.ChoiceField(label=_("How the person is now"), choices=Outcome.choices)
    close = tick(_("Close the case with this outcome"))


def key_of(form: IdempotentForm) -> str:
    """The key of a form that was sent."""
    key: UUID = form.cleaned_data["idempotency_key"]
    return str(key)


def typed(values: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Those of the values that were filled in."""
    return {name: values[name] for name in names if values.get(name)}
