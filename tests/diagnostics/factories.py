"""Labs, orders and specimens without surprises, made with the verbs where a verb exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from kolaborasi.common.actors import Actor, Role
from kolaborasi.diagnostics import facts, services
from kolaborasi.diagnostics.models import Assay, Consignment, Lab, LabDay, Machine, Order, Run, Specimen
from kolaborasi.diagnostics.rules.assays import Readings, well_order
from kolaborasi.diagnostics.rules.capacity import ShiftFacts
from kolaborasi.diagnostics.services import Filled, Subject, Wish
from kolaborasi.partners.models import Partner, PartnerKind, Site, SiteKind
from kolaborasi.people.models import User
from tests.conftest import NOW
from tests.factories import TODAY, PartnerFactory, SiteFactory, UserFactory

SYSTEM = Actor.system("test")
BORN = date(1990, 7, 1)
POSITIVE: Readings = {"N1": 21.5, "N2": 22.0, "RP": 27.0}
NEGATIVE: Readings = {"N1": None, "N2": None, "RP": 26.0}
INCONCLUSIVE: Readings = {"N1": 38.2, "N2": None, "RP": 27.0}
INVALID: Readings = {"N1": None, "N2": None, "RP": None}
NO_TEMPLATE: Readings = {"N1": None, "N2": None, "RP": None}
number = count(1)


def staff_of(partner: Partner, role: str = "partner_admin", user: User | None = None) -> Actor:
    """Somebody who works for a partner."""
    account = user or UserFactory()
    return Actor.user(account.pk, (Role(role, partner.pk),))


def coordinator() -> Actor:
    """A coordinator of the whole city."""
    return Actor.user(UserFactory().pk, (Role("coordinator"),))


def courier() -> Actor:
    """A courier."""
    return Actor.user(UserFactory().pk, (Role("courier", 1),))


def collection_site() -> Site:
    """A collection site of a partner of its own."""
    return SiteFactory(kind=SiteKind.COLLECTION, name=f"Titik Contoh {next(number)}")


def assay(code: str = "cdc-n1-n2") -> Assay:
    """An assay of the reference data."""
    facts.load_assays()
    return Assay.objects.get(code=code)


def every_day(hours: int = 24, machines: int = 4) -> list[ShiftFacts]:
    """Shifts from midnight on every day of the week."""
    return [ShiftFacts(day, 0, hours * 60, machines) for day in range(7)]


def lab(
    *, kind: str = PartnerKind.CAMPUS, wells: int = 96, offers: int | None = None, run_minutes: int = 120
) -> Lab:
    """A verified lab with one machine, kits for 10,000 reactions, open day and night, offering today and tomorrow."""
    site = SiteFactory(
        kind=SiteKind.LAB, name=f"Lab Contoh {next(number)}", partner=PartnerFactory(kind=kind)
    )
    made = services.register_lab(site=site, biosafety=2, by=SYSTEM, now=NOW)
    made = services.verify_lab(lab=made, by=SYSTEM, now=NOW)
    services.add_machine(
        lab=made,
        name="A",
        model="CFX96",
        wells=wells,
        run_minutes=run_minutes,
        targets=[],
        by=SYSTEM,
        now=NOW,
    )
    services.set_shifts(lab=made, shifts=every_day(), by=SYSTEM, now=NOW)
    kit(made)
    if offers is not None:
        days = {TODAY: offers, TODAY + timedelta(days=1): offers}
        services.offer_days(lab=made, offers=days, by=SYSTEM, now=NOW)
    return made


def kit(of: Lab, reactions: int = 10_000, expires: date = date(2022, 1, 1)) -> None:
    """Kits on hand."""
    lot = f"LOT{next(number)}"
    item = assay().kit
    assert item is not None
    services.receive_kits(
        lab=of, item=item, lot=lot, expires_date=expires, reactions=reactions, by=SYSTEM, now=NOW
    )


def subject(name: str = "Warga Contoh", **changes: object) -> Subject:
    """Somebody visibly made up, another one each time."""
    known = {"birth_date": BORN, "sex": "female", "email": f"uji.{next(number)}@contoh.example", **changes}
    return Subject(name=name, **known)  # type: ignore[arg-type]


def order(site: Site | None = None, now: datetime = NOW, **wish: object) -> Order:
    """An order of a suspect."""
    place = site or collection_site()
    asked = Wish(reason="suspect", site=place, **wish)  # type: ignore[arg-type]
    return services.order_test(subject=subject(), wish=asked, by=SYSTEM, now=now)


def specimen(
    site: Site | None = None,
    *,
    at: datetime = NOW,
    kind: str = "np-swab",
    of: Order | None = None,
    **wish: object,
) -> Specimen:
    """A swab that waits for the courier."""
    asked = of or order(site, now=at, **wish)
    label = services.issue_labels(site=asked.site, number=1, by=SYSTEM, now=at)[0]
    return services.collect(order=asked, barcode=label.barcode, kind=kind, collected_at=at, by=SYSTEM, now=at)


def received(at_lab: Lab, specimens: Sequence[Specimen], at: datetime = NOW) -> None:
    """Specimens brought to a lab without a courier."""
    barcodes = [each.label.barcode for each in specimens]
    done = services.receive(lab=at_lab, barcodes=barcodes, at=at, by=SYSTEM, now=at)
    assert not done.refused
    for each in specimens:
        each.refresh_from_db()


def consignment(
    specimens: Sequence[Specimen], to: Lab, *, departs: datetime = NOW, day: LabDay | None = None
) -> Consignment:
    """A manifest promised to a lab's first day, made by hand."""
    from kolaborasi.commitments.services import hold

    made = Consignment(
        origin=specimens[0].site,
        lab=to,
        lab_day=day or LabDay.objects.filter(lab=to).order_by("date")[0],
        quantity=len(specimens),
        state="confirmed",
        made_at=departs,
        departs_at=departs,
        arrives_at=departs + timedelta(minutes=30),
    )
    hold(made, now=departs)
    Specimen.objects.filter(pk__in=[each.pk for each in specimens]).update(consignment=made)
    for each in specimens:
        each.refresh_from_db()
    return made


