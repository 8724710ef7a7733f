"""Contacts imported from a file: nothing is visible before the import, all of it or nothing."""

import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from pytest import MonkeyPatch

from contact_imports import jobs, writer
from contact_imports.models import ContactImport, ImportChunk, ImportLine
from contact_imports.parsers import read
from contact_imports.reasons import Unreadable
from contact_imports.tasks import import_contacts, sweep
from contacts.models import Contact
from contacts.tombstones import bury
from core.audit import in_words
from operations.tasks import clean_up
from tests.fixtures.world import World, signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

State = ContactImport.State
HEAD = "email,first_name,last_name"


def upload(client: Client, content: str | bytes, name: str = "people.csv", **more: Any) -> Any:
    """Upload a file, let a worker read it, and return the page."""
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, data)
    page = client.post("/contacts/import/", {"file": file, **more}, follow=True)
    if not sweep():
        return page
    return client.get(f"/contacts/import/{ContactImport.objects.latest('pk').pk}/")


def check(client: Client, *, by_worker: bool = True) -> ContactImport:
    """Check the last file with the detected columns."""
    item = ContactImport.objects.latest("pk")
    columns = {f"column{place}": name for place, name in enumerate(item.mapping)}
    client.post(f"/contacts/import/{item.pk}/check/", columns)
    if by_worker:
        sweep()
    item.refresh_from_db()
    return item


def run(client: Client, item: ContactImport, *, by_worker: bool = True) -> str:
    """Import a checked file, and return the page."""
    client.post(f"/contacts/import/{item.pk}/run/")
    if by_worker:
        sweep()
    item.refresh_from_db()
    return client.get(f"/contacts/import/{item.pk}/").content.decode()


def left_out(item: ContactImport) -> QuerySet[ImportLine]:
    return item.lines.filter(outcome__in=("skipped", "wrong"))


def sentences(item: ContactImport) -> list[str]:
    return [str(line.reason) for line in left_out(item)]


def numbers(item: ContactImport) -> tuple[int, ...]:
    return (item.new, item.changed, item.unchanged, item.skipped, item.wrong)


@pytest.mark.rule(3)
def test_people_are_known_by_their_email_in_any_case(world: World, marketer: Client) -> None:
    upload(
        marketer,
        f"{HEAD},phone,country\n"
        "P0@Example.COM,Peter,Last0,'+33 1,\n"
        "p1@example.com,First1,Last1,,Chile\n"
        "new@example.com,Nia,New,,\n",
    )
    item = check(marketer)
    assert (item.state, numbers(item)) == (State.CHECKED, (1, 1, 1, 0, 0))
    assert Contact.objects.count() == 6, "a check writes nothing"
    assert "What was imported" in run(marketer, item)
    assert (item.state, numbers(item)) == (State.DONE, (1, 1, 1, 0, 0))
    peter = Contact.objects.get(email_key="p0@example.com")
    # An empty cell changes nothing, and their address stays as it was.
    assert (peter.first_name, peter.phone, peter.country) == ("Peter", "+33 1", "Peru")
    assert (peter.email, peter.source) == ("p0@example.com", "person")
    assert Contact.objects.get(email_key="new@example.com").source == "import"
    assert Contact.objects.count() == 7


@pytest.mark.rule(5)
def test_a_permanently_erased_person_is_skipped(world: World, marketer: Client) -> None:
    bury("gone@example.com", permanent=True)
    bury("back@example.com")
    upload(marketer, f"{HEAD}\ngone@example.com,G,G\nback@example.com,B,B\n")
    item = check(marketer)
    assert numbers(item) == (1, 0, 0, 1, 0)
    assert "deleted permanently" in sentences(item)[0]
    run(marketer, item)
    assert not Contact.objects.filter(email_key="gone@example.com").exists()


@pytest.mark.rule(2, 5)
def test_each_wrong_line_is_named_and_nothing_of_it_is_stored(
    world: World, marketer: Client
) -> None:
    upload(
        marketer,
        f"{HEAD}\nnot an address,A,B\n,C,D\n\nnobody@example.com,,D\n"
        f"long@example.com,{'x' * 300},D\nok@example.com,E,F\nOK@example.com,E,F\n",
    )
    item = check(marketer)
    assert numbers(item) == (1, 0, 0, 1, 4)
    assert [line.number for line in left_out(item)] == [2, 3, 5, 6, 8]
    reasons = sentences(item)
    assert "Enter a valid email address" in reasons[0]
    assert reasons[1] == "The email is missing."
    assert reasons[2] == "A new person needs: first name."
    assert reasons[4] == "Duplicate of row 7."
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "Import 1, skip 4 with errors" in page
    run(marketer, item)
    assert Contact.objects.count() == 7
    assert not item.chunks.exists() and not item.sample, "the file is not stored"
    stored = left_out(item).values_list("changes", "parameters", "contact")
    assert "example.com" not in str(list(stored)), "the content of these lines is not stored"


