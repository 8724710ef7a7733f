"""The dashboard: sync status, upcoming webinars, attendees, and next audiences."""

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from core import dates
from platforms.models import Connection
from registration_forms.models import Submission
from tests.factories import (
    ActivityFactory,
    ConnectionFactory,
    RegistrationFactory,
    SyncRunFactory,
    WebinarFactory,
    registration_in,
)
from tests.fixtures.world import World, signed_in
from webinars.models import Dismissal, Registration, Webinar
from webinarsync import roles

State = Registration.State


def page(client: Client) -> str:
    return unescape(client.get("/admin/").content.decode())


@pytest.fixture
def past(world: World) -> World:
    """The webinar of the others, which ran an hour ago."""
    world.webinar.ends_at = timezone.now() - dt.timedelta(hours=1)
    world.webinar.save()
    return world


def test_how_far_both_sides_are_in_sync(world: World, marketer: Client) -> None:
    assert "The webinar is in sync" in page(marketer)
    SyncRunFactory.create(webinar=world.webinar, failed=True)
    shown = page(marketer)
    assert "1 of 1 webinars need attention" in shown and "GoToWebinar cannot be reached." in shown


def test_a_refused_sign_in_shows_since_when_and_what_to_do(world: World, marketer: Client) -> None:
    since = timezone.now() - dt.timedelta(days=7)
    Connection.objects.update(state="sign_in_needed", refused_since=since)
    shown = page(marketer)
    assert f"GoToWebinar signed us out on {dates.moment(since)} (o@example.com)." in shown
    assert "Nothing is lost" in shown and "Ask the operator to connect it again." in shown
    # No contradicting text, and one button for users who can act.
    assert "in sync" not in shown.split("<section")[1] and "Reconnect" not in shown
    operator = page(signed_in(roles.OPERATORS))
    assert 'href="/connections/">Reconnect</a>' in operator and "Ask the op" not in operator


def test_one_of_two_accounts_that_is_disconnected_is_named_beside_the_rest(
    world: World, marketer: Client
) -> None:
    other = ConnectionFactory.create(
        email="other@example.com", state="disconnected", disconnected_at=timezone.now()
    )
    WebinarFactory.create(connection=other, synced=True)
    shown = page(marketer)
    assert "The webinar is in sync." in shown
    assert "other@example.com is disconnected: its webinars are not synced." in shown


def test_a_failed_sync_has_its_cause_and_a_button(world: World, marketer: Client) -> None:
    SyncRunFactory.create(webinar=world.webinar, failed=True)
    shown = page(marketer)
    assert "1 of 1 webinars need attention." in shown
    assert "A webinar: Failed: GoToWebinar cannot be reached." in shown
    assert f'action="/webinars/{world.webinar.pk}/sync/"' in shown and "Sync again" in shown


def test_how_full_upcoming_webinars_are(world: World, marketer: Client) -> None:
    Webinar.objects.update(registration_limit=10, registrant_count=6)
    shown = page(marketer)
    assert "6 of 10 seats" in shown and '<progress max="10" value="6"' in shown


def test_a_series_is_upcoming_at_its_next_time(world: World, marketer: Client) -> None:
    today = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    days = [today + dt.timedelta(days=number) for number in (-7, 7, 14)]
    Webinar.objects.update(
        times=[[day.isoformat(), (day + dt.timedelta(hours=1)).isoformat()] for day in days],
        starts_at=days[0],
        ends_at=days[-1],
    )
    shown = page(marketer)
    assert f'<p class="ws-when">{dates.moment(days[1])}</p>' in shown


def test_who_came_lately_and_for_how_long(past: World, marketer: Client) -> None:
    shown = page(marketer)
    assert "50% attended · median 3 min" in shown
    # The table behind the chart: submitted, registered, attended, stayed.
    assert "Recent webinars compared" in shown and 'data-value="6"' in shown


def test_whom_to_email_and_what_to_answer(world: World, marketer: Client) -> None:
    first, second = world.registrations[:2]
    Registration.objects.filter(pk=first.pk).update(**registration_in(State.OVERFLOW))
    Registration.objects.filter(pk=second.pk).update(**registration_in(State.REJECTED))
    shown = page(marketer)
    assert "1 person on the waiting list hasn't been emailed" in shown
    assert f'action="/mailings/to/{world.webinar.pk}/overflow/"' in shown
    assert "1 registration was rejected by GoToWebinar" in shown
    assert f'href="/webinars/{world.webinar.pk}/rejected/">Fix 1 registration' in shown


def test_a_finished_item_disappears_until_there_is_a_new_one(
    world: World, marketer: Client
) -> None:
    first, second = world.registrations[:2]
    Registration.objects.filter(pk=first.pk).update(**registration_in(State.REJECTED))
    done = f"/to-do/{world.webinar.pk}/rejected/done/"
    assert "rejected by GoToWebinar" not in _after(marketer, done, 1)
    Registration.objects.filter(pk=second.pk).update(**registration_in(State.REJECTED))
    assert "2 registrations were rejected by GoToWebinar" in page(marketer)
    # One more than the page showed when the button was pressed.
    assert "2 registrations were rejected" in _after(marketer, done, 1)
    assert "rejected by GoToWebinar" not in _after(marketer, done, 2)


