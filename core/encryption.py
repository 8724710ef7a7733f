"""Encrypted text fields."""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class UnreadableSecret(Exception):
    """A stored secret was encrypted with a key that this installation does not have."""


@lru_cache(maxsize=4)
def _fernets(keys: tuple[str, ...], fallback: str) -> list[Fernet]:
    digest = hashlib.sha256(b"webinarsync tokens" + fallback.encode()).digest()
    made = base64.urlsafe_b64encode(digest).decode()
    return [Fernet(key) for key in (*keys, made)]


def fernet() -> MultiFernet:
    """Return the cipher of this installation: TOKEN_KEYS, then a key derived from SECRET_KEY.

    The last one allows an installation that began without TOKEN_KEYS to set them later.
    """
    return MultiFernet(_fernets(tuple(settings.TOKEN_KEYS), settings.SECRET_KEY))


def newest_opens(text: str) -> bool:
    """Return whether `text` was encrypted with the key that is used for writing."""
    try:
        _fernets(tuple(settings.TOKEN_KEYS), settings.SECRET_KEY)[0].decrypt(text.encode())
    except InvalidToken:
        return False
    return True


class Sealed(str):
    """A stored secret that no key here decrypts: the ciphertext, which is written back
    unchanged."""

    def __repr__(self) -> str:
        return "Sealed()"


class EncryptedTextField(models.TextField[Any, Any]):
    """A text field that stores Fernet ciphertext; empty text stays empty.

    In a fixture (`manage.py dumpdata`) it is empty, because fixtures are not encrypted. A value
    that no key of this installation decrypts is read as Sealed, so pages and other connections keep
    working; `opened` raises an error that says what to do.
    """

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return str(value)
        return fernet().encrypt(value.encode()).decode() if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        return ""

    def from_db_value(self, value: str | None, *_: Any) -> str:
        if not value:
            return ""
        try:
            return fernet().decrypt(value.encode()).decode()
        except InvalidToken:
            return Sealed(value)


def opened(secret: str) -> str:
    """Return a secret read from the database. Raises UnreadableSecret for a sealed one."""
    if isinstance(secret, Sealed):
        raise UnreadableSecret(
            "A stored sign-in cannot be decrypted: TOKEN_KEYS (or SECRET_KEY) changed. "
            "Put the old key back at the end of TOKEN_KEYS, or connect GoToWebinar again."
        )
    return secret
