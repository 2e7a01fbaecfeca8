"""What becomes of promises when the need they are for is over."""

from __future__ import annotations

from datetime import datetime

from kolaborasi.aid.labels import EndedBySystem
from kolaborasi.aid.models import Need, Pledge
from kolaborasi.aid.services.telling import tell
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState


def end_promises(need: Need, *, now: datetime) -> int:
    """Release what was not confirmed yet of a need that is over, and tell everybody who promised.

    The need must be locked, as confirming a promise locks it first.

    Returns:
        How many promises were released.
    """
    open_states = [CommitmentState.HELD, CommitmentState.CONFIRMED]
    standing = list(
        Pledge.objects.select_for_update(of=("self",), no_key=True)
        .filter(need_line__need=need, state__in=open_states)
        .select_related(
            "person", "need_line__item", "need_line__need__place__parent", "need_line__need__institution"
        )
        .order_by("pk")
    )
    unconfirmed = [pledge for pledge in standing if pledge.state == CommitmentState.HELD]
    for pledge in unconfirmed:
        commitments.release(pledge, now=now)
    ids = [pledge.pk for pledge in unconfirmed]
    Pledge.objects.filter(pk__in=ids).update(ended_at=now, end_reason=EndedBySystem.NEED_OVER)
    for pledge in standing:
        tell(pledge, "aid_need_over", now=now, ended=pledge in unconfirmed)
    return len(unconfirmed)
