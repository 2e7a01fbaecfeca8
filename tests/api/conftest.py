"""What the tests of the API share: a client that holds every answer against the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.timezone import localdate

from kolaborasi.api.services import issue_token
from kolaborasi.api.urls import api as platform_api
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.problems import MEDIA_TYPE, Problem
from kolaborasi.partners.models import Membership
from kolaborasi.partners.second_factor import is_staff_role
from kolaborasi.people.models import Person, User
from kolaborasi.people.services import Identity, register
from kolaborasi.places.models import Place
from tests.factories import MembershipFactory, UserFactory


@pytest.fixture(autouse=True)
def _english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield
    # The cache lies in the database and goes with its transaction; this is for what a process keeps.
    cache.close()


@dataclass
class Api:
    """Calls the API as one caller and checks each answer against the document.

    Args:
        secret: token of an account; empty for a visitor.
        headers: sent with every request.
    """

    secret: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET below /api/v1; the answer is checked."""
        return self._checked("get", self.client.get(_address(path), headers=self._headers(headers)))

    def post(self, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> HttpResponse:
        """POST JSON below /api/v1 with a new Idempotency-Key (`key=None` for none); the answer is checked."""
        return self._checked(
            "post",
            self.client.post(
                _address(path),
                json.dumps(body if body is not None else {}),
                content_type="application/json",
                headers=self._headers(_with_key(headers, key)),
            ),
        )

    def post_form(
        self, path: str, body: dict[str, Any], *, key: str | None = "", **headers: str
    ) -> HttpResponse:
        """POST a multipart form below /api/v1; the answer is checked."""
        sent = self._headers(_with_key(headers, key))
        return self._checked("post", self.client.post(_address(path), body, headers=sent))

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        own = {"Accept-Language": "en", **self.headers}
        if self.secret:
            own["Authorization"] = f"Bearer {self.secret}"
        return {**own, **{name.replace("_", "-"): value for name, value in headers.items()}}

    def _checked(self, method: str, response: HttpResponse) -> HttpResponse:
        check_documented(method, response)
        return response


def check_documented(method: str, response: HttpResponse) -> None:
    """The status is documented, and the body is exactly what its schema says, no member more or less."""
    route = response.resolver_match.route  # type: ignore[attr-defined]
    template = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    document = platform_api.get_openapi_schema()
    answers = document["paths"][template][method]["responses"]
    status = str(response.status_code)
    assert status in answers, (
        f"{method} {template} answers {status}, which is not documented: {response.content!r}"
    )
    if status == "304":
        assert response.content == b""
        return
    media = response["Content-Type"].split(";")[0]
    assert list(answers[status]["content"]) == [media]
    body = json.loads(response.content)
    if media == MEDIA_TYPE:
        assert Problem.model_validate(body).status == response.status_code
        return
    model = _model(template, method, response.status_code)
    shown = json.loads(model.model_validate({"response": body}).model_dump_json())["response"]
    assert _without_times(shown) == _without_times(body)


def _model(template: str, method: str, status: int) -> Any:
    for bound in platform_api._get_bound_routers():
        for path, view in bound.path_operations.items():
            full = re.sub("/+", "/", f"/api/v1/{bound.prefix}/{path}")
            full = re.sub(r"{(?:\w+:)?(\w+)}", r"{\1}", full).rstrip("/")
            for operation in view.operations:
                if full == template and method.upper() in operation.methods:
                    return operation.response_models[status]
    raise AssertionError(f"no operation {method} {template}")


def _without_times(value: Any) -> Any:
    """The value with moments left out: pydantic and Django write their fractions differently."""
    if isinstance(value, dict):
        return {
            name: _without_times(each) for name, each in value.items() if not name.endswith(("_at", "_until"))
        }
    if isinstance(value, list):
        return [_without_times(each) for each in value]
    return value


def _with_key(headers: dict[str, str], key: str | None) -> dict[str, str]:
    return headers if key is None else {**headers, "Idempotency_Key": key or str(uuid4())}


def _address(path: str) -> str:
    return path if path.startswith("/api/") else f"/api/v1{path}"


@pytest.fixture
def visitor() -> Api:
    """Somebody without account."""
    return Api()


@pytest.fixture
def soon() -> str:
    """Three days from today."""
    return (localdate() + timedelta(days=3)).isoformat()


def person(**identity: str) -> Person:
    """A registered person who is visibly made up."""
    known = Identity(**(identity or {"name": "Warga Contoh", "email": "warga@contoh.example"}))
    return register(identity=known, by=Actor.system("test"), now=utc_now())


def secret_of(user: User) -> str:
    """A new token of an account."""
    return issue_token(user=user, name="test", days=1, by=Actor.system("test"), now=utc_now()).secret


def factor_of(user: User) -> None:
    """Set up a second factor."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "sealed"})


Member = Callable[..., Api]


@pytest.fixture
def member() -> Member:
    """Makes a caller with one role, with a second factor when the role needs one."""

    def make(role: str, *, place: Place | None = None, **more: Any) -> Api:
        membership: Membership = MembershipFactory(role=role, place=place, **more)
        user = membership.user
        if is_staff_role(next(iter(_roles(user)))):
            factor_of(user)
        return Api(secret_of(user))

    return make


def _roles(user: User) -> Any:
    from kolaborasi.partners.queries import actor_of

    return actor_of(user).roles


@pytest.fixture
def helper() -> Api:
    """A signed-in helper with a confirmed e-mail address and no role."""
    user = UserFactory(person=person(email="penolong@contoh.example", name="Penolong Contoh"))
    return Api(secret_of(user))
