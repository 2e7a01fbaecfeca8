"""The form a hospital reports its beds with: every class with its last numbers, big steps that work without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import IdempotentForm, UnitsField
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.labels import class_label
from kolaborasi.hospitals.models import BedPool
from kolaborasi.hospitals.rules import MOST_BEDS, BedCount

FIRST = (("occupied", _("Occupied")), ("staffed", _("Staffed beds")))
MORE = (
    ("cleaning", _("Being cleaned")),
    ("preparing", _("Being prepared")),
    ("waiting_outside", _("Waiting outside the emergency department")),
    ("waiting_inside", _("Waiting inside for this bed")),
)
NAMES = tuple(name for name, _label in (*FIRST, *MORE))
STEP = "step"


@dataclass(frozen=True)
class Row:
    """One class of the form with its bound fields."""

    bed_class: BedClass
    label: str
    pool: BedPool | None
    first: Sequence[forms.BoundField]
    more: Sequence[forms.BoundField]

    @property
    def errors(self) -> list[str]:
        """What is wrong with any number of the class."""
        return [str(text) for bound in (*self.first, *self.more) for text in bound.errors]

    @property
    def more_used(self) -> bool:
        """Whether a number behind "More" is not zero."""
        return any(str(bound.value() or "0") != "0" for bound in self.more)


class ReportForm(IdempotentForm):
    """Counts of every class of a hospital; classes without any number are left as they are."""

    def __init__(
        self, data: QueryDict | None, *, pools: Sequence[BedPool], classes: Sequence[BedClass]
    ) -> None:
        self.pools = {BedClass(pool.bed_class): pool for pool in pools}
        self.classes = [*self.pools, *(each for each in classes if each not in self.pools)]
        super().__init__(data)
        for bed_class in self.classes:
            self._add(bed_class, self.pools.get(bed_class))

    def _add(self, bed_class: BedClass, pool: BedPool | None) -> None:
        for name, label in (*FIRST, *MORE):
            field = UnitsField(label=label, required=False, min_value=0, max_value=MOST_BEDS)
            self.fields[key(bed_class, name)] = field
            if pool is not None:
                self.initial[key(bed_class, name)] = getattr(pool, name)

    @property
    def rows(self) -> list[Row]:
        """The classes the hospital has."""
        return [self._row(bed_class) for bed_class in self.pools]

    @property
    def others(self) -> list[Row]:
        """The classes it has not reported before."""
        return [self._row(bed_class) for bed_class in self.classes if bed_class not in self.pools]

    def _row(self, bed_class: BedClass) -> Row:
        return Row(
            bed_class,
            class_label(bed_class),
            self.pools.get(bed_class),
            [self[key(bed_class, name)] for name, _label in FIRST],
            [self[key(bed_class, name)] for name, _label in MORE],
        )

    def clean(self) -> dict[str, Any]:
        """A class with any number needs its staffed beds; at least one class is needed."""
        clean: dict[str, Any] = super().clean() or self.cleaned_data
        for bed_class in self.classes:
            given = [clean.get(key(bed_class, name)) for name in NAMES]
            staffed = key(bed_class, "staffed")
            begun = any(value is not None for value in given) and clean.get(staffed) is None
            if begun and staffed not in self.errors:
                self.add_error(staffed, _("Write how many beds are staffed."))
        if not self.errors and not self.counts():
            self.add_error(None, _("Write the beds of at least one class."))
        return clean

    def counts(self) -> Mapping[BedClass, BedCount]:
        """The counts by class; empty numbers are zero."""
        found = {}
        for bed_class in self.classes:
            values = {name: self.cleaned_data.get(key(bed_class, name)) for name in NAMES}
            if values["staffed"] is not None:
                found[bed_class] = BedCount(**{name: value or 0 for name, value in values.items()})
        return found

    def explain(self, faults: Mapping[str, Sequence[str]], sentences: Mapping[str, Any]) -> None:
        """Put the verb's refusal at the numbers it is about."""
        for bed_class, found in faults.items():
            for fault in found:
                self.add_error(key(BedClass(bed_class), "occupied"), str(sentences[fault]))


def key(bed_class: BedClass | str, name: str) -> str:
    """Name of a field."""
    return f"{bed_class}_{name}"


def stepped(data: QueryDict) -> QueryDict | None:
    """What was typed with one number a step higher or lower, when a plus or minus button sent the form; else None.

    The button's value is the name of the field and `+1` or `-1`, such as `icu_occupied+1`.
    """
    asked = data.get(STEP, "")
    name, amount = asked[:-2], {"+1": 1, "-1": -1}.get(asked[-2:])
    if amount is None or name not in data:
        return None
    changed = data.copy()
    del changed[STEP]
    typed = str(data.get(name) or "0").strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    changed[name] = str(min(MOST_BEDS, max(0, number + amount)))
    return changed
