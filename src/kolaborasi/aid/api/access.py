"""Whose promise it is: the holder of its secret link, the account or partner that made it, the receiving side."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid import queries
from kolaborasi.aid.models import Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.services.pledges import link_hash
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.common.http.writes import acting
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person

TOKEN = "X-Pledge-Token"  # noqa: S105 - the name of a header
LINK = Actor.visitor("pledge-link")
HELPER_ROLES = ("partner_admin", "partner_member")


class PledgeHidden(NotFound):
    """There is no such promise, or the caller may not see it."""

    code = "pledge-unknown"

    def __init__(self) -> None:
        super().__init__(_("No such promise is yours. Send its secret as X-Pledge-Token, or sign in."))


class PartnerNotYours(NotFound):
    """The caller acts for no partner with this number."""

    code = "partner-not-yours"

    def __init__(self) -> None:
        super().__init__(_("You act for no partner with this number. Choose one of your own."))


class AccountWithoutPerson(Refused):
    """The account's e-mail address was never confirmed."""

    code = "account-not-confirmed"

    def __init__(self) -> None:
        super().__init__(_("Confirm the e-mail address of your account first, then try again."))


def token_header(*, required: bool = False) -> dict[str, Any]:
    """The OpenAPI parameter of the secret."""
    return {
        "in": "header",
        "name": TOKEN,
        "required": required,
        "schema": {"type": "string", "maxLength": 100},
        "description": "Secret of the promise, from its link.",
    }


def has_link(request: HttpRequest, pledge: Pledge) -> bool:
    """Whether the request carries the secret of the promise."""
    given = request.headers.get(TOKEN, "")
    return bool(given) and secrets.compare_digest(link_hash(given), pledge.link_hash)


def is_helper(actor: Actor, pledge: Pledge) -> bool:
    """Whether the actor made the promise, or acts for the partner that did."""
    if pledge.partner_id is not None:
        return actor.has_role(*HELPER_ROLES, partner_id=pledge.partner_id)
    if actor.user_id is None or pledge.person_id is None:
        return False
    person = queries.person_of(actor.user_id)
    return person is not None and person.pk == pledge.person_id


def is_receiver(actor: Actor, pledge: Pledge) -> bool:
    """Whether the actor is of the receiving side, which gives the code."""
    need = pledge.need_line.need
    partner_id = need.institution.partner_id if need.institution else None
    return TABLE.allows(actor, "see_receipt_codes", place_code=need.place.code, partner_id=partner_id)


def seen(request: HttpRequest, pledge_id: int) -> Pledge:
    """A promise the caller may see.

    Raises:
        PledgeHidden: there is none, or it is none of the caller's.
    """
    pledge, actor = queries.pledge(pledge_id), acting(request)
    if pledge is None:
        raise PledgeHidden
    if not (has_link(request, pledge) or is_receiver(actor, pledge) or is_helper(actor, pledge)):
        raise PledgeHidden
    return pledge


def helped(request: HttpRequest, pledge_id: int) -> tuple[Pledge, Actor]:
    """A promise the caller may act on as its helper, and the actor to name: the link's holder is a visitor.

    Raises:
        PledgeHidden: there is none, or it is not the caller's promise.
    """
    pledge, actor = queries.pledge(pledge_id), acting(request)
    if pledge is not None and has_link(request, pledge):
        return pledge, actor if actor.user_id is not None else LINK
    if pledge is None or not is_helper(actor, pledge):
        raise PledgeHidden
    return pledge, actor


def own_partner(actor: Actor, partner_id: int | None) -> Partner | None:
    """A partner the actor may promise for; None for none asked.

    Raises:
        PartnerNotYours: they act for none with this number.
    """
    if partner_id is None:
        return None
    for partner in queries.partners_of(actor):
        if partner.pk == partner_id:
            return partner
    raise PartnerNotYours


def own_person(actor: Actor) -> Person:
    """The person of the actor's account.

    Raises:
        AccountWithoutPerson: the account's e-mail address was never confirmed.
    """
    person = queries.person_of(actor.user_id)
    if person is None:
        raise AccountWithoutPerson
    return person
