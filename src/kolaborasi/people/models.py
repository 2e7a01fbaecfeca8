"""Persons, the blind index that finds them, confirmed contacts, accounts."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from kolaborasi.people.rules import MOST_ATTEMPTS, masked_email

IDENTITY_FIELDS = ("name", "nik", "kk", "passport", "phone", "email", "address", "note")


class Person(models.Model):
    """One human. The primary key is the pseudonymous id that every other table uses.

    The identity fields hold AES-256-GCM ciphertext under the person's own key, which is stored wrapped.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    wrapped_key = models.BinaryField(null=True)
    key_id = models.CharField(max_length=8, null=True)
    name = models.BinaryField(null=True)
    nik = models.BinaryField(null=True)
    kk = models.BinaryField(null=True)
    passport = models.BinaryField(null=True)
    phone = models.BinaryField(null=True)
    email = models.BinaryField(null=True)
    address = models.BinaryField(null=True)
    note = models.BinaryField(null=True)
    registered_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                name="person_has_a_key_or_is_erased",
                condition=Q(erased_at__isnull=True, wrapped_key__isnull=False, key_id__isnull=False)
                | Q(
                    erased_at__isnull=False,
                    wrapped_key__isnull=True,
                    key_id__isnull=True,
                    **{f"{field}__isnull": True for field in IDENTITY_FIELDS},
                ),
            ),
            models.CheckConstraint(
                name="person_erased_after_registered",
                condition=Q(erased_at__isnull=True) | Q(erased_at__gte=F("registered_at")),
            ),
        ]
        indexes = [models.Index(fields=["key_id"], name="person_by_key")]


class IndexKind(models.TextChoices):
    """Identity fields a person can be found by."""

    NIK = "nik"
    KK = "kk"
    PASSPORT = "passport"
    PHONE = "phone"
    EMAIL = "email"


class PersonIndex(models.Model):
    """Keyed hash of an identity value, under each platform key: finds a person without storing the value."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="index_rows")
    kind = models.CharField(max_length=8, choices=IndexKind.choices)
    key_id = models.CharField(max_length=8)
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="person_index_kind_is_known", condition=Q(kind__in=IndexKind.values)),
            models.UniqueConstraint(
                fields=["person", "kind", "key_id"], name="person_index_once_per_kind_and_key"
            ),
            models.UniqueConstraint(fields=["digest"], condition=Q(kind="nik"), name="person_one_per_nik"),
            models.UniqueConstraint(
                fields=["digest"], condition=Q(kind="passport"), name="person_one_per_passport"
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="person_index_by_digest")]


class ContactChannel(models.TextChoices):
    """Contacts that are confirmed; both reach the same person."""

    EMAIL = "email"
    PHONE = "phone"


class Contact(models.Model):
    """How far a person's contact is confirmed: the code last sent, tries made, and when it was confirmed."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=5, choices=ContactChannel.choices)
    code_digest = models.BinaryField(null=True)
    window_started_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "channel"], name="contact_once_per_person_and_channel"),
            models.CheckConstraint(
                name="contact_channel_is_known", condition=Q(channel__in=ContactChannel.values)
            ),
            models.CheckConstraint(
                name="contact_attempts_are_limited", condition=Q(attempts__lte=MOST_ATTEMPTS)
            ),
            models.CheckConstraint(
                name="contact_code_ends_after_sent", condition=Q(expires_at__gte=F("sent_at"))
            ),
        ]


class AccountManager(BaseUserManager["User"]):
    """Finds accounts by e-mail whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of an e-mail address."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """An account: an e-mail address and a password, roles come from memberships.

    The log-in address is plain, because it must be found and compared by the account library; whatever else is
    known of its owner lies encrypted in `person`.
    """

    email = models.EmailField()
    person = models.OneToOneField(Person, on_delete=models.PROTECT, null=True, related_name="account")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="user_email_once"),
            models.CheckConstraint(
                name="user_email_in_lower_case", condition=Q(email=Lower("email")) & ~Q(email="")
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def masked_email(self) -> str:
        """The log-in address as others may see it."""
        return masked_email(self.email)
