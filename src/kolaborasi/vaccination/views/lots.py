"""Lots: where each is, everybody who had a dose of it, its recall, and other lots for those who counted on it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.pages import IdempotentForm, confirm
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.forms.store import RecallForm
from kolaborasi.vaccination.models import RecallReason, VaccineLot
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.states import LotState
from kolaborasi.vaccination.views.access import actor_of, require_role
from kolaborasi.vaccination.views.lists import LotList, RecallList


@login_required
@never_cache
@require_safe
def lots(request: HttpRequest) -> HttpResponseBase:
    """Every lot the network knows, what expires first first."""
    actor = actor_of(request)
    require_role(actor, "partner_admin", "partner_member", "coordinator")
    return LotList(request, work.lots_seen_by(actor)).response()


def known_lot(pk: int) -> VaccineLot:
    """A lot.

    Raises:
        NotFound: there is none.
    """
    lot = work.lot_by_id(pk)
    if lot is None:
        raise NotFound(_("There is no such lot. Look for it in the list of lots."))
    return lot


@login_required
@never_cache
@require_safe
def lot(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Where a lot is, and every dose of it with its person and place."""
    found, actor = known_lot(pk), actor_of(request)
    if not actor.has_role("coordinator") and found.owner_id not in work.partner_ids(actor):
        raise NotPermitted
    context = {
        "lot": found,
        "where": list(queries.where_lot_is(found)),
        "waiting": work.bookings_on(found).count() if found.state == LotState.RECALLED else 0,
        "recalls": TABLE.allows(actor, "recall_lot") and found.state == LotState.RELEASED,
        "rebooks": TABLE.allows(actor, "give_other_lots") and found.state == LotState.RECALLED,
    }
    return RecallList(request, work.doses_with_places(found), **context).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a lot back."""
    found, actor = known_lot(pk), actor_of(request)
    TABLE.require(actor, "recall_lot")
    back = reverse("vaccination:lot", args=[pk])

    def write(form: IdempotentForm) -> int:
        reason = RecallReason(form.cleaned_data["reason"])
        return int(services.recall_lot(lot=found, reason=reason, by=actor, now=clock.utc_now()).pk)

    response = confirm(
        request,
        title=gettext("Recall lot %(code)s?") % {"code": found.lot.code},
        consequence=_(
            "From now on no dose of it is given, moved or booked anywhere. Bookings that counted on it need another"
            " lot. This cannot be undone."
        ),
        button=_("Recall the lot"),
        scope=f"vaccination.recall_lot/{pk}",
        write=write,
        success_url=back,
        back_url=back,
        form_class=RecallForm,
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The lot is recalled. Everybody who had a dose of it is listed below."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rebook(request: HttpRequest, pk: int) -> HttpResponse:
    """Give everybody who is booked on a recalled lot another one of their session."""
    found, actor = known_lot(pk), actor_of(request)
    TABLE.require(actor, "give_other_lots")
    back = reverse("vaccination:lot", args=[pk])

    def write(_form: IdempotentForm) -> int:
        result = services.give_other_lots(lot=found, by=actor, now=clock.utc_now())
        moved = len(result.moved)
        done = ngettext(
            "%(moved)s booking has another lot now.", "%(moved)s bookings have another lot now.", moved
        )
        messages.success(request, done % {"moved": moved})
        if result.left:
            rest = len(result.left)
            missing = ngettext(
                "%(rest)s booking has no dose: send other doses to its session, then do this again.",
                "%(rest)s bookings have no dose: send other doses to their sessions, then do this again.",
                rest,
            )
            messages.warning(request, missing % {"rest": rest})
        return moved

    return confirm(
        request,
        title=_("Give them another lot?"),
        consequence=_(
            "Bookings that counted on this lot count on another lot of their session, as far as doses are free there,"
            " those booked first first."
        ),
        button=_("Give another lot"),
        scope=f"vaccination.give_other_lots/{pk}",
        write=write,
        success_url=back,
        back_url=back,
    )
