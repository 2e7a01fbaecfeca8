"""Verbs on persons: register, correct, request_code, confirm_contact, look, erase, rewrap."""

from kolaborasi.people.services.contacts import confirm_contact, contact_of, request_code, vouch_for_contact
from kolaborasi.people.services.identity import Identity, normal_values
from kolaborasi.people.services.keys import erase, rewrap
from kolaborasi.people.services.looks import (
    LookReason,
    look,
    look_at_many_for_care,
    look_for_care,
    look_to_match,
)
from kolaborasi.people.services.registration import correct, register, register_account, register_many

__all__ = [
    "Identity",
    "LookReason",
    "confirm_contact",
    "contact_of",
    "correct",
    "erase",
    "look",
    "look_at_many_for_care",
    "look_for_care",
    "look_to_match",
    "normal_values",
    "register",
    "register_account",
    "register_many",
    "request_code",
    "rewrap",
    "vouch_for_contact",
]
