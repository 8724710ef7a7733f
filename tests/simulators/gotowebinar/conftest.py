"""One simulator for most tests here; a test that makes changes uses its own webinar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.gotowebinar.process import SimulatorProcess

from .client import Client


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture
def client(simulator: SimulatorProcess) -> Iterator[Client]:
    client = Client(simulator)
    yield client
    simulator.control("POST", "fail/clear")
    client.http.close()
