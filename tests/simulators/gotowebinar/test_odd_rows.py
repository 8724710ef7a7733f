"""Single rows of a list that are sent with changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.gotowebinar.process import SimulatorError, SimulatorProcess

from .client import ALWAYS, Client, key_of

LISTS = (
    "webinars", "registrants", "registrant", "sessions", "attendees", "questions", "polls",
    "surveys", "fields", "panelists", "coorganizers",
)  # fmt: skip
BIG = 10**30


@pytest.fixture
def odd(client: Client) -> Iterator[Client]:
    yield client
    client.simulator.control("POST", "odd-row", {"clear": True})


def make(client: Client, name: str, change: Any, **more: Any) -> Any:
    return client.simulator.control("POST", "odd-row", {"list": name, "change": change, **more})


def answers(client: Client, webinar: str) -> dict[str, list[list[dict[str, Any]]]]:
    """The rows of every answer that has them, by the list's name."""
    sessions = client.get(f"{webinar}/sessions")["_embedded"]["sessionInfoResources"]
    session = f"{webinar}/sessions/{sessions[0]['sessionKey']}"
    people = client.get(f"{webinar}/registrants", page=0, limit=200)["data"]
    attendees = client.get(f"{session}/attendees")
    one = f"{session}/attendees/{attendees[0]['registrantKey']}"
    form = client.get(f"{webinar}/registrants/fields")
    listed = client.get(f"{client.organizer}/webinars", **ALWAYS, size=200)
    everywhere = client.get(f"{client.organizer}/sessions", **ALWAYS, size=200)
    reported = client.get(f"{webinar}/attendees", size=200)
    details = [client.get(f"{webinar}/registrants/{row['registrantKey']}") for row in people[:3]]
    return {
        "webinars": [listed["_embedded"]["webinars"]],
        "registrants": [client.get(f"{webinar}/registrants"), people],
        "registrant": [details],
        "sessions": [sessions, everywhere["_embedded"]["sessionInfoResources"]],
        "attendees": [reported["_embedded"]["attendeeParticipationResponses"], attendees],
        "questions": [client.get(f"{session}/questions")],
        "polls": [client.get(f"{session}/polls"), client.get(f"{one}/polls")],
        "surveys": [client.get(f"{session}/surveys"), client.get(f"{one}/surveys")],
        "fields": [form["fields"] + form["questions"]],
        "panelists": [client.get(f"{webinar}/panelists")],
        "coorganizers": [client.get(f"{webinar}/coorganizers")],
    }


@pytest.mark.parametrize("name", LISTS)
def test_one_row_of_each_list(odd: Client, name: str) -> None:
    webinar = odd.webinar("big")
    before = answers(odd, webinar)
    make(odd, name, {"extra": None, "email": {"a": [BIG]}})
    after = answers(odd, webinar)
    for other in LISTS:
        for was, now in zip(before[other], after[other], strict=True):
            if other == name and was:
                assert now[0] == {**was[0], "extra": None, "email": {"a": [BIG]}}
                assert now[1:] == was[1:]
            else:
                assert now == was
    odd.simulator.control("POST", "odd-row", {"list": name, "clear": True})
    assert answers(odd, webinar) == before


def test_fields_are_removed_and_replaced(odd: Client) -> None:
    webinar = odd.webinar("big")
    stays = [{"joinTime": "2026-01-01T00:00:00Z", "leaveTime": None}]
    make(odd, "attendees", {"attendance": stays, "remove": ["lastName", "nothing"]}, at=1)
    make(odd, "attendees", {"email": 5}, at=-1)
    make(odd, "attendees", {"email": 6}, at=100_000)
    rows = odd.get(f"{webinar}/attendees", size=200)["_embedded"]["attendeeParticipationResponses"]
    assert rows[1]["attendance"] == stays
    assert "lastName" not in rows[1]
    assert rows[-1]["email"] == 5
    assert 6 not in [row["email"] for row in rows]
    make(odd, "attendees", {"firstName": None}, at=1)
    rows = odd.get(f"{webinar}/attendees", size=2)["_embedded"]["attendeeParticipationResponses"]
    assert rows[1]["firstName"] is None
    assert "lastName" in rows[1], "the newer change is in the place of the older"


def test_the_index_is_that_of_the_whole_list(odd: Client) -> None:
    webinar = odd.webinar("big")
    make(odd, "registrants", {"email": None}, at=201)
    make(odd, "registrants", {"email": 1}, at=-1)
    pages = [odd.get(f"{webinar}/registrants", page=at, limit=200)["data"] for at in (0, 1)]
    assert {row["email"] for row in pages[0]} & {None, 1} == set()
    assert [at for at, row in enumerate(pages[1]) if row["email"] in (None, 1)] == [1, 99]
    make(odd, "registrant", {"email": None}, at=1)
    for at, shown in ((0, True), (1, False), (2, True)):
        detail = odd.get(f"{webinar}/registrants/{pages[0][at]['registrantKey']}")
        assert (detail["email"] is not None) is shown


