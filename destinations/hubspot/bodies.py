"""The bodies of requests to HubSpot."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from destinations.hubspot.records import EventData, NewContact, ParticipationInput


def base_url(api_url: str) -> str:
    """Return the base URL of the API. Raises ValueError for an invalid URL."""
    base = api_url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError(
            f"HUBSPOT_API_URL is “{api_url}”, which is no web address. It should look like "
            "https://api.hubapi.com."
        )
    return base


def event(event: EventData) -> dict[str, Any]:
    """Return the body of a marketing event, without fields that are None."""
    body = {
        "eventName": event.name,
        "eventOrganizer": event.organizer,
        "eventType": event.type,
        "eventUrl": event.url,
        "eventDescription": event.description,
        "startDateTime": event.starts_at and iso(event.starts_at),
        "endDateTime": event.ends_at and iso(event.ends_at),
        "eventCancelled": event.cancelled,
        "eventCompleted": event.completed,
    }
    return {name: value for name, value in body.items() if value is not None}


def new_contacts(inputs: Sequence[NewContact]) -> dict[str, Any]:
    """Return the body of a batch; each contact is identified by its trace id."""
    rows = [
        {
            "properties": dict(each.properties),
            "objectWriteTraceId": each.trace_id,
            "associations": [],
        }
        for each in inputs
    ]
    return {"inputs": rows}


def participation(each: ParticipationInput) -> dict[str, Any]:
    """Return a participation in HubSpot's format."""
    properties = {
        name: iso(at)
        for name, at in (("joinedAt", each.joined_at), ("leftAt", each.left_at))
        if at is not None
    }
    return {
        "vid": int(each.contact_id),
        "interactionDateTime": int(each.at.timestamp() * 1000),
        "properties": properties,
    }


def iso(at: dt.datetime) -> str:
    """Return a time in HubSpot's format."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
