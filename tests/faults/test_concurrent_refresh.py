"""The access token has expired, and a web process, a worker and a pusher need another at once."""

import datetime as dt
import threading

import requests
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.utils import timezone

from platforms.models import Connection
from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from sync.models import Reconciliation, SyncRun
from tests.faults.conftest import HERE, key_of, registrations, until
from tests.faults.crowd import Crowd
from tests.installation import Installation
from webinars.models import Registration, Webinar


def signed_in(installation: Installation) -> requests.Session:
    """Return a client signed in as a superuser."""
    User.objects.using(HERE).create(
        username="olga",
        password=PBKDF2PasswordHasher().encode("a-Passw0rd", "salt"),
        is_staff=True,
        is_superuser=True,
    )
    browser = requests.Session()
    # The server closes a connection that has been idle for two seconds, possibly just when it is
    # used again: a browser retries then, and this client opens a new one each time.
    browser.headers["Connection"] = "close"
    login = f"{installation.url}/admin/login/"
    browser.get(login)
    filled = {"username": "olga", "password": "a-Passw0rd", "next": "/connections/"}
    answer = browser.post(
        login, filled | {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}, timeout=30
    )
    assert answer.url.endswith("/connections/")
    return browser


def press(browser: requests.Session, address: str, *, follow: bool = True) -> requests.Response:
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(address, token, timeout=60, allow_redirects=follow)


def test_one_refresh_reaches_goto_and_all_continue(
    simulator: SimulatorProcess, installation: Installation
) -> None:
    webinar = Webinar.objects.using(HERE).get(key=key_of(simulator))
    runs = SyncRun.objects.using(HERE).filter(webinar=webinar, trigger="manual")
    browser = signed_in(installation)
    compared = Reconciliation.objects.using(HERE).filter(state="done")
    connections = Connection.objects.using(HERE)
    simulator.control("POST", "latency", {"ms": 300})
    for number in range(3):
        person, begun = f"waits{number}@example.com", timezone.now()
        simulator.control("POST", "expire-tokens")
        connections.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        simulator.reset_calls()
        form = f"{installation.url}{form_path(webinar)}"
        crowd = Crowd(form, [person], threads=1, per_second=1)
        queue = threading.Thread(
            target=press, args=(browser, f"{installation.url}/webinars/{webinar.pk}/sync/")
        )
        queue.start()
        tested = press(browser, f"{installation.url}/connections/{connections.get().pk}/test/")
        queue.join()
        crowd.wait()
        there = registrations(webinar).filter(
            contact__email=person, state=Registration.State.REGISTERED
        )
        until(there.exists)
        until(lambda number=number: runs.filter(state="done").count() > number)  # type: ignore[misc]
        # The reconciliation after a sync would still use the token that is revoked next.
        until(compared.filter(requested_at__gte=begun).exists)
        assert "Connection works" in tested.text
        assert simulator.calls()["by_path"]["POST /oauth/token"] == 1
        assert simulator.calls()["by_status"].get("403", 0) == 0
