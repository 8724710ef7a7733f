"""Sync a connection's list of webinars."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from platforms.contract import Client
from platforms.errors import NotAllowed, NotFound, PlatformError
from platforms.models import Connection
from platforms.records import LONGEST_KEY, TimeRange
from platforms.records import Webinar as RemoteWebinar
from sync.push.capacity import refresh_capacity, refresh_form_fields, save_form_fields
from webinars.calendar_dates import follow
from webinars.models import Webinar

# The platform requires a time range for its list; this one covers everything of interest.
_BACK = dt.timedelta(days=3650)
_AHEAD = dt.timedelta(days=1095)
# How far back sessions are requested, hourly: an outage of a day hides none.
_LATELY = dt.timedelta(days=2)


def sync_webinar_list(connection: Connection, client: Client) -> None:
    """Write new and changed webinars, and mark those that the platform no longer has.

    A new webinar is not synced before a marketer turns on sync (rule 1). A webinar missing from the
    list counts as gone only if the platform confirms that in a separate call, and never if a row
    could not be read (rule 10). Raises PlatformError.
    """
    now = timezone.now()
    known = {webinar.key: webinar for webinar in connection.webinars.all()}
    listed = set()
    for remote in client.webinars(now - _BACK, now + _AHEAD):
        listed.add(remote.key)
        _write(connection, client, remote, known.get(remote.key))
    whole = not client.skipped["webinars"]
    for key, webinar in known.items():
        if whole and key not in listed and webinar.state == Webinar.State.SCHEDULED:
            _check_gone(client, webinar)
    _refresh_forms(connection, client)


def hear_of_sessions(connection: Connection, client: Client) -> None:
    """Save which webinars had sessions lately: one call for all, whatever their schedule says.

    They are then synced more often (sync.scheduling). Raises PlatformError.
    """
    if not client.capabilities.recent_sessions:
        return
    now = timezone.now()
    ended: dict[str, dt.datetime] = {}
    for session in client.organizer_sessions(now - _LATELY, now):
        ended[session.webinar_key] = max(
            session.ended_at, ended.get(session.webinar_key, now - _BACK)
        )
    for key, ended_at in ended.items():
        if ended_at <= now:
            connection.webinars.filter(
                Q(heard_to_run_at__isnull=True) | Q(heard_to_run_at__lt=ended_at), key=key
            ).update(heard_to_run_at=ended_at)


def refresh_webinar(webinar: Webinar, client: Client) -> None:
    """Sync one webinar with one call, two if it has our form. Raises PlatformError.

    Fields that only the list has (recurrence, approval) are left alone.
    """
    try:
        remote = client.webinar(webinar.key)
    except NotFound:
        webinar.state = Webinar.State.GONE
        Webinar.objects.filter(pk=webinar.pk).update(state=webinar.state)
        return
    values = _times(remote.times) | {
        "subject": remote.subject[:512],
        "description": remote.description,
        "time_zone": remote.time_zone[:64],
        "registration_url": remote.registration_url[:500],
        "state": Webinar.State.SCHEDULED,
    }
    values |= _calendar_dates(webinar, values)
    for name, value in values.items():
        setattr(webinar, name, value)
    Webinar.objects.filter(pk=webinar.pk).update(**values)
    refresh_capacity(webinar, remote)
    if webinar.takes_registrations:
        save_form_fields(webinar, client.registration_fields(webinar.key))


def _times(times: Sequence[TimeRange]) -> dict[str, Any]:
    return {
        "starts_at": min((time.start for time in times), default=None),
        "ends_at": max((time.end for time in times), default=None),
        "times": [[time.start.isoformat(), time.end.isoformat()] for time in times],
    }


def _calendar_dates(known: Webinar | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the calendar fields that change with `values`."""
    now = timezone.now()
    before = [] if known is None else known.calendar_dates or follow([], known.times, now)
    renamed = known is not None and known.subject != values["subject"]
    return {"calendar_dates": follow(before, values["times"], now, renamed=renamed)}


def _refresh_forms(connection: Connection, client: Client) -> None:
    """Refresh the forms of webinars that are not synced; a failure does not stop the others.

    Raises the first PlatformError, at the end.
    """
    failed: list[PlatformError] = []
    for webinar in connection.webinars.filter(form_enabled=True, sync_enabled=False):
        if webinar.takes_registrations:
            try:
                refresh_form_fields(webinar, client)
            except PlatformError as error:
                failed.append(error)
    if failed:
        raise failed[0]


def _write(
    connection: Connection, client: Client, remote: RemoteWebinar, known: Webinar | None
) -> None:
    values = _values(remote)
    if remote.organizer_key not in ("", connection.organizer_key):
        values["state"] = _state_of_foreign(client, remote, known)
    values |= _calendar_dates(known, values)
    if known is None:
        with transaction.atomic():
            Webinar.objects.get_or_create(
                connection=connection,
                key=remote.key,
                defaults=values | {"slug": _slug(remote)},
            )
    elif any(getattr(known, name) != value for name, value in values.items()):
        Webinar.objects.filter(pk=known.pk).update(**values)


def _state_of_foreign(
    client: Client, remote: RemoteWebinar, known: Webinar | None
) -> Webinar.State:
    """Return the status of a webinar with another organizer's key: the platform's refusal confirms
    it, and is requested once."""
    if known is not None and known.state != Webinar.State.GONE:
        return Webinar.State(known.state)
    try:
        client.webinar(remote.key)
    except NotAllowed:
        return Webinar.State.FOREIGN
    except PlatformError:
        pass
    return Webinar.State.SCHEDULED


def _values(remote: RemoteWebinar) -> dict[str, Any]:
    return {
        "subject": remote.subject[:512],
        "description": remote.description,
        **_times(remote.times),
        "time_zone": remote.time_zone[:64],
        "experience_type": remote.experience_type[:32],
        "on_demand": remote.on_demand,
        "recurrence_type": remote.recurrence_type[:32],
        "recurrence_key": (remote.recurrence_key or "")[:LONGEST_KEY],
        "approval_type": remote.approval_type.value,
        "registration_url": remote.registration_url[:500],
        "state": Webinar.State.SCHEDULED,
    }


def _slug(remote: RemoteWebinar) -> str:
    """Return a slug that is easy to read out and unique."""
    words = slugify(remote.subject)[:48].strip("-") or "webinar"
    # A key may contain any characters, a slug not.
    key = slugify(remote.key)[-24:].strip("-_")
    if key != remote.key:
        key = hashlib.sha256(remote.key.encode()).hexdigest()[:24]
    slug = f"{words}-{key[-6:]}"
    return slug if not Webinar.objects.filter(slug=slug).exists() else f"{words}-{key}"


def _check_gone(client: Client, webinar: Webinar) -> None:
    try:
        client.webinar(webinar.key)
    except NotFound:
        Webinar.objects.filter(pk=webinar.pk).update(state=Webinar.State.GONE)
