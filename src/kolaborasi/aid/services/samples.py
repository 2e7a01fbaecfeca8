"""Lists are checked by visits to households drawn from them."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid import queries
from kolaborasi.aid.errors import SampleNotVisited
from kolaborasi.aid.models import Roll, RollEntry, Visit, VisitResult
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules.samples import RollVerdict, drawn, roll_verdict, sample_size
from kolaborasi.aid.services.government import suspend_visited
from kolaborasi.aid.services.reasons import known_reason
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import ROLL, ROLL_ENTRY, RollEntryState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Conflict

WRONG = (VisitResult.NOT_IN_NEED, VisitResult.MOVED, VisitResult.UNKNOWN)


def draw_sample(*, roll: Roll, by: Actor, now: datetime, seed: int | None = None) -> list[Visit]:
    """Draw the households of a list that are visited, by chance; the seed is kept so that anybody can draw again.

    Raises:
        NotPermitted: no verifier of the place.
        Conflict: a sample was drawn before.
    """
    with transaction.atomic():
        locked = _locked(roll, "draw_sample", by)
        if locked.sample_seed is not None:
            raise Conflict(
                _("A sample was drawn from this list already. Visit the households it names."),
                code="sample-drawn",
            )
        locked.sample_seed = secrets.randbits(62) if seed is None else seed
        locked.save(update_fields=["sample_seed"])
        open_ = RollEntry.objects.filter(roll=locked, state=RollEntryState.LISTED)
        keys = list(open_.values_list("pk", flat=True))
        chosen = drawn(keys, sample_size(len(keys)), locked.sample_seed)
        visits = Visit.objects.bulk_create(Visit(entry_id=key, drawn_at=now) for key in chosen)
        mark(
            verb="draw_sample",
            event="sample_drawn",
            subject=("aid.roll", roll.pk),
            by=by,
            now=now,
            households=len(visits),
            seed=locked.sample_seed,
        )
    return visits


def record_visit(*, visit: Visit, result: str, by: Actor, now: datetime) -> Visit:
    """What was found at the door; a household that is not as listed leaves the list.

    What was promised to it and not handed out is suspended; it may appeal.

    Args:
        result: a word of `VisitResult`; somebody absent is visited again.

    Raises:
        NotPermitted: no verifier of the place.
        UnknownReason: no such result.
        Conflict: the visit has a result already.
    """
    result = known_reason(VisitResult, result)
    with transaction.atomic():
        locked = (
            Visit.objects.select_for_update(of=("self",), no_key=True)
            .select_related("entry__roll__place")
            .get(pk=visit.pk)
        )
        TABLE.require(by, "record_visit", place_code=locked.entry.roll.place.code)
        if locked.result not in ("", VisitResult.ABSENT):
            raise Conflict(_("This visit has a result already. Load the page again."), code="visited")
        locked.result, locked.visited_at, locked.visited_by_id = result, now, by.user_id
        locked.save(update_fields=["result", "visited_at", "visited_by"])
        if result in WRONG:
            entry = RollEntry.objects.select_for_update(no_key=True).get(pk=locked.entry_id)
            entry.state = ROLL_ENTRY.move(entry.state, "remove")
            entry.save(update_fields=["state"])
            suspend_visited(entry, now=now)
        mark(verb="record_visit", event="visited", subject=("aid.visit", visit.pk), by=by, now=now)
    return locked


def judge_roll(*, roll: Roll, by: Actor, now: datetime) -> Roll:
    """A list is verified, or goes back, by what the visits found.

    Raises:
        NotPermitted: no verifier of the place.
        SampleNotVisited: too little is known yet.
        WrongState: the list is held back or was returned.
    """
    with transaction.atomic():
        locked = _locked(roll, "judge_roll", by)
        wrong, right, rest, _interval = queries.visited_share(locked)
        verdict = roll_verdict(wrong=wrong, right=right, to_visit=rest)
        if verdict == RollVerdict.UNSURE:
            raise SampleNotVisited(rest=rest)
        locked.state = ROLL.move(locked.state, "verify" if verdict == RollVerdict.SOUND else "return")
        locked.settled_at, locked.settled_by_id = now, by.user_id
        locked.save(update_fields=["state", "settled_at", "settled_by"])
        if verdict == RollVerdict.UNSOUND:
            RollEntry.objects.filter(roll=locked, state=RollEntryState.LISTED).update(
                state=RollEntryState.REMOVED
            )
        mark(
            verb="judge_roll",
            event="roll_judged",
            subject=("aid.roll", roll.pk),
            by=by,
            now=now,
            wrong=wrong,
            right=right,
            verdict=verdict.value,
        )
    return locked


def _locked(roll: Roll, verb: str, by: Actor) -> Roll:
    locked = Roll.objects.select_for_update(of=("self",), no_key=True).select_related("place").get(pk=roll.pk)
    TABLE.require(by, verb, place_code=locked.place.code)
    return locked
