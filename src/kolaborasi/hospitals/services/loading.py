"""The verb that takes the hospitals of the facts table in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.facts import HospitalFact, jakarta_hospitals
from kolaborasi.hospitals.models import Hospital
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import Service, assumed_services
from kolaborasi.hospitals.services.registry import HospitalFacts, register_hospital
from kolaborasi.partners.models import PartnerKind, SiteKind
from kolaborasi.partners.services import enrol, open_site
from kolaborasi.places.models import Place


def load_hospitals(*, by: Actor, now: datetime, rows: Sequence[HospitalFact] | None = None) -> list[Hospital]:
    """Register every hospital of the table that is not there yet, each as a site of a partner of its own.

    Hospitals without a known point get none: distances are then measured from the middle of their city.

    Args:
        rows: Jakarta's hospitals when absent; the areas they lie in must be loaded.

    Returns:
        Those that are new. All of them or none.

    Raises:
        NotPermitted: not the system.
    """
    TABLE.require(by, "load_hospitals")
    wanted = jakarta_hospitals() if rows is None else rows
    with transaction.atomic():
        places = {place.code: place for place in Place.objects.filter(code__in={row.place for row in wanted})}
        codes = set(Hospital.objects.values_list("registry_code", flat=True))
        names = set(Hospital.objects.values_list("site__name", "site__place__code"))
        new = [
            row
            for row in wanted
            if (row.registry_code not in codes if row.registry_code else (row.name, row.place) not in names)
        ]
        return [_register(row, places[row.place], by, now) for row in new]


def _register(row: HospitalFact, place: Place, by: Actor, now: datetime) -> Hospital:
    partner = enrol(name=row.name, kind=PartnerKind.HOSPITAL, place=place, by=by, now=now)
    site = open_site(
        partner=partner,
        place=place,
        kind=SiteKind.HOSPITAL,
        name=row.name,
        position=row.position,
        by=by,
        now=now,
    )
    services = assumed_services(row.kind, row.hospital_class)
    facts = HospitalFacts(
        registry_code=row.registry_code or None,
        kind=row.kind,
        hospital_class=row.hospital_class,
        ownership=row.ownership,
        total_beds=row.total_beds,
        dialysis=Service.DIALYSIS in services,
        obstetrics=Service.OBSTETRICS in services,
        paediatrics=Service.PAEDIATRICS in services,
        ventilator=Service.VENTILATOR in services,
    )
    return register_hospital(site=site, facts=facts, by=by, now=now)
