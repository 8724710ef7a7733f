"""Sync what the events of one webinar name, with as few calls as possible."""

from collections.abc import Sequence

from django.db import transaction

from contacts.matching import ids_by_email
from contacts.models import Activity
from core.batches import batched
from platforms import registry
from platforms.contract import Client
from platforms.errors import Malformed, NotFound
from platforms.models import WebhookEvent
from platforms.records import RegistrantDetails
from sync.pull import apply, snapshot
from sync.pull.attendance_plan import plan_answers
from sync.pull.registrant_details import CHUNK, read_details
from sync.pull.registrants import sync_registrants
from webinars.models import Webinar

# Calls of a sync besides the pages of registrants: sessions, attendees, questions, form and seats.
_OTHER_CALLS = 5


class NeedsWholeSync(Exception):
    """Syncing the whole webinar costs fewer calls, or is the only way."""


def handle_registrants(webinar: Webinar, client: Client, events: Sequence[WebhookEvent]) -> None:
    """Sync the people named by `events`.

    People who are registered here cost no call. A whole record signed by the platform is used as it
    is. Others are read with a call each. Raises PlatformError, and NeedsWholeSync if many of them
    are known contacts, for whom the list has enough data.
    """
    here = _on_the_list(webinar, {event.registrant_key for event in events})
    signed: dict[str, RegistrantDetails] = {}
    ask: dict[str, WebhookEvent] = {}
    for event in events:
        if event.registrant_key in here:
            continue
        details = _details_in(webinar, event)
        if details is not None:
            signed[event.registrant_key] = details
        else:
            ask[event.registrant_key] = event
    for key in signed:
        ask.pop(key, None)
    if signed:
        sync_registrants(webinar, list(signed.values()))
    if len(ask) > _cost_of_sync(webinar, client, list(ask.values())):
        raise NeedsWholeSync
    _fetch(webinar, client, list(ask))


def _details_in(webinar: Webinar, event: WebhookEvent) -> RegistrantDetails | None:
    """Return the record that the platform signed; None if there is no trustworthy one."""
    if not event.body:
        return None
    try:
        return registry.platform_of(webinar.connection).read_event(event.body.encode()).details
    except Malformed:
        return None


def _on_the_list(webinar: Webinar, keys: set[str]) -> set[str]:
    """Return those of `keys` that are registered here, and not cancelled."""
    rows = snapshot.of_registrants(webinar, keys).filter(cancelled_at__isnull=True)
    return set(rows.values_list("registrant_key", flat=True))


def _cost_of_sync(webinar: Webinar, client: Client, asked: Sequence[WebhookEvent]) -> int:
    """Return the approximate number of calls of a sync: details are read for unknown people
    only."""
    known = ids_by_email({event.email_key for event in asked} - {""})
    strangers = sum(event.email_key not in known for event in asked)
    pages = -(-(webinar.registrant_count or len(asked)) // client.limits.page_size)
    return pages + _OTHER_CALLS + strangers


def _fetch(webinar: Webinar, client: Client, keys: Sequence[str]) -> None:
    for portion in batched(keys, CHUNK):
        details = read_details(client, webinar.key, portion)
        if details.found:
            sync_registrants(webinar, list(details.found.values()))
        for error in details.failed.values():
            raise error


def handle_surveys(
    webinar: Webinar, client: Client, events: Sequence[WebhookEvent], *, synced: bool = False
) -> None:
    """Read the survey answers of those named by `events`, a call a person and session.

    Raises PlatformError, and NeedsWholeSync if the session is unknown, unless `synced`.
    """
    sessions = snapshot.read_sessions(webinar)
    keys = {event.registrant_key for event in events} - {""}
    people = snapshot.people_by_key(webinar, keys)
    places = {(event.registrant_key, event.session_key) for event in events}
    for registrant_key, session_key in sorted(places):
        if registrant_key not in people or session_key not in sessions:
            if synced:
                continue
            raise NeedsWholeSync
        session, contact_id = sessions[session_key], people[registrant_key][1]
        try:
            answers = client.survey_answers(webinar.key, session_key, registrant_key)
        except NotFound:
            continue
        lines = plan_answers(Activity.Kind.SURVEY, answers, contact_id, session)
        if lines:
            with transaction.atomic():
                apply.upsert_activities(webinar, lines)
