"""Check an installation and say what to do about problems."""

import datetime as dt
import enum
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import redis
import requests
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_q.models import Schedule
from redis.exceptions import RedisError

from accounts.models import LockoutCount
from accounts.notifications import lockouts_of_a_day
from core import outbox_delivery
from core.encryption import Sealed
from core.private_files import open_to_others
from destinations.hubspot.attention import (
    failing_forms,
    failing_handovers,
    refused_by_webinar,
    undecided_by_webinar,
)
from destinations.models import Portal
from operations.freshness import Delays, delays
from operations.schedules import JOBS
from platforms import registry
from platforms.models import Connection, WebhookSetup
from platforms.webhooks.subscriptions import can_be_reached

# Webhooks and tokens contain times: a larger difference of clocks causes trouble.
_APART = dt.timedelta(seconds=60)
# With less, SQLite's write-ahead log may fill the disk during one large sync.
_LEAST_DISK = 500 * 2**20
_TIMEOUT_SECONDS = 10
# Events are delivered within seconds, and retried within minutes.
_HANDED_OVER_LATE = dt.timedelta(minutes=15)


class Tone(enum.StrEnum):
    GOOD = "ok"
    WARNING = "warning"
    BAD = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: what was checked, how it is, and what to do (may be empty)."""

    about: str
    tone: Tone
    message: str
    todo: str = ""


def examine(*, offline: bool = False) -> Iterator[Finding]:
    """Yield the findings; with `offline`, no other server is called."""
    yield from _settings()
    found = list(_database())
    yield from found
    if any(item.tone == Tone.BAD for item in found):
        return
    yield from _redis()
    late = delays(timezone.now())
    yield from _jobs(late)
    if not offline:
        yield from _clock()
    yield from _if_readable("connections", _connections)
    yield from _if_readable("webhooks", _webhooks)
    yield from _if_readable("HubSpot", _hubspot)
    yield from _sync(late)
    yield from _outbox()
    yield _sign_in()
    yield _mail()


def _if_readable(about: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield the findings of `look`; with invalid TOKEN_KEYS, its rows cannot even be read."""
    try:
        yield from look()
    except ValueError:
        yield Finding(about, Tone.BAD, "They cannot be read.", "See TOKEN_KEYS.")


def _settings() -> Iterator[Finding]:
    wrong = [
        item
        for item in checks.run_checks(include_deployment_checks=not settings.DEBUG)
        if item.level >= checks.WARNING
    ]
    for item in wrong:
        tone = Tone.BAD if item.level >= checks.ERROR else Tone.WARNING
        yield Finding("settings", tone, f"{item.msg} ({item.id})", item.hint or "")
    if not wrong:
        yield Finding("settings", Tone.GOOD, "Nothing to find fault with.")


def _database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        message = f"It does not answer: {str(error).strip().splitlines()[0]}"
        yield Finding("database", Tone.BAD, message, "See DATABASE_URL, and whether it runs.")
        return
    if plan:
        message = f"{len(plan)} migrations are missing."
        yield Finding("database", Tone.BAD, message, "Run: manage.py migrate")
    else:
        yield Finding("database", Tone.GOOD, f"{connection.display_name}; tables up to date.")
    if connection.vendor == "sqlite":
        folder = Path(settings.DATABASES["default"]["NAME"]).parent
        free = shutil.disk_usage(folder).free if folder.is_dir() else _LEAST_DISK
        if free < _LEAST_DISK:
            message = f"{free // 2**20} MiB are free where the database is."
            yield Finding(
                "disk", Tone.WARNING, message, "Make room before a large sync does not fit."
            )
        for path, mode in open_to_others(str(connection.settings_dict["NAME"])):
            message = f"Others on this machine may open {path}."
            yield Finding(
                "files", Tone.WARNING, message, f"Run: chmod {mode} {shlex.quote(str(path))}"
            )


def _redis() -> Iterator[Finding]:
    """Check each Redis in the settings once."""
    named = (settings.BROKER_URL, settings.CALL_BUDGET_URL, settings.CACHES["default"]["LOCATION"])
    for url in dict.fromkeys(url for url in named if str(url).startswith("redis")):
        where = urlsplit(url)
        about = f"Redis {where.hostname}:{where.port or 6379}{where.path}"
        try:
            redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5).ping()
        except RedisError as error:
            message = f"It does not answer ({type(error).__name__}); the tables are asked instead."
            yield Finding(about, Tone.BAD, message, "Start it, or see BROKER_URL and the like.")
        else:
            yield Finding(about, Tone.GOOD, "It answers.")


