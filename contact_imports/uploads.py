"""Store the bytes of uploaded files."""

import datetime as dt
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone

from contact_imports.models import ContactImport, ImportAddresses, ImportChunk
from contact_imports.portions import let_others_write
from contact_imports.reasons import Unreadable
from core.batches import batched
from core.db_threads import database_in_thread

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1024 * 1024
# Per transaction: it takes a twentieth of a second.
_PORTION = 4
_LEASE = dt.timedelta(minutes=1)
# How long a file that waits to be stored (`receive`) is held.
_WAITS = dt.timedelta(minutes=10)
# One at a time: uploads block neither the threads of the pages nor other writers of the database.
_later = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uploads")


def begin(**fields: Any) -> ContactImport:
    """Return a new import, held until its file is stored."""
    return ContactImport.objects.create(
        state=ContactImport.State.READING, lease_until=timezone.now() + _WAITS, **fields
    )


def receive(
    item: ContactImport, file: File[bytes], then: Callable[[ContactImport], object]
) -> None:
    """Store a file, and call `then` afterwards: for a large file after the page was answered. If
    the process ends before that, the upload is cut off."""
    if item.size <= _PORTION * _CHUNK_BYTES or connection.in_atomic_block:
        if store(item, file):
            then(item)
        return
    # The name of the temporary file is gone after the request, but it stays readable while it is
    # open.
    own = os.fdopen(os.dup(file.fileno()), "rb")
    _later.submit(_store_later, item, own, then)


def _store_later(
    item: ContactImport, file: IO[bytes], then: Callable[[ContactImport], object]
) -> None:
    try:
        with file, database_in_thread():
            if store(item, file):
                then(item)
    except Exception:
        logger.exception("The file of import %s was not stored", item.pk)


def store(item: ContactImport, file: File[bytes] | IO[bytes]) -> bool:
    """Store a file in chunks, and hold the import in the meantime; False if someone discarded
    it."""
    mine = ContactImport.objects.filter(pk=item.pk, state=ContactImport.State.READING)
    file.seek(0)
    pieces = enumerate(iter(partial(file.read, _CHUNK_BYTES), b""))
    for portion in batched(pieces, _PORTION):
        if portion[0][0]:
            let_others_write()
        with transaction.atomic():
            if not mine.update(lease_until=timezone.now() + _LEASE):
                return False
            ImportChunk.objects.bulk_create(
                ImportChunk(contact_import=item, number=number, content=piece)
                for number, piece in portion
            )
    return bool(mine.update(lease_until=None))


@contextmanager
def opened(item: ContactImport) -> Iterator[IO[bytes]]:
    """Open the file of an import, as a temporary file that is deleted when the block ends. Raises
    Unreadable if its upload was cut off."""
    with TemporaryFile() as file:
        for content in item.chunks.order_by("number").values_list("content", flat=True).iterator(1):
            file.write(content)
        if file.tell() != item.size:
            raise Unreadable("cut_off")
        yield file


def is_stored(item: ContactImport) -> bool:
    """Return whether the file of an import is still stored."""
    return item.chunks.exists()


def forget(item: ContactImport) -> None:
    """Delete the file of an import, and the hashes of the addresses in it."""
    item.chunks.all().delete()
    ImportAddresses.objects.filter(contact_import=item).delete()
