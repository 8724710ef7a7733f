"""Delayed reports, corrections, walk-ins, late registrants, and their details."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.gotowebinar.process import SimulatorError

from .client import ALWAYS, Client, key_of
from .contract import check, check_paged

PEOPLE = [f"{name}@person.example" for name in "abc"]


@pytest.fixture
def ended(client: Client) -> str:
    """The path of a past webinar with three people."""
    webinar = client.new_webinar()
    for email in PEOPLE:
        client.register(webinar, email)
    run(client, webinar)
    return webinar


def run(client: Client, webinar: str) -> str:
    """Let everyone attend a session; return its key."""
    named = {"webinar": key_of(webinar)}
    client.simulator.control("POST", "start-session", named)
    order = {
        "attendees": [{"email": email, "minutes": 20} for email in PEOPLE],
        "questions": [{"email": email, "question": "Why?"} for email in PEOPLE],
        "polls": [{"question": "Good?", "choices": ["Yes", "No"]}],
    }
    key: str = client.simulator.control("POST", "end-session", {**named, **order})["sessionKey"]
    return key


def attendees(client: Client, webinar: str) -> list[dict[str, Any]]:
    answer = client.get(f"{webinar}/attendees", size=200)
    check_paged(answer, "attendeeParticipationResponses", "Attendee")
    rows = answer.get("_embedded", {}).get("attendeeParticipationResponses", [])
    assert isinstance(rows, list)
    return rows


def sessions(client: Client, webinar: str) -> list[dict[str, Any]]:
    answer = client.get(f"{webinar}/sessions")
    check_paged(answer, "sessionInfoResources", "ReportingSession")
    rows = answer.get("_embedded", {}).get("sessionInfoResources", [])
    assert isinstance(rows, list)
    return rows


def attended(client: Client, webinar: str) -> dict[str, int]:
    """Seconds by address, as in the truth."""
    truth = client.simulator.truth(key_of(webinar))
    return {one["email"]: one["seconds"] for one in truth["attended"]}


def change(client: Client, path: str, webinar: str, **body: Any) -> Any:
    return client.simulator.control("POST", path, {"webinar": key_of(webinar), **body})


def test_a_report_is_held_back_and_released(client: Client, ended: str) -> None:
    full = attendees(client, ended)
    assert change(client, "hold-attendance", ended, minutes=60) == {"listed": 0}
    (session,) = sessions(client, ended)
    assert session["registrantsAttended"] == 3
    one = f"{ended}/sessions/{session['sessionKey']}"
    assert attendees(client, ended) == client.get(one) == client.get(f"{one}/attendees") == []
    assert client.get(f"{one}/questions") == []
    assert client.get(f"{one}/polls")[0]["numberOfResponses"] == 0
    absent = f"{one}/attendees/{full[0]['registrantKey']}"
    for path in ("", "/polls", "/questions"):
        assert client.call("GET", absent + path).status_code == 404
    assert attended(client, ended) == dict.fromkeys(PEOPLE, 1200), "the truth knows better"
    assert change(client, "hold-attendance", ended, minutes=0) == {"listed": 3}
    assert attendees(client, ended) == full


def test_a_report_contains_some_at_first(client: Client, ended: str) -> None:
    full = attendees(client, ended)
    assert change(client, "hold-attendance", ended, minutes=60, listed=2) == {"listed": 2}
    (session,) = sessions(client, ended)
    one = f"{ended}/sessions/{session['sessionKey']}"
    assert attendees(client, ended) == client.get(f"{one}/attendees") == full[:2]
    assert [row["askedBy"] for row in client.get(f"{one}/questions")] == PEOPLE[:2]
    assert client.get(f"{one}/polls")[0]["numberOfResponses"] == 2
    assert client.call("GET", f"{one}/attendees/{full[1]['registrantKey']}").status_code == 200
    assert client.call("GET", f"{one}/attendees/{full[2]['registrantKey']}").status_code == 404


def test_a_report_is_complete_after_its_time_limit(client: Client, ended: str) -> None:
    change(client, "hold-attendance", ended, minutes=60)
    # The session ended 20 minutes after it began: 81 minutes later the hour is over.
    client.simulator.control("POST", "move-clock", {"seconds": 81 * 60})
    try:
        client.sign_in()
        assert len(attendees(client, ended)) == 3
        run(client, ended)
        assert [row["registrantsAttended"] for row in sessions(client, ended)] == [3, 3]
        assert len(attendees(client, ended)) == 3, "the next session has an hour of its own"
    finally:
        client.simulator.control("POST", "move-clock", {"seconds": -81 * 60})


@pytest.mark.parametrize("wrong", [{}, {"minutes": -1}, {"minutes": 5, "listed": -1}])
def test_a_wrong_hold_is_refused(client: Client, ended: str, wrong: dict[str, int]) -> None:
    with pytest.raises(SimulatorError):
        change(client, "hold-attendance", ended, **wrong)
    assert len(attendees(client, ended)) == 3


def test_a_later_report_has_other_minutes(client: Client, ended: str) -> None:
    assert change(client, "correct-attendance", ended, email=PEOPLE[0], minutes=5)["attended"] == 3
    spans = [[0, 60], [120, 240]]
    change(client, "correct-attendance", ended, email=PEOPLE[1], intervals=spans)
    seconds = {row["email"]: row["attendanceTimeInSeconds"] for row in attendees(client, ended)}
    expected = dict(zip(PEOPLE, (300, 180, 1200), strict=True))
    assert seconds == attended(client, ended) == expected
    (session,) = sessions(client, ended)
    one = attendees(client, ended)[0]["registrantKey"]
    polls = client.get(f"{ended}/sessions/{session['sessionKey']}/attendees/{one}/polls")
    assert polls, "what they replied stays"


def test_a_later_report_lacks_someone(client: Client, ended: str) -> None:
    first = attendees(client, ended)[0]
    key = str(first["registrantKey"])
    absent = {"registrantKey": key, "absent": True}
    assert change(client, "correct-attendance", ended, **absent)["attended"] == 2
    assert [row["email"] for row in attendees(client, ended)] == PEOPLE[1:]
    assert sessions(client, ended)[0]["registrantsAttended"] == 2
    assert set(attended(client, ended)) == set(PEOPLE[1:])
    with pytest.raises(SimulatorError, match="not in that session"):
        change(client, "correct-attendance", ended, **absent)
    change(client, "correct-attendance", ended, registrantKey=key, minutes=7)
    assert attended(client, ended)[PEOPLE[0]] == 420


def test_a_correction_is_of_one_session_and_a_session_can_go(client: Client, ended: str) -> None:
    first, second = sessions(client, ended)[0]["sessionKey"], run(client, ended)
    correct = {"email": PEOPLE[0], "minutes": 1}
    assert change(client, "correct-attendance", ended, **correct)["sessionKey"] == second
    change(client, "correct-attendance", ended, email=PEOPLE[0], minutes=2, session=first)
    assert attended(client, ended)[PEOPLE[0]] == 180
    gone = {"session": first, "deleted": True}
    assert change(client, "correct-attendance", ended, **gone)["sessions"] == 1
    assert [row["sessionKey"] for row in sessions(client, ended)] == [second]
    assert {str(row["sessionKey"]) for row in attendees(client, ended)} == {second}
    assert client.call("GET", f"{ended}/sessions/{first}").status_code == 404
    listed = client.get(f"{client.organizer}/sessions", **ALWAYS, size=200)
    assert first not in str(listed)
    assert attended(client, ended)[PEOPLE[0]] == 60


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": PEOPLE[0]},
        {"email": "nobody@person.example", "minutes": 1},
        {"email": PEOPLE[0], "minutes": 1, "session": "5"},
        {"email": PEOPLE[0], "intervals": [[60, 0]]},
        {"deleted": True},
        {"deleted": True, "session": "5"},
    ],
    ids=str,
)
def test_a_wrong_correction_is_refused(client: Client, ended: str, wrong: dict[str, Any]) -> None:
    before = attendees(client, ended)
    with pytest.raises(SimulatorError):
        change(client, "correct-attendance", ended, **wrong)
    assert attendees(client, ended) == before


def test_a_walk_in_is_an_attendee_and_no_registrant(client: Client, ended: str) -> None:
    email = "walk.in@person.example"
    key = change(client, "walk-in", ended, email=email, firstName="Wa", minutes=9)["registrantKey"]
    row = attendees(client, ended)[-1]
    assert (row["email"], str(row["registrantKey"]), row["firstName"]) == (email, key, "Wa")
    assert row["attendanceTimeInSeconds"] == 540
    assert sessions(client, ended)[0]["registrantsAttended"] == 4
    assert client.call("GET", f"{ended}/registrants/{key}").status_code == 404
    assert email not in [one["email"] for one in client.get(f"{ended}/registrants")]
    assert attended(client, ended)[email] == 540
    assert client.simulator.truth(key_of(ended))["walkIns"] == [email]

    second = run(client, ended)
    again = change(client, "walk-in", ended, email=email.upper())
    assert again == {**again, "registrantKey": key, "sessionKey": second}, "the same person"
    change(client, "correct-attendance", ended, email=email, absent=True)
    assert client.simulator.truth(key_of(ended))["walkIns"] == [email]
    change(client, "correct-attendance", ended, email=email, absent=True)
    assert client.simulator.truth(key_of(ended))["walkIns"] == []


@pytest.mark.parametrize("path", ["walk-in", "attend-unlisted"])
def test_no_one_attends_what_has_not_run(client: Client, path: str) -> None:
    with pytest.raises(SimulatorError, match="No session has ended"):
        change(client, path, client.new_webinar(), email="x@person.example")


def test_the_truth_knows_who_attended_and_is_not_on_the_list(client: Client, ended: str) -> None:
    change(client, "attend-unlisted", ended, email="un@person.example", minutes=3)
    assert attended(client, ended)["un@person.example"] == 180
    truth = client.simulator.truth(key_of(ended))
    assert "un@person.example" in [one["email"] for one in truth["sessions"][0]["attended"]]
    assert truth["walkIns"] == []


def test_a_late_registrant_reports_it_in_the_details(client: Client, ended: str) -> None:
    values = {"email": "late@person.example", "source": "Recording", "city": "Ulm"}
    answers = [{"question": "Why?", "answer": "So."}]
    key = change(client, "late-registrant", ended, **values, responses=answers)["registrantKey"]
    shown = client.get(f"{ended}/registrants/{key}")
    check(shown, "RegistrantDetailed")
    assert shown["type"] == "LATE"
    assert shown["registrationDate"] >= sessions(client, ended)[0]["startTime"]
    assert shown == {**shown, **values, "responses": answers}
    assert client.get(f"{ended}/registrants")[-1]["email"] == values["email"]
    with pytest.raises(SimulatorError, match="not over"):
        change(client, "late-registrant", client.new_webinar(), **values)


def test_details_accept_any_overrides(client: Client, ended: str) -> None:
    person = client.get(f"{ended}/registrants")[0]
    path = f"{ended}/registrants/{person['registrantKey']}"
    fields = {
        "numberOfEmployees": "11-50", "purchasingRole": "Recommends", "phone": "+49 1",
        "purchasingTimeFrame": "No plans", "implementationTimeFrame": "Within a year",
        "questionsAndComments": "=1+1?", "jobTitle": "Director", "lastName": "Ödön",
    }  # fmt: skip
    answers = [{"question": "Why?", "answer": "So."}]
    named = {"email": person["email"]}
    change(client, "details", ended, **named, fields=fields, responses=answers, source="A letter")
    shown = client.get(path)
    check(shown, "RegistrantDetailed")
    expected = {**fields, "responses": answers, "source": "A letter", "employeeCount": "11-50"}
    assert shown == {**shown, **expected}
    assert client.get(f"{ended}/registrants")[0]["lastName"] == "Ödön"
    assert attendees(client, ended)[0]["lastName"] == "Ödön"

    change(client, "details", ended, **named, fields={"phone": None, "employeeCount": "12"})
    shown = client.get(path)
    assert "phone" not in shown
    assert (shown["employeeCount"], shown["responses"]) == ("12", answers)
    with pytest.raises(SimulatorError, match="no such field: shoeSize"):
        change(client, "details", ended, **named, fields={"shoeSize": "44"})
