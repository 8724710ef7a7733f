"""A webinar's dates as marketing events in HubSpot: created, changed, cancelled and completed."""

import datetime as dt

from django.utils import timezone

from destinations.hubspot import reasons
from destinations.hubspot.client import Client
from destinations.hubspot.errors import NotFound, RequestRefused
from destinations.hubspot.event_dates import final_at, held_on, runs_at_any_time
from destinations.hubspot.event_names import as_sent, event_data
from destinations.hubspot.other_events import hold_back
from destinations.hubspot.records import EventData
from destinations.models import MarketingEvent, WebinarHandover
from platforms.models.error import NO_ERROR
from webinars.models import Session

# What HubSpot refuses is asked again so often.
_RETRY = dt.timedelta(hours=1)


def changed_events(
    handover: WebinarHandover, now: dt.datetime
) -> list[tuple[MarketingEvent, EventData]]:
    """Return the events that HubSpot was not told of as they stand now, with how they do."""
    events = list(handover.events.all())
    found = []
    for event in events:
        if event.next_try_at is not None and event.next_try_at > now:
            continue
        # What was called off before HubSpot heard of it is not told.
        if not event.object_id and event.cancelled:
            continue
        data = event_data(handover.webinar, event, of_several=len(events) > 1)
        if event.sent != as_sent(data):
            found.append((event, data))
    return found


def send_events(client: Client, handover: WebinarHandover) -> None:
    """Bring HubSpot's events of a webinar in line with its dates. Raises HubSpotError; what HubSpot
    refuses is noted with the event, and where others have made one for a date someone decides."""
    changed = changed_events(handover, timezone.now())
    held = hold_back(client, handover, [event for event, _data in changed if not event.object_id])
    for event, data in changed:
        if event.pk in held:
            continue
        try:
            if event.object_id:
                client.patch_event(event.object_id, data)
            else:
                event.object_id = client.put_event(data)
        except RequestRefused as error:
            gone = isinstance(error, NotFound)
            _note(event, reasons.EVENT_GONE if gone else reasons.EVENT_REFUSED, error.message)
            continue
        event.sent = as_sent(data)
        _save(event, "object_id", "sent")


def _note(event: MarketingEvent, code: str, words: str) -> None:
    event.error_code, event.platform_message = code, words
    event.next_try_at = timezone.now() + _RETRY
    event.save(update_fields=["error_code", "platform_message", "next_try_at"])


def _save(event: MarketingEvent, *names: str) -> None:
    for name, value in NO_ERROR.items():
        setattr(event, name, value)
    event.next_try_at = None
    event.save(update_fields=[*names, *NO_ERROR, "next_try_at"])


def events_to_complete(
    handover: WebinarHandover,
) -> list[tuple[MarketingEvent, dt.datetime, dt.datetime]]:
    """Return the events whose attendance is handed over, with the time at which each took place."""
    events = list(handover.events.all())
    open_events = [
        event
        for event in events
        if event.completed_at is None and event.object_id and not event.cancelled
    ]
    if not open_events or runs_at_any_time(handover.webinar):
        return []
    now = timezone.now()
    held = held_on(handover.webinar, events)
    found = []
    for event in open_events:
        sessions = held.get(event.number, [])
        final = final_at(sessions)
        if final is None or final > now or _is_pending(event):
            continue
        if event.next_try_at is None or event.next_try_at <= now:
            found.append((event, *_took_place(sessions)))
    return found


def _is_pending(event: MarketingEvent) -> bool:
    return event.participations.pending().exists()


def _took_place(sessions: list[Session]) -> tuple[dt.datetime, dt.datetime]:
    return min(item.started_at for item in sessions), max(item.ended_at for item in sessions)


def complete_events(client: Client, handover: WebinarHandover) -> None:
    """Tell HubSpot of events that are over, so that it knows who did not attend. Raises
    HubSpotError."""
    for event, starts_at, ends_at in events_to_complete(handover):
        try:
            try:
                client.complete_event(
                    event.external_event_id, event.external_account_id, starts_at, ends_at
                )
            except NotFound:
                # Another credential has made it.
                client.patch_event(event.object_id, EventData(completed=True))
        except RequestRefused as error:
            _note(event, reasons.EVENT_REFUSED, error.message)
            continue
        event.completed_at = timezone.now()
        _save(event, "completed_at")
