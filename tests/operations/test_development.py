"""`make run`, `make shell` and `make manage`: one command, an empty database, and an account."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import pytest
from django_q.models import Schedule

from contacts.models import Contact
from operations import development
from operations.local_processes import ROOT, free_port
from tests.operations.test_demo import processes_with, read_until

# It has its own SQLite database, regardless of the other tests' database.
pytestmark = [pytest.mark.pure, pytest.mark.slow]

PROGRAM = """
import sys; from pathlib import Path; from operations import development
development.HOME = Path(sys.argv.pop(1))
sys.exit(development.main())
"""


@pytest.fixture
def home() -> Iterator[Path]:
    base = ROOT / ".local" / "tests"
    base.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=base) as folder:
        yield Path(folder) / "run"


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    # As the Makefile starts it from a separate shell, without the tests' settings.
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env["DJANGO_SETTINGS_MODULE"] = "webinarsync.settings"
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home), *arguments],
        cwd=ROOT,
        env=env | {"PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", "")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def manage(home: Path, *words: str) -> tuple[int, str]:
    process = start(home, *words)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def sign_in(port: str, name: str, password: str) -> str:
    """Sign in as a browser does; return the address of the page that follows."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://localhost:{port}/admin/login/?next=/admin/"
    browser.open(address).close()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token}
    with browser.open(address, urlencode(form).encode()) as page:
        return str(page.url)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")
def test_starts_with_an_account_and_leaves_nothing_running(home: Path) -> None:
    port = str(free_port())
    for attempt in ("first", "second"):
        process = start(home, "--port", port)
        try:
            output = read_until(process, "Ctrl-C stops everything")
            account = re.search(r"sign in as  (\S+)  password  (\S+)", output)
            if attempt == "first":
                assert account
                assert sign_in(port, *account.groups()) == f"http://localhost:{port}/admin/"
            else:
                # It is created once, and another password is one command away.
                assert not account
                assert "make manage C='changepassword admin'" in output
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=60)
        assert process.returncode == 0, rest
        assert processes_with(str(home / "webinarsync.sqlite3")) == []
    with closing(sqlite3.connect(home / "webinarsync.sqlite3")) as database:
        [schedules] = database.execute(f"SELECT count(*) FROM {Schedule._meta.db_table}").fetchone()
        [contacts] = database.execute(f"SELECT count(*) FROM {Contact._meta.db_table}").fetchone()
    assert schedules > 5 and contacts == 0


def test_a_command_is_run_on_the_same_database(home: Path) -> None:
    code, output = manage(home, "shell", "-c", "print('here:', Contact.objects.count())")
    assert code == 0 and "here: 0" in output
    # Options that the server has too are the command's.
    code, output = manage(home, "runserver", "--port", "1")
    assert code == 2 and "unrecognized arguments: --port" in output
    assert (home / "webinarsync.sqlite3").exists()


def test_two_that_start_at_the_same_moment_make_the_tables_once(home: Path) -> None:
    both = [start(home, "check") for _ in range(2)]
    ends = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], ends


def test_a_rewritten_migration_is_one_clear_sentence(home: Path) -> None:
    home.mkdir()
    (home / "migrations.json").write_text('{"contacts/migrations/0001_initial.py": "other"}')
    code, output = manage(home, "check")
    assert code == 1
    assert output.startswith("contacts/migrations/0001_initial.py is another than the one")
    assert f"Delete {home.relative_to(ROOT)} and start again" in output
    assert len(output.splitlines()) == 1
    code, output = manage(home, "makemigrations", "--check", "--dry-run")
    assert code == 0 and "No changes detected" in output, "this is how they are rewritten"


def test_a_taken_port_is_one_clear_sentence(home: Path) -> None:
    with pytest.raises(development.DevelopmentError, match="70000 is no port"):
        development.run(70000)


def test_settings_come_from_the_environment_and_not_from_an_installations_file() -> None:
    own = development.environment(8000, {})
    assert own["DATABASE_URL"] == f"sqlite:///{ROOT}/.local/run/webinarsync.sqlite3"
    assert own["EMAIL_URL"] == "consolemail://"
    # Set, even if empty: the file does not count then.
    assert own["BROKER_URL"] == own["CALL_BUDGET_URL"] == ""
    environ = {"DATABASE_URL": "postgresql://localhost/mine", "GOTO_CLIENT_ID": "x"}
    chosen = development.environment(8000, environ)
    assert chosen["DATABASE_URL"] == "postgresql://localhost/mine"
    assert "GOTO_CLIENT_ID" not in chosen
