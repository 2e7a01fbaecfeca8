"""Forms that do their work once and keep what was typed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRedirect

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.common.idempotency import KeyReused, once

KEY = "idempotency_key"


def fresh_key() -> str:
    """A new key for one filling-in of a form."""
    return str(uuid.uuid4())


class IdempotentForm(forms.Form):
    """A form with a hidden key: sent twice, it is answered twice and done once."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=fresh_key)

    def renew(self) -> None:
        """Give a bound form another key, so that sending it again is a new act."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix(KEY)] = fresh_key()
        self.data = data

    def content(self) -> dict[str, Any]:
        """What was sent, for the fingerprint: typed values and the hashes of files, without key and CSRF token."""
        own = {self.add_prefix(KEY), "csrfmiddlewaretoken"}
        lists = self.data.lists() if hasattr(self.data, "lists") else self.data.items()
        typed = {name: values for name, values in lists if name not in own}
        return {"typed": typed, "files": {name: _digest(file) for name, file in (self.files or {}).items()}}


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def submit(
    request: HttpRequest,
    form: IdempotentForm,
    *,
    scope: str,
    write: Callable[[], Any],
    success_url: str | Callable[[Any], str],
    template: str = "web/form.html",
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Answer a form: show it (GET), do its write once (POST), or show it again with what was typed and status 422.

    Args:
        request: with `request.actor` when somebody is known.
        form: bound on POST, for example `PledgeForm(request.POST or None)`.
        scope: names the act, for example `aid.pledge/412`; the actor is added.
        write: calls one verb with `form.cleaned_data` and returns a small JSON value (an id), never personal data.
        success_url: address, or function of what `write` returned.
        template: shows the form; gets `form`, `refusal` (the Refused of the verb, or None) and `context`.
        context: more for the template.

    Raises:
        NotPermitted, NotFound: of the verb; they have their own pages.
    """
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            answer = once(
                scope=f"{_reference(request)}/{scope}",
                key=str(form.cleaned_data[KEY]),
                content=form.content(),
                now=clock.utc_now(),
                write=write,
            )
        except (NotPermitted, NotFound):
            raise
        except KeyReused as error:
            refusal = _sent_before(form, error)
        except Refused as error:
            refusal = error
            _explain(form, error)
        else:
            address = success_url(answer.value) if callable(success_url) else success_url
            return _onwards(request, address)
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, "refusal": refusal, **(context or {})}, status=status)


def _reference(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    return actor.reference if actor else "visitor:public"


def _onwards(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)


def _explain(form: forms.Form, error: Refused) -> None:
    """Put the refusal at the field it names (`details["field"]`), else on top of the form."""
    field = error.details.get("field")
    form.add_error(field if field in form.fields else None, str(error))


def _sent_before(form: IdempotentForm, error: KeyReused) -> KeyReused:
    """Back, changed, sent again: done once already, so ask before doing it a second time."""
    form.add_error(
        None,
        gettext("You already sent this form once. Send it again only if you want it done a second time."),
    )
    form.renew()
    return error
