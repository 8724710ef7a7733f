"""Changing the encryption keys of secrets, without downtime."""

import threading
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import connection as database

from core.encryption import UnreadableSecret
from platforms import tokens
from platforms.connect import connect
from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.world import signed_in
from webinarsync import roles

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def under_the_old_key(
    simulator: SimulatorProcess, transactional_db: None, settings: Any
) -> Connection:
    settings.TOKEN_KEYS = [OLD]
    return connect(simulator.ready["refresh_token"])


def stored() -> tuple[str, ...]:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT access_token, refresh_token FROM {Connection._meta.db_table}")
        row: tuple[str, ...] = cursor.fetchone()
    return row


def test_afterwards_the_old_key_is_not_needed(
    under_the_old_key: Connection, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.TOKEN_KEYS = [NEW, OLD]
    call_command("rotate_token_keys")
    assert "2 secrets encrypted" in capsys.readouterr().out
    settings.TOKEN_KEYS = [NEW]
    again = Connection.objects.get()
    assert again.refresh_token == under_the_old_key.refresh_token
    assert again.access_token == under_the_old_key.access_token
    call_command("rotate_token_keys")
    assert "already" in capsys.readouterr().out


def test_an_installation_that_began_without_keys_can_set_them(
    simulator: SimulatorProcess, transactional_db: None, settings: Any
) -> None:
    settings.TOKEN_KEYS = []
    before = connect(simulator.ready["refresh_token"])
    settings.TOKEN_KEYS = [NEW]
    call_command("rotate_token_keys")
    settings.SECRET_KEY = "another-that-opens-nothing-of-what-was-written-before"
    assert Connection.objects.get().refresh_token == before.refresh_token


def test_with_a_key_missing_nothing_is_changed_and_it_explains_what_to_do(
    under_the_old_key: Connection, settings: Any
) -> None:
    before = stored()
    settings.TOKEN_KEYS = [NEW]
    with pytest.raises(CommandError, match="TOKEN_KEYS"):
        call_command("rotate_token_keys")
    assert stored() == before
    sealed = Connection.objects.get()
    with pytest.raises(UnreadableSecret, match="Put the old key back"):
        tokens.ConnectionTokens(sealed.pk).access_token()
    # Written back unchanged: with the old key it is valid again.
    sealed.save()
    settings.TOKEN_KEYS = [NEW, OLD]
    assert Connection.objects.get().refresh_token == under_the_old_key.refresh_token


def test_keys_are_changed_while_tokens_are_refreshed(
    under_the_old_key: Connection, settings: Any
) -> None:
    settings.TOKEN_KEYS = [NEW, OLD]
    stop, failed = threading.Event(), []

    def refresh() -> None:
        mine = tokens.ConnectionTokens(under_the_old_key.pk)
        try:
            while not stop.is_set():
                mine._renewed_at = float("-inf")
                mine.refreshed(mine.access_token())
        except Exception as error:
            failed.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        call_command("rotate_token_keys", verbosity=0)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failed
    settings.TOKEN_KEYS = [NEW]
    again = Connection.objects.get()
    assert again.refresh_token == under_the_old_key.refresh_token
    assert tokens.ConnectionTokens(again.pk).access_token() == again.access_token


def test_a_fixture_and_a_repr_hold_no_secret(under_the_old_key: Connection) -> None:
    shown = serialize("json", Connection.objects.all()) + repr(under_the_old_key)
    assert under_the_old_key.refresh_token not in shown
    assert under_the_old_key.access_token not in shown
    assert not set(stored()) & set(shown.split('"'))


def test_without_the_keys_pages_open_and_connecting_again_repairs_it(
    under_the_old_key: Connection, simulator: SimulatorProcess, settings: Any
) -> None:
    settings.TOKEN_KEYS = [NEW]
    settings.SECRET_KEY = "lost-too-" * 9
    operator = signed_in(roles.OPERATORS)
    for address in (
        "/connections/",
        "/admin/platforms/connection/",
        f"/connections/{under_the_old_key.pk}/",
    ):
        assert operator.get(address).status_code == 200
    tested = operator.post(f"/connections/{under_the_old_key.pk}/test/", follow=True)
    assert "Put the old key back" in tested.content.decode()
    assert connect(simulator.ready["refresh_token"]).pk == under_the_old_key.pk
    assert (
        "Connection works"
        in operator.post(f"/connections/{under_the_old_key.pk}/test/", follow=True).content.decode()
    )
