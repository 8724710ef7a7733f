"""Sections 3b and 4 of the known behaviour of HubSpot: lists, notes, timeline events."""

from __future__ import annotations

from typing import Any

import pytest

from .client import CONTACTS, LISTS, NOTES, Client

WHEN = "2026-11-20T10:00:00Z"


def note(contact: str, body: str = "<p>Asked: why?</p>", **properties: str) -> dict[str, Any]:
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}
    return {
        "properties": {"hs_timestamp": WHEN, "hs_note_body": body, **properties},
        "associations": [{"to": {"id": contact}, "types": [kind]}],
    }


def new_list(client: Client, name: str = "Came", kind: str = "MANUAL") -> Any:
    body = {"name": name, "objectTypeId": "0-1", "processingType": kind}
    return client.call("POST", LISTS, json=body)


def test_4_1_keys_cannot_write_timeline_events(client: Client) -> None:
    answer = client.call("POST", "/integrators/timeline/v3/events", json={})
    assert answer.status_code == 403


def test_4_3_a_note_is_on_its_contact(client: Client) -> None:
    contact = client.contact("a@person.example", city="Ulm")
    made = client.call("POST", NOTES, json=note(contact))
    assert made.status_code == 201
    found = made.json()["id"]
    read = client.good("GET", f"{NOTES}/{found}?properties=hs_note_body&associations=contacts")
    assert read["properties"]["hs_note_body"] == "<p>Asked: why?</p>"
    assert [each["id"] for each in read["associations"]["contacts"]["results"]] == [contact]
    person = client.good("GET", f"{CONTACTS}/{contact}?properties=city&associations=notes")
    assert [each["id"] for each in person["associations"]["notes"]["results"]] == [found]
    assert person["properties"]["city"] == "Ulm"
    [row] = client.good("GET", f"{CONTACTS}/{contact}/associations/notes")["results"]
    assert row["toObjectId"] == found
    path = "/crm/associations/2026-09/contacts/notes/batch/read"
    [row] = client.good("POST", path, json={"inputs": [{"id": contact}]})["results"]
    assert [each["toObjectId"] for each in row["to"]] == [found]
    [stored] = client.hubspot.truth()["notes"]
    assert (stored["contacts"], stored["emails"]) == ([contact], ["a@person.example"])


def test_4_3_a_note_has_a_time_and_a_longest_body(client: Client) -> None:
    contact = client.contact("a@person.example")
    assert client.call("POST", NOTES, json=note(contact, "x" * 65_536)).status_code == 201
    assert client.call("POST", NOTES, json=note(contact, "x" * 65_537)).status_code == 400
    for wrong in ("", "noon"):
        assert client.call("POST", NOTES, json=note(contact, hs_timestamp=wrong)).status_code == 400
    for select_nobody in ("1", "x"):
        assert client.call("POST", NOTES, json=note(select_nobody)).status_code == 400


def test_4_3_notes_are_written_a_hundred_at_a_time(client: Client) -> None:
    contact = client.contact("a@person.example")
    path = f"{NOTES}/batch/create"
    rows = [note(contact, str(number)) for number in range(101)]
    assert client.call("POST", path, json={"inputs": rows}).status_code == 400
    made = client.good("POST", path, json={"inputs": rows[:100]})["results"]
    ids = [{"id": each["id"]} for each in made]
    body = {"inputs": [*ids[:2], {"id": "1"}], "properties": ["hs_note_body"]}
    read = client.call("POST", f"{NOTES}/batch/read", json=body)
    assert read.status_code == 207
    bodies = [each["properties"]["hs_note_body"] for each in read.json()["results"]]
    assert bodies == ["0", "1"]
    traced = [
        {**row, "objectWriteTraceId": str(number)}
        for number, row in enumerate([rows[0], note("1")])
    ]
    answer = client.call("POST", path, json={"inputs": traced})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"objectWriteTraceId": ["1"]}
    assert client.call("POST", path, json={"inputs": [rows[0], note("1")]}).status_code == 400


def test_4_4_the_same_note_twice_is_two_notes(client: Client) -> None:
    """A note changes dates that HubSpot owns, and nothing else."""
    contact = client.contact("a@person.example", city="Ulm")
    before = client.properties(contact, "city", "notes_last_updated", "lastmodifieddate")
    client.control("clock", seconds=5)
    for _ in range(2):
        client.good("POST", NOTES, json=note(contact))
    assert len(client.hubspot.truth()["notes"]) == 2
    after = client.properties(contact, "city", "notes_last_updated", "lastmodifieddate")
    assert {name for name in before if before[name] != after[name]} == {
        "notes_last_updated", "lastmodifieddate",
    }  # fmt: skip


def test_3b_1_a_list_has_a_name_of_its_own(client: Client) -> None:
    made = new_list(client)
    assert made.status_code == 200
    assert new_list(client).status_code == 400
    by_name = client.good("GET", f"{LISTS}/object-type-id/0-1/name/Came")["list"]
    assert by_name["listId"] == made.json()["list"]["listId"]
    assert client.call("GET", f"{LISTS}/object-type-id/0-1/name/Went").status_code == 404
    found = client.good("POST", f"{LISTS}/search", json={"query": "ca", "offset": 0})
    assert [each["listId"] for each in found["lists"]] == [by_name["listId"]]


