"""What handing over to HubSpot costs: calls, seconds, memory, and how soon it is there.

Run in a process per database (`benchmarks.__main__`), with a simulated HubSpot. Calls are compared
with the fewest that HubSpot's contract allows (`hubspot_people.Crowd.fewest`), and the pace at the
portal's limit with the same people handed over one by one (`hubspot_one_by_one`).
"""

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.db import transaction  # noqa: E402

from benchmarks.hubspot_forms import form_latency  # noqa: E402
from benchmarks.hubspot_one_by_one import hand_over_singly  # noqa: E402
from benchmarks.hubspot_people import Crowd, fill  # noqa: E402
from destinations.hubspot import access  # noqa: E402
from destinations.hubspot.client import Client  # noqa: E402
from destinations.hubspot.switch import handover_of, switch_off, switch_on  # noqa: E402
from destinations.models import Portal, WebinarHandover  # noqa: E402
from simulators.hubspot.process import HubSpotProcess  # noqa: E402
from tests.factories import RegistrationFactory, WebinarFactory  # noqa: E402
from webinars.models import Registration  # noqa: E402
from webinars.registration_events import registrations_changed  # noqa: E402

# Calls in ten seconds: of the smallest portal, and so many that no one waits.
LIMIT, NO_LIMIT = 100, 10_000_000
AT_LIMIT, SINGLY = 5000, 150
# For the latency: so many registrations, one every so often (seconds); how long one is waited for.
REGISTRATIONS, EVERY, PATIENCE = 50, 1.0, 60.0
# Of a HubSpot form.
SUBMISSIONS = 20


def main(*sizes: int, registrations: int = REGISTRATIONS) -> dict[str, Any]:
    """Measure on the database of DATABASE_URL, with webinars of so many people."""
    with HubSpotProcess(contacts=0, seed=1, rate_limit=NO_LIMIT) as hubspot:
        settings.HUBSPOT_API_URL = os.environ["HUBSPOT_API_URL"] = hubspot.api_url
        call_command("migrate", verbosity=0)
        portal = access.connect(str(hubspot.ready["access_token"]))
        return {
            "database": database.vendor,
            "sizes": [whole(hubspot, portal, Crowd(size)) for size in sizes],
            "at_limit": at_limit(hubspot, portal),
            "latency": latency(hubspot, portal, registrations),
            "forms": form_latency(hubspot, portal, SUBMISSIONS),
        }


def whole(
    hubspot: HubSpotProcess, portal: Portal, crowd: Crowd, limit: int = NO_LIMIT
) -> dict[str, Any]:
    """Have a process of its own hand over a webinar; gives its calls, seconds and peak memory."""
    row = _filled(hubspot, portal, crowd, f"whole{limit}-{crowd.people}-", limit)
    before = _histories(hubspot)
    command = [sys.executable, "-m", "benchmarks.hubspot_job", str(row.pk)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    took = json.loads(done.stdout.splitlines()[-1])
    switch_off(row)
    made = hubspot.calls()
    assert took["left"] == 0
    return {
        "people": crowd.people,
        "participations": crowd.participations,
        **took,
        "per_second": crowd.people / took["seconds"],
        **_results(hubspot, crowd, before),
        "calls": len(made),
        "fewest": sum(crowd.fewest.values()),
        "ratio": len(made) / sum(crowd.fewest.values()),
    }


def _filled(
    hubspot: HubSpotProcess, portal: Portal, crowd: Crowd, prefix: str, limit: int
) -> WebinarHandover:
    """Fill an empty portal; from now on it takes `limit` calls in ten seconds, and counts them."""
    hubspot.reset()
    row = fill(portal, Client(hubspot.api_url, portal_token(hubspot)), crowd, prefix)
    Portal.objects.update(calls_per_10_s=limit, blocked_until=None)
    hubspot.control("POST", "rate-limit", {"limit": limit, "daily": 0})
    hubspot.control("POST", "calls/reset")
    return row


def portal_token(hubspot: HubSpotProcess) -> str:
    return str(hubspot.ready["access_token"])


def _histories(hubspot: HubSpotProcess) -> dict[str, Any]:
    return {row["id"]: row["history"] for row in hubspot.truth()["contacts"]}


def _results(hubspot: HubSpotProcess, crowd: Crowd, before: dict[str, Any]) -> dict[str, int]:
    """Return how many existing contacts were changed, and see that everything is there once."""
    truth = hubspot.truth()
    after = {row["id"]: row["history"] for row in truth["contacts"]}
    assert len(after) == crowd.people
    assert len(truth["participations"]) == crowd.participations
    refused = sum(call["status"] == 429 for call in hubspot.calls())
    changed = sum(after[key] != history for key, history in before.items())
    return {"too_fast": refused, "changed": changed}


def at_limit(hubspot: HubSpotProcess, portal: Portal) -> dict[str, Any]:
    """Return the pace of both ways at what a portal takes: 100 calls in ten seconds."""
    ours = whole(hubspot, portal, Crowd(AT_LIMIT), LIMIT)
    crowd = Crowd(SINGLY)
    row = _filled(hubspot, portal, crowd, "singly", LIMIT)
    before = _histories(hubspot)
    began = time.perf_counter()
    hand_over_singly(hubspot.api_url, portal_token(hubspot), row.webinar)
    seconds = time.perf_counter() - began
    switch_off(row)
    calls = len([call for call in hubspot.calls() if call["status"] != 429])
    singly = {
        "people": crowd.people,
        "seconds": seconds,
        "per_second": crowd.people / seconds,
        "calls": calls,
        "fewest": sum(crowd.fewest.values()),
        "ratio": calls / sum(crowd.fewest.values()),
        **_results(hubspot, crowd, before),
    }
    return {"ours": ours, "singly": singly}


# -- how soon --------------------------------------------------------------------------------------


def latency(hubspot: HubSpotProcess, portal: Portal, registrations: int) -> dict[str, Any]:
    """Return how long a registration takes to be a participation in HubSpot, with a real worker and
    nothing else to do; gives seconds."""
    hubspot.reset()
    hubspot.control("POST", "rate-limit", {"limit": LIMIT})
    webinar = WebinarFactory.create()
    switch_on(handover_of(portal, webinar))
    worker = subprocess.Popen([sys.executable, "manage.py", "qcluster"])
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
    shares = statistics.quantiles(took, n=100, method="inclusive")
    return {"registrations": registrations, **{f"p{n}": shares[n - 1] for n in (50, 95, 99)}}


def _register(webinar: Any, number: int) -> str:
    """Register one more person as the sync does, and return their address."""
    email = f"soon{number}@example.com"
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
