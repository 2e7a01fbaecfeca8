"""Forms of the bench: plates, pools, readings, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm
from kolaborasi.diagnostics.forms.fields import SCAN, BarcodeField, MomentField, ScansField, offer_choices
from kolaborasi.diagnostics.models import Assay, Machine, Pool, Well, WellContent
from kolaborasi.diagnostics.models.results import OutcomeChoice
from kolaborasi.diagnostics.rules.assays import Readings, normal_position, well_order
from kolaborasi.diagnostics.rules.barcodes import scanned
from kolaborasi.diagnostics.services import Filled
from kolaborasi.diagnostics.words import FAILURES
from kolaborasi.stock.models import Balance

SIGNS = {"+": WellContent.POSITIVE, "-": WellContent.NEGATIVE, "–": WellContent.NEGATIVE}
POOL = "POOL"
MOST_BYTES = 60_000_000


class MachineForm(forms.Form):
    """Which machine a plate is for: asked first, because the plate's positions follow from it."""

    machine = forms.TypedChoiceField(label=_("Machine"), coerce=int)

    def __init__(self, data: Any, *, machines: Sequence[Machine]) -> None:
        super().__init__(data)
        self.machines = {machine.pk: machine for machine in machines}
        offer_choices(
            self,
            "machine",
            [(each.pk, f"{each.name} · {each.model} · {each.wells}") for each in machines],
        )


