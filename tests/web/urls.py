"""Addresses that fail on purpose, a list and a form of the toolkit, beside the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from kolaborasi.common.errors import Conflict, NotFound, NotPermitted, Refused
from kolaborasi.common.pages import Column, Filter, IdempotentForm, ListPage, confirm, submit
from kolaborasi.config import urls

SECRET = "Siti Aminah 3171234567890001"


def fail(request: HttpRequest, how: str) -> HttpResponse:
    """Raise what the address names."""
    errors: dict[str, Exception] = {
        "refused": Refused("Only 12 are left here."),
        "denied": NotPermitted(),
        "gone": NotFound("This pledge does not exist."),
        "moved-on": Conflict("It was delivered already."),
        "bad": BadRequest(SECRET),
        "forbidden": PermissionDenied(SECRET),
        "bug": ValueError(SECRET),
        "database": OperationalError(SECRET),
    }
    raise errors[how]


@dataclass(frozen=True)
class Row:
    """A need as a list shows it."""

    name: str
    item: str
    needed: int
    committed: int
    delivered: int
    state: str
    by: date


ITEMS = ("Sembako", "Makanan siap saji", "Paket isoman")
ROWS = [
    Row(f"RW {n:03}", ITEMS[n % 3], 100 + n, n, n // 2, ("open", "met")[n % 2], date(2021, 7, 1 + n % 28))
    for n in range(1, 61)
]


class Needs(ListPage):
    """Sixty rows over three pages."""

    title = "Kebutuhan"
    columns = (
        Column("name", "Tempat", sort=True, link=lambda row: "/form/"),
        Column("item", "Barang", sort=True),
        Column("needed", "Jumlah", sort=True, numeric=True),
        Column("by", "Paling lambat", sort=True),
    )
    search_fields = ("name",)
    filters = (Filter.choice("state", "Keadaan", [("open", "Terbuka"), ("met", "Terpenuhi")]),)
    export_name = "needs"


def needs(request: HttpRequest) -> HttpResponseBase:
    """The list."""
    return Needs(request, ROWS).response()


class PledgeForm(IdempotentForm):
    """Every kind of field."""

    name = forms.CharField(label="Nama")
    quantity = forms.IntegerField(label="Jumlah paket", help_text="Paling banyak 12.")
    way = forms.ChoiceField(
        label="Cara", choices=[("bring", "Saya antar"), ("fetch", "Dijemput")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="Catatan", required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label="Saya setuju")


def pledge(request: HttpRequest) -> HttpResponse:
    """The form; only twelve are left."""
    form = PledgeForm(request.POST if request.method == "POST" else None)

    def write() -> int:
        if form.cleaned_data["quantity"] > 12:
            raise Refused("Tinggal 12 di sini.", details={"field": "quantity"})
        return 1

    return submit(
        request, form, scope="pledge", write=write, success_url="/list/", context={"title": "Janji"}
    )


def withdraw(request: HttpRequest) -> HttpResponse:
    """The step before a destructive verb."""
    return confirm(
        request,
        title="Batalkan janji ini?",
        consequence="Ini tidak dapat diurungkan.",
        button="Batalkan janji",
        scope="withdraw",
        write=lambda form: 1,
        success_url="/list/",
        back_url="/form/",
    )


urlpatterns = [
    path("list/", needs),
    path("form/", pledge),
    path("confirm/", withdraw),
    path("fail/<str:how>/", fail),
    *urls.urlpatterns,
]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler429 = urls.handler429
handler500 = urls.handler500
