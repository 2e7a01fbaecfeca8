"""Sessions with the partners that make them, their windows and quotas."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Consumable
from kolaborasi.partners.models import Partner, Site
from kolaborasi.places.models import Place
from kolaborasi.stock.models import Location
from kolaborasi.vaccination.models.products import Product
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.states import SessionState


class SessionKind(models.TextChoices):
    """How a session reaches people."""

    FIXED = "fixed", _("fixed site")
    MOBILE = "mobile", _("vehicle, half a day at a stop")
    MASS = "mass", _("mass event")
    WORKPLACE = "workplace", _("workplace")
    COMMUNITY = "community", _("list of an RT or RW")
    HOME = "home", _("home visits")


class ChannelChoice(models.TextChoices):
    """Channels with their names for people."""

    BOOKING = Channel.BOOKING, _("booking")
    COLLECTIVE = Channel.COLLECTIVE, _("list of an RT, RW or employer")
    RETURNING = Channel.RETURNING, _("due for the next dose")
    WALK_IN = Channel.WALK_IN, _("walk-in")


class Session(models.Model):
    """One product given at a site on a day. The roles of partners are separate, as they were in 2021.

    The site's own partner is its owner. `facility` answers for safety and records, `vaccinator` sends the people who
    inject, `stock_owner` owns the doses, `registrar` runs the registration channel, `sponsor` pays or lends.
    `location` is where the doses of the session are: they are promised from there and from nowhere else.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=SessionKind.choices)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="sessions")
    date = models.DateField()
    facility = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    vaccinator = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    stock_owner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    registrar = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sponsor = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    residents_of = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    vaccinators = models.PositiveSmallIntegerField()
    minutes_per_dose = models.PositiveSmallIntegerField(default=5)
    location = models.OneToOneField(Location, on_delete=models.PROTECT, related_name="session")
    state = models.CharField(max_length=9, default=SessionState.PLANNED)
    planned_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["date", "id"]
        indexes = [
            models.Index(fields=["state", "date"], name="vacc_session_by_state"),
            models.Index(fields=["site", "date"], name="vacc_session_by_site"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SessionKind.values), name="vaccination_session_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in SessionState]),
                name="vaccination_session_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(vaccinators__gt=0, minutes_per_dose__gt=0),
                name="vaccination_session_has_vaccinators",
            ),
            models.CheckConstraint(
                condition=Q(state="planned", opened_at__isnull=True)
                | Q(state="cancelled")
                | Q(opened_at__isnull=False),
                name="vaccination_session_open_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "open"], ended_at__isnull=True)
                | Q(state__in=["closed", "cancelled"], ended_at__isnull=False),
                name="vaccination_session_over_has_a_time",
            ),
        ]


class Slot(models.Model):
    """A time window of a session (FHIR Slot), its end not included."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="vaccination_slot_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["session", "starts_at"], name="vaccination_slot_is_one_per_start"
            ),
        ]


class SlotQuota(Consumable):
    """How many people a channel may send into a window; `reported` is the quota, all of them are its capacity."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="quotas")
    channel = models.CharField(max_length=10, choices=ChannelChoice.choices)

    class Meta(Consumable.Meta):
        constraints = [
            *Consumable.Meta.constraints,
            models.UniqueConstraint(fields=["slot", "channel"], name="vaccination_quota_is_one_per_channel"),
            models.CheckConstraint(
                condition=Q(channel__in=ChannelChoice.values), name="vaccination_quota_channel_is_known"
            ),
        ]
