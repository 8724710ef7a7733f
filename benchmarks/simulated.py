"""An organizer's account of a simulated GoToWebinar, connected to the database of a benchmark."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command

from platforms.connect import connect
from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs
from sync.models import SyncRun


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
