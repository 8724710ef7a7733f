"""Where the bytes of uploaded files are stored, and what waits for that."""

import threading
from pathlib import Path

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile

from contact_imports import uploads
from contact_imports.models import ContactImport
from contact_imports.reasons import Unreadable

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = b"email\n" + b"a" * 9 * 2**20


def uploaded(content: bytes) -> TemporaryUploadedFile:
    file = TemporaryUploadedFile("people.csv", "text/csv", len(content), None)
    file.write(content)
    file.flush()
    return file


def test_a_large_file_is_stored_after_its_request_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered, stored = threading.Event(), threading.Event()
    store = uploads.store

    def wait_and_store(item: ContactImport, file: TemporaryUploadedFile) -> bool:
        assert answered.wait(30)
        return store(item, file)

    monkeypatch.setattr(uploads, "store", wait_and_store)
    file = uploaded(LARGE)
    item = uploads.begin(filename="people.csv", size=len(LARGE))
    uploads.receive(item, file, lambda item: stored.set())
    # As in Django after the answer is sent: the file has no name any more.
    path = Path(file.temporary_file_path())
    file.close()
    assert not path.exists() and not uploads.is_stored(item)
    answered.set()
    assert stored.wait(30)
    with uploads.opened(item) as stored_file:
        stored_file.seek(0)
        assert stored_file.read() == LARGE
    item.refresh_from_db()
    assert item.lease_until is None


def test_a_small_file_is_stored_at_once() -> None:
    content, asked = b"email\na@example.com\n", list[ContactImport]()
    item = uploads.begin(filename="people.csv", size=len(content))
    uploads.receive(item, uploaded(content), asked.append)
    assert asked == [item] and uploads.is_stored(item)


def test_what_was_not_stored_whole_was_cut_off() -> None:
    item = uploads.begin(filename="people.csv", size=len(LARGE))
    assert uploads.store(item, uploaded(LARGE[: 2**20]))
    with pytest.raises(Unreadable) as caught, uploads.opened(item):
        pass
    assert caught.value.code == "cut_off"


def test_a_file_that_someone_discards_in_the_meantime_is_not_stored() -> None:
    asked: list[ContactImport] = []
    item = uploads.begin(filename="people.csv", size=7)
    ContactImport.objects.all().delete()
    uploads.receive(item, uploaded(b"email\na"), asked.append)
    assert asked == [] and not uploads.is_stored(item)
