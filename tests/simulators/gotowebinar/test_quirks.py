"""Where GoTo differs from expectations, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from .client import ALWAYS, Client, key_of


def test_registrants_are_an_array_or_a_page(client: Client) -> None:
    webinar = client.webinar("big")
    everyone = client.get(f"{webinar}/registrants")
    paged = []
    for page in range(2):
        answer = client.get(f"{webinar}/registrants", page=page, limit=200)
        assert (answer["total"], answer["pageSize"]) == (300, len(answer["data"]))
        paged += answer["data"]
    assert paged == everyone
    assert len(client.get(f"{webinar}/registrants", limit=3)["data"]) == 3
    assert len(client.get(f"{webinar}/registrants", page=1)["data"]) == 20


def test_an_empty_list_has_no_embedded(client: Client) -> None:
    webinar = client.webinar("empty")
    for path in ("sessions", "attendees"):
        page = {"size": 20, "totalElements": 0, "totalPages": 0, "number": 0}
        assert client.get(f"{webinar}/{path}") == {"page": page}
    assert client.get(f"{webinar}/registrants") == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("webinars", {}),
        ("webinars", {"fromTime": "2020-01-01T00:00:00Z"}),
        ("webinars", {**ALWAYS, "fromTime": "yesterday"}),
        ("webinars", {"fromTime": ALWAYS["toTime"], "toTime": ALWAYS["fromTime"]}),
        ("webinars", {**ALWAYS, "size": 201}),
        ("webinars", {**ALWAYS, "page": -1}),
        ("webinars", {**ALWAYS, "page": "first"}),
        ("sessions", {}),
    ],
)
def test_wrong_parameters_are_refused(client: Client, path: str, query: dict[str, Any]) -> None:
    assert client.call("GET", f"{client.organizer}/{path}", params=query).status_code == 400


def test_only_webinars_of_the_range_are_listed(client: Client) -> None:
    key = key_of(client.new_webinar())
    near = {"fromTime": "2089-12-31T00:00:00Z", "toTime": "2090-02-01T00:00:00Z", "size": 200}
    before = {"fromTime": "2089-01-01T00:00:00Z", "toTime": "2089-02-01T00:00:00Z"}
    listed = client.get(f"{client.organizer}/webinars", **near)["_embedded"]["webinars"]
    assert key in [webinar["webinarKey"] for webinar in listed]
    assert "_embedded" not in client.get(f"{client.organizer}/webinars", **before)


def test_not_found_in_both_forms(client: Client) -> None:
    answer = client.call("GET", f"{client.organizer}/webinars/123")
    assert answer.status_code == 404
    assert answer.json().keys() == {"errorCode", "description", "incident"}
    assert answer.json()["errorCode"] == "NotFound"
    for path in ("/nothing", "//G2W/rest/v1/webinars", f"{client.organizer}/webinars/abc"):
        answer = client.call("GET", path)
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "NOT_FOUND")


def test_a_cancelled_webinar_is_not_found(client: Client) -> None:
    gone = client.webinar("cancelled")
    for path in ("", "/registrants", "/sessions", "/attendees", "/registrants/fields"):
        assert client.call("GET", gone + path).json()["errorCode"] == "NotFound"
    listed = client.get(f"{client.organizer}/webinars", **ALWAYS, size=200)
    assert key_of(gone) not in [one["webinarKey"] for one in listed["_embedded"]["webinars"]]


def test_another_organizer_is_forbidden(client: Client) -> None:
    assert client.call("GET", "/organizers/5/webinars", params=ALWAYS).status_code == 403
    assert client.call("GET", "/accounts/5/webinars", params=ALWAYS).status_code == 403


def test_a_negative_webinar_id_and_big_keys(client: Client) -> None:
    shown = client.get(client.webinar("upcoming"))
    assert int(shown["webinarID"]) < 0
    assert shown["webinarKey"] > 2**53


def test_waiting_denied_and_approved(client: Client) -> None:
    webinar = client.webinar("approval")
    statuses = {one["status"] for one in client.get(f"{webinar}/registrants")}
    assert statuses == {"APPROVED", "DENIED", "WAITING"}
    made = client.register(webinar, "please@let-me-in.example")
    assert (made.status_code, made.json()["status"]) == (201, "WAITING")
    person = f"{webinar}/registrants/{made.json()['registrantKey']}"
    order = {"webinar": "approval", "email": "please@let-me-in.example", "status": "DENIED"}
    client.simulator.control("POST", "set-status", order)
    assert client.get(person)["status"] == "DENIED"
    listed = client.get(f"{webinar}/registrants")
    assert listed[-1]["status"] == "DENIED"


def test_the_same_address_twice_is_409_with_its_key(client: Client) -> None:
    webinar = client.new_webinar()
    key = client.register(webinar, "Twice@Person.example").json()["registrantKey"]
    again = client.register(webinar, "tWICE@person.EXAMPLE ")
    assert again.status_code == 409
    assert again.json()["errorCode"] == "DuplicateRegistrant"
    assert again.json()["registrantKey"] == str(key)
    client.simulator.control("POST", "duplicates-carry-key", {"on": False})
    assert "registrantKey" not in client.register(webinar, "twice@person.example").json()
    client.simulator.control("POST", "duplicates-carry-key", {"on": True})


def test_a_cancelled_person_returns_with_a_new_key(client: Client) -> None:
    webinar = client.new_webinar()
    first = client.register(webinar, "back@person.example").json()["registrantKey"]
    client.call("DELETE", f"{webinar}/registrants/{first}")
    second = client.register(webinar, "back@person.example")
    assert second.status_code == 201
    assert second.json()["registrantKey"] != first


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": "nobody"}, ["email"]),
        ({"email": "ana@blocked.example"}, ["email"]),
        ({"email": ""}, ["email"]),
        ({"firstName": " "}, ["firstName"]),
        ({"lastName": "x" * 129}, ["lastName"]),
        ({"city": 5}, ["city"]),
        ({"responses": [{"questionKey": 1, "responseText": "?"}]}, ["responses.1"]),
    ],
)
def test_an_invalid_registration(client: Client, body: dict[str, Any], fields: list[str]) -> None:
    webinar = client.new_webinar()
    answer = client.register(webinar, **{"email": "ana@person.example", **body})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "RegistrationInvalid")
    assert answer.json()["invalidFields"] == fields
    assert answer.json()["description"]


def test_required_fields_and_questions(client: Client) -> None:
    webinar = client.webinar("required")
    form = client.get(f"{webinar}/registrants/fields")
    learn, size = form["questions"]
    refused = client.register(webinar, "req@person.example", organization="Acme")
    assert refused.json()["invalidFields"] == ["jobTitle", learn["question"], size["question"]]
    values = {
        "organization": "Acme",
        "jobTitle": "Poet",
        "responses": [
            {"questionKey": learn["questionKey"], "responseText": "Everything"},
            {"questionKey": size["questionKey"], "answerKey": size["answers"][1]["answerKey"]},
        ],
    }
    made = client.register(webinar, "req@person.example", **values)
    shown = client.get(f"{webinar}/registrants/{made.json()['registrantKey']}")
    assert [one["answer"] for one in shown["responses"]] == ["Everything", "2 to 50"]


def test_the_old_accept_header_drops_all_but_names_and_address(client: Client) -> None:
    old = {"Accept": "application/vnd.citrix.g2wapi-v1.1+json"}
    body = {"firstName": "A", "lastName": "B", "email": "old@person.example", "city": "Ulm"}
    webinar = client.new_webinar()
    made = client.call("POST", f"{webinar}/registrants", json=body, headers=old)
    assert made.status_code == 201
    assert "city" not in client.get(f"{webinar}/registrants/{made.json()['registrantKey']}")


def test_a_full_webinar_accepts_no_one(client: Client) -> None:
    webinar = client.webinar("full")
    shown = client.get(webinar)
    assert shown["numberOfRegistrants"] >= shown["registrationLimit"]
    refused = client.register(webinar, "late@person.example")
    assert 400 <= refused.status_code < 500
    assert refused.status_code != 409
    known = client.get(f"{webinar}/registrants")[0]["email"]
    assert client.register(webinar, known).status_code == 409


def test_a_past_webinar_keeps_its_registrants(client: Client) -> None:
    webinar = client.webinar("past")
    first = client.get(f"{webinar}/registrants")[0]["registrantKey"]
    assert client.call("DELETE", f"{webinar}/registrants/{first}").status_code == 400
    late = client.register(webinar, "late@person.example").json()["registrantKey"]
    assert client.get(f"{webinar}/registrants/{late}")["type"] == "LATE"


def test_a_live_webinar_cannot_be_cancelled(client: Client) -> None:
    assert client.call("DELETE", client.webinar("live")).status_code == 409


@pytest.mark.parametrize("body", ["", "[]", "{", '"text"', b"\xff", '{"firstName": "\\ud800"}'])
def test_a_body_that_is_no_json_object(client: Client, body: str | bytes) -> None:
    webinar = client.new_webinar()
    answer = client.call("POST", f"{webinar}/registrants", data=body)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"subject": ""},
        {"subject": "x" * 129},
        {"times": []},
        {"times": [{"startTime": "2090-01-02T00:00:00Z"}]},
        {"times": [{"startTime": "2090-01-02T00:00:00Z", "endTime": "2090-01-01T00:00:00Z"}]},
        {"type": "series"},
        {"type": "weekly"},
        {"locale": "xx"},
        {"timeZone": "Mars/Base"},
        {"timeZone": ["UTC"]},
    ],
)
def test_a_webinar_that_cannot_be_created(client: Client, body: dict[str, Any]) -> None:
    times = [{"startTime": "2090-01-01T00:00:00Z", "endTime": "2090-01-02T00:00:00Z"}]
    asked = {"subject": "A test", "times": times, **body}
    answer = client.call("POST", f"{client.organizer}/webinars", json=asked)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidRequest")


def test_a_change_needs_something_to_change(client: Client) -> None:
    webinar = client.new_webinar()
    assert client.call("PUT", webinar, json={}).status_code == 400
    assert client.call("PUT", webinar, json={"locale": "xx"}).status_code == 400
    assert client.call("PUT", webinar, json={"locale": "de_DE"}).status_code == 202
    assert client.get(webinar)["locale"] == "de_DE"
