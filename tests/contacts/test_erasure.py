"""A permanent erasure leaves no trace, and no one can find out who was erased (rule 5)."""

import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import BinaryField
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Task

from accounts.models import UserSession
from contacts import merge
from contacts.deletion import delete_contacts
from contacts.models import AlternateEmail, Contact, Merge
from contacts.tombstones import bury
from mailings import sender
from mailings import tasks as mailing_tasks
from mailings.models import Mailing
from mailings.opt_outs import token_for
from operations.tasks import clean_up
from platforms.models import WebhookEvent
from registration_forms.models import Submission
from segments.models import Segment
from sync.models import Reconciliation, ReconciliationDifference, SyncRun
from tests.contact_imports.test_imports import check, run, upload
from tests.fake_goto import FakeGoTo
from tests.fixtures.form_posts import post
from tests.fixtures.world import World
from webinars.models import InternalAddress, Registration
from webinarsync.logging_config import Discreet

NAME = "Zwetschgenrund"


@pytest.fixture
def person(world: World) -> Contact:
    """A person whose name and address are unique."""
    contact = world.registrations[1].contact
    contact.last_name, contact.email = NAME, f"{NAME}@example.com"
    contact.save()
    return contact


def traces(word: str) -> set[str]:
    """Return the tables and columns with a value that contains `word`, in any case: of every table,
    including the job queue."""
    return {where for where, value in _values() if word.casefold() in value.casefold()}


def _values() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if not field.is_relation]
        for row in model._base_manager.values_list(*(field.name for field in fields)):
            for field, value in zip(fields, row, strict=True):
                text = bytes(value).decode("latin-1") if isinstance(field, BinaryField) else value
                yield f"{model._meta.db_table}.{field.column}", str(text)
    for job in OrmQ.objects.all():
        yield "django_q_ormq.payload, unpacked", str(job.task)
    for session in UserSession.objects.all():
        yield "accounts_usersession, unpacked", str(session.get_decoded())


def erase(person: Contact) -> None:
    delete_contacts(Contact.objects.filter(pk=person.pk), permanent=True)


@pytest.mark.rule(5)
def test_an_erasure_takes_along_what_belongs_to_the_person(world: World, person: Contact) -> None:
    Submission.objects.create(registration=world.registrations[1], submitted={"last_name": NAME})
    Registration.objects.filter(contact=person).update(submitted={"last_name": NAME})
    assert len(traces(NAME)) == 5
    erase(person)
    assert traces(NAME) == set()


# Each creates traces of the person in tables that are not deleted with the contact.


def merge_and_part(world: World, person: Contact, marketer: Client) -> None:
    survivor = world.registrations[0].contact_id
    marketer.post(f"/contacts/merge/{survivor}/{person.pk}/")
    marketer.post(f"/contacts/merge/{Merge.objects.get().pk}/undo/")


def export(world: World, person: Contact, marketer: Client) -> None:
    marketer.get(f"/contacts/find/export.csv?name={NAME}")
    marketer.get(f"/webinars/{world.webinar.pk}/audience/attended/export.csv?name={NAME}")
    marketer.get(f"/contacts/list.csv?q={NAME}")


def search(world: World, person: Contact, marketer: Client) -> None:
    marketer.get(f"/admin/contacts/contact/?q={NAME}")
    marketer.get(f"/contacts/find/?name={NAME}")


def save_segment(world: World, person: Contact, marketer: Client) -> None:
    marketer.post(
        "/contacts/segments/save/", {"query": f"name={NAME}&attended_at_least=1", "name": "Those"}
    )
    assert Segment.objects.exists()


def write_mailing(world: World, person: Contact, marketer: Client) -> None:
    query = {"query": f"name={NAME}"}
    marketer.post(f"/mailings/to/{world.webinar.pk}/attended/", query)
    mailing = Mailing.objects.get()
    assert mailing.recipients.get().contact == person
    sender.start(mailing)
    mailing_tasks.send(mailing.pk)
    Client().post(f"/unsubscribe/{token_for(mailing.recipients.get())}/")


def hear_event(world: World, person: Contact, marketer: Client) -> None:
    WebhookEvent.objects.create(
        connection=world.webinar.connection, event_key="1", name="registrant.added",
        webinar_key="77", email_key=person.email_key, occurred_at=timezone.now(),
        body=f'{{"lastName": "{NAME}"}}',
    )  # fmt: skip


def compare_lists(world: World, person: Contact, marketer: Client) -> None:
    reconciliation = Reconciliation.objects.create(
        webinar=world.webinar, requested_at=timezone.now()
    )
    ReconciliationDifference.objects.create(
        reconciliation=reconciliation, email=person.email, email_key=person.email_key, name=NAME
    )


def sync(world: World, person: Contact, marketer: Client) -> None:
    goto = FakeGoTo()
    goto.register(f"second.{NAME}@example.com", timezone.now(), lastName=NAME)
    world.webinar.connection.refresh_from_db()
    goto.sync(world.webinar)
    second = Contact.objects.get(email_key=f"second.{NAME}@example.com".casefold())
    merge.merge(person.pk, second.pk, (), None)
    SyncRun.objects.update(platform_message=f"Invalid email: {person.email}")


