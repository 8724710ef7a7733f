"""The entry points of the background jobs. Each can be called from a test without a queue."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import lockout
from accounts.models import UserSession
from accounts.notifications import report_password_guessing
from contact_imports import jobs as importing
from contact_imports.models import ContactImport
from contacts import retention
from contacts.models import Merge
from contacts.models.merge import UNDOABLE
from core import queue
from core.models import QueuedJob
from core.portions import delete_in_portions
from core.rate_limit import NoTurn
from core.rate_limit.database import Lane
from platforms import notifications
from platforms.client_factory import client_for
from platforms.error_messages import explain
from platforms.gotowebinar import GoToError
from platforms.models import CallCount, Connection, WebhookEvent
from platforms.webhooks import subscriptions
from registration_forms import address_confirmation, spam_protection
from registration_forms.models import Submission
from sync import dry_run as preview
from sync import jobs, lease, run_retention, runs, scheduling
from sync.models import SyncRun
from sync.pull import details_backfill
from sync.push import capacity, push, waitlist
from sync.reconciliation import job
from sync.webhooks import process as events
from webinars import internal
from webinars.models import Webinar

logger = logging.getLogger(__name__)
Trigger = SyncRun.Trigger

# The pushers are given this long before the sweep takes their work.
_OVERDUE = dt.timedelta(seconds=15)
# Pushes go on so long before events have their turn.
_TURN = dt.timedelta(seconds=1)
# A sweep ends before the next one begins: a crowd at the form takes one worker from the syncs, and
# never all of them.
_SWEEP = dt.timedelta(seconds=50)
# So many webinars of the past are queued in a round: what is due and not done is in the next.
_PAST_AT_ONCE = 200
# Sync runs are kept so long; the last one of each webinar always.
_KEPT = dt.timedelta(days=90)
# A job that was queued so long ago got lost: it may be queued anew long before.
_LOST = dt.timedelta(days=2)
# Events are remembered so long that none that is replayed is taken twice: older ones are refused.
_REMEMBERED = dt.timedelta(days=3)
# A job that was queued so long ago and was not begun was lost.
_GIVEN_UP = dt.timedelta(days=2)
# Counts of calls are kept so long (seconds).
_COUNTED = 2 * 86_400


def queue_sync(webinars: Iterable[Webinar], user: AbstractBaseUser | AnonymousUser) -> int:
    """Queue a sync of each of `webinars` for the person who asks; return for how many."""
    return queue.queue_sync(webinars, trigger=Trigger.BUTTON, user_id=user.pk)


def queue_list_refresh(user: AbstractBaseUser | AnonymousUser) -> int:
    """Queue the reading of each connection's list for the person who asks; return of how many."""
    return queue.queue_lists(Connection.objects.all(), trigger=Trigger.BUTTON, user_id=user.pk)


def queue_promotion(webinar: Webinar) -> bool:
    """Queue a look at the waiting list of `webinar`; tell whether that could be done."""
    return queue.queue_promotion(webinar)


def queue_form(webinar: Webinar) -> None:
    """Queue the reading of what the form of `webinar` asks for."""
    queue.queue_form(webinar)


def queue_import(item: ContactImport) -> None:
    """Have an uploaded file checked or written, as its state says."""
    queue.queue_import(item.pk)


@queue.job
def sync_webinar(webinar_id: int, trigger: str, user_id: int | None = None) -> str:
    """Bring one webinar level and return how that ended, for the queue's own list.

    One that was switched off since this was queued is not synced, whoever asked (rule 1).
    """
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    if not webinar.sync_enabled:
        return "its sync is switched off"
    try:
        run = runs.sync_webinar(webinar, trigger=Trigger(trigger), user_id=user_id)
    except lease.Busy:
        return "another run is bringing it level"
    return str(run.state)


@queue.job
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
        return str(job.check(webinar).state)
    except jobs.NothingWaits:
        return "nobody waits for it"


def dry_run(webinar_id: int) -> str:
    """Make the dry run of one webinar's sync that somebody waits for."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(preview.run(webinar).state)
    except jobs.NothingWaits:
        return "nobody waits for it"


@queue.job
def sync_round() -> int:
    """Queue a sync of each webinar whose turn it is (every 15 minutes)."""
    now = timezone.now()
    closely = queue.queue_sync(scheduling.due_closely(now), trigger=Trigger.CLOCK)
    return closely + queue.queue_past(scheduling.due_past(now)[:_PAST_AT_ONCE])


@queue.job
def sync_past_webinar(webinar_id: int) -> str:
    """Look at a webinar that is over, if it still is its turn and nothing else needs the calls."""
    due = scheduling.due_past(timezone.now()).select_related("connection")
    webinar = due.filter(pk=webinar_id).first()
    if webinar is None:
        return "it is not its turn any more"
    try:
        run = runs.sync_webinar(webinar, trigger=Trigger.CLOCK, lane=Lane.BACKFILL)
    except lease.Busy:
        return "another run is bringing it level"
    except NoTurn:
        return "others need the calls: the next round asks again"
    return str(run.state)


@queue.job
def refresh_lists() -> int:
    """Queue the reading of each connection's list of webinars (hourly)."""
    return queue.queue_lists(Connection.objects.all(), trigger=Trigger.CLOCK)


