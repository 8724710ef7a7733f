"""An import can be undone for 30 days: later changes stay, and are reported."""

import csv
import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from pytest import MonkeyPatch

from contact_imports import jobs, registrations, writer
from contact_imports import undo as undoing
from contact_imports.models import ContactImport, ImportLine
from contact_imports.portions import PORTION
from contact_imports.tasks import import_contacts, sweep
from contacts import events
from contacts.deletion import delete_contacts, erase
from contacts.models import Activity, Contact
from contacts.timeline import describe
from contacts.tombstones import bury, tombstones_of
from core.models import OutboxEvent
from core.outbox import Reader
from operations.tasks import clean_up
from tests.contact_imports.test_imports import HEAD, check, large, numbers, run, upload
from tests.core.outbox_readers import RecordingReader, registered
from tests.fixtures.world import World
from webinars.models import Registration

State = ContactImport.State
Undo = ImportLine.Undo
FILE = (
    f"{HEAD},phone,city\np0@example.com,Peter,Last0,+33 1,Lima\n"
    "p1@example.com,First1,Last1,,\nnew@example.com,Nia,New,+33 2,\n"
)


@pytest.fixture
def imported(world: World, marketer: Client) -> ContactImport:
    """A file with one changed, one unchanged and one new person."""
    Contact.objects.filter(email_key="p0@example.com").update(city="Cusco")
    upload(marketer, FILE)
    item = check(marketer)
    run(marketer, item)
    assert numbers(item) == (1, 1, 1, 0, 0)
    return item


def undo(client: Client, item: ContactImport, *, by_worker: bool = True) -> str:
    answer = client.post(f"/contacts/import/{item.pk}/undo/", follow=True)
    if by_worker and sweep():
        answer = client.get(f"/contacts/import/{item.pk}/")
    item.refresh_from_db()
    return answer.content.decode()


def person(name: str) -> Contact:
    return Contact.objects.get(email_key=f"{name}@example.com")


def import_line(contact: Contact) -> tuple[str, list[str]]:
    line = describe(contact.activities.get(kind=Activity.Kind.IMPORTED))
    return line.text, line.details


# -- reported data ---------------------------------------------------------------------------------


@pytest.mark.rule(7)
def test_an_import_is_in_each_contacts_timeline_and_history(
    imported: ContactImport, marketer: Client
) -> None:
    text, details = import_line(person("p0"))
    assert text == "Updated by an import"
    assert details == ["First name: First0 → Peter", "Phone: – → +33 1", "City: Cusco → Lima"]
    assert import_line(person("new")) == ("Added by an import", [])
    assert not person("p1").activities.filter(kind=Activity.Kind.IMPORTED).exists()
    page = f"/admin/contacts/contact/{person('p0').pk}/history/"
    history = marketer.get(page).content.decode()
    assert f"Changed first name, phone and city for import “#{imported.pk}”." in history
    answer = marketer.get(f"/admin/contacts/contact/{person('p0').pk}/change/?only=changes")
    assert "Updated by an import" in answer.content.decode()


def test_the_check_lists_old_and_new_values_by_person(world: World, marketer: Client) -> None:
    upload(marketer, FILE)
    item = check(marketer)
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "First name: First0 → Peter" in page and "+33 2" not in page
    page = marketer.get(f"/contacts/import/{item.pk}/?show=new").content.decode()
    assert "Nia New" in page and "+33 2" in page


def test_long_lists_are_paged(world: World, marketer: Client) -> None:
    rows = "".join(f"n{number}@example.com,F{number},L\n" for number in range(60))
    upload(marketer, f"{HEAD}\n{rows}")
    item = check(marketer)
    first = marketer.get(f"/contacts/import/{item.pk}/?show=new").content.decode()
    second = marketer.get(f"/contacts/import/{item.pk}/?show=new&page=2").content.decode()
    assert "F0 L" in first and "F59 L" not in first
    assert "F59 L" in second and "F0 L" not in second
    assert marketer.get(f"/contacts/import/{item.pk}/?show=x&page=-9").status_code == 200


