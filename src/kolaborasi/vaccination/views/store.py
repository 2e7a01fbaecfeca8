"""A store: what it has, what comes and goes, temperatures, counts, losses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.forms.store import (
    CountForm,
    MoveForm,
    QuarantineForm,
    ReceiveForm,
    SendForm,
    ShipmentForm,
    StorageForm,
    WasteForm,
)
from kolaborasi.vaccination.models import WasteReason
from kolaborasi.vaccination.permissions import allows_any
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.services.supply import partners_at, place_of
from kolaborasi.vaccination.views.access import actor_of, require_role
from kolaborasi.vaccination.views.lists import ShipmentList, StockList

KEEPERS = ("partner_admin", "partner_member", "coordinator")


@login_required
@never_cache
@require_safe
def stock(request: HttpRequest) -> HttpResponseBase:
    """Doses by place and lot, what expires first first."""
    actor, today = actor_of(request), localdate()
    require_role(actor, *KEEPERS)
    context = {
        "quarantines": [each for each in queries.quarantines() if _decides(request, each)],
        "shipments": work.shipments_for(actor).count(),
        "city": actor.has_role("coordinator"),
    }
    return StockList(request, work.doses_in_stock(actor, today), **context).response()


def _decides(request: HttpRequest, quarantine: Any) -> bool:
    place, owner = place_of(quarantine.location), [quarantine.lot.owner_id]
    return allows_any(actor_of(request), "decide_quarantine", place_code=place, partner_ids=owner)


def own_balance(request: HttpRequest, pk: int) -> Balance:
    """Doses of a lot at a place whose keeper or owner the actor is.

    Raises:
        NotFound: there is none.
        NotPermitted: they are somebody else's.
    """
    balance = work.balance_by_id(pk)
    if balance is None:
        raise NotFound(_("There are no such doses. Look for them in the stock."))
    partners = [*partners_at(balance.location), balance.lot.vaccine.owner_id]
    if not allows_any(
        actor_of(request), "count_stock", place_code=place_of(balance.location), partner_ids=partners
    ):
        raise NotPermitted
    return balance


@login_required
@never_cache
@require_safe
def balance(request: HttpRequest, pk: int) -> HttpResponse:
    """One lot at one place: numbers, temperatures, and what can be done with it."""
    found = own_balance(request, pk)
    apart = [
        each
        for each in queries.quarantines()
        if (each.lot_id, each.location_id) == (found.lot_id, found.location_id)
    ]
    context = {
        "title": found.lot.code,
        "balance": found,
        "lot": found.lot.vaccine,
        "readings": work.readings_at(found.lot_id, found.location_id),
        "apart": next(iter(apart), None),
        "decides": bool(apart) and _decides(request, apart[0]),
        "expired": found.lot.expires_date is not None and found.lot.expires_date <= localdate(),
    }
    return render(request, "vaccination/balance.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Register a lot as its pack states it, and take its doses into a store."""
    actor = actor_of(request)
    require_role(actor, *KEEPERS)
    form = ReceiveForm(
        request.POST if request.method == "POST" else None,
        products=work.products(),
        owners=work.owners_for(actor),
        locations=work.stores_for(actor),
    )

    def write() -> int:
        clean, now = form.cleaned_data, clock.utc_now()
        given = {name: clean[name] for name in ("product", "code", "expires_date", "doses_per_vial", "owner")}
        lot = services.register_lot(**given, by=actor, now=now)
        services.receive_doses(lot=lot, location=clean["location"], doses=clean["doses"], by=actor, now=now)
        return int(lot.pk)

    response = submit(
        request,
        form,
        scope="vaccination.receive_doses",
        write=write,
        success_url=reverse("vaccination:stock"),
        context={
            "title": _("Receive a lot"),
            "introduction": _(
                "Doses from the maker or the ministry. Doses of another store come as a shipment."
            ),
            "button": _("Receive"),
            "back_url": reverse("vaccination:stock"),
        },
    )
    return told(request, response, _("The doses are in stock."))


def told(request: HttpRequest, response: HttpResponse, sentence: Any) -> HttpResponse:
    """The response, with a word for the next page when the form was done."""
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, sentence)
    return response


def _on_balance(
    request: HttpRequest, found: Balance, form: IdempotentForm, name: str, write: Any, **context: Any
) -> HttpResponse:
    back = reverse("vaccination:balance", args=[found.pk])

    def done() -> int:
        write(form.cleaned_data)
        return int(found.pk)

    response = submit(
        request,
        form,
        scope=f"vaccination.{name}/{found.pk}",
        write=done,
        success_url=back,
        template="vaccination/store_form.html",
        context={"balance": found, "lot": found.lot.vaccine, "back_url": back, **context},
    )
    return told(request, response, _("Done. The books are up to date."))