def speak(world: World, person: Contact, marketer: Client) -> None:
    """A panelist, whom a marketer has marked as internal, and removed from the list again."""
    panelist = {"email": person.email, "name": f"Anna {NAME}"}
    world.webinar.refresh_from_db()
    world.webinar.speakers_read_at = None
    FakeGoTo(panelists=[panelist]).sync(world.webinar)
    assert world.webinar.speakers.filter(email_key=person.email_key).exists()
    page = "/admin/webinars/internaladdress/"
    for address in (f"once.{NAME}@example.com", person.email):
        marketer.post(f"{page}add/", {"text": address})
    row = InternalAddress.objects.get(text=person.email_key)
    marketer.post(f"{page}{row.pk}/change/", {"text": person.email})
    InternalAddress.objects.filter(text__startswith="once.").delete()
    AlternateEmail.objects.create(
        contact=person, email=f"once.{NAME}@example.com",
        email_key=f"once.{NAME}@example.com".casefold(),
    )  # fmt: skip


def submit_form(world: World, person: Contact, marketer: Client) -> None:
    assert post(Client(), world, email=person.email).status_code == 302


def upload_file(world: World, person: Contact, marketer: Client) -> None:
    """A file that waits to be imported, and an imported one."""
    name = f"{person.email}.csv"
    for content in (f"{person.email},Anna,{NAME}", f"{person.email},Anna,{NAME}\nx@y.example,A,B"):
        upload(marketer, f"email,first_name,last_name\n{content}\n", name)
        item = check(marketer)
    run(marketer, item)


def edit(world: World, person: Contact, marketer: Client) -> None:
    page = f"/admin/contacts/contact/{person.pk}/change/"
    data = {"first_name": "Anna", "last_name": NAME, "email": f"new.{NAME}@example.com"}
    assert marketer.post(page, data).status_code == 302
    marketer.get(f"/contacts/{person.pk}/personal-data.json")


def fail_job(world: World, person: Contact, marketer: Client) -> None:
    now = timezone.now()
    Task.objects.create(
        id="1", name="1", func="x", started=now, stopped=now, success=False,
        result=f"IntegrityError: Key (email_key)=({person.email_key}) already exists.",
    )  # fmt: skip


WAYS_IN = [
    merge_and_part, export, search, save_segment, write_mailing, hear_event, compare_lists, sync,
    submit_form, upload_file, edit, fail_job, speak,
]  # fmt: skip


@pytest.mark.rule(5)
@pytest.mark.parametrize("leave_trace", WAYS_IN)
def test_an_erasure_leaves_no_trace_in_any_table(
    world: World, person: Contact, marketer: Client, unhurried: None, leave_trace: Any
) -> None:
    leave_trace(world, person, marketer)
    erase(person)
    assert traces(NAME) == set()


@pytest.mark.rule(5)
def test_an_erasure_leaves_no_trace_of_someone_known_in_every_way(
    world: World, person: Contact, marketer: Client, unhurried: None, tmp_path: Path
) -> None:
    log = logging.FileHandler(tmp_path / "log")
    log.setFormatter(Discreet("text"))
    logging.getLogger().addHandler(log)
    try:
        for leave_trace in WAYS_IN:
            leave_trace(world, person, marketer)
        assert len(traces(NAME)) > 20
        call_command("erase_person", person.email, "--yes")
    finally:
        logging.getLogger().removeHandler(log)
    assert traces(NAME) == set()
    assert NAME.casefold() not in (tmp_path / "log").read_text().casefold()
    assert NAME.casefold() not in str(getattr(cache, "_cache", {})).casefold()


@pytest.mark.rule(5)
def test_a_segment_that_finds_others_of_that_name_is_unchanged(
    world: World, person: Contact
) -> None:
    mine = Segment.objects.create(
        name=f"About {person.email}", query=f"name={NAME}&attended_at_least=1"
    )
    ours = Segment.objects.create(name="First ones", query="name=First1")
    Contact.objects.filter(pk=world.registrations[2].contact_id).update(first_name="First10")
    erase(person)
    ours.refresh_from_db()
    mine.refresh_from_db()
    assert ours.query == "name=First1"
    assert (mine.name, mine.query) == (
        f"segment {mine.pk}",
        "name=%28erased%29&attended_at_least=1",
    )


@pytest.mark.rule(5)
def test_webhook_events_are_stored_for_three_days_whatever_their_result(world: World) -> None:
    """Events of a disconnected account are never processed."""
    now = timezone.now()
    for days in (2, 4):
        WebhookEvent.objects.create(
            connection=world.webinar.connection, event_key=str(days), name="registrant.added",
            webinar_key="77", occurred_at=now, received_at=now - dt.timedelta(days=days), body=NAME,
        )  # fmt: skip
    clean_up()
    assert WebhookEvent.objects.get().event_key == "2"


# -- at the form -----------------------------------------------------------------------------------


@pytest.fixture
def unhurried(settings: Any) -> None:
    settings.FORM_LEAST_SECONDS = 0


@pytest.mark.rule(5)
def test_the_form_answers_an_erased_person_like_a_new_one(world: World, unhurried: None) -> None:
    bury("erased@example.com", permanent=True)
    stranger, erased = (
        post(Client(), world, email=email) for email in ("new@example.com", "erased@example.com")
    )
    assert erased.status_code == stranger.status_code
    assert erased.url.split("/")[:-2] == stranger.url.split("/")[:-2]


@pytest.mark.rule(5)
def test_their_own_submission_brings_an_erased_person_back(world: World, unhurried: None) -> None:
    bury("erased@example.com", permanent=True)
    post(Client(), world, email="erased@example.com")
    assert Contact.objects.filter(email_key="erased@example.com").exists()