@pytest.mark.parametrize("count", ["", "x", "-1", "9" * 40])
def test_nothing_is_done_with_invalid_numbers(world: World, marketer: Client, count: str) -> None:
    address = f"/to-do/{world.webinar.pk}/rejected/done/"
    assert marketer.post(address, {"count": count}).status_code == 404
    assert marketer.post(f"/to-do/{world.webinar.pk}/else/done/", {"count": 1}).status_code == 404
    assert not Dismissal.objects.exists()


def _after(client: Client, address: str, count: int) -> str:
    return unescape(client.post(address, {"count": count}, follow=True).content.decode())


def test_questions_never_disappear_automatically_and_are_done_with_a_button(
    past: World, marketer: Client
) -> None:
    ActivityFactory.create(
        contact=past.registrations[0].contact, webinar=past.webinar, question=True
    )
    long_ago = timezone.now() - dt.timedelta(days=200)
    Webinar.objects.update(ends_at=long_ago, last_session_ended_at=long_ago, first_seen_at=long_ago)
    assert "1 unanswered question" in page(marketer)
    assert "unanswered question" not in _after(
        marketer, f"/to-do/{past.webinar.pk}/questions/done/", 1
    )


def test_what_was_asked_long_before_the_webinar_was_connected_is_history(
    past: World, marketer: Client
) -> None:
    ActivityFactory.create(
        contact=past.registrations[0].contact, webinar=past.webinar, question=True
    )
    Webinar.objects.update(ends_at=timezone.now() - dt.timedelta(days=31))
    assert "unanswered question" not in page(marketer)


def test_new_webinars_that_are_not_synced_are_named_and_listed(
    world: World, marketer: Client
) -> None:
    ended = timezone.now() - dt.timedelta(days=1)
    connection = world.webinar.connection
    new = WebinarFactory.create(connection=connection, sync_enabled=False)
    WebinarFactory.create(connection=connection, sync_enabled=False, ends_at=ended)
    shown = page(marketer)
    assert "1 upcoming webinar is not synced" in shown
    [address] = re.findall(r'href="([^"]*sync_enabled[^"]*)"', shown)
    listed = marketer.get(address).context["cl"].result_list
    assert list(listed) == [new]


def test_a_webinar_that_runs_is_live_and_not_among_the_upcoming(
    world: World, marketer: Client
) -> None:
    now = timezone.now()
    times = [now - dt.timedelta(minutes=5), now + dt.timedelta(minutes=55)]
    Webinar.objects.update(
        starts_at=times[0], ends_at=times[1], times=[[time.isoformat() for time in times]]
    )
    shown = page(marketer)
    assert "Live now" in shown and shown.count(f">{world.webinar.subject}</a>") == 1


def test_no_question_is_forgotten_because_other_webinars_ran_since(
    past: World, marketer: Client
) -> None:
    """Nor is a person who was refused at one of many upcoming webinars."""
    asker = past.registrations[0].contact
    ActivityFactory.create(contact=asker, webinar=past.webinar, question=True)
    for _number in range(8):
        later = WebinarFactory.create(connection=past.webinar.connection, synced=True, past=True)
        ActivityFactory.create(contact=asker, webinar=later, question=True)
        RegistrationFactory.create(
            webinar__connection=past.webinar.connection, webinar__synced=True, rejected=True
        )
    shown = page(marketer)
    assert shown.count("<strong>1 unanswered question") == 9
    assert shown.count("<strong>1 registration was rejected by GoToWebinar") == 8


def test_questions_of_a_series_are_held_up_while_it_goes_on(world: World, marketer: Client) -> None:
    days = [timezone.now() + dt.timedelta(days=number) for number in (-7, 7)]
    Webinar.objects.update(
        times=[[day.isoformat(), (day + dt.timedelta(hours=1)).isoformat()] for day in days],
        starts_at=days[0],
        ends_at=days[-1],
    )
    ActivityFactory.create(
        contact=world.registrations[0].contact, webinar=world.webinar, question=True
    )
    assert "1 unanswered question" in page(marketer)


def test_pending_registrations(world: World, marketer: Client) -> None:
    Registration.objects.filter(pk=world.registrations[0].pk).update(
        **registration_in(State.PENDING)
    )
    SyncRunFactory.create(webinar=world.webinar, running=True)
    shown = page(marketer)
    assert "1 webinar is syncing now." in shown
    assert "1 person is on the way to GoToWebinar." in shown


def test_an_empty_installation_explains_what_to_do_first(world: World, marketer: Client) -> None:
    Submission.objects.all().delete()
    Webinar.objects.update(sync_enabled=False)
    shown = page(marketer)
    assert "No webinar is synced yet." in shown and "No past webinars yet." in shown
    assert "First steps" in shown and "Turn on sync for the webinars that matter" in shown
    Connection.objects.all().delete()
    assert "GoToWebinar is not connected yet." in page(marketer)


def test_a_user_without_permissions_sees_whom_to_ask(world: World) -> None:
    assert "have access to anything yet." in page(signed_in(None))
