"""Section 3 of the known behaviour of HubSpot: marketing events. Each test is named by its line
there."""

from __future__ import annotations

from typing import Any

import pytest

from .client import (
    ATTENDED_AT,
    CONTACTS,
    EVENTS,
    JOIN,
    LEAVE,
    LISTS,
    REGISTERED_AT,
    Client,
    recorded,
)

ACCOUNT = {"externalAccountId": "org-1"}
END = "2026-11-20T11:00:00Z"


@pytest.fixture
def settled(client: Client) -> Client:
    """A client of a portal in which what was written can be read at once."""
    client.control("lag", participation=0, identifiers=0)
    return client


def complete(client: Client, external_id: str = "w-1") -> None:
    body = {"startDateTime": JOIN, "endDateTime": END}
    path = f"{EVENTS}/events/{external_id}/complete"
    client.good("POST", path, params=ACCOUNT, json=body)


def test_3_2_an_event_is_created_changed_and_read(client: Client) -> None:
    first = client.event(eventUrl="https://example.com/1")
    assert client.event(eventName="Renamed") == first
    read = client.good("GET", f"{EVENTS}/{first}")
    assert read["eventName"] == "Renamed" and read["eventUrl"] == "https://example.com/1"
    assert read["startDateTime"] == "2026-11-20T10:00:00.000Z"
    body = {"externalAccountId": "org-1", "externalEventId": "w-1", "eventName": "Twin"}
    twin = client.call("POST", f"{EVENTS}/events", json={**body, "eventOrganizer": "Ada"})
    assert twin.status_code == 409
    missing = client.call("POST", f"{EVENTS}/events", json=body)
    assert missing.status_code == 400 and "eventOrganizer" in missing.text
    client.good("PATCH", f"{EVENTS}/{first}", json={"eventDescription": "An hour"})
    rows = client.good("GET", EVENTS)["results"]
    assert [(each["objectId"], each["eventDescription"]) for each in rows] == [(first, "An hour")]


def test_3_3_external_ids_are_known_to_the_app_that_created_the_event_alone(
    settled: Client,
) -> None:
    event = settled.event()
    contact = settled.contact("a@person.example")
    other = settled.control("credential")["access_token"]
    by_external = f"{EVENTS}/events/w-1"
    assert settled.call("GET", by_external, params=ACCOUNT).ok
    assert settled.call("GET", by_external, params=ACCOUNT, token=other).status_code == 404
    assert settled.call("GET", f"{EVENTS}/{event}", token=other).ok
    row = {"vid": int(contact), "interactionDateTime": REGISTERED_AT, "properties": {}}
    body = {"inputs": [row]}
    path = f"{EVENTS}/attendance/w-1/register/create"
    answer = settled.call("POST", path, params=ACCOUNT, json=body, token=other)
    assert answer.status_code == 404
    path = f"{EVENTS}/{event}/attendance/register/create"
    assert settled.call("POST", path, json=body, token=other).status_code == 201
    [found] = settled.good("GET", f"{EVENTS}/w-1/identifiers", token=other)["results"]
    assert (found["objectId"], found["externalAccountId"]) == (event, "org-1")


def test_3_3_a_new_event_is_found_by_its_external_id_minutes_later(client: Client) -> None:
    client.event()
    assert client.good("GET", f"{EVENTS}/w-1/identifiers")["results"] == []
    client.control("clock", seconds=150)
    assert len(client.good("GET", f"{EVENTS}/w-1/identifiers")["results"]) == 1


def test_3_4_a_custom_property_that_events_do_not_have_is_dropped(client: Client) -> None:
    client.control("event-properties", names=["language"])
    pairs = [{"name": "language", "value": "de"}, {"name": "nothing", "value": "1"}]
    event = client.event(customProperties=pairs)
    read = client.good("GET", f"{EVENTS}/{event}")
    assert read["customProperties"] == [{"name": "language", "value": "de"}]


def test_3_4_custom_properties_of_twenty_fields_break_the_call(client: Client) -> None:
    published = {"name": "language", "value": "de", "source": "API", "isEncrypted": False}
    body = {
        "externalAccountId": "org-1",
        "externalEventId": "w-2",
        "eventName": "A webinar",
        "eventOrganizer": "Ada",
        "customProperties": [published],
    }
    assert client.call("PUT", f"{EVENTS}/events/w-2", json=body).status_code == 400


def test_3_6_attendance_by_address_creates_contacts_and_changes_none(settled: Client) -> None:
    event = settled.event()
    known = settled.contact("a@person.example", city="Ulm")
    before = settled.properties(known, "city", "lastmodifieddate")
    rows = [
        {
            "email": email,
            "interactionDateTime": REGISTERED_AT,
            "contactProperties": {"city": "Bonn"},
            "properties": {},
        }
        for email in ("a@person.example", "b@person.example")
    ]
    path = f"{EVENTS}/{event}/attendance/register/email-create"
    results = settled.good("POST", path, json={"inputs": rows})["results"]
    assert [each["email"] for each in results] == ["a@person.example", "b@person.example"]
    assert settled.properties(known, "city", "lastmodifieddate") == before
    assert settled.properties(str(results[1]["vid"]), "city") == {"city": "Bonn"}
    assert settled.counters(event)["registered"] == 2


