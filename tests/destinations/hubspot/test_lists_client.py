"""Lists, from HubSpot's answers."""

import datetime as dt
import json
from typing import Any

import pytest

from destinations.hubspot import lists_client
from destinations.hubspot.client import Client
from destinations.hubspot.errors import NotFound, ServerError

pytestmark = [pytest.mark.pure, pytest.mark.rule(12)]


class Canned(Client):
    """Answers with one body and records the request."""

    def __init__(self, body: bytes | Exception) -> None:
        super().__init__("http://127.0.0.1:9", "pat-na1-x")
        self.body = body
        self.asked: tuple[Any, ...] = ()

    def call(self, method: str, path: str, params: Any = None, **options: Any) -> Any:
        self.asked = method, path, params, options.get("json")
        if isinstance(self.body, Exception):
            raise self.body
        return _loads(self.body)


def _loads(body: bytes) -> Any:
    return json.loads(body)


def test_a_list_is_created_manually() -> None:
    client = Canned(
        b"""{"list": {"listId": 77, "name": "A", "processingType": "MANUAL",
        "createdAt": "2026-11-25T12:00:00.5Z"}}"""
    )
    made = lists_client.create_list(client, "A")
    assert made == lists_client.ListRecord(
        "77", "A", "MANUAL", dt.datetime(2026, 11, 25, 12, 0, 0, 500_000, tzinfo=dt.UTC)
    )
    assert client.asked == (
        "POST",
        "/crm/lists/2026-09",
        None,
        {"name": "A", "objectTypeId": "0-1", "processingType": "MANUAL"},
    )


def test_a_name_is_a_part_of_the_address() -> None:
    client = Canned(b'{"listId": "5", "name": "A/B \xc3\xa4", "createdAt": "soon"}')
    found = lists_client.list_named(client, "A/B ä")
    assert found is not None and (found.id, found.created_at) == ("5", None)
    assert client.asked[1] == "/crm/lists/2026-09/object-type-id/0-1/name/A%2FB%20%C3%A4"
    gone = Canned(NotFound("OBJECT_NOT_FOUND", status=404))
    assert lists_client.list_named(gone, "A") is None
    with pytest.raises(NotFound):
        lists_client.read_list(gone, "5")
    with pytest.raises(ServerError):
        lists_client.read_list(Canned(b'{"list": {"name": "A"}}'), "5")


def test_members_are_sent_as_a_bare_array_and_returned_by_id() -> None:
    client = Canned(
        b'{"recordsIdsAdded": [1, "2"], "recordIdsRemoved": [], "recordIdsMissing": ["3", null]}'
    )
    result = lists_client.add_members(client, "7", ["1", "2", "3"])
    assert (set(result.added), set(result.missing)) == ({"1", "2"}, {"3"})
    assert client.asked == (
        "PUT", "/crm/lists/2026-09/7/memberships/add", None, ["1", "2", "3"],
    )  # fmt: skip
    # As the documentation spells it.
    assert lists_client.add_members(Canned(b'{"recordIdsAdded": ["4"]}'), "7", ["4"]).added == {"4"}
    assert not lists_client.add_members(Canned(b"{}"), "7", ["4"]).added
    with pytest.raises(ValueError, match="100"):
        lists_client.remove_members(client, "7", ["1"] * 101)


def test_a_page_of_members_has_since_when() -> None:
    client = Canned(
        b"""{"results": [{"recordId": 1, "membershipTimestamp": "2026-11-25T12:00:00"},
        {"recordId": "2"}, {"membershipTimestamp": "2026-11-25T12:00:00Z"}],
        "paging": {"next": {"after": "2"}}}"""
    )
    page = lists_client.members(client, "7", "1")
    assert page.since == {"1": dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC), "2": None}
    assert page.next == "2"
    assert client.asked[2] == {"limit": "250", "after": "1"}
