"""The life cycle of webhooks: switched on, receiving, lost and repaired, renewed, removed."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from contacts.models import Activity, Contact
from platforms.client_factory import client_for
from platforms.connect import connect
from platforms.gotowebinar import EVENTS
from platforms.models import Connection, WebhookEvent, WebhookSecret, WebhookSetup
from platforms.tasks import set_up_webhooks
from platforms.webhooks import subscriptions
from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.goto import run_sync
from tests.fixtures.webhooks import Hook
from tests.fixtures.world import signed_in
from webinars.models import Webinar
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)
State = WebhookSetup.State


@pytest.fixture
def subscribed_hook(
    simulator: SimulatorProcess, connection: Connection, live_server: Any, settings: Any
) -> Iterator[Hook]:
    """A connection with webhooks, and a server that GoTo posts to."""
    settings.PUBLIC_URL = live_server.url
    subscriptions.switch_on(connection)
    assert set_up_webhooks() == 1
    yield Hook(WebhookSetup.objects.get())


def here(simulator: SimulatorProcess) -> dict[str, Any]:
    found: dict[str, Any] = simulator.control("GET", "webhooks")
    return found


def flush(simulator: SimulatorProcess) -> dict[str, Any]:
    done: dict[str, Any] = simulator.control("POST", "webhooks/flush")
    return done


def test_all_five_events_are_active_and_subscribed(
    subscribed_hook: Hook, simulator: SimulatorProcess, live_server: Any
) -> None:
    assert subscribed_hook.setup.state == State.ON and subscribed_hook.setup.on_since
    found = here(simulator)
    assert sorted(item["event"] for item in found["webhooks"]) == sorted(EVENTS)
    assert {item["state"] for item in found["webhooks"] + found["subscriptions"]} == {"ACTIVE"}
    assert {item["callback_url"] for item in found["webhooks"]} == {
        live_server.url + subscribed_hook.setup.get_address()
    }


def test_the_secret_key_is_in_the_database_encrypted_only(subscribed_hook: Hook) -> None:
    value = WebhookSecret.objects.get().value
    with database.cursor() as cursor:
        cursor.execute(f"SELECT value FROM {WebhookSecret._meta.db_table}")
        assert value and value not in cursor.fetchone()[0]
    assert value not in repr(WebhookSecret.objects.get())


def test_the_address_is_in_the_database_encrypted_only(subscribed_hook: Hook) -> None:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {WebhookSetup._meta.db_table}")
        assert subscribed_hook.setup.path not in str(cursor.fetchall())


def test_without_the_keys_there_is_a_new_address(
    subscribed_hook: Hook, simulator: SimulatorProcess, settings: Any
) -> None:
    old = subscribed_hook.setup.get_address()
    settings.SECRET_KEY, settings.TOKEN_KEYS = "another " * 8, []
    connect(simulator.ready["refresh_token"])
    # GoTo's events are accepted until it knows the new address.
    assert subscribed_hook.http.get(old).status_code == 200
    set_up_webhooks()
    subscribed_hook.setup.refresh_from_db()
    assert subscribed_hook.http.get(old).status_code == 404
    assert subscribed_hook.http.get(subscribed_hook.setup.get_address()).status_code == 200
    urls = {one["callback_url"] for one in here(simulator)["webhooks"]}
    assert len(urls) == 1 and urls.pop().endswith(subscribed_hook.setup.get_address())


def test_from_registering_on_the_platform_to_a_timeline_entry_here(
    subscribed_hook: Hook, simulator: SimulatorProcess, synced: Webinar
) -> None:
    person = {"email": "ida@example.com", "firstName": "Ida", "lastName": "Rhodes"}
    simulator.control(
        "POST", "register", {"webinar": synced.key, "industry": "Computing", **person}
    )
    assert flush(simulator)["statuses"] == {"200": 1}
    assert subscribed_hook.counts() == {"taken": 1, "verified": 1}
    assert subscribed_hook.work() == 1
    ida = Contact.objects.get(email="ida@example.com")
    assert ida.industry == "Computing"
    assert Activity.objects.filter(contact=ida, kind="registered").exists()


@pytest.mark.parametrize(
    ("wrong", "counts"),
    [
        ({"duplicate": 2}, {"taken": 3, "verified": 9, "repeated": 6}),
        ({"reorder": True}, {"taken": 3, "verified": 3}),
        ({"forge": True}, {"forged": 3}),
        ({"lose": 1}, {}),
    ],
)
def test_the_schedule_syncs_everything_however_events_arrive(
    subscribed_hook: Hook,
    simulator: SimulatorProcess,
    synced: Webinar,
    wrong: dict[str, Any],
    counts: dict[str, int],
) -> None:
    simulator.control("POST", "webhooks", wrong)
    simulator.control("POST", "register-many", {"webinar": synced.key, "count": 3})
    flush(simulator)
    assert subscribed_hook.counts() == counts
    subscribed_hook.work()
    run_sync(synced)
    there = {item["registrantKey"] for item in simulator.truth(synced.key)["registrants"]}
    keys = synced.registrations.filter(cancelled_at=None).values_list("registrant_key", flat=True)
    assert set(keys) == {str(key) for key in there}


def test_joining_changing_and_surveys_are_received(
    subscribed_hook: Hook,
    simulator: SimulatorProcess,
    synced: Webinar,
    webinar: Callable[[str], Webinar],
) -> None:
    person = simulator.truth(synced.key)["registrants"][0]["email"]
    simulator.control("POST", "join", {"webinar": synced.key, "email": person})
    simulator.control("POST", "change-webinar", {"webinar": synced.key, "subject": "Anew"})
    simulator.control(
        "POST", "end-session", {"webinar": synced.key, "attendees": [{"email": person}]}
    )
    simulator.control("POST", "submit-survey", {"webinar": synced.key, "email": person,
                      "question": "Well?", "answer": "Very"})  # fmt: skip
    flush(simulator)
    subscribed_hook.work()
    synced.refresh_from_db()
    assert synced.subject == "Anew"
    survey = Activity.objects.get(kind="survey", contact__email=person)
    assert survey.data["answers"] == ["Very"]
    names = set(WebhookEvent.objects.values_list("name", flat=True))
    assert names == {"registrant.joined", "webinar.changed", "survey.submitted"}


def test_webhooks_that_goto_lost_are_restored_within_the_hour(
    subscribed_hook: Hook, simulator: SimulatorProcess
) -> None:
    simulator.control("POST", "forget-webhooks")
    assert set_up_webhooks() == 0
    WebhookSetup.objects.update(checked_at=timezone.now() - dt.timedelta(hours=2))
    assert set_up_webhooks() == 1
    assert len(here(simulator)["subscriptions"]) == 5
    subscribed_hook.setup.refresh_from_db()
    assert subscribed_hook.setup.state == State.ON and subscribed_hook.setup.repaired_at
    # Without changes it costs two calls, and nothing is created twice.
    WebhookSetup.objects.update(checked_at=timezone.now() - dt.timedelta(hours=2))
    simulator.reset_calls()
    set_up_webhooks()
    assert simulator.calls()["total"] == 2
    assert len(here(simulator)["webhooks"]) == 5


def test_an_interrupted_set_up_is_finished_without_duplicates(
    subscribed_hook: Hook, simulator: SimulatorProcess, live_server: Any
) -> None:
    client = client_for(subscribed_hook.setup.connection)
    client.create_webhooks(
        live_server.url + subscribed_hook.setup.get_address(), ["registrant.added"]
    )
    client.delete_subscriptions([here(simulator)["subscriptions"][0]["key"]])
    subscriptions.set_up(subscribed_hook.setup)
    found = here(simulator)
    assert len(found["webhooks"]) == 5
    assert {item["webhook_key"] for item in found["subscriptions"]} == {
        item["key"] for item in found["webhooks"]
    }


def test_webhooks_of_others_are_unchanged(
    subscribed_hook: Hook, simulator: SimulatorProcess, live_server: Any
) -> None:
    client = client_for(subscribed_hook.setup.connection)
    client.create_webhooks(f"{live_server.url}/admin/login/", ["registrant.added"])
    subscriptions.set_up(subscribed_hook.setup)
    assert subscriptions.switch_off(subscribed_hook.setup.connection) is None
    (left,) = here(simulator)["webhooks"]
    assert left["callback_url"].endswith("/admin/login/")


def test_a_renewed_address_replaces_the_former_one_without_a_gap(
    subscribed_hook: Hook, simulator: SimulatorProcess, synced: Webinar
) -> None:
    old = subscribed_hook.setup.get_address()
    subscriptions.renew_address(subscribed_hook.setup.connection)
    subscribed_hook.setup.refresh_from_db()
    assert subscribed_hook.setup.get_address() != old
    # GoTo does not know yet.
    simulator.control("POST", "register-many", {"webinar": synced.key, "count": 1})
    assert flush(simulator)["statuses"] == {"200": 1}
    set_up_webhooks()
    assert subscribed_hook.http.get(old).status_code == 404
    simulator.control("POST", "register-many", {"webinar": synced.key, "count": 1})
    assert flush(simulator)["statuses"] == {"200": 2}
    assert subscribed_hook.counts() == {"taken": 2, "verified": 2}


def test_where_goto_cannot_reach_us_it_reports_it_and_tries_again(
    simulator: SimulatorProcess, connection: Connection, settings: Any
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    subscriptions.switch_on(connection)
    set_up_webhooks()
    setup = WebhookSetup.objects.get()
    assert setup.state == State.FAILED
    assert "did not accept the webhook URL" in setup.error and "200 OK" in setup.platform_message
    assert set_up_webhooks() == 0
    WebhookSetup.objects.update(checked_at=timezone.now() - dt.timedelta(minutes=2))
    assert set_up_webhooks() == 1


def test_signing_in_again_checks_whether_goto_still_has_them(
    subscribed_hook: Hook, simulator: SimulatorProcess
) -> None:
    simulator.control("POST", "forget-webhooks", {"secret": True})
    connect(simulator.ready["refresh_token"])
    assert set_up_webhooks() == 1
    assert len(here(simulator)["webhooks"]) == 5
    simulator.control("POST", "register-many", {"webinar": "upcoming", "count": 1})
    flush(simulator)
    assert subscribed_hook.counts() == {"taken": 1, "verified": 1}


def test_an_operator_switches_them_on_and_off(
    connection: Connection, simulator: SimulatorProcess, live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    operator: Client = signed_in(roles.OPERATORS)
    page = f"/connections/{connection.pk}/"
    shown = operator.post(f"{page}webhooks/on/", follow=True).content.decode()
    assert "Being set up" in shown and "refresh" in shown
    set_up_webhooks()
    assert "GoTo had lost" not in operator.get(page).content.decode()
    shown = operator.post(f"{page}webhooks/off/", follow=True).content.decode()
    assert "Switch webhooks on" in shown
    assert here(simulator)["webhooks"] == [] == here(simulator)["subscriptions"]
