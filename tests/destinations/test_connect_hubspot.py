"""manage.py connect_hubspot: the source of the token, the output, and when it fails."""

import io
import json
import sys
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess

pytestmark = pytest.mark.django_db


def run(monkeypatch: pytest.MonkeyPatch, typed: str = "", **options: Any) -> str:
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    call_command("connect_hubspot", stdout=output, **options)
    return output.getvalue()


def test_from_standard_input(hubspot: HubSpotProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    token = str(hubspot.ready["access_token"])
    output = run(monkeypatch, f"{token}\n", token_stdin=True)
    assert output.startswith(f"Connected HubSpot {hubspot.ready['portal_id']}")
    assert token not in output
    assert Portal.objects.get().access_token == token


def test_from_the_environment_as_json(
    hubspot: HubSpotProcess,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    settings.HUBSPOT_ACCESS_TOKEN = str(hubspot.ready["access_token"])
    hubspot.control("POST", "scopes", {"missing": ["forms"]})
    data = json.loads(run(monkeypatch, json=True))
    assert data["portal"] == str(hubspot.ready["portal_id"])
    assert data["state"] == "connected"
    assert data["checks"]["contacts"] == {"works": True, "problem": None, "words": None}
    assert data["checks"]["forms"]["works"] is False
    assert "forms" in data["checks"]["forms"]["problem"]
    assert data["mapping_problems"] == []


def test_standard_input_wins_over_the_environment(
    hubspot: HubSpotProcess,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    settings.HUBSPOT_ACCESS_TOKEN = "pat-of-yesterday"
    run(monkeypatch, str(hubspot.ready["access_token"]), token_stdin=True)
    assert Portal.objects.get().access_token == hubspot.ready["access_token"]


def test_a_refusal_is_a_plain_sentence(
    hubspot: HubSpotProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as error:
        run(monkeypatch, "pat-nobody\n")
    assert str(error.value).startswith("Not connected. HubSpot does not recognise this")
    assert "pat-nobody" not in str(error.value)
    assert error.value.returncode == 1
    assert not Portal.objects.exists()


def test_another_portals_token(hubspot: HubSpotProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    Portal.objects.create(portal_id="1", access_token="x")
    with pytest.raises(CommandError, match="Disconnect that one first"):
        run(monkeypatch, str(hubspot.ready["access_token"]))


def test_without_a_token_it_shows_where_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="HUBSPOT_ACCESS_TOKEN"):
        run(monkeypatch)


def test_a_wrong_host(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.HUBSPOT_API_URL = "hubapi.com"
    with pytest.raises(CommandError, match="HUBSPOT_API_URL"):
        run(monkeypatch, "pat-x")
