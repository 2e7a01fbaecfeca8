"""Verbs that show results to those who may see them: tell_results, tell_again, open_result, see_person."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import LinkUnknown, WrongBirthDate
from kolaborasi.diagnostics.models import EventKind, Lab, Order, Result, ResultLink, Specimen
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.people import person_of
from kolaborasi.diagnostics.rules.links import hashed
from kolaborasi.diagnostics.services.journey import advance, locked
from kolaborasi.diagnostics.services.record import mark, mark_many
from kolaborasi.diagnostics.states import ResultState, SpecimenState
from kolaborasi.messages.services import Letter, enqueue_many
from kolaborasi.partners.models import Site
from kolaborasi.people.services import look_for_care

LINK_LIFE = timedelta(days=30)
MOST_TRIES = 5


@dataclass(frozen=True)
class Told:
    """A link and the secret part of it, which is not stored and cannot be shown again."""

    link: ResultLink
    token: str


def tell_results(*, by: Actor, now: datetime, limit: int = 500, lab: Lab | None = None) -> int:
    """Send every person whose result was validated a link that opens with their birth date; returns how many.

    Args:
        lab: only results of this lab.

    Raises:
        NotPermitted: neither the system nor somebody of the lab.
    """
    partner = lab.site.partner_id if lab else None
    TABLE.require(by, "tell_results", partner_id=partner)
    condition = Q(state=SpecimenState.VALIDATED)
    if lab is not None:
        condition &= Q(lab=lab)
    with transaction.atomic():
        waiting = Specimen.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        ids = list(
            waiting.filter(condition).order_by("validated_at", "pk").values_list("pk", flat=True)[:limit]
        )
        specimens = locked(Q(pk__in=ids))
        _send([specimen.order for specimen in specimens], now)
        advance(specimens, "notify", EventKind.NOTIFIED, at=now, by=by, now=now, notified_at=now)
        mark_many(
            verb="tell_results",
            event="person_told",
            subjects=[("diagnostics.specimen", each.pk, {}) for each in specimens],
            by=by,
            now=now,
        )
    return len(specimens)


def tell_again(*, order: Order, by: Actor, now: datetime) -> Told:
    """Send a new link, because the old one was lost, has ended or was tried too often; the old one ends.

    Raises:
        NotPermitted: neither the person themselves nor the site's people.
        LinkUnknown: there is no result to be told.
    """
    person = person_of(by.user_id)
    if person is None or person.pk != order.person_id:
        site = order.site
        TABLE.require(by, "tell_again", place_code=site.place.code, partner_id=site.partner_id)
    with transaction.atomic():
        if not _counting(order).exists():
            raise LinkUnknown
        ResultLink.objects.filter(order=order, ends_at__gt=now, sent_at__lt=now).update(ends_at=now)
        (told,) = _send([order], now)
        subject = ("diagnostics.order", order.pk)
        mark(verb="tell_again", event="person_told", subject=subject, by=by, now=now)
    return told


def open_result(*, token: str, birth_date: date, by: Actor, now: datetime) -> Result:
    """Open the result a link leads to with the birth date of the person tested.

    Must be called outside any transaction: a wrong try is kept although the verb refuses.

    Raises:
        LinkUnknown: no such link, it has ended, or five wrong dates were tried.
        WrongBirthDate: another date; the try is counted.
    """
    TABLE.require(by, "open_result")
    with transaction.atomic():
        link = (
            ResultLink.objects.select_for_update(of=("self",))
            .select_related("order")
            .filter(link_hash=hashed(token))
            .first()
        )
        if link is None or link.ends_at <= now or link.wrong_tries >= MOST_TRIES:
            raise LinkUnknown
        right = link.order.birth_date == birth_date
        if right:
            link.opened_at = link.opened_at or now
        else:
            link.wrong_tries += 1
        link.save(update_fields=["opened_at", "wrong_tries"])
        result = _counting(link.order).first()
        subject = ("diagnostics.resultlink", link.pk)
        event = "result_opened" if right else "result_not_opened"
        mark(verb="open_result", event=event, subject=subject, by=by, now=now)
    if not right:
        raise WrongBirthDate(tries_left=MOST_TRIES - link.wrong_tries)
    if result is None:
        # It is being corrected: the person is told again once the new one is validated.
        raise LinkUnknown
    return result


def see_person(*, order: Order, by: Actor, now: datetime) -> dict[str, str]:
    """Name and contacts of the person tested, for those who care for them; the look is on record.

    Raises:
        NotPermitted: nobody of the site, of the lab that holds the specimen, or of the puskesmas of the residence.
        PersonErased: nothing is left to see.
    """
    if not any(
        TABLE.allows(by, "see_person", place_code=site.place.code, partner_id=site.partner_id)
        for site in _caring(order)
    ):
        TABLE.require(by, "see_person")
    return look_for_care(
        person=order.person, fields=["name", "nik", "phone", "email", "address"], by=by, now=now
    )


def _send(orders: Sequence[Order], now: datetime) -> list[Told]:
    """Make a link for each order and put its message in the outbox, in two statements."""
    tokens = [secrets.token_urlsafe(16) for _order in orders]
    links = ResultLink.objects.bulk_create(
        [
            ResultLink(order=order, link_hash=hashed(token), sent_at=now, ends_at=now + LINK_LIFE)
            for order, token in zip(orders, tokens, strict=True)
        ],
        batch_size=1000,
    )
    letters = [
        Letter(
            order.person_id,
            {"link": f"/diagnostics/result/{token}/", "days": LINK_LIFE.days},
            order.channel,
            order.language,
        )
        for order, token in zip(orders, tokens, strict=True)
    ]
    enqueue_many(template="diagnostics_result", letters=letters, now=now)
    return [Told(link, token) for link, token in zip(links, tokens, strict=True)]


def _counting(order: Order) -> QuerySet[Result]:
    return (
        Result.objects.filter(specimen__order=order, state=ResultState.VALIDATED)
        .select_related("specimen__order__person", "specimen__label", "lab__site", "assay")
        .order_by("-resulted_at", "-pk")
    )


def _caring(order: Order) -> list[Site]:
    rows = Site.objects.select_related("place", "partner")
    of_case = Q(pk=order.site_id) | Q(lab__specimens__order=order) | Q(pk__in=_noticed(order))
    return list(rows.filter(of_case).distinct())


def _noticed(order: Order) -> list[int]:
    rows = Result.objects.filter(specimen__order=order, notice__site__isnull=False)
    return list(rows.values_list("notice__site", flat=True))
