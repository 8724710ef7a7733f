"""Starting and stopping, by the module and by the management command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from simulators.hubspot.__main__ import main
from simulators.hubspot.options import Options
from simulators.hubspot.process import HubSpotProcess, SimulatorError
from simulators.process import ROOT

from .client import CONTACTS, LISTS, NOTES, Client
from .test_notes_and_lists import note

READY = ["ready", "api_url", "access_token", "portal_id", "control_url"]


def people(hubspot: HubSpotProcess) -> list[tuple[Any, ...]]:
    return [
        (each["id"], each["properties"], each["additional_emails"])
        for each in hubspot.truth()["contacts"]
    ]


def test_one_ready_line_the_same_people_for_the_same_seed_and_a_clean_end_on_sigterm(
    client: Client,
) -> None:
    hubspot = HubSpotProcess(contacts=30, seed=5).start()
    assert list(hubspot.ready) == READY
    assert hubspot.ready["ready"] is True
    headers = {"Authorization": f"Bearer {hubspot.ready['access_token']}"}
    session = requests.Session()  # its connection stays open while the simulator stops
    answer = session.get(f"{hubspot.api_url}{CONTACTS}?limit=100", headers=headers, timeout=30)
    assert len(answer.json()["results"]) == 30
    client.hubspot.reset(contacts=30, seed=5)
    assert people(client.hubspot) == people(hubspot)
    for name in ("access_token", "portal_id"):
        assert client.hubspot.ready[name] == hubspot.ready[name]
    process = hubspot.process
    assert process is not None
    assert process.stdout is not None
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == ""
    assert process.wait(20) == 0
    session.close()
    hubspot.stop()


def test_state_is_stored_between_runs(tmp_path: Path) -> None:
    options: dict[str, Any] = {"contacts": 5, "state": str(tmp_path / "kept" / "portal.json")}
    with HubSpotProcess(**options) as hubspot:
        client = Client(hubspot)
        contact = client.contact("a@person.example", city="Ulm")
        client.control("contact", email="a@person.example", properties={"city": "Bonn"})
        event = client.event("w1")
        assert client.attend(event, "register", contact).ok
        client.good("POST", NOTES, json=note(contact))
        made = client.good("POST", LISTS, json={
            "name": "Attended", "objectTypeId": "0-1", "processingType": "MANUAL",
        })  # fmt: skip
        client.good("PUT", f"{LISTS}/{made['list']['listId']}/memberships/add", json=[contact])
        client.contact("gone@person.example")
        client.control("erase", email="gone@person.example")
        truth = hubspot.truth()
    with HubSpotProcess(**options) as again:
        assert again.truth() == truth
        client = Client(again)
        assert client.good("GET", f"{CONTACTS}/{contact}?properties=city")["properties"][
            "city"
        ] == ("Bonn")
        # The same request again changes nothing, and a new contact has its own id.
        assert client.attend(event, "register", contact).ok
        assert again.truth()["participations"] == truth["participations"]
        assert client.contact("b@person.example") not in [row["id"] for row in truth["contacts"]]


@pytest.mark.parametrize(
    "option", ["--contacts=-1", "--port=-1", "--latency-ms=nan", "--seed=x", "--region=mars"]
)
def test_wrong_options_are_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([option])
    assert ended.value.code == 2
    assert option.split("=")[0] in capsys.readouterr().err


def test_a_simulator_that_cannot_start_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SimulatorError, match="code 2"):
        HubSpotProcess(contacts=-1).start()
    assert "--contacts" in capfd.readouterr().err


def test_options_become_a_command_line() -> None:
    assert Options().arguments() == []
    options = Options(port=0, contacts=5, seed=2, rate_limit=10, latency_ms=1.5)
    assert options.arguments() == [
        "--port", "0", "--contacts", "5", "--seed", "2", "--rate-limit", "10",
        "--latency-ms", "1.5",
    ]  # fmt: skip


def test_the_management_command_takes_the_same_options() -> None:
    command = [
        sys.executable, "manage.py", "hubspot_simulator", "--port", "0", "--contacts", "5",
        "--seed", "2", "--rate-limit", "100", "--latency-ms", "0",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert list(ready) == READY
        process.terminate()
        assert process.wait(20) == 0
