"""Sync the speakers of a webinar, who are left out of its figures."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from contacts.matching import ids_by_email
from contacts.tombstones import tombstones_of
from core.emails import email_key
from platforms.contract import Client
from platforms.errors import NotAllowed, NotFound
from platforms.records import Speaker as RemoteSpeaker
from sync import lease
from sync.models import SyncRun
from webinars import internal
from webinars.models import Speaker, Webinar

Role = Speaker.Role

# The client's names of the lists.
_LISTS = {Role.PANELIST: "panelists", Role.COORGANIZER: "coorganizers"}
# Speakers seldom change: a webinar that is synced every 15 minutes reads them once a day.
_KNOWN_FOR = dt.timedelta(hours=24)


def is_due(webinar: Webinar, now: dt.datetime) -> bool:
    """Return whether the speakers of `webinar` are to be read: once a day until it is over, and
    again afterwards."""
    read_at = webinar.speakers_read_at
    if read_at is None:
        return True
    if webinar.ends_at is not None and webinar.ends_at <= now:
        return read_at < webinar.ends_at
    return read_at < now - _KNOWN_FOR


def sync_speakers(webinar: Webinar, client: Client, run: SyncRun) -> bool:
    """Sync the speakers of `webinar`, if due, and mark their registrations; return whether they
    were.

    If the platform does not return a list, the known speakers stay. Raises PlatformError.
    """
    now = timezone.now()
    if not client.capabilities.speakers or not is_due(webinar, now):
        return False
    found = {
        Role.ORGANIZER: [RemoteSpeaker(webinar.connection.email, webinar.organizer_name)],
        Role.PANELIST: _asked(client.panelists, webinar),
        Role.COORGANIZER: _asked(client.coorganizers, webinar),
    }
    with transaction.atomic():
        lease.hold(run)
        for role, speakers in found.items():
            if speakers is not None:
                whole = not client.skipped[_LISTS.get(role, "")]
                save_speakers(webinar, role, speakers, whole=whole)
        # In any case: finds those who registered while the list of internal addresses was changed.
        internal.refresh(webinar.registrations.all())
        Webinar.objects.filter(pk=webinar.pk).update(speakers_read_at=now)
    webinar.speakers_read_at = now
    return True


def _asked(
    ask: Callable[[str], Sequence[RemoteSpeaker]], webinar: Webinar
) -> Sequence[RemoteSpeaker] | None:
    try:
        return ask(webinar.key)
    except (NotAllowed, NotFound):
        return None


def save_speakers(
    webinar: Webinar, role: Speaker.Role, speakers: Iterable[RemoteSpeaker], *, whole: bool = True
) -> None:
    """Write the speakers with `role`. `whole` means that all rows could be read: only then those
    who are not among `speakers` are deleted."""
    names: dict[str, str] = {}
    for speaker in speakers:
        key = email_key(speaker.email)
        if key and len(key) <= 254:
            names.setdefault(key, speaker.name.strip()[:255])
    for key in _deleted(names):
        del names[key]
    rows = webinar.speakers.filter(role=role)
    known = dict(rows.values_list("email_key", "name"))
    if whole and known.keys() - names.keys():
        rows.exclude(email_key__in=names).delete()
    Speaker.objects.bulk_create(
        [
            Speaker(webinar=webinar, role=role, email_key=key, name=name)
            for key, name in names.items()
            if known.get(key) != name
        ],
        update_conflicts=True,
        unique_fields=["webinar", "email_key", "role"],
        update_fields=["name"],
    )


def _deleted(keys: Iterable[str]) -> set[str]:
    """Return those of `keys` who were deleted here and did not return (rule 5)."""
    people = set(keys)
    return set(tombstones_of(people)) - set(ids_by_email(people))
