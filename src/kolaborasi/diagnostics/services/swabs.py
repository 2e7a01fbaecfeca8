"""The verb that takes a whole list of swabs in: mass tests, and sites with a system of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.diagnostics.errors import (
    BarcodeUnknown,
    BarcodeUsed,
    DuplicateOrder,
    FileRefused,
    NotABarcode,
    WordRefused,
)
from kolaborasi.diagnostics.models import (
    EventKind,
    Label,
    Order,
    Priority,
    Reason,
    Specimen,
    SpecimenEvent,
    SpecimenType,
)
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.rules.barcodes import barcode_fault, scanned
from kolaborasi.diagnostics.rules.times import keeps_until, late_at
from kolaborasi.diagnostics.services.journey import check_time
from kolaborasi.diagnostics.services.orders import (
    DESK,
    Subject,
    Wish,
    identity_of,
    known_by_number,
    require_subject,
    require_tests_here,
)
from kolaborasi.diagnostics.services.record import mark_many
from kolaborasi.diagnostics.states import OrderState
from kolaborasi.people.models import Person
from kolaborasi.people.services import normal_values, register_many

OLDEST = timedelta(days=7)


@dataclass(frozen=True)
class Swab:
    """A row of a list: who was swabbed, why, and with which label.

    Args:
        row: number in the list, for the report.
        wish: reason, site, priority, channel and residence.
        kind: a `SpecimenType`.
    """

    row: int
    subject: Subject
    wish: Wish
    barcode: str
    kind: str
    collected_at: datetime


@dataclass
class Swabbed:
    """What taking a list in did: specimens written, and rows that were not: number, code and sentence."""

    specimens: list[Specimen] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def import_swabs(
    *,
    swabs: Sequence[Swab],
    by: Actor,
    now: datetime,
    partly: bool = False,
    unread: Sequence[dict[str, Any]] = (),
) -> Swabbed:
    """Write orders and specimens of people who were swabbed already; set-based.

    Args:
        partly: take the good rows and report the others; otherwise one wrong row refuses all.
        unread: rows of the list that are no swab: number, code and sentence.

    Raises:
        NotPermitted: nobody of one of the sites, no coordinator.
        WrongSite, PartnerNotActive: nobody is tested at one of them.
        FileRefused: a row is wrong (unless `partly`), or there is none; `details["rows"]` says why row by row.
    """
    if not swabs and not unread:
        raise FileRefused(_("There is no swab in it."))
    done = Swabbed(refused=list(unread))
    with transaction.atomic():
        for site in {swab.wish.site.pk: swab.wish.site for swab in swabs}.values():
            TABLE.require(by, "import_swabs", place_code=site.place.code, partner_id=site.partner_id)
            require_tests_here(site)
        labels = _locked_labels(swabs)
        good: list[tuple[Swab, Person | None]] = []
        seen: set[object] = set()
        for swab in swabs:
            try:
                good.append((swab, _checked(swab, labels, seen, now)))
            except Refused as error:
                done.refused.append({"row": swab.row, "code": error.code, "message": str(error)})
        done.refused.sort(key=lambda refused: refused["row"])
        if done.refused and not partly:
            raise FileRefused(
                _("Some rows cannot be taken in, so none was. Correct them and try again."), done.refused
            )
        done.specimens = _written(good, labels, by, now)
    return done


def _checked(swab: Swab, labels: dict[str, Label], seen: set[object], now: datetime) -> Person | None:
    """The person of a row who is known already, or None for a new one; raises what is wrong with the row."""
    barcode = scanned(swab.barcode)
    fault = barcode_fault(barcode)
    if fault is not None:
        raise NotABarcode(fault)
    label = labels.get(barcode)
    if label is None:
        raise BarcodeUnknown
    used = getattr(label, "specimen", None)
    if used is not None or barcode in seen:
        raise BarcodeUsed(used.pk if used else 0)
    for name, value, known in (
        ("kind", swab.kind, SpecimenType.values),
        ("reason", swab.wish.reason, Reason.values),
        ("priority", swab.wish.priority, Priority.values),
    ):
        if value not in known:
            raise WordRefused(name, known)
    check_time(swab.collected_at, now, oldest=OLDEST)
    require_subject(swab.subject, now)
    normal_values({key: text for key, text in asdict(identity_of(swab.subject)).items() if text}, now)
    # What is added to a known person is undone when the row is refused.
    with transaction.atomic():
        person = known_by_number(swab.subject, now)
        _require_once(swab, person, seen)
    seen |= {barcode, _who(swab, person)}
    return person


def _who(swab: Swab, person: Person | None) -> UUID | str:
    return person.pk if person else swab.subject.nik or f"row {swab.row}"


def _require_once(swab: Swab, person: Person | None, seen: set[object]) -> None:
    """Nobody is twice in a list, nor waits for a swab of another order."""
    waiting = person and Order.objects.filter(person=person, state=OrderState.REQUESTED).first()
    if waiting or _who(swab, person) in seen:
        raise DuplicateOrder(waiting.pk if waiting else 0)


def _locked_labels(swabs: Sequence[Swab]) -> dict[str, Label]:
    wanted = {scanned(swab.barcode) for swab in swabs}
    ids = Label.objects.select_for_update(no_key=True).filter(barcode__in=wanted).order_by("pk")
    # Read once the wait is over: a specimen may have been written by the one waited for.
    found = Label.objects.filter(pk__in=[label.pk for label in ids]).select_related("specimen")
    return {label.barcode: label for label in found}


def _written(
    good: Sequence[tuple[Swab, Person | None]], labels: dict[str, Label], by: Actor, now: datetime
) -> list[Specimen]:
    if not good:
        return []
    strangers = [identity_of(swab.subject) for swab, person in good if person is None]
    new = iter(register_many(identities=strangers, by=DESK, now=now))
    orders = Order.objects.bulk_create(
        [_order(swab, person or next(new), by, now) for swab, person in good], batch_size=1000
    )
    specimens = Specimen.objects.bulk_create(
        [
            Specimen(
                label=labels[scanned(swab.barcode)],
                order=order,
                kind=swab.kind,
                priority=order.priority,
                site=swab.wish.site,
                collected_at=swab.collected_at,
                keeps_until=keeps_until(swab.kind, swab.collected_at),
                late_at=late_at(order.priority, swab.collected_at),
            )
            for (swab, _person), order in zip(good, orders, strict=True)
        ],
        batch_size=1000,
    )
    SpecimenEvent.objects.bulk_create(
        [
            SpecimenEvent(
                specimen=each,
                kind=EventKind.COLLECTED,
                at=each.collected_at,
                recorded_at=now,
                recorded_by_id=by.user_id,
                site=each.site,
            )
            for each in specimens
        ],
        batch_size=2000,
    )
    mark_many(
        verb="import_swabs",
        event="specimen_collected",
        subjects=[("diagnostics.specimen", each.pk, {"order": each.order_id}) for each in specimens],
        by=by,
        now=now,
    )
    return specimens


def _order(swab: Swab, person: Person, by: Actor, now: datetime) -> Order:
    wish = swab.wish
    return Order(
        person=person,
        birth_date=swab.subject.birth_date,
        sex=swab.subject.sex,
        residence=wish.residence,
        reason=wish.reason,
        priority=wish.priority,
        site=wish.site,
        channel=wish.channel,
        language=wish.language,
        state=OrderState.COLLECTED,
        ordered_at=swab.collected_at,
        ordered_by_id=by.user_id,
    )
