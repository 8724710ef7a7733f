"""Starting, stopping, and storing the account between runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.gotowebinar.options import Options
from simulators.gotowebinar.process import ROOT, SimulatorError, SimulatorProcess

from .client import Client

READY = {
    "ready", "api_url", "auth_url", "client_id", "client_secret", "refresh_token",
    "organizer_key", "account_key", "control_url",
}  # fmt: skip
SMALL = {"webinars": 2, "registrants": 5}


def test_one_ready_line_and_a_clean_end_on_sigterm() -> None:
    simulator = SimulatorProcess(**SMALL).start()
    assert simulator.ready.keys() == READY
    assert simulator.ready["ready"] is True
    client = Client(simulator)  # its connection stays open while the simulator stops
    client.call("GET", "/nothing")
    process = simulator.process
    assert process is not None
    assert process.stdout is not None
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == ""
    assert process.wait(20) == 0
    assert simulator.stop() == 0


def test_ctrl_c_is_a_clean_end_too() -> None:
    simulator = SimulatorProcess(**SMALL).start()
    assert simulator.process is not None
    simulator.process.send_signal(signal.SIGINT)
    assert simulator.process.wait(20) == 0
    simulator.stop()


def test_it_stops_although_a_response_is_delayed() -> None:
    with SimulatorProcess(**SMALL) as simulator:
        simulator.control("POST", "fail", {"kind": "timeout", "seconds": 600})
        address = simulator.api_url.removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1]))) as waiting:
            waiting.sendall(b"GET /G2W/rest/v2/ HTTP/1.1\r\nHost: x\r\n\r\n")
            assert any(simulator.calls()["total"] for _ in range(1000))
            assert simulator.stop() == 0


def test_the_same_seed_and_time_give_the_same_answers() -> None:
    options = {**SMALL, "seed": 5, "now": "2026-03-01T12:00:00Z"}
    answers = []
    for _ in range(2):
        with SimulatorProcess(**options) as simulator:
            client = Client(simulator)
            webinar = client.webinar("big")
            answers.append([simulator.webinars(), client.get(f"{webinar}/registrants")])
    assert answers[0] == answers[1]


def test_the_account_is_stored_in_the_state_file(tmp_path: Path) -> None:
    state = tmp_path / "kept" / "goto.json"
    with SimulatorProcess(**SMALL, state=str(state)) as simulator:
        client = Client(simulator)
        made = client.register(client.webinar("big"), "kept@person.example").json()
        organizer = simulator.ready["organizer_key"]
    with SimulatorProcess(seed=99, state=str(state)) as simulator:
        client = Client(simulator)
        assert simulator.ready["organizer_key"] == organizer
        webinar = client.webinar("big")
        person = client.get(f"{webinar}/registrants/{made['registrantKey']}")
        assert person["email"] == "kept@person.example"
        again = client.register(webinar, "new@person.example").json()["registrantKey"]
        assert again != made["registrantKey"]


@pytest.mark.parametrize(
    "option", ["--registrants=100001", "--port=-1", "--now=noon", "--latency-ms=nan", "--seed=x"]
)
def test_wrong_options_are_refused(option: str) -> None:
    command = [sys.executable, "-m", "simulators.gotowebinar", option]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert ended.returncode == 2
    assert option.split("=")[0] in ended.stderr


def test_a_simulator_that_cannot_start_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SimulatorError, match="code 2"):
        SimulatorProcess(registrants=100_001).start()
    assert "100000" in capfd.readouterr().err


def test_options_become_a_command_line() -> None:
    assert Options().arguments() == []
    assert Options(port=0, live=True).arguments() == ["--port", "0", "--live"]


def test_the_management_command_takes_the_same_options() -> None:
    command = [sys.executable, "manage.py", "simulator", "--port", "0", "--webinars", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        assert '"ready": true' in process.stdout.readline()
        process.terminate()
        assert process.wait(20) == 0
