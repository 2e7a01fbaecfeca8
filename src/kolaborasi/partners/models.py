"""Partners, sites, memberships, agreements."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import DateField, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kolaborasi.partners.states import PartnerState, RoleName
from kolaborasi.places.models import Place


class PartnerKind(models.TextChoices):
    """What sort of organisation a partner is."""

    GOVERNMENT = "government", _("government body")
    CAMPUS = "campus", _("campus")
    RESEARCH = "research", _("research centre")
    COMPANY = "company", _("private company")
    HOSPITAL = "hospital", _("hospital")
    CLINIC = "clinic", _("clinic")
    LAB = "lab", _("laboratory")
    AGGREGATOR = "aggregator", _("aggregator")
    COMMUNITY = "community", _("community")
    SOCIAL = "social", _("social institution")
    WAREHOUSE = "warehouse", _("warehouse operator")
    OTHER = "other", _("other organisation")


class StateChoice(models.TextChoices):
    """Partner states with their names for people."""

    APPLIED = PartnerState.APPLIED, _("applied")
    ACTIVE = PartnerState.ACTIVE, _("active")
    PAUSED = PartnerState.PAUSED, _("paused")
    FROZEN = PartnerState.FROZEN, _("frozen")
    LEFT = PartnerState.LEFT, _("has left")


class Reason(models.TextChoices):
    """Why a partner's state was changed. A choice and a reference number, never free text about people."""

    OWN_WISH = "own-wish", _("at its own wish")
    LICENCE_EXPIRED = "licence-expired", _("licence has expired")
    LICENCE_REVOKED = "licence-revoked", _("licence was revoked")
    NOT_DELIVERED = "not-delivered", _("promises were not delivered")
    COMPLAINT = "complaint", _("complaint under review")
    SAFETY = "safety", _("safety of goods or people")
    DOCUMENTS = "documents", _("documents are missing or wrong")
    RESOLVED = "resolved", _("the cause is resolved")
    OTHER = "other", _("other, see the reference")


REFERENCE = r"^[A-Za-z0-9./ -]*[0-9][A-Za-z0-9./ -]*$"
"""A letter or case number: at least one digit among letters, dots, slashes, dashes."""


class Partner(models.Model):
    """An organisation that gives capacity (FHIR Organization)."""

    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=PartnerKind.choices)
    legal_id = models.CharField(max_length=40, blank=True, default="")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="partners")
    state = models.CharField(max_length=8, choices=StateChoice.choices, default=PartnerState.APPLIED)
    reason = models.CharField(max_length=16, choices=Reason.choices, blank=True, default="")
    reference = models.CharField(max_length=60, blank=True, default="")
    applied_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(name="partner_named", condition=~Q(name="")),
            models.CheckConstraint(name="partner_kind_is_known", condition=Q(kind__in=PartnerKind.values)),
            models.CheckConstraint(name="partner_state_is_known", condition=Q(state__in=StateChoice.values)),
            models.CheckConstraint(
                name="partner_reason_is_known", condition=Q(reason__in=["", *Reason.values])
            ),
            models.CheckConstraint(
                name="partner_frozen_has_a_reason", condition=~Q(state=PartnerState.FROZEN) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="partner_at_work_was_activated",
                condition=Q(state__in=[PartnerState.APPLIED, PartnerState.LEFT])
                | Q(activated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="partner_state_after_applied", condition=Q(state_at__gte=F("applied_at"))
            ),
            # One that left or was declined may apply again.
            models.UniqueConstraint(
                fields=["legal_id"],
                condition=~Q(legal_id="") & ~Q(state=PartnerState.LEFT),
                name="partner_legal_id_once",
            ),
            models.CheckConstraint(
                name="partner_reference_is_a_number",
                condition=Q(reference="") | Q(reference__regex=REFERENCE),
            ),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="partner_by_state_and_kind")]

    def __str__(self) -> str:
        return self.name


class SiteKind(models.TextChoices):
    """What is done at a site."""

    LAB = "lab", _("laboratory")
    HOSPITAL = "hospital", _("hospital")
    PUSKESMAS = "puskesmas", _("puskesmas")
    VACCINATION = "vaccination", _("vaccination site")
    WAREHOUSE = "warehouse", _("warehouse")
    COLLECTION = "collection", _("collection point")
    ORPHANAGE = "orphanage", _("orphanage")
    ELDERLY_HOME = "elderly-home", _("home for the elderly")
    DISABILITY_HOME = "disability-home", _("home for people with a disability")
    PESANTREN = "pesantren", _("pesantren")
    OTHER = "other", _("other site")


