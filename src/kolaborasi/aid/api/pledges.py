"""Promises as JSON: make, list, follow, confirm, hand over, cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import Annotated, Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import AfterValidator, ConfigDict, Field, StrictInt

from kolaborasi.aid import queries, services
from kolaborasi.aid.api import access, needs
from kolaborasi.aid.api.schemas import PledgeMade, PledgeOut, PledgePage
from kolaborasi.aid.errors import NeedClosed
from kolaborasi.aid.labels import CancelReason, ReleaseReason
from kolaborasi.aid.models import NeedLine, Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import MOST_UNITS
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.common.actors import Actor, ActorKind
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.common.names import LONGEST_NAME, plain_name
from kolaborasi.people.services import Identity
from kolaborasi.places.api import PlaceRef

router = Router()


class WhoPromises(Refused):
    """A visitor promised without a contact, or somebody known gave one."""

    code = "who-promises"

    def __init__(self, *, known: bool) -> None:
        super().__init__(
            _("You are signed in, so your account is the contact. Leave `contact` out.")
            if known
            else _("Give a name and an e-mail address or telephone number as `contact`, or sign in.")
        )


class ContactIn(Schema):
    """Who a visitor is; kept encrypted, shown to those who must reach them."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, AfterValidator(plain_name)] = Field(min_length=1, max_length=LONGEST_NAME)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=30)


class PledgeIn(Schema):
    """A promise to make."""

    model_config = examples(
        {"item": "sembako", "quantity": 12, "deliver_date": "2021-07-15", "partner": 7},
        {
            "item": "sembako",
            "quantity": 12,
            "deliver_date": "2021-07-15",
            "contact": {"name": "Warga Contoh", "email": "warga@contoh.example"},
        },
        closed=True,
    )

    item: str = Field(max_length=40, description="Code of an item the need asks for.")
    quantity: int = Field(ge=1, le=MOST_UNITS, strict=True)
    deliver_date: date = Field(description="Within 90 days.")
    partner: StrictInt | None = Field(None, description="The caller's partner, when it promises.")
    contact: ContactIn | None = Field(None, description="For visitors; it gets a link that must be followed.")
    named: bool = Field(False, strict=True, description="May be named in public.")


class CancelIn(Schema):
    """Why a promise is taken back."""

    model_config = examples({"reason": "cannot-bring"}, closed=True)

    reason: CancelReason = Field(CancelReason.OTHER, description="For the place that waits.")


class ReleaseIn(Schema):
    """Why the receiving side gives a promise back to others."""

    model_config = examples({"reason": "did-not-come"}, closed=True)

    reason: ReleaseReason = Field(description="The helper is told that the promise is over.")


@router.post(
    "/needs/{need_id}/pledges",
    response={201: PledgeMade},
    summary="Promise part or all of a need",
    openapi_extra=documented(verb="aid.pledge", needs_key=True),
)
def make_pledge(request: HttpRequest, need_id: int, payload: PledgeIn) -> HttpResponse:
    """Promise units of one item.

    Over what is left: 422 `not-enough-left` with `left` and `nearest`, the open needs of the item near by. A
    visitor's promise is held for 24 hours until the link sent to the contact is followed.
    """
    actor = acting(request)
    line = needs.line_asking(needs.seen(need_id, actor), payload.item)
    donor = _donor(actor, payload)

    def write() -> Written:
        made = services.pledge(
            need_line=line,
            donor=donor,
            quantity=payload.quantity,
            deliver_date=payload.deliver_date,
            by=actor,
            now=utc_now(),
        )
        body = PledgeMade(
            **_shown(made.pledge.pk, inside=False).model_dump(),
            token=None if donor.identity else made.token,
        )
        return Written(body, 201, f"/api/v1/aid/pledges/{made.pledge.pk}")

    try:
        return write_once(request, content=payload.dict(), write=write, needs_key=True)
    except (NotEnoughLeft, NeedClosed) as error:
        error.details["nearest"] = [_near(each) for each in queries.nearest_open_lines(line)]
        raise


