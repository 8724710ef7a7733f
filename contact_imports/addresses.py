"""The addresses in an uploaded file, so that it need not be read again when one of them is deleted
(rule 5). They are stored as the keyed hashes by which deleted people are remembered."""

from collections.abc import Collection, Iterable
from typing import IO

from contact_imports.limits import MAX_ADDRESSES
from contact_imports.models import ContactImport, ImportAddresses
from contact_imports.parsers import cells
from contact_imports.reasons import Unreadable
from contacts.tombstones import email_hash
from core.emails import email_key

# Of a hash: by chance, one file in a million millions matches someone who is not in it.
_BYTES = 8


def hashes_of(emails: Iterable[str]) -> list[str]:
    """Return the hashes to look for, of the email keys `emails`."""
    return [email_hash(key)[: 2 * _BYTES] for key in emails]


def addresses_of(filename: str, file: IO[bytes], encoding: str) -> bytes | None:
    """Return the hashed addresses in all cells of a file; None if they cannot be collected."""
    found: set[bytes] = set()
    try:
        for cell in cells(filename, file, encoding):
            if "@" in cell:
                found.update(map(bytes.fromhex, hashes_of([email_key(cell)])))
                if len(found) > MAX_ADDRESSES:
                    return None
    except Unreadable:
        # Of a sheet that is not imported.
        return None
    return b"".join(found)


def save(item: ContactImport, addresses: bytes | None) -> None:
    """Save what `addresses_of` returned for the file of an import."""
    ImportAddresses.objects.filter(contact_import=item).delete()
    if addresses is not None:
        ImportAddresses.objects.create(contact_import=item, hashes=addresses)


def names(item: ContactImport, hashes: Collection[str]) -> bool:
    """Return whether the file of an import contains an address with one of `hashes`."""
    if not item.columns:
        # The file was not read yet.
        return False
    kept = ImportAddresses.objects.filter(contact_import=item).first()
    return have(bytes(kept.hashes) if kept else None, hashes)


def have(addresses: bytes | None, hashes: Collection[str]) -> bool:
    """Return whether one of `hashes` is in `addresses`; True if that is unknown."""
    if addresses is None:
        return bool(hashes)
    each = (addresses[at : at + _BYTES] for at in range(0, len(addresses), _BYTES))
    return not set(map(bytes.fromhex, hashes)).isdisjoint(each)
