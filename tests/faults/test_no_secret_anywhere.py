"""After a whole run, no secret is in any row, log line, page or fixture."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests
from django.db import connections

from platforms.models import Connection, WebhookSetup
from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from tests.faults.conftest import HERE, key_of, registrations, until
from tests.faults.crowd import Crowd
from tests.faults.test_concurrent_refresh import press, signed_in
from tests.installation import Installation
from webinars.models import Registration, Webinar

NUMBER = re.compile(r"\d+|[\w-]{30,}")
LINK = re.compile(r"""(?:href|action|src|hx-get)=["'](/[^"'#]*)""")
LEAVES = ("/admin/logout/", "/static/", "/admin/jsi18n/")


@pytest.fixture
def environment() -> dict[str, str]:
    """The most verbose logging of a process."""
    return {"LOG_LEVEL": "DEBUG"}


def test_no_secret_is_in_any_row_log_line_page_or_fixture(
    simulator: SimulatorProcess, installation: Installation
) -> None:
    browser = signed_in(installation)
    run_scenario(simulator, installation, browser)
    secrets = [
        simulator.ready["client_secret"],
        simulator.ready["refresh_token"],
        installation.env["SECRET_KEY"],
        *simulator.control("GET", "secrets"),
    ]
    assert len(secrets) > 8
    installation.manage("dumpdata", "-o", str(installation.folder / "fixture.json"))

    found: list[str] = []
    for where, text in [*rows(), *files(installation), *pages(installation, browser)]:
        found += [f"{where}: {number}" for number, secret in enumerate(secrets) if secret in text]
    assert found == []


def run_scenario(
    simulator: SimulatorProcess, installation: Installation, browser: requests.Session
) -> None:
    """Sign in as an operator does, receive valid and forged events, be refused, and continue."""
    here, goto = installation.url, Connection.objects.using(HERE)
    webinar = Webinar.objects.using(HERE).get(key=key_of(simulator))
    asked = press(browser, f"{here}/connections/connect/", follow=False).headers["Location"]
    back = requests.post(asked, {"choice": "allow"}, allow_redirects=False, timeout=30)
    answer = browser.get(back.headers["Location"], timeout=60)
    assert "is connected" in answer.text
    address = f"{here}/connections/{goto.get().pk}"
    press(browser, f"{address}/webhooks/on/")
    setup = WebhookSetup.objects.using(HERE)
    until(lambda: setup.filter(state="on").exists())
    simulator.control("POST", "register-many", {"webinar": webinar.key, "count": 3})
    simulator.control("POST", "webhooks/flush")
    simulator.control("POST", "webhooks", {"forge": True})
    simulator.control("POST", "register-many", {"webinar": webinar.key, "count": 2})
    simulator.control("POST", "webhooks/flush")
    until(lambda: setup.filter(taken=3, forged=2).exists())
    press(browser, f"{address}/webhooks/renew/")
    simulator.control("POST", "single-use", {"on": True})
    simulator.control("POST", "expire-tokens")
    form = f"{here}{form_path(webinar)}"
    Crowd(form, [f"person{n}@example.com" for n in range(3)], threads=1, per_second=5).wait()
    waits = registrations(webinar).filter(state=Registration.State.PENDING)
    until(lambda: not waits.exists())
    simulator.control("POST", "revoke-refresh-token")
    assert "signed us out" in unescape(press(browser, f"{address}/test/").text)
    requests.get(f"{here}/connections/callback/?code=x&state=y", timeout=30)
    requests.get(f"{here}/connections/webhook/{'x' * 43}/", timeout=30)


def rows() -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    connection = connections[HERE]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                parts = [bytes(v) if isinstance(v, memoryview) else v for v in row]
                yield table, " ".join(str(part) for part in parts)


def files(installation: Installation) -> Iterator[tuple[str, str]]:
    """What the processes have written, and the fixture."""
    for path in [*installation.folder.glob("*.log"), installation.folder / "fixture.json"]:
        text = path.read_text(errors="replace")
        assert text or path.name == "manage.log"
        yield path.name, text


def pages(installation: Installation, browser: requests.Session) -> Iterator[tuple[str, str]]:
    """Every page that links lead an operator to, one of each kind."""
    waiting, seen = ["/admin/", "/admin/platforms/connection/", "/connections/1/"], set[str]()
    while waiting:
        address = waiting.pop()
        kind = NUMBER.sub("N", address.partition("?")[0])
        if kind in seen or address.startswith(LEAVES):
            continue
        seen.add(kind)
        answer = browser.get(installation.url + address, timeout=60)
        yield address, answer.text
        waiting += [unescape(link) for link in LINK.findall(answer.text)]
    assert len(seen) > 60
