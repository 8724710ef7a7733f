"""manage.py doctor finds problems and explains what to do."""

import datetime as dt
import io
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import Schedule

from core import outbox
from core.models import OutboxEvent
from core.outbox import Event, Reader
from core.outbox_delivery import DeliveryFailed, deliver
from core.private_files import open_to_others
from platforms.models import Connection, WebhookSetup
from simulators.gotowebinar.process import SimulatorProcess
from tests.core.outbox_readers import RecordingReader, registered
from tests.factories import WebhookSetupFactory, connection_in
from tests.fixtures.http_receiver import listening
from tests.fixtures.world import World
from tests.operations.test_health import make_late

Found = dict[str, dict[str, str]]


def doctor(*words: str) -> tuple[int, Found]:
    """Return its exit code, and its findings by subject."""
    out, code = io.StringIO(), 0
    try:
        call_command("doctor", "--json", *words, stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    return code, {item["about"]: item for item in json.loads(out.getvalue())}


@pytest.fixture
def well(installed: World, settings: Any) -> World:
    settings.DEBUG, settings.PUBLIC_URL, settings.MAIL_READY = True, "", False
    if connection.vendor == "sqlite":
        for path, mode in open_to_others(database_name()):
            path.chmod(int(mode, 8))
    return installed


def database_name() -> str:
    return str(connection.settings_dict["NAME"])


def test_a_healthy_installation(well: World, settings: Any) -> None:
    settings.MAIL_READY = True
    code, found = doctor("--offline")
    assert code == 0
    assert {item["tone"] for item in found.values()} == {"ok"}
    assert {"settings", "database", "worker", "pusher", "sync", "mail"} <= found.keys()


def test_a_database_that_others_may_read_is_reported(well: World) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its files itself")
    file = Path(database_name())
    file.chmod(0o644)
    code, found = doctor("--offline")
    file.chmod(0o600)
    assert code == 0
    assert found["files"]["tone"] == "warning"
    assert found["files"]["todo"] == f"Run: chmod 600 {file}"


def test_it_is_readable_without_json(well: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor", "--offline")
    output = capsys.readouterr().out
    assert "ok     database: " in output
    assert "look   mail: No mail server" in output and "→ Set EMAIL_URL" in output


@pytest.mark.parametrize(
    ("what", "about", "todo"),
    [("jobs", "worker", "qcluster"), ("pushes", "pusher", "push"), ("sync", "sync", "sync runs")],
)
def test_what_is_late(well: World, what: str, about: str, todo: str) -> None:
    make_late(well, what)
    code, found = doctor("--offline")
    assert (code, found[about]["tone"]) == (1, "error")
    assert todo in found[about]["todo"]


def test_jobs_that_are_missing(well: World) -> None:
    Schedule.objects.filter(name="Continue imports").delete()
    assert "install_schedules" in doctor("--offline")[1]["jobs"]["todo"]


def test_settings_that_are_wrong(well: World, settings: Any) -> None:
    settings.TOKEN_KEYS = ["no-key"]
    code, found = doctor("--offline")
    assert code == 1 and "webinarsync.E001" in found["settings"]["message"]


def test_connections(well: World, settings: Any) -> None:
    connection = well.webinar.connection
    about = f"connection {connection}"
    Connection.objects.update(
        **connection_in("sign_in_needed", platform_message="Invalid refresh token")
    )
    code, found = doctor("--offline")
    assert code == 1 and "Invalid refresh token" in found[about]["message"]
    Connection.objects.update(**connection_in("connected"))
    settings.SECRET_KEY = "another " * 8
    assert "cannot be decrypted" in doctor("--offline")[1][about]["message"]
    Connection.objects.all().update(**connection_in("disconnected"))


def test_webhooks(well: World, settings: Any) -> None:
    settings.PUBLIC_URL = "https://webinars.example.com"
    assert "up to 15 minutes" in doctor("--offline")[1]["webhooks"]["message"]
    setup = WebhookSetupFactory.create(
        connection=well.webinar.connection, forged=2, last_event_at=timezone.now()
    )
    about = f"webhooks of {setup}"
    assert "GOTO_WEBHOOK_SIGNATURE" in doctor("--offline")[1][about]["todo"]
    WebhookSetup.objects.update(verified=1)
    assert doctor("--offline")[1][about]["tone"] == "ok"


@pytest.fixture
def goto(settings: Any) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(webinars=1, registrants=1) as process:
        settings.GOTO_AUTH_URL = process.ready["auth_url"]
        yield process


def test_the_clock_is_compared_with_gotos(
    well: World, goto: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor()[1]["clock"]["tone"] == "ok"
    later = timezone.now() + dt.timedelta(minutes=5)
    monkeypatch.setattr("operations.doctor.timezone.now", lambda: later)
    code, found = doctor()
    assert code == 1 and found["clock"]["todo"] == "Let the machine keep time by NTP."


def test_the_clock_is_compared_without_a_password_from_netrc(
    well: World, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str | None] = []

    class Recording(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            sent.append(self.headers["Authorization"])
            self.send_response(200)
            self.end_headers()

    (tmp_path / "netrc").write_text("default login someone password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with listening(Recording) as url:
        settings.GOTO_AUTH_URL = url
        assert doctor()[1]["clock"]["tone"] == "ok"
    assert sent == [None]


def test_goto_that_cannot_be_asked(
    well: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise requests.ConnectionError("no way")

    monkeypatch.setattr("operations.doctor.requests.head", away)
    assert "GOTO_AUTH_URL" in doctor()[1]["GoTo"]["todo"]


def test_a_redis_that_answers_or_does_not(well: World, settings: Any, redis_url: str) -> None:
    """Two settings with the same value are one finding; a password is not shown."""
    settings.BROKER_URL = settings.CALL_BUDGET_URL = redis_url
    code, found = doctor("--offline")
    about = redis_url.replace("redis://", "Redis ")
    assert (code, found[about]["tone"]) == (0, "ok")

    settings.BROKER_URL = "redis://:secret@127.0.0.1:9/0"
    code, found = doctor("--offline")
    assert (code, found["Redis 127.0.0.1:9/0"]["tone"]) == (1, "error")
    assert "secret" not in json.dumps(found)


def test_events_that_wait_for_a_reader_for_long_are_named_with_the_last_error(well: World) -> None:
    def fails(event: Event) -> None:
        raise DeliveryFailed("missing-scope")

    with registered(Reader("crm", frozenset({"happened"}), RecordingReader(fails))):
        outbox.write("happened", 1, {})
        deliver("crm")
        assert "outbox crm" not in doctor("--offline")[1]
        OutboxEvent.objects.update(created_at=timezone.now() - dt.timedelta(minutes=16))
        finding = doctor("--offline")[1]["outbox crm"]
    assert "1 events wait, the oldest for 16 minutes." in finding["message"]
    assert "missing-scope" in finding["message"]