class PlateForm(IdempotentForm):
    """A plate: what is in its positions, filled column by column unless a position is written before.

    Lines are `K0000000423`, `B2 K0000000423`, `pool 7`, `+` and `-` for the controls; an empty line leaves a position
    free.
    """

    plate = forms.CharField(
        label=_("Name of the plate"), max_length=40, help_text=_("As the machine's file will name it.")
    )
    assay = forms.TypedChoiceField(label=_("Assay"), coerce=int)
    kit = forms.TypedChoiceField(
        label=_("Lot of the kit"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Its reactions are used up when the run starts."),
    )
    filling = forms.CharField(
        label=_("What is on the plate"),
        widget=forms.Textarea(attrs={**SCAN, "rows": 12, "class": "filling", "data-scans": ""}),
        strip=False,
        max_length=20_000,
        help_text=_(
            "One position a line, column by column from A1: scan a tube, or write “pool 7”, + for the positive and - for the negative control. Write a position before it to choose another, for example “H12 -”."
        ),
    )

    def __init__(
        self,
        data: Any,
        *,
        machine: Machine,
        assays: Sequence[Assay],
        kits: Sequence[Balance],
        pools: Sequence[Pool],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.machine = machine
        self.assays = {assay.pk: assay for assay in assays}
        self.kits = {balance.lot_id: balance for balance in kits}
        self.pools = {pool.pk: pool for pool in pools}
        offer_choices(self, "assay", [(each.pk, _named(each)) for each in assays])
        lots = [
            (pk, f"{each.lot.item.name} · {each.lot.code} · {each.on_hand}") for pk, each in self.kits.items()
        ]
        offer_choices(self, "kit", [("", _("Not written down")), *lots])

    def clean(self) -> dict[str, Any]:
        """The lot is of the kit that the assay needs."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        kit, assay = clean.get("kit"), clean.get("assay")
        if kit and assay and self.kits[kit].lot.item_id != self.assays[assay].kit_id:
            self.add_error("kit", _("This lot is of another assay's kit. Choose the lot you really open."))
        return clean

    def clean_filling(self) -> list[Filled]:
        """Positions with their content.

        Raises:
            ValidationError: a line is none of what a plate holds; the line is named.
        """
        lines = str(self.cleaned_data["filling"]).splitlines()
        free = well_order(self.machine.wells)
        filled: list[Filled] = []
        place = 0
        for number, line in enumerate(lines, start=1):
            words = line.upper().split()
            if not words:
                place += 1
                continue
            position = ""
            if len(words) > 1 and words[0] != POOL:
                position, words = normal_position(words[0]), words[1:]
            if not position:
                if place >= len(free):
                    raise forms.ValidationError(
                        _("Line %(line)s: the plate of this machine is full.") % {"line": number}
                    )
                position, place = free[place], place + 1
            filled.append(self._content(position, words, number))
        return filled

    def _content(self, position: str, words: list[str], line: int) -> Filled:
        text = " ".join(words)
        if text in SIGNS:
            return Filled(position, SIGNS[text])
        if words[0].startswith(POOL):
            number = text.removeprefix(POOL).strip()
            pool = self.pools.get(int(number)) if number.isascii() and number.isdigit() else None
            if pool is None:
                raise forms.ValidationError(
                    _("Line %(line)s: no pool of this number waits in the lab.") % {"line": line}
                )
            return Filled(position, WellContent.POOL, pool=pool)
        return Filled(position, WellContent.SPECIMEN, barcode=scanned(text))


def _named(assay: Assay) -> str:
    return gettext("%(assay)s, also for pools") % {"assay": assay.name} if assay.pooled else assay.name


class PoolForm(IdempotentForm):
    """Specimens mixed into one tube."""

    scans = ScansField(
        label=_("Specimens of the pool"), help_text=_("Scan each tube as you pipette from it.")
    )


class DisposeForm(IdempotentForm):
    """Tubes that are destroyed."""

    scans = ScansField(label=_("Tubes"), help_text=_("Scan each tube as it goes into the bin."))


class ResultForm(IdempotentForm):
    """One result that was read without a plate of this platform, such as from a cartridge."""

    outcome = forms.ChoiceField(label=_("Result"), choices=OutcomeChoice.choices, widget=forms.RadioSelect)
    resulted_at = MomentField(label=_("Read at"), help_text=_("Leave empty for now."))
    barcode = BarcodeField(label=_("Barcode"), help_text=_("Scan the label on the tube, or type it."))


class ReadingsForm(IdempotentForm):
    """Ct of each target in each filled position; empty where no curve crossed the threshold."""

    ended_at = MomentField(label=_("When the run ended"), help_text=_("Leave empty for now."))

    def __init__(self, data: Any, *, wells: Sequence[Well], targets: Sequence[str]) -> None:
        super().__init__(data)
        self.wells, self.targets = wells, targets
        for well in wells:
            for target in targets:
                widget = forms.TextInput(
                    attrs={
                        "inputmode": "decimal",
                        "autocomplete": "off",
                        "class": "ct-input",
                        "aria-label": f"{well.position} {target}",
                    }
                )
                self.fields[self._name(well, target)] = forms.DecimalField(
                    label=f"{well.position} {target}", required=False, localize=True, widget=widget
                )

    @staticmethod
    def _name(well: Well, target: str) -> str:
        return f"ct-{well.position}-{target}"

    @property
    def rows(self) -> list[tuple[Well, list[Any]]]:
        """Wells with their fields."""
        return [(well, [self[self._name(well, target)] for target in self.targets]) for well in self.wells]

    def readings(self) -> dict[str, Readings]:
        """Ct by target by position."""
        return {well.position: {t: self._value(well, t) for t in self.targets} for well in self.wells}

    def _value(self, well: Well, target: str) -> float | None:
        value = self.cleaned_data[self._name(well, target)]
        return float(value) if value is not None else None


class FileForm(IdempotentForm):
    """A file a machine or a laboratory system wrote."""

    file = forms.FileField(label=_("File"), max_length=200)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)

    def clean_file(self) -> Any:
        """The file.

        Raises:
            ValidationError: it is too large.
        """
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 60 MB. Send it in parts."))
        return file


class PlateFileForm(FileForm):
    """The export of a PCR machine for one plate."""

    ended_at = MomentField(label=_("When the run ended"), help_text=_("Leave empty for now."))


class ResultFileForm(FileForm):
    """Results of a lab's own system."""

    partly = forms.BooleanField(
        label=_("Take the good rows and report the others"),
        required=False,
        help_text=_("Otherwise one wrong row refuses the whole file, and nothing is written."),
    )


class FailForm(IdempotentForm):
    """Why a run cannot be read."""

    reason = forms.ChoiceField(label=_("Reason"), choices=list(FAILURES.items()), widget=forms.RadioSelect)