def test_one_webinar_or_all(odd: Client) -> None:
    past, big = odd.webinar("past"), odd.webinar("big")
    make(odd, "registrants", {"email": None}, webinar="past")
    assert odd.get(f"{past}/registrants")[0]["email"] is None
    assert odd.get(f"{big}/registrants")[0]["email"]
    make(odd, "sessions", {"startTime": None}, webinar="past")
    listed = odd.get(f"{odd.organizer}/sessions", **ALWAYS, size=200)
    rows = listed["_embedded"]["sessionInfoResources"]
    assert [row["webinarKey"] for row in rows if row["startTime"] is None] == [key_of(past)]
    make(odd, "webinars", {"times": []}, webinar="big")
    listed = odd.get(f"{odd.organizer}/webinars", **ALWAYS, size=200)
    rows = listed["_embedded"]["webinars"]
    assert [row["webinarKey"] for row in rows if not row["times"]] == [key_of(big)]
    odd.simulator.control("POST", "odd-row", {"clear": True, "webinar": "past"})
    assert odd.get(f"{past}/registrants")[0]["email"]
    assert odd.simulator.control("POST", "odd-row", {"clear": True}) == {"odd_rows": 0}


def test_a_person_may_be_named(odd: Client) -> None:
    webinar = odd.webinar("big")
    session = odd.get(f"{webinar}/sessions")["_embedded"]["sessionInfoResources"][0]
    path = f"{webinar}/sessions/{session['sessionKey']}"
    asked = odd.get(f"{path}/questions")[1]
    person = {"webinar": "big", "registrantKey": asked["askerKey"]}
    for name in ("questions", "registrant", "attendees", "polls", "surveys"):
        make(odd, name, {"question": None}, **person)
    rows = odd.get(f"{path}/questions")
    assert [row["askerKey"] for row in rows if row["question"] is None] == [asked["askerKey"]]
    key = int(asked["askerKey"])
    odd_ones = [row for row in odd.get(f"{path}/attendees") if "question" in row]
    assert [row["registrantKey"] for row in odd_ones] == [key]
    assert odd.get(f"{webinar}/registrants/{key}")["question"] is None
    assert None not in [row["question"] for row in odd.get(f"{path}/polls")]
    for name in ("polls", "surveys"):
        answered = odd.get(f"{path}/attendees/{key}/{name}")
        assert {row["question"] for row in answered} <= {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"list": "everything", "change": {}},
        {"list": "webinars"},
        {"list": "webinars", "change": [1]},
        {"list": "webinars", "change": {"remove": "email"}},
        {"list": "webinars", "change": {}, "at": "first"},
        {"list": "registrants", "change": {}, "email": "x@person.example"},
        {"list": "registrants", "change": {}, "webinar": "big", "email": "x@person.example"},
        {"list": "registrants", "change": {}, "webinar": "none"},
    ],
    ids=str,
)
def test_a_wrong_order_is_refused(odd: Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(SimulatorError):
        odd.simulator.control("POST", "odd-row", wrong)
    assert odd.simulator.control("POST", "odd-row", {"clear": True}) == {"odd_rows": 0}


def test_all_state_survives_a_restart_and_is_cleared_by_a_reset(tmp_path: Path) -> None:
    state = str(tmp_path / "goto.json")
    options: dict[str, Any] = {"webinars": 12, "registrants": 12, "state": state}
    with SimulatorProcess(**options) as simulator:
        client = Client(simulator)
        webinar = client.webinar("past")
        email = client.get(f"{webinar}/registrants")[0]["email"]
        plain = client.get(f"{webinar}/attendees")
        sessions = client.get(f"{webinar}/sessions")
        make(client, "registrants", {"email": {"a": BIG}}, at=2)
        for path, body in (
            ("walk-in", {"email": "w@person.example", "minutes": 5}),
            ("hold-attendance", {"minutes": 100_000, "listed": 1}),
            ("panelist", {"email": "p@panel.example"}),
            ("details", {"email": email, "source": "A letter"}),
        ):
            simulator.control("POST", path, {"webinar": "past", **body})
        truth = simulator.truth("past")
        made = {"subject": "Again", "experience": "SIMULIVE", "ondemand": True}
        key = simulator.control("POST", "new-webinar", made)["webinarKey"]
    with SimulatorProcess(**options) as simulator:
        client = Client(simulator)
        assert simulator.truth("past") == truth
        assert truth["walkIns"] == ["w@person.example"]
        assert client.get(f"{webinar}/attendees")["page"]["totalElements"] == 1
        row = client.get(f"{webinar}/registrants")[2]
        assert row["email"] == {"a": BIG}
        listed = client.get(f"{client.organizer}/webinars", **ALWAYS, size=200)
        shown = {row["webinarKey"]: row["isOndemand"] for row in listed["_embedded"]["webinars"]}
        assert [one for one, ondemand in shown.items() if ondemand] == [key]

        simulator.reset()
        client.sign_in()
        webinar = client.webinar("past")
        assert isinstance(client.get(f"{webinar}/registrants")[2]["email"], str)
        total = client.get(f"{webinar}/attendees")["page"]["totalElements"]
        assert total == plain["page"]["totalElements"]
        assert client.get(f"{webinar}/sessions")["page"] == sessions["page"]
        assert simulator.truth("past")["walkIns"] == []
