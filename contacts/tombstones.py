"""Keyed hashes of the addresses of deleted people (rule 5)."""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from contacts.models import Tombstone
from core.emails import email_key
from core.lookups import AnyOf

_BATCH = 500


def email_hash(address: str) -> str:
    """Return the keyed hash of `address`."""
    key = settings.CONTACT_HASH_KEY.encode()
    return hmac.new(key, email_key(address).encode(), hashlib.sha256).hexdigest()


def tombstones_of(email_keys: Iterable[str]) -> dict[str, Tombstone]:
    """Return the tombstones of those addresses that have one, by email key."""
    hashes = {email_hash(key): key for key in email_keys}
    found = Tombstone.objects.filter(AnyOf("email_hash", hashes))
    return {hashes[stone.email_hash]: stone for stone in found}


def bury(*addresses: str, permanent: bool = False) -> None:
    """Save that the people at `addresses` were deleted now. A permanent deletion stays
    permanent."""
    now = timezone.now()
    stones = [
        Tombstone(email_hash=hashed, deleted_at=now, permanent=permanent)
        for hashed in sorted({email_hash(address) for address in addresses})
    ]
    Tombstone.objects.bulk_create(
        stones,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["email_hash"],
        update_fields=["deleted_at", *(["permanent"] if permanent else [])],
    )
