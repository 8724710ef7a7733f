"""Events about people in the outbox: who writes them, and how erasure empties them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts import activities, events, merge, opt_outs
from contacts.deletion import delete_contacts, erase, undo_creation
from contacts.models import Activity, Contact, OptOut
from core.models import OutboxEvent
from core.outbox import Reader
from tests.core.outbox_readers import RecordingReader, registered
from tests.factories import AlternateEmailFactory, ContactFactory
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db
WRITERS = {"create", "bulk_create", "get_or_create", "update_or_create"}


@pytest.fixture
def reader() -> Iterator[None]:
    with registered(Reader("one", events.KINDS, RecordingReader())):
        yield


def _stored() -> list[tuple[str, str, object]]:
    rows = OutboxEvent.objects.order_by("pk")
    return list(rows.values_list("kind", "subject", "data"))


def _line(contact: Contact, key: str = "k") -> Activity:
    return Activity(
        contact=contact, key=key, kind=Activity.Kind.MAILED, happened_at=timezone.now(),
        webinar_key="7", data={"subject": "Dear Ada"},
    )  # fmt: skip


def test_one_module_alone_writes_timelines() -> None:
    root = Path(settings.BASE_DIR)
    folders = [root / package for package in settings.INSTALLED_APPS if (root / package).is_dir()]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(files) > 100
    found = {
        path.relative_to(root).as_posix()
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in WRITERS
        if ast.unparse(node.value) == "Activity.objects"
    }
    assert found == {"contacts/activities.py"}


@pytest.mark.rule(12)
def test_a_timeline_entry_is_written_without_its_content(reader: None) -> None:
    contact = ContactFactory.create()
    line = _line(contact)
    activities.record_activity(line)
    data = {
        "activity": "mailed", "key": "k", "webinar": "7",
        "happened_at": line.happened_at.isoformat(),
    }  # fmt: skip
    assert _stored() == [(events.ACTIVITY_RECORDED, str(contact.pk), data)]
    activities.withdraw_activities(Activity.objects.filter(contact=contact))
    assert _stored()[1:] == [(events.ACTIVITY_WITHDRAWN, str(contact.pk), data)]
    assert not Activity.objects.exists()


def test_many_lines_are_written_with_as_many_statements_as_one(reader: None) -> None:
    people = ContactFactory.create_batch(40)
    with CaptureQueriesContext(connection) as one:
        activities.record_activities([_line(people[0])])
    with CaptureQueriesContext(connection) as many:
        activities.record_activities([_line(person, "other") for person in people])
    assert len(many) == len(one)
    assert OutboxEvent.objects.count() == 41


def test_without_a_reader_nothing_more_is_asked_or_written() -> None:
    contact = ContactFactory.create()
    with registered(), CaptureQueriesContext(connection) as asked:
        activities.record_activity(_line(contact))
    assert [query["sql"].split()[0] for query in asked] == ["INSERT"]
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_delivered_to_no_reader(reader: None) -> None:
    contact = ContactFactory.create()
    with transaction.atomic():
        activities.record_activity(_line(contact))
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


def test_an_opt_out_is_reported_by_its_line(reader: None) -> None:
    contact = ContactFactory.create(email="ada@example.com")
    opt_outs.opt_out("ada@example.com", OptOut.Source.PLATFORM)
    ((kind, subject, data),) = _stored()
    assert (kind, subject) == (events.ACTIVITY_RECORDED, str(contact.pk))
    assert "ada" not in str(data)


def test_an_edit_on_the_page_names_what_was_changed(
    reader: None, world: World, marketer: Client
) -> None:
    contact = world.registrations[0].contact
    page = reverse("admin:contacts_contact_change", args=[contact.pk])
    fields = ("first_name", "last_name", "email", "organization", "job_title", "industry")
    values = {name: getattr(contact, name) for name in fields}
    values |= {name: getattr(contact, name) for name in ("phone", "country", "address", "city")}
    values |= {"state": "", "zip_code": "", "tag_names": "vip", "organization": "Analytical"}
    assert marketer.post(page, values).status_code == 302
    assert _stored() == [
        (events.CONTACT_CHANGED, str(contact.pk), {"fields": ["organization", "tags"]})
    ]


def test_a_removed_former_address_is_a_change(reader: None, world: World, marketer: Client) -> None:
    further = AlternateEmailFactory.create(contact=world.registrations[0].contact)
    marketer.post(reverse("contacts:remove_address", args=[further.pk]))
    assert _stored() == [
        (events.CONTACT_CHANGED, str(further.contact_id), {"fields": ["former_addresses"]})
    ]


def test_a_merge_and_its_undoing_are_written_for_both(reader: None) -> None:
    survivor, gone = ContactFactory.create_batch(2)
    made = merge.merge(survivor.pk, gone.pk, [], None)
    both = {"survivor": survivor.pk, "gone": gone.pk}
    assert sorted(_stored()) == sorted(
        (events.CONTACT_MERGED, str(pk), both) for pk in (survivor.pk, gone.pk)
    )
    OutboxEvent.objects.all().delete()
    merge.undo(made.pk)
    assert sorted(_stored()) == sorted(
        (events.CONTACT_UNMERGED, str(pk), both) for pk in (survivor.pk, gone.pk)
    )


@pytest.mark.rule(5)
@pytest.mark.parametrize("way", ["delete", "erase for good", "erase", "signal", "take back"])
def test_a_deletion_is_written_and_earlier_events_are_emptied(reader: None, way: str) -> None:
    contact = ContactFactory.create(email="ada@example.com")
    other = ContactFactory.create()
    for person in (contact, other):
        activities.record_activity(_line(person))
    pk = contact.pk
    rows = Contact.objects.filter(pk=pk)
    kind = events.CONTACT_ERASED if way.startswith("erase") else events.CONTACT_DELETED
    if way == "delete":
        delete_contacts(rows)
    elif way == "erase for good":
        delete_contacts(rows, permanent=True)
    elif way == "erase":
        assert erase("ada@example.com")[OutboxEvent._meta.label] == 1
    elif way == "signal":
        contact.delete()
    else:
        undo_creation([pk])
    first, second, third = _stored()
    assert first == (events.ACTIVITY_RECORDED, str(pk), {})
    assert second[1] == str(other.pk)
    assert second[2] != {}
    assert third == (kind, str(pk), {})


def test_many_deletions_are_written_in_bulk(reader: None) -> None:
    people = ContactFactory.create_batch(30)
    with CaptureQueriesContext(connection) as asked:
        delete_contacts(Contact.objects.filter(pk__in=[person.pk for person in people]))
    inserts = [query for query in asked if "INTO core_outbox" in query["sql"]]
    assert len(inserts) <= 2
    assert OutboxEvent.objects.filter(kind=events.CONTACT_DELETED).count() == 30
