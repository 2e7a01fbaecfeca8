"""Verbs on corrections: open, resolve, reject. What was wrong stays on record, marked as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner, PartnerKind, Site
from kolaborasi.people.services import correct
from kolaborasi.vaccination.errors import CorrectionIncomplete, DoseAlreadyGiven, NotEligible, NotTheirRecord
from kolaborasi.vaccination.models import (
    Certificate,
    Correction,
    CorrectionKind,
    Dose,
    Product,
    Recipient,
    RevokeReason,
    Session,
)
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.rules import CORRECTION_DAYS, DoseFault, Eligibility
from kolaborasi.vaccination.services.recipients import require_birth_date
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.states import CORRECTION, DOSE, DoseState

BY_CORRECTION = Actor.system("vaccination-correction")


@dataclass(frozen=True)
class Said:
    """What a person says is wrong.

    Args:
        fields: names of the identity fields that are wrong, never their values.
        given_date, product, site, lot_code: of a dose that is missing, as the paper card has it.
    """

    fields: Sequence[str] = ()
    given_date: date | None = None
    product: Product | None = None
    site: Site | None = None
    lot_code: str = ""


def open_correction(
    *,
    kind: CorrectionKind,
    owner: Partner,
    by: Actor,
    now: datetime,
    recipient: Recipient | None = None,
    dose: Dose | None = None,
    right_recipient: Recipient | None = None,
    reference: str = "",
    said: Said | None = None,
) -> Correction:
    """Ask for a record to be put right; it has an owner and a day by which it is decided.

    Args:
        owner: partner that decides: the facility that made the record, or the health office.
        recipient: whose record is wrong or incomplete.
        dose: the dose that is wrong; for a missing one, none.
        right_recipient: whose dose it really was.
        reference: number of the letter or complaint, never words about a person.
        said: what the person says; the caller has asked whether the record is theirs.

    Raises:
        CorrectionIncomplete: it is about nothing, or a misattributed dose is not named.
        NotTheirRecord: the owner is no health office and had no part in a visit or dose of the person.
    """
    TABLE.require(by, "open_correction")
    if (recipient is None and dose is None) or (kind == CorrectionKind.MISATTRIBUTED_DOSE and dose is None):
        raise CorrectionIncomplete
    told = said or Said()
    _require_concerned(owner, recipient, dose, told)
    with transaction.atomic():
        correction = Correction.objects.create(
            kind=kind,
            recipient=recipient,
            dose=dose,
            right_recipient=right_recipient,
            owner=owner,
            opened_at=now,
            due_date=localdate(now) + timedelta(days=CORRECTION_DAYS[kind]),
            reference=reference,
            said_fields=",".join(told.fields),
            said_date=told.given_date,
            said_product=told.product,
            said_site=told.site,
            said_lot=told.lot_code,
        )
        mark(
            verb="open_correction",
            event="correction_opened",
            subject=("vaccination.correction", correction.pk),
            by=by,
            now=now,
            kind=str(kind),
            owner=owner.pk,
        )
    return correction


def _require_concerned(owner: Partner, recipient: Recipient | None, dose: Dose | None, said: Said) -> None:
    """Whoever decides sees the identity and may move doses: not for anybody who names themselves.

    Raises:
        NotTheirRecord: no government office, and no part in the dose, in a session the person came to or was booked in,
            or in the site that is said to have given a missing dose.
    """
    if owner.kind == PartnerKind.GOVERNMENT:
        return
    who = recipient.pk if recipient is not None else dose.recipient_id if dose is not None else None
    theirs = Q(doses__recipient=who) | Q(visits__recipient=who) | Q(bookings__recipient=who)
    if said.site is not None:
        theirs |= Q(site=said.site)
    part = Q(site__partner=owner)
    for name in ("facility", "vaccinator", "stock_owner", "registrar"):
        part |= Q(**{name: owner})
    if not Session.objects.filter(part, theirs).exists():
        raise NotTheirRecord


def resolve_correction(
    *,
    correction: Correction,
    by: Actor,
    now: datetime,
    changes: Mapping[str, str] | None = None,
    birth_date: str = "",
    right_recipient: Recipient | None = None,
    dose: Dose | None = None,
) -> Correction:
    """Put the record right; certificates that show the wrong one are revoked.

    Args:
        changes: identity fields to correct, for a wrong identity.
        birth_date: ISO date to correct, for a wrong identity.
        right_recipient: whose dose it was, for a misattributed one.
        dose: the dose that was missing and is on record now, for a missing one.

    Raises:
        NotPermitted: nobody of the owner, no verifier or coordinator.
        WrongState: it was decided.
        CorrectionIncomplete: what its kind needs is not given.
        NotEligible: the birth date lies in the future, or after a dose on record.
        DoseAlreadyGiven: the right person has a dose of this number already.
    """
    with transaction.atomic():
        locked = _locked(correction, "resolve_correction", by)
        locked.state = CORRECTION.move(locked.state, "resolve")
        if locked.kind == CorrectionKind.WRONG_IDENTITY:
            _correct_identity(locked, changes or {}, birth_date, now)
        elif locked.kind == CorrectionKind.MISATTRIBUTED_DOSE:
            locked.right_recipient = right_recipient or locked.right_recipient
            locked.resulting_dose = _move_dose(locked, now)
        else:
            if dose is None or dose.recipient_id != locked.recipient_id:
                raise CorrectionIncomplete
            locked.resulting_dose = dose
            _revoke(locked.recipient, now)
        _decide(locked, by, now)
        mark(
            verb="resolve_correction",
            event="correction_resolved",
            subject=("vaccination.correction", correction.pk),
            by=by,
            now=now,
            fields=sorted([*(changes or {}), *(["birth_date"] if birth_date else [])]),
        )
    return locked


def reject_correction(*, correction: Correction, reference: str, by: Actor, now: datetime) -> Correction:
    """Leave the record as it is; the reference says where the reason is kept.

    Raises:
        NotPermitted, WrongState.
    """
    with transaction.atomic():
        locked = _locked(correction, "reject_correction", by)
        locked.state = CORRECTION.move(locked.state, "reject")
        locked.reference = reference
        _decide(locked, by, now)
        mark(
            verb="reject_correction",
            event="correction_rejected",
            subject=("vaccination.correction", correction.pk),
            by=by,
            now=now,
        )
    return locked


def _locked(correction: Correction, verb: str, by: Actor) -> Correction:
    locked = Correction.objects.select_for_update(no_key=True).get(pk=correction.pk)
    place = None
    if locked.recipient is not None and locked.recipient.residence is not None:
        place = locked.recipient.residence.code
    TABLE.require(by, verb, place_code=place, partner_id=locked.owner_id)
    return locked


def _decide(correction: Correction, by: Actor, now: datetime) -> None:
    correction.decided_at, correction.decided_by_id = now, by.user_id
    correction.save(
        update_fields=[
            *("state", "decided_at", "decided_by", "right_recipient", "resulting_dose", "reference"),
        ]
    )


def _correct_identity(
    correction: Correction, changes: Mapping[str, str], birth_date: str, now: datetime
) -> None:
    recipient = correction.recipient or (correction.dose.recipient if correction.dose else None)
    if recipient is None or not (changes or birth_date):
        raise CorrectionIncomplete
    if changes:
        correct(person=recipient.person, changes=changes, by=BY_CORRECTION, now=now)
    if birth_date:
        _require_possible(recipient, date.fromisoformat(birth_date), now)
        Recipient.objects.filter(pk=recipient.pk).update(birth_date=birth_date)
    _revoke(recipient, now)


def _require_possible(recipient: Recipient, birth_date: date, now: datetime) -> None:
    require_birth_date(birth_date, now)
    first = Dose.objects.filter(recipient=recipient, state=DoseState.GIVEN).order_by("given_at").first()
    if first is not None and birth_date > localdate(first.given_at):
        raise NotEligible(Eligibility(1, (DoseFault.UNBORN,), None, None, ()))


def _move_dose(correction: Correction, now: datetime) -> Dose:
    """Mark the dose as entered in error and record it anew under the right person, pointing at the wrong one."""
    right = correction.right_recipient
    if right is None or correction.dose is None:
        raise CorrectionIncomplete
    wrong = Dose.objects.select_for_update(no_key=True).get(pk=correction.dose.pk)
    if wrong.recipient_id == right.pk:
        raise CorrectionIncomplete
    wrong.state = DOSE.move(wrong.state, "void")
    wrong.save(update_fields=["state"])
    last = Dose.objects.filter(recipient=right, state=DoseState.GIVEN).order_by("-number").first()
    fields = {
        field.attname: getattr(wrong, field.attname)
        for field in Dose._meta.concrete_fields
        if field.name not in {"id", "recipient", "number", "state", "replaces", "entry_key", "recorded_at"}
    }
    try:
        with transaction.atomic():
            made = Dose.objects.create(
                **fields,
                recipient=right,
                number=last.number + 1 if last else 1,
                replaces=wrong,
                recorded_at=now,
            )
    except IntegrityError as error:
        raise DoseAlreadyGiven from error
    _revoke(wrong.recipient, now)
    _revoke(right, now)
    return made


def _revoke(recipient: Recipient | None, now: datetime) -> None:
    Certificate.objects.filter(recipient=recipient, revoked_at__isnull=True).update(
        revoked_at=now, revoke_reason=RevokeReason.CORRECTED
    )