def lines_of_file(client: Client, address: str) -> list[dict[str, str]]:
    answer: Any = client.get(address)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_the_new_the_changed_and_the_skipped_are_links_and_files(
    world: World, marketer: Client
) -> None:
    upload(marketer, FILE + "bad,B,B,,\nnew@example.com,Again,New,,\n")
    item = check(marketer)
    page = run(marketer, item)
    for name in ("new", "changed", "skipped"):
        assert f"?show={name}" in page
        assert marketer.get(f"/contacts/import/{item.pk}/?show={name}").status_code == 200
    address = f"/contacts/import/{item.pk}/lines.csv"
    everything = lines_of_file(marketer, address)
    assert [row["outcome"] for row in everything] == [
        "changed", "unchanged", "new", "wrong", "skipped",
    ]  # fmt: skip
    assert (everything[0]["email"], everything[2]["first_name"]) == ("p0@example.com", "Nia")
    skipped = lines_of_file(marketer, f"{address}?show=skipped")
    assert [row["line"] for row in skipped] == ["5", "6"]
    assert "valid email address" in skipped[0]["reason"]
    assert LogEntry.objects.filter(change_message__contains="audit.lines-exported").count() == 2


@pytest.mark.rule(13)
def test_why_a_line_is_left_out_is_in_the_readers_language(world: World, marketer: Client) -> None:
    upload(marketer, f"{HEAD}\n,C,D\n")
    with translation.override("fr"):
        item = check(marketer)
    assert item.lines.get().code == "email_missing"
    page = marketer.get(f"/contacts/import/{item.pk}/", headers={"Accept-Language": "en"})
    assert "The email is missing." in page.content.decode()


# -- undoing ---------------------------------------------------------------------------------------


def test_an_undo_reverts_what_was_created_and_changed(
    imported: ContactImport, marketer: Client
) -> None:
    assert "The import was undone" in undo(marketer, imported)
    assert (imported.state, imported.undo_skipped) == (State.UNDONE, 0)
    peter = person("p0")
    assert (peter.first_name, peter.phone, peter.city) == ("First0", "", "Cusco")
    assert import_line(peter)[0] == "Updated by an import that was undone"
    assert not Contact.objects.filter(email_key="new@example.com").exists()
    assert Contact.objects.count() == 6
    # No one requested deletion.
    assert not tombstones_of(["new@example.com"])
    assert not LogEntry.objects.filter(object_repr__contains="Nia").exists()
    history = LogEntry.objects.filter(object_id=str(peter.pk), content_type__model="contact")
    assert "undone import" in history.order_by("-pk")[0].change_message
    assert "An import can be undone" in undo(marketer, imported)


def test_the_outbox_has_what_a_file_changed_and_that_it_was_undone(
    world: World, marketer: Client
) -> None:
    Contact.objects.filter(email_key="p0@example.com").update(city="Cusco")
    with registered(Reader("one", events.KINDS, RecordingReader())):
        upload(marketer, FILE)
        item = check(marketer)
        run(marketer, item)
        new, peter = person("new"), person("p0")
        rows = OutboxEvent.objects.order_by("pk")
        assert sorted(rows.values_list("kind", "subject")) == sorted(
            [
                (events.ACTIVITY_RECORDED, str(peter.pk)),
                (events.ACTIVITY_RECORDED, str(new.pk)),
                (events.CONTACT_CHANGED, str(peter.pk)),
            ]
        )
        changed = rows.get(kind=events.CONTACT_CHANGED).data["fields"]
        assert {"first_name", "phone", "city"} == set(changed)
        rows.delete()
        undo(marketer, item)
        assert sorted(rows.values_list("kind", "subject")) == sorted(
            [(events.CONTACT_CHANGED, str(peter.pk)), (events.CONTACT_DELETED, str(new.pk))]
        )


def test_what_was_changed_since_stays_and_is_reported(
    imported: ContactImport, marketer: Client
) -> None:
    Contact.objects.filter(email_key="p0@example.com").update(city="Arequipa")
    Contact.objects.filter(email_key="new@example.com").update(phone="+33 9")
    page = undo(marketer, imported)
    assert imported.undo_skipped == 2
    peter = person("p0")
    assert (peter.first_name, peter.phone, peter.city) == ("First0", "", "Arequipa")
    assert person("new").phone == "+33 9"
    assert "2 contacts were not undone" in page
    kept_page = marketer.get(f"/contacts/import/{imported.pk}/?show=kept").content.decode()
    assert "Changed since: city." in kept_page and "Changed since: phone." in kept_page
    assert "Partly undone" in kept_page and "Not undone" in kept_page


def test_a_new_person_who_has_done_something_since_stays(
    imported: ContactImport, world: World, marketer: Client
) -> None:
    Registration.objects.create(contact=person("new"), webinar=world.webinar, state="registered")
    undo(marketer, imported)
    line = imported.lines.get(contact=person("new"))
    assert (line.undo, line.code) == (Undo.KEPT, "active_since")


