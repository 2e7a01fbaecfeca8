"""Kept answers that open only with the key the client chose: they may hold a secret link."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Conflict

NONCE_BYTES = 12


class AnswerLost(Conflict):
    """The request was done, but its answer can no longer be opened, since the city changed its secret key."""

    code = "answer-lost"

    def __init__(self) -> None:
        super().__init__(
            _("This was done already, but its answer is no longer at hand. Read the result instead.")
        )


def seal(value: Any, *, key: str) -> str:
    """Encrypt a JSON value (AES-256-GCM) under a key derived from the client's key and the platform's."""
    nonce = os.urandom(NONCE_BYTES)
    closed = AESGCM(_derived(key)).encrypt(nonce, json.dumps(value).encode(), None)
    return base64.b64encode(nonce + closed).decode()


def open_(sealed: str, *, key: str) -> Any:
    """The value of a sealed answer.

    Raises:
        AnswerLost: it was sealed under another key of the platform.
    """
    blob = base64.b64decode(sealed)
    try:
        content = AESGCM(_derived(key)).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], None)
    except InvalidTag as error:
        raise AnswerLost from error
    return json.loads(content)


def _derived(key: str) -> bytes:
    hkdf = HKDF(SHA256(), length=32, salt=settings.SECRET_KEY.encode(), info=b"kolaborasi kept answer")
    return hkdf.derive(key.encode())
