"""A minimal HTTP client for the portal's tests; it knows only paths and the token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests

from simulators.hubspot.process import HubSpotProcess

RECORDED = Path(__file__).parent / "recorded"
CONTACTS = "/crm/objects/2026-09/contacts"
NOTES = "/crm/objects/2026-09/notes"
LISTS = "/crm/lists/2026-09"
EVENTS = "/marketing/marketing-events/2026-09"
PROPERTIES = "/crm/properties/2026-09/contacts"
JOIN, LEAVE = "2026-11-20T10:00:00Z", "2026-11-20T10:45:00Z"
REGISTERED_AT, ATTENDED_AT = 1_795_000_000_000, 1_795_168_800_000


class Client:
    """Calls with a valid token; `path` is complete."""

    def __init__(self, hubspot: HubSpotProcess) -> None:
        self.hubspot = hubspot
        self.http = requests.Session()
        self.token = str(hubspot.ready["access_token"])

    def call(
        self, method: str, path: str, *, token: str | None = None, **more: Any
    ) -> requests.Response:
        """Make one call, with another token if one is passed, and without one if it is empty."""
        token = self.token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.hubspot.api_url + path
        return self.http.request(method, url, timeout=30, headers=headers, **more)

    def good(self, method: str, path: str, **more: Any) -> Any:
        """Make a call that must be answered with any 2xx; return its JSON."""
        answer = self.call(method, path, **more)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def control(self, path: str, /, **body: Any) -> Any:
        """Post to a control path."""
        return self.hubspot.control("POST", path, body)

    def contact(self, email: str, **properties: str) -> str:
        """Create a contact by the API and return its id."""
        body = {"properties": {"email": email, **properties}}
        return str(self.good("POST", CONTACTS, json=body)["id"])

    def create(self, **properties: Any) -> requests.Response:
        """Read a contact."""
        return self.call("POST", CONTACTS, json={"properties": properties})

    def properties(self, contact_id: str, *names: str) -> dict[str, str | None]:
        """Return properties of a contact."""
        query = {"properties": ",".join(names)}
        read = self.good("GET", f"{CONTACTS}/{contact_id}", params=query)
        return {name: read["properties"][name] for name in names}

    def event(self, external_id: str = "w-1", **more: Any) -> str:
        """Create a marketing event and return its object id."""
        body = {
            "externalAccountId": "org-1",
            "externalEventId": external_id,
            "eventName": "Ask the founders",
            "eventOrganizer": "Ada",
            "eventType": "WEBINAR",
            "startDateTime": JOIN,
            "endDateTime": "2026-11-20T11:00:00Z",
            **more,
        }
        return str(self.good("PUT", f"{EVENTS}/events/{external_id}", json=body)["objectId"])

    def attend(
        self, event: str, state: str, contact: str, at: int = REGISTERED_AT, **properties: str
    ) -> requests.Response:
        """Write a participation by object id and contact id."""
        row = {"vid": int(contact), "interactionDateTime": at, "properties": properties}
        path = f"{EVENTS}/{event}/attendance/{state}/create"
        return self.call("POST", path, json={"inputs": [row]})

    def counters(self, event: str) -> dict[str, int]:
        """Return how many are in each state."""
        counted: dict[str, int] = self.good("GET", f"{EVENTS}/participations/{event}")
        return counted

    def breakdown(self, event: str, **query: Any) -> list[dict[str, Any]]:
        """Return the participants of an event."""
        path = f"{EVENTS}/participations/{event}/breakdown"
        rows: list[dict[str, Any]] = self.good("GET", path, params=query)["results"]
        return rows


def recorded(name: str) -> dict[str, Any]:
    """Return an error body as it was recorded; what differs from call to call is left out."""
    body: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return body


def same_but(answer: dict[str, Any], body: dict[str, Any], *differing: str) -> bool:
    """Return whether an error equals the recorded one except ids and the fields named."""
    ignored = {"correlationId", "requestId", *differing}
    strip = [{k: v for k, v in each.items() if k not in ignored} for each in (answer, body)]
    return strip[0] == strip[1] and answer.keys() >= body.keys() - {"correlationId"}
