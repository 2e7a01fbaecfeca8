"""Doors into the demonstration: one-click login, the outbox, what is real and what is not."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import Column, Filter, ListPage
from kolaborasi.demo import queries
from kolaborasi.demo.access import demo_only
from kolaborasi.demo.accounts import ACCOUNTS
from kolaborasi.messages.models import Channel


@never_cache
@require_safe
@demo_only
def doors(request: HttpRequest) -> HttpResponseBase:
    """All demo accounts with a button each, and the basis of the demonstration."""
    return render(request, "demo/doors.html", {"accounts": ACCOUNTS, "basis": queries.basis()})


@require_POST
@demo_only
def enter(request: HttpRequest) -> HttpResponseBase:
    """Sign in as a demo account, without password and second factor."""
    account = queries.account_of(request.POST.get("account", ""))
    user = queries.user_of(account) if account else None
    if account is None or user is None:
        raise NotFound(
            _("There is no such demo account. Run `kolaborasi run` to load the demonstration city.")
        )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    asked = request.POST.get("next", "")
    inside = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if inside else account.start)


class Outbox(ListPage):
    """Every outgoing message as its reader sees it."""

    title = _("Outgoing messages")
    introduction = _(
        "Nothing leaves this machine: messages that would be sent are shown here, with their links."
    )
    columns = (
        Column("created_at", _("Written"), sort="created_at"),
        Column("template", _("Kind")),
    )
    search_fields = ("template",)
    search_label = _("Kind of message")
    filters = (Filter.choice("channel", _("Channel"), Channel.choices),)
    row_template = "demo/_message.html"
    empty_title = _("No message has been written yet")
    empty_text = _("Promise something without signing in: the confirmation comes here.")


@never_cache
@require_safe
@demo_only
def outbox(request: HttpRequest) -> HttpResponse | HttpResponseBase:
    """The outbox."""
    return Outbox(request, queries.outgoing()).response()
