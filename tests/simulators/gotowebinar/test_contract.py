"""Every answer of every path has the shape of GoTo's contract."""

from __future__ import annotations

from typing import Any

import pytest

from .client import ALWAYS, Client
from .contract import check, check_paged

EVERY_LABEL = (
    "big", "full", "series", "series:3", "sequence", "live", "empty", "required", "approval",
    "upcoming", "past", "empty_past",
)  # fmt: skip


def test_webinars_of_organizer_and_account(client: Client) -> None:
    account = f"/accounts/{client.ready['account_key']}"
    for owner in (client.organizer, account):
        for query in ({}, {"page": 1, "size": 5}, {"page": 99}):
            check_paged(client.get(f"{owner}/webinars", **ALWAYS, **query), "webinars", "Webinar")


@pytest.mark.parametrize("label", EVERY_LABEL)
def test_webinar_and_its_lists(client: Client, label: str) -> None:
    webinar = client.webinar(label)
    check(client.get(webinar), "WebinarByKey")
    check(client.get(f"{webinar}/registrants"), ["Registrant"])
    check(client.get(f"{webinar}/registrants", page=0, limit=7), "RegistrantPage")
    check(client.get(f"{webinar}/registrants/fields"), "RegistrationFields")
    check(client.get(f"{webinar}/coorganizers"), ["Coorganizer"])
    check(client.get(f"{webinar}/panelists"), ["Panelist"])
    check(client.get(f"{webinar}/meetingtimes"), ["DateTimeRange"])
    sessions = client.get(f"{webinar}/sessions")
    check_paged(sessions, "sessionInfoResources", "ReportingSession")
    attendees = client.get(f"{webinar}/attendees", size=200)
    check_paged(attendees, "attendeeParticipationResponses", "Attendee")
    for performance in client.get(f"{webinar}/performance").values():
        check(performance, "SessionPerformance")


@pytest.mark.parametrize("label", ("big", "required", "approval"))
def test_registrant(client: Client, label: str) -> None:
    webinar = client.webinar(label)
    for row in client.get(f"{webinar}/registrants", page=0, limit=25)["data"]:
        check(client.get(f"{webinar}/registrants/{row['registrantKey']}"), "RegistrantDetailed")


@pytest.mark.parametrize("label", ("big", "series", "sequence", "past"))
def test_session_and_its_people(client: Client, label: str) -> None:
    webinar = client.webinar(label)
    for row in client.get(f"{webinar}/sessions")["_embedded"]["sessionInfoResources"]:
        session = f"{webinar}/sessions/{row['sessionKey']}"
        present = client.get(f"{session}/attendees")
        check(present, ["Attendee"])
        assert client.get(session) == present
        assert len(present) == row["registrantsAttended"]
        check(client.get(f"{session}/questions"), ["AttendeeQuestion"])
        check(client.get(f"{session}/polls"), ["Poll"])
        check(client.get(f"{session}/surveys"), ["Poll"])
        check(client.get(f"{session}/performance"), "SessionPerformance")
        for attendee in present[:8]:
            one = f"{session}/attendees/{attendee['registrantKey']}"
            check(client.get(one), "Registrant")
            check(client.get(f"{one}/questions"), ["AttendeeQuestion"])
            check(client.get(f"{one}/polls"), ["PollAnswer"])
            check(client.get(f"{one}/surveys"), ["PollAnswer"])


def test_a_survey_without_a_poll(client: Client) -> None:
    webinar = client.webinar("series")
    (row,) = client.get(f"{webinar}/sessions")["_embedded"]["sessionInfoResources"]
    session = f"{webinar}/sessions/{row['sessionKey']}"
    assert (row["totalPollCount"], client.get(f"{session}/polls")) == (0, [])
    survey = client.get(f"{session}/surveys")
    assert survey[0]["numberOfResponses"] > 0
    first = client.get(f"{session}/attendees")[0]["registrantKey"]
    answered = client.get(f"{session}/attendees/{first}/surveys")
    assert [one["question"] for one in answered] == [one["question"] for one in survey]
    assert client.get(f"{session}/attendees/{first}/polls") == []


def test_sessions_of_organizer(client: Client) -> None:
    sessions = client.get(f"{client.organizer}/sessions", **ALWAYS)
    check_paged(sessions, "sessionInfoResources", "ReportingSession")


def test_webinars_in_session(client: Client) -> None:
    live = client.get(f"{client.organizer}/insessionWebinars")
    check(live, ["BrokerWebinar"])
    assert [one["inSession"] for one in live] == [True] * len(live)
    assert live


def test_identity(client: Client) -> None:
    identity, admin = client.get("//identity/v1/Users/me"), client.get("//admin/rest/v1/me")
    check(identity, "Identity")
    check(admin, "AdminMe")
    assert identity["id"] == admin["key"] == client.ready["organizer_key"]


@pytest.mark.parametrize(("kind", "times"), [("single_session", 1), ("series", 3), ("sequence", 2)])
def test_a_webinar_from_creation_to_cancellation(client: Client, kind: str, times: int) -> None:
    spans = [
        {"startTime": f"2091-0{month}-01T10:00:00Z", "endTime": f"2091-0{month}-01T11:00:00Z"}
        for month in range(1, times + 1)
    ]
    body: dict[str, Any] = {"subject": "Ünïcode", "times": spans, "type": kind}
    made = client.call("POST", f"{client.organizer}/webinars", json=body)
    assert made.status_code == 201
    check(made.json(), "CreatedWebinar")
    assert ("recurrenceKey" in made.json()) == (kind == "series")
    webinar = f"{client.organizer}/webinars/{made.json()['webinarKey']}"

    changed = client.call("PUT", webinar, json={"subject": "Another"})
    assert (changed.status_code, changed.content) == (202, b"")
    shown = client.get(webinar)
    assert (shown["subject"], shown["type"]) == ("Another", kind)
    check(shown, "WebinarByKey")

    gone = client.call("DELETE", webinar)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.call("GET", webinar).status_code == 404


def test_a_registration_from_creation_to_cancellation(client: Client) -> None:
    webinar = client.new_webinar()
    made = client.register(webinar, "New@Person.example", city="Łódź")
    assert made.status_code == 201
    check(made.json(), "RegistrantCreated")
    path = f"{webinar}/registrants/{made.json()['registrantKey']}"
    shown = client.get(path)
    check(shown, "RegistrantDetailed")
    assert (shown["email"], shown["city"]) == ("New@Person.example", "Łódź")
    gone = client.call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.call("GET", path).status_code == 404
    assert client.get(f"{webinar}/registrants") == []