class Site(models.Model):
    """Where a partner gives or receives (FHIR Location); its address is public."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sites")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="sites")
    kind = models.CharField(max_length=16, choices=SiteKind.choices)
    name = models.CharField(max_length=160)
    address = models.CharField(max_length=240, blank=True, default="")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    opened_date = models.DateField()
    closed_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(name="site_named", condition=~Q(name="")),
            models.CheckConstraint(name="site_kind_is_known", condition=Q(kind__in=SiteKind.values)),
            models.CheckConstraint(
                name="site_position_whole_and_on_earth",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                # A comparison with NULL is not false, so a CHECK lets it pass: both must be asked for.
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
            ),
            models.CheckConstraint(
                name="site_closes_after_it_opens",
                condition=Q(closed_date__isnull=True) | Q(closed_date__gt=F("opened_date")),
            ),
            models.UniqueConstraint(
                fields=["partner", "name"],
                condition=Q(closed_date__isnull=True),
                name="site_name_once_per_partner",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleChoice(models.TextChoices):
    """Roles with their names for people."""

    COORDINATOR = RoleName.COORDINATOR, _("coordinator")
    VERIFIER = RoleName.VERIFIER, _("verifier")
    AUDITOR = RoleName.AUDITOR, _("auditor")
    RW_HEAD = RoleName.RW_HEAD, _("head of an RW")
    PARTNER_ADMIN = RoleName.PARTNER_ADMIN, _("partner administrator")
    PARTNER_MEMBER = RoleName.PARTNER_MEMBER, _("partner member")
    COURIER = RoleName.COURIER, _("courier")


class Membership(models.Model):
    """A person acting for a partner in a role (FHIR PractitionerRole), from one day to another, not included."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=RoleChoice.choices)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    starts_date = models.DateField()
    ends_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["partner", "role", "id"]
        constraints = [
            models.CheckConstraint(name="membership_role_is_known", condition=Q(role__in=RoleChoice.values)),
            models.CheckConstraint(
                # Equal dates: a membership ended before it took effect.
                name="membership_ends_after_it_starts",
                condition=Q(ends_date__isnull=True) | Q(ends_date__gte=F("starts_date")),
            ),
            models.CheckConstraint(
                name="membership_rw_head_has_a_place",
                condition=~Q(role=RoleName.RW_HEAD) | Q(place__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["user", "partner", "role", "place"],
                condition=Q(ends_date__isnull=True),
                nulls_distinct=False,
                name="membership_open_once",
            ),
        ]
        indexes = [models.Index(fields=["user", "starts_date"], name="membership_by_user")]


class AgreementKind(models.TextChoices):
    """What was agreed."""

    COLLABORATION = "collaboration", _("collaboration agreement")
    FUNDRAISING = "fundraising", _("fundraising licence")
    DATA = "data", _("data sharing agreement")


def _days(starts: str, ends: str) -> Func:
    return Func(F(starts), F(ends), Value("[)"), function="daterange", output_field=DateField())


def _only(number: str) -> Func:
    # btree_gist, which compares plain numbers in an exclusion, is an extension; a range of one number needs none.
    return Func(F(number), F(number), Value("[]"), function="int8range", output_field=DateField())


class Agreement(models.Model):
    """An agreement or licence of a partner, valid from one day to another, not included."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(max_length=14, choices=AgreementKind.choices)
    version = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=80, blank=True, default="")
    starts_date = models.DateField()
    ends_date = models.DateField()

    class Meta:
        ordering = ["partner", "kind", "version"]
        constraints = [
            models.CheckConstraint(
                name="agreement_kind_is_known", condition=Q(kind__in=AgreementKind.values)
            ),
            models.CheckConstraint(
                name="agreement_ends_after_it_starts", condition=Q(ends_date__gt=F("starts_date"))
            ),
            models.UniqueConstraint(fields=["partner", "kind", "version"], name="agreement_version_once"),
            *[
                ExclusionConstraint(
                    name=f"agreement_one_{kind}_at_a_time",
                    expressions=[
                        (_only("partner_id"), RangeOperators.OVERLAPS),
                        (_days("starts_date", "ends_date"), RangeOperators.OVERLAPS),
                    ],
                    condition=Q(kind=kind),
                )
                for kind in AgreementKind.values
            ],
        ]
