"""Decisions of the hospitals room on plain values; which bed for whom is in `ranking`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from kolaborasi.hospitals.classes import BedClass, Need, codes, fits

ANSWER_TIME = timedelta(minutes=15)
"""How long a hospital has to answer an offer; the next one is asked then. Our own choice."""
PICK_UP_TIME = timedelta(hours=4)
"""How long an accepted bed waits for the ambulance to leave; on the road it has no limit. Our own choice."""
LONGEST_ANSWER_TIME = timedelta(hours=2)
MOST_ASKED = 10
"""Hospitals that may be asked one after the other without a person looking again."""
MOST_BEDS = 10_000
CLOCK_DRIFT = timedelta(minutes=2)
"""A hospital's clock may run ahead by this much before its report counts as from the future."""


class Severity(IntEnum):
    """How ill a patient is; the higher comes first in the queue."""

    MILD = 1
    MODERATE = 2
    SEVERE = 3
    CRITICAL = 4


class AgeGroup(StrEnum):
    """Age in the groups that decide about beds."""

    NEONATE = "neonate"
    INFANT = "infant"
    CHILD = "child"
    ADULT = "adult"
    ELDER = "elder"


CHILDREN = (AgeGroup.NEONATE, AgeGroup.INFANT, AgeGroup.CHILD)


def age_group_of(born: date, today: date) -> AgeGroup:
    """Group of an age: below 28 days, one, 18 and 60 years; neonate to 28 days by WHO."""
    if born > today:
        raise ValueError("born after today")
    if (today - born).days < 28:
        return AgeGroup.NEONATE
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    limits = ((1, AgeGroup.INFANT), (18, AgeGroup.CHILD), (60, AgeGroup.ADULT))
    return next((group for limit, group in limits if years < limit), AgeGroup.ELDER)


class SeverityReason(StrEnum):
    """The criterion a severity follows from."""

    VENTILATION = "ventilation"
    SHOCK = "shock"
    UNCONSCIOUS = "unconscious"
    LOW_OXYGEN = "low-oxygen"
    FAST_BREATHING = "fast-breathing"
    DISTRESS = "respiratory-distress"
    PNEUMONIA = "pneumonia"
    NO_SIGN = "no-sign"


SEVERE_SPO2 = 93
"""Below it, per cent in room air, a case is severe: Pedoman Tatalaksana COVID-19 edisi 3 (2020). WHO's living guideline
draws the line at 90; the national one is the stricter and counts here."""

FAST_BREATHS: Mapping[AgeGroup, int] = {
    AgeGroup.NEONATE: 60,
    AgeGroup.INFANT: 50,
    AgeGroup.CHILD: 40,
    AgeGroup.ADULT: 31,
    AgeGroup.ELDER: 31,
}
"""Breaths a minute from which breathing is fast. Adults: more than 30. Children: WHO, 60 below 2 months, 50 to 11 months,
40 to 5 years; the table's groups are wider, so an older child's breathing counts as fast a little late."""


@dataclass(frozen=True)
class Signs:
    """What was seen at the patient; None and False: not seen or not measured.

    Args:
        spo2: oxygen saturation in room air, per cent.
        breaths: a minute.
        ventilation: cannot breathe alone.
        shock: septic shock, or blood pressure that must be supported.
        unconscious: not awake, or newly confused.
        distress: severe respiratory distress (cannot finish a sentence; chest drawn in).
        pneumonia: cough, fever and breathlessness, or seen in a picture.
    """

    spo2: int | None = None
    breaths: int | None = None
    ventilation: bool = False
    shock: bool = False
    unconscious: bool = False
    distress: bool = False
    pneumonia: bool = False


