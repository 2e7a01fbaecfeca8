"""Pages of the puskesmas: positive results of its area, the person, close contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.forms.office import ListContactForm
from kolaborasi.diagnostics.models import CaseNotice
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries import office
from kolaborasi.diagnostics.views.access import actor_of, require_role
from kolaborasi.diagnostics.views.office_lists import NoticeList

READERS = ("partner_admin", "partner_member", "coordinator")


@login_required
@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponseBase:
    """Positive results of the actor's puskesmas; coordinators see their areas and those nobody looks after."""
    actor = actor_of(request)
    require_role(actor, *READERS)
    return NoticeList(request, office.seen_notices(actor)).response()


def _seen(request: HttpRequest, pk: int) -> CaseNotice:
    """A notice the actor may see.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    actor = actor_of(request)
    require_role(actor, *READERS)
    found = office.seen_notices(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such notice in your area; its result may have been corrected."))
    return found


def _page(request: HttpRequest, found: CaseNotice) -> dict[str, Any]:
    actor = actor_of(request)
    contacts = list(queries.contacts_of(found))
    partner = found.site.partner_id if found.site else None
    return {
        "title": _("Positive result"),
        "notice": found,
        "order": found.result.specimen.order,
        "contacts": contacts,
        "untold": sum(contact.told_at is None for contact in contacts),
        "may_note": TABLE.allows(actor, "see_notice", partner_id=partner),
        "act_form": IdempotentForm(),
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One positive result: when and where, its contacts and what became of them; a POST lists a contact."""
    found = _seen(request, pk)
    form = ListContactForm(request.POST if request.method == "POST" else None)

    def write() -> int:
        return services.list_contact(
            notice=found,
            identity=form.identity(),
            channel=form.cleaned_data["channel"],
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    return submit(
        request,
        form,
        scope=f"diagnostics.list_contact/{pk}",
        write=write,
        success_url=reverse("diagnostics:notice", args=[pk]) + "#contacts",
        template="diagnostics/notice.html",
        context=_page(request, found),
    )


@login_required
@never_cache
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """The puskesmas has seen it and cares for the person."""
    found = _seen(request, pk)
    return submit(
        request,
        IdempotentForm(request.POST),
        scope=f"diagnostics.see_notice/{pk}",
        write=lambda: services.see_notice(notice=found, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=reverse("diagnostics:notice", args=[pk]),
        template="diagnostics/notice.html",
        context=_page(request, found),
    )


@login_required
@never_cache
@require_POST
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and contact of the person, for whoever cares for them; the look is on record."""
    found = _seen(request, pk)
    order = found.result.specimen.order
    known = services.see_person(order=order, by=actor_of(request), now=clock.utc_now())
    context = {
        "title": _("Name and contact of the person"),
        "known": known,
        "person": order.person,
        "back_url": reverse("diagnostics:notice", args=[pk]),
    }
    return render(request, "diagnostics/identity.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the contacts that were listed and not yet told."""
    found = _seen(request, pk)
    address = reverse("diagnostics:notice", args=[pk])

    def write(_form: IdempotentForm) -> int:
        return len(services.tell_contacts(notice=found, by=actor_of(request), now=clock.utc_now()))

    def onwards(told: int) -> str:
        text = ngettext("%(number)s contact is told.", "%(number)s contacts are told.", told)
        messages.success(request, text % {"number": told})
        return address

    return confirm(
        request,
        title=_("Tell the contacts?"),
        consequence=_(
            "Each gets a message that they were close to somebody who tested positive, never who it was, with the"
            " offer of a test."
        ),
        button=_("Tell them"),
        scope=f"diagnostics.tell_contacts/{pk}",
        write=write,
        success_url=onwards,
        back_url=address,
    )