def _jobs(late: Delays) -> Iterator[Finding]:
    there = set(Schedule.objects.values_list("func", flat=True))
    missing = [job.name for job in JOBS if job.function not in there]
    if missing:
        message = f"Periodic jobs are missing: {', '.join(missing)}."
        yield Finding("jobs", Tone.BAD, message, "Run: manage.py install_schedules")
    elif late.job_is_late:
        message = f"No worker has taken a periodic job for {_in_words(late.job)}."
        yield Finding("worker", Tone.BAD, message, "Start `manage.py qcluster`, and see its log.")
    else:
        yield Finding("worker", Tone.GOOD, "Periodic jobs run on time.")
    if late.push_is_late:
        waits = [wait for wait in (late.push, late.event) if wait is not None]
        message = f"Registrations or webhooks have waited for {_in_words(max(waits))}."
        todo = "Start `Q_CLUSTER_NAME=push manage.py qcluster`, and see its log."
        yield Finding("pusher", Tone.BAD, message, todo)
    else:
        yield Finding("pusher", Tone.GOOD, "No registration waits too long.")


def _clock() -> Iterator[Finding]:
    """Compare our clock with the Date header of the platform's sign-in server."""
    try:
        address = registry.platform_named(registry.DEFAULT).sign_in_url
        # With an `auth` of its own, requests sends no password from the server's .netrc.
        answer = requests.head(
            address,
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
            auth=lambda unchanged: unchanged,
        )
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except ValueError as error:
        yield Finding("GoTo", Tone.BAD, str(error))
        return
    except (requests.RequestException, KeyError, TypeError) as error:
        message = f"GoTo's sign-in server cannot be asked ({type(error).__name__})."
        yield Finding("GoTo", Tone.BAD, message, "See GOTO_AUTH_URL, name resolution and firewall.")
        return
    apart = abs(timezone.now() - theirs)
    if apart > _APART:
        message = f"Our clock and GoTo's are {_in_words(apart)} apart."
        yield Finding("clock", Tone.BAD, message, "Let the machine keep time by NTP.")
    else:
        yield Finding("clock", Tone.GOOD, "It agrees with GoTo's.")


def _connections() -> Iterator[Finding]:
    for item in (found := list(Connection.objects.all())):
        about = f"connection {item}"
        if isinstance(item.refresh_token, Sealed) or isinstance(item.access_token, Sealed):
            message = "Its tokens cannot be decrypted: TOKEN_KEYS or SECRET_KEY changed."
            todo = "Put the old key at the end of TOKEN_KEYS, or connect it again."
            yield Finding(about, Tone.BAD, message, todo)
        elif item.state == Connection.State.SIGN_IN_NEEDED:
            message = (
                f"GoTo refuses the sign-in: {item.platform_message or item.error_in_english()}"
            )
            yield Finding(about, Tone.BAD, message, "Connect it again, in the admin.")
        elif item.state == Connection.State.DISCONNECTED:
            yield Finding(about, Tone.WARNING, "It is disconnected; nothing of it is synced.")
        else:
            yield Finding(about, Tone.GOOD, "Connected.")
    if not found:
        todo = f"Open {settings.PUBLIC_URL or 'the admin'}/connections/ and connect one."
        yield Finding("connection", Tone.WARNING, "No account is connected yet.", todo)


def _webhooks() -> Iterator[Finding]:
    State = WebhookSetup.State
    for item in WebhookSetup.objects.enabled().select_related("connection"):
        about = f"webhooks of {item}"
        if item.state == State.ON and item.forged and not item.verified:
            message = "No signature was right so far."
            todo = "See GOTO_WEBHOOK_SIGNATURE and GOTO_WEBHOOK_SIGNATURE_HEADER."
            yield Finding(about, Tone.WARNING, message, todo)
        elif item.state == State.ON:
            heard = item.last_event_at
            message = (
                f"On; last heard of {heard:%Y-%m-%d %H:%M} UTC." if heard else "On, not used yet."
            )
            yield Finding(about, Tone.GOOD, message)
        else:
            message = item.error_in_english() or "They are being set up."
            yield Finding(about, Tone.WARNING, message, item.platform_message)
    silent = Connection.objects.connected().filter(webhooks__isnull=True)
    if any(map(can_be_reached, silent)):
        message = "They are off: changes on GoToWebinar show after up to 15 minutes."
        todo = "Switch them on, on the connection's page."
        yield Finding("webhooks", Tone.WARNING, message, todo)