def severity_of(signs: Signs, age: AgeGroup) -> tuple[Severity, tuple[SeverityReason, ...]]:
    """Severity and the criteria it follows from.

    Source: Pedoman Tatalaksana COVID-19 edisi 3 (December 2020), after WHO, Clinical management of COVID-19: critical is
    respiratory failure, shock or loss of consciousness; severe is pneumonia with SpO2 < 93 %, fast breathing or
    severe distress; moderate is pneumonia without them; all else is mild. A test result plays no part.
    """
    critical = {
        SeverityReason.VENTILATION: signs.ventilation,
        SeverityReason.SHOCK: signs.shock,
        SeverityReason.UNCONSCIOUS: signs.unconscious,
    }
    severe = {
        SeverityReason.LOW_OXYGEN: signs.spo2 is not None and signs.spo2 < SEVERE_SPO2,
        SeverityReason.FAST_BREATHING: signs.breaths is not None and signs.breaths >= FAST_BREATHS[age],
        SeverityReason.DISTRESS: signs.distress,
    }
    for severity, found in ((Severity.CRITICAL, critical), (Severity.SEVERE, severe)):
        reasons = tuple(reason for reason, true in found.items() if true)
        if reasons:
            return severity, reasons
    if signs.pneumonia:
        return Severity.MODERATE, (SeverityReason.PNEUMONIA,)
    return Severity.MILD, (SeverityReason.NO_SIGN,)


@dataclass(frozen=True)
class Wish:
    """What decides about the bed of a patient; nothing about a test.

    Args:
        ventilator: breathing must be supported.
        dialysis, obstetric, paediatric: the hospital must have the service.
        labour: the birth has begun.
        isolation: must not lie in a room with others or an open ward.
    """

    severity: Severity
    age: AgeGroup
    ventilator: bool = False
    dialysis: bool = False
    obstetric: bool = False
    paediatric: bool = False
    labour: bool = False
    isolation: bool = False


def need_of(wish: Wish) -> Need:
    """The line of the table of substitutions that a patient falls under."""
    intensive = wish.severity >= Severity.SEVERE or wish.ventilator
    if wish.age == AgeGroup.NEONATE:
        return Need.NEONATE_INTENSIVE if intensive else Need.NEONATE
    if wish.age in CHILDREN:
        return Need.CHILD_INTENSIVE if intensive else Need.CHILD
    if wish.ventilator:
        return Need.VENTILATOR
    if wish.labour and not intensive:
        return Need.LABOUR
    return Need[wish.severity.name]


OPEN_WARDS = frozenset({BedClass.ED, BedClass.HCU})
"""Rooms shared with others: for who must be isolated, the emergency department is unfit, an HCU the second choice."""


def fitting(wish: Wish) -> dict[BedClass, int]:
    """Bed classes fit for a patient, with the grade of each; what is not in it is unfit."""
    found = dict(fits(need_of(wish)))
    if wish.isolation:
        found.pop(BedClass.ED, None)
        if BedClass.HCU in found:
            found[BedClass.HCU] += 1
    return found


class Service(StrEnum):
    """What a hospital can do beside beds."""

    DIALYSIS = "dialysis"
    OBSTETRICS = "obstetrics"
    PAEDIATRICS = "paediatrics"
    VENTILATOR = "ventilator"


def services_needed(wish: Wish) -> frozenset[Service]:
    """Services the hospital must have, whatever the bed."""
    needed = {
        Service.DIALYSIS: wish.dialysis,
        Service.OBSTETRICS: wish.obstetric or wish.labour,
        Service.PAEDIATRICS: wish.paediatric or wish.age in CHILDREN,
        Service.VENTILATOR: wish.ventilator,
    }
    return frozenset(service for service, true in needed.items() if true)


def assumed_services(kind: str, hospital_class: str) -> frozenset[Service]:
    """Services a hospital is taken to have until it says so itself, from its kind and class.

    An assumption, since no registry publishes them: general hospitals treat children and births (Permenkes 3/2020 names
    both among the basic services of a general hospital), those of class A to C ventilate, those of class A and B have
    dialysis; mother and child hospitals have the first two.
    """
    found = set()
    if kind in ("general", "mother-child"):
        found |= {Service.OBSTETRICS, Service.PAEDIATRICS}
    if kind == "general" and hospital_class in ("A", "B", "C"):
        found.add(Service.VENTILATOR)
    if kind == "general" and hospital_class in ("A", "B"):
        found.add(Service.DIALYSIS)
    return frozenset(found)


