"""The exported bundle, read by the standard's own library."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from fhir.resources.R4B.bundle import Bundle

from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.fhir import results_bundle
from kolaborasi.diagnostics.models import Result
from tests.conftest import NOW
from tests.diagnostics.factories import INCONCLUSIVE, NEGATIVE, POSITIVE, bench

pytestmark = pytest.mark.django_db


def test_bundle_of_results_is_valid_r4b_and_its_references_lead_somewhere() -> None:
    place = bench(3)
    readings = place.readings([POSITIVE, NEGATIVE, INCONCLUSIVE])
    services.read_run(run=place.run(), readings=readings, ended_at=NOW, by=place.technician, now=NOW)
    services.validate_results(results=list(Result.objects.all()), by=place.validator, now=NOW)
    today = localdate(NOW)
    written = results_bundle(place.lab, today, today + timedelta(days=1))
    bundle = Bundle.model_validate(written)
    found = [each.resource for each in bundle.entry]
    kinds = [each.get_resource_type() for each in found]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "Organization": 1,
        "Patient": 3,
        "Specimen": 3,
        "Observation": 9,
        "DiagnosticReport": 3,
    }
    known = {f"{each.get_resource_type()}/{each.id}" for each in found}
    assert {each.subject.reference for each in found if hasattr(each, "subject")} <= known
    reports = [each for each in found if each.get_resource_type() == "DiagnosticReport"]
    assert {one.reference for each in reports for one in each.result} <= known
    # Every entry can be found by the relative references of the others.
    assert all(
        each.fullUrl.endswith(f"{each.resource.get_resource_type()}/{each.resource.id}")
        for each in bundle.entry
    )
