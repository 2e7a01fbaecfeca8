"""Verbs on lists of households."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from kolaborasi.aid import queries
from kolaborasi.aid.errors import ProgrammeClosed
from kolaborasi.aid.matching.scoring import Level, Listed, Verdict, name_level
from kolaborasi.aid.models import Household, Programme, Resemblance, Roll, RollEntry, RollSource
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.roll_files import RollFile, RollRow
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.services.screening import (
    KIND,
    Fingerprint,
    Likeness,
    Screened,
    lock_registry,
    screen,
    store_keys,
)
from kolaborasi.aid.states import ROLL, HouseholdState, RollEntryState, RollState
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner
from kolaborasi.people import vault
from kolaborasi.people.models import Person
from kolaborasi.people.queries import find_many_by_nik
from kolaborasi.people.services import Identity, look_to_match, register_many
from kolaborasi.places.errors import BrokenRows
from kolaborasi.places.models import Place, PlaceCode
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import BadCode, Scheme, canonical_code

GOVERNMENT = (RollSource.CITY, RollSource.MINISTRY)


@dataclass
class RollReport:
    """What loading a list did.

    Args:
        roll: the list.
        new: households nobody had listed before.
        known: households of the registry, listed again.
        waiting: households that may be known ones; a person looks.
        skipped: broken rows left out because the caller asked for it.
    """

    roll: Roll
    new: int = 0
    known: int = 0
    waiting: int = 0
    skipped: list[Problem] = field(default_factory=list)


@dataclass
class _Row:
    """A row on its way into the registry."""

    row: RollRow
    place: Place
    print: Fingerprint
    likenesses: list[Likeness]
    person: UUID | None = None
    household: Household | None = None
    known: int | None = None

    @property
    def sure(self) -> Likeness | None:
        """The household of the registry that it surely is."""
        best = self.likenesses[0] if self.likenesses else None
        same = best is not None and best.comparison.verdict == Verdict.SAME
        return best if best and same and best.household_id is not None else None

    @property
    def waits(self) -> bool:
        """Whether a person has to look before it counts."""
        return bool(self.likenesses) and self.sure is None

    @property
    def nik_is_known(self) -> bool:
        """Whether a household it may be has its NIK, so that nobody else can be registered under it."""
        return any(each.comparison.levels["nik"] == Level.EQUAL for each in self.likenesses)


def register_roll(
    *,
    programme: Programme,
    source: RollSource,
    place: Place,
    as_of_date: date,
    file: RollFile,
    by: Actor,
    now: datetime,
    partner: Partner | None = None,
    skip_bad: bool = False,
) -> RollReport:
    """Take in a list of households: screened against all lists before it, whatever their programme, period and source.

    A household that is surely known is listed again and not made twice; one that may be known waits for a person; a list
    with more households than live in the place is held back.

    Args:
        place: what the list is of; rows may name a kelurahan below it.
        partner: whose list it is, for one of a government body or institution.
        skip_bad: load the sound rows although others are broken.

    Raises:
        NotPermitted: no role for this place; lists of the government are a coordinator's.
        ProgrammeClosed: the programme takes nothing new.
        BrokenRows: with every broken row; nothing was loaded.
    """
    verb = "register_government_roll" if source in GOVERNMENT else "register_roll"
    TABLE.require(by, verb, place_code=place.code)
    if programme.closed:
        raise ProgrammeClosed
    problems = list(file.problems)
    places = _places(file, place, problems)
    with transaction.atomic():
        lock_registry()
        rows = _screened(file.rows, places, problems, by, now)
        if problems and not skip_bad:
            raise BrokenRows(sorted(problems, key=lambda each: each.line), rows=file.size)
        roll = _roll(programme, source, place, as_of_date, file, partner, problems, by, now)
        report = RollReport(roll, skipped=sorted(problems, key=lambda each: each.line))
        _store(report, rows, by, now)
        mark(
            verb="register_roll",
            event="roll_registered",
            subject=("aid.roll", roll.pk),
            by=by,
            now=now,
            new=report.new,
            known=report.known,
            waiting=report.waiting,
            state=roll.state,
        )
    return report


def accept_roll(*, roll: Roll, by: Actor, now: datetime) -> Roll:
    """A verifier finds that a list that was held back may stand as it is.

    Raises:
        NotPermitted: no verifier of the place.
        WrongState: it is not held back.
    """
    return _move(roll, "accept", "accept_roll", "roll_accepted", by, now)


def return_roll(*, roll: Roll, by: Actor, now: datetime) -> Roll:
    """A list goes back to the one who made it: none of its households is entitled by it any more.

    Raises:
        NotPermitted: no verifier of the place.
        WrongState: it was returned before.
    """
    with transaction.atomic():
        moved = _move(roll, "return", "return_roll", "roll_returned", by, now)
        open_ = [RollEntryState.REVIEW, RollEntryState.LISTED]
        RollEntry.objects.filter(roll=moved, state__in=open_).update(state=RollEntryState.REMOVED)
    return moved


def renew_entries(*, entries: Sequence[RollEntry], by: Actor, now: datetime) -> int:
    """Households are in need still: they stay on their list for another period of the programme.

    Returns:
        How many were renewed; removed ones and those that wait for a review are not.

    Raises:
        NotPermitted: no role for the place of one of the lists; nothing is renewed.
    """
    with transaction.atomic():
        chosen = RollEntry.objects.select_for_update(of=("self",), no_key=True).select_related(
            "roll__place", "roll__programme"
        )
        renewable = [RollEntryState.LISTED, RollEntryState.LAPSED]
        found = list(chosen.filter(pk__in=[each.pk for each in entries], state__in=renewable).order_by("pk"))
        for entry in found:
            TABLE.require(by, "renew_entries", place_code=entry.roll.place.code)
            entry.state = RollEntryState.LISTED
            days = timedelta(days=entry.roll.programme.renewal_days)
            entry.valid_until_date = localdate(now) + days
        RollEntry.objects.bulk_update(found, ["state", "valid_until_date"], batch_size=2000)
        mark(
            verb="renew_entries",
            event="entries_renewed",
            subject=("aid.rollentry", len(found)),
            by=by,
            now=now,
            entries=len(found),
        )
    return len(found)


def lapse_entries(*, by: Actor, now: datetime, limit: int = 10_000) -> int:
    """Households whose time on a list is over and that nobody renewed leave it; returns how many.

    Raises:
        NotPermitted: `by` is not the system.
    """
    TABLE.require(by, "lapse_entries")
    with transaction.atomic():
        due = (
            RollEntry.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(state=RollEntryState.LISTED, valid_until_date__lte=localdate(now))
            .order_by("pk")
            .values_list("pk", flat=True)[:limit]
        )
        ids = list(due)
        RollEntry.objects.filter(pk__in=ids).update(state=RollEntryState.LAPSED)
        if ids:
            mark(
                verb="lapse_entries",
                event="entries_lapsed",
                subject=("aid.rollentry", len(ids)),
                by=by,
                now=now,
                entries=len(ids),
            )
    return len(ids)


def forget_erased(*, by: Actor, now: datetime) -> int:
    """Destroy the marks and keys of households whose head was erased; returns how many.

    Raises:
        NotPermitted: `by` is not the system.
    """
    TABLE.require(by, "forget_erased")
    with transaction.atomic():
        gone = Household.objects.filter(head__erased_at__isnull=False).exclude(
            nik_mark__isnull=True, kk_mark__isnull=True
        )
        ids = list(gone.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM aid_householdkey WHERE household_id = ANY(%s)", [ids])
        Household.objects.filter(pk__in=ids).update(nik_mark=None, kk_mark=None, sounds=[])
        RollEntry.objects.filter(household__in=ids).update(state=RollEntryState.REMOVED)
        if ids:
            mark(
                verb="forget_erased",
                event="households_forgotten",
                subject=("aid.household", len(ids)),
                by=by,
                now=now,
                households=len(ids),
            )
    return len(ids)


def marks_of(nik: str, kk: str) -> tuple[str, bytes | None, bytes | None]:
    """Id of the newest platform key, and the marks of both numbers under it; None for one that is not known."""
    key = vault.platform_keys()[0]
    nik_mark = vault.mark(key, f"{KIND}-nik", nik) if nik else None
    return key.id, nik_mark, vault.mark(key, f"{KIND}-kk", kk) if kk else None


def _move(roll: Roll, event: str, verb: str, told: str, by: Actor, now: datetime) -> Roll:
    with transaction.atomic():
        locked = (
            Roll.objects.select_for_update(of=("self",), no_key=True).select_related("place").get(pk=roll.pk)
        )
        TABLE.require(by, verb, place_code=locked.place.code)
        locked.state = ROLL.move(locked.state, event)
        locked.settled_at, locked.settled_by_id = now, by.user_id
        locked.save(update_fields=["state", "settled_at", "settled_by"])
        mark(verb=verb, event=told, subject=("aid.roll", roll.pk), by=by, now=now)
    return locked


def _places(file: RollFile, place: Place, problems: list[Problem]) -> dict[str, Place]:
    """Places by the code as the rows have it; a code that is none, or lies elsewhere, becomes a problem."""
    found = {"": place}
    canonical = {}
    for code in {row.code for row in file.rows if row.code}:
        try:
            canonical[canonical_code(Scheme.KEMENDAGRI, code)] = code
        except BadCode:
            continue
    known = PlaceCode.objects.filter(scheme=Scheme.KEMENDAGRI, code__in=canonical).select_related("place")
    found |= {
        canonical[each.code]: each.place
        for each in known
        if each.place.code == place.code or each.place.code.startswith((f"{place.code}.", f"{place.code}/"))
    }
    for row in file.rows:
        if row.code not in found:
            reason = _("This is no area below the place of the list. Check the code.")
            problems.append(Problem(row.line, "kode kelurahan", reason))
    return found


def _screened(
    rows: Sequence[RollRow], places: Mapping[str, Place], problems: list[Problem], by: Actor, now: datetime
) -> list[_Row]:
    sound = [row for row in rows if row.code in places]
    listed = [
        Listed(row.nik, row.kk, row.name, row.birth_date, places[row.code].code.partition("/")[0])
        for row in sound
    ]
    found: Screened = screen(listed, by=by, now=now)
    taken = [
        _Row(row, places[row.code], own, likenesses)
        for row, own, likenesses in zip(sound, found.prints, found.likenesses, strict=True)
    ]
    kept = _with_persons(taken, problems, by, now)
    return _once_per_household(kept, taken, problems)


def _with_persons(taken: list[_Row], problems: list[Problem], by: Actor, now: datetime) -> list[_Row]:
    """Rows with the person who is known under their NIK; those whose name is another's become problems."""
    unknown = [each for each in taken if not each.nik_is_known]
    known = find_many_by_nik([each.row.nik for each in unknown])
    names = look_to_match(person_ids=list(known.values()), fields=("name",), by=by, now=now)
    strange = set()
    for each in unknown:
        each.person = known.get(each.row.nik)
        told = names.get(each.person, {}).get("name", "") if each.person else ""
        if told and name_level(told, each.row.name) == Level.OTHER:
            reason = _("This NIK is registered under another name. Check both on the identity card.")
            problems.append(Problem(each.row.line, "nik", reason))
            strange.add(each.row.line)
    return [each for each in taken if each.row.line not in strange]


