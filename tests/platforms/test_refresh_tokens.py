"""The refresh token: followed by another near its end, good once at times, never lost."""

import threading
from collections.abc import Callable

import pytest
from django.utils import timezone

from core.db_threads import database_in_thread
from platforms.models import Connection
from platforms.tokens import ConnectionTokens
from simulators.gotowebinar.process import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


def expire(simulator: SimulatorProcess) -> None:
    """Let the access token be at its end, here and there."""
    simulator.control("POST", "expire-tokens")
    Connection.objects.update(expires_at=timezone.now())


def refresh(connection: Connection) -> Connection:
    """Ask for an access token as any process does, and return what is kept then."""
    ConnectionTokens(connection.pk).access_token()
    return Connection.objects.get(pk=connection.pk)


def test_far_from_its_end_the_old_one_stays(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    expire(simulator)
    again = refresh(connection)
    assert again.refresh_token == connection.refresh_token
    assert again.signed_in_at == connection.signed_in_at
    assert again.access_token != connection.access_token


def test_the_one_that_comes_along_near_the_end_is_kept_and_outlives_the_old(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    simulator.control("POST", "age-refresh-tokens", {"days": 28})
    expire(simulator)
    followed = refresh(connection)
    assert followed.refresh_token != connection.refresh_token
    assert followed.signed_in_at != connection.signed_in_at
    # The old one has ended by now; the one that followed has not.
    simulator.control("POST", "age-refresh-tokens", {"days": 5})
    expire(simulator)
    assert refresh(connection).state == Connection.State.CONNECTED


def test_good_once_and_needed_by_many_at_once(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    """Two refreshes with the same single-use token would lose the connection."""
    simulator.control("POST", "single-use", {"on": True})
    simulator.control("POST", "latency", {"ms": 100})
    for _ in range(3):
        expire(simulator)
        simulator.reset_calls()
        tokens = at_once(8, lambda: ConnectionTokens(connection.pk).access_token())
        assert len(set(tokens)) == 1
        assert simulator.calls()["by_path"]["POST /oauth/token"] == 1
    assert Connection.objects.get().state == Connection.State.CONNECTED


def test_one_at_its_end_asks_for_a_person(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    simulator.control("POST", "age-refresh-tokens", {"days": 31})
    expire(simulator)
    with pytest.raises(Exception, match="Invalid refresh token"):
        refresh(connection)
    kept = Connection.objects.get()
    assert kept.state == Connection.State.SIGN_IN_NEEDED
    assert kept.goto_words == "Invalid refresh token"


def at_once(count: int, ask: Callable[[], str]) -> list[str]:
    """Return what `count` threads got that all began together."""
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
