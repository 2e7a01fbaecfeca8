"""Offers: goods for wherever they are needed most."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.aid import queries, services
from kolaborasi.aid.forms import OfferForm
from kolaborasi.aid.models import Offer
from kolaborasi.aid.rules import PledgeFault
from kolaborasi.aid.views.access import actor_of, own_person, partner_ids, shown_at
from kolaborasi.aid.views.lists import OfferList, kelurahan
from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit

FIELDS = {
    PledgeFault.QUANTITY: "quantity",
    PledgeFault.PAST_DATE: "available_date",
    PledgeFault.TOO_FAR_AHEAD: "available_date",
}


@login_required
@never_cache
@require_safe
def offers(request: HttpRequest) -> HttpResponseBase:
    """My offers and those of my partners, with what became of each."""
    return OfferList(
        request, queries.offers_of(own_person(request), partner_ids(actor_of(request)))
    ).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Offer goods."""
    form = OfferForm(
        request.POST if request.method == "POST" else None,
        items=list(queries.items()),
        places=kelurahan(),
        partners=queries.partners_of(actor_of(request)),
        today=localdate(),
    )
    form.initial["giver"] = "me"
    context = {
        "title": _("Offer help where it is needed most"),
        "back_url": reverse("aid:offers"),
        "button": _("Offer it"),
    }

    def write() -> int:
        with shown_at(FIELDS):
            return _offer(request, form).pk

    return submit(
        request,
        form,
        scope="aid.make_offer",
        write=write,
        success_url=reverse("aid:offers"),
        template="aid/offer_new.html",
        context=context,
    )


def _offer(request: HttpRequest, form: OfferForm) -> Offer:
    clean, partner = form.cleaned_data, form.partner
    return services.make_offer(
        item=form.items[clean["item"]],
        quantity=clean["quantity"],
        place=form.places[clean["place"]],
        available_date=clean["available_date"],
        until_date=clean["until_date"],
        partner=partner,
        person=None if partner else own_person(request),
        named=clean["named"],
        by=actor_of(request),
        now=clock.utc_now(),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what of an offer is not promised yet: asked first."""
    offer = queries.offers_of(own_person(request), partner_ids(actor_of(request))).filter(pk=pk).first()
    if offer is None:
        raise NotFound(_("There is no such offer among yours."))

    def write(form: IdempotentForm) -> int:
        return services.withdraw_offer(offer=offer, by=actor_of(request), now=clock.utc_now()).pk

    return confirm(
        request,
        title=_("Take this offer back?"),
        consequence=_("What is promised to a place already stays promised. The rest is no longer on offer."),
        button=_("Take it back"),
        scope=f"aid.withdraw_offer/{pk}",
        write=write,
        success_url=reverse("aid:offers"),
        back_url=reverse("aid:offers"),
    )