@dataclass(frozen=True)
class BedCount:
    """One report of one class, as a hospital sends it.

    Args:
        staffed: beds with staff that the hospital gives to the network, occupied ones included (gross).
        occupied: of them, with a patient in them, whoever sent them.
        others: of the occupied, patients the network did not place; None when the hospital does not know.
        cleaning: staffed and empty, but not ready.
        preparing: to come, not staffed yet.
        waiting_outside: people who wait to enter the emergency department.
        waiting_inside: people in the emergency department who wait for a bed of this class.
    """

    staffed: int
    occupied: int
    others: int | None = None
    cleaning: int = 0
    preparing: int = 0
    waiting_outside: int = 0
    waiting_inside: int = 0


@dataclass(frozen=True)
class FreeBeds:
    """What SIRANAP's public pages say of a class: how many beds are empty, and how many people wait."""

    free: int
    waiting_outside: int = 0
    waiting_inside: int = 0

    def gross(self, placed_in_bed: int) -> BedCount:
        """As a gross count: the empty beds and those of patients the network had placed when they were counted."""
        return BedCount(
            staffed=self.free + placed_in_bed,
            occupied=placed_in_bed,
            others=0,
            waiting_outside=self.waiting_outside,
            waiting_inside=self.waiting_inside,
        )


class ReportFault(StrEnum):
    """Why a report cannot be taken."""

    NEGATIVE = "negative"
    TOO_MANY = "too-many"
    MORE_OCCUPIED_THAN_STAFFED = "more-occupied-than-staffed"
    NO_ROOM_FOR_CLEANING = "no-room-for-cleaning"
    MORE_OTHERS_THAN_OCCUPIED = "more-others-than-occupied"
    FUTURE = "from-the-future"
    OLDER = "older-than-the-newest"


def report_faults(
    count: BedCount, *, observed_at: datetime, newest_at: datetime | None, now: datetime
) -> list[ReportFault]:
    """Everything that is wrong with a report.

    Args:
        newest_at: when the newest report of the same beds was observed.
    """
    numbers = [
        *(count.staffed, count.occupied, count.cleaning, count.preparing),
        *(count.waiting_outside, count.waiting_inside, count.others or 0),
    ]
    found = {
        ReportFault.NEGATIVE: min(numbers) < 0,
        ReportFault.TOO_MANY: max(numbers) > MOST_BEDS,
        ReportFault.MORE_OCCUPIED_THAN_STAFFED: count.occupied > count.staffed,
        ReportFault.NO_ROOM_FOR_CLEANING: count.occupied <= count.staffed < count.occupied + count.cleaning,
        ReportFault.MORE_OTHERS_THAN_OCCUPIED: count.others is not None and count.others > count.occupied,
        ReportFault.FUTURE: observed_at > now + CLOCK_DRIFT,
        ReportFault.OLDER: newest_at is not None and observed_at < newest_at,
    }
    return [fault for fault, true in found.items() if true]


def others_of(count: BedCount, placed_in_bed: int) -> int:
    """Patients in the beds that the network did not place.

    Args:
        placed_in_bed: patients the network had placed and who lay there when the beds were counted. They are promised
            beds already; subtracting them here is what keeps an admitted patient from being counted twice.
    """
    return max(0, count.occupied - placed_in_bed) if count.others is None else count.others


def given_beds(count: BedCount, others: int) -> int:
    """Beds the network may fill, patients it placed there before included: the `reported` of law 1.

    staffed - others - cleaning, at least 0.
    """
    return max(0, count.staffed - others - count.cleaning)


def stale_minutes(bed_class: str, changed: Mapping[str, int] | None = None) -> int:
    """Age in minutes at which a report of a class is stale; `changed` holds what the city set otherwise."""
    return (changed or {}).get(bed_class) or codes()[BedClass(bed_class)].stale_minutes


def is_stale(observed_at: datetime | None, limit_minutes: int, now: datetime) -> bool:
    """Whether a report is older than its limit; no report at all is stale."""
    return observed_at is None or now - observed_at > timedelta(minutes=limit_minutes)


