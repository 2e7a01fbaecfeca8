"""Certificates signed and verified a second.

    python -m benchmarks.certificates [--small]

issue    `vaccination.services.issue_certificates` for sets of people with two doses each: read doses, open names, sign
         SMART Health Cards, write certificate, audit and events.
sign     the same without the database: payload, DEFLATE and ES256 signature.
verify   `smart_health_card.read` of the numeric QR text against published keys.

One process. Wanted: 2,000 signed and 2,000 verified a second, each below 1,000 bytes. DIVOC's signer, measured on a
machine like this: 120 signed a second, 1,590 bytes, 236 verified.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import date
from pathlib import Path

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "certificates.json"
GOALS = {"signed, a second": 2_000.0, "issued, a second": 2_000.0, "verified, a second": 2_000.0}
SET = 1_000


def make_vaccinated(count: int) -> list[object]:
    """People with a name and two doses, in bulk."""
    from kolaborasi.people import vault
    from kolaborasi.people.models import Person
    from kolaborasi.vaccination.models import Dose, Recipient
    from tests.conftest import NOW
    from tests.vaccination.factories import product

    people = []
    for number in range(count):
        person, key = Person(registered_at=NOW), vault.new_person_key()
        person.key_id, person.wrapped_key = vault.wrap(key, person.pk)
        person.name = vault.close(key, f"Warga Contoh {number:05d}", person.pk, "name")
        people.append(person)
    Person.objects.bulk_create(people, batch_size=5000)
    recipients = [
        Recipient(
            person=person, birth_date=date(1990, 1, 1), group="stage3", identified_by="nik", enrolled_at=NOW
        )
        for person in people
    ]
    Recipient.objects.bulk_create(recipients, batch_size=5000)
    given = {"product": product(), "given_at": NOW, "lot_code": "LOT00001", "recorded_at": NOW}
    Dose.objects.bulk_create(
        [Dose(recipient=each, number=number, **given) for each in recipients for number in (1, 2)],
        batch_size=5000,
    )
    return list(recipients)


def measure(count: int) -> dict[str, float]:
    """All rates of one run and the size of a card."""
    from kolaborasi.exchange.queries import jwks
    from kolaborasi.exchange.services import rotate_key, sign_many
    from kolaborasi.vaccination import services
    from kolaborasi.vaccination.certificates import smart_health_card as shc
    from kolaborasi.vaccination.certificates.content import CertifiedDose, Holder
    from tests.conftest import NOW
    from tests.vaccination.factories import SYSTEM

    rotate_key(by=SYSTEM, now=NOW)
    recipients = make_vaccinated(count)
    services.issue_certificates(recipients=recipients[:10], by=SYSTEM, now=NOW)  # type: ignore[arg-type]
    rates, tokens = [], []
    for start in range(10, count, SET):
        part = recipients[start : start + SET]
        started = time.perf_counter()
        issued = services.issue_certificates(recipients=part, by=SYSTEM, now=NOW)  # type: ignore[arg-type]
        rates.append(len(part) / (time.perf_counter() - started))
        tokens += [each.token for each in issued]

    doses = [
        CertifiedDose(
            number, date(2021, 7, number), "XM7HT3", "511", "CoronaVac", "Sinovac", "LOT1", "IDN", "GOR", 2
        )
        for number in (1, 2)
    ]
    started = time.perf_counter()
    payloads = [
        shc.payload(
            Holder(f"Warga Contoh {number:05d}", date(1990, 1, 1)),
            doses,
            issuer="https://kolaborasi.example",
            issued_at=NOW,
            rid=f"rid{number}",
        )
        for number in range(count)
    ]
    signed = sign_many(payloads=payloads, header=shc.HEADER, by=SYSTEM, now=NOW)
    seconds = time.perf_counter() - started
    keys = {str(key["kid"]): key for key in jwks()["keys"]}
    texts = [shc.numeric(token) for token in signed.tokens]
    started = time.perf_counter()
    for text in texts:
        shc.read(text, keys, now=NOW)
    checked = time.perf_counter() - started
    return {
        "issued, a second": statistics.median(rates),
        "signed, a second": count / seconds,
        "verified, a second": count / checked,
        "largest card, bytes": max(map(len, tokens)),
    }


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="fewer people; the result file is left alone")
    small = parser.parse_args().small
    prepare()
    try:
        result = measure(510 if small else 10_010)
    finally:
        drop()
    for name, value in result.items():
        goal = f"   goal: at least {GOALS[name]}" if name in GOALS else ""
        print(f"{name:24}{value:12,.2f}{goal}")
    if not small:
        RESULT.write_text(
            json.dumps({name: round(value, 3) for name, value in result.items()}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
