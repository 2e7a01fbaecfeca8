"""A person says whether two households that look alike are one."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from kolaborasi.aid.errors import NothingToCorrect, NumberTaken
from kolaborasi.aid.models import Household, Resemblance, RollEntry
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.services.rolls import marks_of
from kolaborasi.aid.services.screening import fingerprint, listed, lock_registry, store_keys
from kolaborasi.aid.states import (
    HOUSEHOLD,
    RESEMBLANCE,
    ROLL_ENTRY,
    HouseholdState,
    ResemblanceState,
    RollEntryState,
)
from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.people import vault
from kolaborasi.people.services import correct, look_to_match

ONCE = {
    "aid_household_settled_once_per_nik": NumberTaken,
    "aid_household_settled_once_per_card": NumberTaken,
}


def merge_households(*, resemblance: Resemblance, by: Actor, now: datetime) -> RollEntry:
    """The two are one household: the listed one is listed again under the one that was known.

    Raises:
        NotPermitted: no verifier of the place of the list.
        WrongState: it was decided before.
    """
    with transaction.atomic():
        lock_registry()
        pair = _locked(resemblance, "merge_households", by)
        _decide(pair, "merge", by, now)
        copy, other = pair.entry.household, _canonical(pair.other)
        copy.state = HOUSEHOLD.move(copy.state, "merge")
        copy.same_as = other
        copy.save(update_fields=["state", "same_as"])
        Household.objects.filter(same_as=copy).update(same_as=other)
        Resemblance.objects.filter(other=copy).exclude(entry__household=other).update(other=other)
        _close(Resemblance.objects.filter(entry__household=copy), by, now)
        _relist(copy, other)
        mark(
            verb="merge_households",
            event="households_merged",
            subject=("aid.household", copy.pk),
            by=by,
            now=now,
            into=other.pk,
        )
    pair.entry.refresh_from_db()
    return pair.entry


def keep_apart(*, resemblance: Resemblance, by: Actor, now: datetime) -> RollEntry:
    """The two are different households; once nothing else looks like it, the listed one counts.

    Raises:
        NotPermitted: no verifier of the place of the list.
        NumberTaken: both have one NIK or family card; one of them has to be corrected first.
        WrongState: it was decided before.
    """
    with refusing(ONCE), transaction.atomic():
        lock_registry()
        pair = _locked(resemblance, "keep_apart", by)
        _decide(pair, "keep apart", by, now)
        household = pair.entry.household
        still = Resemblance.objects.filter(entry__household=household, state=ResemblanceState.OPEN)
        if household.state == HouseholdState.CANDIDATE and not still.exists():
            if household.nik_mark is None:
                raise NumberTaken
            household.state = HOUSEHOLD.move(household.state, "settle")
            household.save(update_fields=["state"])
            _list(household)
        mark(
            verb="keep_apart",
            event="households_kept_apart",
            subject=("aid.household", household.pk),
            by=by,
            now=now,
            other=pair.other_id,
        )
    pair.entry.refresh_from_db()
    return pair.entry


def correct_household(
    *, household: Household, by: Actor, now: datetime, nik: str = "", kk: str = "", name: str = ""
) -> Household:
    """Put right what a list wrote wrongly of a household; what is empty stays.

    Raises:
        NotPermitted: no verifier of the household's place.
        NotANik, NotAKk: a number cannot be.
        AlreadyRegistered: another person has this NIK.
        NumberTaken: another household has this number.
        NothingToCorrect: nothing was given.
    """
    TABLE.require(by, "correct_household", place_code=household.place.code)
    changes = {field: text for field, text in (("nik", nik), ("kk", kk), ("name", name)) if text.strip()}
    if not changes:
        raise NothingToCorrect
    with refusing(ONCE), transaction.atomic():
        lock_registry()
        locked = Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household.pk)
        correct(person=locked.head, changes=changes, by=by, now=now)
        _index(locked, by, now)
        mark(
            verb="correct_household",
            event="household_corrected",
            subject=("aid.household", locked.pk),
            by=by,
            now=now,
            fields=sorted(changes),
        )
    return locked


def _index(household: Household, by: Actor, now: datetime) -> None:
    """Marks and keys anew from what is known of the head."""
    fields = ("nik", "kk", "name")
    seen = look_to_match(person_ids=[household.head_id], fields=fields, by=by, now=now)[household.head_id]
    of = listed(seen, "", localdate(now))
    own = fingerprint(of, vault.platform_keys()[0])
    household.key_id, household.nik_mark, household.kk_mark = marks_of(of.nik, of.kk)
    household.sounds = own.sounds
    household.save(update_fields=["key_id", "nik_mark", "kk_mark", "sounds"])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM aid_householdkey WHERE household_id = %s", [household.pk])
    store_keys([household], [own])


def _locked(resemblance: Resemblance, verb: str, by: Actor) -> Resemblance:
    pair = (
        Resemblance.objects.select_for_update(of=("self",), no_key=True)
        .select_related("entry__roll__place", "entry__household", "other")
        .get(pk=resemblance.pk)
    )
    TABLE.require(by, verb, place_code=pair.entry.roll.place.code)
    return pair


def _decide(pair: Resemblance, event: str, by: Actor, now: datetime) -> None:
    pair.state = RESEMBLANCE.move(pair.state, event)
    pair.decided_at, pair.decided_by_id = now, by.user_id
    pair.save(update_fields=["state", "decided_at", "decided_by"])


def _close(pairs: object, by: Actor, now: datetime) -> None:
    """What is one with somebody else is different from all the others that looked like it."""
    found = pairs.filter(state=ResemblanceState.OPEN)  # type: ignore[attr-defined]
    found.update(state=ResemblanceState.DIFFERENT, decided_at=now, decided_by_id=by.user_id)


def _canonical(household: Household) -> Household:
    return household.same_as or household


def _relist(copy: Household, other: Household) -> None:
    """Entries of a merged household become those of the other, once for each list."""
    there = set(RollEntry.objects.filter(household=other).values_list("roll_id", flat=True))
    settled = other.state == HouseholdState.SETTLED
    for entry in RollEntry.objects.select_for_update(no_key=True).filter(household=copy):
        if entry.roll_id in there:
            entry.state = ROLL_ENTRY.move(entry.state, "remove")
        else:
            entry.household = other
            if settled and entry.state == RollEntryState.REVIEW:
                entry.state = ROLL_ENTRY.move(entry.state, "settle")
        entry.save(update_fields=["household", "state"])


def _list(household: Household) -> None:
    RollEntry.objects.filter(household=household, state=RollEntryState.REVIEW).update(
        state=RollEntryState.LISTED
    )
