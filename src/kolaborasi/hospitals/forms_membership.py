"""What coordinators type about a hospital's part in the network, and files of beds; where a patient moves to."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, UnitsField
from kolaborasi.hospitals.bed_files import MOST_BYTES
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.forms import offer_choices
from kolaborasi.hospitals.labels import class_label
from kolaborasi.hospitals.models import BedPool, Hospital
from kolaborasi.hospitals.rules import MOST_BEDS


class AgreementForm(IdempotentForm):
    """Beds of each class that a hospital gives; classes that are left empty are not changed."""

    def __init__(self, data: Any, *, classes: Sequence[BedClass], agreed: Mapping[str, int]) -> None:
        self.classes = list(classes)
        super().__init__(data)
        for bed_class in self.classes:
            label = class_label(bed_class)
            self.fields[str(bed_class)] = UnitsField(
                label=label, required=False, min_value=0, max_value=MOST_BEDS
            )
        self.initial.update(agreed)

    def beds(self) -> dict[BedClass, int]:
        """The numbers that were given."""
        clean = self.cleaned_data
        return {each: clean[str(each)] for each in self.classes if clean.get(str(each)) is not None}

    def clean(self) -> dict[str, Any]:
        """At least one bed."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(self.beds().values()):
            self.add_error(None, _("Write the beds of at least one class."))
        return clean


class JoinForm(AgreementForm):
    """The first day as well; an earlier one for what was agreed on paper."""

    starts_date = forms.DateField(
        label=_("First day"),
        help_text=_("Today, or an earlier day when it was agreed on paper."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(datetime.date(2000, 1, 1))],
    )

    def __init__(
        self, data: Any, *, classes: Sequence[BedClass], agreed: Mapping[str, int], today: datetime.date
    ) -> None:
        super().__init__(data, classes=classes, agreed=agreed)
        self.initial["starts_date"] = today


class ConversionForm(IdempotentForm):
    """How many beds of which class a hospital is asked to make of ordinary ones."""

    bed_class = forms.TypedChoiceField(label=_("Bed class"), coerce=BedClass)
    beds = UnitsField(label=_("Beds"), max_value=MOST_BEDS)

    def __init__(self, data: Any, *, classes: Sequence[BedClass]) -> None:
        super().__init__(data)
        offer_choices(self, "bed_class", [(str(each), class_label(each)) for each in classes])


class NameForm(IdempotentForm):
    """Which hospital a name in a file means."""

    hospital = forms.ChoiceField(label=_("Hospital"))

    def __init__(self, data: Any, *, hospitals: Sequence[Hospital], likely: int | None) -> None:
        self.hospitals = {str(each.pk): each for each in hospitals}
        super().__init__(data)
        named = [(key, f"{each.site.name} ({each.site.place.name})") for key, each in self.hospitals.items()]
        offer_choices(self, "hospital", [("", _("Choose a hospital")), *named])
        self.initial["hospital"] = "" if likely is None else str(likely)
        cast(forms.ChoiceField, self.fields["hospital"]).error_messages["required"] = _("Choose a hospital.")


class BedFileForm(IdempotentForm):
    """A file of beds, and what to do when some of its rows are wrong."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_(
            "A day of SIRANAP, a plain file of beds (CSV), or a message of the national API (JSON); 2 MB."
        ),
    )
    partly = forms.BooleanField(
        label=_("Load the good rows although others are wrong"),
        required=False,
        help_text=_("Otherwise one wrong row refuses the whole file, and nothing is written."),
    )
    hospital = forms.ChoiceField(
        label=_("Hospital of the message"),
        required=False,
        help_text=_("Only for JSON that does not say which hospital it is of."),
    )

    def __init__(self, data: Any, files: Any, *, hospitals: Sequence[Hospital]) -> None:
        super().__init__(data, files)
        coded = [(each.registry_code, each.site.name) for each in hospitals if each.registry_code]
        offer_choices(self, "hospital", [("", _("The file says it")), *coded])

    def clean_file(self) -> Any:
        """The file.

        Raises:
            ValidationError: it is too large.
        """
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB. Send it in parts."))
        return file


class MoveForm(IdempotentForm):
    """Which beds of the hospital a patient moves to; the verb says whether they still can."""

    # No ChoiceField: a form sent twice names a bed that is no choice any more, and must get its first answer.
    pool = forms.IntegerField(label=_("Bed class"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, pools: Sequence[BedPool]) -> None:
        super().__init__(data)
        cast(forms.RadioSelect, self.fields["pool"].widget).choices = [
            (
                str(pool.pk),
                gettext("%(bed_class)s: %(left)s free")
                % {"bed_class": class_label(pool.bed_class), "left": pool.left},
            )
            for pool in pools
        ]
