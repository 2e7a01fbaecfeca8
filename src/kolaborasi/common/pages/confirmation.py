"""The step between a destructive button and its verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from kolaborasi.common.pages.forms import IdempotentForm, submit

Text = str | Promise


def confirm(
    request: HttpRequest,
    *,
    title: Text,
    consequence: Text,
    button: Text,
    scope: str,
    write: Callable[[IdempotentForm], Any],
    success_url: str | Callable[[Any], str],
    back_url: str,
    form_class: type[IdempotentForm] = IdempotentForm,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Ask on GET, act once on POST.

    Args:
        title: the question, for example "Withdraw this pledge?".
        consequence: what will happen and whether it can be undone.
        button: the verb on the button, never "OK".
        scope: as for `submit`.
        write: gets the valid form, calls the verb.
        back_url: where "No, go back" leads.
        form_class: a form with more fields, such as a reason.
    """
    form = form_class(request.POST if request.method == "POST" else None)
    page = {
        "title": title,
        "consequence": consequence,
        "button": button,
        "back_url": back_url,
        **(context or {}),
    }
    return submit(
        request,
        form,
        scope=scope,
        write=lambda: write(form),
        success_url=success_url,
        template="web/confirm.html",
        context=page,
    )
