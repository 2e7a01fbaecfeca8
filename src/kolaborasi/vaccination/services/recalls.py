"""The verb that gives people whose lot was recalled another one."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Conflict
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination.models import Booking, VaccineLot
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.queries.supply import may_be_given
from kolaborasi.vaccination.services.record import Marked, mark_many
from kolaborasi.vaccination.states import LotState


@dataclass(frozen=True)
class Rebooked:
    """What became of the bookings of a recalled lot.

    Args:
        moved: they count on another lot of the same session now.
        left: no other dose of their session is free; send doses there, or move them to another session.
    """

    moved: list[Booking]
    left: list[Booking]


def give_other_lots(*, lot: VaccineLot, by: Actor, now: datetime) -> Rebooked:
    """Let every open booking of a recalled lot count on another lot of its session, first booked first served.

    Of the lots there, the one that expires first is taken. A fixed number of statements, whatever the number of
    bookings.

    Raises:
        NotPermitted: neither a coordinator of the whole city nor the system.
        Conflict: the lot is not recalled.
    """
    TABLE.require(by, "give_other_lots")
    if lot.state != LotState.RECALLED:
        raise Conflict(_("This lot is not recalled; its bookings stay as they are."))
    with transaction.atomic():
        bookings = list(
            Booking.objects.filter(balance__lot=lot.pk, state__in=OPEN)
            .select_related("session")
            .order_by("booked_at", "pk")
        )
        chosen = _other_balances(bookings, lot)
        found = [booking for booking in bookings if booking.pk in chosen]
        targets = [{"balance": chosen[booking.pk]} for booking in found]
        result = commitments.retarget_many(found, to=targets, now=now)
        kept = [booking for booking in bookings if booking.pk not in chosen]
        subjects: list[Marked] = [
            ("vaccination.booking", booking.pk, {"lot": booking.balance.lot_id}) for booking in result.held
        ]
        mark_many(verb="give_other_lots", event="booking_changed_lot", subjects=subjects, by=by, now=now)
    return Rebooked(result.held, [*kept, *(booking for booking, _why in result.refused)])


def _other_balances(bookings: Sequence[Booking], lot: VaccineLot) -> dict[int, Balance]:
    """For each booking the lot of its session that still has room, first expiry first."""
    there = Balance.objects.filter(
        location__in={booking.session.location_id for booking in bookings},
        lot__vaccine__product=lot.product_id,
        limit__gt=F("committed"),
    )
    free: dict[int, deque[Balance]] = defaultdict(deque)
    usable = may_be_given(there, F("location__session__date")).order_by("lot__expires_date", "pk")
    for balance in usable.select_related("lot"):
        free[balance.location_id].extend([balance] * balance.left)
    chosen: dict[int, Balance] = {}
    for booking in bookings:
        doses = free[booking.session.location_id]
        if doses:
            chosen[booking.pk] = doses.popleft()
    return chosen
