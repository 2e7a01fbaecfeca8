"""Pages that check signed documents, and what programs need to check them without us: keys and revocations."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.exchange.queries import jwks
from kolaborasi.vaccination.queries import revocation_list
from kolaborasi.vaccination.queries.certificates import published_keys
from kolaborasi.web.forms import CodeForm
from kolaborasi.web.verification import check

AN_HOUR = 60 * 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check a test result or a vaccination card: the code comes in the body, never in the address."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"title": _("Check a test result or certificate"), "form": form}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            context["checked"] = check(form.cleaned_data["code"], now=clock.utc_now())
            context["form"] = CodeForm()
        else:
            status = 422
    return render(request, "web/verify.html", context, status=status)


@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """Our public keys as a JWK set (RFC 7517), for whoever checks documents without us."""
    return _public(published_keys())


@require_safe
def revocations(request: HttpRequest, kid: str) -> JsonResponse:
    """Cards of a key that no longer count, as SMART Health Cards want it.

    Raises:
        NotFound: no key of ours has this id.
    """
    if kid not in {key["kid"] for key in jwks()["keys"]}:
        raise NotFound(_("There is no such key. The keys are at /.well-known/jwks.json."))
    return _public(revocation_list(kid))


def _public(content: dict[str, Any]) -> JsonResponse:
    """JSON that pages from elsewhere may read too, as the SMART Health Cards framework asks for."""
    response = JsonResponse(content)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={AN_HOUR}"
    return response
