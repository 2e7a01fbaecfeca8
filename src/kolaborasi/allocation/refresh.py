"""Whether the newest plan still holds, and a new one when it does not."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from kolaborasi.allocation.draft import draft
from kolaborasi.allocation.errors import NothingToPlan
from kolaborasi.allocation.live import live_problem
from kolaborasi.allocation.models import Proposal
from kolaborasi.allocation.queries import proposals
from kolaborasi.allocation.services import expire, propose
from kolaborasi.common.actors import Actor
from kolaborasi.optimisation import Fairness


def current_proposal(*, by: Actor, now: datetime) -> tuple[Proposal | None, bool]:
    """The newest proposal when no offer and no open need has changed since and its day is not over, else a new one.

    Returns:
        The proposal, and whether it was made now; None when there is nothing to plan and never was.
    """
    expire(by=by, now=now)
    latest = proposals().first()
    try:
        live = live_problem(today=localdate(now), fairness=Fairness())
    except NothingToPlan:
        return latest, False
    if (
        latest is not None
        and now < latest.expires_at
        and latest.parameters["fingerprint"] == live.fingerprint
    ):
        return latest, False
    made = draft(today=localdate(now))
    return propose(by=by, now=now, planned=made), True
