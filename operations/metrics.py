"""Metrics for Prometheus, counted in the database on request, so that it does not matter which web
process or machine is asked."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.registry import Collector

from core import outbox, outbox_delivery
from core.rate_limit.database import Priority, calls_since
from destinations.hubspot.budget import HUBSPOT_CALLS, call_key
from destinations.models import Participation, Portal
from mailings.models import Mailing, Recipient
from operations.freshness import delays
from platforms.models import Connection, WebhookEvent, WebhookSetup
from sync.models import SyncRun
from webinars.audiences import Audience, condition
from webinars.models.registration import Registration

__all__ = ["CONTENT_TYPE", "text"]
_HOUR = dt.timedelta(hours=1)
_VERDICTS = ("taken", "verified", "repeated", "late", "forged", "malformed", "oversized")


def text() -> bytes:
    """Return all metrics in Prometheus' format."""
    registry = CollectorRegistry()
    registry.register(_Counted())
    return generate_latest(registry)


class _Counted(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield from _lateness(now)
        yield from _platform_calls(now)
        yield from _people()
        yield from _webhooks()
        yield from _outbox(now)
        yield from _hubspot(now)


def _lateness(now: dt.datetime) -> Iterator[Metric]:
    found = delays(now)
    yield GaugeMetricFamily(
        "webinarsync_webinars_synced", "Webinars that the clock looks at", found.webinars
    )
    waits = GaugeMetricFamily(
        "webinarsync_waiting_seconds",
        "How long the oldest work of a kind has been due; absent where nothing waits",
        labels=["work"],
    )
    for name in ("sync", "push", "event", "job"):
        wait = getattr(found, name)
        if wait is not None:
            waits.add_metric([name], wait.total_seconds())
    yield waits


def _platform_calls(now: dt.datetime) -> Iterator[Metric]:
    connected = GaugeMetricFamily(
        "webinarsync_connections", "Connected accounts by state", labels=["state"]
    )
    states = dict(Connection.objects.order_by().values_list("state").annotate(n=Count("pk")))
    for state in Connection.State.values:
        connected.add_metric([state], states.get(state, 0))
    yield connected
    calls = GaugeMetricFamily(
        "webinarsync_goto_calls_last_hour", "Calls to GoToWebinar, by what for", labels=["lane"]
    )
    made: Counter[str] = Counter()
    for (key, label), count in calls_since((now - _HOUR).timestamp()).items():
        if not key.startswith(HUBSPOT_CALLS):
            made[label] += count
    for priority in Priority:
        calls.add_metric([priority.label], made[priority.label])
    yield calls
    runs = GaugeMetricFamily(
        "webinarsync_sync_runs_last_hour", "Sync runs by how they ended", labels=["state"]
    )
    ended = SyncRun.objects.filter(started_at__gt=now - _HOUR).order_by()
    counted = dict(ended.values_list("state").annotate(n=Count("pk")))
    for state in SyncRun.State.values:
        runs.add_metric([state], counted.get(state, 0))
    yield runs


def _hubspot(now: dt.datetime) -> Iterator[Metric]:
    """Yield the metrics of the connected portal; nothing without one."""
    portal = Portal.objects.joined().first()
    if portal is None:
        return
    yield GaugeMetricFamily(
        "webinarsync_hubspot_connected",
        "1 while HubSpot takes the access token, 0 while it refuses it",
        int(portal.state == Portal.State.CONNECTED),
    )
    if portal.daily_remaining is not None:
        yield GaugeMetricFamily(
            "webinarsync_hubspot_calls_left_today",
            "Calls that HubSpot takes of all integrations of the portal until its midnight",
            portal.daily_remaining,
        )
    waiting = Participation.objects.pending().count()
    refused = Participation.objects.refused().count()
    people = GaugeMetricFamily(
        "webinarsync_hubspot_participations",
        "Registrations, cancellations and attendances that are to be sent, and that were refused",
        labels=["state"],
    )
    people.add_metric(["pending"], waiting)
    people.add_metric(["refused"], refused)
    yield people
    calls = calls_since((now - _HOUR).timestamp())
    made = sum(count for (key, _label), count in calls.items() if key == call_key(portal))
    yield GaugeMetricFamily("webinarsync_hubspot_calls_last_hour", "Calls to HubSpot", made)


def _people() -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "webinarsync_people_waiting", "People on their way or waiting for a seat", labels=["for"]
    )
    for audience in (Audience.PENDING, Audience.OVERFLOW):
        count = Registration.objects.filter(condition(audience)).count()
        waiting.add_metric([audience.value], count)
    mails = Recipient.objects.waiting().filter(mailing__in=Mailing.objects.sending())
    waiting.add_metric(["mail"], mails.count())
    yield waiting


def _webhooks() -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "webinarsync_webhook_requests", "Posts of GoTo by what became of them", labels=["verdict"]
    )
    totals = WebhookSetup.objects.aggregate(**{name: Sum(name) for name in _VERDICTS})
    for name in _VERDICTS:
        requests.add_metric([name], totals[name] or 0)
    yield requests
    waiting = WebhookEvent.objects.waiting().count()
    yield GaugeMetricFamily("webinarsync_webhook_events_waiting", "Events not yet done", waiting)


def _outbox(now: dt.datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "webinarsync_outbox_deliveries_waiting",
        "Events waiting for a reader, by reader",
        labels=["reader"],
    )
    oldest = GaugeMetricFamily(
        "webinarsync_outbox_oldest_seconds",
        "How long the oldest of these events has waited; absent where none does",
        labels=["reader"],
    )
    found = {item.reader: item for item in outbox_delivery.waiting()}
    for name in sorted(
        {*found, *(reader.name for reader in outbox.readers() if reader.is_active())}
    ):
        item = found.get(name)
        waiting.add_metric([name], item.count if item else 0)
        if item:
            oldest.add_metric([name], max(0.0, (now - item.since).total_seconds()))
    yield waiting
    yield oldest
