"""Verbs on partners: their lifecycle, sites, members and agreements; and the guard before every new commitment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.audit.services import record
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.common.integrity import refusing
from kolaborasi.events.services import emit
from kolaborasi.partners.errors import (
    AlreadyMember,
    LegalIdTaken,
    OwnPartner,
    PartnerNotActive,
    PeriodsOverlap,
    RoleNotGiven,
    SiteNameTaken,
)
from kolaborasi.partners.models import Agreement, Membership, Partner, PartnerKind, Reason, Site
from kolaborasi.partners.permissions import TABLE
from kolaborasi.partners.states import CITY_ROLES, PARTNER, PartnerState, RoleName
from kolaborasi.people.models import User
from kolaborasi.places.models import Place


def require_active(partner_id: int) -> None:
    """Refuse unless the partner is active, and keep it so until the caller's transaction ends.

    `SELECT … FOR SHARE`: callers do not wait for one another, but `freeze` waits for them and they for it, so that
    no commitment slips in after a freeze has returned.

    Raises:
        PartnerNotActive: it is not active or does not exist.
        TransactionManagementError: no transaction is open.
    """
    require_all_active([partner_id])


def require_all_active(partner_ids: Iterable[int]) -> None:
    """`require_active` for many partners in one statement, locked in the order of their ids.

    Raises:
        PartnerNotActive: of the first, by id, that is not active.
        TransactionManagementError: no transaction is open.
    """
    wanted = sorted(set(partner_ids))
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("require_active needs the transaction of its verb")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM partners_partner WHERE id = ANY(%s) ORDER BY id FOR SHARE", [wanted]
        )
        states: dict[int, str] = dict(cursor.fetchall())
    for partner_id in wanted:
        state = states.get(partner_id)
        if state != PartnerState.ACTIVE:
            raise PartnerNotActive(partner_id, state)


def apply(
    *, name: str, kind: str, legal_id: str = "", place: Place | None = None, by: Actor, now: datetime
) -> Partner:
    """Ask to become a partner; the one who asks becomes its administrator once the city activates it.

    Raises:
        NotPermitted: nobody is signed in.
        LegalIdTaken: another partner has this legal id.
    """
    TABLE.require(by, "apply")
    with transaction.atomic():
        partner = _add(name, kind, legal_id, place, PartnerState.APPLIED, now)
        Membership.objects.create(
            partner=partner,
            user=User.objects.get(pk=by.id),
            role=RoleName.PARTNER_ADMIN,
            starts_date=localdate(now),
        )
        _tell("apply", "applied", partner, by, now, {"kind": kind})
    return partner


def enrol(
    *, name: str, kind: str, legal_id: str = "", place: Place | None = None, by: Actor, now: datetime
) -> Partner:
    """Take a partner in as active at once: the city's own bodies, and partners known from elsewhere.

    Raises:
        NotPermitted: neither the system nor a coordinator of the place.
        LegalIdTaken: another partner has this legal id.
    """
    TABLE.require(by, "enrol", place_code=place.code if place else None)
    with transaction.atomic():
        partner = _add(name, kind, legal_id, place, PartnerState.ACTIVE, now)
        _tell("enrol", "enrolled", partner, by, now, {"kind": kind})
    return partner


def activate(*, partner: Partner, by: Actor, now: datetime) -> Partner:
    """Accept an application.

    Raises:
        NotPermitted, WrongState.
    """
    return _move(partner, "activate", "activated", by, now)


def decline(*, partner: Partner, reason: str, reference: str = "", by: Actor, now: datetime) -> Partner:
    """Refuse an application.

    Raises:
        NotPermitted, WrongState.
    """
    return _move(partner, "decline", "declined", by, now, reason, reference)


def pause(*, partner: Partner, by: Actor, now: datetime) -> Partner:
    """Take nothing new for a while, at the partner's own wish.

    Raises:
        NotPermitted, WrongState.
    """
    return _move(partner, "pause", "paused", by, now, Reason.OWN_WISH)


def resume(*, partner: Partner, by: Actor, now: datetime) -> Partner:
    """Take new commitments again after a pause.

    Raises:
        NotPermitted, WrongState.
    """
    return _move(partner, "resume", "resumed", by, now)


def freeze(*, partner: Partner, reason: str, reference: str = "", by: Actor, now: datetime) -> Partner:
    """Stop new commitments of a partner; what is promised already is still followed to its end.

    Waits for verbs that have asked `require_active` and not finished; once it returns, none of them is under way.

    Args:
        reason: one of `Reason`.
        reference: number of the letter or case; names nobody.

    Raises:
        NotPermitted, WrongState.
        OwnPartner: the actor holds a role of this partner.
    """
    TABLE.require(by, "freeze", place_code=_code(partner.place))
    if any(role.partner_id == partner.pk for role in by.roles):
        raise OwnPartner
    return _move(partner, "freeze", "frozen", by, now, reason, reference)


def unfreeze(*, partner: Partner, reason: str, reference: str = "", by: Actor, now: datetime) -> Partner:
    """Let a frozen partner take new commitments again.

    Raises:
        NotPermitted, WrongState.
    """
    return _move(partner, "unfreeze", "unfrozen", by, now, reason, reference)


def leave(*, partner: Partner, by: Actor, now: datetime) -> Partner:
    """End the partnership; roles of its people end with it.

    Raises:
        NotPermitted, WrongState.
    """
    return _move(partner, "leave", "left", by, now, Reason.OWN_WISH)


def open_site(
    *,
    partner: Partner,
    place: Place,
    kind: str,
    name: str,
    address: str = "",
    position: tuple[float, float] | None = None,
    by: Actor,
    now: datetime,
) -> Site:
    """Add a place where the partner gives or receives.

    Args:
        address: public.
        position: latitude and longitude in degrees.

    Raises:
        NotPermitted.
        SiteNameTaken: the partner has an open site of this name.
    """
    TABLE.require(by, "open_site", partner_id=partner.pk, place_code=place.code)
    latitude, longitude = position or (None, None)
    site = Site(
        partner=partner, place=place, kind=kind, name=name, address=address, opened_date=localdate(now)
    )
    site.latitude, site.longitude = latitude, longitude
    with transaction.atomic():
        _insert(site, {"site_name_once_per_partner": SiteNameTaken})
        record(
            verb="partners.open_site",
            subject=("partners.site", site.pk),
            by=by,
            now=now,
            detail={"kind": kind},
        )
        emit(
            name="partners.site_opened",
            subject=("partners.site", site.pk),
            now=now,
            data={"partner": partner.pk},
        )
    return site


def close_site(*, site: Site, by: Actor, now: datetime) -> Site:
    """End the use of a site from today on; a site opened today ends tomorrow. Closing twice changes nothing.

    Raises:
        NotPermitted.
    """
    TABLE.require(by, "close_site", partner_id=site.partner_id, place_code=site.place.code)
    with transaction.atomic():
        locked = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        if locked.closed_date is None:
            locked.closed_date = max(localdate(now), date.fromordinal(locked.opened_date.toordinal() + 1))
            locked.save(update_fields=["closed_date"])
            record(verb="partners.close_site", subject=("partners.site", site.pk), by=by, now=now)
            emit(name="partners.site_closed", subject=("partners.site", site.pk), now=now)
    return locked


def appoint(
    *, user: User, partner: Partner, role: str, by: Actor, now: datetime, ends_date: date | None = None
) -> Membership:
    """Give a person one of a partner's own roles, from today on.

    Raises:
        NotPermitted.
        RoleNotGiven: the role is one of the city's: see `appoint_official`.
        AlreadyMember: the person holds it already.
    """
    TABLE.require(by, "appoint", partner_id=partner.pk, place_code=_code(partner.place))
    if RoleName(role) in CITY_ROLES:
        raise RoleNotGiven
    return _appoint(
        Membership(user=user, partner=partner, role=role, ends_date=ends_date), "appoint", by, now
    )


def appoint_official(
    *,
    user: User,
    partner: Partner,
    role: str,
    place: Place | None = None,
    by: Actor,
    now: datetime,
    ends_date: date | None = None,
) -> Membership:
    """Give a person a role of the city (coordinator, verifier, auditor, head of an RW), from today on.

    Args:
        place: area the role is limited to; None for the whole city. A head of an RW has one.

    Raises:
        NotPermitted: neither the system nor a coordinator of the place.
        RoleNotGiven: the partner is no government body, or the role is not one of the city's.
        AlreadyMember: the person holds it already.
    """
    TABLE.require(by, "appoint_official", place_code=_code(place))
    if partner.kind != PartnerKind.GOVERNMENT or RoleName(role) not in CITY_ROLES:
        raise RoleNotGiven
    membership = Membership(user=user, partner=partner, role=role, place=place, ends_date=ends_date)
    return _appoint(membership, "appoint_official", by, now)


def dismiss(*, membership: Membership, by: Actor, now: datetime) -> Membership:
    """End one of a partner's own roles today. Ending it twice changes nothing.

    Raises:
        NotPermitted.
        RoleNotGiven: the role is one of the city's: see `dismiss_official`.
    """
    require_may_dismiss(membership, by)
    if RoleName(membership.role) in CITY_ROLES:
        raise RoleNotGiven
    return _dismiss(membership, "dismiss", by, now)


def dismiss_official(*, membership: Membership, by: Actor, now: datetime) -> Membership:
    """End a role of the city today. Ending it twice changes nothing.

    Raises:
        NotPermitted: neither the system nor a coordinator of the role's area.
        RoleNotGiven: the role is not one of the city's.
    """
    require_may_dismiss(membership, by)
    if RoleName(membership.role) not in CITY_ROLES:
        raise RoleNotGiven
    return _dismiss(membership, "dismiss_official", by, now)


def require_may_dismiss(membership: Membership, by: Actor) -> None:
    """Refuse unless the actor may end this membership, by the rule its role falls under.

    Raises:
        NotPermitted.
    """
    if RoleName(membership.role) in CITY_ROLES:
        TABLE.require(by, "dismiss_official", place_code=_code(membership.place))
    else:
        seat = _code(membership.partner.place)
        TABLE.require(by, "dismiss", partner_id=membership.partner_id, place_code=seat)


def agree(
    *,
    partner: Partner,
    kind: str,
    version: int,
    starts_date: date,
    ends_date: date,
    number: str = "",
    by: Actor,
    now: datetime,
) -> Agreement:
    """Register a signed agreement or licence, valid from `starts_date` to the day before `ends_date`.

    Raises:
        NotPermitted.
        PeriodsOverlap: another of the kind covers some of the days, or the version exists.
    """
    TABLE.require(by, "agree", place_code=_code(partner.place))
    agreement = Agreement(
        partner=partner,
        kind=kind,
        version=version,
        number=number,
        starts_date=starts_date,
        ends_date=ends_date,
    )
    refusals = {"agreement_version_once": PeriodsOverlap, f"agreement_one_{kind}_at_a_time": PeriodsOverlap}
    with transaction.atomic():
        _insert(agreement, refusals)
        detail = {"kind": kind, "version": version}
        _tell("agree", "agreed", partner, by, now, detail)
    return agreement


def _move(
    partner: Partner, event: str, past: str, by: Actor, now: datetime, reason: str = "", reference: str = ""
) -> Partner:
    """Walk the lifecycle under a lock that no `require_active` can pass."""
    TABLE.require(by, event, partner_id=partner.pk, place_code=_code(partner.place))
    with transaction.atomic():
        locked = Partner.objects.select_for_update(of=("self",)).filter(pk=partner.pk).first()
        if locked is None:
            raise NotFound(_("There is no such partner. Choose another one."))
        before = locked.state
        locked.state = PARTNER.move(before, event)
        locked.reason, locked.reference, locked.state_at = reason, reference, now
        if locked.state == PartnerState.ACTIVE:
            locked.activated_at = locked.activated_at or now
        locked.save(update_fields=["state", "reason", "reference", "activated_at", "state_at"])
        _tell(event, past, locked, by, now, {"from": before, "to": locked.state, "reason": reason})
    return locked


def _add(name: str, kind: str, legal_id: str, place: Place | None, state: str, now: datetime) -> Partner:
    partner = Partner(
        name=name, kind=kind, legal_id=legal_id, place=place, state=state, applied_at=now, state_at=now
    )
    partner.activated_at = now if state == PartnerState.ACTIVE else None
    _insert(partner, {"partner_legal_id_once": LegalIdTaken})
    return partner


def _appoint(membership: Membership, verb: str, by: Actor, now: datetime) -> Membership:
    membership.starts_date = localdate(now)
    with transaction.atomic():
        _insert(membership, {"membership_open_once": AlreadyMember})
        _tell_membership(verb, "appointed", membership, by, now)
    return membership


def _dismiss(membership: Membership, verb: str, by: Actor, now: datetime) -> Membership:
    today = localdate(now)
    with transaction.atomic():
        locked = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
        if locked.ends_date is None or locked.ends_date > today:
            locked.ends_date = max(today, locked.starts_date)
            locked.save(update_fields=["ends_date"])
            _tell_membership(verb, "dismissed", locked, by, now)
    return locked


def _insert(row: Any, refusals: Mapping[str, Callable[[], Refused]]) -> None:
    """Insert a row; a constraint named in `refusals` becomes its refusal."""
    with refusing(refusals), transaction.atomic():
        row.save(force_insert=True)


def _tell(verb: str, past: str, partner: Partner, by: Actor, now: datetime, detail: dict[str, Any]) -> None:
    subject = ("partners.partner", partner.pk)
    record(verb=f"partners.{verb}", subject=subject, by=by, now=now, detail=detail)
    emit(name=f"partners.{past}", subject=subject, now=now, data=detail)


def _tell_membership(verb: str, past: str, membership: Membership, by: Actor, now: datetime) -> None:
    subject = ("partners.membership", membership.pk)
    detail = {"partner": membership.partner_id, "user": membership.user_id, "role": membership.role}
    record(verb=f"partners.{verb}", subject=subject, by=by, now=now, detail=detail)
    emit(name=f"partners.{past}", subject=subject, now=now, data=detail)


def _code(place: Place | None) -> str | None:
    return place.code if place else None
