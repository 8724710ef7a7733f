"""The calls that find marketing events, whichever app made them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from destinations.hubspot import answers
from destinations.hubspot.client import AT_ONCE, VERSION, Client, part
from destinations.hubspot.errors import NotFound

_EVENTS = f"/marketing/marketing-events/{VERSION}"


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """A marketing event of the portal; what HubSpot does not tell is empty."""

    object_id: str
    name: str = ""
    external_event_id: str = ""
    external_account_id: str = ""
    app: str = ""
    starts_at: dt.datetime | None = None
    cancelled: bool = False


def events_with_id(client: Client, external_event_id: str) -> list[FoundEvent]:
    """Return the events with an external id, of any app and account; a new one is found minutes
    later. Raises HubSpotError."""
    try:
        body = client.call("GET", f"{_EVENTS}/{part(external_event_id)}/identifiers")
    except NotFound:
        return []
    return [read_event(row) for row in answers.rows_of(body)]


def all_events(client: Client) -> Iterator[FoundEvent]:
    """Return the events of the portal, of any app. Raises HubSpotError."""
    after = ""
    while True:
        params = {"limit": str(AT_ONCE)} | ({"after": after} if after else {})
        body = client.call("GET", _EVENTS, params)
        yield from (read_event(row) for row in answers.rows_of(body))
        after = answers.next_page(body)
        if not after:
            return


def is_own(client: Client, event: FoundEvent, external_account_id: str) -> bool:
    """Return whether this credential made an event: others are not found by external ids. Raises
    HubSpotError."""
    path = f"{_EVENTS}/events/{part(event.external_event_id)}"
    try:
        body = client.call("GET", path, {"externalAccountId": external_account_id})
    except NotFound:
        return False
    return answers.object_id(body) == event.object_id


def read_event(row: Mapping[str, Any]) -> FoundEvent:
    """Return an event as lists of events and of identifiers show it."""
    app = row.get("appInfo")
    return FoundEvent(
        object_id=answers.text(row.get("objectId")),
        name=answers.text(row.get("eventName")) or answers.text(row.get("marketingEventName")),
        external_event_id=answers.text(row.get("externalEventId")),
        external_account_id=answers.text(row.get("externalAccountId")),
        app=answers.text(app.get("name")) if isinstance(app, dict) else "",
        starts_at=_time(answers.text(row.get("startDateTime"))),
        cancelled=row.get("eventCancelled") is True,
    )


def _time(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
