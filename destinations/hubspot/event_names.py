"""How a date is here, as it is told of a marketing event."""

import datetime as dt
from typing import Any

from django.conf import settings

from destinations.hubspot.records import EventData
from destinations.models import MarketingEvent
from registration_forms.links import form_link
from webinars.models import Webinar


def event_name(webinar: Webinar, starts_at: dt.datetime | None, *, of_several: bool) -> str:
    """Return what the event of a date is called: that of one of several tells which it is."""
    if not of_several or starts_at is None:
        return webinar.subject
    return f"{webinar.subject} ({starts_at.astimezone(webinar.zone):%Y-%m-%d %H:%M})"


def event_data(webinar: Webinar, event: MarketingEvent, *, of_several: bool) -> EventData:
    """Return how the event is here."""
    return EventData(
        external_account_id=event.external_account_id,
        external_event_id=event.external_event_id,
        name=event_name(webinar, event.starts_at, of_several=of_several),
        organizer=webinar.organizer_name or webinar.connection.email,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        url=event_url(webinar),
        cancelled=event.cancelled,
    )


def event_url(webinar: Webinar) -> str:
    """Return where people register: with our form, else with the platform's; "" for none."""
    if webinar.form_enabled and settings.PUBLIC_URL:
        return form_link(webinar)
    return webinar.registration_url


def as_sent(data: EventData) -> dict[str, Any]:
    """Return what is kept of `data` once HubSpot has it."""
    return {
        "name": data.name,
        "organizer": data.organizer,
        "starts_at": data.starts_at and data.starts_at.isoformat(),
        "ends_at": data.ends_at and data.ends_at.isoformat(),
        "url": data.url,
        "cancelled": data.cancelled,
    }
