"""The entry points of the background jobs. Each can be called from a test without a queue."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Max
from django.utils import timezone

from webinars.models import Connection, SyncRun, Webinar
from webinars.sync import comparing, lease, pushing, queue, rounds, runs

logger = logging.getLogger(__name__)
Trigger = SyncRun.Trigger

# Sync runs are kept so long; the last one of each webinar always.
_KEPT = dt.timedelta(days=90)


def queue_sync(webinars: Iterable[Webinar], user: AbstractBaseUser | AnonymousUser) -> int:
    """Queue a sync of each of `webinars` for the person who asks; return how many."""
    return queue.queue_sync(webinars, trigger=Trigger.BUTTON, user_id=user.pk)


def queue_list_refresh(user: AbstractBaseUser | AnonymousUser) -> int:
    """Queue the reading of each connection's list for the person who asks; return how many."""
    return queue.queue_lists(Connection.objects.all(), trigger=Trigger.BUTTON, user_id=user.pk)


def ask_comparison(webinar: Webinar, user: AbstractBaseUser | AnonymousUser) -> None:
    """Have the two lists of `webinar` compared; a second click while it goes on changes nothing."""
    if comparing.ask(webinar, user.pk):
        queue.queue_comparison(webinar)


def sync_webinar(webinar_id: int, trigger: str, user_id: int | None = None) -> str:
    """Bring one webinar level and return how that ended, for the queue's own list."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        run = runs.sync_webinar(webinar, trigger=Trigger(trigger), user_id=user_id)
    except lease.Busy:
        return "another run is bringing it level"
    return str(run.state)


def sync_list(connection_id: int, trigger: str, user_id: int | None = None) -> str:
    """Bring one connection's list of webinars level."""
    connection = Connection.objects.get(pk=connection_id)
    try:
        return str(runs.sync_list(connection, trigger=Trigger(trigger), user_id=user_id).state)
    except lease.Busy:
        return "another run is reading the list"


def compare(webinar_id: int) -> str:
    """Make the comparison of one webinar's two lists that somebody waits for."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(comparing.check(webinar).state)
    except comparing.NothingWaits:
        return "nobody waits for it"


def sync_round() -> int:
    """Queue a sync of each webinar whose turn it is (every 15 minutes)."""
    return queue.queue_sync(rounds.due_webinars(timezone.now()), trigger=Trigger.CLOCK)


def refresh_lists() -> int:
    """Queue the reading of each connection's list of webinars (hourly)."""
    return queue.queue_lists(Connection.objects.all(), trigger=Trigger.CLOCK)


def push(registration_id: int) -> str:
    """Push one registration if it is due."""
    registration = pushing.push(registration_id)
    return str(registration.state) if registration else "not due"


def sweep_pushes() -> int:
    """Push every registration that is due: what a lost task left (each minute)."""
    return pushing.push_due()


def clean_up() -> int:
    """Delete sync runs older than 90 days and return how many (daily)."""
    last = SyncRun.objects.order_by().values("connection", "webinar").annotate(last=Max("pk"))
    old = SyncRun.objects.filter(started_at__lt=timezone.now() - _KEPT).exclude(
        state=SyncRun.State.RUNNING
    )
    return old.exclude(pk__in=last.values("last")).delete()[0]
