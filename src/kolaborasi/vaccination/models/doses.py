"""Doses given, what followed them, corrections and certificates."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.partners.models import Partner, Site
from kolaborasi.stock.models import Movement
from kolaborasi.vaccination.models.people import Booking, Recipient
from kolaborasi.vaccination.models.products import Product
from kolaborasi.vaccination.models.sessions import Session
from kolaborasi.vaccination.models.supply import VaccineLot, Vial
from kolaborasi.vaccination.states import AdverseState, CorrectionState, DoseState


class Route(models.TextChoices):
    """Where the dose went (HL7 v3 RouteOfAdministration and body site)."""

    LEFT_ARM = "IM-LA", _("intramuscular, left arm")
    RIGHT_ARM = "IM-RA", _("intramuscular, right arm")
    THIGH = "IM-LT", _("intramuscular, thigh")


class Dose(models.Model):
    """A dose that a person got (FHIR Immunization).

    Given here, it is the movement of one unit of its lot to the person. A dose given elsewhere has only the lot as it
    stands on the paper shown.
    """

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="doses")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    given_at = models.DateTimeField()
    booking = models.ForeignKey(
        Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="doses"
    )
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.PROTECT, related_name="doses"
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(VaccineLot, null=True, blank=True, on_delete=models.PROTECT, related_name="doses")
    lot_code = models.CharField(max_length=60)
    vial = models.ForeignKey(Vial, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    movement = models.ForeignKey(Movement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    route = models.CharField(max_length=5, choices=Route.choices, blank=True, default="")
    vaccinator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    observe_until = models.DateTimeField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    country = models.CharField(max_length=3, default="IDN")
    state = models.CharField(max_length=16, default=DoseState.GIVEN)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    recorded_at = models.DateTimeField()
    entry_key = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["given_at"], name="vacc_dose_by_time"),
            models.Index(fields=["session"], name="vacc_dose_by_session"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DoseState]),
                name="vaccination_dose_state_is_known",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="vaccination_dose_number_from_1"),
            models.CheckConstraint(condition=~Q(lot_code=""), name="vaccination_dose_names_its_lot"),
            models.CheckConstraint(
                condition=Q(session__isnull=True, movement__isnull=True, lot__isnull=True)
                | Q(session__isnull=False, movement__isnull=False, lot__isnull=False, site__isnull=False),
                name="vaccination_dose_given_here_moved_stock",
            ),
            models.UniqueConstraint(
                fields=["recipient", "number"],
                condition=Q(state="given"),
                name="vaccination_dose_number_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["movement"], condition=Q(state="given"), name="vaccination_dose_is_one_per_movement"
            ),
            # A device that lost its connection sends the same entry again.
            models.UniqueConstraint(
                fields=["session", "entry_key"],
                condition=~Q(entry_key=""),
                name="vaccination_dose_entry_once_per_session",
            ),
            models.CheckConstraint(
                condition=Q(observed_at__isnull=True) | Q(observed_at__gte=F("given_at")),
                name="vaccination_dose_observed_after_it_was_given",
            ),
        ]


class AdverseKind(models.TextChoices):
    """What was seen after a dose (WHO AEFI form, shortened)."""

    LOCAL = "local", _("severe local reaction")
    FEVER = "fever", _("fever of 38 °C or more")
    FAINTING = "fainting", _("fainting")
    ALLERGY = "allergy", _("allergic reaction")
    ANAPHYLAXIS = "anaphylaxis", _("anaphylaxis")
    SEIZURE = "seizure", _("seizure")
    CLOTTING = "clotting", _("thrombosis with low platelets")
    OTHER = "other", _("other")


class Outcome(models.TextChoices):
    """What became of somebody with an adverse event."""

    UNKNOWN = "unknown", _("not known yet")
    RECOVERING = "recovering", _("recovering")
    RECOVERED = "recovered", _("recovered")
    SEQUELAE = "sequelae", _("recovered with lasting effects")
    DIED = "died", _("died")


class AdverseEvent(models.Model):
    """Something untoward after a dose (AEFI, in Indonesia KIPI); it need not be caused by it."""

    dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="adverse_events")
    kind = models.CharField(max_length=12, choices=AdverseKind.choices)
    onset_at = models.DateTimeField()
    serious = models.BooleanField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.UNKNOWN)
    state = models.CharField(max_length=8, default=AdverseState.REPORTED)
    reported_at = models.DateTimeField()
    due_date = models.DateField()
    followed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_date"], name="vacc_aefi_by_due_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AdverseKind.values), name="vaccination_aefi_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="vaccination_aefi_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AdverseState]),
                name="vaccination_aefi_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(outcome="unknown"),
                name="vaccination_aefi_closes_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(serious=True) | ~Q(kind="anaphylaxis"),
                name="vaccination_aefi_anaphylaxis_is_serious",
            ),
        ]


class CorrectionKind(models.TextChoices):
    """What is wrong with a record."""

    WRONG_IDENTITY = "wrong-identity", _("NIK, name or birth date is wrong")
    MISSING_DOSE = "missing-dose", _("a dose is missing")
    MISATTRIBUTED_DOSE = "misattributed-dose", _("a dose of somebody else")


class Correction(models.Model):
    """A request to put a record right, with an owner and a deadline; what was wrong stays to be seen.

    What the person says of a missing dose is in `said_…`; of a wrong identity only which fields are wrong, for the
    right values are shown to the owner on paper and go into `people` when it decides.
    """

    kind = models.CharField(max_length=18, choices=CorrectionKind.choices)
    recipient = models.ForeignKey(
        Recipient, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    dose = models.ForeignKey(
        Dose, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    right_recipient = models.ForeignKey(
        Recipient, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resulting_dose = models.ForeignKey(
        Dose, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_date = models.DateField()
    state = models.CharField(max_length=8, default=CorrectionState.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(max_length=60, blank=True, default="")
    said_fields = models.CharField(max_length=60, blank=True, default="")
    said_date = models.DateField(null=True, blank=True)
    said_product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    said_site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    said_lot = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "due_date"], name="vacc_fix_by_due_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=CorrectionKind.values), name="vaccination_correction_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | Q(state__in=["resolved", "rejected"], decided_at__isnull=False),
                name="vaccination_correction_decided_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(kind="misattributed-dose") | Q(dose__isnull=False),
                name="vaccination_correction_of_a_dose_names_it",
            ),
            models.CheckConstraint(
                condition=Q(dose__isnull=False) | Q(recipient__isnull=False),
                name="vaccination_correction_is_about_something",
            ),
            models.CheckConstraint(
                condition=Q(kind="missing-dose")
                | Q(said_date__isnull=True, said_product__isnull=True, said_site__isnull=True, said_lot=""),
                name="vaccination_correction_tells_of_a_dose_that_is_missing",
            ),
        ]


class RevokeReason(models.TextChoices):
    """Why a certificate no longer holds."""

    CORRECTED = "corrected", _("the record was corrected")
    REPLACED = "replaced", _("replaced by a newer one")
    FRAUD = "fraud", _("obtained by fraud")
    KEY = "key", _("its key is no longer trusted")


class Certificate(models.Model):
    """A certificate that was signed: what it shows is read from doses and identity again, never stored signed."""

    rid = models.CharField(max_length=24)
    kid = models.CharField(max_length=43)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="certificates")
    last_dose = models.ForeignKey(Dose, on_delete=models.PROTECT, related_name="+")
    doses = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=9, choices=RevokeReason.choices, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rid"], name="vaccination_certificate_rid_once"),
            models.CheckConstraint(
                # SMART Health Cards, revocation: base64url alphabet, at most 24 characters.
                condition=Q(rid__regex=r"^[A-Za-z0-9_-]{1,24}$"),
                name="vaccination_certificate_rid_is_base64url",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | Q(revoked_at__isnull=False) & ~Q(revoke_reason=""),
                name="vaccination_certificate_revoked_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["recipient"],
                condition=Q(revoked_at__isnull=True),
                name="vaccination_certificate_is_one_valid_per_person",
            ),
            models.CheckConstraint(
                condition=Q(doses__gt=0), name="vaccination_certificate_shows_at_least_one_dose"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kid"], condition=Q(revoked_at__isnull=False), name="vacc_certificate_revoked"
            )
        ]
