"""The same webinar handed over the way most integrations do it: for each person a search, a write
of the contact with all its values, and a call for each thing that they did."""

import datetime as dt
import time
from typing import Any

import requests

from destinations.hubspot.client import VERSION
from webinars.models import Webinar

_CONTACTS = f"/crm/objects/{VERSION}/contacts"
_EVENTS = f"/marketing/marketing-events/{VERSION}"
# Who is refused as too fast waits so long.
_PAUSE_SECONDS = 1.0


def hand_over_singly(api_url: str, token: str, webinar: Webinar) -> None:
    """Hand a webinar over; whatever is refused as too fast is asked again a second later."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"

        def post(path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
            while True:
                answer = session.request(method, api_url + path, json=body, timeout=30)
                if answer.status_code != 429:
                    answer.raise_for_status()
                    decoded: dict[str, Any] = answer.json()
                    return decoded
                time.sleep(_PAUSE_SECONDS)

        event = {
            "externalAccountId": webinar.connection.organizer_key,
            "externalEventId": webinar.key,
            "eventName": webinar.subject,
            "eventOrganizer": webinar.connection.email,
        }
        event_id = post(f"{_EVENTS}/events/{webinar.key}", event, "PUT")["objectId"]
        rows = webinar.registrations.select_related("contact").prefetch_related("attendances")
        for row in rows.order_by("pk"):
            contact_id = _written(post, row.contact)
            joined = [stay.intervals[0][0] for stay in row.attendances.all()]
            did = [("register", row.registered_at), ("cancel", row.cancelled_at)]
            did += [("attend", dt.datetime.fromtimestamp(at, dt.UTC)) for at in joined]
            for state, at in did:
                if at is not None:
                    given = {"vid": contact_id, "interactionDateTime": int(at.timestamp() * 1000)}
                    post(f"{_EVENTS}/{event_id}/attendance/{state}/create", {"inputs": [given]})


def _written(post: Any, contact: Any) -> int:
    """Search for a contact by its address, write all its values, and return its id."""
    sought = {"propertyName": "email", "operator": "EQ", "value": contact.email}
    post(f"{_CONTACTS}/search", {"filterGroups": [{"filters": [sought]}]})
    values = {
        "firstname": contact.first_name,
        "lastname": contact.last_name,
        "company": contact.organization,
        "city": contact.city,
    }
    written = {"id": contact.email, "idProperty": "email", "properties": values}
    return int(post(f"{_CONTACTS}/batch/upsert", {"inputs": [written]})["results"][0]["id"])
