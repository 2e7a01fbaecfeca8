"""Hospitals, and how large the network is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.models import (
    AgreedBeds,
    ConversionRequest,
    Hospital,
    NameInQuestion,
    NetworkPeriod,
)
from kolaborasi.hospitals.states import ConversionState

OWN_ROLES = ("partner_admin", "partner_member")


def hospitals() -> QuerySet[Hospital]:
    """Every hospital the city knows that is open, with site, place, city and partner, by name."""
    return (
        Hospital.objects.filter(site__closed_date__isnull=True)
        .select_related("site__partner", "site__place__parent__parent")
        .order_by("site__name", "pk")
    )


def hospital_by_id(pk: int) -> Hospital | None:
    """A hospital with site, place and partner, or None."""
    return Hospital.objects.select_related("site__partner", "site__place").filter(pk=pk).first()


def hospital_by_code(registry_code: str) -> Hospital | None:
    """The hospital with a code of RS Online / SIRANAP, or None."""
    found = Hospital.objects.select_related("site__partner", "site__place")
    return found.filter(registry_code=registry_code).first()


def hospitals_of(actor: Actor) -> QuerySet[Hospital]:
    """Hospitals the actor works for."""
    partners = [role.partner_id for role in actor.roles if role.name in OWN_ROLES and role.partner_id]
    return hospitals().filter(site__partner__in=partners)


@dataclass(frozen=True)
class NetworkSize:
    """How many of the hospitals the city knows are in the network on a day.

    Args:
        joined: give beds.
        paused: belong to it and take nobody new.
        known: all of them, in the network or not.
    """

    joined: int
    paused: int
    known: int


def network_size(day: date) -> NetworkSize:
    """The size of the network on a day, "140 of 190", in one statement."""
    on_day = NetworkPeriod.objects.filter(hospital=OuterRef("pk"), starts_date__lte=day).filter(
        Q(ends_date__isnull=True) | Q(ends_date__gt=day)
    )
    counts = (
        Hospital.objects.filter(Q(site__closed_date__isnull=True) | Q(site__closed_date__gt=day))
        .annotate(is_joined=Exists(on_day.filter(paused=False)), is_paused=Exists(on_day.filter(paused=True)))
        .aggregate(
            joined=Count("pk", filter=Q(is_joined=True)),
            paused=Count("pk", filter=Q(is_paused=True)),
            known=Count("pk"),
        )
    )
    return NetworkSize(**counts)


def network_days(hospital: Hospital) -> QuerySet[NetworkPeriod]:
    """When a hospital was in the network or paused, oldest first; periods that took no day are left out."""
    return NetworkPeriod.objects.filter(hospital=hospital).exclude(ends_date=F("starts_date"))


def agreed_beds(day: date) -> dict[tuple[int, str], int]:
    """Beds agreed on a day by hospital id and class."""
    rows = AgreedBeds.objects.filter(starts_date__lte=day).filter(
        Q(ends_date__isnull=True) | Q(ends_date__gt=day)
    )
    found = rows.order_by().values_list("hospital", "bed_class").annotate(beds=Sum("beds"))
    return {(hospital, bed_class): beds for hospital, bed_class, beds in found}


def open_conversions(hospital: Hospital | None = None) -> QuerySet[ConversionRequest]:
    """Requests to convert beds that wait for an answer: of one hospital, or all."""
    found = ConversionRequest.objects.filter(state=ConversionState.ASKED).select_related("hospital__site")
    return found if hospital is None else found.filter(hospital=hospital)


def conversion_by_id(pk: int) -> ConversionRequest | None:
    """A request to convert beds, answered or not, with its hospital and site, or None."""
    found = ConversionRequest.objects.select_related("hospital__site__place")
    return found.filter(pk=pk).first()


def names_in_question() -> QuerySet[NameInQuestion]:
    """Names of files that wait for a person to say which hospital is meant, with the one most likely meant."""
    return _names().filter(answered_at__isnull=True).order_by("name", "pk")


def name_by_id(pk: int) -> NameInQuestion | None:
    """A name of a file as `names_in_question()` reads it, answered or not, or None."""
    return _names().filter(pk=pk).first()


def _names() -> QuerySet[NameInQuestion]:
    found = NameInQuestion.objects.annotate(waiting=Count("held"))
    return found.select_related("likely__site__place")


def agreement_of(hospital: Hospital) -> dict[str, int]:
    """Beds a hospital gives by its agreement now, by class."""
    lines = AgreedBeds.objects.filter(hospital=hospital, ends_date__isnull=True)
    return dict(lines.order_by().values_list("bed_class", "beds"))
