"""Process webhook events: ask the platform as little as possible, and trust only its responses.

The steps, in the order of the code: claim the connection's events; wait a moment, so that a burst
is processed together; group them by webinar; sync what they name for each webinar, and mark the
events as done. Killed anywhere, the events are processed again.
"""

import datetime as dt
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from core.conditions import has_passed
from core.rate_limit.database import Priority
from platforms.client_factory import client_for
from platforms.contract import Client, RetryPolicy
from platforms.error_messages import explain
from platforms.errors import PlatformError, ReauthorizationRequired
from platforms.models import Connection, WebhookEvent, WebhookSetup
from platforms.records import EventName
from sync import lease, runs
from sync.models import SyncRun
from sync.pull.webinar_list import refresh_webinar, sync_webinar_list
from sync.webhooks.handlers import NeedsWholeSync, handle_registrants, handle_surveys
from webinars.models import Webinar

logger = logging.getLogger(__name__)

# Events of one burst arrive within this time (seconds).
_GATHER = 0.4
_AT_ONCE = 500
_RETRY_POLICY = RetryPolicy(base=0.3, cap=3.0, total=15.0)
# Scheduled syncs cover everything within 15 minutes: no event is retried for longer.
_TRIES = 5
_AGAIN = dt.timedelta(seconds=20)
_PEOPLE = (EventName.REGISTRANT_ADDED, EventName.REGISTRANT_JOINED)
_WEBINARS = (EventName.WEBINAR_CREATED, EventName.WEBINAR_CHANGED)


def process_due(*, waited: dt.timedelta = dt.timedelta()) -> int:
    """Process what has waited for `waited`, of each connection without a worker; return how
    many."""
    now = timezone.now()
    waits = WebhookEvent.objects.due(now - waited).filter(connection=OuterRef("pk"))
    free = has_passed("webhooks__lease_until", now)
    rows = Connection.objects.synced().filter(free, Exists(waits))
    return sum(process(connection) for connection in rows)


def process(connection: Connection, *, sleep: Callable[[float], None] = time.sleep) -> int:
    """Process the events of one connection and return how many; 0 if another worker has them."""
    setup = WebhookSetup.objects.filter(connection=connection)
    now = timezone.now()
    free = has_passed("lease_until", now)
    claim = uuid.uuid4().hex
    if not setup.filter(free).update(lease_until=now + lease.LEASE, claim=claim):
        return 0
    # A worker that is held up for longer than its lease finds another's claim here, and stops.
    mine = setup.filter(claim=claim)
    done = 0

    def hold() -> None:
        if not mine.update(lease_until=timezone.now() + lease.LEASE):
            raise lease.LostLease

    try:
        with lease.beating(hold, name=f"webhooks-{connection.pk}"):
            sleep(_GATHER)
            client = client_for(connection, Priority.WEBHOOK, retry_policy=_RETRY_POLICY)
            ours = WebhookEvent.objects.filter(connection=connection).order_by("pk")
            while events := list(ours.due(timezone.now())[:_AT_ONCE]):
                hold()
                _process_events(connection, client, events)
                done += len(events)
    except lease.LostLease:
        logger.warning("Another worker has taken the events of connection %s", connection.pk)
    finally:
        mine.update(lease_until=None, claim="")
    return done


def _process_events(connection: Connection, client: Client, events: Sequence[WebhookEvent]) -> None:
    """Process `events` webinar by webinar; a failure does not stop the others."""
    by_webinar: dict[str, list[WebhookEvent]] = defaultdict(list)
    for event in events:
        by_webinar[event.webinar_key].append(event)
    known = {
        item.key: item
        for item in connection.webinars.filter(key__in=by_webinar).select_related("connection")
    }
    strange = [event for key, some in by_webinar.items() if key not in known for event in some]
    if strange:
        _settle(strange, lambda: sync_webinar_list(connection, client))
    for key, webinar in known.items():
        some = by_webinar[key]
        _settle(some, lambda webinar=webinar, some=some: _look(webinar, client, some))  # type: ignore[misc]


def _look(webinar: Webinar, client: Client, events: Sequence[WebhookEvent]) -> None:
    """Sync what `events` of one webinar name. Raises PlatformError."""
    if any(event.name in _WEBINARS for event in events):
        refresh_webinar(webinar, client)
    # Rule 1: no one is added from a webinar that is not synced.
    if not webinar.is_switched_on:
        return
    people = [event for event in events if event.name in _PEOPLE]
    surveys = [event for event in events if event.name == EventName.SURVEY_SUBMITTED]
    try:
        handle_registrants(webinar, client, people)
        handle_surveys(webinar, client, surveys)
    except NeedsWholeSync:
        _sync(webinar)
        handle_surveys(webinar, client, surveys, synced=True)


def _sync(webinar: Webinar) -> None:
    """Sync the whole webinar. Raises lease.Busy while another run does, and the error of ours."""
    run = runs.sync_webinar(webinar, trigger=SyncRun.Trigger.WEBHOOK)
    if run.state == SyncRun.State.FAILED:
        raise PlatformError(run.platform_message or run.error)


def _settle(events: Sequence[WebhookEvent], look: Callable[[], None]) -> None:
    """Run the sync, and save the outcome of `events`: done, or to be retried."""
    rows = WebhookEvent.objects.filter(pk__in=[event.pk for event in events])
    now = timezone.now
    try:
        look()
    except lease.Busy:
        # A sync that began before the event may have missed it: retry after that run.
        rows.update(next_try_at=now() + _AGAIN)
    except ReauthorizationRequired as error:
        # Retried after the next sign-in, however long that takes.
        rows.update(next_try_at=now() + _AGAIN, problem_code=explain(error).code)
    except Exception as error:
        problem = explain(error)
        if isinstance(error, PlatformError):
            logger.warning("Events of a webinar were not looked at: %s", problem.sentence)
        else:
            logger.exception("Events of a webinar were not looked at")
        _try_later(rows, problem.code)
    else:
        rows.update(done_at=now(), body="", problem_code="")


def _try_later(rows: QuerySet[WebhookEvent], code: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        rows.update(attempts=F("attempts") + 1, next_try_at=now + _AGAIN, problem_code=code)
        rows.filter(attempts__gte=_TRIES).update(done_at=now, body="")
