"""The verb each kind of line calls when a person has approved it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from kolaborasi.aid.services import pledge_by_plan
from kolaborasi.allocation.models import BedLine, ProposalLine
from kolaborasi.allocation.rules import deliver_date
from kolaborasi.allocation.states import BedLineKind
from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.services import ask_conversion, offer, transfer

AnyLine = ProposalLine | BedLine

READ_WITH: dict[type[AnyLine], tuple[str, ...]] = {
    ProposalLine: ("offer", "need_line__need__place", "need_line__item", "proposal"),
    BedLine: (
        *("proposal", "referral__place", "pool", "hospital__site__place"),
        *("leaves__pool__hospital__site__place", "leaves__referral", "leaves__patient"),
    ),
}


def locked(line: AnyLine) -> AnyLine:
    """The line as it is now, with all its verb reads, its row locked until the transaction ends."""
    rows = type(line)._default_manager.select_for_update(of=("self",), no_key=True)
    found: AnyLine = rows.select_related(*READ_WITH[type(line)]).get(pk=line.pk)
    return found


def carry_out(line: AnyLine, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Call the verb a person would have used.

    Returns:
        What came of it, by the line's field it belongs in.

    Raises:
        Refused: the verb did, because the world has moved on.
    """
    if isinstance(line, ProposalLine):
        day = deliver_date(localdate(now), line.offer.available_date)
        made = pledge_by_plan(
            need_line=line.need_line,
            offer=line.offer,
            quantity=line.quantity,
            deliver_date=day,
            by=by,
            now=now,
        )
        return {"pledge": made.pledge}
    if line.kind == BedLineKind.CONVERSION:
        bed_class = BedClass(line.bed_class)
        asked = ask_conversion(hospital=line.hospital, bed_class=bed_class, beds=line.beds, by=by, now=now)
        return {"conversion": asked}
    # The constraint `bed_line_names_what_its_kind_needs` holds what is asserted here.
    if line.pool is None or line.referral is None:
        raise ValueError("a placement without a bed or a patient")
    if line.leaves is not None:
        return {"placement": transfer(placement=line.leaves, pools=[line.pool], by=by, now=now)}
    return {"placement": offer(referral=line.referral, pools=[line.pool], by=by, now=now)}
