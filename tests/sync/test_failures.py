"""Failures of GoToWebinar: one clear message, and no known data is lost."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from contacts.models import Contact
from platforms import tokens
from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from sync import lease
from sync.models import SyncRun
from tests.fixtures.goto import run_sync
from webinars.models import Webinar

ByLabel = Callable[[str], Webinar]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off takes no time, so that a permanent failure is reported at once."""
    monkeypatch.setattr("platforms.gotowebinar.retry.sleep", lambda seconds: None)


def test_what_one_page_returned_is_stored_when_the_next_fails(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    big = webinar("big")
    simulator.control(
        "POST", "fail", {"path": r"/registrants$", "after": 1, "count": 100, "status": 500}
    )
    run = run_sync(big)
    assert run.state == SyncRun.State.FAILED
    assert "unexpected error" in run.error
    kept = Contact.objects.count()
    assert 150 < kept <= 200
    simulator.control("POST", "fail/clear")
    assert run_sync(big).state == SyncRun.State.DONE
    assert Contact.objects.count() > kept


@pytest.mark.rule(10)
def test_a_list_that_cannot_be_read_is_named_without_a_word_of_it(
    simulator: SimulatorProcess, webinar: ByLabel, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.control("POST", "fail", {"kind": "garbage", "path": "registrants(\\?|$)", "count": 3})
    run = run_sync(webinar("past"))
    assert run.state == SyncRun.State.FAILED
    assert "registrants" in run.error and "Everything else was read" in run.error
    assert run.platform_message == "" and "not json" not in caplog.text
    # Three tries, and the other steps were run.
    assert webinar("past").sessions.exists()


@pytest.mark.rule(10)
def test_an_answer_readable_at_the_third_try_has_no_effect(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    simulator.control("POST", "fail", {"kind": "garbage", "path": "registrants(\\?|$)", "count": 2})
    assert run_sync(webinar("past")).state == SyncRun.State.DONE


@pytest.mark.rule(10)
def test_one_unreadable_person_does_not_block_the_others(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    person = simulator.truth(full.key)["registrants"][5]
    simulator.control(
        "POST",
        "fail",
        {"kind": "garbage", "path": f"registrants/{person['registrantKey']}$", "count": 100},
    )
    run = run_sync(full)
    people = len(simulator.truth(full.key)["registrants"])
    assert run.state == SyncRun.State.FAILED
    assert "1 new person" in run.error
    assert run.new_contacts == people - 1
    simulator.control("POST", "fail/clear")
    assert run_sync(full).new_contacts == 1


def test_a_webinar_deleted_while_syncing_keeps_what_is_known(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    run_sync(full)
    known = full.registrations.count()
    simulator.control("POST", "delete-webinar", {"webinar": full.key})
    run = run_sync(full)
    assert run.state == SyncRun.State.FAILED
    assert "deleted there" in run.error
    assert full.registrations.filter(cancelled_at__isnull=True).count() == known


def test_an_expired_token_is_refreshed_once(simulator: SimulatorProcess, webinar: ByLabel) -> None:
    full = webinar("full")
    simulator.control("POST", "expire-tokens")
    simulator.reset_calls()
    assert run_sync(full).state == SyncRun.State.DONE
    assert simulator.calls()["by_path"]["POST /oauth/token"] == 1


def test_a_dead_refresh_token_asks_for_signing_in(
    simulator: SimulatorProcess, webinar: ByLabel, connection: Connection
) -> None:
    full = webinar("full")
    simulator.control("POST", "revoke-refresh-token")
    run = run_sync(full)
    assert run.state == SyncRun.State.FAILED
    assert "reconnected" in run.error
    connection.refresh_from_db()
    assert connection.state == Connection.State.SIGN_IN_NEEDED


def test_two_refreshes_at_once_reach_goto_once(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    stale = connection.access_token
    first, second = (tokens.ConnectionTokens(connection.pk) for _ in range(2))
    simulator.reset_calls()
    assert first.refreshed("") != "" and first.refreshed(stale) != stale
    assert second.access_token() == first.access_token()
    assert simulator.calls()["by_path"]["POST /oauth/token"] == 1


def test_secrets_are_in_the_database_encrypted_only(connection: Connection) -> None:
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute(f"SELECT access_token, refresh_token FROM {Connection._meta.db_table}")
        stored = cursor.fetchone()
    assert connection.refresh_token and connection.access_token
    assert connection.access_token not in stored and connection.refresh_token not in stored


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("GOTO_AUTH_URL", "http://127.0.0.1:9", "cannot be reached"),
        ("GOTO_AUTH_URL", "nonsense", "no web address"),
        ("GOTO_CLIENT_SECRET", "wrong", "signed us out"),
    ],
)
def test_connecting_explains_what_is_wrong(
    simulator: SimulatorProcess, db: None, settings: Any, setting: str, value: str, expected: str
) -> None:
    setattr(settings, setting, value)
    with pytest.raises(CommandError, match=expected):
        call_command("connect_goto", refresh_token=simulator.ready["refresh_token"])
    assert not Connection.objects.exists()


def test_one_sync_of_a_webinar_at_a_time(webinar: ByLabel) -> None:
    full = webinar("full")
    first = lease.claim(full.connection, full, trigger=SyncRun.Trigger.SCHEDULE)
    with pytest.raises(lease.Busy):
        run_sync(full)
    # As after a kill -9: the lease is not renewed, and expires.
    SyncRun.objects.filter(pk=first.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert run_sync(full).state == SyncRun.State.DONE
    first.refresh_from_db()
    assert first.state == SyncRun.State.LOST
    with pytest.raises(lease.LostLease):
        lease.hold(first)