def test_an_excel_file(world: World, marketer: Client) -> None:
    book = Workbook()
    book.active.append(["Email", "First name", "Last name", "Zip", "Shoe size"])
    book.active.append(["x@example.com", "Xi", "Xu", 75001, 42])
    file = io.BytesIO()
    book.save(file)
    page = upload(marketer, file.getvalue(), "people.xlsx").content.decode()
    assert "Shoe size" in page and "75001" in page
    run(marketer, check(marketer))
    assert Contact.objects.get(email_key="x@example.com").zip_code == "75001"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"  \n", "The file is empty."),
        ("a.csv", b"a\x00b", "This is no CSV or Excel file."),
        ("a.xlsx", b"PK\x03\x04 garbage", "This is no Excel file that can be read."),
        ("a.csv", b"email,first_name\n", "no rows below them"),
        ("a.csv", b",,\na,b,c\n", "no rows below them"),
    ],
)
def test_a_file_that_cannot_be_read_explains_why_and_is_not_stored(
    world: World, marketer: Client, name: str, content: bytes, sentence: str
) -> None:
    assert sentence in upload(marketer, content, name).content.decode()
    assert not ImportChunk.objects.exists()
    for item in ContactImport.objects.all():
        assert item.state == State.FAILED
        marketer.post(f"/contacts/import/{item.pk}/columns/")
        item.refresh_from_db()
        assert item.state == State.FAILED, "there is nothing to go back to"


