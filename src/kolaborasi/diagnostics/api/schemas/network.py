"""Labs with what they offer, testing sites with their slots."""

from __future__ import annotations

import datetime as dt

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.diagnostics.models import Lab, LabDay, Machine, Slot
from kolaborasi.partners.models import Site
from kolaborasi.places.api import KEMAYORAN, PlaceRef

MACHINE = {
    "id": 3,
    "name": "PCR 1",
    "model": "CFX96",
    "wells": 96,
    "run_minutes": 90,
    "targets": [],
    "in_service": True,
}
SHIFT = {"weekday": 0, "starts_minute": 420, "minutes": 480, "staffed_machines": 2}
LAB = {
    "id": 12,
    "site": 40,
    "name": "Laboratorium Kampus Contoh 1",
    "kind": "campus",
    "place": KEMAYORAN,
    "biosafety": 2,
    "mobile": False,
    "preparation_minutes": 60,
    "state": "active",
    "down_reason": None,
    "state_at": "2021-07-12T03:00:00Z",
    "machines": [MACHINE],
    "shifts": [SHIFT],
}
DAY = {
    "lab": 12,
    "date": "2021-07-13",
    "offered": 300,
    "possible": 372,
    "promised": 120,
    "received": 80,
    "left": 180,
}
SITE = {"id": 41, "name": "Titik Swab Contoh 1", "kind": "collection", "place": KEMAYORAN}
SLOT = {
    "id": 7,
    "site": 41,
    "starts_at": "2021-07-13T02:00:00Z",
    "ends_at": "2021-07-13T02:20:00Z",
    "places": 6,
    "left": 4,
}


class MachineOut(Schema):
    """A PCR machine."""

    model_config = examples(MACHINE)

    id: int
    name: str
    model: str
    wells: int
    run_minutes: int
    targets: list[str]
    in_service: bool

    @classmethod
    def of(cls, row: Machine) -> MachineOut:
        """The machine."""
        return cls(
            id=row.pk,
            name=row.name,
            model=row.model,
            wells=row.wells,
            run_minutes=row.run_minutes,
            targets=row.targets,
            in_service=row.in_service,
        )


class ShiftOut(Schema):
    """When a lab works."""

    model_config = examples(SHIFT)

    weekday: int = Field(description="0 is Monday.")
    starts_minute: int = Field(description="Minutes after midnight in Jakarta.")
    minutes: int
    staffed_machines: int


class LabOut(Schema):
    """A lab of the network."""

    model_config = examples(LAB)

    id: int
    site: int
    name: str
    kind: str = Field(
        description="Who stands behind it: government, campus, research, hospital, private, mobile."
    )
    place: PlaceRef
    biosafety: int
    mobile: bool
    preparation_minutes: int
    state: str
    down_reason: str | None
    state_at: dt.datetime
    machines: list[MachineOut]
    shifts: list[ShiftOut]

    @classmethod
    def of(cls, lab: Lab) -> LabOut:
        """The lab; machines and shifts should be prefetched."""
        return cls(
            id=lab.pk,
            site=lab.site_id,
            name=lab.site.name,
            kind=lab.kind.value,
            place=PlaceRef.of(lab.site.place),
            biosafety=lab.biosafety,
            mobile=lab.mobile,
            preparation_minutes=lab.preparation_minutes,
            state=lab.state,
            down_reason=lab.down_reason or None,
            state_at=lab.state_at,
            machines=[MachineOut.of(each) for each in lab.machines.all()],
            shifts=[
                ShiftOut(
                    weekday=each.weekday,
                    starts_minute=each.starts_minute,
                    minutes=each.minutes,
                    staffed_machines=each.staffed_machines,
                )
                for each in lab.shifts.all()
            ],
        )


LabPage = Page[LabOut]


class LabDayOut(Schema):
    """What a lab offers on a day, and what is left of it."""

    model_config = examples(DAY)

    lab: int
    date: dt.date
    offered: int
    possible: int = Field(description="What machines, shifts and reagents allowed when it was offered.")
    promised: int
    received: int
    left: int

    @classmethod
    def of(cls, day: LabDay) -> LabDayOut:
        """The day."""
        return cls(
            lab=day.lab_id,
            date=day.date,
            offered=day.reported,
            possible=day.derived,
            promised=day.committed,
            received=day.delivered,
            left=day.left,
        )


class LabDayList(Schema):
    """Days of a lab."""

    model_config = examples({"items": [DAY]})

    items: list[LabDayOut]


class TestingSiteOut(Schema):
    """A site where people are tested."""

    model_config = examples(SITE)

    id: int
    name: str
    kind: str
    place: PlaceRef

    @classmethod
    def of(cls, site: Site) -> TestingSiteOut:
        """The site."""
        return cls(id=site.pk, name=site.name, kind=site.kind, place=PlaceRef.of(site.place))


TestingSitePage = Page[TestingSiteOut]


class SlotOut(Schema):
    """Places at a site from one moment to another."""

    model_config = examples(SLOT)

    id: int
    site: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    places: int
    left: int

    @classmethod
    def of(cls, slot: Slot) -> SlotOut:
        """The slot."""
        return cls(
            id=slot.pk,
            site=slot.site_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            places=slot.reported,
            left=slot.left,
        )


SlotPage = Page[SlotOut]


class SlotList(Schema):
    """Slots that were opened."""

    model_config = examples({"items": [SLOT]})

    items: list[SlotOut]
