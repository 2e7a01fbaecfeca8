"""Results in HL7 v2.5.1 ORU^R01 messages of laboratory systems, as entries of `enter_results`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics import facts
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.rules.barcodes import barcode_fault, scanned
from kolaborasi.diagnostics.services.results import Entry
from kolaborasi.exchange.hl7v2 import Observation, Report, read_reports

Unread = dict[str, Any]
FINAL = {"F", "C"}
OVERALL = {"94500-6", "94309-2", "94759-8", "94565-9", "94845-5", "95406-5", "94531-1"}
"""Codes of the whole result; the others are of one gene."""


def entries_of(text: str) -> tuple[list[Entry], list[Unread]]:
    """One entry for each report of a file, and those that hold none; numbered in the order of the reports.

    The specimen is found by our barcode in SPM-2, OBR-3 or OBR-2, the outcome by SNOMED CT code or word, Ct values by
    their LOINC codes. Antigen and other tests have no outcome here and are named as such, row by row.

    Raises:
        NotHl7: the text is no ORU^R01.
    """
    entries: list[Entry] = []
    wrong: list[Unread] = []
    for number, report in enumerate(read_reports(text), start=1):
        outcome = outcome_of(report.observations)
        if outcome is None:
            message = _("This report holds no final PCR result for SARS-CoV-2.")
            wrong.append({"row": number, "code": "no-pcr-result", "message": str(message)})
            continue
        try:
            cts = cts_of(report.observations)
        except ValueError:
            wrong.append(
                {"row": number, "code": "row-refused", "message": str(_("A Ct value is no number."))}
            )
            continue
        entries.append(Entry(number, barcode_of_report(report), outcome, resulted_at(report), cts))
    return entries, wrong


def message_text(content: bytes) -> str:
    """Messages as text: UTF-8, or Latin-1 as older systems write."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def outcome_of(observations: Iterable[Observation]) -> str | None:
    """The outcome of final PCR observations: the whole result's own, else what its genes agree on; None without."""
    final = [
        each for each in observations if each.status in FINAL and each.code.code in facts.presence_codes()
    ]
    whole = [each for each in final if each.code.code in OVERALL] or final
    found = {coded for coded in map(_outcome, whole) if coded}
    if not found:
        return None
    return found.pop() if len(found) == 1 else Outcome.INCONCLUSIVE.value


def cts_of(observations: Iterable[Observation]) -> dict[str, float | None]:
    """Ct by gene target."""
    found: dict[str, float | None] = {}
    for each in observations:
        target = facts.ct_targets().get(each.code.code)
        if target is not None:
            found[target] = number(each.value)
    return found


def number(text: str) -> float | None:
    """A number with a point or a comma; None for what says that no curve crossed the threshold."""
    bare = text.strip().replace(",", ".")
    if bare.lower() in {"", "-", "n/a", "na", "nan", "undetermined", "undetected", "no ct"}:
        return None
    return float(bare)


def barcode_of_report(report: Report) -> str:
    """Our barcode among the numbers of a report; the first number when none is ours."""
    numbers = [each for each in (*report.specimens, report.filler, report.placer) if each]
    ours = [each for each in numbers if barcode_fault(scanned(each)) is None]
    return (ours or numbers or [""])[0]


def resulted_at(report: Report) -> datetime:
    """When the result was read: the last analysis, else the report."""
    times = [each.analysed_at for each in report.observations if each.analysed_at and each.status in FINAL]
    return max(times) if times else report.reported_at or datetime.min.replace(tzinfo=UTC)


def _outcome(observation: Observation) -> str | None:
    codes, coded = facts.result_codes(), observation.coded
    for code, system in ((coded.code, coded.system), (coded.other_code, coded.other_system)):
        if system == "SCT" and ("SCT", code.lower()) in codes:
            return codes["SCT", code.lower()]
    words = (coded.text, coded.other_text, observation.value)
    return next(
        (codes["word", w.strip().lower()] for w in words if ("word", w.strip().lower()) in codes), None
    )
