"""The sync status of a webinar as text, for people who do not know what a sync run is."""

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core import dates
from platforms.error_messages import READ
from platforms.models import Connection
from sync import scheduling
from sync.models import SyncRun
from sync.scheduling import Pace
from webinars.models import Webinar
from webinars.models.webinar import SETTLING

# The steps of a run, for people.
STEPS = READ | {
    "details": gettext_lazy("details of new people"),
    "cancellations": gettext_lazy("checking cancellations"),
}


@dataclass(frozen=True, slots=True)
class Health:
    """A sentence, its tone (success, danger, warning, info), the same in a word or two for a list,
    and whether a run is in progress."""

    text: str
    tone: str
    short: str
    running: bool = False


def latest_runs(webinars: Sequence[Webinar]) -> dict[int, SyncRun]:
    """Return the last sync run of each of `webinars` by id, with two queries in total."""
    # One row is read for each webinar, however many runs are kept.
    of_webinar = SyncRun.objects.filter(webinar=OuterRef("pk")).order_by("-started_at", "-pk")
    rows = Webinar.objects.filter(pk__in=[webinar.pk for webinar in webinars]).order_by()
    last = rows.annotate(last_run=Subquery(of_webinar.values("pk")[:1]))
    runs = SyncRun.objects.filter(
        pk__in=[pk for pk in last.values_list("last_run", flat=True) if pk]
    )
    return {run.webinar_id: run for run in runs if run.webinar_id is not None}


def cut_off() -> frozenset[int]:
    """Return the ids of the disconnected connections: their webinars are not synced."""
    return frozenset(Connection.objects.disconnected().values_list("pk", flat=True))


def health(
    webinar: Webinar,
    run: SyncRun | None,
    now: dt.datetime | None = None,
    *,
    cut_off: Container[int] = (),
) -> Health:
    """Return the status of `webinar` after `run`, its last one; `cut_off` are the disconnected
    connections."""
    now = now or timezone.now()
    if run is not None and run.state == SyncRun.State.RUNNING:
        if run.lease_until is not None and run.lease_until < now:
            return _interrupted()
        return Health(_running(run), "info", _("Running"), running=True)
    if webinar.connection_id in cut_off:
        message = _("GoToWebinar is disconnected; all data is kept")
        return Health(message, "warning", _("Disconnected"))
    if webinar.state == Webinar.State.GONE:
        message = _("Cancelled or deleted on GoToWebinar; all data is kept")
        return Health(message, "warning", pgettext("one webinar", "Cancelled"))
    if webinar.state == Webinar.State.FOREIGN:
        return Health(
            _("Belongs to another organizer; connect that organizer's account to sync it"),
            "warning",
            pgettext("one webinar", "Another organizer's"),
        )
    if run is None:
        if webinar.sync_enabled:
            return Health(_("Not synced yet"), "warning", _("Not synced yet"))
        return Health(_("Sync is off"), "warning", _off())
    if run.state == SyncRun.State.FAILED:
        return Health(_("Failed: %(why)s") % {"why": run.error}, "danger", _("Failed"))
    if run.state == SyncRun.State.LOST:
        return _interrupted()
    if run.skipped:
        return Health(unread(run), "warning", pgettext("one webinar", "Incomplete"))
    if not webinar.sync_enabled:
        message = _("Sync is off; last synced %(ago)s ago")
        return Health(message % {"ago": _ago(run, now)}, "warning", _off())
    if is_late(webinar, run, now):
        message = _("Not in sync for %(ago)s: %(why)s")
        message %= {"ago": _ago(run, now), "why": _why_late(webinar, now)}
        return Health(message, "warning", pgettext("one webinar", "Not in sync"))
    if now - run.started_at < dt.timedelta(minutes=1):
        return Health(_("In sync · just now"), "success", _("In sync"))
    message = _("In sync · %(ago)s ago") % {"ago": _ago(run, now)}
    return Health(message, "success", _("In sync"))


def _interrupted() -> Health:
    message = _("Interrupted – will resume")
    return Health(message, "warning", pgettext("one webinar", "Interrupted"))


def _off() -> str:
    return pgettext("one webinar", "Sync is off")


