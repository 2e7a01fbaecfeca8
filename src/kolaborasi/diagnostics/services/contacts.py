"""Verbs on notices and close contacts: set_catchment, see_notice, list_contact, tell_contacts, order_for_contact."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import LinkUnknown, NumbersRefused, SlotOver
from kolaborasi.diagnostics.models import (
    CaseNotice,
    Catchment,
    CloseContact,
    Order,
    Priority,
    Reason,
    Slot,
)
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.own import ticket_of
from kolaborasi.diagnostics.rules.links import hashed
from kolaborasi.diagnostics.services.orders import DESK, Wish, place_order
from kolaborasi.diagnostics.services.own import send_link, take_place
from kolaborasi.diagnostics.services.record import mark, mark_many
from kolaborasi.messages.models import Channel
from kolaborasi.messages.services import enqueue
from kolaborasi.partners.models import Site
from kolaborasi.people.services import Identity, register
from kolaborasi.places.models import Place


def set_catchment(*, site: Site, places: Sequence[Place], by: Actor, now: datetime) -> None:
    """Say which areas a puskesmas looks after; an area has one, the last that was said.

    Raises:
        NotPermitted: no coordinator of the site's place.
    """
    TABLE.require(by, "set_catchment", place_code=site.place.code)
    with transaction.atomic():
        Catchment.objects.bulk_create(
            [Catchment(place=place, site=site) for place in places],
            update_conflicts=True,
            unique_fields=["place"],
            update_fields=["site"],
        )
        subject = ("partners.site", site.pk)
        mark(verb="set_catchment", event="catchment_set", subject=subject, by=by, now=now, places=len(places))


def see_notice(*, notice: CaseNotice, by: Actor, now: datetime) -> CaseNotice:
    """The puskesmas has seen a positive result and cares for the person.

    Raises:
        NotPermitted: nobody of the puskesmas.
    """
    with transaction.atomic():
        locked = (
            CaseNotice.objects.select_for_update(of=("self",)).select_related("site__place").get(pk=notice.pk)
        )
        TABLE.require(by, "see_notice", partner_id=locked.site.partner_id if locked.site else None)
        if locked.seen_at is None:
            locked.seen_at, locked.seen_by_id = now, by.user_id
            locked.save(update_fields=["seen_at", "seen_by"])
            subject = ("diagnostics.casenotice", notice.pk)
            mark(verb="see_notice", event="notice_seen", subject=subject, by=by, now=now)
    return locked


def list_contact(
    *, notice: CaseNotice, identity: Identity, channel: str, by: Actor, now: datetime
) -> CloseContact:
    """Write down a close contact of somebody with a positive result; they are told by `tell_contacts`.

    Args:
        identity: name and a telephone number or e-mail address; no NIK is needed.
        channel: how to reach them.

    Raises:
        NotPermitted: neither somebody of the puskesmas nor a coordinator.
        NotAContact: the number or address cannot be one.
        NumbersRefused: there is nothing to reach them by.
    """
    site = notice.site
    place = site.place.code if site else None
    TABLE.require(by, "list_contact", place_code=place, partner_id=site.partner_id if site else None)
    if channel not in Channel.values or not (identity.email if channel == Channel.EMAIL else identity.phone):
        raise NumbersRefused("channel")
    with transaction.atomic():
        if CaseNotice.objects.select_for_update(no_key=True).get(pk=notice.pk).withdrawn_at is not None:
            raise NumbersRefused("notice")
        contact = CloseContact.objects.create(
            notice=notice,
            person=register(identity=identity, by=DESK, now=now),
            channel=channel,
            link_hash=hashed(secrets.token_urlsafe(16)),
            listed_at=now,
        )
        subject = ("diagnostics.closecontact", contact.pk)
        mark(verb="list_contact", event="contact_listed", subject=subject, by=by, now=now)
    return contact


def tell_contacts(*, notice: CaseNotice, by: Actor, now: datetime) -> list[tuple[CloseContact, str]]:
    """Tell the listed contacts that they were close to somebody who is ill, never to whom, and offer a test.

    Returns:
        Those told now, each with the secret of the link sent.

    Raises:
        NotPermitted: as in `list_contact`, or the system.
    """
    site = notice.site
    place = site.place.code if site else None
    TABLE.require(by, "tell_contacts", place_code=place, partner_id=site.partner_id if site else None)
    with transaction.atomic():
        rows = CloseContact.objects.select_for_update(no_key=True).filter(notice=notice, told_at__isnull=True)
        told = []
        for contact in rows.order_by("pk"):
            token = secrets.token_urlsafe(16)
            contact.link_hash, contact.told_at = hashed(token), now
            contact.save(update_fields=["link_hash", "told_at"])
            enqueue(
                template="diagnostics_contact",
                recipient=contact.person_id,
                channel=contact.channel,
                context={"link": f"/diagnostics/contact/{token}/"},
                now=now,
            )
            told.append((contact, token))
        mark_many(
            verb="tell_contacts",
            event="contact_told",
            subjects=[("diagnostics.closecontact", contact.pk, {}) for contact, _token in told],
            by=by,
            now=now,
        )
    return told


def order_for_contact(
    *,
    token: str,
    birth_date: date,
    sex: str,
    site: Site,
    by: Actor,
    now: datetime,
    slot: Slot | None = None,
    residence: Place | None = None,
) -> Order:
    """A contact takes the offered test at a site of their choice, and a place of a slot there when one is given.

    Raises:
        LinkUnknown: no contact was sent this link.
        SlotOver, NotEnoughLeft: the place is gone.
        DuplicateOrder, WrongSite, PartnerNotActive, NumbersRefused: as in `order_test`.
    """
    TABLE.require(by, "order_for_contact")
    if slot is not None and slot.starts_at <= now:
        raise SlotOver
    with transaction.atomic():
        contact = (
            CloseContact.objects.select_for_update(of=("self",))
            .select_related("person", "notice")
            .filter(link_hash=hashed(token), told_at__isnull=False, notice__withdrawn_at__isnull=True)
            .first()
        )
        if contact is None:
            raise LinkUnknown
        wish = Wish(
            reason=Reason.CONTACT,
            site=slot.site if slot else site,
            priority=Priority.HIGH,
            channel=contact.channel,
            residence=residence,
        )
        contact.order = place_order(contact.person, birth_date, sex, wish, by, now)
        contact.save(update_fields=["order"])
        if slot is not None:
            take_place(contact.order, slot, now)
            send_link(contact.order, ticket_of(contact.order.pk), now)
        subject = ("diagnostics.order", contact.order.pk)
        mark(verb="order_for_contact", event="test_ordered", subject=subject, by=by, now=now)
    return contact.order