@router.get(
    "/pledges",
    response=PledgePage,
    summary="List the caller's promises",
    openapi_extra={"parameters": [access.token_header()]},
)
def list_pledges(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Promises of the account and its partners, newest first; with X-Pledge-Token the one of that link."""
    actor = acting(request)
    if token := request.headers.get(access.TOKEN):
        return {"items": _page([queries.pledge_by_token(token)], inside=False), "next": None}
    if actor.kind == ActorKind.VISITOR:
        raise NotPermitted
    partners = [
        role.partner_id for role in actor.roles if role.name in access.HELPER_ROLES if role.partner_id
    ]
    found = queries.pledges_of(queries.person_of(actor.user_id), partners)
    part = slice_of(found, order=("-pledged_at", "-pk"), page=page)
    return {"items": _page(part.rows, inside=False), "next": next_link(request, response, part.cursor)}


@router.get("/needs/{need_id}/pledges", response=PledgePage, summary="List the promises on a need")
def list_need_pledges(
    request: HttpRequest, response: HttpResponse, need_id: int, page: Query[PageQuery]
) -> dict[str, Any]:
    """Promises on a need with the codes to give on receipt; for the receiving side and verifiers."""
    need = needs.seen(need_id, acting(request))
    partner_id = need.institution.partner_id if need.institution else None
    TABLE.require(acting(request), "see_receipt_codes", place_code=need.place.code, partner_id=partner_id)
    part = slice_of(queries.pledges_for(need), order=("-pledged_at", "-pk"), page=page)
    return {"items": _page(part.rows, inside=True), "next": next_link(request, response, part.cursor)}


@router.get(
    "/pledges/{pledge_id}",
    response=PledgeOut,
    summary="Follow one promise",
    openapi_extra={"parameters": [access.token_header()]},
)
def get_pledge(request: HttpRequest, pledge_id: int) -> PledgeOut:
    """A promise and what became of it; for its helper, the holder of its link and the receiving side."""
    pledge = access.seen(request, pledge_id)
    inside = access.is_receiver(acting(request), pledge)
    return PledgeOut.of(pledge, queries.deliveries_of(pledge), inside=inside)


def _helper_verb(name: str, *, link_only: bool = False) -> dict[str, Any]:
    extra = documented(verb=f"aid.{name}")
    extra["parameters"].append(access.token_header(required=link_only))
    return extra


@router.post(
    "/pledges/{pledge_id}/confirm",
    response=PledgeOut,
    summary="Confirm a promise",
    openapi_extra=_helper_verb("confirm_pledge", link_only=True),
)
def confirm_pledge(request: HttpRequest, pledge_id: int) -> HttpResponse:
    """Follow the link sent to the contact: the promise stands. Only the secret of the link can do this."""
    pledge = queries.pledge(pledge_id)
    if pledge is None or not access.has_link(request, pledge):
        raise access.PledgeHidden
    return act(
        request,
        pledge_id,
        None,
        lambda pledge, actor: services.confirm_pledge(pledge=pledge, by=actor, now=utc_now()),
    )


@router.post(
    "/pledges/{pledge_id}/hand-over",
    response=PledgeOut,
    summary="Say that the goods are on the way",
    openapi_extra=_helper_verb("hand_over"),
)
def hand_over(request: HttpRequest, pledge_id: int) -> HttpResponse:
    """The goods have left the helper."""
    return act(
        request,
        pledge_id,
        None,
        lambda pledge, actor: services.hand_over(pledge=pledge, by=actor, now=utc_now()),
    )


@router.post(
    "/pledges/{pledge_id}/cancel",
    response=PledgeOut,
    summary="Take a promise back",
    openapi_extra=_helper_verb("cancel_pledge"),
)
def cancel_pledge(request: HttpRequest, pledge_id: int, payload: CancelIn) -> HttpResponse:
    """Take a promise back, or the rest of it when a part has arrived; others can promise it again."""
    return act(
        request,
        pledge_id,
        payload,
        lambda pledge, actor: services.cancel_pledge(
            pledge=pledge, reason=payload.reason, by=actor, now=utc_now()
        ),
    )


@router.post(
    "/pledges/{pledge_id}/release",
    response=PledgeOut,
    summary="Give a promise back whose day has passed",
    openapi_extra=documented(verb="aid.release_overdue"),
)
def release_overdue(request: HttpRequest, pledge_id: int, payload: ReleaseIn) -> HttpResponse:
    """The receiving side lets others promise what did not come; before the day has passed: `not-overdue`."""
    return _receive(
        request,
        pledge_id,
        payload,
        lambda pledge, actor: services.release_overdue(
            pledge=pledge, reason=payload.reason, by=actor, now=utc_now()
        ),
    )


@router.post(
    "/pledges/{pledge_id}/renew-code",
    response=PledgeOut,
    summary="Make a new receipt code",
    openapi_extra=documented(verb="aid.renew_code"),
)
def renew_code(request: HttpRequest, pledge_id: int) -> HttpResponse:
    """The receiving side gets a new code and new tries; the old code no longer counts."""
    return _receive(
        request,
        pledge_id,
        None,
        lambda pledge, actor: services.renew_code(pledge=pledge, by=actor, now=utc_now()),
    )


def _receive(
    request: HttpRequest, pledge_id: int, payload: Schema | None, verb: Callable[[Pledge, Actor], object]
) -> HttpResponse:
    pledge, actor = access.seen(request, pledge_id), acting(request)

    def write() -> Written:
        verb(pledge, actor)
        return Written(_shown(pledge_id, inside=True))

    return write_once(request, content=payload.dict() if payload else None, write=write)


def act(
    request: HttpRequest, pledge_id: int, payload: Schema | None, verb: Callable[[Pledge, Actor], object]
) -> HttpResponse:
    """Do a verb of the helper and answer with the promise as it is then."""
    pledge, actor = access.helped(request, pledge_id)

    def write() -> Written:
        verb(pledge, actor)
        return Written(_shown(pledge_id, inside=False))

    return write_once(request, content=payload.dict() if payload else None, write=write)


def _shown(pledge_id: int, *, inside: bool) -> PledgeOut:
    pledge = queries.pledge(pledge_id)
    if pledge is None:
        raise access.PledgeHidden
    return PledgeOut.of(pledge, queries.deliveries_of(pledge), inside=inside)


def _page(pledges: Sequence[Pledge], *, inside: bool) -> list[PledgeOut]:
    prefetch_related_objects(pledges, "deliveries")
    return [
        PledgeOut.of(pledge, sorted(pledge.deliveries.all(), key=attrgetter("pk")), inside=inside)
        for pledge in pledges
    ]


def _donor(actor: Actor, payload: PledgeIn) -> Donor:
    known = actor.kind == ActorKind.USER
    if known == (payload.contact is not None):
        raise WhoPromises(known=known)
    if payload.contact is None:
        partner = access.own_partner(actor, payload.partner)
        person = None if partner else access.own_person(actor)
        return Donor(partner=partner, person=person, named=payload.named)
    if payload.partner is not None:
        raise NotPermitted
    return Donor(identity=Identity(**payload.contact.dict()), named=payload.named)


def _near(line: NeedLine) -> dict[str, Any]:
    kilometres = getattr(line, "km", None)
    return {
        "need": line.need_id,
        "place": PlaceRef.of(line.need.place).model_dump(),
        "left": line.left,
        "distance_km": None if kilometres is None else round(kilometres, 1),
    }
