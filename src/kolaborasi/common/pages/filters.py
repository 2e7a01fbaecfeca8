"""Filters of a list page, kept in its address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages.columns import attribute

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text

Choices = Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]
Apply = Callable[[Any, Any], Any]
EVERYTHING = _("All")


@dataclass(frozen=True)
class Filter:
    """One filter: a form field that reads the address and what it does to the rows.

    Args:
        name: the word in the address.
        field: form field that cleans the value; must not be required.
        lookup: Django lookup (`place__code__startswith`), or dotted path of plain rows; unused when `apply` is given.
        apply: function (rows, clean value) → rows.
    """

    name: str
    field: forms.Field
    lookup: str = ""
    apply: Apply | None = None

    @classmethod
    def choice(
        cls,
        name: str,
        label: Text,
        choices: Choices,
        *,
        lookup: str = "",
        apply: Apply | None = None,
        everything: Text = EVERYTHING,
    ) -> Filter:
        """One of a few values; `choices` may be a function, called once a request."""

        def with_everything() -> list[tuple[Any, Any]]:
            return [("", everything), *(choices() if callable(choices) else choices)]

        return cls(
            name, forms.ChoiceField(label=label, choices=with_everything, required=False), lookup, apply
        )

    @classmethod
    def date(cls, name: str, label: Text, *, lookup: str = "", apply: Apply | None = None) -> Filter:
        """A day, written YYYY-MM-DD in the address."""
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        field = forms.DateField(label=label, required=False, input_formats=["%Y-%m-%d"], widget=widget)
        return cls(name, field, lookup, apply)

    @classmethod
    def flag(cls, name: str, label: Text, *, lookup: str = "", apply: Apply | None = None) -> Filter:
        """Ticked or not; only a tick narrows the list."""
        return cls(name, forms.BooleanField(label=label, required=False), lookup, apply)

    @classmethod
    def text(cls, name: str, label: Text, *, lookup: str = "", apply: Apply | None = None) -> Filter:
        """A short text, for example an area code."""
        return cls(name, forms.CharField(label=label, required=False, max_length=80), lookup, apply)

    def narrow(self, rows: Any, value: Any) -> Any:
        """The rows that pass; all of them when the value is empty."""
        if value in (None, "", False, []):
            return rows
        if self.apply is not None:
            return self.apply(rows, value)
        if isinstance(rows, QuerySet):
            return rows.filter(**{self.lookup or self.name: value})
        return [row for row in rows if str(attribute(row, self.lookup or self.name)) == str(value)]

    def shown(self, value: Any) -> Any:
        """The chosen value in words, for the list of active filters."""
        if isinstance(self.field, forms.ChoiceField):
            choices = cast(Iterable[tuple[Any, Any]], self.field.choices)
            return next((label for key, label in choices if str(key) == str(value)), value)
        return value
