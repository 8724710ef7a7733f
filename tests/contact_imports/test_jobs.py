"""An uploaded file is stored and read by a worker: pages do not wait for files."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from pytest import MonkeyPatch

from contact_imports import addresses, jobs, limits, parsers, uploads
from contact_imports.models import ContactImport, ImportAddresses, ImportChunk
from contact_imports.tasks import sweep
from contacts.deletion import delete_contacts
from contacts.models import Contact
from tests.contact_imports.hostile_files import HOSTILE, workbook
from tests.contact_imports.test_imports import HEAD, check, run, upload
from tests.fixtures.world import World

State = ContactImport.State
PAGE = "/contacts/import/"
PERSON = f"{HEAD}\nx@example.com,Xi,Xu\n"


def post(client: Client, content: str | bytes, name: str = "people.csv", **more: Any) -> Any:
    """Upload a file that no worker has read yet."""
    data = content.encode() if isinstance(content, str) else content
    return client.post(PAGE, {"file": SimpleUploadedFile(name, data), **more}, follow=True)


def test_pages_read_no_file(world: World, marketer: Client, monkeypatch: MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("this is a worker's")

    with monkeypatch.context() as web:
        for name in ("Workbook", "csv_rows", "detect"):
            web.setattr(parsers, name, read)
        page = post(marketer, PERSON).content.decode()
        item = ContactImport.objects.get()
        assert item.state == State.READING
        assert "Reading the file." in page and "data-live" in page
        ContactImport.objects.update(done=5000)
        assert "5000 lines so far" in marketer.get(f"{PAGE}{item.pk}/").content.decode()
    sweep()
    item.refresh_from_db()
    assert (item.state, item.total, item.done) == (State.UPLOADED, 1, 0)
    with monkeypatch.context() as web:
        for name in ("Workbook", "csv_rows", "detect"):
            web.setattr(parsers, name, read)
        marketer.post(f"{PAGE}{item.pk}/read/", {"encoding": "cp1252", "heading_row": 1})
        assert marketer.get(f"{PAGE}{item.pk}/").status_code == 200
    sweep()
    with monkeypatch.context() as web:
        for name in ("Workbook", "csv_rows", "detect"):
            web.setattr(parsers, name, read)
        item = check(marketer, by_worker=False)
    sweep()
    with monkeypatch.context() as web:
        for name in ("Workbook", "csv_rows", "detect"):
            web.setattr(parsers, name, read)
        run(marketer, item, by_worker=False)
    sweep()
    assert Contact.objects.filter(email_key="x@example.com").exists()


@pytest.mark.parametrize(
    "kind", ["20,000 columns and 20,000 lines", "a row beyond the last", "many sheets"]
)
def test_what_is_refused_explains_what_to_do_and_is_not_stored(
    world: World, marketer: Client, kind: str
) -> None:
    name, make, code = HOSTILE[kind]
    page = upload(marketer, make(), name).content.decode()
    item = ContactImport.objects.get()
    assert (item.state, item.error, item.total) == (State.FAILED, code, 0)
    assert str(item.problem) in page and "Back to the columns" not in page
    assert not ImportChunk.objects.exists()
    marketer.post(f"{PAGE}{item.pk}/forget/")
    assert not ContactImport.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"Email,First name,Last name\n\n,,\nx@example.com,Xi\n"),
        ("a.csv", b"Email,First name,Last name\n\nx@example.com\n"),
        (
            "a.xlsx",
            workbook(
                '<row><c t="inlineStr"><is><t>Email</t></is></c><c t="inlineStr"><is><t>City</t>'
                '</is></c></row><row/><row r="9"><c t="inlineStr"><is><t>x@example.com</t></is>'
                "</c></row>"
            ),
        ),
    ],
)
def test_an_empty_early_row_is_skipped(
    world: World, marketer: Client, name: str, content: bytes
) -> None:
    page = upload(marketer, content, name)
    assert page.status_code == 200 and "Map columns" in page.content.decode()
    assert ContactImport.objects.get().sample[0][0] == "x@example.com"


def test_a_line_of_the_sample_may_be_shorter_than_others(world: World, marketer: Client) -> None:
    upload(marketer, PERSON)
    item = ContactImport.objects.get()
    ContactImport.objects.update(sample=[[], ["x@example.com"]])
    assert "x@example.com" in marketer.get(f"{PAGE}{item.pk}/").content.decode()


def test_long_headings_and_cells_are_shown_in_part(world: World, marketer: Client) -> None:
    upload(marketer, f"Email,{'h' * 5000}\nx@example.com,{'v' * 60_000}\n")
    item = ContactImport.objects.get()
    assert [len(heading) for heading in item.columns] == [5, 255]
    assert len(marketer.get(f"{PAGE}{item.pk}/").content) < 100_000


# -- uploading -------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_not_stored(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    """A longer request is not read (tests/core/test_body_limits.py)."""
    assert resolve(PAGE).func.largest_file == limits.MAX_FILE_BYTES  # type: ignore[attr-defined]
    monkeypatch.setattr(parsers, "MAX_FILE_BYTES", len(PERSON) - 1)
    assert "The file is larger than 50 MB." in post(marketer, PERSON).content.decode()
    assert not ContactImport.objects.exists()


def test_an_upload_needs_the_token_against_forgery(world: World, marketer: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(pk=marketer.session["_auth_user_id"]))
    assert post(strict, PERSON).status_code == 403
    strict.get(PAGE)
    token = strict.cookies["csrftoken"].value
    assert post(strict, PERSON, csrfmiddlewaretoken=token).status_code == 200
    assert ContactImport.objects.get().state == State.READING


def test_a_large_file_is_stored_in_pieces(world: World, marketer: Client) -> None:
    people = "".join(f"person{number}@example.com,Fay,File\n" for number in range(80_000))
    upload(marketer, f"{HEAD}\n{people}")
    assert ContactImport.objects.get().total == 80_000
    sizes = [len(chunk.content) for chunk in ImportChunk.objects.all()]
    assert len(sizes) == 3 and max(sizes) <= 1024 * 1024


class Killed(BaseException):
    """Like kill -9: no handler runs."""


def test_a_truncated_upload_is_not_mistaken_for_the_file(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    def killed() -> None:
        raise Killed

    with monkeypatch.context() as midst:
        midst.setattr(uploads, "_CHUNK_BYTES", 16)
        midst.setattr(uploads, "_PORTION", 1)
        midst.setattr(uploads, "let_others_write", killed)
        with pytest.raises(Killed):
            post(marketer, PERSON)
    item = ContactImport.objects.get()
    assert not sweep(), "possibly still being stored"
    ContactImport.objects.update(lease_until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    sweep()
    item.refresh_from_db()
    assert (item.state, item.error, item.chunks.count()) == (State.FAILED, "cut_off", 0)


def test_one_that_is_discarded_while_it_is_stored_is_gone(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    def discard() -> None:
        colleague.post(f"{PAGE}{ContactImport.objects.get().pk}/forget/")

    colleague = Client()
    colleague.force_login(User.objects.get(pk=marketer.session["_auth_user_id"]))
    monkeypatch.setattr(uploads, "_CHUNK_BYTES", 16)
    monkeypatch.setattr(uploads, "_PORTION", 1)
    monkeypatch.setattr(uploads, "let_others_write", discard)
    assert post(marketer, PERSON).status_code == 404
    assert not ImportChunk.objects.exists()


# -- reading ---------------------------------------------------------------------------------------


def test_what_cannot_be_read_as_chosen_stays_as_it_was(world: World, marketer: Client) -> None:
    upload(marketer, PERSON)
    item = ContactImport.objects.get()
    marketer.post(f"{PAGE}{item.pk}/read/", {"encoding": "cp1252", "heading_row": 700})
    sweep()
    page = marketer.get(f"{PAGE}{item.pk}/").content.decode()
    assert "stayed as it was: The file has headings but no rows below them." in page
    item.refresh_from_db()
    assert (item.state, item.encoding, item.heading_row) == (State.UPLOADED, "utf-8", 1)
    marketer.post(f"{PAGE}{item.pk}/read/", {"encoding": "cp1252", "heading_row": 1})
    sweep()
    item.refresh_from_db()
    assert (item.encoding, item.error) == ("cp1252", "")
    assert "stayed as it was" not in marketer.get(f"{PAGE}{item.pk}/").content.decode()


def test_what_goes_wrong_here_is_tried_again_and_given_up_in_the_end(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    post(marketer, PERSON)
    item = ContactImport.objects.get()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    with monkeypatch.context() as midst:
        midst.setattr(jobs, "read", broken)
        sweep()
        item.refresh_from_db()
        assert (item.state, item.error, item.chunks.count()) == (State.READING, "", 1)
        assert not sweep(), "not at once"
        for _ in range(limits.MAX_READ_ATTEMPTS):
            ContactImport.objects.update(lease_until=None)
            sweep()
    item.refresh_from_db()
    assert (item.state, item.error, item.chunks.count()) == (State.FAILED, "unread", 0)


def test_one_that_is_discarded_while_it_is_read_is_gone(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    post(marketer, PERSON)
    item = ContactImport.objects.get()
    read = parsers.read

    def discard(*args: Any, **kwargs: Any) -> Any:
        marketer.post(f"{PAGE}{item.pk}/forget/")
        return read(*args, **kwargs)

    monkeypatch.setattr(jobs, "read", discard)
    with pytest.raises(ContactImport.DoesNotExist):
        sweep()
    assert not ImportChunk.objects.exists()


# -- people who are deleted ------------------------------------------------------------------------


@pytest.mark.rule(5)
def test_someone_deleted_before_a_file_is_read_is_in_no_file(
    world: World, marketer: Client
) -> None:
    gone = world.registrations[0].contact
    post(marketer, f"{HEAD}\n{gone.email.upper()},F,L\n")
    post(marketer, PERSON)
    delete_contacts(Contact.objects.filter(pk=gone.pk))
    sweep()
    read, discarded = ContactImport.objects.all()
    assert (read.state, discarded.state, discarded.error) == (
        State.UPLOADED, State.FAILED, "named_deleted",
    )  # fmt: skip
    assert [chunk.contact_import for chunk in ImportChunk.objects.all()] == [read]
    assert [row.contact_import for row in ImportAddresses.objects.all()] == [read]


@pytest.mark.rule(5)
@pytest.mark.parametrize("state", [State.UPLOADED, State.READING])
def test_a_deletion_reads_no_file(
    world: World, marketer: Client, monkeypatch: MonkeyPatch, state: State
) -> None:
    gone = world.registrations[0].contact
    book = workbook(
        '<row><c t="inlineStr"><is><t>Email</t></is></c></row><row><c t="inlineStr"><is>'
        f"<t>{gone.email.title()}</t></is></c></row>"
    )
    upload(marketer, book, "a.xlsx")
    upload(marketer, PERSON)
    # Again, for another encoding.
    ContactImport.objects.update(state=state)
    for name in ("Workbook", "csv_rows", "detect"):
        monkeypatch.setattr(parsers, name, None)
    delete_contacts(Contact.objects.filter(pk=gone.pk))
    stays, discarded = ContactImport.objects.all()
    assert (stays.state, discarded.state, discarded.error) == (
        state, State.FAILED, "named_deleted",
    )  # fmt: skip
    assert [chunk.contact_import for chunk in ImportChunk.objects.all()] == [stays]


@pytest.mark.rule(5)
def test_a_file_whose_addresses_cannot_be_read_is_deleted_with_any_contact(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "MAX_ADDRESSES", 1)
    upload(marketer, f"{PERSON}y@example.com,Y,Yu\n")
    assert ContactImport.objects.get().state == State.UPLOADED
    delete_contacts(Contact.objects.filter(pk=world.registrations[0].contact_id))
    assert ContactImport.objects.get().error == "named_deleted"


def test_a_worker_that_dies_while_reading_is_followed_by_another(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    post(marketer, PERSON)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as midst:
        midst.setattr(jobs, "read", die)
        with pytest.raises(Killed):
            sweep()
    assert not sweep(), "held still by the dead one"
    ContactImport.objects.update(lease_until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert sweep()
    assert ContactImport.objects.get().state == State.UPLOADED