def is_late(webinar: Webinar, run: SyncRun, now: dt.datetime) -> bool:
    """Return whether `run`, the last one, is older than it should be."""
    longest = scheduling.LATE_AFTER.get(scheduling.pace(webinar, now))
    return longest is not None and now - run.started_at > longest


def _ago(run: SyncRun, now: dt.datetime) -> str:
    return timesince(run.started_at, now, depth=1)


def _why_late(webinar: Webinar, now: dt.datetime) -> str:
    """Return why a webinar may be late."""
    if scheduling.pace(webinar, now) == Pace.CLOSELY:
        return _(
            "it should sync every 15 minutes. Ask the operator whether the background "
            "jobs are running."
        )
    return _(
        "it is due, but the limit of calls to GoToWebinar left none for it. Ask the "
        "operator whether the background jobs are running."
    )


def unread(run: SyncRun) -> str:
    """Return which rows of the platform's responses a run could not read, as text (rule 10)."""
    return _(
        "GoToWebinar sent rows that cannot be read (%(lists)s). Everything else is "
        "in sync, nothing was removed, and the next sync reads them again."
    ) % {"lists": unread_rows(run)}


def unread_rows(run: SyncRun) -> str:
    """Return how many rows of which lists a run could not read."""
    return ", ".join(f"{READ.get(kind, kind)}: {count}" for kind, count in run.skipped.items())


def how_often(webinar: Webinar, now: dt.datetime | None = None) -> str:
    """Return how often a past or on-demand webinar is synced, and until when; "" for others."""
    now = now or timezone.now()
    since = scheduling.over_since(webinar)
    if not webinar.is_switched_on:
        return ""
    pace = scheduling.pace(webinar, now)
    if webinar.ends_at is None and webinar.on_demand:
        sentences = {
            Pace.CLOSELY: _("On demand, watched recently: synced every 15 minutes."),
            Pace.DAILY: _("On demand: synced daily."),
            Pace.WEEKLY: _("On demand: synced weekly."),
        }
        return sentences.get(pace, "")
    if since is None or since > now:
        return ""
    days = {
        "closely": dates.day(since + SETTLING),
        "daily": dates.day(since + scheduling.DAILY_FOR),
        "weekly": dates.day(since + scheduling.WEEKLY_FOR),
    }
    sentences = {
        Pace.CLOSELY: _(
            "Ended: synced every 15 minutes until %(closely)s, then daily until "
            "%(daily)s and weekly until %(weekly)s."
        ),
        Pace.DAILY: _("Ended: synced daily until %(daily)s, then weekly until %(weekly)s."),
        Pace.WEEKLY: _("Ended: synced weekly until %(weekly)s."),
        Pace.NEVER: _("Ended more than a year ago: synced only when you ask for it."),
    }
    return sentences[pace] % days


def changed(run: SyncRun | None) -> str:
    """Return the results of a successful run as text; "" for others."""
    if run is None or run.state != SyncRun.State.DONE:
        return ""
    changes = [
        ngettext("%(count)d new contact", "%(count)d new contacts", run.new_contacts)
        % {"count": run.new_contacts},
        ngettext("%(count)d new registration", "%(count)d new registrations", run.new_registrations)
        % {"count": run.new_registrations},
        ngettext("%(count)d new attendance", "%(count)d new attendances", run.new_attendances)
        % {"count": run.new_attendances},
    ]
    if not (run.new_contacts or run.new_registrations or run.new_attendances):
        changes = [_("no changes")]
    return _("Last sync: %(what)s.") % {"what": ", ".join(changes)}


def on_the_way(count: int) -> str:
    """Return how many registrations are being pushed, as text; "" if none is."""
    if not count:
        return ""
    message = ngettext(
        "%(count)d person is on the way to GoToWebinar",
        "%(count)d people are on their way to GoToWebinar",
        count,
    )
    return message % {"count": count}


def _running(run: SyncRun) -> str:
    step = STEPS.get(run.step)
    if step is None:
        return _("Running")
    if run.total:
        return _("Running: %(step)s, %(done)d of %(total)d") % {
            "step": step,
            "done": run.done,
            "total": run.total,
        }
    return _("Running: %(step)s, %(done)d") % {"step": step, "done": run.done}