def test_a_file_too_large_is_refused(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr("contact_imports.parsers.MAX_FILE_BYTES", 10)
    with pytest.raises(Unreadable, match="larger than 50 MB"):
        read("a.csv", io.BytesIO(b"email\n" * 10))


def test_columns_are_given_a_meaning_by_hand(world: World, marketer: Client) -> None:
    upload(marketer, "who,a,b\nx@example.com,Xi,Xu\n")
    item = ContactImport.objects.get()
    address = f"/contacts/import/{item.pk}/check/"
    refused = marketer.post(address, {"column1": "first_name"}, follow=True).content.decode()
    assert "Choose the column with the email" in refused
    twice = {"column0": "email", "column1": "email"}
    assert (
        "Two columns are mapped to the same"
        in marketer.post(address, twice, follow=True).content.decode()
    )
    marketer.post(address, {"column0": "email", "column1": "first_name", "column2": "last_name"})
    sweep()
    item.refresh_from_db()
    assert numbers(item) == (1, 0, 0, 0, 0)
    marketer.post(f"/contacts/import/{item.pk}/columns/")
    item.refresh_from_db()
    assert item.state == State.UPLOADED
    marketer.post(f"/contacts/import/{item.pk}/forget/")
    assert not ContactImport.objects.exists()


def test_everyone_of_a_file_is_registered_for_the_webinar_chosen(
    world: World, marketer: Client
) -> None:
    page = upload(
        marketer,
        f"{HEAD}\nknown@example.com,K,N\nnew@example.com,Nia,New\np0@example.com,First0,Last0\n",
        webinar=world.webinar.pk,
    )
    assert "registers for A webinar" in page.content.decode()
    Contact.objects.create(email="known@example.com", first_name="K", last_name="N")
    item = check(marketer)
    assert "Sending" in run(marketer, item)
    made = Registration.objects.filter(source="import")
    assert {row.contact.email for row in made} == {"known@example.com", "new@example.com"}
    assert {row.state for row in made} == {"pending"}


def large(marketer: Client, people: int = 1200) -> ContactImport:
    rows = "".join(f"n{number}@example.com,F{number},L\n" for number in range(people))
    upload(marketer, f"{HEAD}\n{rows}")
    return check(marketer, by_worker=False)


def test_a_file_is_checked_and_written_by_a_worker_and_can_be_left(
    world: World, marketer: Client
) -> None:
    item = large(marketer)
    assert item.state == State.CHECKING
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "Checking: 0 of 1200 lines" in page and 'http-equiv="refresh"' in page
    # Its task is lost: the sweep replaces it.
    assert sweep() == 1
    item.refresh_from_db()
    assert (item.state, item.new) == (State.CHECKED, 1200)
    run(marketer, item, by_worker=False)
    assert item.state == State.IMPORTING
    assert import_contacts(item.pk) == "done"
    assert Contact.objects.count() == 1206
    assert sweep() == 0
    entries = LogEntry.objects.filter(content_type__model="contactimport").order_by("pk")
    sentences = [in_words(entry).sentence for entry in entries]
    assert sentences == ["Started the import.", "Imported 1200 people."]


def test_a_worker_that_dies_in_the_midst_leaves_portions_and_another_goes_on_after_them(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    item = large(marketer)
    sweep()
    run(marketer, item, by_worker=False)
    assert item.state == State.IMPORTING

    class Killed(BaseException):
        """Like kill -9: no handler runs."""

    written = writer.write

    def die_later(item: ContactImport, lines: Any, planned: Any) -> None:
        written(item, lines, planned)
        if item.lines.count() > 600:
            raise Killed

    with monkeypatch.context() as midst:
        midst.setattr(writer, "write", die_later)
        with pytest.raises(Killed):
            import_contacts(item.pk)
    assert Contact.objects.count() == 606, "complete batches are stored"
    # Locked by the dead process, then free.
    assert sweep() == 0
    ContactImport.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert sweep() == 1
    item.refresh_from_db()
    assert (item.state, numbers(item)) == (State.DONE, (1200, 0, 0, 0, 0))
    assert Contact.objects.count() == 1206


def test_what_goes_wrong_imports_no_one_and_reports_it(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    upload(marketer, f"{HEAD}\nx@example.com,X,Y\np0@example.com,Peter,Last0\n")
    item = check(marketer)

    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(jobs, "_note", broken)
    page = run(marketer, item)
    assert "no contacts were imported" in page and "secret" not in page
    assert (item.state, item.undo_skipped, Contact.objects.count()) == (State.FAILED, 0, 6)
    # What was written before the error is undone, and can be tried again.
    assert Contact.objects.get(email_key="p0@example.com").first_name == "First0"
    monkeypatch.undo()
    marketer.post(f"/contacts/import/{item.pk}/columns/")
    item = check(marketer)
    run(marketer, item)
    assert (item.state, numbers(item)) == (State.DONE, (1, 1, 0, 0, 0))


def test_a_second_click_imports_nothing_twice(world: World, marketer: Client) -> None:
    upload(marketer, f"{HEAD}\nx@example.com,X,Y\n")
    item = check(marketer)
    run(marketer, item)
    finished = item.finished_at
    run(marketer, item)
    marketer.post(f"/contacts/import/{item.pk}/forget/")
    item.refresh_from_db()
    assert (item.state, item.finished_at) == (State.DONE, finished)


def test_a_file_that_no_one_imports_is_forgotten(world: World, marketer: Client) -> None:
    upload(marketer, f"{HEAD}\nx@example.com,X,Y\n")
    ContactImport.objects.update(created_at=timezone.now() - dt.timedelta(days=3))
    clean_up()
    assert not ContactImport.objects.exists()


def test_without_permission_to_add_contacts_none_are_imported(world: World) -> None:
    stranger = signed_in(None)
    assert stranger.get("/contacts/import/").status_code == 403
    assert stranger.post("/contacts/import/1/run/").status_code == 403


def test_in_a_browser(world: World, live_server: Any, page: Page) -> None:
    Webinar.objects.update(ends_at=timezone.now() + dt.timedelta(days=1))
    client = signed_in(roles.MARKETERS)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/contacts/contact/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("File (CSV or XLSX").set_input_files(
        {
            "name": "people.csv",
            "mimeType": "text/csv",
            "buffer": b"Email,First name,Last name\nx@example.com,Xi,Xu\nbad,Y,Y\n",
        }
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Reading the file.")).to_be_visible()
    sweep()
    expect(page.get_by_label("Email", exact=True)).to_have_value("email")
    page.get_by_role("button", name="Preview import").click()
    expect(page.get_by_text("Checking: 0 of 2 lines")).to_be_visible()
    sweep()
    expect(page.get_by_text("Enter a valid email address")).to_be_visible()
    page.get_by_role("button", name="Import 1, skip 1 with errors").click()
    expect(page.get_by_text("Importing: 0 of 2 lines")).to_be_visible()
    sweep()
    expect(page.get_by_role("heading", name="What was imported")).to_be_visible()
    assert Contact.objects.filter(email_key="x@example.com").exists()
