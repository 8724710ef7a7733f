"""Registrations by the form, with real processes: how soon, how many, in which order.

Run in a process per database (`benchmarks.__main__`). GoTo answers after 150 ms and accepts 10
calls a second. The floor of a registration is one bare call that creates a registrant; the floor of
a submission is the same submission to a closed form.
"""

import json
import os
import threading
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

import requests  # noqa: E402
from django.db import connection as database  # noqa: E402
from django_q.tasks import async_task  # noqa: E402

from benchmarks.form_client import Form, Watch, post_for, send  # noqa: E402
from benchmarks.simulated import installed  # noqa: E402
from contacts.models import Activity  # noqa: E402
from platforms.models import Connection  # noqa: E402
from registration_forms.models import Submission  # noqa: E402
from simulators.gotowebinar.process import SimulatorProcess  # noqa: E402
from sync.models import SyncRun  # noqa: E402
from webinars.models import Registration, Webinar  # noqa: E402

# People a second, and for how long (seconds).
STEADY = ((1, 20), (10, 20))
BURST = (100, 10)
# For how long accepted submissions are counted (seconds).
SECONDS = 10


def main() -> dict[str, Any]:
    """Measure on the database of DATABASE_URL; return seconds, counts and ratios."""
    with installed(registrants=12) as (simulator, installation):
        keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
        installation.manage("install_schedules")
        for label in ("upcoming", "empty"):
            simulator.control("POST", "set-limit", {"webinar": label, "limit": 50_000})
            Webinar.objects.filter(key=keys[label]).update(form_enabled=True)
        for process in ("web", "worker", "pusher"):
            installation.start(process)
        installation.wait_for_web()
        floor = bare_call(simulator, keys["upcoming"])
        form = Form(installation.url, Webinar.objects.get(key=keys["upcoming"]))
        steady = [arrival(form, rate, seconds, floor) for rate, seconds in STEADY]
        burst = sudden(form, simulator, Webinar.objects.get(key=keys["full"]))
        for process in ("worker", "pusher"):
            installation.kill(process)
        free = Form(installation.url, Webinar.objects.get(key=keys["empty"]))
        return {
            "database": database.vendor,
            "floor_call": floor,
            "steady": steady,
            "burst": burst,
            "taken": accepted_submissions(free),
        }


def bare_call(simulator: SimulatorProcess, key: str) -> float:
    """Return how long GoTo takes to register one person, without other requests or writes."""
    token = Connection.objects.get().access_token
    organizer = simulator.ready["organizer_key"]
    path = f"/G2W/rest/v2/organizers/{organizer}/webinars/{key}/registrants"
    times = []
    with requests.Session() as session:
        for number in range(5):
            person = {"firstName": "Bare", "lastName": "Call", "email": f"bare{number}@example.com"}
            headers = {"Authorization": f"Bearer {token}"}
            began = time.perf_counter()
            answer = session.post(simulator.api_url + path, json=person, headers=headers)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 201, answer.text
    return sorted(times)[len(times) // 2]


def arrival(
    form: Form, rate: int, seconds: int, floor: float, *, prefix: str = "steady"
) -> dict[str, Any]:
    """Return how long it takes from sending the form to being registered, at `rate` a second."""
    people = [f"{prefix}{rate}-{number}@example.com" for number in range(rate * seconds)]
    sent: dict[str, float] = {}
    watch = Watch(form.webinar, people)
    sender = threading.Thread(target=send, args=(form, people, rate, sent))
    sender.start()
    watch.until(lambda: watch.complete)
    sender.join()
    times = spread([watch.seen[person] - sent[person] for person in people])
    return {"per_second": rate, "people": len(people), **times, "ratio": times["p50"] / floor}


def spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    last = len(ordered) - 1
    return {f"p{share}": ordered[min(last, len(ordered) * share // 100)] for share in (50, 95, 99)}


def sudden(form: Form, simulator: SimulatorProcess, other: Webinar) -> dict[str, Any]:
    """Register a thousand people in ten seconds, and start a sync of `other` during their
    pushes."""
    rate, seconds = BURST
    people = [f"burst{number}@example.com" for number in range(rate * seconds)]
    sent: dict[str, float] = {}
    watch = Watch(form.webinar, people)
    simulator.reset_calls()
    began = time.perf_counter()
    sender = threading.Thread(target=send, args=(form, people, rate, sent))
    sender.start()
    watch.until(lambda: len(watch.seen) >= len(people) // 3)
    Webinar.objects.filter(pk=other.pk).update(sync_enabled=True)
    async_task("sync.tasks.sync_webinar", other.pk, SyncRun.Trigger.SCHEDULE.value)
    queued_at = time.perf_counter()
    synced: list[float] = []

    def all_done() -> bool:
        if not synced and other.sync_runs.filter(state=SyncRun.State.DONE).exists():
            synced.append(time.perf_counter() - queued_at)
        return watch.complete and bool(synced)

    watch.until(all_done)
    sender.join()
    took = max(watch.seen.values()) - began
    calls = simulator.calls()
    return {
        "people": len(people),
        "posted_in": max(sent.values()) - began,
        "seconds": took,
        "calls": calls["total"],
        "calls_per_second": calls["total"] / took,
        "too_fast": calls["by_status"].get("429", 0),
        "sync_seconds": synced[0],
        **order(form.webinar, watch),
        **spread([watch.seen[person] - sent[person] for person in people]),
    }


def order(webinar: Webinar, watch: Watch) -> dict[str, int]:
    """Return by how many places the order of arrival differs from the order of submission, at most
    and for 99 of 100."""
    came = Registration.objects.filter(webinar=webinar, contact__email_key__in=watch.seen)
    emails = list(came.order_by("registered_at", "pk").values_list("contact__email_key", flat=True))
    lines = Activity.objects.filter(
        webinar_key=webinar.key, kind=Activity.Kind.REGISTERED, contact__email_key__in=watch.seen
    )
    arrived = lines.order_by("happened_at").values_list("contact__email_key", flat=True)
    place = {email: number for number, email in enumerate(arrived)}
    moved = sorted(abs(place[email] - number) for number, email in enumerate(emails))
    return {"moved_p99": moved[len(moved) * 99 // 100], "moved_most": moved[-1]}


def accepted_submissions(form: Form) -> dict[str, Any]:
    """Return how many submissions a second are stored, and how many a closed form answers."""
    posted = post_for(SECONDS, lambda number: form.post(f"many{number}@example.com") == 302)
    stored = Submission.objects.filter(registration__webinar=form.webinar).count()
    closed = post_for(
        SECONDS, lambda number: form.post("many@example.com", "/register/closed/") == 404
    )
    return {
        "answered": posted,
        "kept": stored,
        "per_second": stored / SECONDS,
        "floor_per_second": closed / SECONDS,
        "ratio": closed / stored,
    }


if __name__ == "__main__":
    print(json.dumps(main()))
