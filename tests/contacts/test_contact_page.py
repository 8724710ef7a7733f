"""A contact's page: who they are, in a line of facts, and what happened, webinar by webinar."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Activity
from tests.fixtures.world import World
from webinars.models import Registration, Webinar


def happened(world: World, key: str, kind: str, days_ago: int, webinar: Webinar | None) -> None:
    Activity.objects.create(
        contact=world.registrations[1].contact,
        key=key,
        kind=kind,
        happened_at=timezone.now() - dt.timedelta(days=days_ago),
        webinar_key=webinar.key if webinar else "",
        webinar_subject=webinar.subject if webinar else "",
        data={"question": f"Why {key}?", "answers": [], "subject": "Hello"},
    )


def shown(client: Client, world: World, query: str = "") -> str:
    pk = world.registrations[1].contact_id
    return client.get(f"/admin/contacts/contact/{pk}/change/{query}").content.decode()


@pytest.mark.time_machine(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False)
def test_the_line_of_facts(world: World, marketer: Client) -> None:
    Activity.objects.all().delete()
    happened(world, "q", "question", 3, world.webinar)
    happened(world, "m", "mailed", 1, None)
    facts = "registered once, attended once, 1 min, 1 question, last seen "
    # To be written to is nothing that they did.
    assert f"{facts}11/15/2026" in shown(marketer, world)


def test_the_timeline_stands_webinar_by_webinar(world: World, marketer: Client) -> None:
    happened(world, "q", "question", 3, world.webinar)
    happened(world, "m", "mailed", 9, None)
    page = shown(marketer, world)
    assert '<section aria-label="A webinar" class="ws-group">' in page
    assert '<section aria-label="Without a webinar" class="ws-group">' in page


def test_the_timeline_is_narrowed_to_a_kind(world: World, marketer: Client) -> None:
    happened(world, "q", "question", 3, world.webinar)
    happened(world, "m", "mailed", 9, None)
    questions = shown(marketer, world, "?only=questions")
    assert "Why q?" in questions and "Email sent" not in questions
    assert "Email sent" in shown(marketer, world, "?only=mails")
    assert "Nothing of this kind has happened." in shown(marketer, world, "?only=answers")
    # What nobody knows narrows nothing.
    assert "Why q?" in shown(marketer, world, "?only=x&from=-1")


def test_older_lines_are_a_page_further_and_stay_narrowed(world: World, marketer: Client) -> None:
    for number in range(101):
        happened(world, f"q{number}", "question", number, world.webinar)
    page = shown(marketer, world, "?only=questions")
    assert "?only=questions&amp;from=100#timeline-title" in page
    assert "Why q100?" in shown(marketer, world, "?only=questions&from=100")


@pytest.mark.rule(4)
def test_a_cancellation_is_shown_with_the_time_at_which_it_was_noticed(
    world: World, marketer: Client
) -> None:
    at = timezone.now() - dt.timedelta(days=3)
    Registration.objects.filter(pk=world.registrations[1].pk).update(cancelled_at=at)
    assert f"cancelled on GoToWebinar, seen {at:%m/%d/%Y}" in shown(marketer, world)


@pytest.mark.rule(4)
def test_the_timeline_says_that_a_cancellation_was_noticed_then(
    world: World, marketer: Client
) -> None:
    happened(world, "c", "cancelled", 3, world.webinar)
    timeline = shown(marketer, world).split('id="timeline-title"', 1)[1]
    assert "Cancelled on GoToWebinar" in timeline
    assert "noticed" in timeline


@pytest.mark.rule(3)
def test_a_former_address_is_listed(world: World, marketer: Client) -> None:
    contact = world.registrations[1].contact
    contact.email = "new@example.com"
    contact.save()
    assert "p1@example.com" in shown(marketer, world)


def test_they_are_registered_for_a_webinar_from_their_page(world: World, marketer: Client) -> None:
    Webinar.objects.update(ends_at=timezone.now() + dt.timedelta(days=1))
    assert "Register for a webinar…" in shown(marketer, world)
    asked = marketer.post(
        "/admin/contacts/contact/",
        {
            "action": "register_for_webinar",
            "_selected_action": str(world.registrations[1].contact_id),
        },
    ).content.decode()
    assert "1 person is selected." in asked
