"""Results as a FHIR R4 collection: specimens, observations and reports under pseudonymous patients.

Codes: LOINC for what was tested, SNOMED CT for what was found and what was taken (HL7 fhir-saner, WHO DDCC:TR).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings

from kolaborasi.diagnostics import facts
from kolaborasi.diagnostics.models import Lab, Result
from kolaborasi.diagnostics.queries.documents import SNOMED
from kolaborasi.diagnostics.queries.export import exported_results
from kolaborasi.diagnostics.services.documents import LOINC_RNA

Resource = dict[str, Any]
LOINC_SYSTEM = "http://loinc.org"
SNOMED_SYSTEM = "http://snomed.info/sct"
BARCODES = "urn:kolaborasi:specimen"
RESULTS = "urn:kolaborasi:result"
STATUS = {False: "final", True: "corrected"}
GENDER = {"female": "female", "male": "male"}


def results_bundle(lab: Lab, first: date, last: date) -> Resource:
    """A Bundle of a lab's results validated from a day to another, not included.

    No name, NIK, contact or full birth date; the caller has asked the verb `export_results` whether it may.
    """
    entries: list[Resource] = []
    patients: set[str] = set()
    for result in exported_results(lab, first, last):
        person = str(result.specimen.order.person_id)
        if person not in patients:
            patients.add(person)
            entries.append(_patient(result))
        entries += _of_result(result)
    organisation = {"resourceType": "Organization", "id": f"lab-{lab.pk}", "name": lab.site.name}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": _url(each), "resource": each} for each in (organisation, *entries)],
    }


def _of_result(result: Result) -> Iterator[Resource]:
    specimen = result.specimen
    yield {
        "resourceType": "Specimen",
        "id": f"specimen-{specimen.pk}",
        "identifier": [{"system": BARCODES, "value": specimen.label.barcode}],
        "type": _coded(SNOMED_SYSTEM, facts.specimen_types()[specimen.kind]),
        "subject": _subject(result),
        "receivedTime": _time(specimen.received_at),
        "collection": {"collectedDateTime": _time(specimen.collected_at)},
    }
    yield _observation(
        result,
        f"result-{result.pk}",
        result.assay.loinc if result.assay else LOINC_RNA,
        {"valueCodeableConcept": _coded(SNOMED_SYSTEM, SNOMED[result.outcome])},
    )
    targets = {target: loinc for loinc, target in facts.ct_targets().items()}
    cts = [each for each in result.cts.all() if each.ct is not None]
    for each in cts:
        code = targets.get(each.target)
        value = {"valueQuantity": {"value": each.ct, "unit": "cycles"}}
        yield _observation(result, f"ct-{each.pk}", code, value, text=f"Ct {each.target}")
    yield {
        "resourceType": "DiagnosticReport",
        "id": f"report-{result.pk}",
        "identifier": [{"system": RESULTS, "value": str(result.pk)}],
        "status": STATUS[result.corrects_id is not None],
        "code": _coded(LOINC_SYSTEM, result.assay.loinc if result.assay else LOINC_RNA),
        "subject": _subject(result),
        "issued": _time(result.validated_at),
        "performer": [{"reference": f"Organization/lab-{result.lab_id}"}],
        "specimen": [{"reference": f"Specimen/specimen-{specimen.pk}"}],
        "result": [
            {"reference": f"Observation/{name}"}
            for name in (f"result-{result.pk}", *(f"ct-{each.pk}" for each in cts))
        ],
    }


def _observation(result: Result, name: str, loinc: str | None, value: Resource, text: str = "") -> Resource:
    code = _coded(LOINC_SYSTEM, loinc) if loinc else {}
    return {
        "resourceType": "Observation",
        "id": name,
        "status": STATUS[result.corrects_id is not None],
        "code": {**code, "text": text} if text else code,
        "subject": _subject(result),
        "effectiveDateTime": _time(result.specimen.collected_at),
        "issued": _time(result.validated_at),
        "specimen": {"reference": f"Specimen/specimen-{result.specimen_id}"},
        **value,
    }


def _patient(result: Result) -> Resource:
    order = result.specimen.order
    return {
        "resourceType": "Patient",
        "id": str(order.person_id),
        "gender": GENDER[order.sex],
        "birthDate": str(order.birth_date.year),
    }


def _subject(result: Result) -> Resource:
    return {"reference": f"Patient/{result.specimen.order.person_id}"}


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _url(resource: Resource) -> str:
    return f"{settings.PUBLIC_ADDRESS}/fhir/R4/{resource['resourceType']}/{resource['id']}"


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
