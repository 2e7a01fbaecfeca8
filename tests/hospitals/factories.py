"""Hospitals, beds, patients and referrals for tests, through the tables' own constraints."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from kolaborasi.common.actors import Actor, Role
from kolaborasi.hospitals import services
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import (
    BedPool,
    BedReport,
    Hospital,
    IsolationCase,
    NetworkPeriod,
    Placement,
    Referral,
)
from kolaborasi.hospitals.rules import AgeGroup, Severity, Wish
from kolaborasi.partners.models import PartnerKind, Site, SiteKind
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place
from tests.conftest import NOW
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory, UserFactory, person

DISPATCHER = Actor.user(701, (Role("coordinator", 700),))
"""A coordinator of the whole city; `dispatcher_account` puts the account into the database."""


def dispatcher_account() -> None:
    """Make the account of `DISPATCHER`."""
    UserFactory(pk=DISPATCHER.user_id)


class HospitalFactory(DjangoModelFactory[Hospital]):
    """A hospital in the network since the first of July with every service, at a kelurahan of its own."""

    class Meta:
        model = Hospital
        skip_postgeneration_save = True

    site = factory.SubFactory(
        SiteFactory,
        kind=SiteKind.HOSPITAL,
        name=factory.Sequence(lambda number: f"RS Contoh {number}"),
        partner=factory.SubFactory(PartnerFactory, kind=PartnerKind.HOSPITAL),
    )
    registry_code = factory.Sequence(lambda number: f"3173{number:03d}")
    ownership = "province"
    network = "joined"
    dialysis = obstetrics = paediatrics = ventilator = True

    @factory.post_generation
    def period(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        """The days it is in the network, when it is."""
        if create and self.network == "joined":  # type: ignore[comparison-overlap]
            NetworkPeriod.objects.create(hospital=self, starts_date=date(2021, 7, 1))


class PoolFactory(DjangoModelFactory[BedPool]):
    """5 isolation beds with negative pressure of a hospital of its own, counted ten minutes ago, all empty."""

    class Meta:
        model = BedPool
        skip_postgeneration_save = True

    hospital = factory.SubFactory(HospitalFactory)
    bed_class = BedClass.ISOLATION_NP
    staffed = 5
    reported = factory.SelfAttribute("staffed")
    limit = factory.SelfAttribute("reported")
    observed_at = NOW - timedelta(minutes=10)
    received_at = NOW - timedelta(minutes=9)
    source = "hospital"

    @factory.post_generation
    def count(self, create: bool, extracted: Any, **_kwargs: Any) -> None:
        """The report its numbers come from."""
        if create:
            BedReport.objects.create(
                pool=self,  # type: ignore[misc]
                staffed=self.staffed,
                occupied=self.occupied,
                others=self.others,
                observed_at=self.observed_at,
                received_at=self.received_at,
                source=self.source,
            )


class PuskesmasFactory(SiteFactory):
    """A puskesmas of a partner of its own."""

    kind = SiteKind.PUSKESMAS
    name = factory.Sequence(lambda number: f"Puskesmas Contoh {number}")


def patient() -> Person:
    """Somebody visibly made up."""
    return person(email="")


def wish(severity: Severity = Severity.MODERATE, age: AgeGroup = AgeGroup.ADULT, **needs: bool) -> Wish:
    """A moderately ill adult without further needs."""
    return Wish(severity=severity, age=age, **needs)


def request(place: Place | None = None, **given: Any) -> services.Request:
    """What a hotline asks for a moderately ill adult."""
    values: dict[str, Any] = {"source": "hotline", "wish": wish(), **given}
    return services.Request(place=place or KelurahanFactory(), **values)


def referral(at: datetime = NOW, **given: Any) -> Referral:
    """A referral on the waiting list."""
    return services.refer(patient=patient(), request=request(**given), by=DISPATCHER, now=at)


def offered(pool: BedPool | None = None, at: datetime = NOW, **given: Any) -> Placement:
    """A referral offered to a hospital that has not answered."""
    return services.offer(
        referral=referral(at, **given), pools=[pool or PoolFactory()], by=DISPATCHER, now=at
    )


def accepted(pool: BedPool | None = None, at: datetime = NOW, **given: Any) -> Placement:
    """A referral a hospital has accepted."""
    return services.accept(placement=offered(pool, at, **given), by=DISPATCHER, now=at)


def admitted(pool: BedPool | None = None, at: datetime = NOW, **given: Any) -> Placement:
    """A patient in a bed."""
    placement = accepted(pool, at, **given)
    return services.admit(referral=placement.referral, by=DISPATCHER, now=at)


def staff_of(site: Site, role: str = "partner_member") -> Actor:
    """An account that works for the partner of a site."""
    return Actor.user(UserFactory().pk, (Role(role, site.partner_id),))


def isolation(puskesmas: Site | None = None, **given: Any) -> IsolationCase:
    """An adult isolating at home since today, on the list of a puskesmas of its own."""
    values: dict[str, Any] = {"age": AgeGroup.ADULT, "place": KelurahanFactory(), **given}
    return services.open_isolation(
        person=patient(), puskesmas=puskesmas or PuskesmasFactory(), by=DISPATCHER, now=NOW, **values
    )
