"""The signed document of a result, which anybody can check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import Result
from kolaborasi.diagnostics.queries.documents import KIND, SNOMED
from kolaborasi.diagnostics.services.results import document_number
from kolaborasi.exchange.services import sign
from kolaborasi.people.services import look_for_care

DOCUMENTS = Actor.system("diagnostics-documents")
LOINC_RNA = "94500-6"


def result_document(*, result: Result, now: datetime) -> str:
    """A compact JWS of a validated result, to be shown as QR code; the caller has let the person or their carer in.

    It holds the name and birth date, because a result without its owner proves nothing; it is made for the one who
    asks and not stored. Fields follow WHO, Digital Documentation of COVID-19 Certificates: Test Result, 2022.

    Raises:
        PersonErased: there is nobody to make it out to.
    """
    order = result.specimen.order
    seen = look_for_care(person=order.person, fields=["name"], by=DOCUMENTS, now=now)
    claims: dict[str, Any] = {
        "iss": settings.PUBLIC_ADDRESS,
        "iat": int(now.timestamp()),
        "jti": document_number(result),
        "kind": KIND,
        "name": seen.get("name", ""),
        "birth_date": order.birth_date.isoformat(),
        "test": result.assay.loinc if result.assay else LOINC_RNA,
        "result": SNOMED[result.outcome],
        "collected_at": result.specimen.collected_at.isoformat(),
        "resulted_at": result.resulted_at.isoformat(),
        "lab": result.lab.site.name,
    }
    return sign(claims=claims, by=DOCUMENTS, now=now)