def _once_per_household(kept: list[_Row], all_rows: list[_Row], problems: list[Problem]) -> list[_Row]:
    """Rows that are no second row of one household; likenesses to rows that are left out go."""
    seen: dict[int, int] = {}
    sound = []
    for each in kept:
        sure = each.sure
        if sure is not None and sure.household_id is not None:
            each.known = sure.household_id
            if each.known in seen:
                words = {"line": seen[each.known]}
                reason = _("This is the household of line %(line)s. Leave one of them out.") % words
                problems.append(Problem(each.row.line, "", reason))
                continue
            seen[each.known] = each.row.line
        sound.append(each)
    present = {id(each) for each in sound}
    for each in sound:
        each.likenesses = [
            one for one in each.likenesses if one.row is None or id(all_rows[one.row]) in present
        ]
    return _numbered(sound, all_rows)


def _numbered(sound: list[_Row], all_rows: list[_Row]) -> list[_Row]:
    """Likenesses to rows of the list with the places the rows have now."""
    at = {id(each): place for place, each in enumerate(sound)}
    for each in sound:
        each.likenesses = [
            one if one.row is None else Likeness(one.comparison, row=at[id(all_rows[one.row])])
            for one in each.likenesses
        ]
    return sound


def _roll(
    programme: Programme,
    source: RollSource,
    place: Place,
    as_of_date: date,
    file: RollFile,
    partner: Partner | None,
    problems: list[Problem],
    by: Actor,
    now: datetime,
) -> Roll:
    here = queries.households_of(place)
    too_many = here is not None and file.size > here
    return Roll.objects.create(
        programme=programme,
        source=source,
        partner=partner,
        place=place,
        as_of_date=as_of_date,
        state=RollState.HELD_BACK if too_many else RollState.LISTED,
        households_here=here,
        rows=file.size,
        skipped=len({each.line for each in problems}),
        registered_by_id=by.user_id,
        registered_at=now,
    )