class WarningSign(StrEnum):
    """What turns a home isolation into a referral."""

    LOW_OXYGEN = "low-oxygen"
    FAST_BREATHING = "fast-breathing"
    BREATHLESS = "breathless"
    CHEST_PAIN = "chest-pain"
    CONFUSED = "confused"
    NOT_DRINKING = "not-drinking"


WARNING_SPO2 = 94
"""Below it, per cent, a person isolating is referred: Kemenkes, Panduan isolasi mandiri (2021), keeps those below 94 out
of home isolation."""


@dataclass(frozen=True)
class Checkup:
    """What a daily follow-up found; None: not measured."""

    spo2: int | None = None
    breaths: int | None = None
    breathless: bool = False
    chest_pain: bool = False
    confused: bool = False
    not_drinking: bool = False


def warning_signs(checkup: Checkup, age: AgeGroup) -> tuple[WarningSign, ...]:
    """Signs that home is no longer the place to be; empty when it is."""
    found = {
        WarningSign.LOW_OXYGEN: checkup.spo2 is not None and checkup.spo2 < WARNING_SPO2,
        WarningSign.FAST_BREATHING: checkup.breaths is not None and checkup.breaths >= FAST_BREATHS[age],
        WarningSign.BREATHLESS: checkup.breathless,
        WarningSign.CHEST_PAIN: checkup.chest_pain,
        WarningSign.CONFUSED: checkup.confused,
        WarningSign.NOT_DRINKING: checkup.not_drinking,
    }
    return tuple(sign for sign, true in found.items() if true)


def severity_of_checkup(checkup: Checkup, age: AgeGroup) -> Severity:
    """Severity a referral from home starts with: by the criteria, and at least moderate."""
    signs = Signs(
        spo2=checkup.spo2,
        breaths=checkup.breaths,
        unconscious=checkup.confused,
        distress=checkup.breathless,
    )
    return max(Severity.MODERATE, severity_of(signs, age)[0])


def refill_quotas(empty: Sequence[int], *, total: int, each: int) -> list[int]:
    """Cylinders each hospital may send on a round: one at a time to all in turn, so that nobody is left out.

    The Monas post of July 2021 took at most 10 large cylinders of a hospital and 100 to 300 a day (reference C6).

    Args:
        empty: empty cylinders of each hospital.
        total: cylinders the round can carry.
        each: most of one hospital.

    Returns:
        Quotas in the same order: none above its wish or `each`, their sum the most that fits; two hospitals that both
        want more differ by at most one.
    """
    wishes = [min(wish, each) for wish in empty]
    quotas = [0] * len(wishes)
    left = min(total, sum(wishes))
    while left:
        for row, wish in enumerate(wishes):
            if left and quotas[row] < wish:
                quotas[row] += 1
                left -= 1
    return quotas


def surge(*, needed: int, headroom: Sequence[int]) -> list[int]:
    """Beds each hospital should convert: shared in proportion to what it can, whole beds by largest remainder.

    Args:
        needed: beds short of the target.
        headroom: beds each hospital could still convert.

    Returns:
        Beds in the same order; none above its headroom, their sum min(needed, sum of headroom).
    """
    whole = sum(headroom)
    wanted = min(max(0, needed), whole)
    if not wanted:
        return [0] * len(headroom)
    shares = [divmod(wanted * room, whole) for room in headroom]
    beds = [share for share, _rest in shares]
    by_remainder = sorted(range(len(shares)), key=lambda row: (-shares[row][1], row))
    for row in by_remainder[: wanted - sum(beds)]:
        beds[row] += 1
    return beds


def beds_short(*, occupied: int, waiting: int, given: int, target: float) -> int:
    """Beds to add so that occupied and waiting patients together fill at most `target` (0 to 1) of all.

    The smallest b >= 0 with occupied + waiting <= target x (given + b). WHO's guide value for bed occupancy, which
    the city published against in 2021, is 60 per cent.
    """
    if not 0 < target <= 1:
        raise ValueError("the target occupancy is a share above 0 and at most 1")
    beds = max(0, int((occupied + waiting) / target) - given - 1)
    while occupied + waiting > target * (given + beds):
        beds += 1
    return beds