def test_3_8_the_state_is_a_verb(client: Client) -> None:
    event, contact = client.event(), client.contact("a@person.example")
    answer = client.attend(event, "REGISTERED", contact)
    assert answer.status_code == 400
    assert answer.json()["message"] == recorded("state_unknown")["message"]
    for word in ("register", "REGISTERED", "BOGUS"):
        probe = client.call("GET", f"{EVENTS}/attendance/w-1/{word}/create")
        assert probe.status_code == 405, "a probe cannot tell"
    for word in ("register", "attend", "cancel"):
        assert client.attend(event, word, contact).status_code == 201


def test_3_9_the_external_account_id_is_required(client: Client) -> None:
    client.event()
    path = f"{EVENTS}/attendance/w-1/register/create"
    answer = client.call("POST", path, json={"inputs": []})
    assert answer.status_code == 400
    assert answer.json()["message"] == recorded("account_id_missing")["message"]
    assert client.call("POST", path, params=ACCOUNT, json={"inputs": []}).ok


def test_3_10_success_is_201_and_may_contain_errors(client: Client) -> None:
    event, contact = client.event(), client.contact("a@person.example")
    assert int(contact) > 2**31, "ids are larger than 32 bits"
    rows = [
        {"vid": vid, "interactionDateTime": REGISTERED_AT, "properties": {}}
        for vid in (int(contact), 1)
    ]
    answer = client.call(
        "POST", f"{EVENTS}/{event}/attendance/register/create", json={"inputs": rows}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["results"] == [{"vid": int(contact)}]
    assert (body["numErrors"], body["errors"][0]["context"]) == (1, {"ids": ["1"]})


def test_3_11_the_time_is_required_and_makes_a_repeat_harmless(settled: Client) -> None:
    event, contact = settled.event(), settled.contact("a@person.example")
    row: dict[str, Any] = {"vid": int(contact), "properties": {}}
    path = f"{EVENTS}/{event}/attendance/register/create"
    for wrong in ({}, {"interactionDateTime": "2026-11-20T10:00:00Z"}):
        answer = settled.call("POST", path, json={"inputs": [{**row, **wrong}]})
        assert answer.status_code == 400
    for at in (REGISTERED_AT, REGISTERED_AT, REGISTERED_AT + 1):
        assert settled.attend(event, "register", contact, at).status_code == 201
    written = settled.hubspot.truth()["participations"]
    assert [each["occurred_at"] for each in written] == [REGISTERED_AT, REGISTERED_AT + 1]
    assert settled.counters(event)["registered"] == 1


def test_3_11_joining_and_leaving_count_for_those_who_attend(settled: Client) -> None:
    event, contact = settled.event(), settled.contact("a@person.example")
    settled.attend(event, "register", contact, joinedAt=JOIN, leftAt=LEAVE)
    [row] = settled.breakdown(event)
    assert row["properties"] == {"attendanceState": "REGISTERED", "occurredAt": REGISTERED_AT}
    settled.attend(event, "attend", contact, ATTENDED_AT, joinedAt=JOIN, leftAt=LEAVE)
    [row] = settled.breakdown(event)
    assert row["properties"] == {
        "attendanceState": "ATTENDED",
        "occurredAt": ATTENDED_AT,
        "attendanceDurationSeconds": 2700,
        "attendancePercentage": "75.0",
    }
    assert settled.attend(event, "attend", contact, joinedAt="ten o'clock").status_code == 400


def test_3_12_a_participation_appears_a_second_later(client: Client) -> None:
    event, contact = client.event(), client.contact("a@person.example")
    client.control("clock", stopped=True)
    assert client.attend(event, "register", contact).status_code == 201
    client.control("clock", seconds=0.2)
    assert client.breakdown(event) == [] and client.counters(event)["registered"] == 0
    assert len(client.hubspot.truth()["participations"]) == 1
    client.control("clock", seconds=1.2)
    assert len(client.breakdown(event)) == 1 and client.counters(event)["registered"] == 1


def test_3_12_waiting_can_be_left_out(client: Client) -> None:
    event, contact = client.event(), client.contact("a@person.example")
    client.attend(event, "register", contact)
    client.control("settle")
    assert len(client.breakdown(event)) == 1


def test_3_13_participants_are_chosen_by_contact_and_state(settled: Client) -> None:
    event = settled.event()
    people = [settled.contact(f"{letter}@person.example") for letter in "abc"]
    for person in people:
        settled.attend(event, "register", person)
    settled.attend(event, "attend", people[1], ATTENDED_AT)

    def found(**query: Any) -> list[str]:
        rows = settled.breakdown(event, **query)
        return [row["associations"]["contact"]["contactId"] for row in rows]

    assert found(state="ATTENDED") == [people[1]]
    assert found(state="REGISTERED") == [people[0], people[2]]
    assert found(contactIdentifier=people[0]) == [people[0]]
    assert found(contactIdentifier="b@person.example") == [people[1]]
    assert found(contactIdentifier="x@y.z") == []
    path = f"{EVENTS}/participations/{event}/breakdown"
    first = settled.good("GET", path, params={"limit": 2})
    assert (first["total"], len(first["results"])) == (3, 2)
    after = first["paging"]["next"]["after"]
    rest = settled.good("GET", path, params={"limit": 2, "after": after})
    assert len(rest["results"]) == 1 and "paging" not in rest
    assert settled.call("GET", path, params={"limit": 101}).status_code == 400
    by_external = f"{EVENTS}/participations/org-1/w-1"
    assert settled.good("GET", by_external) == settled.counters(event)
    assert settled.good("GET", f"{by_external}/breakdown")["total"] == 3
    mine = settled.good("GET", f"{EVENTS}/participations/contacts/{people[1]}/breakdown")
    assert [row["properties"]["attendanceState"] for row in mine["results"]] == ["ATTENDED"]


def test_3_13_an_external_id_is_no_object_id(client: Client) -> None:
    answer = client.call("GET", f"{EVENTS}/participations/w-1/breakdown")
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("path parameter: marketingEventId")


def test_3_14_pages_count_activities_and_counters_present_states(settled: Client) -> None:
    event, contact = settled.event(), settled.contact("a@person.example")
    settled.attend(event, "register", contact)
    settled.attend(event, "attend", contact, ATTENDED_AT)
    assert settled.counters(event) == {
        "registered": 0, "attended": 1, "cancelled": 0, "noShows": 0,
    }  # fmt: skip
    read = settled.good("GET", f"{EVENTS}/{event}")
    assert (read["registrants"], read["attendees"]) == (1, 1)


def test_3_15_no_shows_are_computed_once_the_event_is_complete(settled: Client) -> None:
    event = settled.event()
    people = [settled.contact(f"{letter}@person.example") for letter in "abc"]
    for person in people:
        settled.attend(event, "register", person)
    settled.attend(event, "attend", people[0], ATTENDED_AT)
    settled.attend(event, "cancel", people[1], ATTENDED_AT)
    assert settled.counters(event)["noShows"] == 0
    path = f"{EVENTS}/events/w-1/complete"
    assert settled.call("POST", path, params=ACCOUNT, json={}).status_code == 400
    complete(settled)
    assert settled.counters(event) == {
        "registered": 0, "attended": 1, "cancelled": 1, "noShows": 1,
    }  # fmt: skip
    [row] = settled.breakdown(event, state="NO_SHOW")
    assert row["associations"]["contact"]["contactId"] == people[2]
    assert settled.good("GET", f"{EVENTS}/{event}")["eventCompleted"] is True


def test_3_15_an_event_can_be_cancelled(client: Client) -> None:
    event = client.event()
    client.good("POST", f"{EVENTS}/events/w-1/cancel", params=ACCOUNT)
    assert client.good("GET", f"{EVENTS}/{event}")["eventCancelled"] is True


def test_3_17_a_list_is_shown_on_the_event(client: Client) -> None:
    event = client.event()
    body = {"name": "Came", "objectTypeId": "0-1", "processingType": "MANUAL"}
    made = client.good("POST", LISTS, json=body)["list"]["listId"]
    path = f"{EVENTS}/associations/{event}/lists"
    assert client.call("PUT", f"{path}/{made}").status_code == 204
    assert [each["listId"] for each in client.good("GET", path)["results"]] == [made]
    external = f"{EVENTS}/associations/org-1/w-1/lists"
    assert client.good("GET", external) == client.good("GET", path)
    assert client.call("DELETE", f"{external}/{made}").status_code == 204
    assert client.good("GET", path)["results"] == []


def test_3_18_settings_are_for_developers_apps(client: Client) -> None:
    for method in ("GET", "POST"):
        assert client.call(method, f"{EVENTS}/77/settings", json={}).status_code == 403


def test_3_19_cancelled_and_registered_again(settled: Client) -> None:
    event, contact = settled.event(), settled.contact("a@person.example")
    times = REGISTERED_AT, REGISTERED_AT + 1000, REGISTERED_AT + 2000
    for state, at in zip(("register", "cancel", "register"), times, strict=True):
        settled.attend(event, state, contact, at)
    [row] = settled.breakdown(event)
    assert row["properties"] == {"attendanceState": "REGISTERED", "occurredAt": times[2]}
    written = settled.hubspot.truth()["participations"]
    assert [each["state"] for each in written] == ["REGISTERED", "CANCELLED", "REGISTERED"]
    assert [each["current"] for each in written] == [False, False, True]
    assert {(each["event"], each["email"]) for each in written} == {("w-1", "a@person.example")}


def test_participation_changes_no_property(settled: Client) -> None:
    event, contact = settled.event(), settled.contact("a@person.example", city="Ulm")
    path = f"{CONTACTS}/{contact}"
    query = {"properties": "email,city,lastmodifieddate", "propertiesWithHistory": "email,city"}
    before = settled.good("GET", path, params=query)
    settled.attend(event, "register", contact)
    settled.attend(event, "attend", contact, ATTENDED_AT)
    assert settled.good("GET", path, params=query) == before
