"""Notices of positive results and close contacts, for those who care for the persons."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import CaseNotice, CloseContact, Order, ResultLink
from kolaborasi.diagnostics.rules.links import hashed
from kolaborasi.diagnostics.states import OrderState


def notices() -> QuerySet[CaseNotice]:
    """Notices in force with result, person's id, residence and number of contacts, the newest first."""
    return (
        CaseNotice.objects.filter(withdrawn_at__isnull=True)
        .select_related("site__partner", "site__place", "result__specimen__order__person")
        .select_related("result__specimen__order__residence", "result__lab__site")
        .annotate(contact_count=Count("contacts"))
        .order_by("-made_at", "-pk")
    )


def notices_of(actor: Actor) -> QuerySet[CaseNotice]:
    """Notices to the puskesmas the actor works for."""
    partners = {role.partner_id for role in actor.roles if role.name in ("partner_admin", "partner_member")}
    return notices().filter(site__partner__in=partners)


def notice(pk: int) -> CaseNotice | None:
    """One notice in force."""
    return notices().filter(pk=pk).first()


def unheard_notices() -> QuerySet[CaseNotice]:
    """Notices nobody looks after: the residence is unknown or no puskesmas covers it; for coordinators."""
    return notices().filter(site__isnull=True)


def contacts_of(subject: CaseNotice) -> QuerySet[CloseContact]:
    """Close contacts of a case and whether they were told and ordered a test."""
    return CloseContact.objects.filter(notice=subject).select_related("person", "order").order_by("pk")


def link_is_known(token: str) -> bool:
    """Whether a result link exists, so that a page may ask for the birth date; says nothing about whose it is."""
    return ResultLink.objects.filter(link_hash=hashed(token)).exists()


def contact_link_is_known(token: str) -> bool:
    """Whether a contact was sent this link."""
    return CloseContact.objects.filter(
        link_hash=hashed(token), told_at__isnull=False, notice__withdrawn_at__isnull=True
    ).exists()


def order_of_contact(token: str) -> Order | None:
    """The test a contact took by the link they were sent, unless it was cancelled."""
    found = CloseContact.objects.filter(link_hash=hashed(token), told_at__isnull=False).select_related(
        "order"
    )
    contact = found.first()
    order = contact.order if contact else None
    return order if order is not None and order.state != OrderState.CANCELLED else None
