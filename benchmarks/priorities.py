"""Priorities: how soon people at the form are registered while a large sync runs, against an idle
system; and how soon GoTo's webhooks deliver those who registered there.

Run in a process per database (`benchmarks.__main__`). GoTo answers after 150 ms and accepts 10
calls a second, all of which the sync would use.
"""

import json
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

from django.db import connection as database  # noqa: E402
from django_q.tasks import async_task  # noqa: E402

from benchmarks.form import arrival, bare_call  # noqa: E402
from benchmarks.form import spread as spread_of  # noqa: E402
from benchmarks.form_client import Form, Watch  # noqa: E402
from benchmarks.simulated import installed  # noqa: E402
from platforms.models import Connection, WebhookSetup  # noqa: E402
from platforms.webhooks import subscriptions  # noqa: E402
from simulators.gotowebinar.process import SimulatorProcess  # noqa: E402
from sync.models import SyncRun  # noqa: E402
from webinars.models import Webinar  # noqa: E402

# One person a second registers for this long (seconds).
SECONDS = 40
WEBHOOK_PEOPLE = 40


def main(registrants: int) -> dict[str, Any]:
    """Measure on the database of DATABASE_URL; return seconds and ratios."""
    with installed(registrants) as (simulator, installation):
        keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
        simulator.control("POST", "set-limit", {"webinar": "upcoming", "limit": 50_000})
        Webinar.objects.filter(key=keys["upcoming"]).update(form_enabled=True)
        for process in ("web", "worker", "pusher"):
            installation.start(process)
        installation.wait_for_web()
        floor = bare_call(simulator, keys["upcoming"])
        form = Form(installation.url, Webinar.objects.get(key=keys["upcoming"]))
        idle = arrival(form, 1, SECONDS, floor, prefix="idle")
        big = Webinar.objects.get(key=keys["big"])
        Webinar.objects.filter(pk=big.pk).update(sync_enabled=True)
        async_task("sync.tasks.sync_webinar", big.pk, SyncRun.Trigger.SCHEDULE.value)
        _until(lambda: big.registrations.exists())
        simulator.reset_calls()
        began = time.perf_counter()
        busy = arrival(form, 1, SECONDS, floor, prefix="busy")
        calls, took = simulator.calls(), time.perf_counter() - began
        delays = webhooks(simulator, form.webinar)
        return {
            "database": database.vendor,
            "registrants": registrants,
            "idle": idle,
            "busy": busy,
            "calls_per_second": calls["total"] / took,
            "too_fast": calls["by_status"].get("429", 0),
            "later": busy["p95"] - idle["p95"],
            "webhooks": delays,
            "still_running": big.sync_runs.filter(state=SyncRun.State.RUNNING).exists(),
        }


def webhooks(simulator: SimulatorProcess, webinar: Webinar) -> dict[str, float]:
    """Return how long people who register on GoTo take to get a timeline entry here during the
    sync."""
    subscriptions.switch_on(Connection.objects.get())
    async_task("platforms.tasks.set_up_webhooks")
    _until(lambda: WebhookSetup.objects.filter(state=WebhookSetup.State.ON).exists())
    people = [f"webhook{number}@example.com" for number in range(WEBHOOK_PEOPLE)]
    watch, sent = Watch(webinar, people), {}
    for number, email in enumerate(people):
        sent[email] = time.perf_counter()
        simulator.control(
            "POST",
            "register",
            {"webinar": webinar.key, "email": email, "firstName": "Ada", "lastName": "Told"},
        )
        following = time.perf_counter() + 1
        watch.until(lambda at=following: time.perf_counter() >= at)  # type: ignore[misc]
        assert len(watch.seen) <= number + 1
    watch.until(lambda: watch.complete)
    return spread_of([watch.seen[person] - sent[person] for person in people])


def _until(done: Any) -> None:
    deadline = time.monotonic() + 120
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("what the benchmark waits for did not happen in two minutes")
        time.sleep(0.05)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
