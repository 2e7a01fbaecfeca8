"""Verbs on results: enter_results, validate_results, reject_result, correct_result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.diagnostics.errors import (
    BarcodeUnknown,
    CtOutOfRange,
    FileRefused,
    NeverReceived,
    NotABarcode,
    NumbersRefused,
    OwnResult,
    StillRunning,
    WrongLab,
    WrongTime,
)
from kolaborasi.diagnostics.models import (
    Assay,
    CaseNotice,
    DiscardReason,
    EventKind,
    Lab,
    Result,
    Specimen,
)
from kolaborasi.diagnostics.models.results import HIGHEST_CT, CorrectionReason
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.catchments import puskesmas_by_place
from kolaborasi.diagnostics.rules.assays import Outcome, Readings, interpret, is_target
from kolaborasi.diagnostics.rules.barcodes import barcode_fault, scanned
from kolaborasi.diagnostics.rules.times import time_fault
from kolaborasi.diagnostics.services.journey import advance, locked
from kolaborasi.diagnostics.services.losses import give_up
from kolaborasi.diagnostics.services.outcomes import Finding, propose_results
from kolaborasi.diagnostics.services.record import Marked, mark, mark_many
from kolaborasi.diagnostics.states import RESULT, SPECIMEN, ResultState, SpecimenState
from kolaborasi.exchange.services import revoke

DOCUMENTS = Actor.system("diagnostics-documents")


@dataclass(frozen=True)
class Entry:
    """One result as it came in.

    Args:
        row: number in the file or message, for the report.
        cts: Ct by target.
        outcome: empty when `assay` is to read it from the Ct values.
    """

    row: int
    barcode: str
    outcome: str
    resulted_at: datetime
    cts: Readings = field(default_factory=dict)
    assay: Assay | None = None


@dataclass
class Entered:
    """What an import did.

    Args:
        results: how many results were written.
        refused: rows that were not: number, code and sentence.
    """

    results: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)


def enter_results(
    *,
    lab: Lab,
    entries: Sequence[Entry],
    source: str,
    by: Actor,
    now: datetime,
    partly: bool = False,
    unread: Sequence[dict[str, Any]] = (),
) -> Entered:
    """Write results of specimens this lab has received; set-based, they wait for validation by somebody else.

    Args:
        source: `file`, `hl7` or `hand`.
        partly: take the good rows and report the others; otherwise one wrong row refuses all.
        unread: rows of the file that are no entry: number, code and sentence.

    Raises:
        NotPermitted: nobody of the lab.
        FileRefused: a row is wrong (unless `partly`), or there is none; `details["rows"]` says why row by row.
    """
    TABLE.require(by, "enter_results", place_code=lab.site.place.code, partner_id=lab.site.partner_id)
    if not entries and not unread:
        raise FileRefused(_("There is no result in it."))
    with transaction.atomic():
        wanted = {scanned(entry.barcode) for entry in entries}
        wanted = {barcode for barcode in wanted if barcode_fault(barcode) is None}
        found = {each.label.barcode: each for each in locked(Q(label__barcode__in=wanted))}
        entered, findings = Entered(refused=list(unread)), []
        seen: set[str] = set()
        for entry in entries:
            barcode = scanned(entry.barcode)
            fault = _entry_fault(entry, found.get(barcode), lab, now, twice=barcode in seen)
            seen.add(barcode)
            if fault is not None:
                entered.refused.append({"row": entry.row, "code": fault.code, "message": str(fault)})
                continue
            outcome = entry.outcome or _read(entry)
            findings.append(Finding(found[barcode], outcome, entry.resulted_at, entry.cts, entry.assay))
        entered.refused.sort(key=lambda refused: refused["row"])
        if entered.refused and not partly:
            raise FileRefused(
                _("Some rows cannot be taken in, so none was. Correct them and try again."), entered.refused
            )
        entered.results = len(propose_results(lab=lab, findings=findings, source=source, by=by, now=now))
        if findings:
            mark(
                verb="enter_results",
                event="results_entered",
                subject=("diagnostics.lab", lab.pk),
                by=by,
                now=now,
                results=entered.results,
                refused=len(entered.refused),
                source=source,
            )
    return entered


def validate_results(*, results: Sequence[Result], by: Actor, now: datetime) -> list[Result]:
    """A second person has checked results: from now on they count, and the persons can be told.

    A positive one is told to the puskesmas of the residence.

    Raises:
        NotPermitted: nobody of the lab; a result of another lab refuses all.
        OwnResult: the same person entered one.
        WrongState: one does not wait for validation.
    """
    with transaction.atomic():
        specimens, waiting = _locked_results(results)
        for result in waiting:
            _require(by, "validate_results", result.lab)
            if result.entered_by_id is not None and result.entered_by_id == by.user_id:
                raise OwnResult
            RESULT.move(result.state, "validate")
        Result.objects.filter(pk__in=[result.pk for result in waiting]).update(
            state=ResultState.VALIDATED, validated_at=now, validated_by_id=by.user_id
        )
        for result in waiting:
            result.state, result.validated_at = ResultState.VALIDATED, now
        advance(specimens, "validate", EventKind.VALIDATED, at=now, by=by, now=now, validated_at=now)
        mark_many(
            verb="validate_results",
            event="result_validated",
            subjects=[("diagnostics.result", result.pk, {}) for result in waiting],
            by=by,
            now=now,
        )
        _tell_puskesmas(waiting, by, now)
    return waiting


def reject_result(*, result: Result, by: Actor, now: datetime) -> Result:
    """The validator does not accept a result: it stays on record, the specimen is read again.

    When the tube was destroyed meanwhile, the person waits for another swab instead.

    Raises:
        NotPermitted, WrongState.
    """
    with transaction.atomic():
        specimens, (waiting,) = _locked_results([result])
        _require(by, "reject_result", waiting.lab)
        waiting.state = RESULT.move(waiting.state, "reject")
        waiting.save(update_fields=["state"])
        advance(
            specimens,
            "repeat",
            EventKind.REPEATED,
            at=now,
            by=by,
            now=now,
            resulted_at=None,
            run_started_at=None,
        )
        Specimen.objects.filter(pk=waiting.specimen_id).update(repeats=F("repeats") + 1)
        for specimen in specimens:
            if specimen.disposed_at is not None:
                # Nothing is left to be read again.
                give_up(specimen, reason=DiscardReason.UNSATISFACTORY, by=by, now=now)
        subject = ("diagnostics.result", waiting.pk)
        mark(verb="reject_result", event="result_rejected", subject=subject, by=by, now=now)
    return waiting


def correct_result(
    *,
    result: Result,
    outcome: str,
    reason: str,
    by: Actor,
    now: datetime,
    cts: Mapping[str, float | None] | None = None,
) -> Result:
    """Replace a validated result: the old one stays on record, its document no longer counts, the new one waits.

    Args:
        reason: a `CorrectionReason`.
        cts: Ct values of the new result.

    Raises:
        NotPermitted: nobody of the lab.
        NumbersRefused: no such outcome or reason.
        CtOutOfRange.
        WrongState: it is not validated, or was corrected before.
    """
    if outcome not in set(Outcome) - {Outcome.INVALID} or reason not in CorrectionReason.values:
        raise NumbersRefused("outcome")
    if any(not is_target(target) for target in cts or {}):
        raise NumbersRefused("target")
    wrong = [target for target, ct in (cts or {}).items() if ct is not None and not 0 < ct <= HIGHEST_CT]
    if wrong:
        raise CtOutOfRange(wrong, HIGHEST_CT)
    with transaction.atomic():
        specimens, (old,) = _locked_results([result])
        _require(by, "correct_result", old.lab)
        old.state = RESULT.move(old.state, "supersede")
        old.save(update_fields=["state"])
        advance(
            specimens,
            "correct",
            EventKind.CORRECTED,
            at=now,
            by=by,
            now=now,
            resulted_at=now,
            validated_at=None,
            notified_at=None,
        )
        new = Result.objects.create(
            specimen=old.specimen,
            lab=old.lab,
            assay=old.assay,
            outcome=outcome,
            source="hand",
            resulted_at=now,
            entered_at=now,
            entered_by_id=by.user_id,
            corrects=old,
            correction_reason=reason,
        )
        for target, ct in (cts or {}).items():
            new.cts.create(target=target, ct=ct)
        CaseNotice.objects.filter(result=old, withdrawn_at__isnull=True).update(withdrawn_at=now)
        revoke(jti=document_number(old), by=DOCUMENTS, now=now)
        detail = {"corrects": old.pk, "reason": reason}
        subject = ("diagnostics.result", new.pk)
        mark(verb="correct_result", event="result_corrected", subject=subject, by=by, now=now, **detail)
    return new


def document_number(result: Result) -> str:
    """The number of a result's signed document, by which it can be revoked."""
    return f"diagnostics.result:{result.pk}"