def test_an_import_can_be_undone_for_30_days_and_its_lines_are_stored_no_longer(
    imported: ContactImport, marketer: Client
) -> None:
    clean_up()
    assert imported.lines.count() == 3
    past = timezone.now() - dt.timedelta(days=30, seconds=1)
    ContactImport.objects.update(finished_at=past, created_at=past)
    assert "can be undone for 30 days" in undo(marketer, imported)
    assert imported.state == State.DONE
    clean_up()
    assert (imported.lines.count(), person("p0").phone) == (0, "+33 1")
    page = marketer.get(f"/contacts/import/{imported.pk}/").content.decode()
    assert "Undo this import" not in page and "kept for 30 days" in page


def test_a_worker_that_dies_while_undoing_is_followed_by_another(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    item = large(marketer)
    sweep()
    run(marketer, item)
    undo(marketer, item, by_worker=False)
    assert (item.state, Contact.objects.count()) == (State.UNDOING, 1206)

    class Killed(BaseException):
        """Like kill -9: no handler runs."""

    undone = undoing.undo_some

    def die_later(item: ContactImport) -> int:
        if Contact.objects.count() < 1000:
            raise Killed
        return undone(item)

    with monkeypatch.context() as midst:
        midst.setattr(undoing, "undo_some", die_later)
        with pytest.raises(Killed):
            import_contacts(item.pk)
    assert Contact.objects.count() == 906
    ContactImport.objects.update(lease_until=None)
    assert sweep() == 1
    item.refresh_from_db()
    assert (item.state, Contact.objects.count()) == (State.UNDONE, 6)


def test_what_fails_midway_is_undone(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    item = large(marketer)
    sweep()
    run(marketer, item, by_worker=False)
    written = writer.write

    def break_later(item: ContactImport, lines: Any, planned: Any) -> None:
        if item.lines.count() >= 1000:
            raise RuntimeError
        written(item, lines, planned)

    monkeypatch.setattr(writer, "write", break_later)
    assert import_contacts(item.pk) == "failed"
    item.refresh_from_db()
    assert (item.error, item.undo_skipped, Contact.objects.count()) == ("failed", 0, 6)


def test_no_transaction_is_longer_than_a_batch(
    transactional_db: None, world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    """Writers of SQLite wait for one another: a form submission waits for one batch at most, and
    runs after it."""
    item = large(marketer)
    counted: list[int] = []

    def pause() -> None:
        assert not connection.in_atomic_block
        counted.append(Contact.objects.count())

    for module in (jobs, registrations):
        monkeypatch.setattr(module, "let_others_write", pause)
    sweep()
    run(marketer, item)
    assert counted[-1] == 1206
    undo(marketer, item)
    assert counted[-1] == 6
    steps = [abs(one - other) for one, other in pairwise(counted)]
    assert max(steps) == PORTION


# -- people who are deleted ------------------------------------------------------------------------


@pytest.mark.rule(5)
def test_someone_deleted_while_a_file_is_written_stays_deleted_and_no_one_is_imported(
    world: World, marketer: Client, monkeypatch: MonkeyPatch
) -> None:
    item = large(marketer)
    sweep()
    run(marketer, item, by_worker=False)
    written = writer.write

    def delete_one(item: ContactImport, lines: Any, planned: Any) -> None:
        written(item, lines, planned)
        if item.lines.count() == 900:
            delete_contacts(Contact.objects.filter(email_key="n1@example.com"))

    monkeypatch.setattr(writer, "write", delete_one)
    assert import_contacts(item.pk) == "undoing"
    assert sweep() == 1
    item.refresh_from_db()
    assert (item.state, item.error) == (State.FAILED, "named_deleted")
    assert (item.chunks.exists(), Contact.objects.count()) == (False, 6)


@pytest.mark.rule(5)
def test_an_undo_does_not_forget_that_someone_was_deleted_before(
    world: World, marketer: Client
) -> None:
    bury("back@example.com")
    upload(marketer, f"{HEAD}\nback@example.com,B,B\n")
    item = check(marketer)
    run(marketer, item)
    undo(marketer, item)
    assert not Contact.objects.filter(email_key="back@example.com").exists()
    assert tombstones_of(["back@example.com"])


@pytest.mark.rule(5)
def test_someone_erased_between_check_and_import_is_on_no_line(
    world: World, marketer: Client
) -> None:
    upload(marketer, FILE)
    item = check(marketer)
    assert "new@example.com" in str(list(item.lines.values_list("changes")))
    erase("new@example.com")
    item.refresh_from_db()
    assert (item.state, item.error, item.lines.count()) == (State.FAILED, "named_deleted", 0)
