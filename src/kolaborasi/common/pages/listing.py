"""The list page: search, filters in the address, whitelisted sort, pages, CSV, empty and error states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused
from kolaborasi.common.pages.columns import Column
from kolaborasi.common.pages.export import csv_response
from kolaborasi.common.pages.filters import Filter

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text

LONGEST_SEARCH = 100
MOST_WORDS = 6
FEW_FIELDS, FIRST_FIELDS = 4, 2


class BadParameters(Refused):
    """The address asks for something the list does not know."""

    code = "bad-parameters"
    status = 400


class ListPage:
    """A list declared as a class and answered by `response()`.

    A room subclasses it, names the columns, and calls it from a view:

        class NeedList(ListPage):
            title = _("Open needs")
            columns = (Column("place", _("Place"), "place.name", sort="place__name"), …)
            filters = (Filter.choice("state", _("State"), State.choices, lookup="state"),)

        def needs(request):
            return NeedList(request, queries.open_needs()).response()

    The query count does not depend on the rows as long as the queryset selects what the columns read. Plain sequences
    of rows work too: they are searched and sorted by the columns' values.
    """

    title: ClassVar[Text] = ""
    introduction: ClassVar[Text] = ""
    columns: ClassVar[Sequence[Column]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_label: ClassVar[Text] = _("Search")
    filters: ClassVar[Sequence[Filter]] = ()
    default_sort: ClassVar[str] = ""
    page_size: ClassVar[int] = 25
    largest_page: ClassVar[int] = 100
    template_name: ClassVar[str] = "web/list.html"
    results_template: ClassVar[str] = "web/_list.html"
    row_template: ClassVar[str] = ""
    empty_title: ClassVar[Text] = _("Nothing here yet")
    empty_text: ClassVar[Text] = ""
    export_name: ClassVar[str] = ""

    def __init__(self, request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], **context: Any) -> None:
        """A list of these rows for this request; `context` is passed on to the template."""
        self.request = request
        self.rows = rows
        self.context = context

    @cached_property
    def form(self) -> forms.Form:
        """Search and filters as a form read from the address; validated, never refused."""
        fields: dict[str, forms.Field] = {}
        if self.search_fields:
            widget = forms.TextInput(attrs={"type": "search"})
            fields["q"] = forms.CharField(
                label=self.search_label, required=False, max_length=LONGEST_SEARCH, widget=widget
            )
        fields |= {each.name: each.field for each in self.filters}
        form: forms.Form = type("FilterForm", (forms.Form,), fields)(self.request.GET, auto_id="filter_%s")
        for field in form.fields.values():
            if isinstance(field, forms.ChoiceField):
                # Choices may come from the database: asked for when first looked at, and once.
                field.choices = cache(partial(list, cast(Iterable[Any], field.choices)))
        form.is_valid()
        return form

    @cached_property
    def sort(self) -> str:
        """The whitelisted sort asked for (`name` or `-name`), else the default."""
        asked = self.request.GET.get("sort", "")
        known = any(column.sortable and column.name == asked.removeprefix("-") for column in self.columns)
        return asked if known else self.default_sort

    @cached_property
    def size(self) -> int:
        """Rows a page: as asked, at most `largest_page`."""
        asked = self.request.GET.get("size", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        return min(number, self.largest_page) if number else self.page_size

    @cached_property
    def bad_parameters(self) -> list[str]:
        """Names of parameters that could not be used, in words the page shows."""
        bad = [str(self.form.fields[name].label) for name in self.form.errors]
        if self.request.GET.get("sort", self.sort) not in {self.sort, ""}:
            bad.append(gettext("Sort order"))
        if self.request.GET.get("size", str(self.size)) not in {str(self.size), ""}:
            bad.append(gettext("Rows a page"))
        return bad

    @cached_property
    def found(self) -> Any:
        """All rows that pass search and filters, in order; not yet read when a queryset."""
        rows: Any = self.rows
        clean = self.form.cleaned_data
        for each in self.filters:
            rows = each.narrow(rows, clean.get(each.name))
        rows = self._searched(rows, clean.get("q") or "")
        return self._sorted(rows)

    def _searched(self, rows: Any, text: str) -> Any:
        words = text.split()[:MOST_WORDS]
        if not words:
            return rows
        if isinstance(rows, QuerySet):
            for word in words:
                any_field = Q()
                for field in self.search_fields:
                    any_field |= Q(**{f"{field}__icontains": word})
                rows = rows.filter(any_field)
            return rows
        texts = [(row, " ".join(str(column.of(row)) for column in self.columns).casefold()) for row in rows]
        return [row for row, content in texts if all(word.casefold() in content for word in words)]

    def _sorted(self, rows: Any) -> Any:
        column = next((each for each in self.columns if each.name == self.sort.removeprefix("-")), None)
        backwards = self.sort.startswith("-")
        if not isinstance(rows, QuerySet):
            if column is None:
                return rows
            # None is not comparable; rows without a value go last in both directions.
            known = [row for row in rows if column.of(row) is not None]
            unknown = [row for row in rows if column.of(row) is None]
            return sorted(known, key=column.of, reverse=backwards) + unknown
        if column is None:
            return rows if rows.ordered else rows.order_by("pk")
        flipped = [(name[1:] if name.startswith("-") else f"-{name}") for name in column.orderings]
        # The primary key last: equal values must not change places between two pages.
        return rows.order_by(*(flipped if backwards else column.orderings), "pk")

    @cached_property
    def page(self) -> Page[Any]:
        """The page asked for; the nearest one when there is no such page."""
        return Paginator(self.found, self.size).get_page(self.request.GET.get("page"))

    @cached_property
    def shown_columns(self) -> list[dict[str, Any]]:
        """Columns of the page with their sort links."""
        return [self._header(column) for column in self.columns if column.shown]

    def _header(self, column: Column) -> dict[str, Any]:
        state = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "")
        towards = f"-{column.name}" if state == "ascending" else column.name
        address = self.address(sort=towards, page=None) if column.sortable else ""
        return {"column": column, "state": state, "address": address}

    @cached_property
    def cells(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        """Rows of this page with the values of the shown columns."""
        columns = [column for column in self.columns if column.shown]
        return [(row, [self._cell(column, row) for column in columns]) for row in self.page]

    @staticmethod
    def _cell(column: Column, row: Any) -> dict[str, Any]:
        return {"column": column, "value": column.of(row), "link": column.link(row) if column.link else ""}

    @cached_property
    def active(self) -> list[dict[str, Any]]:
        """Filters in use, in words, each with the address of the list without it."""
        bound = [(each.name, each.field.label, each.shown(value)) for each, value in self._used_filters()]
        text = self.form.cleaned_data.get("q")
        if text:
            bound.insert(0, ("q", self.search_label, text))
        return [
            {
                "label": label,
                "value": "" if value is True else value,
                "address": self.address(**{name: None}, page=None),
            }
            for name, label, value in bound
        ]

    def _used_filters(self) -> list[tuple[Filter, Any]]:
        values = [(each, self.form.cleaned_data.get(each.name)) for each in self.filters]
        return [(each, value) for each, value in values if value not in (None, "", False, [])]

    def address(self, **changes: Any) -> str:
        """The list's address with some parameters changed; None takes one away. Unknown parameters are dropped."""
        known = ["q", *(each.name for each in self.filters), "sort", "size", "page"]
        query = QueryDict(mutable=True)
        for name in known:
            values = self.request.GET.getlist(name) if name not in changes else [changes[name]]
            if kept := [str(value) for value in values if value not in (None, "")]:
                query.setlist(name, kept)
        if "format" in changes:
            query["format"] = changes["format"]
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """Search and filters that are always in sight: all of them when they are few."""
        shown = self.form.visible_fields()
        return shown if len(shown) <= FEW_FIELDS else shown[:FIRST_FIELDS]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """Filters behind "More filters"."""
        return self.form.visible_fields()[len(self.first_fields) :]

    @property
    def more_fields_used(self) -> bool:
        """Whether one of them narrows the list, so that it must be in sight."""
        return any(self.form.cleaned_data.get(bound.name) for bound in self.more_fields)

    @property
    def page_links(self) -> list[dict[str, Any]]:
        """Numbers of the pagination with their addresses; a gap has no number."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        return [
            {"number": number, "address": self.address(page=number)}
            if isinstance(number, int)
            else {"number": None}
            for number in numbers
        ]

    @property
    def previous_address(self) -> str:
        """Address of the page before, empty on the first."""
        return self.address(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_address(self) -> str:
        """Address of the page after, empty on the last."""
        return self.address(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def export_address(self) -> str:
        """Address of the whole filtered list as CSV; empty when the list is not exported."""
        return self.address(format="csv", page=None, size=None) if self.export_name else ""

    @property
    def plain_address(self) -> str:
        """Address of the list without search and filters."""
        return self.address(**dict.fromkeys(["q", "page", *(each.name for each in self.filters)]))

    def response(self) -> HttpResponseBase:
        """The page, its results alone for htmx, or the file.

        Raises:
            BadParameters: the file was asked for with parameters that cannot be used: it would hold other rows
                than the person believes.
        """
        if self.export_name and self.request.GET.get("format") == "csv":
            return self._file()
        htmx = getattr(self.request, "htmx", None)
        swap = htmx and not htmx.history_restore_request
        template = self.results_template if swap else self.template_name
        response = render(self.request, template, {"list": self, **self.context})
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _file(self) -> HttpResponseBase:
        if self.bad_parameters:
            sentence = gettext(
                "The file was not made, because this cannot be used: %(names)s. Correct the filters."
            )
            raise BadParameters(sentence % {"names": ", ".join(self.bad_parameters)})
        exported = [column for column in self.columns if column.exported]
        return csv_response(exported, self.found, self.export_name)
