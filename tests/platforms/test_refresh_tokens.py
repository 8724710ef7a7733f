"""The refresh token: replaced near its expiry, sometimes single-use, never lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core.db_threads import database_in_thread
from platforms import tokens
from platforms.errors import ReauthorizationRequired, ServerError
from platforms.gotowebinar.platform import GoToWebinar
from platforms.models import Connection
from platforms.records import Token
from platforms.tokens import ConnectionTokens
from simulators.gotowebinar.process import SimulatorProcess
from tests.factories import connection_in

pytestmark = pytest.mark.django_db(transaction=True)


def expire(simulator: SimulatorProcess) -> None:
    """Expire the access token, here and on the platform."""
    simulator.control("POST", "expire-tokens")
    Connection.objects.update(expires_at=timezone.now())


def refresh(connection: Connection) -> Connection:
    """Request an access token as any process does, and return what is stored then."""
    ConnectionTokens(connection.pk).access_token()
    return Connection.objects.get(pk=connection.pk)


def test_far_from_its_expiry_the_old_token_stays(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    expire(simulator)
    again = refresh(connection)
    assert again.refresh_token == connection.refresh_token
    assert again.signed_in_at == connection.signed_in_at
    assert again.access_token != connection.access_token


def test_a_value_added_near_the_end_is_stored_and_outlives_the_old_one(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    simulator.control("POST", "age-refresh-tokens", {"days": 28})
    expire(simulator)
    followed = refresh(connection)
    assert followed.refresh_token != connection.refresh_token
    assert followed.signed_in_at != connection.signed_in_at
    # The old one has expired by now; its successor has not.
    simulator.control("POST", "age-refresh-tokens", {"days": 5})
    expire(simulator)
    assert refresh(connection).state == Connection.State.CONNECTED


def test_valid_once_and_needed_by_many_at_once(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    """Two refreshes with the same single-use token would lose the connection."""
    simulator.control("POST", "single-use", {"on": True})
    simulator.control("POST", "latency", {"ms": 100})
    for _ in range(3):
        expire(simulator)
        simulator.reset_calls()
        got = at_once(8, lambda: ConnectionTokens(connection.pk).access_token())
        assert len(set(got)) == 1
        assert simulator.calls()["by_path"]["POST /oauth/token"] == 1
    assert Connection.objects.get().state == Connection.State.CONNECTED


def test_one_at_its_end_asks_for_a_person(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    simulator.control("POST", "age-refresh-tokens", {"days": 31})
    expire(simulator)
    with pytest.raises(Exception, match="Invalid refresh token"):
        refresh(connection)
    stored = Connection.objects.get()
    assert stored.state == Connection.State.SIGN_IN_NEEDED
    assert stored.platform_message == "Invalid refresh token"


def at_once(count: int, ask: Callable[[], str]) -> list[str]:
    """Return the results of `count` threads that started together."""
    got: list[str] = []
    together = threading.Barrier(count)

    def one() -> None:
        with database_in_thread():
            together.wait()
            got.append(ask())

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == count
    return got


def sign_in_again(connection: Connection) -> None:
    """Store the result of a person's sign-in."""
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(refresh_token="new refresh token")
        tokens.store(connection, token("new access token"))


def token(access_token: str, refresh_token: str | None = None) -> Token:
    return Token(
        access_token=access_token, refresh_token=refresh_token, expires_in=3600, scope="collab:"
    )


def test_a_refusal_of_the_old_token_does_not_undo_a_new_sign_in(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refused(*args: Any, **_: Any) -> Token:
        asked.append(args[1])
        sign_in_again(connection)
        raise ReauthorizationRequired("Invalid refresh token")

    Connection.objects.update(expires_at=timezone.now())
    monkeypatch.setattr(GoToWebinar, "refresh", refused)
    # The requesting process continues with the new one at once.
    assert ConnectionTokens(connection.pk).access_token() == "new access token"
    assert asked == [connection.refresh_token]
    stored = Connection.objects.get()
    assert (stored.state, stored.platform_message, stored.refused_at) == (
        Connection.State.CONNECTED,
        "",
        None,
    )


def test_an_answer_to_the_old_token_does_not_replace_a_new_sign_in(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: Any, **__: Any) -> Token:
        sign_in_again(connection)
        return token("old access token", "old refresh token")

    Connection.objects.update(expires_at=timezone.now())
    monkeypatch.setattr(GoToWebinar, "refresh", late)
    assert ConnectionTokens(connection.pk).access_token() == "new access token"
    stored = Connection.objects.get()
    assert (stored.access_token, stored.refresh_token) == ("new access token", "new refresh token")


def test_a_refusal_after_someone_disconnected_leaves_it_disconnected(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Token:
        Connection.objects.update(**connection_in(Connection.State.DISCONNECTED))
        raise ReauthorizationRequired("Invalid refresh token")

    Connection.objects.update(expires_at=timezone.now())
    monkeypatch.setattr(GoToWebinar, "refresh", refused)
    with pytest.raises(ReauthorizationRequired, match="disconnected"):
        ConnectionTokens(connection.pk).access_token()
    assert Connection.objects.get().state == Connection.State.DISCONNECTED


def test_a_turn_that_has_passed_to_another_is_not_given_back(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = timezone.now() + tokens.TURN

    def broken(*_: Any, **__: Any) -> Token:
        Connection.objects.update(refreshing_until=theirs)
        raise ServerError("No answer")

    Connection.objects.update(expires_at=timezone.now())
    monkeypatch.setattr(GoToWebinar, "refresh", broken)
    with pytest.raises(ServerError):
        ConnectionTokens(connection.pk).access_token()
    assert Connection.objects.get().refreshing_until == theirs
