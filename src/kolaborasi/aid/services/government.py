"""Government aid: a period, what is allotted in it, and which households it is promised to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.aid.errors import (
    AllotmentTwice,
    HeldBack,
    NotGovernment,
    PeriodOverlaps,
)
from kolaborasi.aid.models import (
    AidPeriod,
    Allotment,
    Entitlement,
    Item,
    Programme,
    Roll,
    RollEntry,
    Suspension,
    SuspensionReason,
)
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.queries.households import vulnerability_of
from kolaborasi.aid.services.codes import new_receipt_code
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import RollEntryState, RollState, SuspensionState
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing
from kolaborasi.partners.models import Partner, PartnerKind
from kolaborasi.partners.services import require_active

ACTIVE = (CommitmentState.HELD, CommitmentState.CONFIRMED, CommitmentState.FULFILLED)
OPEN = (SuspensionState.STANDING, SuspensionState.APPEALED, SuspensionState.UPHELD)
AGAIN = (SuspensionReason.IN_REVIEW, SuspensionReason.NOT_ENOUGH)
"""Reasons that may have gone by the next time an allotment is matched with its list."""


@dataclass(frozen=True)
class Entitled:
    """What matching a list with an allotment did.

    Args:
        entitled: households that were promised it now.
        suspended: listed households that do not get it, each with a reason of its own.
        displaced: promises of others that ended because the ministry serves the household.
    """

    entitled: int
    suspended: int
    displaced: int


def define_period(
    *,
    benefit: str,
    starts_date: date,
    ends_date: date,
    by: Actor,
    now: datetime,
    awaits_ministry: bool = True,
) -> AidPeriod:
    """Days for which a household gets a benefit once, from whichever government; the last not included.

    Raises:
        NotPermitted: no coordinator of the whole city.
        PeriodOverlaps: another period of the benefit has some of the days, or the days are none.
    """
    TABLE.require(by, "define_period")
    once = {
        "aid_period_one_at_a_time_per_benefit": PeriodOverlaps,
        "aid_period_ends_after_it_starts": PeriodOverlaps,
    }
    if ends_date <= starts_date:
        raise PeriodOverlaps
    with refusing(once), transaction.atomic():
        period = AidPeriod.objects.create(
            benefit=benefit, starts_date=starts_date, ends_date=ends_date, awaits_ministry=awaits_ministry
        )
        mark(verb="define_period", event="period_defined", subject=("aid.period", period.pk), by=by, now=now)
    return period


def allot(
    *,
    programme: Programme,
    period: AidPeriod,
    agency: Partner,
    item: Item,
    units: int,
    by: Actor,
    now: datetime,
    rupiah: int | None = None,
    units_per_household: int = 1,
    external: bool = False,
) -> Allotment:
    """A government body gives so many units of an item in a period.

    Args:
        rupiah: what one unit is worth in cash; None for goods.
        external: the body hands it out itself, and only its list is known here.

    Raises:
        NotPermitted: no coordinator of the whole city.
        NotGovernment: the agency is no government body.
        PartnerNotActive: it is frozen, paused or gone.
        AllotmentTwice: it has allotted this item in this period already.
    """
    TABLE.require(by, "allot")
    if agency.kind != PartnerKind.GOVERNMENT:
        raise NotGovernment
    with refusing({"aid_allotment_once_per_agency_and_item": AllotmentTwice}), transaction.atomic():
        require_active(agency.pk)
        made = Allotment.objects.create(
            programme=programme,
            period=period,
            agency=agency,
            item=item,
            reported=units,
            limit=units,
            rupiah=rupiah,
            units_per_household=units_per_household,
            external=external,
            allotted_at=now,
        )
        mark(
            verb="allot",
            event="allotted",
            subject=("aid.allotment", made.pk),
            by=by,
            now=now,
            units=units,
            external=external,
        )
    return made


def entitle(*, allotment: Allotment, roll: Roll, by: Actor, now: datetime) -> Entitled:
    """Promise an allotment to the households of a list, the most vulnerable first, each once in the period.

    A household whom another government body serves in the same period is suspended with a reason, before anything is
    handed out. What the ministry serves goes before what is promised here and was not handed out yet. May be called again
    after reviews and new allotments: households that have theirs keep it.

    Raises:
        NotPermitted: no coordinator of the whole city.
        HeldBack: the list waits for a verifier, or was returned.
    """
    TABLE.require(by, "entitle")
    with transaction.atomic():
        # All that promise in one period go one after the other, so that none misses what another just promised.
        AidPeriod.objects.select_for_update(no_key=True).get(pk=allotment.period_id)
        locked = Roll.objects.select_for_update(no_key=True).get(pk=roll.pk)
        if locked.state not in (RollState.LISTED, RollState.VERIFIED):
            raise HeldBack
        entries = _entries(allotment, locked, localdate(now))
        displaced = _displace(allotment, entries, now) if allotment.external else 0
        promised, suspended = _promise(allotment, entries, now)
        allotment.matched_at = now
        allotment.save(update_fields=["matched_at"])
        mark(
            verb="entitle",
            event="entitled",
            subject=("aid.allotment", allotment.pk),
            by=by,
            now=now,
            roll=roll.pk,
            entitled=promised,
            suspended=suspended,
            displaced=displaced,
        )
    return Entitled(promised, suspended, displaced)


def suspend_visited(entry: RollEntry, *, now: datetime) -> int:
    """Take back what was promised by an entry that a visit found wrong and was not handed out; how many promises."""
    standing = list(
        Entitlement.objects.select_for_update(no_key=True)
        .filter(entry=entry, state=CommitmentState.CONFIRMED)
        .order_by("pk")
    )
    for each in standing:
        commitments.release(each, now=now)
    Entitlement.objects.filter(pk__in=[each.pk for each in standing]).update(round=None)
    Suspension.objects.bulk_create(
        _suspension(each.allotment, entry, SuspensionReason.VISIT, None, now) for each in standing
    )
    return len(standing)


def _entries(allotment: Allotment, roll: Roll, today: date) -> list[RollEntry]:
    """Households of the list that this allotment has not decided on for good, the most vulnerable first."""
    decided = Suspension.objects.filter(allotment=allotment, state__in=OPEN).exclude(reason__in=AGAIN)
    has = Entitlement.objects.filter(allotment=allotment, state__in=ACTIVE)
    wanted = RollEntry.objects.filter(
        roll=roll,
        state__in=[RollEntryState.LISTED, RollEntryState.REVIEW],
        valid_until_date__gt=min(today, allotment.period.starts_date),
    )
    found = (
        wanted.exclude(household__in=decided.values("household"))
        .exclude(household__in=has.values("household"))
        .select_related("roll", "household")
    )
    return sorted(found, key=lambda each: (-vulnerability_of(each, today=today).points, each.pk))


def _displace(allotment: Allotment, entries: Sequence[RollEntry], now: datetime) -> int:
    """End what others promised, but did not hand out yet, to households that the ministry serves."""
    households = {entry.household_id: entry for entry in entries if entry.state == RollEntryState.LISTED}
    standing = list(
        Entitlement.objects.select_for_update(no_key=True)
        .filter(
            period=allotment.period_id,
            household__in=households,
            state__in=[CommitmentState.HELD, CommitmentState.CONFIRMED],
            allotment__external=False,
        )
        .order_by("pk")
    )
    for each in standing:
        commitments.release(each, now=now)
    Entitlement.objects.filter(pk__in=[each.pk for each in standing]).update(round=None)
    Suspension.objects.bulk_create(
        Suspension(
            allotment_id=each.allotment_id,
            household_id=each.household_id,
            entry_id=each.entry_id,
            reason=SuspensionReason.SERVED_ELSEWHERE,
            suspended_at=now,
        )
        for each in standing
    )
    return len(standing)


def _promise(allotment: Allotment, entries: Sequence[RollEntry], now: datetime) -> tuple[int, int]:
    taken = dict(
        Entitlement.objects.filter(
            period=allotment.period_id,
            household__in=[entry.household_id for entry in entries],
            state__in=ACTIVE,
        ).values_list("household_id", "pk")
    )
    here = set(
        Entitlement.objects.filter(pk__in=taken.values(), allotment__external=False).values_list(
            "pk", flat=True
        )
    )
    free = [e for e in entries if e.state == RollEntryState.LISTED and e.household_id not in taken]
    held = commitments.hold_many([entitlement_of(allotment, entry, now) for entry in free], now=now)
    short = {refused.household_id for refused, _why in held.refused}
    suspensions = []
    for entry in entries:
        because = taken.get(entry.household_id)
        reason = _reason(entry, because, here, short)
        if reason is not None:
            suspensions.append(_suspension(allotment, entry, reason, because, now))
    households = [entry.household_id for entry in entries]
    Suspension.objects.filter(
        allotment=allotment, household__in=households, state__in=OPEN, reason__in=AGAIN
    ).update(state=SuspensionState.LIFTED)
    Suspension.objects.bulk_create(suspensions, batch_size=2000)
    _name_cause(allotment, [entry.household_id for entry in free])
    return len(held.held), len(suspensions)


def _reason(
    entry: RollEntry, because: int | None, here: set[int], short: set[int]
) -> SuspensionReason | None:
    if entry.state == RollEntryState.REVIEW:
        return SuspensionReason.IN_REVIEW
    if because is not None:
        return SuspensionReason.SERVED_HERE if because in here else SuspensionReason.SERVED_ELSEWHERE
    return SuspensionReason.NOT_ENOUGH if entry.household_id in short else None


def _name_cause(allotment: Allotment, households: Sequence[int]) -> None:
    """Suspensions that a new promise of the ministry caused name it."""
    if not allotment.external:
        return
    promised = dict(
        Entitlement.objects.filter(
            allotment=allotment, household__in=households, state__in=ACTIVE
        ).values_list("household_id", "pk")
    )
    caused = list(
        Suspension.objects.filter(
            allotment__period=allotment.period_id,
            household__in=promised,
            because__isnull=True,
            reason=SuspensionReason.SERVED_ELSEWHERE,
            state=SuspensionState.STANDING,
        )
    )
    for each in caused:
        each.because_id = promised[each.household_id]
    Suspension.objects.bulk_update(caused, ["because"], batch_size=2000)


def entitlement_of(allotment: Allotment, entry: RollEntry, now: datetime) -> Entitlement:
    """The promise of an allotment to a listed household, not yet held."""
    return Entitlement(
        allotment=allotment,
        period_id=allotment.period_id,
        household_id=entry.household_id,
        entry=entry,
        quantity=allotment.units_per_household,
        state=CommitmentState.CONFIRMED,
        code=new_receipt_code(),
        entitled_at=now,
    )


def _suspension(
    allotment: Allotment, entry: RollEntry, reason: SuspensionReason, because: int | None, now: datetime
) -> Suspension:
    return Suspension(
        allotment=allotment,
        household_id=entry.household_id,
        entry=entry,
        reason=reason,
        because_id=because,
        suspended_at=now,
    )
