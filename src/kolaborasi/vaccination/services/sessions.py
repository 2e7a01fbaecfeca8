"""Verbs on sessions: plan, open, change quotas, close, call off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.utils.timezone import localtime

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner, Site
from kolaborasi.partners.services import require_all_active
from kolaborasi.places.models import Place
from kolaborasi.stock.models import Balance, Location, LocationKind, Shipment
from kolaborasi.vaccination.errors import SessionNotOpen, SessionRefused, StillBooked, VialStillOpen
from kolaborasi.vaccination.models import (
    Booking,
    EndReason,
    Product,
    Session,
    SessionKind,
    Slot,
    SlotQuota,
    Vial,
    Visit,
)
from kolaborasi.vaccination.permissions import require_any
from kolaborasi.vaccination.queries.supply import doses_to_give
from kolaborasi.vaccination.rules import QuotaFault, Window, people_a_window_can_take, window_faults
from kolaborasi.vaccination.services.endings import end_bookings, tell
from kolaborasi.vaccination.services.record import Marked, mark, mark_many
from kolaborasi.vaccination.services.supply import session_partners
from kolaborasi.vaccination.states import SESSION, SessionState, VisitState

STILL_HERE = (VisitState.WAITING, VisitState.CALLED, VisitState.SCREENED)


@dataclass(frozen=True)
class Parts:
    """Which partner has which part in a session; the site's own partner is its owner.

    Args:
        facility: health facility that answers for it.
        vaccinator: sends the people who inject.
        stock_owner: owns the doses.
        registrar: runs the registration channel.
        sponsor: pays or lends; its people do not act in the session.
    """

    facility: Partner
    vaccinator: Partner
    stock_owner: Partner
    registrar: Partner | None = None
    sponsor: Partner | None = None

    @property
    def ids(self) -> list[int]:
        """Everybody, each once."""
        all_parts = (self.facility, self.vaccinator, self.stock_owner, self.registrar, self.sponsor)
        return list(dict.fromkeys(partner.pk for partner in all_parts if partner is not None))


def plan_session(
    *,
    site: Site,
    kind: SessionKind,
    product: Product,
    day: date,
    parts: Parts,
    windows: Sequence[Window],
    vaccinators: int,
    minutes_per_dose: int = 5,
    residents_of: Place | None = None,
    by: Actor,
    now: datetime,
) -> Session:
    """Plan a session with its windows and quotas; nobody can book before it is opened.

    Args:
        windows: not overlapping, on the day; together at most what the vaccinators can take.
        residents_of: only residents of this area may come; None for everybody.

    Raises:
        NotPermitted: nobody of its partners, coordinator or the system.
        SessionRefused: the windows are wrong; `details["faults"]` says why.
        PartnerNotActive: one of its partners is frozen, paused or gone.
    """
    partners = [site.partner_id, *parts.ids]
    require_any(by, "plan_session", place_code=site.place.code, partner_ids=partners)
    offset = localtime(now).utcoffset() or timedelta(0)
    faults = window_faults(
        windows, date_of=day, offset=offset, vaccinators=vaccinators, minutes_per_dose=minutes_per_dose
    )
    if faults:
        raise SessionRefused(faults)
    with transaction.atomic():
        require_all_active(partners)
        session = Session.objects.create(
            site=site,
            kind=kind,
            product=product,
            date=day,
            facility=parts.facility,
            vaccinator=parts.vaccinator,
            stock_owner=parts.stock_owner,
            registrar=parts.registrar,
            sponsor=parts.sponsor,
            residents_of=residents_of,
            vaccinators=vaccinators,
            minutes_per_dose=minutes_per_dose,
            location=Location.objects.create(
                kind=LocationKind.POINT, name=f"{site.name[:100]} {day.isoformat()}"
            ),
            planned_at=now,
        )
        _add_windows(session, windows)
        mark(
            verb="plan_session",
            event="session_planned",
            subject=("vaccination.session", session.pk),
            by=by,
            now=now,
            site=site.pk,
            product=product.code,
            people=sum(window.people for window in windows),
        )
    return session


def open_session(*, session: Session, by: Actor, now: datetime) -> Session:
    """Let people book and come; how many is limited by quotas and by doses there or surely arriving.

    Raises:
        NotPermitted: nobody of its partners, coordinator or the system.
        WrongState: it is not planned.
        PartnerNotActive: one of its partners is frozen, paused or gone.
    """
    with transaction.atomic():
        locked = _locked(session, "open_session", by)
        require_all_active(partner for partner in session_partners(locked) if partner is not None)
        locked.state, locked.opened_at = SESSION.move(locked.state, "open"), now
        locked.save(update_fields=["state", "opened_at"])
        mark(
            verb="open_session",
            event="session_opened",
            subject=("vaccination.session", session.pk),
            by=by,
            now=now,
        )
    return locked


def change_quota(*, quota: SlotQuota, people: int, by: Actor, now: datetime) -> SlotQuota:
    """Give a channel more or fewer places in a window; below what is promised nothing new is promised.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        SessionRefused: the vaccinators cannot take so many.
    """
    with transaction.atomic():
        session = _locked(quota.slot.session, "change_quota", by)
        others = quota.slot.quotas.exclude(pk=quota.pk).aggregate(sum=Sum("reported"))["sum"] or 0
        window = Window(quota.slot.starts_at, quota.slot.ends_at, {})
        most = people_a_window_can_take(
            window, vaccinators=session.vaccinators, minutes_per_dose=session.minutes_per_dose
        )
        if people < 0 or others + people > most:
            raise SessionRefused([QuotaFault.TOO_MANY])
        commitments.report(quota, reported=people, now=now)
        mark(
            verb="change_quota",
            event="quota_changed",
            subject=("vaccination.quota", quota.pk),
            by=by,
            now=now,
            people=people,
        )
    return quota


def change_session(
    *, session: Session, vaccinators: int, minutes_per_dose: int, by: Actor, now: datetime
) -> Session:
    """Say that more or fewer vaccinators come, or that a dose takes longer; bookings and quotas stay as they are.

    Another day, site or vaccine is another session: call this one off, so that its people are told.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        SessionNotOpen: it is over.
        SessionRefused: a window has larger quotas than they can take.
    """
    with transaction.atomic():
        locked = _locked(session, "change_session", by)
        if locked.state not in (SessionState.PLANNED, SessionState.OPEN):
            raise SessionNotOpen
        slots = locked.slots.annotate(people=Sum("quotas__reported"))
        too_small = [
            slot
            for slot in slots
            if (slot.people or 0)
            > people_a_window_can_take(
                Window(slot.starts_at, slot.ends_at, {}),
                vaccinators=vaccinators,
                minutes_per_dose=minutes_per_dose,
            )
        ]
        if too_small:
            raise SessionRefused([QuotaFault.TOO_MANY])
        locked.vaccinators, locked.minutes_per_dose = vaccinators, minutes_per_dose
        locked.save(update_fields=["vaccinators", "minutes_per_dose"])
        mark(
            verb="change_session",
            event="session_changed",
            subject=("vaccination.session", session.pk),
            by=by,
            now=now,
            vaccinators=vaccinators,
            minutes=minutes_per_dose,
        )
    return locked


def close_session(*, session: Session, by: Actor, now: datetime) -> Session:
    """End a session in which every booking has an end and every dose a place, a person or a reason.

    Raises:
        NotPermitted: nobody of its partners, or coordinator.
        WrongState: it is not open.
        StillBooked: bookings are open, people wait, or doses are still here or on their way.
        VialStillOpen: an opened vial still holds doses.
    """
    with transaction.atomic():
        locked = _locked(session, "close_session", by)
        state = SESSION.move(locked.state, "close")
        vials = list(Vial.objects.filter(session=locked, closed_at__isnull=True).values_list("pk", flat=True))
        if vials:
            raise VialStillOpen(vials)
        booked = Booking.objects.filter(session=locked, state__in=OPEN).count()
        doses = Balance.objects.filter(location=locked.location).aggregate(sum=Sum("reported"))["sum"] or 0
        waiting = Visit.objects.filter(session=locked, state__in=STILL_HERE).count()
        if booked or doses or waiting:
            raise StillBooked(bookings=booked, doses=doses, waiting=waiting)
        locked.state, locked.ended_at = state, now
        locked.save(update_fields=["state", "ended_at"])
        mark(
            verb="close_session",
            event="session_closed",
            subject=("vaccination.session", session.pk),
            by=by,
            now=now,
        )
    return locked


def cancel_session(*, session: Session, by: Actor, now: datetime) -> list[Booking]:
    """Call a session off: every booking ends and its people are told, the queue goes home, doses stay to be returned.

    Bookings beyond the doses that are there or surely arriving end as not served: they had no dose in any case.

    Returns:
        The bookings that ended.

    Raises:
        NotPermitted: nobody of its partners, or coordinator.
        WrongState: it is over.
    """
    with transaction.atomic():
        locked = _locked(session, "cancel_session", by)
        locked.state, locked.ended_at = SESSION.move(locked.state, "cancel"), now
        locked.save(update_fields=["state", "ended_at"])
        Visit.objects.filter(session=locked, state__in=STILL_HERE).update(state=VisitState.LEFT, ended_at=now)
        bookings = end_bookings(
            Booking.objects.filter(session=locked, state__in=OPEN),
            reason=EndReason.SESSION,
            now=now,
            doses=doses_to_give(locked.location, locked.date)[1],
        )
        tell(bookings, "vaccination_session_cancelled", now=now)
        subjects: list[Marked] = [
            ("vaccination.booking", booking.pk, {"session": session.pk}) for booking in bookings
        ]
        mark_many(verb="cancel_session", event="booking_ended", subjects=subjects, by=by, now=now)
        mark(
            verb="cancel_session",
            event="session_cancelled",
            subject=("vaccination.session", session.pk),
            by=by,
            now=now,
            bookings=len(bookings),
        )
    return bookings


def doses_on_the_way(session: Session) -> int:
    """Doses of open shipments to a session."""
    open_ = Shipment.objects.filter(target=session.location_id, closed_at__isnull=True)
    return sum(shipment.quantity - shipment.received for shipment in open_)


def locked_session(session: Session) -> Session:
    """The session's row, locked against other verbs on it."""
    return (
        Session.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site__place", "product", "location")
        .get(pk=session.pk)
    )


def shared_session(session_id: int) -> Session:
    """A session's row, kept as it is until the transaction ends: calling it off waits, other doses do not.

    `FOR SHARE`, which the ORM cannot say.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM vaccination_session WHERE id = %s FOR SHARE", [session_id])
    return Session.objects.get(pk=session_id)


def require_open(session: Session) -> None:
    """Do nothing when the session takes people.

    Raises:
        SessionNotOpen: it does not.
    """
    if session.state != SessionState.OPEN:
        raise SessionNotOpen


def _locked(session: Session, verb: str, by: Actor) -> Session:
    locked = locked_session(session)
    require_any(by, verb, place_code=locked.site.place.code, partner_ids=session_partners(locked))
    return locked


def _add_windows(session: Session, windows: Sequence[Window]) -> None:
    slots = Slot.objects.bulk_create(
        Slot(session=session, starts_at=window.starts_at, ends_at=window.ends_at) for window in windows
    )
    SlotQuota.objects.bulk_create(
        SlotQuota(slot=slot, channel=channel, reported=people, limit=people)
        for slot, window in zip(slots, windows, strict=True)
        for channel, people in window.quotas.items()
    )
