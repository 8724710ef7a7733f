"""Where `connect_goto` reads the refresh token from, and who can see it."""

import io
import sys
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess

pytestmark = [pytest.mark.django_db, pytest.mark.pure]
Token = str


@pytest.fixture
def token(simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Token:
    monkeypatch.delenv("GOTO_REFRESH_TOKEN", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return str(simulator.ready["refresh_token"])


def connect(**options: Any) -> tuple[str, str]:
    output, warned = io.StringIO(), io.StringIO()
    call_command("connect_goto", stdout=output, stderr=warned, **options)
    return output.getvalue(), warned.getvalue()


def test_from_standard_input(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{token}\n"))
    output, warned = connect()
    assert output.startswith("Connected ") and warned == ""
    assert Connection.objects.count() == 1


def test_from_the_environment(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOTO_REFRESH_TOKEN", token)
    output, warned = connect()
    assert output.startswith("Connected ") and warned == ""


def test_the_option_works_and_warns_without_showing_the_token(token: Token) -> None:
    output, warned = connect(refresh_token=token)
    assert output.startswith("Connected ")
    assert "list of processes" in warned and "GOTO_REFRESH_TOKEN" in warned
    assert token not in warned


def test_without_a_token_it_shows_where_to_give_one(token: Token) -> None:
    with pytest.raises(CommandError, match="GOTO_REFRESH_TOKEN"):
        connect()
    assert not Connection.objects.exists()
