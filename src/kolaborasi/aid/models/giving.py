"""Needs, offers, pledges and deliveries."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models.programmes import Item, Programme
from kolaborasi.aid.states import DeliveryState, NeedState
from kolaborasi.commitments.models import Commitment, Consumable
from kolaborasi.partners.models import Partner, Site
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Place


class Cause(models.TextChoices):
    """Why help is needed; a choice and not free text, so that nobody is described in somebody's own words."""

    ISOLATION = "isolation", _("Households in self-isolation")
    INCOME = "income", _("Lost income")
    INSTITUTION = "institution", _("An institution's residents")
    DISASTER = "disaster", _("Flood or fire")
    OTHER = "other", _("Other")


class Need(models.Model):
    """What a place or an institution needs; public once verified."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(
        Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="needs"
    )
    answers = models.JSONField(default=dict, blank=True)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    households = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    estimated = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=NeedState.SUBMITTED)
    state_reason = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    registered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    verified_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "registered_at"], name="aid_need_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in NeedState]), name="aid_need_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(people__gte=F("households")), name="aid_need_has_people_in_households"
            ),
            models.CheckConstraint(condition=Q(people__gt=0), name="aid_need_is_for_somebody"),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(verified_at__isnull=False), name="aid_need_open_means_verified"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "withdrawn"]) | ~Q(state_reason=""),
                name="aid_need_ended_with_a_reason",
            ),
        ]


class NeedLine(Consumable):
    """One item of a need: how much, by when. `reported` is what is needed."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    needed_by_date = models.DateField()

    class Meta(Consumable.Meta):
        constraints = [
            *Consumable.Meta.constraints,
            models.UniqueConstraint(fields=["need", "item"], name="aid_need_line_is_one_per_item"),
        ]

    @property
    def left(self) -> int:
        """Units that can still be promised; none once the need is over. Reads the need."""
        return super().left if self.need.state in (NeedState.SUBMITTED, NeedState.OPEN) else 0


class Offer(Consumable):
    """What a helper has to give, to be promised by a plan or by hand. `reported` is what is offered."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    named = models.BooleanField(default=False)
    available_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)
    registered_at = models.DateTimeField()

    class Meta(Consumable.Meta):
        constraints = [
            *Consumable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(partner__isnull=False, person__isnull=True)
                | Q(partner__isnull=True, person__isnull=False),
                name="aid_offer_is_from_a_partner_or_a_person",
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gt=F("available_date")),
                name="aid_offer_ends_after_it_begins",
            ),
        ]


class Pledge(Commitment):
    """A helper's promise on one line of a need, alone or out of an offer."""

    counts_against: ClassVar[tuple[str, ...]] = ("need_line", "offer")

    need_line = models.ForeignKey(NeedLine, on_delete=models.PROTECT, related_name="pledges")
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="pledges")
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    named = models.BooleanField(default=False)
    deliver_date = models.DateField()
    pledged_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    link_hash = models.CharField(max_length=64, unique=True)
    receipt_code = models.CharField(max_length=8)
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    class Meta(Commitment.Meta):
        indexes = [
            models.Index(fields=["held_until"], condition=Q(state="held"), name="aid_pledge_held_until"),
            models.Index(
                fields=["deliver_date"], condition=Q(state="confirmed"), name="aid_pledge_by_deliver_date"
            ),
        ]
        constraints = [
            *Commitment.Meta.constraints,
            models.CheckConstraint(
                condition=Q(partner__isnull=False, person__isnull=True)
                | Q(partner__isnull=True, person__isnull=False),
                name="aid_pledge_is_from_a_partner_or_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "fulfilled"]) | Q(confirmed_at__isnull=False),
                name="aid_pledge_confirmed_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(handed_over_at__isnull=True) | Q(confirmed_at__isnull=False),
                name="aid_pledge_handed_over_after_it_was_confirmed",
            ),
        ]


class AcknowledgedBy(models.TextChoices):
    """Who said that it arrived."""

    CODE = "code", _("the recipient's code")
    RECIPIENT = "recipient", _("the recipient's own page")
    VERIFIER = "verifier", _("a verifier's visit")
    COORDINATOR = "coordinator", _("a coordinator's word")


class Delivery(models.Model):
    """What a helper says was handed over, and what the receiving side acknowledged."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="deliveries")
    quantity = models.PositiveIntegerField()
    reported_at = models.DateTimeField()
    photo = models.FileField(blank=True, upload_to="aid/delivery")
    state = models.CharField(max_length=12, default=DeliveryState.REPORTED)
    received = models.PositiveIntegerField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=12, choices=AcknowledgedBy.choices, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="aid_delivery_brings_at_least_one"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DeliveryState]),
                name="aid_delivery_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="acknowledged", received__isnull=False, acknowledged_at__isnull=False)
                | ~Q(state="acknowledged") & Q(received__isnull=True, acknowledged_at__isnull=True),
                name="aid_delivery_counts_only_when_acknowledged",
            ),
            models.UniqueConstraint(
                fields=["pledge"],
                condition=Q(state="reported"),
                name="aid_delivery_is_one_at_a_time_per_pledge",
            ),
        ]