@dataclass(frozen=True)
class Bench:
    """A lab with specimens in it and two people who work there."""

    lab: Lab
    machine: Machine
    assay: Assay
    technician: Actor
    validator: Actor
    specimens: list[Specimen]

    def run(self, plate: str = "P1", specimens: Sequence[Specimen] | None = None) -> Run:
        """A plate in the machine: specimens in the first wells, controls in the last two."""
        chosen = list(self.specimens if specimens is None else specimens)
        positions = well_order(self.machine.wells)
        filled = [
            Filled(position, "specimen", each.label.barcode)
            for position, each in zip(positions, chosen, strict=False)
        ]
        filled += [Filled(positions[-2], "positive"), Filled(positions[-1], "negative")]
        made = services.prepare_run(
            lab=self.lab,
            machine=self.machine,
            assay=self.assay,
            plate=plate,
            filled=filled,
            by=self.technician,
            now=NOW,
        )
        return services.start_run(run=made, at=NOW, by=self.technician, now=NOW)

    def readings(self, values: Sequence[Readings]) -> dict[str, Readings]:
        """Readings of the specimens in their order, with good controls."""
        positions = well_order(self.machine.wells)
        found = dict(zip(positions, values, strict=False))
        return {**found, positions[-2]: POSITIVE, positions[-1]: NO_TEMPLATE}


def bench(specimens: int = 4) -> Bench:
    """A lab that holds so many specimens."""
    place = lab()
    site = collection_site()
    tubes = [specimen(site) for _each in range(specimens)]
    received(place, tubes)
    return Bench(
        place,
        Machine.objects.get(lab=place),
        assay(),
        staff_of(place.site.partner),
        staff_of(place.site.partner),
        tubes,
    )
