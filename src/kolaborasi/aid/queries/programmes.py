"""Sub-programmes, what they ask, and the numbers they are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models import Item, Need, NeedLine, Programme
from kolaborasi.aid.queries.coverage import COUNTED, NEEDED
from kolaborasi.aid.rules.programmes import Indicator, Measure, NeedField
from kolaborasi.aid.rules.vulnerability import Score, need_score
from kolaborasi.common.errors import NotFound


def programmes() -> QuerySet[Programme]:
    """Sub-programmes that take needs, in the order they were defined."""
    return Programme.objects.filter(closed=False).order_by("pk")


def programme(code: str) -> Programme:
    """The sub-programme of a code.

    Raises:
        NotFound: there is none.
    """
    found = Programme.objects.prefetch_related("items").filter(code=code).first()
    if found is None:
        raise NotFound(
            _("There is no sub-programme “%(code)s”. Choose one of the list.") % {"code": code},
            code="programme-unknown",
        )
    return found


def need_form(of: Programme) -> list[NeedField]:
    """The questions of its need form, in order."""
    return [NeedField.model_validate(each) for each in of.need_form]


def catalogue(of: Programme) -> QuerySet[Item]:
    """The items it gives."""
    return of.items.order_by("id")


@dataclass(frozen=True)
class IndicatorValue:
    """A number a sub-programme is judged by; a share lies between 0 and 1."""

    indicator: Indicator
    value: Decimal | int


def indicator_values(of: Programme) -> list[IndicatorValue]:
    """Every indicator of a sub-programme, of citizens' and the government's aid together."""
    found = [Indicator.model_validate(each) for each in of.indicators]
    return [IndicatorValue(each, _value(of, each)) for each in found]


def urgency_of(need: Need, now_date: date) -> Score:
    """How urgent a need is, with its parts; `need` is one of `queries.needs.listed`."""
    numbers = vars(need)
    return need_score(
        needed=numbers["needed"],
        committed=numbers["committed"],
        delivered=numbers["delivered"],
        needed_by=numbers["soonest"] or now_date,
        registered=localdate(need.registered_at),
        cause=need.cause,
        today=now_date,
    )


def _value(of: Programme, indicator: Indicator) -> Decimal | int:
    needs = Need.objects.filter(programme=of, state__in=COUNTED)
    lines = NeedLine.objects.filter(need__programme=of, need__state__in=COUNTED)
    if indicator.item:
        lines = lines.filter(item__code=indicator.item)
    if indicator.measure == Measure.ANSWER:
        number = Cast(KeyTextTransform(indicator.field, "answers"), IntegerField())
        return _sum(needs.filter(answers__has_key=indicator.field).aggregate(n=Sum(number))["n"])
    if indicator.measure == Measure.HOUSEHOLDS:
        return _sum(needs.aggregate(n=Sum("households"))["n"])
    if indicator.measure == Measure.PLACES:
        reached = lines.filter(delivered__gt=0)
        return int(
            reached.aggregate(
                n=Count("need__place", distinct=True, filter=Q(need__institution__isnull=True))
            )["n"]
        ) + int(reached.aggregate(n=Count("need__institution", distinct=True))["n"])
    sums = lines.aggregate(
        needed=Coalesce(Sum(NEEDED), 0),
        committed=Coalesce(Sum(F("committed")), 0),
        delivered=Coalesce(Sum(F("delivered")), 0),
    )
    if indicator.measure == Measure.DELIVERED_SHARE:
        needed = sums["needed"]
        return (Decimal(sums["delivered"]) / needed).quantize(Decimal("0.0001")) if needed else Decimal(0)
    return int(sums[indicator.measure.value])


def _sum(value: int | None) -> int:
    return int(value or 0)
