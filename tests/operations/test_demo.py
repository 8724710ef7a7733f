"""`make demo`: one command, the same data the next time, and nothing left behind."""

import argparse
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from operations import demo
from operations.local_processes import ROOT, free_port
from platforms.models import Connection
from simulators.gotowebinar.options import add_options

# It has its own SQLite database, regardless of the other tests' database.
pytestmark = [pytest.mark.pure, pytest.mark.slow]

PROGRAM = """
import sys; from pathlib import Path; from operations import demo
demo.HOME = Path(sys.argv[1]); demo.SETTINGS = demo.HOME / "settings.json"
demo.SIMULATOR = "--webinars 3 --registrants 12 --live --rate-limit 50"
demo.PORTAL = "--contacts 5"
sys.argv[1:2] = []
sys.exit(demo.main())
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    base = ROOT / ".local" / "tests"
    base.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=base) as folder:
        monkeypatch.setattr(demo, "HOME", Path(folder) / "demo")
        monkeypatch.setattr(demo, "SETTINGS", Path(folder) / "demo" / "settings.json")
        yield Path(folder) / "demo"


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(home), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    output = ""
    assert process.stdout is not None
    for line in process.stdout:
        output += line
        if words in line:
            return output
    raise AssertionError(f"ended with {process.wait()} after saying: {output}")


def processes_with(text: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in environment:
                found.append(command.replace(b"\0", b" ").decode())
    return found


def organizer(home: Path) -> str:
    with closing(sqlite3.connect(home / "webinarsync.sqlite3")) as database:
        [[key]] = database.execute(f"SELECT organizer_key FROM {Connection._meta.db_table}")
        return str(key)


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")
def test_starting_prints_the_address_and_leaves_nothing_running(home: Path) -> None:
    port = str(free_port())
    passwords = []
    for attempt in ("first", "second"):
        process = start(home, "--port", port)
        try:
            output = read_until(process, "make clean-demo")
            passwords.append(
                [line.split()[-1] for line in output.splitlines() if "password" in line]
            )
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
                assert page.status == 200 and "/admin/login/" in page.url
            if attempt == "first":
                assert "0 pending" in output.split("Sending the people of some webinars", 1)[1]
            else:
                # The data exists already: slow steps are not repeated.
                assert "Syncing contacts" not in output
            portal = json.loads((home / "hubspot.json").read_text())
            assert {event["external_account_id"] for event in portal["events"]} == {organizer(home)}
            attended, fair = portal["lists"]
            assert attended["members"] and portal["notes"]
            assert fair["name"] == "Spring fair" and len(fair["members"]) > 40
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=30)
        assert process.returncode == 0, rest
        assert rest.strip().endswith("`make demo` starts it again with the same data.")
        assert processes_with(str(home / "webinarsync.sqlite3")) == []
    assert passwords[0] == passwords[1] and len(passwords[0]) == 2


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")
def test_stopped_while_it_fills_itself_it_leaves_nothing_running(home: Path) -> None:
    process = start(home, "--port", str(free_port()))
    read_until(process, "Syncing contacts")
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in rest
    assert processes_with(str(home / "webinarsync.sqlite3")) == []
    assert not (home / "filled").exists()


def test_a_taken_port_is_one_clear_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(home, "--port", str(port))
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert output.startswith(f"Port {port} is in use. Take another one: make demo PORT=")
    assert len(output.splitlines()) == 1


def test_no_port_is_one_clear_sentence(home: Path) -> None:
    with pytest.raises(demo.DemoError, match="70000 is no port"):
        demo.run(70000)


def test_a_second_demo_shows_that_one_is_running(home: Path) -> None:
    with demo._lock():
        process = start(home, "--forget")
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert output == "The demo is running already. Stop it first (Ctrl-C there).\n"


def test_settings_are_made_once_for_their_owner_alone(home: Path) -> None:
    home.mkdir()
    assert demo._settings() == demo._settings()
    assert demo.SETTINGS.stat().st_mode & 0o077 == 0


def test_forgetting_takes_everything(home: Path) -> None:
    home.mkdir()
    demo._settings()
    process = start(home, "--forget")
    output, _ = process.communicate(timeout=30)
    assert (process.returncode, home.exists()) == (0, False)
    assert output.startswith("The demo's data and accounts are gone.")


def test_a_secret_may_begin_with_a_dash(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    settings = demo._settings() | {"client_secret": "-abc", "refresh_token": "--def"}
    words = demo._environment(settings, 8000)["SIMULATOR_OPTIONS"].split()
    parser = argparse.ArgumentParser()
    add_options(parser)
    parsed = parser.parse_args(words)
    assert (parsed.client_secret, parsed.refresh_token) == ("-abc", "--def")


def test_emptied_for_other_tables_it_keeps_its_accounts(home: Path) -> None:
    home.mkdir()
    settings = demo._settings()
    for name in (
        "webinarsync.sqlite3",
        "webinarsync.sqlite3-wal",
        "simulator.json",
        "hubspot.json",
        "filled",
    ):
        (home / name).write_text("old")
    demo._empty()
    assert [file.name for file in home.iterdir()] == ["settings.json"]
    assert demo._settings()["marketer"] == settings["marketer"]
    assert demo.tables() == demo.tables()


def record(home: Path, *migrations: tuple[str, str]) -> None:
    """Leave a database with these migrations, as a stopped demo does."""
    home.mkdir(exist_ok=True)
    with closing(sqlite3.connect(home / "webinarsync.sqlite3")) as connection:
        connection.execute("CREATE TABLE django_migrations (app text, name text)")
        connection.executemany("INSERT INTO django_migrations VALUES (?, ?)", migrations)
        connection.commit()


def test_a_database_of_other_tables_is_recognized_by_its_migrations(home: Path) -> None:
    assert not demo.is_outdated()
    record(home, ("auth", "0001_initial"))
    assert not demo.is_outdated()
    (home / "webinarsync.sqlite3").unlink()
    record(home, ("contacts", "0001_initial"), ("webinars", "0001_initial"))
    assert demo.is_outdated()


def test_a_database_of_these_tables_stays(home: Path) -> None:
    files = ROOT.glob("*/migrations/0*.py")
    record(home, *((file.parts[-3], file.stem) for file in files), ("auth", "0001_initial"))
    (home / "filled").write_text(demo.tables())
    assert not demo.is_outdated()


def test_an_outdated_demo_reports_it_and_is_recreated(home: Path) -> None:
    record(home, ("contacts", "0001_initial"), ("webinars", "0001_initial"))
    process = start(home, "--port", str(free_port()))
    try:
        read_until(process, "earlier version with other tables: it is made anew")
        # Its next output comes after its tables were created.
        read_until(process, "\n")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    recorded = demo._migrations_of(home / "webinarsync.sqlite3")
    assert ("platforms", "0001_initial") in recorded
