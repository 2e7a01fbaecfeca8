"""What a sub-programme is made of, and whether a need form is filled in rightly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

CODE = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
MOST_ANSWER = 10_000_000


class FieldKind(StrEnum):
    """What an answer is. There is no free text: nobody is described in somebody's own words."""

    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes-no"
    DATE = "date"


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    code: str = Field(pattern=CODE, max_length=40)
    label_id: str = Field(min_length=1, max_length=120)
    label_en: str = Field(min_length=1, max_length=120)


class Option(_Described):
    """One answer of a choice."""


class NeedField(_Described):
    """One question of a need form.

    Args:
        least, most: of a number, both included.
        options: of a choice.
    """

    kind: FieldKind
    required: bool = True
    least: int = 0
    most: int = Field(default=MOST_ANSWER, le=MOST_ANSWER)
    options: tuple[Option, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> NeedField:
        if (self.kind == FieldKind.CHOICE) != bool(self.options):
            raise ValueError("a choice has options, and nothing else has")
        if self.least > self.most:
            raise ValueError("least is above most")
        if len({option.code for option in self.options}) != len(self.options):
            raise ValueError("an option is there twice")
        return self


class Measure(StrEnum):
    """What an indicator counts, over the open and ended needs of a programme."""

    NEEDED = "needed"
    COMMITTED = "committed"
    DELIVERED = "delivered"
    DELIVERED_SHARE = "delivered-share"
    HOUSEHOLDS = "households"
    PLACES = "places"
    ANSWER = "answer"


class Indicator(_Described):
    """A number a programme is judged by.

    Args:
        item: counts this item alone; empty counts all.
        field: whose answers are added up, for `answer`.
    """

    measure: Measure
    item: str = ""
    field: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Indicator:
        if (self.measure == Measure.ANSWER) != bool(self.field):
            raise ValueError("a field goes with the measure “answer” alone")
        return self


class ProgrammeDefinition(BaseModel):
    """A sub-programme as data: `kolaborasi/aid/facts/programmes.toml` has seven of them.

    Args:
        items: codes of its catalogue.
        agency: the body that accompanies it (SKPD pengampu).
        renewal_days: how long a household stays on its lists before it is looked at anew.
        source: where each of this is from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    code: str = Field(pattern=CODE, max_length=40)
    name_id: str = Field(min_length=1, max_length=80)
    name_en: str = Field(min_length=1, max_length=80)
    aim_id: str = Field(min_length=1)
    aim_en: str = Field(min_length=1)
    agency: str = Field(min_length=1, max_length=120)
    source: str = Field(min_length=1)
    renewal_days: int = Field(default=90, ge=1, le=730)
    items: tuple[str, ...] = Field(min_length=1)
    need_form: tuple[NeedField, ...] = ()
    indicators: tuple[Indicator, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> ProgrammeDefinition:
        codes = [field.code for field in self.need_form]
        numbers = {field.code for field in self.need_form if field.kind == FieldKind.NUMBER}
        if len(set(codes)) != len(codes):
            raise ValueError("a question is there twice")
        for indicator in self.indicators:
            if indicator.field and indicator.field not in numbers:
                raise ValueError(f"indicator {indicator.code} adds up {indicator.field}, which is no number")
            if indicator.item and indicator.item not in self.items:
                raise ValueError(
                    f"indicator {indicator.code} counts {indicator.item}, which is no item of it"
                )
        return self


class AnswerFault(StrEnum):
    """Why an answer cannot be."""

    MISSING = "missing"
    NO_NUMBER = "no-number"
    TOO_SMALL = "too-small"
    TOO_LARGE = "too-large"
    NO_OPTION = "no-option"
    NO_DATE = "no-date"
    NOT_YES_OR_NO = "not-yes-or-no"
    NOT_ASKED = "not-asked"


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that cannot be: to which question, and why."""

    field: str
    fault: AnswerFault


def wrong_answers(form: Sequence[NeedField], answers: Mapping[str, Any]) -> list[WrongAnswer]:
    """Everything that is wrong with the answers to a need form, in the order of the questions."""
    asked = {field.code for field in form}
    found = [(field.code, _fault(field, answers.get(field.code))) for field in form]
    found += [(code, AnswerFault.NOT_ASKED) for code in answers if code not in asked]
    return [WrongAnswer(code, fault) for code, fault in found if fault is not None]


def _fault(field: NeedField, answer: object) -> AnswerFault | None:
    if answer is None or answer == "":
        return AnswerFault.MISSING if field.required else None
    if field.kind == FieldKind.NUMBER:
        return _number_fault(field, answer)
    if field.kind == FieldKind.YES_NO:
        return None if isinstance(answer, bool) else AnswerFault.NOT_YES_OR_NO
    if field.kind == FieldKind.CHOICE:
        return None if answer in {option.code for option in field.options} else AnswerFault.NO_OPTION
    return None if _is_date(answer) else AnswerFault.NO_DATE


def _number_fault(field: NeedField, answer: object) -> AnswerFault | None:
    if not isinstance(answer, int) or isinstance(answer, bool):
        return AnswerFault.NO_NUMBER
    if answer < field.least:
        return AnswerFault.TOO_SMALL
    return AnswerFault.TOO_LARGE if answer > field.most else None


def _is_date(answer: object) -> bool:
    try:
        return isinstance(answer, str) and date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return False