def _entry_fault(
    entry: Entry, specimen: Specimen | None, lab: Lab, now: datetime, *, twice: bool
) -> Refused | None:
    """Why a row cannot be taken in."""
    shape = barcode_fault(scanned(entry.barcode))
    if shape is not None:
        return NotABarcode(shape)
    if specimen is None:
        return BarcodeUnknown()
    if specimen.lab_id is None:
        return NeverReceived()
    if specimen.lab_id != lab.pk:
        return WrongLab()
    if specimen.state == SpecimenState.RUNNING:
        return StillRunning()
    if twice or specimen.state not in SPECIMEN.sources("result"):
        return FileRefused(
            _("This specimen has a result already, or is twice in the file. Correct the result instead.")
        )
    if any(not is_target(target) for target in entry.cts):
        return NumbersRefused("target")
    highest = entry.assay.cycles if entry.assay else HIGHEST_CT
    wrong = [target for target, ct in entry.cts.items() if ct is not None and not 0 < ct <= highest]
    if wrong:
        return CtOutOfRange(wrong, highest)
    if (entry.outcome or _read(entry)) not in set(Outcome):
        return NumbersRefused("outcome")
    late = time_fault(entry.resulted_at, now=now, not_before=specimen.run_started_at or specimen.received_at)
    return WrongTime(late) if late is not None else None


