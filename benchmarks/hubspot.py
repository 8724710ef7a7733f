"""How soon a registration here is a participation in HubSpot, with a real worker and nothing else
to do: `python -m benchmarks.hubspot [REGISTRATIONS]`, on a database file of its own."""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_FOLDER = Path(tempfile.mkdtemp(prefix="bench-hubspot-"))
os.environ["DATABASE_URL"] = f"sqlite:///{_FOLDER / 'bench.sqlite3'}"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
os.environ.setdefault("SECRET_KEY", "for-a-benchmark-that-ends-soon-" * 2)
os.environ["LOG_LEVEL"] = "WARNING"

import subprocess  # noqa: E402

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from simulators.hubspot.process import HubSpotProcess  # noqa: E402

REGISTRATIONS = 40
# A person every so often (seconds), and how long one is waited for.
EVERY, PATIENCE = 1.5, 60.0


def main(registrations: int = REGISTRATIONS) -> dict[str, Any]:
    """Measure with so many registrations, one after the other; gives seconds."""
    with HubSpotProcess(contacts=50, seed=1, rate_limit=100) as hubspot:
        os.environ["HUBSPOT_API_URL"] = hubspot.api_url
        django.setup()
        call_command("migrate", "-v0")
        webinar = _prepared(str(hubspot.ready["access_token"]))
        worker = subprocess.Popen([sys.executable, "manage.py", "qcluster"], env=os.environ)
        try:
            # The first one waits for the worker to start.
            _until_there(hubspot, _register(webinar, 0))
            took = []
            for number in range(1, registrations + 1):
                began = time.monotonic()
                _until_there(hubspot, _register(webinar, number))
                took.append(time.monotonic() - began)
                time.sleep(EVERY)
        finally:
            worker.terminate()
            worker.wait()
    p95 = statistics.quantiles(took, n=20)[-1]
    return {
        "registrations": registrations,
        "median": round(statistics.median(took), 2),
        "p95": round(p95, 2),
        "worst": round(max(took), 2),
    }


def _prepared(token: str) -> Any:
    from destinations.hubspot import access
    from destinations.hubspot.switch import handover_of, switch_on
    from tests.factories import WebinarFactory

    portal = access.connect(token)
    webinar = WebinarFactory.create()
    switch_on(handover_of(portal, webinar))
    return webinar


def _register(webinar: Any, number: int) -> str:
    """Register one more person as the sync does, and return their address."""
    from tests.factories import RegistrationFactory
    from webinars.models import Registration
    from webinars.registration_events import registrations_changed

    email = f"bench{number}@example.com"
    with transaction.atomic():
        made = RegistrationFactory.create(webinar=webinar, contact__email=email)
        registrations_changed(Registration.objects.filter(pk=made.pk))
    return email


def _until_there(hubspot: HubSpotProcess, email: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if any(row["email"] == email for row in hubspot.truth()["participations"]):
            return
        time.sleep(0.05)
    raise TimeoutError("A registration did not arrive in HubSpot.")


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:]))))
