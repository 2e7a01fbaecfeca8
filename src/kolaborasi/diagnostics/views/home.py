"""The way from a tab to one's own site or lab."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kolaborasi.common.errors import NotFound
from kolaborasi.diagnostics.queries import work
from kolaborasi.diagnostics.views.access import actor_of, require_role

PAGES = {
    "collection": ("diagnostics:desk", _("My collection sites")),
    "reception": ("diagnostics:reception", _("My labs")),
    "bench": ("diagnostics:bench", _("My labs")),
    "lab": ("diagnostics:lab", _("My labs")),
    "validation": ("diagnostics:validation", _("My labs")),
}
MOST_SHOWN = 100


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest, page: str) -> HttpResponseBase:
    """The page of one's own site or lab: straight to it when there is one, else a choice."""
    actor = actor_of(request)
    require_role(actor, "partner_admin", "partner_member")
    if page not in PAGES:
        raise NotFound(_("There is no such page. Go back and try again."))
    name, title = PAGES[page]
    if page == "collection":
        own = [(site, site.pk) for site in work.own_testing_sites(actor)[:MOST_SHOWN]]
    else:
        own = [(lab.site, lab.pk) for lab in work.own_labs(actor)[:MOST_SHOWN]]
    if not own:
        raise NotFound(_("You work for no such site. Ask its administrator to add your account."))
    if len(own) == 1:
        return redirect(name, own[0][1])
    choices = [(site, reverse(name, args=[pk])) for site, pk in own]
    return render(request, "diagnostics/mine.html", {"title": title, "choices": choices, "tab": page})
