"""Minutes, questions and consent refer to the webinars and the audience chosen with them."""

import datetime as dt

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from contacts.models import Contact
from segments.models import Segment
from segments.service import found_by
from tests.factories import (
    ActivityFactory,
    ConsentTextFactory,
    RegistrationFactory,
    SessionFactory,
    SubmissionFactory,
    WebinarFactory,
)
from tests.fixtures.world import World
from webinars.models import Registration, Webinar


def found(query: str) -> list[str]:
    """Return the people found, by the part of the address before the @, in order."""
    people = found_by(QueryDict(query)).qs
    return sorted(email.partition("@")[0] for email in people.values_list("email", flat=True))


@pytest.fixture
def other(world: World) -> Webinar:
    """Another webinar, which p1 attended for longer, p3 missed, and p0 attended."""
    ended = timezone.now() - dt.timedelta(days=3)
    webinar = WebinarFactory.create(
        connection=world.webinar.connection, key="other", synced=True,
        starts_at=ended - dt.timedelta(hours=1), ends_at=ended, last_session_ended_at=ended,
    )  # fmt: skip
    for place, minutes in ((0, 5), (1, 10), (3, 0)):
        RegistrationFactory.create(
            contact=world.registrations[place].contact, webinar=webinar,
            sessions_attended=bool(minutes), seconds_attended=60 * minutes,
        )  # fmt: skip
    return webinar


def ask(webinar: Webinar, contact: Contact, session: str = "1") -> None:
    ActivityFactory.create(
        contact=contact, question=True, webinar=webinar,
        data={"question": "Why?", "session": session, "answers": []},
    )  # fmt: skip


def agree(registration: Registration) -> None:
    text = ConsentTextFactory.create(purpose="marketing")
    SubmissionFactory.create(registration=registration, marketing_consent=text)


def test_who_asked_is_who_asked_there(world: World, other: Webinar) -> None:
    people = [registration.contact for registration in world.registrations]
    ask(world.webinar, people[0])
    ask(other, people[1])
    ask(other, people[3])
    here, there = f"webinars={world.webinar.pk}", f"webinars={other.pk}"
    assert found("asked_question=yes") == ["p0", "p1", "p3"]
    assert found(f"asked_question=yes&{here}") == ["p0"]
    assert found(f"asked_question=yes&{there}") == ["p1", "p3"]
    assert found(f"asked_question=yes&{here}&{there}") == ["p0", "p1", "p3"]
    # A person who did not ask there is in the audience all the same.
    assert found(f"asked_question=no&{there}") == ["p0"]
    assert found(f"asked_question=no&{here}") == ["p1", "p2", "p3", "p4", "p5"]


def test_who_asked_is_of_the_audience_where_they_asked(world: World, other: Webinar) -> None:
    people = [registration.contact for registration in world.registrations]
    # p3 missed the other webinar, of which there is a question of theirs, and attended this one.
    ask(other, people[3])
    ask(other, people[1])
    assert found("asked_question=yes&audience=attended") == ["p1"]
    assert found("asked_question=yes&audience=no-show") == ["p3"]
    assert found("asked_question=no&audience=attended") == ["p0", "p3", "p5"]
    both = f"webinars={world.webinar.pk}&webinars={other.pk}"
    assert found(f"asked_question=yes&audience=attended&{both}") == ["p1"]
    assert found(f"asked_question=yes&audience=no-show&{both}") == ["p3"]


def test_webinars_of_one_key_on_two_connections_are_distinguished(world: World) -> None:
    twin = WebinarFactory.create(key=world.webinar.key, past=True)
    asker, both, only_there = (item.contact for item in world.registrations[:3])
    for contact in (both, only_there):
        RegistrationFactory.create(contact=contact, webinar=twin)
    here = SessionFactory.create(webinar=world.webinar)
    there = SessionFactory.create(webinar=twin)
    ask(world.webinar, asker, here.key)
    ask(twin, both, there.key)
    ask(twin, only_there, there.key)
    assert found(f"asked_question=yes&webinars={world.webinar.pk}") == ["p0"]
    assert found(f"asked_question=yes&webinars={twin.pk}") == ["p1", "p2"]
    assert found("asked_question=yes&audience=registered") == ["p0", "p1", "p2"]


def test_a_question_counts_when_its_session_is_gone(world: World) -> None:
    ask(world.webinar, world.registrations[0].contact, "a session of which there is no row")
    assert found(f"asked_question=yes&webinars={world.webinar.pk}") == ["p0"]


def test_minutes_are_summed_over_the_webinars_chosen(world: World, other: Webinar) -> None:
    here, there = f"webinars={world.webinar.pk}", f"webinars={other.pk}"
    # p0 0 + 5, p1 1 + 10, p3 3 + 0, p5 5; p2 and p4 none.
    assert found("at_least=5") == ["p0", "p1", "p5"]
    assert found(f"at_least=5&{here}") == ["p5"]
    assert found(f"at_least=5&{there}") == ["p0", "p1"]
    assert found(f"at_least=11&{here}&{there}") == ["p1"]
    assert found(f"at_most=1&{here}") == ["p0", "p1", "p2", "p4"]
    assert found(f"at_least=1&at_most=3&{here}") == ["p1", "p3"]
    assert found(f"at_most=0&{there}") == ["p3"]
    assert found(f"at_least=0&{there}") == ["p0", "p1", "p3"]


def test_minutes_of_an_audience_are_those_in_its_webinars(world: World, other: Webinar) -> None:
    Registration.objects.filter(webinar=other, contact__email="p1@example.com").update(
        cancelled_at=timezone.now()
    )
    assert found("audience=cancelled&at_least=10") == ["p1"]
    assert found("audience=cancelled&at_least=11") == []
    assert found("audience=no-show&at_most=0") == ["p0", "p2", "p3", "p4"]
    assert found("audience=attended&at_least=11") == ["p1"]
    assert found("audience=attended&at_most=5") == ["p0", "p3", "p5"]
    assert found("audience=registered&at_least=11") == ["p1"]
    assert found("audience=registered&at_most=0") == ["p2", "p4"]


def test_who_agreed_did_so_for_one_of_the_webinars(world: World, other: Webinar) -> None:
    agree(world.registrations[0])
    agree(other.registrations.get(contact__email="p1@example.com"))
    agree(other.registrations.get(contact__email="p3@example.com"))
    here, there = f"webinars={world.webinar.pk}", f"webinars={other.pk}"
    assert found("consent=yes") == ["p0", "p1", "p3"]
    assert found(f"consent=yes&{here}") == ["p0"]
    assert found(f"consent=yes&{there}") == ["p1", "p3"]
    assert found(f"consent=no&{there}") == ["p0"]
    assert found(f"consent=yes&audience=attended&{there}") == ["p1"]
    assert found("consent=yes&audience=no-show") == ["p0", "p3"]


def test_a_segment_finds_the_same(world: World, other: Webinar) -> None:
    ask(other, world.registrations[1].contact)
    ask(world.webinar, world.registrations[2].contact)
    query = f"asked_question=yes&webinars={other.pk}"
    segment = Segment.objects.create(name="Askers", query=query)
    assert found(segment.query) == ["p1"]


def test_the_page_shows_what_the_conditions_belong_to(world: World, marketer: Client) -> None:
    page = marketer.get("/contacts/find/").content.decode()
    assert "Minutes, questions and agreement to marketing are those of the webinars" in page
