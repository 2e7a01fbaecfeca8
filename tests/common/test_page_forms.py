"""Forms: done once, typed values kept, refusals at their place."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation

from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.models import AnsweredRequest
from kolaborasi.common.pages import IdempotentForm, confirm, submit

pytestmark = pytest.mark.django_db


class Pledge(IdempotentForm):
    quantity = forms.IntegerField(min_value=1)
    note = forms.CharField(required=False)
    photo = forms.FileField(required=False)


class Desk:
    """Answers a form and remembers what was written."""

    def __init__(self) -> None:
        self.written: list[int] = []
        self.refusal: Refused | None = None

    def post(self, key: str, htmx: bool = False, **typed: Any) -> HttpResponse:
        request = RequestFactory().post("/pledge/", {"idempotency_key": key, **typed})
        return self._answer(request, Pledge(request.POST, request.FILES), htmx)

    def get(self) -> HttpResponse:
        return self._answer(RequestFactory().get("/pledge/"), Pledge(), False)

    def _answer(self, request: HttpRequest, form: Pledge, htmx: bool) -> HttpResponse:
        request.user = AnonymousUser()
        request.htmx = SimpleNamespace() if htmx else False  # type: ignore[attr-defined]

        def write() -> int:
            if self.refusal:
                raise self.refusal
            self.written.append(form.cleaned_data["quantity"])
            return 40 + len(self.written)

        return submit(
            request,
            form,
            scope="pledge",
            write=write,
            success_url=lambda pk: f"/pledges/{pk}/",
            context={"title": "Pledge"},
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def test_form_shown_carries_a_key_of_its_own(desk: Desk) -> None:
    first, second = desk.get().content.decode(), desk.get().content.decode()
    assert 'name="idempotency_key"' in first
    assert first != second
    assert desk.written == []


def test_form_sent_twice_is_done_once_and_answered_alike(desk: Desk, key: str) -> None:
    answers = [desk.post(key, quantity="5") for _ in range(2)]
    assert desk.written == [5]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/pledges/41/")] * 2


def test_form_with_errors_keeps_what_was_typed(desk: Desk, key: str) -> None:
    response = desk.post(key, quantity="many", note="<morning>")
    content = response.content.decode()
    assert response.status_code == 422
    assert 'value="many"' in content
    assert 'value="&lt;morning&gt;"' in content
    assert f'value="{key}"' in content
    assert 'href="#id_quantity"' in content
    assert desk.written == []


def test_refusal_keeps_what_was_typed_and_leaves_the_key_free(desk: Desk, key: str) -> None:
    desk.refusal = Refused("12 left here.", details={"field": "quantity"})
    response = desk.post(key, quantity="50", note="morning")
    content = response.content.decode()
    assert response.status_code == 422
    assert 'value="50"' in content
    assert 'value="morning"' in content
    assert '<div class="field__error" id="id_quantity_error">' in content
    assert AnsweredRequest.objects.count() == 0
    desk.refusal = None
    assert desk.post(key, quantity="12", note="morning")["Location"] == "/pledges/41/"
    assert desk.written == [12]


def test_refusal_without_a_field_stands_on_top(desk: Desk, key: str) -> None:
    desk.refusal = Refused("This partner is frozen.")
    content = desk.post(key, quantity="5").content.decode()
    assert "<li>This partner is frozen.</li>" in content


def test_key_used_for_other_content_asks_before_doing_it_again(desk: Desk, key: str) -> None:
    desk.post(key, quantity="5")
    with translation.override("en"):
        response = desk.post(key, quantity="6")
    content = response.content.decode()
    assert response.status_code == 422
    assert "You already sent this form once." in content
    assert f'value="{key}"' not in content
    assert desk.written == [5]
    fresh = content.split('name="idempotency_key" value="')[1].split('"')[0]
    assert desk.post(fresh, quantity="6")["Location"] == "/pledges/42/"
    assert desk.written == [5, 6]


def test_other_file_is_other_content(desk: Desk, key: str) -> None:
    desk.post(key, quantity="5", photo=SimpleUploadedFile("p.jpg", b"one"))
    assert desk.post(key, quantity="5", photo=SimpleUploadedFile("p.jpg", b"one")).status_code == 302
    assert desk.post(key, quantity="5", photo=SimpleUploadedFile("p.jpg", b"two")).status_code == 422
    assert desk.written == [5]


@pytest.mark.parametrize("bad", ["", "not-a-uuid"])
def test_form_without_a_good_key_is_not_done(desk: Desk, bad: str) -> None:
    assert desk.post(bad, quantity="5").status_code == 422
    assert desk.written == []


def test_denial_has_its_own_page(desk: Desk, key: str) -> None:
    desk.refusal = NotPermitted()
    with pytest.raises(NotPermitted):
        desk.post(key, quantity="5")
    assert desk.written == []
    assert AnsweredRequest.objects.count() == 0


def test_htmx_is_sent_onwards_as_a_whole_page(desk: Desk, key: str) -> None:
    response = desk.post(key, htmx=True, quantity="5")
    assert response["HX-Redirect"] == "/pledges/41/"


def test_confirmation_asks_before_it_acts(key: str) -> None:
    done: list[str] = []

    def ask(request: HttpRequest) -> HttpResponse:
        request.user = AnonymousUser()
        return confirm(
            request,
            title="Withdraw?",
            consequence="It is gone.",
            button="Withdraw",
            scope="withdraw",
            write=lambda form: done.append("withdrawn"),
            success_url="/",
            back_url="/back/",
        )

    page = ask(RequestFactory().get("/")).content.decode()
    assert done == []
    assert "It is gone." in page
    assert 'href="/back/"' in page
    assert ask(RequestFactory().post("/", {"idempotency_key": key})).status_code == 302
    assert ask(RequestFactory().post("/", {"idempotency_key": key})).status_code == 302
    assert done == ["withdrawn"]