def _read(entry: Entry) -> str:
    return interpret(entry.assay.rule, entry.cts) if entry.assay else ""


def _locked_results(results: Sequence[Result]) -> tuple[list[Specimen], list[Result]]:
    """Specimens first, in the order of their keys, then their results."""
    specimens = locked(Q(pk__in=[result.specimen_id for result in results]))
    rows = (
        Result.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[result.pk for result in results])
        .select_related("lab__site__place", "specimen__order__residence", "assay")
        .order_by("pk")
    )
    return specimens, list(rows)


def _tell_puskesmas(results: Sequence[Result], by: Actor, now: datetime) -> None:
    """A notice of each positive result to the puskesmas that looks after the residence."""
    positive = [result for result in results if result.outcome == Outcome.POSITIVE]
    places = {result.specimen.order.residence for result in positive} - {None}
    sites = puskesmas_by_place([place.code for place in places if place is not None])
    notices = CaseNotice.objects.bulk_create(
        CaseNotice(
            result=result,
            site_id=sites.get(result.specimen.order.residence.code)
            if result.specimen.order.residence
            else None,
            made_at=now,
        )
        for result in positive
    )
    subjects: list[Marked] = [("diagnostics.casenotice", each.pk, {"site": each.site_id}) for each in notices]
    if subjects:
        mark_many(verb="notify_puskesmas", event="case_notified", subjects=subjects, by=by, now=now)


def _require(by: Actor, verb: str, lab: Lab) -> None:
    TABLE.require(by, verb, place_code=lab.site.place.code, partner_id=lab.site.partner_id)


__all__ = [
    "Entered",
    "Entry",
    "correct_result",
    "document_number",
    "enter_results",
    "reject_result",
    "validate_results",
]
