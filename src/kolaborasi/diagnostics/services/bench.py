"""Verbs of the bench: prepare_run, start_run, cancel_run, fail_run, read_run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import (
    ControlsFailed,
    CtOutOfRange,
    LabNotWorking,
    NumbersRefused,
    PlateRefused,
    WrongLab,
)
from kolaborasi.diagnostics.models import (
    Assay,
    EventKind,
    Lab,
    Machine,
    Pool,
    PoolMember,
    Run,
    Specimen,
    Well,
    WellContent,
)
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.rules.assays import (
    ControlFault,
    Outcome,
    Readings,
    control_faults,
    ct_faults,
    interpret,
    missing_targets,
    well_order,
)
from kolaborasi.diagnostics.services.journey import advance, check_time, locked, read_barcodes
from kolaborasi.diagnostics.services.labs import location_of
from kolaborasi.diagnostics.services.outcomes import Finding, propose_results
from kolaborasi.diagnostics.services.pools import present, require_unmixed
from kolaborasi.diagnostics.services.record import mark
from kolaborasi.diagnostics.states import RUN, LabState, RunState, SpecimenState
from kolaborasi.stock import services as stock
from kolaborasi.stock.models import Lot
from kolaborasi.stock.models import Reason as StockReason

RUN_FAILURES = frozenset(
    {ControlFault.POSITIVE_FAILED, ControlFault.NEGATIVE_FAILED, "power", "machine", "spilt"}
)
"""Why a run cannot be read: its controls, or what happened to it."""


@dataclass(frozen=True)
class Filled:
    """What goes into a position of a plate.

    Args:
        position: `A1` to `H12` (or `P24`).
        content: a `WellContent`.
        barcode: of the specimen, for specimens.
        pool: for pools.
    """

    position: str
    content: str
    barcode: str = ""
    pool: Pool | None = None


def prepare_run(
    *,
    lab: Lab,
    machine: Machine,
    assay: Assay,
    plate: str,
    filled: Sequence[Filled],
    by: Actor,
    now: datetime,
    kit_lot: Lot | None = None,
) -> Run:
    """Write down what is on a plate: specimens, pools and at least one positive and one negative control.

    Raises:
        NotPermitted: nobody of the lab.
        LabNotWorking, WrongLab: the lab or its machine cannot run it.
        NotABarcode, BarcodeUnknown, NeverReceived: a specimen is not there.
        PlateRefused: the plate cannot be filled so.
    """
    _require(by, "prepare_run", lab)
    _check_plate(machine, assay, plate, filled)
    if machine.lab_id != lab.pk or any(each.pool and each.pool.lab_id != lab.pk for each in filled):
        raise WrongLab
    with transaction.atomic():
        _require_working(lab)
        if Run.objects.filter(lab=lab, plate=plate).exists():
            raise PlateRefused(
                _("This lab already has a plate of this name. Choose another name."), plate=plate
            )
        barcodes = [each.barcode for each in filled if each.content == WellContent.SPECIMEN]
        pools = [each.pool for each in filled if each.pool is not None]
        specimens = present(lab, read_barcodes(barcodes) if barcodes else [], pools=pools)
        require_unmixed(specimens.values())
        run = Run.objects.create(
            lab=lab,
            machine=machine,
            assay=assay,
            plate=plate,
            kit_lot=kit_lot,
            prepared_at=now,
            prepared_by_id=by.user_id,
        )
        Well.objects.bulk_create(
            Well(
                run=run,
                position=each.position,
                content=each.content,
                specimen=specimens[read_barcodes([each.barcode])[0]] if each.barcode else None,
                pool=each.pool,
            )
            for each in filled
        )
        subject = ("diagnostics.run", run.pk)
        mark(verb="prepare_run", event="run_prepared", subject=subject, by=by, now=now, wells=len(filled))
    return run


def start_run(*, run: Run, at: datetime, by: Actor, now: datetime) -> Run:
    """The machine starts: its specimens are being read, its reactions are used up.

    Raises:
        NotPermitted, WrongTime.
        PlateRefused: the machine is running another plate, is out of service, the kit's lot has expired, or a specimen
            has moved on: read elsewhere, discarded, or in another lab.
        NotEnoughOnHand: the kit has fewer reactions left than wells.
        WrongState: it was started before.
    """
    with transaction.atomic():
        ready = _locked_run(run)
        _require(by, "start_run", ready.lab)
        _require_working(ready.lab)
        ready.state = RUN.move(ready.state, "start")
        Machine.objects.select_for_update(no_key=True).get(pk=ready.machine_id)
        if not ready.machine.in_service:
            raise PlateRefused(_("This machine is out of service. Choose another one."))
        if Run.objects.filter(machine=ready.machine_id, state=RunState.RUNNING).exists():
            raise PlateRefused(_("This machine still runs another plate. Read that one first."))
        specimens = _on_plate(ready)
        gone = [each.label.barcode for each in specimens if not _waits_in(each, ready.lab)]
        if gone:
            raise PlateRefused(
                _("A specimen of this plate does not wait in this lab any more. Give the plate up."),
                barcodes=gone,
            )
        check_time(at, now, not_before=max((s.received_at for s in specimens if s.received_at), default=None))
        advance(
            specimens,
            "start run",
            EventKind.RUN_STARTED,
            at=at,
            by=by,
            now=now,
            site=ready.lab.site,
            run_started_at=at,
        )
        ready.started_at = at
        ready.save(update_fields=["state", "started_at"])
        _use_up_kit(ready, now)
        subject = ("diagnostics.run", run.pk)
        mark(verb="start_run", event="run_started", subject=subject, by=by, now=now, specimens=len(specimens))
    return ready


def cancel_run(*, run: Run, by: Actor, now: datetime) -> Run:
    """Give up a plate that was not started.

    Raises:
        NotPermitted, WrongState.
    """
    with transaction.atomic():
        planned = _locked_run(run)
        _require(by, "cancel_run", planned.lab)
        planned.state = RUN.move(planned.state, "cancel")
        planned.save(update_fields=["state"])
        subject = ("diagnostics.run", run.pk)
        mark(verb="cancel_run", event="run_cancelled", subject=subject, by=by, now=now)
    return planned


def fail_run(*, run: Run, reason: str, by: Actor, now: datetime) -> Run:
    """The run cannot be read: its specimens wait for another one.

    Args:
        reason: one of `RUN_FAILURES`.

    Raises:
        NotPermitted, WrongState.
        NumbersRefused: no such reason.
    """
    if reason not in RUN_FAILURES:
        raise NumbersRefused("reason")
    with transaction.atomic():
        running = _locked_run(run)
        _require(by, "fail_run", running.lab)
        running.state, running.ended_at = RUN.move(running.state, "fail"), now
        running.failure = reason
        running.save(update_fields=["state", "ended_at", "failure"])
        specimens = _on_plate(running)
        _again(specimens, "abort run", EventKind.RUN_ABORTED, by, now)
        subject = ("diagnostics.run", run.pk)
        mark(verb="fail_run", event="run_failed", subject=subject, by=by, now=now, specimens=len(specimens))
    return running


def read_run(
    *, run: Run, readings: Mapping[str, Readings], ended_at: datetime, by: Actor, now: datetime
) -> Run:
    """Read a plate: controls first, then every well by the assay's rule; all of it or nothing.

    Positive, negative and inconclusive results wait for validation by somebody else; invalid specimens and the
    members of a pool that is not negative wait for another run.

    Args:
        readings: Ct by target by position, for every well of the plate and no other.

    Raises:
        NotPermitted, WrongTime, WrongState.
        PlateRefused: readings of another plate, or of some wells only, or without a target.
        CtOutOfRange: a Ct no run can give.
        ControlsFailed: nothing on the plate can be read; mark the run as failed.
    """
    with transaction.atomic():
        running = _locked_run(run)
        _require(by, "read_run", running.lab)
        running.state = RUN.move(running.state, "read")
        check_time(ended_at, now, not_before=running.started_at)
        wells = list(Well.objects.filter(run=running).select_related("pool").order_by("pk"))
        _check_readings(running.assay, wells, readings)
        for well in wells:
            # A machine may read more than the assay asks for.
            well.readings = {target: readings[well.position][target] for target in running.assay.rule.targets}
        Well.objects.bulk_update(wells, ["readings"], batch_size=500)
        running.ended_at = ended_at
        running.save(update_fields=["state", "ended_at"])
        _conclude(running, wells, ended_at, by, now)
        subject = ("diagnostics.run", run.pk)
        mark(verb="read_run", event="run_read", subject=subject, by=by, now=now, wells=len(wells))
    return running


def _conclude(run: Run, wells: list[Well], at: datetime, by: Actor, now: datetime) -> None:
    specimens = {each.pk: each for each in _on_plate(run)}
    members = _members(wells)
    findings: list[Finding] = []
    again: list[Specimen] = []
    for well in wells:
        outcome = interpret(run.assay.rule, well.readings or {})
        if well.content == WellContent.SPECIMEN and well.specimen_id is not None:
            specimen = specimens[well.specimen_id]
            findings.append(Finding(specimen, outcome, at, well.readings or {}, run.assay, well))
        elif well.content == WellContent.POOL and well.pool is not None:
            well.pool.outcome = outcome
            well.pool.save(update_fields=["outcome"])
            pooled = [specimens[pk] for pk in members[well.pool.pk]]
            if outcome == Outcome.NEGATIVE:
                findings += [Finding(each, outcome, at, {}, run.assay, well, well.pool) for each in pooled]
            else:
                again += pooled
    propose_results(lab=run.lab, findings=findings, source="plate", by=by, now=now)
    _again(again, "repeat", EventKind.REPEATED, by, now)


def _again(specimens: list[Specimen], move: str, kind: EventKind, by: Actor, now: datetime) -> None:
    """Let specimens of a run wait for another one."""
    advance(specimens, move, kind, at=now, by=by, now=now, run_started_at=None)
    ids = [each.pk for each in specimens]
    Specimen.objects.filter(pk__in=ids).update(repeats=F("repeats") + 1)


def _check_plate(machine: Machine, assay: Assay, plate: str, filled: Sequence[Filled]) -> None:
    positions = [each.position for each in filled]
    contents = [each.content for each in filled]
    allowed = set(well_order(machine.wells))
    if not plate.strip() or len(plate) > 40 or not plate.isprintable():
        raise PlateRefused(_("Give the plate a name of at most 40 characters."))
    if len(set(positions)) < len(positions):
        raise PlateRefused(_("A position of the plate is filled twice."))
    wrong = [position for position in positions if position not in allowed]
    if wrong:
        raise PlateRefused(_("The machine has no such position."), positions=wrong)
    if WellContent.POSITIVE not in contents or WellContent.NEGATIVE not in contents:
        raise PlateRefused(_("A plate needs a positive and a negative control."))
    if not {WellContent.SPECIMEN, WellContent.POOL} & set(contents):
        raise PlateRefused(_("There is nothing to read on this plate."))
    if WellContent.POOL in contents and not assay.pooled:
        raise PlateRefused(_("This assay is not validated for pools."))
    if machine.targets and not set(assay.rule.targets) <= set(machine.targets):
        raise PlateRefused(_("This machine cannot read all targets of the assay."))
    pools = [each.pool.pk for each in filled if each.pool is not None]
    if len(set(pools)) < len(pools):
        raise PlateRefused(_("A pool is on the plate twice."))
    barcodes = [each.barcode for each in filled if each.content == WellContent.SPECIMEN]
    if len(set(read_barcodes(barcodes))) < len(barcodes):
        raise PlateRefused(_("A specimen is on the plate twice."))


def _check_readings(assay: Assay, wells: list[Well], readings: Mapping[str, Readings]) -> None:
    positions = {well.position for well in wells}
    if positions != set(readings):
        raise PlateRefused(
            _("These readings are of another plate: the filled positions differ."),
            missing=sorted(positions - set(readings)),
            unknown=sorted(set(readings) - positions),
        )
    for position, values in readings.items():
        wrong = ct_faults(assay.rule, values)
        if wrong:
            raise CtOutOfRange([f"{position} {target}" for target in wrong], assay.cycles)
        absent = missing_targets(assay.rule, values)
        if absent:
            raise PlateRefused(_("A target of the assay was not read."), position=position, targets=absent)
    by_content: dict[str, list[Readings]] = {WellContent.POSITIVE: [], WellContent.NEGATIVE: []}
    for well in wells:
        by_content.setdefault(well.content, []).append(readings[well.position])
    faults = control_faults(assay.rule, by_content[WellContent.POSITIVE], by_content[WellContent.NEGATIVE])
    if faults:
        raise ControlsFailed(faults)


def _on_plate(run: Run) -> list[Specimen]:
    """Specimens of a plate, those in its pools too, locked."""
    return locked(
        Q(wells__run=run) | Q(pk__in=PoolMember.objects.filter(pool__wells__run=run).values("specimen"))
    )


def _waits_in(specimen: Specimen, lab: Lab) -> bool:
    return specimen.lab_id == lab.pk and specimen.state == SpecimenState.RECEIVED


def _members(wells: list[Well]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = PoolMember.objects.filter(pool__in=[well.pool_id for well in wells if well.pool_id])
    for pool, specimen in rows.order_by("pk").values_list("pool", "specimen"):
        found.setdefault(pool, []).append(specimen)
    return found


def _use_up_kit(run: Run, now: datetime) -> None:
    if run.kit_lot is None:
        return
    if run.kit_lot.expires_date is not None and run.kit_lot.expires_date <= localdate(now):
        raise PlateRefused(_("This lot of the kit has expired. Take another one."))
    stock.move(
        lot=run.kit_lot,
        source=location_of(run.lab),
        target=stock.recipient_location(),
        quantity=Well.objects.filter(run=run).count(),
        reason=StockReason.DELIVERY,
        now=now,
        reference=f"diagnostics.run:{run.pk}",
    )


def _locked_run(run: Run) -> Run:
    return (
        Run.objects.select_for_update(of=("self",), no_key=True)
        .select_related("lab__site__place", "machine", "assay", "kit_lot")
        .get(pk=run.pk)
    )


def _require_working(lab: Lab) -> None:
    if Lab.objects.select_for_update(no_key=True).get(pk=lab.pk).state != LabState.ACTIVE:
        raise LabNotWorking


def _require(by: Actor, verb: str, lab: Lab) -> None:
    TABLE.require(by, verb, place_code=lab.site.place.code, partner_id=lab.site.partner_id)
