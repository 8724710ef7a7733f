"""One portal for the tests of a process, reset before each; no test waits for its clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.hubspot.process import HubSpotProcess

from .client import Client


@pytest.fixture(scope="session")
def hubspot_process() -> Iterator[HubSpotProcess]:
    with HubSpotProcess(contacts=3, seed=7) as process:
        yield process


@pytest.fixture
def client(hubspot_process: HubSpotProcess) -> Iterator[Client]:
    hubspot_process.reset()
    client = Client(hubspot_process)
    yield client
    client.http.close()