def _store(report: RollReport, rows: list[_Row], by: Actor, now: datetime) -> None:
    made = [each for each in rows if not (each.known and each.nik_is_known)]
    _register_heads(made, by, now)
    households = [_household(each, now) for each in made]
    Household.objects.bulk_create(households, batch_size=2000)
    store_keys(households, [each.print for each in made])
    entries = [_entry(report.roll, each) for each in rows]
    states = dict(
        Household.objects.filter(pk__in=[e.household_id for e in entries]).values_list("pk", "state")
    )
    for entry in entries:
        if states[entry.household_id] == HouseholdState.CANDIDATE:
            entry.state = RollEntryState.REVIEW
    RollEntry.objects.bulk_create(entries, batch_size=2000)
    Resemblance.objects.bulk_create(_resemblances(rows, entries), batch_size=2000)
    report.known = sum(each.known is not None for each in rows)
    report.waiting = sum(each.waits for each in rows)
    report.new = len(rows) - report.known - report.waiting


def _register_heads(made: list[_Row], by: Actor, now: datetime) -> None:
    taken = set(
        Household.objects.filter(head__in=[each.person for each in made if each.person]).values_list(
            "head_id", flat=True
        )
    )
    strangers = [each for each in made if each.person is None or each.person in taken]
    identities = [
        Identity(
            name=each.row.name,
            nik="" if each.nik_is_known or each.person in taken else each.row.nik,
            kk=each.row.kk,
            phone=each.row.phone,
            address=each.row.address,
        )
        for each in strangers
    ]
    people: list[Person] = register_many(identities=identities, by=by, now=now) if identities else []
    for each, person in zip(strangers, people, strict=True):
        each.person = person.pk


