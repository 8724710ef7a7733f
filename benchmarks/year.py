"""An installation that has synced for a year: frequent queries, against a single row.

Run in a process per database (`benchmarks.__main__`). No run was ever deleted, so that the first
batches of the clean-up are full.
"""

import datetime as dt
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
TOKEN = secrets.token_urlsafe(16)
os.environ |= {
    "DEBUG": "False", "HTTPS": "False", "ALLOWED_HOSTS": "testserver", "METRICS_TOKEN": TOKEN,
}  # fmt: skip
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from core.models import QueuedJob  # noqa: E402
from operations import doctor  # noqa: E402
from platforms.models import Connection  # noqa: E402
from sync import run_retention, tasks  # noqa: E402
from sync.models import SyncRun  # noqa: E402
from tests.rows_read import counting  # noqa: E402
from webinars.models import Webinar  # noqa: E402

WEBINARS = 40
_TRIES = 20
_RETENTION = dt.timedelta(days=90)
# A run each quarter of an hour, one in ten of them failed: all copies of the first of their
# webinar.
_RUNS = f"""
INSERT INTO {SyncRun._meta.db_table} ({{columns}})
{{numbers}}
SELECT {{values}} FROM {SyncRun._meta.db_table} AS first, {{source}} ORDER BY n.n DESC, first.id
"""
_DIALECT = {
    "sqlite": {
        "numbers": "WITH RECURSIVE n(n) AS "
        "(SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {runs})",
        "moment": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (n.n * 15) || ' minutes')",
        "source": "n",
    },
    "postgresql": {
        "numbers": "",
        "moment": "now() - n.n * interval '15 minutes'",
        "source": "generate_series(1, {runs}) AS n(n)",
    },
}


def main() -> dict[str, Any]:
    """Create the installation and return what each query reads and takes in the database."""
    runs = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    call_command("install_schedules", verbosity=0, stdout=sys.stderr)
    _make(runs)
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", password=None))
    one = SyncRun.objects.latest("pk").pk
    floor = min(_timed(lambda: SyncRun.objects.get(pk=one))["ms"] for _ in range(20))
    asked: list[tuple[str, Callable[[], Any]]] = [
        ("round", tasks.sync_round),
        ("/health/sync", lambda: browser.get("/health/sync")),
        ("/metrics", lambda: _page(browser, "/metrics")),
        ("doctor", lambda: list(doctor.examine(offline=True))),
        ("front page", lambda: _page(browser, "/admin/")),
        ("clean-up, a portion", _clean_up),
    ]
    return {
        "database": connection.vendor,
        "webinars": WEBINARS,
        "runs": SyncRun.objects.count(),
        "floor_ms": floor,
        "asked": [{"name": name} | _measured(ask, floor) for name, ask in asked],
    }


def _make(runs: int) -> None:
    organizer = Connection.objects.create(organizer_key="1", email="o@example.com")
    now = timezone.now()
    Webinar.objects.bulk_create(
        Webinar(
            connection=organizer, key=f"w{number}", slug=f"w{number}", subject=f"Webinar {number}",
            starts_at=now + dt.timedelta(days=number), ends_at=now + dt.timedelta(days=number + 1),
            sync_enabled=True,
        )
        for number in range(WEBINARS)
    )  # fmt: skip
    parts = {name: text.format(runs=runs) for name, text in _DIALECT[connection.vendor].items()}
    SyncRun.objects.bulk_create(
        SyncRun(
            connection=organizer, webinar=webinar, state=SyncRun.State.DONE,
            trigger=SyncRun.Trigger.SCHEDULE, started_at=now, finished_at=now, calls=6,
        )
        for webinar in Webinar.objects.all()
    )  # fmt: skip
    own = {
        "state": "CASE WHEN n.n % 10 = 3 THEN 'failed' ELSE 'done' END",
        "started_at": parts["moment"],
        "finished_at": parts["moment"],
    }
    names = [str(item.column) for item in SyncRun._meta.concrete_fields if not item.primary_key]
    parts["columns"] = ", ".join(names)
    parts["values"] = ", ".join(own.get(name, f"first.{name}") for name in names)
    with connection.cursor() as cursor:
        cursor.execute(_RUNS.format(**parts))
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _nothing_queued() -> None:
    OrmQ.objects.all().delete()
    QueuedJob.objects.all().delete()


def _page(browser: Client, address: str) -> None:
    answer = browser.get(address, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, address


def _clean_up() -> None:
    ended, _ = run_retention.next_portion(timezone.now() - _RETENTION)
    assert ended
    SyncRun.objects.filter(pk__in=ended).delete()


def _measured(ask: Callable[[], Any], floor: float) -> dict[str, Any]:
    ask()
    _nothing_queued()
    with transaction.atomic(), counting() as read:
        ask()
    tries = [_timed(ask) for _ in range(_TRIES)]
    # Other load makes a try slower, never faster.
    took: dict[str, Any] = {name: min(item[name] for item in tries) for name in tries[0]}
    return took | {
        "read": read.count,
        "ratio": took["ms"] / floor,
        "slowest_ratio": took["slowest_ms"] / floor,
    }


def _timed(ask: Callable[[], Any]) -> dict[str, Any]:
    """Return how long the database took for `ask` in all, and for the slowest statement."""
    _nothing_queued()
    times: list[float] = []

    def timing(execute: Callable[..., Any], *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            times.append(1000 * (time.perf_counter() - began))

    with connection.execute_wrapper(timing):
        ask()
    return {"ms": sum(times), "slowest_ms": max(times), "statements": len(times)}


if __name__ == "__main__":
    print(json.dumps(main()))
