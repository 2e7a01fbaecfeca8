"""Addresses of the API."""

from __future__ import annotations

from importlib.metadata import version

from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema

from kolaborasi.aid.api import router as aid
from kolaborasi.allocation.api import router as allocation
from kolaborasi.allocation.bed_api import router as bed_plans
from kolaborasi.api.authentication import Session, Token, VisitorWrites, visitor
from kolaborasi.api.catalogue import problem_types
from kolaborasi.api.conventions import KolaborasiAPI
from kolaborasi.api.failures import install
from kolaborasi.api.parsing import TextParser
from kolaborasi.common.errors import NotFound
from kolaborasi.common.http.examples import examples
from kolaborasi.diagnostics.api import router as diagnostics
from kolaborasi.hospitals.api import router as hospitals
from kolaborasi.partners.api import router as partners
from kolaborasi.places.api import router as places
from kolaborasi.vaccination.api import router as vaccination

DESCRIPTION = """\
Needs are registered, partners say what they can give, each promise is followed to proof.

**Errors** are problem details (RFC 9457): `code` is for programs, `detail` for people, in the language of
Accept-Language (`id` or `en`).
**Lists** come in pages: follow `next` (also in the Link header) until it is null; `limit` is at most 200.
**Readings** carry an ETag, the hash of what the caller sees; If-None-Match answers 304. Changes of a need look at
If-Match and answer 412 when it is another version now.
**Writes** take an Idempotency-Key; those that create something need it. Sent again within seven days it gets the first
answer with `Idempotency-Replayed: true` and does nothing; with other content it is refused with 422.
**Who you are**: a token (`Authorization: Bearer kol_…`), or the session of a browser with the CSRF token in
X-CSRFToken. Public readings and promises of visitors need neither.
**Times** are UTC, days are days in Jakarta, money is whole rupiah, codes of areas always name their scheme.
"""

about = Router(tags=["about"])


class ProblemTypeOut(Schema):
    """One type of problem."""

    model_config = examples(
        {
            "code": "not-enough-left",
            "status": 422,
            "meaning": "A capacity has less left than was asked for.",
        }
    )

    code: str
    status: int
    meaning: str


@about.get("/problems", response=list[ProblemTypeOut], summary="List problem types")
def list_problem_types(request: HttpRequest) -> list[ProblemTypeOut]:
    """Every `code` an error may have."""
    return [ProblemTypeOut.from_orm(each) for each in problem_types()]


@about.get("/problems/{code}", response=ProblemTypeOut, summary="Explain one problem type")
def get_problem_type(request: HttpRequest, code: str) -> ProblemTypeOut:
    """What a `type` address means."""
    for each in problem_types():
        if each.code == code:
            return ProblemTypeOut.from_orm(each)
    raise NotFound(_("No problem has this code. See the list of problem types."))


api = KolaborasiAPI(
    title="Kolaborasi",
    version=version("kolaborasi"),
    description=DESCRIPTION,
    urls_namespace="api",
    parser=TextParser(),
    auth=[Token(), Session(), visitor],
    throttle=[VisitorWrites("120/h")],
)
install(api)
api.add_router("/aid", aid)
api.add_router("/diagnostics", diagnostics)
api.add_router("/hospitals", hospitals)
api.add_router("/vaccination", vaccination)
api.add_router("/plans", allocation)
api.add_router("/bed-plans", bed_plans)
api.add_router("", partners)
api.add_router("", places)
api.add_router("", about)

urlpatterns = [path("", api.urls)]
