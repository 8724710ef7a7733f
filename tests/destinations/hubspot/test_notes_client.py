"""Notes: what is sent, what is read from HubSpot's answers, and the text of a note."""

import datetime as dt
import json
from typing import Any

import pytest

from destinations.hubspot import answers
from destinations.hubspot.client import Client
from destinations.hubspot.errors import Refusal, RequestRefused, ServerError
from destinations.hubspot.note_text import NoteFacts, is_marked, marker_of, note_body
from destinations.hubspot.notes_client import LONGEST_BODY, NewNote, create_notes, notes_of

pytestmark = [pytest.mark.pure, pytest.mark.rule(12)]
AT = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)


class Canned(Client):
    """Answers with bodies in order and records the requests."""

    def __init__(self, *bodies: bytes | Exception) -> None:
        super().__init__("http://127.0.0.1:9", "pat-na1-x")
        self.bodies, self.asked = list(bodies), []  # type: ignore[var-annotated]

    def call(self, method: str, path: str, params: Any = None, **options: Any) -> Any:
        self.asked.append((method, path, options.get("json")))
        body = self.bodies.pop(0)
        if isinstance(body, Exception):
            raise body
        return _loads(body)


def _loads(body: bytes) -> Any:
    return json.loads(body)


def note(trace: str) -> NewNote:
    return NewNote(trace, f"10{trace}", AT, f"<p>{trace}</p>")


def test_what_is_sent_of_a_note() -> None:
    client = Canned(b'{"results": [{"id": "501", "objectWriteTraceId": "1"}]}')
    assert create_notes(client, [note("1")]).written == {"1": "501"}
    [(method, path, body)] = client.asked
    assert (method, path) == ("POST", "/crm/objects/2026-09/notes/batch/create")
    assert body == {
        "inputs": [
            {
                "objectWriteTraceId": "1",
                "properties": {
                    "hs_timestamp": "2026-11-20T11:00:00.000Z",
                    "hs_note_body": "<p>1</p>",
                },
                "associations": [
                    {
                        "to": {"id": "101"},
                        "types": [
                            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}
                        ],
                    }
                ],
            }
        ]
    }


def test_a_part_that_failed_is_reported_by_row() -> None:
    client = Canned(
        b"""{"status": "COMPLETE", "numErrors": 1,
        "results": [{"id": 501, "objectWriteTraceId": "1"}, {"id": "9"},
         {"objectWriteTraceId": "3"}],
        "errors": [{"category": "VALIDATION_ERROR", "message": "No CONTACT with ID 102 exists",
         "context": {"objectWriteTraceId": ["2"]}}, {"context": {"objectWriteTraceId": ["1"]}}]}"""
    )
    result = create_notes(client, [note("1"), note("2"), note("3")])
    assert result.written == {"1": "501"}
    assert {trace: each.message for trace, each in result.refused.items()} == {
        "2": "No CONTACT with ID 102 exists"
    }


def test_one_that_fails_the_batch_is_found_by_halving() -> None:
    refused = RequestRefused("VALIDATION_ERROR", "No", refusals=[Refusal("BAD", "No")], status=400)
    good = b'{"results": [{"id": "7", "objectWriteTraceId": "1"}]}'
    client = Canned(refused, good, refused)
    result = create_notes(client, [note("1"), note("2")])
    assert (result.written, set(result.refused)) == ({"1": "7"}, {"2"})
    with pytest.raises(ServerError):
        create_notes(Canned(ServerError("HTTP_500", status=500)), [note("1")])


def test_notes_are_read_page_by_page() -> None:
    client = Canned(
        b"""{"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 11}, {"toObjectId": "12"}],
          "paging": {"next": {"after": "12"}}},
          {"from": {"id": "2"}, "to": [{"toObjectId": 12}]}]}""",
        b'{"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 13}, {}]}]}',
        b"""{"results": [{"id": "11", "properties": {"hs_note_body": "a"}},
          {"id": "12", "properties": {"hs_note_body": null}}, {"id": "13", "properties": {}}]}""",
    )
    found = notes_of(client, ["1", "2"])
    assert {owner: [each.id for each in notes] for owner, notes in found.items()} == {
        "1": ["11", "12", "13"],
        "2": ["12"],
    }
    assert [each.body for each in found["1"]] == ["a", "", ""]
    assert client.asked[1][2] == {"inputs": [{"id": "1", "after": "12"}]}


def test_an_invalid_association_is_left_out() -> None:
    page = answers.associations({"from": 1, "to": [3, {"toObjectId": 4}], "paging": None})
    assert (page.source, page.ids, page.next) == ("", ("4",), "")


def facts(**values: Any) -> NoteFacts:
    return NoteFacts(
        subject="S", starts_at=AT, zone=dt.UTC, zone_name="UTC", marker="[WebinarSync 1]", **values
    )


def test_of_a_note_that_is_too_long_the_rest_is_counted() -> None:
    lines = tuple(("question", {"question": "?" * 9_000, "answers": []}) for _ in range(40))
    body = note_body(facts(lines=lines))
    assert len(body) <= LONGEST_BODY
    assert "more entries are in WebinarSync." in body and body.endswith("<p>[WebinarSync 1]</p>")
    # All text is escaped as HTML for HubSpot, which makes it longer.
    lines = tuple(("poll", {"question": "<&>" * 3_000, "answers": ["'"]}) for _ in range(40))
    body = note_body(facts(lines=lines))
    assert len(body) <= LONGEST_BODY and "&lt;&amp;&gt;" in body and "<&>" not in body


def test_who_stayed_without_times_has_the_minutes_alone() -> None:
    assert "<p>Attended for 30 min</p>" in note_body(facts(seconds=1800))
    assert "Attended" not in note_body(facts())


def test_control_characters_are_left_out() -> None:
    body = note_body(facts(lines=(("survey", {"question": "A\0\x07B", "answers": []}),)))
    assert "<li>AB<br></li>" in body


def test_markers_of_two_dates_are_not_mistaken_for_each_other() -> None:
    assert is_marked("<p>[WebinarSync 12:1]</p>", marker_of("12:1"))
    assert not is_marked("<p>[WebinarSync 12:11]</p>", marker_of("12:1"))
    assert not is_marked("<p>[WebinarSync 12:1]</p>", marker_of("12"))
    assert is_marked("[WebinarSync a&amp;b]", marker_of("a&b"))