def _parts(request: HttpRequest, found: Balance) -> dict[str, Any]:
    return {"lot": found.lot.vaccine, "by": actor_of(request), "now": clock.utc_now()}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send doses on their way to a session or another store."""
    found, today = own_balance(request, pk), localdate()
    form = SendForm(
        request.POST if request.method == "POST" else None,
        targets=work.targets_for(found, today),
        initial={"arrives_date": today},
    )
    return _on_balance(
        request,
        found,
        form,
        "send_doses",
        lambda clean: services.send_doses(
            source=found.location,
            **_clean(clean, "target", "doses", "arrives_date"),
            **_parts(request, found),
        ),
        title=_("Send doses"),
        button=_("Send"),
    )


def _clean(clean: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: clean[name] for name in names}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand doses over at once, for example from the refrigerator of a site to its session."""
    found = own_balance(request, pk)
    form = MoveForm(
        request.POST if request.method == "POST" else None, targets=work.targets_for(found, localdate())
    )
    return _on_balance(
        request,
        found,
        form,
        "move_doses",
        lambda clean: services.move_doses(
            source=found.location, **_clean(clean, "target", "doses"), **_parts(request, found)
        ),
        title=_("Hand doses over at once"),
        button=_("Hand over"),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return doses that were not needed, also of a lot that may no longer be given."""
    found = own_balance(request, pk)
    form = MoveForm(
        request.POST if request.method == "POST" else None,
        targets=work.keeping_sites().exclude(pk=found.location_id),
        initial={"doses": found.on_hand - min(found.committed, found.on_hand)},
    )
    return _on_balance(
        request,
        found,
        form,
        "return_doses",
        lambda clean: services.return_doses(
            source=found.location, **_clean(clean, "target", "doses"), **_parts(request, found)
        ),
        title=_("Return doses"),
        button=_("Return"),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waste(request: HttpRequest, pk: int) -> HttpResponse:
    """Write doses off with a reason."""
    found = own_balance(request, pk)
    form = WasteForm(request.POST if request.method == "POST" else None)
    return _on_balance(
        request,
        found,
        form,
        "waste_doses",
        lambda clean: services.waste_doses(
            location=found.location,
            doses=clean["doses"],
            reason=WasteReason(clean["reason"]),
            **_parts(request, found),
        ),
        title=_("Write doses off"),
        introduction=_("This cannot be undone; a wrong entry is put right by a stock count."),
        button=_("Write off"),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was counted; a difference keeps its explanation."""
    found = own_balance(request, pk)
    form = CountForm(request.POST if request.method == "POST" else None)
    return _on_balance(
        request,
        found,
        form,
        "count_stock",
        lambda clean: services.count_stock(
            location=found.location, **_clean(clean, "counted", "explanation"), **_parts(request, found)
        ),
        title=_("Count the doses"),
        introduction=_("Count first, then look at the books: the number there is not shown on purpose."),
        hide_numbers=True,
        button=_("Save the count"),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_storage(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a temperature and the vial monitor; out of range the doses are set apart."""
    found = own_balance(request, pk)
    form = StorageForm(request.POST if request.method == "POST" else None)
    if found.lot.vaccine.product.thawed_days is None:
        del form.fields["thawed"]
    return _on_balance(
        request,
        found,
        form,
        "log_storage",
        lambda clean: services.log_storage(
            location=found.location,
            tenths_celsius=clean["celsius"],
            vvm_stage=int(clean["vvm_stage"]) if clean["vvm_stage"] else None,
            thawed=clean.get("thawed", False),
            **_parts(request, found),
        ),
        title=_("Temperature and vial monitor"),
        introduction=_(
            "Outside its range, or from stage 3 on, the lot is set apart here until its owner decides."
        ),
        button=_("Save"),
    )


@login_required
@never_cache
@require_safe
def shipments(request: HttpRequest) -> HttpResponseBase:
    """Doses on their way to or from the actor's places."""
    actor = actor_of(request)
    require_role(actor, *KEEPERS)
    return ShipmentList(request, work.shipments_for(actor)).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive_shipment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what arrived of a shipment."""
    actor = actor_of(request)
    shipment = work.shipments_for(actor).filter(pk=pk).first()
    if shipment is None:
        raise NotFound(_("There is no such shipment on its way to or from you."))
    rest = shipment.quantity - shipment.received
    form = ShipmentForm(request.POST if request.method == "POST" else None, initial={"doses": rest})
    back = reverse("vaccination:shipments")

    def write() -> int:
        clean = form.cleaned_data
        services.receive_shipment(
            shipment=shipment,
            doses=clean["doses"],
            close=clean["close"] == "yes",
            by=actor,
            now=clock.utc_now(),
        )
        return int(shipment.pk)

    response = submit(
        request,
        form,
        scope=f"vaccination.receive_shipment/{pk}",
        write=write,
        success_url=back,
        template="vaccination/shipment.html",
        context={"title": _("What arrived?"), "shipment": shipment, "rest": rest, "back_url": back},
    )
    return told(request, response, _("The doses are in stock."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def quarantine(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about doses that were set apart."""
    found = work.quarantine_by_id(pk)
    if found is None or not _decides(request, found):
        raise NotFound(_("There are no such doses for you to decide about."))
    form = QuarantineForm(request.POST if request.method == "POST" else None)
    back = reverse("vaccination:stock")

    def write() -> int:
        fit = form.cleaned_data["fit"] == "yes"
        services.decide_quarantine(quarantine=found, fit=fit, by=actor_of(request), now=clock.utc_now())
        return int(found.pk)

    response = submit(
        request,
        form,
        scope=f"vaccination.decide_quarantine/{pk}",
        write=write,
        success_url=back,
        template="vaccination/quarantine.html",
        context={
            "title": _("Doses set apart"),
            "quarantine": found,
            "readings": work.readings_at(found.lot_id, found.location_id),
            "back_url": back,
        },
    )
    return told(request, response, _("The decision is on record."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_off(request: HttpRequest) -> HttpResponse:
    """Write off every dose whose last day has passed, wherever it is."""
    actor, back = actor_of(request), reverse("vaccination:stock")
    require_role(actor, "coordinator")
    response = confirm(
        request,
        title=_("Write off everything that has expired?"),
        consequence=_(
            "Every dose of lots whose last day has passed is written off, wherever it is in the network."
        ),
        button=_("Write off"),
        scope="vaccination.write_off_expired",
        write=lambda form: len(services.write_off_expired(by=actor, now=clock.utc_now())),
        success_url=back,
        back_url=back,
    )
    return told(request, response, _("Expired doses are written off."))
