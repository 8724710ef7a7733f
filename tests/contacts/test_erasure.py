"""A permanent erasure leaves no trace, and nobody can find out who was erased (rule 5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from contacts import merge
from contacts.deletion import bury, delete_contacts
from contacts.models import Contact
from mailings import audience
from platforms.models import WebhookEvent
from registration_forms import spam_protection
from registration_forms.models import Submission
from segments.models import Segment
from tests.fixtures.world import World
from tests.open_issues import PEOPLES_DATA, awaits
from webinars.audiences import Audience
from webinars.models import Registration

NAME = "Zwetschgenrund"


@pytest.fixture
def person(world: World) -> Contact:
    """Somebody whose name and address are found nowhere else."""
    contact = world.registrations[1].contact
    contact.last_name, contact.email = NAME, f"{NAME}@example.com"
    contact.save()
    return contact


def traces(word: str) -> set[str]:
    """Return the tables and columns with a value that contains `word`, in whatever case."""
    return {where for where, value in _values() if word.casefold() in value.casefold()}


def _values() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if not field.is_relation]
        for row in model._base_manager.values_list(*(field.name for field in fields)):
            for field, value in zip(fields, row, strict=True):
                yield f"{model._meta.db_table}.{field.column}", str(value)


def erase(person: Contact) -> None:
    delete_contacts(Contact.objects.filter(pk=person.pk), for_good=True)


@pytest.mark.rule(5)
def test_an_erasure_takes_along_what_belongs_to_the_person(world: World, person: Contact) -> None:
    Submission.objects.create(registration=world.registrations[1], given={"last_name": NAME})
    Registration.objects.filter(contact=person).update(given={"last_name": NAME})
    assert len(traces(NAME)) == 5
    erase(person)
    assert traces(NAME) == set()


def merge_and_part(world: World, person: Contact, marketer: Client) -> None:
    user = User.objects.get(username="user-of-Marketers")
    done = merge.merge(world.registrations[0].contact_id, person.pk, (), user.pk)
    merge.undo(done.pk)


def export(world: World, person: Contact, marketer: Client) -> None:
    marketer.get(f"/contacts/find/export.csv?name={NAME}")


def keep_segment(world: World, person: Contact, marketer: Client) -> None:
    Segment.objects.create(name="Those", query=f"name={NAME}")


def write_mailing(world: World, person: Contact, marketer: Client) -> None:
    audience.for_audience(
        world.webinar, Audience.ATTENDED, world.webinar.registrations.all(),
        query=f"name={NAME}", user_id=None, language="en",
    )  # fmt: skip


def hear_event(world: World, person: Contact, marketer: Client) -> None:
    WebhookEvent.objects.create(
        connection=world.webinar.connection, event_key="1", name="registrant.added",
        webinar_key="77", email_key=person.email_key, occurred_at=timezone.now(),
        body=f'{{"lastName": "{NAME}"}}',
    )  # fmt: skip


@pytest.mark.rule(5)
@awaits(PEOPLES_DATA)
@pytest.mark.parametrize(
    "leave_trace", [merge_and_part, export, keep_segment, write_mailing, hear_event]
)
def test_an_erasure_leaves_no_trace_in_any_table(
    world: World, person: Contact, marketer: Client, leave_trace: Any
) -> None:
    leave_trace(world, person, marketer)
    erase(person)
    assert traces(NAME) == set()


# -- at the form -----------------------------------------------------------------------------------


def post(world: World, email: str) -> Any:
    given = {"first_name": "Ana", "last_name": "Núñez", "email": email}
    stamp = {"stamp": spam_protection.stamp(world.webinar.slug)}
    return Client().post(world.webinar.get_form_url(), given | stamp)


@pytest.fixture
def unhurried(settings: Any) -> None:
    settings.FORM_LEAST_SECONDS = 0


@pytest.mark.rule(5)
@awaits(PEOPLES_DATA)
def test_the_form_answers_an_erased_person_as_it_does_a_stranger(
    world: World, unhurried: None
) -> None:
    bury("erased@example.com", for_good=True)
    stranger, erased = post(world, "new@example.com"), post(world, "erased@example.com")
    assert erased.status_code == stranger.status_code
    assert erased.url.split("/")[:-2] == stranger.url.split("/")[:-2]


@pytest.mark.rule(5)
@awaits(PEOPLES_DATA)
def test_their_own_posting_brings_an_erased_person_back(world: World, unhurried: None) -> None:
    bury("erased@example.com", for_good=True)
    post(world, "erased@example.com")
    assert Contact.objects.filter(email_key="erased@example.com").exists()
