"""A full installation, killed and disturbed as a test requires."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.db import connections
from django.db.models import QuerySet

from simulators.gotowebinar.process import SimulatorProcess
from tests.faults.fault_injection import PROCESSES
from tests.installation import Installation, scratch_database
from webinars.models import Registration, Webinar

# The installation's database, for `.using(HERE)`.
HERE = "chaos"
CALLS_PER_SECOND = 40
# Seconds. Processes take long to start on a busy machine; one that hangs would never be there.
PATIENCE = 180


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(webinars=12, registrants=12) as process:
        yield process


@pytest.fixture
def latency_ms() -> int:
    """How long GoTo takes for an answer once the installation runs."""
    return 40


@pytest.fixture
def labels() -> tuple[str, ...]:
    """The webinars, by the simulator's labels, that are synced and have a form."""
    return ("upcoming",)


@pytest.fixture
def environment() -> dict[str, str]:
    """Additional environment variables of a test module's installation."""
    return {}


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with empty tables, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    with scratch_database(folder, "migrated") as url, SimulatorProcess(webinars=1) as select_nobody:
        Installation(url, select_nobody, folder).manage("migrate", "-v0")
        yield url


@pytest.fixture
def database_url(migrated_database: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a separate database with empty tables for the installation."""
    with scratch_database(tmp_path, HERE, like=migrated_database) as url:
        yield url


@pytest.fixture
def installation(
    simulator: SimulatorProcess,
    latency_ms: int,
    labels: tuple[str, ...],
    environment: dict[str, str],
    database_url: str,
    tmp_path: Path,
    django_db_blocker: Any,
) -> Iterator[Installation]:
    """All processes running, with forms; their data is read with `.using(HERE)`."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("finds processes in /proc")
    with (
        Installation(
            database_url,
            simulator,
            tmp_path,
            GOTO_CALLS_PER_SECOND=str(CALLS_PER_SECOND),
            **environment,
        ) as started,
        django_db_blocker.unblock(),
    ):
        connections.settings[HERE] = connections.settings["default"] | environ.Env.db_url_config(
            database_url
        )
        if database_url.startswith("postgres"):
            # Named so that our own connections are spared when all others are closed.
            connections.settings[HERE].setdefault("OPTIONS", {})["application_name"] = HERE
        keys = [key_of(simulator, label) for label in labels]
        started.prepare(*keys)
        simulator.reset_calls()
        simulator.control("POST", "latency", {"ms": latency_ms})
        simulator.control("POST", "rate-limit", {"per_second": CALLS_PER_SECOND + 10})
        Webinar.objects.using(HERE).filter(key__in=keys).update(form_enabled=True)
        for name in PROCESSES:
            started.start(name)
        started.wait_for_web()
        yield started
        connections[HERE].close()
        del connections[HERE], connections.settings[HERE]


def key_of(simulator: SimulatorProcess, label: str = "upcoming") -> str:
    keys = (w["webinarKey"] for w in simulator.webinars() if w["label"] == label)
    return str(next(keys))


def registrations(webinar: Webinar) -> QuerySet[Registration]:
    return Registration.objects.using(HERE).filter(webinar=webinar)


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.1)
