"""Each path has a v3 form and a 2026-09 form, which answer byte for byte alike."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.hubspot.routes import Endpoint, Router, endpoints, neutral
from simulators.hubspot.tokens import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

from .client import ATTENDED_AT, JOIN, LEAVE, REGISTERED_AT, Client
from .versions import NEW, OLD, UNDATED, versioned

ROUTER = Router()


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda each: f"{each.method} {each.path}")
def test_every_path_has_both_forms(endpoint: Endpoint) -> None:
    if endpoint.path.split("/")[1] in UNDATED:
        return
    for form in (OLD, NEW):
        assert neutral(versioned(endpoint.path, form)) == endpoint.path
        assert neutral(versioned(endpoint.path, form) + "/") == endpoint.path


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/marketing/marketing-events/v3", "/marketing-events"),
        ("/marketing/v3/marketing-events", "/marketing-events"),
        ("/crm/v4/objects/contacts/1/associations/notes", "/objects/contacts/1/associations/notes"),
        ("/crm/v4/objects/contacts/1", None),
        ("/crm-object-schemas/v3/schemas/contacts", "/schemas/contacts"),
        ("/oauth/v1/token", "/oauth/token"),
        ("/objects/contacts", None),
        ("/crm/objects/2025-09/contacts", None),
        ("/crm/v3/objectscontacts", None),
    ],
)
def test_older_forms_and_none(path: str, found: str | None) -> None:
    assert neutral(path) == found


class Scenario:
    """The same calls in one form; answers are stored unchanged."""

    def __init__(self, client: Client, form: int) -> None:
        client.hubspot.reset()
        client.control("clock", at="2026-11-25T12:00:00Z")
        client.control("lag", participation=0, identifiers=0, search=0)
        self.client = client
        self.form = form
        self.answers: list[tuple[str, int, bytes]] = []
        self.called: set[tuple[str, str]] = set()

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        endpoint, _ = ROUTER.find(method, versioned(path, NEW))
        self.called.add((method, endpoint.path))
        sent = {"data": body} if endpoint.public else {"json": body}
        answer = self.client.call(method, versioned(path, self.form), params=query, **sent)
        self.answers.append((f"{method} {path}", answer.status_code, answer.content))
        return answer.json() if answer.content else None

    def call_everything(self) -> None:
        """Call every path, with valid and invalid input."""
        self._contacts()
        self._contacts_in_batches()
        self._events()
        self._participation()
        self._notes_and_lists()
        self._rest()

    def _contacts(self) -> None:
        contacts = "/objects/contacts"
        email = {"properties": {"email": "a@person.example", "city": "Ulm"}}
        self.contact = self.call("POST", contacts, email)["id"]
        self.call("POST", contacts, email)
        self.call("POST", contacts, {"properties": {"email": "x", "nothing": "1"}})
        self.call("POST", contacts, {"properties": {}})
        self.call("GET", f"{contacts}/{self.contact}", propertiesWithHistory="city")
        self.call("GET", f"{contacts}/1")
        self.call("GET", contacts, limit=2)
        self.call("PATCH", f"{contacts}/{self.contact}", {"properties": {"city": "Bonn"}})
        self.call("POST", f"{contacts}/search", {"query": "bonn"})
        size = {"name": "size", "label": "Size", "type": "number", "fieldType": "number"}
        self.call("POST", "/properties/contacts", size)
        self.call("POST", "/properties/contacts", size)
        self.call("GET", "/properties/contacts/size")
        self.call("GET", "/properties/contacts/nothing")
        self.call("GET", "/properties/contacts")
        for kind in ("contacts", "nothing"):
            self.call("GET", f"/schemas/{kind}")

    def _contacts_in_batches(self) -> None:
        batch = "/objects/contacts/batch"
        known, new = ({"email": f"{letter}@person.example"} for letter in "ab")
        rows = [{"properties": each, "objectWriteTraceId": each["email"]} for each in (known, new)]
        made = self.call("POST", f"{batch}/create", {"inputs": rows})["results"][0]["id"]
        self.call("POST", f"{batch}/create", {"inputs": [{"properties": known}]})
        inputs = [{"id": "a@person.example"}, {"id": "x@y.z"}]
        read = {"idProperty": "email", "properties": ["city"], "inputs": inputs}
        self.call("POST", f"{batch}/read", read)
        self.call("POST", f"{batch}/read", {"inputs": inputs * 51})
        moved = {"id": made, "properties": {"city": "Kiel"}}
        self.call("POST", f"{batch}/update", {"inputs": [moved]})
        by_email = {"id": "c@person.example", "idProperty": "email", "properties": {}}
        last = self.call("POST", f"{batch}/upsert", {"inputs": [by_email]})["results"][0]["id"]
        ids = {"primaryObjectId": made, "objectIdToMerge": last}
        merged = self.call("POST", "/objects/contacts/merge", ids)["id"]
        self.call("POST", "/objects/contacts/merge", ids)
        self.call("POST", "/objects/contacts/gdpr-delete", {"objectId": merged})
        self.call("POST", f"{batch}/archive", {"inputs": [{"id": "1"}]})

    def _events(self) -> None:
        events = "/marketing-events"
        account = {"externalAccountId": "o"}
        times = {"startDateTime": JOIN, "endDateTime": LEAVE}
        body = {**account, **times, "externalEventId": "w", "eventName": "A webinar"}
        body["eventOrganizer"] = "Ada"
        self.event = self.call("PUT", f"{events}/events/w", body)["objectId"]
        self.call("POST", f"{events}/events", body)
        self.call("POST", f"{events}/events", account)
        second = {**body, "externalEventId": "w:2"}
        other = self.call("POST", f"{events}/events/upsert", {"inputs": [second]})
        renamed = {"objectId": other["results"][0]["objectId"], "eventName": "The second"}
        self.call("POST", f"{events}/batch/update", {"inputs": [renamed, {"objectId": "1"}]})
        self.call("PATCH", f"{events}/events/w", {"eventName": "Renamed"}, **account)
        self.call("PATCH", f"{events}/{self.event}", {"eventType": "WEBINAR"})
        self.call("GET", f"{events}/events/w", **account)
        self.call("GET", f"{events}/events/w")
        self.call("GET", f"{events}/events/search", q="w")
        self.call("GET", f"{events}/w/identifiers")
        self.call("GET", f"{events}/{self.event}")
        self.call("GET", f"{events}/1")
        self.call("GET", events)
        self.call("POST", f"{events}/events/w/complete", times, **account)
        self.call("POST", f"{events}/events/w:2/cancel", **account)
        self.call("DELETE", f"{events}/events/w:2", **account)
        third = self.call("PUT", f"{events}/events/w:3", {**body, "externalEventId": "w:3"})
        self.call("DELETE", f"{events}/{third['objectId']}")
        for method in ("GET", "POST"):
            self.call(method, f"{events}/77/settings")

    def _participation(self) -> None:
        events = "/marketing-events"
        row = {"vid": int(self.contact), "interactionDateTime": REGISTERED_AT, "properties": {}}
        attendance = f"{events}/{self.event}/attendance"
        self.call("POST", f"{attendance}/register/create", {"inputs": [row, {**row, "vid": 1}]})
        self.call("POST", f"{attendance}/REGISTERED/create", {"inputs": [row]})
        by_email = {"email": "d@person.example", "interactionDateTime": REGISTERED_AT}
        self.call("POST", f"{attendance}/cancel/email-create", {"inputs": [by_email]})
        rows = {"inputs": [by_email]}
        external = f"{events}/attendance/w/cancel/email-create"
        self.call("POST", external, rows, externalAccountId="o")
        there = {"joinedAt": JOIN, "leftAt": LEAVE}
        attended = {**row, "interactionDateTime": ATTENDED_AT, "properties": there}
        by_external = f"{events}/attendance/w/attend/create"
        self.call("POST", by_external, {"inputs": [attended]})
        self.call("POST", by_external, {"inputs": [attended]}, externalAccountId="o")
        for event in (self.event, "o/w"):
            self.call("GET", f"{events}/participations/{event}")
            self.call("GET", f"{events}/participations/{event}/breakdown", limit=1)
        self.call("GET", f"{events}/participations/w/breakdown")
        self.call("GET", f"{events}/participations/contacts/{self.contact}/breakdown")

    def _notes_and_lists(self) -> None:
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}
        note = {
            "properties": {"hs_timestamp": JOIN, "hs_note_body": "Asked"},
            "associations": [{"to": {"id": self.contact}, "types": [kind]}],
        }
        notes = "/objects/notes"
        made = self.call("POST", notes, note)["id"]
        self.call("POST", notes, {"properties": {}})
        self.call("POST", f"{notes}/batch/create", {"inputs": [note]})
        self.call("POST", f"{notes}/batch/read", {"inputs": [{"id": made}, {"id": "1"}]})
        self.call("GET", f"{notes}/{made}", associations="contacts")
        self.call("GET", notes)
        self.call("GET", f"/objects/contacts/{self.contact}", associations="notes")
        self.call("GET", f"/objects/contacts/{self.contact}/associations/notes")
        both = {"inputs": [{"id": self.contact}]}
        self.call("POST", "/associations/contacts/notes/batch/read", both)
        self.call("DELETE", f"{notes}/{made}")
        body = {"name": "Came", "objectTypeId": "0-1", "processingType": "MANUAL"}
        made = self.call("POST", "/lists", body)["list"]["listId"]
        self.call("POST", "/lists", body)
        members = f"/lists/{made}/memberships"
        self.call("PUT", f"{members}/add", [self.contact, "1"])
        self.call("GET", members)
        self.call("PUT", f"{members}/remove", ["1"])
        self.call("PUT", f"{members}/add-and-remove", {"recordIdsToAdd": [self.contact]})
        self.call("PUT", f"/lists/{made}/update-list-name", listName="Went")
        self.call("GET", f"/lists/{made}")
        self.call("GET", "/lists/object-type-id/0-1/name/Went")
        self.call("GET", "/lists/object-type-id/0-1/name/Came")
        self.call("POST", "/lists/search", {"query": "we"})
        self.call("GET", "/lists", listIds=made)
        for event in (self.event, "o/w"):
            on = f"/marketing-events/associations/{event}/lists"
            self.call("PUT", f"{on}/{made}")
            self.call("GET", on)
            self.call("DELETE", f"{on}/{made}")
        self.call("DELETE", f"/lists/{made}")

    def _rest(self) -> None:
        form = self.call("GET", "/forms")["results"][0]["id"]
        self.call("GET", f"/forms/{form}")
        self.call("GET", "/account-info/details")
        preferences = "/communication-preferences/statuses/a@person.example"
        self.call("GET", f"{preferences}/unsubscribe-all")
        many = "/communication-preferences/statuses/batch/unsubscribe-all/read"
        self.call("POST", many, {"inputs": ["a@person.example"]}, channel="EMAIL")
        self.call("POST", many, {"inputs": []})
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        grant = {**app, "grant_type": "refresh_token"}
        good = {**grant, "refresh_token": REFRESH_TOKEN}
        token = self.call("POST", "/oauth/token", good)["access_token"]
        self.call("POST", "/oauth/token", {**grant, "refresh_token": "bad"})
        self.call("POST", "/oauth/token/introspect", {**app, "token": token})
        self.call("DELETE", f"/objects/contacts/{self.contact}")


def test_both_forms_of_every_path_answer_byte_for_byte_alike(client: Client) -> None:
    stories = []
    for form in (OLD, NEW):
        stories.append(Scenario(client, form))
        stories[form].call_everything()
    old, new = (scenario.answers for scenario in stories)
    for mine, theirs in zip(old, new, strict=True):
        assert mine == theirs
    # Types of objects by number ("0-1") are synonyms.
    every = {
        (each.method, each.path)
        for each in endpoints()
        if each.path.split("/")[1] not in UNDATED and "/0-" not in each.path
    }
    assert every == stories[OLD].called


def test_without_a_token_both_are_refused_alike(client: Client) -> None:
    client.control("clock", stopped=True)
    for token in ("", "mangled"):
        answers = [
            client.call("GET", versioned("/objects/contacts", form), token=token)
            for form in (OLD, NEW)
        ]
        assert answers[0].status_code == answers[1].status_code == 401
        assert answers[0].content == answers[1].content