def _household(each: _Row, now: datetime) -> Household:
    assert each.person is not None  # noqa: S101 - given by _register_heads
    key_id, nik_mark, kk_mark = marks_of("" if each.nik_is_known else each.row.nik, each.row.kk)
    state = HouseholdState.CANDIDATE if each.waits else HouseholdState.SETTLED
    each.household = Household(
        head_id=each.person,
        place=each.place,
        key_id=key_id,
        nik_mark=nik_mark,
        kk_mark=kk_mark,
        sounds=each.print.sounds,
        state=HouseholdState.MERGED if each.known else state,
        same_as_id=each.known,
        registered_at=now,
    )
    return each.household


def _entry(roll: Roll, each: _Row) -> RollEntry:
    row, own = each.row, each.household
    household_id = each.known or (own.pk if own else 0)
    return RollEntry(
        roll=roll,
        household_id=household_id,
        line=row.line,
        size=row.size,
        hardship=row.hardship,
        elderly=row.elderly,
        toddlers=row.toddlers,
        disabled=row.disabled,
        state=RollEntryState.REVIEW if each.waits else RollEntryState.LISTED,
        valid_until_date=roll.as_of_date + timedelta(days=roll.programme.renewal_days),
    )


def _resemblances(rows: list[_Row], entries: list[RollEntry]) -> list[Resemblance]:
    found = {}
    for each, entry in zip(rows, entries, strict=True):
        for likeness in each.likenesses if each.waits else ():
            other = likeness.household_id or entries[likeness.row or 0].household_id
            if other != entry.household_id and (entry.pk, other) not in found:
                found[entry.pk, other] = Resemblance(
                    entry=entry,
                    other_id=other,
                    score=likeness.comparison.score,
                    levels=dict(likeness.comparison.levels),
                )
    return list(found.values())