def test_3b_2_members_are_added_and_removed_repeatably(client: Client) -> None:
    path = f"{LISTS}/{new_list(client).json()['list']['listId']}/memberships"
    first, second = client.contact("a@person.example"), client.contact("b@person.example")
    added = client.good("PUT", f"{path}/add", json=[first, second, "1"])
    assert added == {
        "recordsIdsAdded": [first, second], "recordIdsRemoved": [], "recordIdsMissing": ["1"],
    }  # fmt: skip
    assert client.good("PUT", f"{path}/add", json=[first])["recordsIdsAdded"] == []
    page = client.good("GET", path, params={"limit": 1})
    after = page["paging"]["next"]["after"]
    rest = client.good("GET", path, params={"limit": 1, "after": after})["results"]
    assert [each["recordId"] for each in page["results"] + rest] == [first, second]
    both = {"recordIdsToAdd": [], "recordIdsToRemove": [second]}
    assert client.good("PUT", f"{path}/add-and-remove", json=both)["recordIdsRemoved"] == [second]
    assert client.good("PUT", f"{path}/remove", json=[first])["recordIdsRemoved"] == [first]
    assert client.hubspot.truth()["lists"][0]["members"] == []


@pytest.mark.parametrize("wrong", [{"recordIds": []}, ["a@person.example"]], ids=str)
def test_3b_2_members_are_a_bare_array_of_ids(client: Client, wrong: object) -> None:
    path = f"{LISTS}/{new_list(client).json()['list']['listId']}/memberships"
    assert client.call("PUT", f"{path}/add", json=wrong).status_code == 400


def test_3b_2_only_manual_and_snapshot_lists_take_members(client: Client) -> None:
    contact = client.contact("a@person.example")
    for kind, status in (("DYNAMIC", 400), ("SNAPSHOT", 200)):
        made = new_list(client, kind, kind).json()["list"]["listId"]
        answer = client.call("PUT", f"{LISTS}/{made}/memberships/add", json=[contact])
        assert answer.status_code == status


def test_3b_2_members_are_reported_a_page_at_a_time_in_both_forms(client: Client) -> None:
    people = [client.contact(f"p{number}@person.example") for number in range(5)]
    made = client.control("list", name="Spring fair", members=people, processing_type="DYNAMIC")
    for lists in (LISTS, "/crm/v3/lists"):
        found = client.good("GET", f"{lists}/object-type-id/0-1/name/Spring%20fair")["list"]
        assert (found["listId"], found["processingType"]) == (made["id"], "DYNAMIC")
        assert found["size"] == 5
        read: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = client.good(
                "GET", f"{lists}/{made['id']}/memberships", params={"limit": 2} | after
            )
            read += [each["recordId"] for each in page["results"]]
            if "paging" not in page:
                break
            after = {"after": page["paging"]["next"]["after"]}
        assert read == people


def test_3b_2_who_was_archived_is_a_member_and_is_not_read(client: Client) -> None:
    people = [client.contact(f"{letter}@person.example") for letter in "abcd"]
    made = client.control("list", name="Spring fair", members=people)
    client.control("archive", email="a@person.example")
    merged = client.control("merge", primary="b@person.example", other="c@person.example")
    rows = client.good("GET", f"{LISTS}/{made['id']}/memberships")["results"]
    assert [each["recordId"] for each in rows] == [people[0], people[3], merged["id"]]
    inputs = [{"id": each} for each in people]
    answer = client.call("POST", f"{CONTACTS}/batch/read", json={"inputs": inputs})
    assert answer.status_code == 207
    assert [each["id"] for each in answer.json()["results"]] == people[3:]
    assert answer.json()["errors"][0]["context"]["ids"] == people[:3]


def test_3b_a_list_of_others_is_no_list_of_contacts(client: Client) -> None:
    made = client.control("list", name="Customers", object_type="0-2")
    assert client.good("GET", f"{LISTS}/{made['id']}")["list"]["objectTypeId"] == "0-2"
    assert client.call("GET", f"{LISTS}/object-type-id/0-1/name/Customers").status_code == 404
    assert client.good("GET", f"{LISTS}/object-type-id/0-2/name/Customers")["list"]["name"]
    assert client.control("list", name="Customers", removed=True)["removed"]
    assert client.call("GET", f"{LISTS}/{made['id']}").status_code == 404


def test_3b_3_membership_changes_no_property(client: Client) -> None:
    contact = client.contact("a@person.example")
    before = client.properties(contact, "email", "lastmodifieddate")
    path = f"{LISTS}/{new_list(client).json()['list']['listId']}/memberships/add"
    client.good("PUT", path, json=[contact])
    assert client.properties(contact, "email", "lastmodifieddate") == before
