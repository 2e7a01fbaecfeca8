"""What the hospitals room looks like in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import BedPool, Hospital, Placement, Referral
from kolaborasi.hospitals.queries import Happening, Occupancy
from kolaborasi.hospitals.rules import MOST_BEDS, Service
from kolaborasi.places.api import KEMAYORAN, PlaceRef

BED = {
    "bed_class": "icu-np-vent",
    "free": 2,
    "staffed": 12,
    "occupied": 10,
    "cleaning": 0,
    "preparing": 0,
    "waiting_outside": 0,
    "waiting_inside": 3,
    "observed_at": "2021-06-28T02:10:00Z",
    "stale": False,
}
HOSPITAL = {
    "id": 17,
    "registry_code": "3171047",
    "name": "RSUD Contoh",
    "kind": "general",
    "hospital_class": "B",
    "ownership": "province",
    "place": KEMAYORAN,
    "latitude": -6.17,
    "longitude": 106.85,
    "hotline": "",
    "services": ["dialysis", "ventilator"],
    "network": "joined",
    "total_beds": 210,
}
OFFER = {
    "id": 501,
    "referral": 903,
    "hospital": 17,
    "hospital_name": "RSUD Contoh",
    "bed_class": "isolation-np",
    "answer": "pending",
    "decline_reason": None,
    "minutes": 18.5,
    "offered_at": "2021-06-28T02:20:00Z",
    "held_until": "2021-06-28T02:35:00Z",
    "admitted_at": None,
}
REFERRAL = {
    "id": 903,
    "patient": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "place": KEMAYORAN,
    "source": "puskesmas",
    "requester": 44,
    "on_behalf": False,
    "severity": "severe",
    "severity_reasons": ["low-oxygen"],
    "age_group": "adult",
    "needs": ["dialysis"],
    "pregnant": False,
    "pcr": "pending",
    "spo2": 90,
    "breaths": 28,
    "state": "offered",
    "requested_at": "2021-06-28T02:00:00Z",
    "state_at": "2021-06-28T02:20:00Z",
    "from_hospital": None,
    "bed": OFFER,
    "ask_next": [77, 81],
}
NEEDS = ("ventilator", "dialysis", "obstetric", "paediatric", "isolation")


class BedOut(Schema):
    """Beds of one class in one hospital."""

    model_config = examples(BED)

    bed_class: str
    free: int = Field(description="Can be promised now.")
    staffed: int | None = Field(description="Null where the source says only how many are free.")
    occupied: int | None
    cleaning: int
    preparing: int
    waiting_outside: int
    waiting_inside: int
    observed_at: datetime | None = Field(description="When they were counted; null when nobody said.")
    stale: bool = Field(description="Older than the limit of its class, or of unknown age.")

    @classmethod
    def of(cls, pool: BedPool, *, stale: bool) -> BedOut:
        """The numbers of a pool."""
        return cls(
            bed_class=pool.bed_class,
            free=pool.left,
            staffed=None if pool.free_only else pool.staffed,
            occupied=None if pool.free_only else pool.occupied,
            cleaning=pool.cleaning,
            preparing=pool.preparing,
            waiting_outside=pool.waiting_outside,
            waiting_inside=pool.waiting_inside,
            observed_at=None if pool.age_unknown else pool.observed_at,
            stale=stale,
        )


class CityHospitalOut(Schema):
    """A hospital of the network with its beds."""

    model_config = examples(
        {
            "id": 17,
            "name": "RSUD Contoh",
            "place_code": "31.71.03.1001",
            "latitude": -6.17,
            "longitude": 106.85,
            "hotline": "",
            "beds": [BED],
        }
    )

    id: int
    name: str
    place_code: str = Field(description="Kemendagri code.")
    latitude: float | None
    longitude: float | None
    hotline: str
    beds: list[BedOut]


class CityBedsOut(Schema):
    """The beds of the whole city."""

    model_config = examples({"hospitals": [{"id": 17, "name": "RSUD Contoh", "place_code": "31.71.03.1001",
        "latitude": -6.17, "longitude": 106.85, "hotline": "", "beds": [BED]}]})  # fmt: skip

    hospitals: list[CityHospitalOut]


class HospitalOut(Schema):
    """A hospital the city knows."""

    model_config = examples(HOSPITAL)

    id: int
    registry_code: str | None = Field(description="Of RS Online / SIRANAP.")
    name: str
    kind: str
    hospital_class: str
    ownership: str
    place: PlaceRef
    latitude: float | None
    longitude: float | None
    hotline: str
    services: list[str]
    network: str
    total_beds: int | None

    @classmethod
    def of(cls, hospital: Hospital) -> HospitalOut:
        """The words of a hospital read with site and place."""
        site = hospital.site
        return cls(
            id=hospital.pk,
            registry_code=hospital.registry_code,
            name=site.name,
            kind=hospital.kind,
            hospital_class=hospital.hospital_class,
            ownership=hospital.ownership,
            place=PlaceRef.of(site.place),
            latitude=site.latitude if site.latitude is not None else site.place.latitude,
            longitude=site.longitude if site.longitude is not None else site.place.longitude,
            hotline=hospital.hotline,
            services=[str(each) for each in Service if getattr(hospital, str(each))],
            network=hospital.network,
            total_beds=hospital.total_beds,
        )


class HospitalPage(Page[HospitalOut]):
    """A page of hospitals."""


class HospitalBedsOut(HospitalOut):
    """A hospital with its beds."""

    model_config = examples({**HOSPITAL, "beds": [BED]})

    beds: list[BedOut]


class OccupancyOut(Schema):
    """Beds of one class in the whole network."""

    model_config = examples(
        {"bed_class": "isolation", "staffed": 6200, "occupied": 5800, "free": 310, "waiting": 120, "hospitals": 98,
         "stale": 12}
    )  # fmt: skip

    bed_class: str
    staffed: int
    occupied: int
    free: int
    waiting: int
    hospitals: int = Field(description="Hospitals that have the class.")
    stale: int = Field(description="Of them with a count too old to rely on.")

    @classmethod
    def of(cls, row: Occupancy) -> OccupancyOut:
        """The sums of a class."""
        return cls(
            bed_class=row.bed_class,
            staffed=row.given,
            occupied=row.occupied,
            free=row.left,
            waiting=row.waiting_outside + row.waiting_inside,
            hospitals=row.pools,
            stale=row.stale,
        )


class WaitingOut(Schema):
    """Patients of one severity who wait for a bed."""

    model_config = examples({"severity": "severe", "waiting": 41, "longest_since_at": "2021-06-27T18:00:00Z"})

    severity: str
    waiting: int
    longest_since_at: datetime


class NetworkOut(Schema):
    """How large the network is, how full, and who waits."""

    model_config = examples(
        {
            "date": "2021-06-28",
            "joined": 140,
            "paused": 2,
            "known": 190,
            "occupancy": [
                {"bed_class": "isolation", "staffed": 6200, "occupied": 5800, "free": 310, "waiting": 120,
                 "hospitals": 98, "stale": 12}
            ],
            "queue": [{"severity": "severe", "waiting": 41, "longest_since_at": "2021-06-27T18:00:00Z"}],
        }
    )  # fmt: skip

    date: date
    joined: int
    paused: int
    known: int
    occupancy: list[OccupancyOut]
    queue: list[WaitingOut]


class CountIn(Schema):
    """One count of one class; gross: staffed beds include the occupied ones."""

    model_config = examples({"bed_class": "icu-np-vent", "staffed": 12, "occupied": 10}, closed=True)

    bed_class: BedClass
    staffed: int = Field(ge=0, le=MOST_BEDS, strict=True)
    occupied: int = Field(ge=0, le=MOST_BEDS, strict=True)
    others: int | None = Field(
        None,
        ge=0,
        le=MOST_BEDS,
        strict=True,
        description="Of the occupied, patients the network did not place; null: not known.",
    )
    cleaning: int = Field(0, ge=0, le=MOST_BEDS, strict=True)
    preparing: int = Field(0, ge=0, le=MOST_BEDS, strict=True)
    waiting_outside: int = Field(0, ge=0, le=MOST_BEDS, strict=True)
    waiting_inside: int = Field(0, ge=0, le=MOST_BEDS, strict=True)


class ReportIn(Schema):
    """Beds as counted at one moment."""

    model_config = examples(
        {
            "observed_at": "2021-06-28T02:10:00Z",
            "counts": [{"bed_class": "icu-np-vent", "staffed": 12, "occupied": 10}],
        },
        closed=True,
    )

    observed_at: datetime | None = Field(None, description="When they were counted; now when absent.")
    counts: list[CountIn] = Field(min_length=1, max_length=len(BedClass))


class OfferOut(Schema):
    """A bed held for a patient: the offer, its answer, the stay."""

    model_config = examples(OFFER)

    id: int
    referral: int
    hospital: int
    hospital_name: str
    bed_class: str
    answer: str
    decline_reason: str | None
    minutes: float | None = Field(description="Estimated drive from the patient.")
    offered_at: datetime
    held_until: datetime | None
    admitted_at: datetime | None

    @classmethod
    def of(cls, placement: Placement) -> OfferOut:
        """The words of a placement read with hospital and site."""
        hospital = placement.pool.hospital
        return cls(
            id=placement.pk,
            referral=placement.referral_id,
            hospital=hospital.pk,
            hospital_name=hospital.site.name,
            bed_class=placement.pool.bed_class,
            answer=placement.answer,
            decline_reason=placement.decline_reason or None,
            minutes=placement.minutes,
            offered_at=placement.offered_at,
            held_until=placement.held_until if placement.state == "held" else None,
            admitted_at=placement.admitted_at,
        )


class OfferList(Schema):
    """Offers a hospital has to answer."""

    model_config = examples({"items": [OFFER]})

    items: list[OfferOut]


SEVERITIES = {1: "mild", 2: "moderate", 3: "severe", 4: "critical"}


class ReferralOut(Schema):
    """A patient who needs a bed, under the pseudonymous id."""

    model_config = examples(REFERRAL)

    id: int
    patient: UUID
    place: PlaceRef
    source: str
    requester: int | None = Field(description="Site that asked.")
    on_behalf: bool
    severity: str
    severity_reasons: list[str]
    age_group: str
    needs: list[str]
    pregnant: bool
    pcr: str
    spo2: int | None
    breaths: int | None
    state: str
    requested_at: datetime
    state_at: datetime
    from_hospital: int | None = Field(description="Hospital a transfer comes from.")
    bed: OfferOut | None = Field(description="The bed that is held or in use.")
    ask_next: list[int] = Field(description="Bed pools asked next, in order.")

    @classmethod
    def of(cls, referral: Referral, beds: Sequence[Placement]) -> ReferralOut:
        """The words of a referral read with its place.

        Args:
            beds: its held or used placement, with hospital and site; at most one.
        """
        needs = [each for each in NEEDS if getattr(referral, f"needs_{each}")]
        return cls(
            id=referral.pk,
            patient=referral.patient_id,
            place=PlaceRef.of(referral.place),
            source=referral.source,
            requester=referral.requester_id,
            on_behalf=referral.on_behalf,
            severity=SEVERITIES[referral.severity],
            severity_reasons=list(referral.severity_reasons),
            age_group=referral.age_group,
            needs=needs + (["labour"] if referral.in_labour else []),
            pregnant=referral.pregnant,
            pcr=referral.pcr,
            spo2=referral.spo2,
            breaths=referral.breaths,
            state=referral.state,
            requested_at=referral.requested_at,
            state_at=referral.state_at,
            from_hospital=referral.from_hospital_id,
            bed=OfferOut.of(beds[0]) if beds else None,
            ask_next=list(referral.ask_next),
        )


class ReferralPage(Page[ReferralOut]):
    """A page of referrals."""


class HappeningOut(Schema):
    """One entry of a timeline."""

    model_config = examples({"happened_at": "2021-06-28T02:20:00Z", "verb": "offer", "actor": "user:7"})

    happened_at: datetime
    verb: str
    actor: str = Field(description="Reference without personal data.")


class TimelineOut(Schema):
    """What happened to a referral, oldest first; the same for both ends."""

    model_config = examples(
        {"items": [{"happened_at": "2021-06-28T02:20:00Z", "verb": "offer", "actor": "user:7"}]}
    )

    items: list[HappeningOut]

    @classmethod
    def of(cls, happenings: Sequence[Happening]) -> TimelineOut:
        """The entries."""
        return cls(
            items=[HappeningOut(happened_at=each.at, verb=each.verb, actor=each.actor) for each in happenings]
        )
