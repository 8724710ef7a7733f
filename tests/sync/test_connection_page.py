"""A connection's page: what an operator can see, and what no one can."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts.models import Contact
from core.models import CallCount
from platforms.client_factory import call_key
from platforms.models import Connection
from platforms.tasks import report_refused_sign_ins
from tests.factories import WebhookSetupFactory, connection_in
from tests.fixtures.world import World, signed_in
from webinars.models import Registration
from webinarsync import roles


@pytest.fixture
def operator(world: World) -> Client:
    return signed_in(roles.OPERATORS)


def page_of(client: Client, world: World) -> str:
    answer = client.get(f"/connections/{world.webinar.connection_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.time_machine(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False)
def test_it_shows_who_since_when_and_what_it_costs(
    operator: Client, world: World, settings: Any
) -> None:
    settings.GOTO_CALLS_PER_SECOND = 10
    now = timezone.now()
    connection = world.webinar.connection
    Connection.objects.update(
        scope="collab:",
        connected_by=User.objects.get(username=f"user-of-{roles.OPERATORS}"),
        refreshed_at=now - dt.timedelta(minutes=12),
        expires_at=now + dt.timedelta(minutes=48),
        signed_in_at=now - dt.timedelta(days=9),
    )
    minute = int(now.timestamp() // 60) * 60
    for priority, calls, at in (
        ("interactive", 7, 0),
        ("scheduled", 20, 600),
        ("scheduled", 500, 7200),
    ):
        CallCount.objects.create(
            counted_for=call_key(connection), minute=minute - at, priority=priority, calls=calls
        )
    other = Connection.objects.create(organizer_key="2")
    CallCount.objects.create(counted_for=call_key(other), minute=minute, priority="manual", calls=3)
    page = page_of(operator, world)
    assert "o@example.com" in page and "collab:" in page and f"user-of-{roles.OPERATORS}" in page
    assert "12\xa0minutes old, good for 48\xa0minutes more" in page
    assert "1\xa0week, 2\xa0days old" in page
    assert "27 of the 36,000" in page and "30 with its other connections" in page
    assert "secret-refresh" not in page


def test_without_a_limit_it_explains_why_nothing_is_counted(operator: Client, world: World) -> None:
    assert "GOTO_CALLS_PER_SECOND is 0" in page_of(operator, world)


def test_the_last_error_is_shown_with_gotos_message(operator: Client, world: World) -> None:
    world.webinar.sync_runs.create(
        connection=world.webinar.connection,
        trigger="schedule",
        state="failed",
        started_at=timezone.now(),
        finished_at=timezone.now(),
        error_code="platform.not-allowed",
        platform_message="User is not <b>allowed</b>",
    )
    page = page_of(operator, world)
    assert "GoToWebinar does not allow this to the connected account." in page
    assert "User is not &lt;b&gt;allowed&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, "No event has come yet"),
        ({"taken": 3}, "are not signed"),
        ({"taken": 3, "verified": 3}, "Signature check: OK"),
        ({"forged": 3}, "No signature was valid so far"),
        ({"taken": 3, "verified": 3, "forged": 1}, "Signature check: OK"),
    ],
)
def test_it_shows_whether_signatures_were_seen_and_right(
    operator: Client, world: World, counts: dict[str, int], expected: str
) -> None:
    setup = WebhookSetupFactory.create(connection=world.webinar.connection, **counts)
    page = page_of(operator, world)
    assert expected in page
    # Anyone who knows the URL can post there.
    assert setup.path not in page


def test_the_delay_of_new_people_is_measured(operator: Client, world: World) -> None:
    now = timezone.now()
    world.webinar.sync_runs.update(started_at=now - dt.timedelta(days=2))
    Registration.objects.all().delete()
    for number, (there, here) in enumerate(
        [(9000, 8996), (5000, 4998), (3000, 2700), (300_000, 10)]
    ):
        Registration.objects.create(
            contact=Contact.objects.create(email=f"late{number}@example.com",
                                           email_key=f"late{number}@example.com"),
            webinar=world.webinar,
            state="registered",
            registered_at=now - dt.timedelta(seconds=there),
            first_seen_at=now - dt.timedelta(seconds=here),
        )  # fmt: skip
    page = page_of(operator, world)
    # The last of them registered before the webinar was first synced.
    assert "Of the last 3 people" in page
    assert "half were here after 4 seconds, and 95 of 100 after 5 minutes" in page


def test_webhooks_need_a_public_https_address(
    operator: Client, world: World, settings: Any
) -> None:
    settings.GOTO_API_URL = "https://api.getgo.com"
    settings.PUBLIC_URL = "http://webinars.example.com"
    page = page_of(operator, world)
    assert "public https addresses only" in page and "Switch webhooks on" not in page
    settings.PUBLIC_URL = "https://webinars.example.com"
    assert "Switch webhooks on" in page_of(operator, world)


def test_only_operators_see_and_change_it(world: World) -> None:
    one = f"/connections/{world.webinar.connection_id}/"
    for group in (roles.MARKETERS, None):
        client = signed_in(group)
        assert client.get(one).status_code == 403
        for action in ("test/", "disconnect/", "webhooks/on/", "webhooks/renew/"):
            assert client.post(one + action).status_code == 403
    # Nor by a link from another site.
    operator = signed_in(roles.OPERATORS)
    for action in ("test/", "webhooks/on/"):
        assert operator.get(one + action).status_code == 405
    assert operator.post(f"{one}webhooks/explode/").status_code == 404


def test_a_connection_cannot_be_deleted_with_all_its_people(operator: Client, world: World) -> None:
    operator.post(
        f"/admin/platforms/connection/{world.webinar.connection_id}/delete/", {"post": "yes"}
    )
    assert Connection.objects.count() == 1 and Registration.objects.count() == 6


# -- GoTo refuses ------------------------------------------------------------------------------


@pytest.fixture
def refused(world: World, settings: Any) -> Connection:
    settings.MAIL_READY = True
    connection = world.webinar.connection
    connection.state = Connection.State.SIGN_IN_NEEDED
    connection.platform_message, connection.refused_since = "Invalid refresh token", timezone.now()
    connection.save()
    return connection


def test_operators_are_emailed_once_each_time_that_goto_refuses(refused: Connection) -> None:
    signed_in(roles.OPERATORS)
    signed_in(roles.MARKETERS)
    User.objects.create_superuser("root", "root@example.com")
    User.objects.filter(username__startswith="user-of").update(email="somebody@example.com")
    User.objects.create_superuser("gone", "gone@example.com", is_active=False)
    assert report_refused_sign_ins() == 1
    assert report_refused_sign_ins() == 0
    assert sorted(to for sent in mail.outbox for to in sent.to) == [
        "root@example.com", "somebody@example.com",
    ]  # fmt: skip
    sent = mail.outbox[0]
    # No text in it becomes a link automatically (tests/core/test_typed_text.py).
    assert "o@example.com" in sent.subject.replace("\u2060", "")
    assert "Invalid refresh token" in sent.body
    assert "https://webinars.example.com/connections/" in sent.body
    assert "secret-refresh" not in sent.body


def test_a_mail_server_that_is_away_is_tried_again(
    refused: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_superuser("root", "root@example.com")

    def away(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("accounts.operator_mail.send_mail", away)
        assert report_refused_sign_ins() == 0
    assert report_refused_sign_ins() == 1
    assert len(mail.outbox) == 1


def test_a_disconnected_account_is_reported(operator: Client, world: World) -> None:
    Connection.objects.update(**connection_in(Connection.State.DISCONNECTED))
    dashboard = operator.get("/admin/").content.decode()
    assert "is disconnected: its webinars are not synced" in dashboard
    listed = operator.get("/admin/webinars/webinar/").content.decode()
    assert "GoToWebinar is disconnected; all data is kept" in listed
