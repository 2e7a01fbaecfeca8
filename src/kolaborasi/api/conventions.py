"""The NinjaAPI of the platform: versions on every reading, problems on every error, one OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils.cache import patch_vary_headers
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.types import DictStrAny

from kolaborasi.api.openapi import complete
from kolaborasi.common.actors import ActorKind
from kolaborasi.common.http.conditional import tag_of_content, unless_known
from kolaborasi.common.http.problems import problem
from kolaborasi.common.http.writes import acting


class KolaborasiAPI(NinjaAPI):
    """NinjaAPI with the conventions of `common.http`."""

    _document: Any = None

    def create_response(
        self,
        request: HttpRequest,
        data: Any,
        *,
        status: int | None = None,
        temporal_response: HttpResponse | None = None,
    ) -> HttpResponse:
        """The answer; for a reading with its entity tag, or 304 when the caller has it."""
        response = super().create_response(request, data, status=status, temporal_response=temporal_response)
        if request.method != "GET" or response.status_code != 200:
            return response
        public = acting(request).kind == ActorKind.VISITOR
        response["Cache-Control"] = "no-cache" if public else "private, no-cache"
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return unless_known(request, response, tag_of_content(response.content))

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None
    ) -> Any:
        """The OpenAPI document, made once."""
        if self._document is None:
            plain = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
            self._document = complete(dict(plain))
        return self._document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name of the function: every operation has another one."""
        return operation.view_func.__name__

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _answered(pattern.callback)
        return patterns


def _answered(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that takes HEAD like GET and explains methods it does not take."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "HEAD":
            request.method = "GET"
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        explained = problem(request, 405)
        explained["Allow"] = response["Allow"]
        return explained

    # The two views of the document are partial objects, which have no name to copy.
    return wraps(view)(answer) if hasattr(view, "__name__") else answer
