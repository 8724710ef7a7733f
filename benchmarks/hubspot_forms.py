"""How soon somebody who sends a HubSpot form is registered in GoToWebinar: by a pusher that has
nothing else to do, with both systems simulated."""

import os
import statistics
import subprocess
import sys
import time
from typing import Any

from django.conf import settings

from benchmarks.simulated import connected
from destinations.hubspot.form_switch import save_mapping, switch_off, switch_on
from destinations.hubspot.forms_client import HubSpotForm
from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess
from sync.queue import PUSH_CLUSTER, queue_polling
from webinars.models import Registration, Webinar

# One is sent every so often: at any moment between two readings of the form.
EVERY, PATIENCE = 6.7, 90.0
# The sweep asks for a pusher each minute.
_ASK_EVERY = 30.0
_MAPPING = {"email": "email", "first_name": "firstname", "last_name": "lastname"}
_FORM = "Benchmark"


def form_latency(hubspot: HubSpotProcess, portal: Portal, submissions: int) -> dict[str, Any]:
    """Send so many forms; gives seconds until each was registered."""
    hubspot.reset()
    with connected(10) as (simulator, _organizer):
        keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
        webinar = Webinar.objects.get(key=keys["upcoming"])
        Webinar.objects.filter(pk=webinar.pk).update(sync_enabled=True)
        made = hubspot.control("POST", "form", {"name": _FORM})
        source = save_mapping(portal, webinar, HubSpotForm(str(made["id"]), _FORM), _MAPPING)
        switch_on(source)
        names = ("GOTO_API_URL", "GOTO_AUTH_URL", "GOTO_CLIENT_ID", "GOTO_CLIENT_SECRET")
        env = os.environ | {name: str(getattr(settings, name)) for name in names}
        env |= {"Q_CLUSTER_NAME": PUSH_CLUSTER, "GOTO_CALLS_PER_SECOND": "10"}
        worker = subprocess.Popen([sys.executable, "manage.py", "qcluster"], env=env)
        try:
            # The first one waits for the worker to start.
            _send(hubspot, submissions)
            _registered({f"form{submissions}@example.com": time.monotonic()})
            took = _send_all(hubspot, submissions)
        finally:
            switch_off(source)
            worker.terminate()
            worker.wait()
    shares = statistics.quantiles(took, n=100, method="inclusive")
    return {"submissions": submissions, **{f"p{n}": shares[n - 1] for n in (50, 95, 99)}}


def _send(hubspot: HubSpotProcess, number: int) -> str:
    email = f"form{number}@example.com"
    values = {"firstname": "Ada", "lastname": f"King {number}"}
    body = {"email": email, "form": _FORM, "contact": False, "values": values}
    hubspot.control("POST", "submit-form", body)
    return email


def _send_all(hubspot: HubSpotProcess, submissions: int) -> list[float]:
    took: list[float] = []
    waiting: dict[str, float] = {}
    began = asked = time.monotonic()
    sent = 0
    while sent < submissions or waiting:
        now = time.monotonic()
        if sent < submissions and now - began >= sent * EVERY:
            waiting[_send(hubspot, sent)] = now
            sent += 1
        if now - asked >= _ASK_EVERY:
            queue_polling()
            asked = now
        took += _arrived(waiting)
        time.sleep(0.1)
    return took


def _registered(waiting: dict[str, float]) -> None:
    while waiting:
        _arrived(waiting)
        time.sleep(0.1)


def _arrived(waiting: dict[str, float]) -> list[float]:
    """Take out of `waiting` who is registered, and return how long each took."""
    rows = Registration.objects.filter(contact__email__in=waiting).exclude(registrant_key="")
    now = time.monotonic()
    found = [now - waiting.pop(email) for email in rows.values_list("contact__email", flat=True)]
    if any(now - since > PATIENCE for since in waiting.values()):
        raise TimeoutError("A submission was not registered.")
    return found
