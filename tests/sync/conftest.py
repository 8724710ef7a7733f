"""A GoToWebinar over real HTTP, and a connection to it."""

from collections.abc import Callable
from typing import Any

import pytest

from webinars.models import Connection, SyncRun, Webinar
from webinars.simulator.process import SimulatorProcess
from webinars.sync import runs
from webinars.sync.connect import connect


@pytest.fixture
def simulator(simulator_process: SimulatorProcess, settings: Any) -> SimulatorProcess:
    """A simulator as good as new, which a test may break."""
    simulator_process.reset()
    ready = simulator_process.ready
    settings.GOTO_API_URL = ready["api_url"]
    settings.GOTO_AUTH_URL = ready["auth_url"]
    settings.GOTO_CLIENT_ID = ready["client_id"]
    settings.GOTO_CLIENT_SECRET = ready["client_secret"]
    return simulator_process


@pytest.fixture
def connection(simulator: SimulatorProcess, transactional_db: None) -> Connection:
    connection = connect(simulator.ready["refresh_token"])
    runs.sync_list(connection, trigger=SyncRun.Trigger.COMMAND)
    return connection


@pytest.fixture
def webinar(connection: Connection, simulator: SimulatorProcess) -> Callable[[str], Webinar]:
    """Return the webinar that the simulator calls `label`."""
    keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}

    def by_label(label: str) -> Webinar:
        return Webinar.objects.select_related("connection").get(key=keys[label])

    return by_label


def level(webinar: Webinar) -> SyncRun:
    """Bring `webinar` level, as a command does."""
    return runs.sync_webinar(webinar, trigger=SyncRun.Trigger.COMMAND)