def _hubspot() -> Iterator[Finding]:
    """Check the connected portal; nothing without one."""
    for portal in Portal.objects.joined():
        about = str(portal)
        if isinstance(portal.access_token, Sealed):
            message = "Its access token cannot be decrypted: TOKEN_KEYS or SECRET_KEY changed."
            todo = "Put the old key at the end of TOKEN_KEYS, or replace the token."
            yield Finding(about, Tone.BAD, message, todo)
        elif portal.state == Portal.State.TOKEN_REFUSED:
            todo = "Replace the access token, under Settings > HubSpot."
            yield Finding(about, Tone.BAD, portal.error_in_english(), todo)
        elif portal.error_code:
            todo = "See Settings > HubSpot."
            yield Finding(about, Tone.WARNING, portal.error_in_english(), todo)
        else:
            yield Finding(about, Tone.GOOD, "Connected.")
        if refused := refused_by_webinar(portal):
            message = f"It refused {sum(refused.values())} people at {len(refused)} webinars."
            todo = "See the HubSpot tab of these webinars: it says why, and sends them again."
            yield Finding(about, Tone.WARNING, message, todo)
        if undecided := undecided_by_webinar(portal):
            message = f"{sum(undecided.values())} dates have a marketing event there already."
            todo = "Choose on the HubSpot tab of these webinars which one is used."
            yield Finding(about, Tone.WARNING, message, todo)
        for form in failing_forms(portal, timezone.now()):
            message = f"Form {form}, {form.webinar}: {form.error_in_english()}"
            yield Finding(about, Tone.WARNING, message, form.platform_message)
        for handover in failing_handovers(portal):
            message = f"{handover.webinar}: {handover.error_in_english()}"
            yield Finding(about, Tone.WARNING, message, handover.platform_message)


def _sync(late: Delays) -> Iterator[Finding]:
    if late.sync_is_late:
        message = f"A webinar was last synced {_in_words(late.sync)} ago."
        todo = "See the sync runs in the admin, and whether enough workers run."
        yield Finding("sync", Tone.BAD, message, todo)
    else:
        message = f"{late.webinars} webinars are synced, {late.never} not yet synced."
        yield Finding("sync", Tone.GOOD, message)


def _outbox() -> Iterator[Finding]:
    """Name the readers whose events have waited too long, with the last error."""
    now = timezone.now()
    for item in outbox_delivery.waiting():
        if now - item.since > _HANDED_OVER_LATE:
            why = f" The last error: {item.error_code}." if item.error_code else ""
            message = (
                f"{item.count} events wait, the oldest for {_in_words(now - item.since)}.{why}"
            )
            todo = "See the log of the workers, and whether enough of them run."
            yield Finding(f"outbox {item.reader}", Tone.WARNING, message, todo)


def _sign_in() -> Finding:
    """Report whether passwords are being guessed, by the limits that were reached."""
    Kind = LockoutCount.Kind
    counts = lockouts_of_a_day(timezone.now())
    if not counts:
        return Finding("sign-in", Tone.GOOD, "No password guessing in the last 24 hours.")
    message = (
        "Sign-in attempts were blocked in the last 24 hours: "
        f"many names from one network {counts.get(Kind.NETWORK, 0)} times, "
        f"one name from many networks {counts.get(Kind.NAME, 0)} times, "
        f"many names from many networks {counts.get(Kind.INSTALLATION, 0)} times."
    )
    todo = "Make sure that everyone has a long password; block the networks at the proxy."
    return Finding("sign-in", Tone.WARNING, message, todo)


def _mail() -> Finding:
    if settings.MAIL_READY:
        return Finding("mail", Tone.GOOD, "A mail server is set.")
    message = "No mail server: no emails or notifications are sent."
    return Finding("mail", Tone.WARNING, message, "Set EMAIL_URL and PUBLIC_URL.")


def _in_words(time: dt.timedelta | None) -> str:
    if time is None:
        return "ever"
    seconds = int(time.total_seconds())
    for size, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"
