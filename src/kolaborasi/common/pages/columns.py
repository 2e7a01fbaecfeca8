"""One column of a list page: what it shows, how it sorts, what it exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


def attribute(row: Any, path: str) -> Any:
    """Value at a dotted path of attributes, mapping keys or methods without arguments; None ends the walk."""
    value = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else getattr(value, step)
        if value is None:
            return None
        if callable(value):
            value = value()
    return value


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: the word that names it in `?sort=` and in tests.
        label: translatable header of the page and of the file.
        value: dotted path or function of the row; the name when empty.
        sort: model fields to order by, or True to order plain rows by the value; empty for an unsortable column.
        template: partial that shows the cell; gets `row`, `value` and `column`.
        link: function of the row giving the address of its page; the cell becomes a link.
        numeric: right-aligned, in figures of equal width.
        shown: whether the page has it.
        exported: whether the file has it; False for whatever must not leave the page.
    """

    name: str
    label: str | Promise
    value: str | Callable[[Any], Any] = ""
    sort: tuple[str, ...] | str | bool = ()
    template: str = ""
    link: Callable[[Any], str] | None = None
    numeric: bool = False
    shown: bool = True
    exported: bool = True

    def of(self, row: Any) -> Any:
        """This column's value of a row."""
        if callable(self.value):
            return self.value(row)
        return attribute(row, self.value or self.name)

    @property
    def orderings(self) -> tuple[str, ...]:
        """Model fields it sorts by, in order."""
        if isinstance(self.sort, bool):
            return ()
        return (self.sort,) if isinstance(self.sort, str) else self.sort

    @property
    def sortable(self) -> bool:
        """Whether `?sort=` accepts it."""
        return bool(self.sort)
