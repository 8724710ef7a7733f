"""What the dashboard says of the sync: what is wrong, why, and the button that deals with it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.models import Schedule

from core import dates
from platforms.models import Connection
from sync import status
from sync.models import SyncRun
from webinars.audiences import Audience, condition
from webinars.models import Registration, Webinar

_ROUND = "sync.tasks.sync_round"
# Webinars that are named when their sync has failed.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Button:
    """What deals with it; with `posts` the button sends a form."""

    label: str
    address: str
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """`tone` is a part of the class that colours it; `troubled` are the webinars whose sync has
    failed, each with why, beside the first. `disconnected` says of which accounts nothing is
    synced, where others are."""

    tone: str
    text: str
    cause: str = ""
    button: Button | None = None
    further: str = ""
    troubled: Sequence[tuple[Webinar, str]] = ()
    disconnected: Sequence[str] = ()


def summary(request: HttpRequest, synced: Sequence[Webinar], now: dt.datetime) -> Summary:
    """Return how the sync of all the webinars in `synced` is doing."""
    connections = list(Connection.objects.only("email", "organizer_key", "state", "refused_since"))
    may_connect = request.user.has_perm("platforms.change_connection")
    connect = reverse("platforms:connect")
    if not connections:
        text = _("GoToWebinar is not connected yet.")
        if may_connect:
            return Summary("warning", text, button=Button(_("Connect GoToWebinar"), connect))
        return Summary("warning", text, _("Ask the operator to connect it."))
    refused = [item for item in connections if item.state == item.State.SIGN_IN_NEEDED]
    disconnected = [item for item in connections if not item.is_synced]
    if refused or len(disconnected) == len(connections):
        button = Button(_("Reconnect"), connect) if may_connect else None
        cause = _("Nothing is lost: registrations are kept here until it is connected again.")
        if not may_connect:
            cause += " " + _("Ask the operator to connect it again.")
        return Summary("danger", _why_cut_off((refused or disconnected)[0]), cause, button)
    ended = {item.pk for item in disconnected}
    synced = [webinar for webinar in synced if webinar.connection_id not in ended]
    if not synced:
        choose = Button(
            _("Choose webinars"), f"{reverse('admin:webinars_webinar_changelist')}?show=not-synced"
        )
        return Summary("warning", _("No webinar is synced yet."), button=choose)
    return replace(
        _of_webinars(synced, now), disconnected=[_why_cut_off(item) for item in disconnected]
    )


def _why_cut_off(connection: Connection) -> str:
    if connection.state != Connection.State.SIGN_IN_NEEDED:
        return _("%(who)s is disconnected: its webinars are not synced.") % {"who": connection}
    if connection.refused_since is None:
        return _("GoToWebinar signed us out (%(who)s).") % {"who": connection}
    return _("GoToWebinar signed us out on %(when)s (%(who)s).") % {
        "when": dates.moment(connection.refused_since),
        "who": connection,
    }


def _of_webinars(synced: Sequence[Webinar], now: dt.datetime) -> Summary:
    runs = status.latest_runs(synced)
    states = [(webinar, status.health(webinar, runs.get(webinar.pk), now)) for webinar in synced]
    troubled = [(webinar, item.text) for webinar, item in states if item.tone == "danger"]
    late = [(webinar, item.text) for webinar, item in states if item.tone == "warning"]
    if troubled or late:
        webinar, cause = (troubled or late)[0]
        return Summary(
            "danger" if troubled else "warning",
            _("%(count)d of %(all)d webinars need attention.")
            % {"count": len(troubled) + len(late), "all": len(synced)},
            f"{webinar}: {cause}",
            Button(_("Sync again"), reverse("sync:sync_now", args=[webinar.pk]), posts=True),
            _going_on(now),
            [*troubled, *late][1:_NAMED],
        )
    return Summary(
        "success",
        _in_sync(synced, [run.started_at for run in runs.values()], now),
        further=_going_on(now),
    )


def _in_sync(synced: Sequence[Webinar], starts: list[dt.datetime], now: dt.datetime) -> str:
    number = len(synced)
    text = ngettext("The webinar is in sync.", "All %(count)d webinars are in sync.", number)
    text %= {"count": number}
    if not starts:
        return text
    # Past webinars are checked daily or weekly: the newest check is what was checked last.
    newest = max(starts)
    if now - newest < dt.timedelta(minutes=1):
        checked = _("Last checked just now.")
    else:
        checked = _("Last checked %(ago)s ago.") % {"ago": timesince(newest, now, depth=1)}
    return f"{text} {checked}"


def _going_on(now: dt.datetime) -> str:
    """Return what is going on, and when the next round is due."""
    running = Webinar.objects.filter(
        Exists(SyncRun.objects.alive(now).filter(webinar=OuterRef("pk")))
    ).count()
    parts = []
    if running:
        text = ngettext(
            "%(count)d webinar is syncing now.", "%(count)d webinars are syncing now.", running
        )
        parts.append(text % {"count": running})
    pending = Registration.objects.filter(condition(Audience.PENDING)).count()
    on_the_way = status.on_the_way(pending)
    if on_the_way:
        parts.append(f"{on_the_way}.")
    due = Schedule.objects.filter(func=_ROUND, next_run__gt=now).first()
    if due is not None:
        parts.append(_("Next sync: %(at)s") % {"at": dates.clock(due.next_run)})
    return " ".join(parts)
