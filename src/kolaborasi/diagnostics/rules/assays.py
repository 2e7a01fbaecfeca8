"""From Ct values to a result: the rule of each assay is data, this reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a test says."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


LONGEST_TARGET = 20
Readings = Mapping[str, float | None]
"""Ct by gene target of one well; None where no curve crossed the threshold."""


@dataclass(frozen=True)
class AssayRule:
    """How an assay is read.

    Args:
        cut_offs: highest Ct that counts as detected, by target of the virus.
        detected_for_positive: so many targets make a positive.
        control: the internal control of every specimen, or empty.
        control_cut_off: highest Ct at which it counts as detected.
        cycles: cycles of the run; no Ct can be above.
    """

    cut_offs: Mapping[str, float]
    detected_for_positive: int
    control: str
    control_cut_off: float
    cycles: float

    @property
    def targets(self) -> tuple[str, ...]:
        """All targets that are read, the internal control last."""
        return (*self.cut_offs, *((self.control,) if self.control else ()))


def is_target(name: str) -> bool:
    """Whether a text can name a gene target."""
    return 0 < len(name) <= LONGEST_TARGET and name.isprintable()


def ct_faults(rule: AssayRule, readings: Readings) -> list[str]:
    """Targets whose Ct cannot be: not above zero, or above the cycles of the run."""
    return [target for target, ct in readings.items() if ct is not None and not 0 < ct <= rule.cycles]


def missing_targets(rule: AssayRule, readings: Readings) -> list[str]:
    """Targets the assay reads and the readings do not name."""
    return [target for target in rule.targets if target not in readings]


def detected(rule: AssayRule, readings: Readings) -> list[str]:
    """Targets of the virus at or below their cut-off."""
    found = []
    for target, limit in rule.cut_offs.items():
        ct = readings.get(target)
        if ct is not None and ct <= limit:
            found.append(target)
    return found


def interpret(rule: AssayRule, readings: Readings) -> Outcome:
    """The outcome of a specimen's well.

    Enough targets: positive, whatever the internal control says, since a strong positive can suppress it. Some:
    inconclusive. None: negative when the internal control was detected, otherwise invalid and to be repeated.
    """
    number = len(detected(rule, readings))
    if number >= rule.detected_for_positive:
        return Outcome.POSITIVE
    if number:
        return Outcome.INCONCLUSIVE
    if not rule.control:
        return Outcome.NEGATIVE
    ct = readings.get(rule.control)
    return Outcome.NEGATIVE if ct is not None and ct <= rule.control_cut_off else Outcome.INVALID


class ControlFault(StrEnum):
    """Why the controls of a run do not let it be read."""

    NO_POSITIVE = "no-positive-control"
    NO_NEGATIVE = "no-negative-control"
    POSITIVE_FAILED = "positive-control-not-detected"
    NEGATIVE_FAILED = "negative-control-detected"


def control_faults(
    rule: AssayRule, positive: Iterable[Readings], negative: Iterable[Readings]
) -> list[ControlFault]:
    """What is wrong with the controls of a run: each positive shows every target, no negative shows any."""
    positives, negatives = list(positive), list(negative)
    faults = []
    if not positives:
        faults.append(ControlFault.NO_POSITIVE)
    if not negatives:
        faults.append(ControlFault.NO_NEGATIVE)
    if any(len(detected(rule, readings)) < len(rule.cut_offs) for readings in positives):
        faults.append(ControlFault.POSITIVE_FAILED)
    if any(detected(rule, readings) for readings in negatives):
        faults.append(ControlFault.NEGATIVE_FAILED)
    return faults


def well_order(wells: int) -> list[str]:
    """Positions of a plate in the order they are filled, column by column: A1, B1, … H12 for 96 wells.

    Raises:
        ValueError: no plate of 96 or 384 wells holds so many.
    """
    if wells > 384:
        raise ValueError("a plate has at most 384 wells")
    rows = "ABCDEFGH" if wells <= 96 else "ABCDEFGHIJKLMNOP"
    columns = 12 if wells <= 96 else 24
    return [f"{row}{column}" for column in range(1, columns + 1) for row in rows][:wells]


def normal_position(text: str) -> str:
    """A well position without the padding some machines write: `A01` is `A1`."""
    bare = text.strip().upper()
    return f"{bare[:1]}{bare[1:].lstrip('0')}"