def push_waiting() -> int:
    """Push every registration that is due, oldest first, and do what GoTo's events hint at; several
    such tasks share the work. Neither waits for the other to run dry."""
    pusher, count = push.Pusher(), 0
    while done := pusher.push_due(at_most=_TURN) + events.work_all():
        count += done
    return count


@queue.job
def sweep_pushes() -> int:
    """Push what nobody has pushed for a while, and do what events of a while ago hint at: a lost
    task left it, or no pusher runs (each minute)."""
    pushed = push.Pusher().push_due(waited=_OVERDUE, at_most=_SWEEP)
    return pushed + events.work_all(waited=_OVERDUE)


@queue.job
def read_details() -> int:
    """Read what people submitted and nobody has read yet, with calls that nobody else needs (each
    minute)."""
    return details_backfill.read_unread()


@queue.job
def keep_webhooks() -> int:
    """Set up the webhooks that are wanted, and repair those that GoTo lost (each minute: what is
    set up is looked at hourly). Returns how many were looked at."""
    setups = list(subscriptions.due(timezone.now()))
    for setup in setups:
        subscriptions.keep(setup)
    return len(setups)


@queue.job
def send_confirmation_links() -> int:
    """Send links to those who are held up at the form (asked for there; each minute)."""
    return address_confirmation.send_due()


@queue.job
def tell_operators() -> int:
    """Write to the operators about sign-ins that GoTo refuses (each minute; once for each), and
    about guesses of passwords (once a day); return about how many refused ones."""
    report_password_guessing()
    return notifications.tell_operators()


def queue_webhooks() -> None:
    """Have the webhooks that are wanted set up now."""
    queue.queue_webhooks()


@queue.job
def promote(webinar_id: int) -> int:
    """Send people of a webinar's waiting list for the seats that are free, and return how many."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    return waitlist.promote(webinar, client_for(webinar.connection))


@queue.job
def promote_waiting() -> int:
    """Look at each waiting list from which people come in by themselves (every 5 minutes)."""
    sent = 0
    for webinar in scheduling.with_waiting_people(timezone.now()):
        try:
            sent += waitlist.promote(webinar, client_for(webinar.connection, Lane.CLOCK))
        except GoToError as error:
            logger.warning(
                "The waiting list of webinar %s was not looked at: %s",
                webinar.pk,
                explain(error).sentence,
            )
    return sent


def import_contacts(import_id: int) -> str:
    """Check or write one uploaded file of contacts, as somebody asked."""
    return importing.work(import_id)


@queue.job
def sweep_imports() -> int:
    """Do what a lost task or a killed worker left of uploaded files (each minute)."""
    ids = list(importing.waiting(timezone.now()).values_list("pk", flat=True))
    for pk in ids:
        importing.work(pk)
    return len(ids)


@queue.job
def read_form(webinar_id: int) -> None:
    """Read what a webinar's form asks for, as a marketer has just switched it on."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    capacity.keep_form(webinar, client_for(webinar.connection))


@queue.job
def mark_internal() -> str:
    """Go on marking internal people where the list of their addresses has changed (each minute: a
    lost task or a killed worker left it)."""
    return "done" if internal.refresh_all(at_most=_SWEEP.total_seconds()) else "goes on"


@queue.job
def forget_people() -> int:
    """Delete people of whom nothing was heard for as long as the setting says (daily)."""
    return retention.forget(timezone.now())


@queue.job
def clean_up() -> int:
    """Delete sync runs older than 90 days and return how many (daily).

    Forgotten too: files that were uploaded and never imported, jobs that were queued and got lost,
    what undoes merges and imports when its time is over, from where postings came, which serves the
    form's limit alone, events, processed or not (the schedule has looked at everything since), how
    many calls were made, sessions that have expired, and failed sign-ins.
    """
    importing.clean_up(timezone.now())
    Merge.objects.filter(made_at__lt=timezone.now() - UNDOABLE).exclude(before={}).update(before={})
    past = timezone.now() - max(2 * spam_protection.WINDOW, spam_protection.TOLD_WITHIN)
    Submission.objects.filter(submitted_at__lt=past).exclude(sender="").update(sender="")
    delete_in_portions(WebhookEvent.objects.filter(received_at__lt=timezone.now() - _REMEMBERED))
    QueuedJob.objects.filter(queued_at__lt=timezone.now() - _LOST).delete()
    delete_in_portions(UserSession.objects.filter(expire_date__lte=timezone.now()))
    lockout.forget(timezone.now())
    address_confirmation.forget(timezone.now())
    delete_in_portions(CallCount.objects.filter(minute__lt=timezone.now().timestamp() - _COUNTED))
    return run_retention.delete_before(timezone.now() - _KEPT)
