"""A simulated GoToWebinar, connected to the database of a benchmark: in this process, or with the
processes of an installation."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from platforms.connect import connect
from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs
from sync.models import SyncRun
from tests.installation import Installation

# GoTo's response time and its limit of calls a second, for the processes of an installation.
LATENCY_MS = 150
CALLS = 10


@contextmanager
def connected(registrants: int) -> Iterator[tuple[SimulatorProcess, Connection]]:
    """Run a simulator without a rate limit, migrate, connect and read the list of webinars."""
    with SimulatorProcess(registrants=registrants) as simulator:
        settings.GOTO_API_URL = settings.GOTO_AUTH_URL = simulator.api_url
        settings.GOTO_CLIENT_ID = simulator.ready["client_id"]
        settings.GOTO_CLIENT_SECRET = simulator.ready["client_secret"]
        settings.GOTO_CALLS_PER_SECOND = 0
        call_command("migrate", verbosity=0)
        organizer = connect(simulator.ready["refresh_token"])
        runs.sync_list(organizer, trigger=SyncRun.Trigger.COMMAND)
        yield simulator, organizer


@contextmanager
def installed(registrants: int) -> Iterator[tuple[SimulatorProcess, Installation]]:
    """Run a simulator as slow as GoTo, and an installation that is connected to it; its processes
    are started by the caller."""
    with (
        tempfile.TemporaryDirectory() as name,
        SimulatorProcess(
            registrants=registrants, rate_limit=CALLS, latency_ms=LATENCY_MS
        ) as simulator,
        Installation(
            os.environ["DATABASE_URL"],
            simulator,
            Path(name),
            procfile="Procfile.demo",
            GOTO_CALLS_PER_SECOND=str(CALLS),
        ) as installation,
    ):
        keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
        installation.prepare(keys["upcoming"])
        yield simulator, installation
