"""Marketing events that others made for the same date: no one gets a second one unasked.

HubSpot's own integrations create marketing events too. Before the first event of a
date is created, HubSpot's are read; where there is one, someone decides which is used.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from destinations.hubspot import reasons
from destinations.hubspot.client import Client
from destinations.hubspot.event_names import as_sent, event_data, event_name
from destinations.hubspot.events_client import FoundEvent, all_events, events_with_id, is_own
from destinations.models import MarketingEvent, WebinarHandover
from platforms.models.error import NO_ERROR

Choice = MarketingEvent.Choice
# An event of the same name that begins within so long is the same date.
SAME_START = dt.timedelta(minutes=15)
# While no one has decided, it is looked again so often: the other event may be gone.
_LOOK_AGAIN = dt.timedelta(hours=1)


def find_others(
    client: Client, handover: WebinarHandover, events: Sequence[MarketingEvent]
) -> dict[int, list[FoundEvent]]:
    """Return, by the key of each of `events`, HubSpot's events of others for the same date: those
    with the webinar's key, and those of the same name and start. Raises HubSpotError."""
    if not events:
        return {}
    key = handover.webinar.key
    known = {there.object_id: there for there in events_with_id(client, key)}
    known |= {there.object_id: there for there in all_events(client)}
    ours = MarketingEvent.objects.exclude(object_id="").values_list("object_id", flat=True)
    mine = set(ours.filter(object_id__in=known))
    others = [
        there
        for there in known.values()
        if there.object_id and there.object_id not in mine and not there.cancelled
    ]
    several = handover.events.count() > 1
    found: dict[int, list[FoundEvent]] = {}
    for event in events:
        names = {_folded(event_name(handover.webinar, event.starts_at, of_several=several))}
        names.add(_folded(handover.webinar.subject))
        found[event.pk] = [
            other
            for other in others
            if _is_same_date(other, event, key, names) and not _is_made_by_us(client, other, event)
        ]
    return found


def _is_same_date(other: FoundEvent, event: MarketingEvent, key: str, names: set[str]) -> bool:
    if other.external_event_id == event.external_event_id:
        return True
    if other.starts_at is None or event.starts_at is None:
        return other.external_event_id == key
    starts_near = abs(other.starts_at - event.starts_at) <= SAME_START
    return starts_near and (other.external_event_id == key or _folded(other.name) in names)


def _is_made_by_us(client: Client, other: FoundEvent, event: MarketingEvent) -> bool:
    """Return whether it is our own event after all, whose creation was not heard of."""
    return other.external_event_id == event.external_event_id and is_own(
        client, other, event.external_account_id
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def hold_back(
    client: Client, handover: WebinarHandover, events: Sequence[MarketingEvent]
) -> set[int]:
    """Look for events of others for the dates of `events`, which HubSpot does not have yet, and
    return the keys of those that wait for a choice. Raises HubSpotError."""
    look(client, handover, events)
    held = {event.pk for event in events if event.awaits_choice}
    undecided = MarketingEvent.objects.filter(pk__in=held, choice="", object_id="")
    undecided.update(
        **(NO_ERROR | {"error_code": reasons.CHOICE_NEEDED}),
        next_try_at=timezone.now() + _LOOK_AGAIN,
    )
    return held


def look(client: Client, handover: WebinarHandover, events: Sequence[MarketingEvent]) -> None:
    """Keep with each of `events`, unless it is decided, which others HubSpot has for its date."""
    open_events = [event for event in events if not event.object_id and not event.choice]
    for pk, others in find_others(client, handover, open_events).items():
        event = next(each for each in open_events if each.pk == pk)
        rows = [_as_row(other) for other in others]
        if event.other_events != rows:
            event.other_events = rows
            event.save(update_fields=["other_events"])


def _as_row(other: FoundEvent) -> dict[str, Any]:
    return {
        "object_id": other.object_id,
        "name": other.name,
        "app": other.app,
        "starts_at": other.starts_at and other.starts_at.isoformat(),
    }


def decide(events: Sequence[MarketingEvent], *, existing: bool) -> int:
    """Use the first event that was found for each date that waits for a choice, or create one of
    our own; return for how many that is."""
    choose = use_existing if existing else create_own
    return sum(choose(event) for event in events)


def create_own(event: MarketingEvent) -> bool:
    """Create an event of our own for a date beside that of others; return whether it can be."""
    return event.awaits_choice and _choose(event, choice=Choice.OWN)


def use_existing(event: MarketingEvent, object_id: str = "") -> bool:
    """Use an event that HubSpot has for a date, by default the first one that was found; tell
    whether it can be. Its name, times and link stay until the webinar changes here."""
    found = [row["object_id"] for row in event.other_events]
    object_id = object_id or (found[0] if found else "")
    taken = MarketingEvent.objects.filter(handover__portal=event.handover.portal_id)
    if not event.awaits_choice or object_id not in found:
        return False
    if taken.filter(object_id=object_id).exists():
        return False
    several = event.handover.events.count() > 1
    sent = as_sent(event_data(event.handover.webinar, event, of_several=several))
    return _choose(event, choice=Choice.EXISTING, object_id=object_id, sent=sent)


def _choose(event: MarketingEvent, **values: Any) -> bool:
    rows = MarketingEvent.objects.filter(pk=event.pk, object_id="", choice="")
    return bool(rows.update(**values, **NO_ERROR, next_try_at=None))
