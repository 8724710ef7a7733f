"""An app defines in one file how its rows follow contacts; no other package depends on it."""

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from contacts import contact_hooks, merge
from contacts.deletion import delete_contacts
from contacts.models import Contact
from contacts.personal_data import personal_data_of
from contacts.retention import outdated
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db(transaction=True)
APP = "tests.contacts.guestbook"


@pytest.fixture
def guestbook(
    settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Iterator[Any]:
    """The models of an app that was just installed, with their tables."""
    monkeypatch.setattr(contact_hooks, "_registered", [*contact_hooks._registered])
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, APP]
    # Only after startup does Django cache the relations of models.
    apps.clear_cache()
    models = sys.modules[f"{APP}.models"]
    with connection.schema_editor() as editor:
        editor.create_model(models.Entry)
        editor.create_model(models.Mention)
    yield models
    with connection.schema_editor() as editor:
        editor.delete_model(models.Mention)
        editor.delete_model(models.Entry)
    # Its hooks are found again when it is installed the next time.
    sys.modules.pop(f"{APP}.contact_hooks")


def add(guestbook: Any, text: str, at: dt.datetime | None = None) -> Contact:
    contact: Contact = ContactFactory.create()
    guestbook.Entry.objects.create(contact=contact, text=text, created_at=at or timezone.now())
    guestbook.Mention.objects.create(email=contact.email_key)
    return contact


def test_rows_of_an_app_are_merged_and_separated(guestbook: Any) -> None:
    survivor, gone = add(guestbook, "Hello"), add(guestbook, "Goodbye")
    done = merge.merge(survivor.pk, gone.pk, (), None)
    assert [(row.contact_id, row.text) for row in guestbook.Entry.objects.all()] == [
        (survivor.pk, "Hello Goodbye")
    ]
    merge.undo(done.pk)
    assert {(row.contact_id, row.text) for row in guestbook.Entry.objects.all()} == {
        (survivor.pk, "Hello"),
        (gone.pk, "Goodbye"),
    }


@pytest.mark.rule(5)
@pytest.mark.parametrize("permanent", [True, False])
def test_rows_of_an_app_are_scrubbed(guestbook: Any, permanent: bool) -> None:
    person, other = add(guestbook, "Hello"), add(guestbook, "Goodbye")
    delete_contacts(Contact.objects.filter(pk=person.pk), permanent=permanent)
    assert guestbook.Entry.objects.get().contact_id == other.pk
    assert set(guestbook.Mention.objects.values_list("email", flat=True)) == {"", other.email_key}


def test_rows_of_an_app_are_in_the_personal_data_file(guestbook: Any) -> None:
    person = add(guestbook, "Hello")
    add(guestbook, "Goodbye")
    data = personal_data_of(person)
    assert [row["text"] for row in data["guestbook entries"]] == ["Hello"]
    assert [row["email"] for row in data["mentions"]] == [person.email_key]


def test_an_app_shows_when_someone_was_last_active(guestbook: Any, settings: Any) -> None:
    settings.KEEP_PEOPLE_DAYS = 365
    now = timezone.now()
    people = [add(guestbook, "Hello", now - dt.timedelta(days=days)) for days in (9, 400)]
    Contact.objects.update(created_at=now - dt.timedelta(days=800))
    assert list(outdated(now)) == [people[1]]
