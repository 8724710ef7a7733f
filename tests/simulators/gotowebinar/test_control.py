"""Changing the account by control calls, counting calls, and the truth to compare with."""

from __future__ import annotations

import time

import pytest

from simulators.gotowebinar.process import SimulatorError, SimulatorProcess

from .client import ALWAYS, Client, key_of

START = "/organizers/{organizerKey}/webinars/{webinarKey}"


def test_calls_are_counted_by_method_and_path(client: Client) -> None:
    webinar = client.webinar("big")
    person = client.get(f"{webinar}/registrants", limit=1)["data"][0]["registrantKey"]
    client.simulator.reset_calls()
    assert client.simulator.calls()["total"] == 0
    client.get(f"{webinar}/registrants/{person}")
    client.get(f"{webinar}/registrants/{person}")
    client.get(f"{webinar}/registrants/fields")
    client.call("DELETE", webinar.replace("webinars", "nothing"))
    client.token()
    client.simulator.webinars()
    calls = client.simulator.calls()
    assert calls["total"] == 4
    assert calls["by_path"] == {
        f"GET {START}/registrants/{{registrantKey}}": 2,
        f"GET {START}/registrants/fields": 1,
        "DELETE /organizers/{organizerKey}/nothing/{key}": 1,
        "POST /oauth/token": 1,
    }
    assert calls["by_status"] == {"200": 4, "404": 1}
    assert 1 <= calls["max_in_one_second"] <= 4


def test_people_can_be_added_to_the_list_and_removed(client: Client) -> None:
    control, webinar = client.simulator.control, client.new_webinar()
    named = {"webinar": key_of(webinar), "email": "x@person.example"}
    line = control("POST", "register", {**named, "city": "Ulm"})
    shown = client.get(f"{webinar}/registrants/{line['registrantKey']}")
    assert (shown["email"], shown["city"]) == ("x@person.example", "Ulm")
    twin = control("POST", "register", {**named, "email": "X@person.example"})
    assert len(client.get(f"{webinar}/registrants")) == 2

    control("POST", "cancel", {**named, "registrantKey": line["registrantKey"]})
    assert client.call("GET", f"{webinar}/registrants/{line['registrantKey']}").status_code == 404
    duplicate = client.register(webinar, "x@person.example")
    assert duplicate.json()["registrantKey"] == twin["registrantKey"]
    truth = client.simulator.truth(key_of(webinar))
    assert [one["registrantKey"] for one in truth["cancelled"]] == [line["registrantKey"]]

    many = control("POST", "register-many", {"webinar": key_of(webinar), "count": 30})
    assert len(many["registrants"]) == 30
    assert len(client.get(f"{webinar}/registrants")) == 31


def test_an_opt_out_is_reported_in_the_details_alone(client: Client) -> None:
    control, webinar = client.simulator.control, client.new_webinar()
    named = {"webinar": key_of(webinar), "email": "x@person.example"}
    key = control("POST", "register", named)["registrantKey"]
    for on in (True, False):
        assert control("POST", "unsubscribe", {**named, "on": on})["unsubscribed"] is on
        assert client.get(f"{webinar}/registrants/{key}")["unsubscribed"] is on
        assert "unsubscribed" not in client.get(f"{webinar}/registrants", limit=1)["data"][0]


def test_someone_attends_who_is_not_on_the_list(client: Client) -> None:
    control, webinar = client.simulator.control, client.new_webinar()
    named = {"webinar": key_of(webinar)}
    control("POST", "start-session", named)
    control("POST", "end-session", {**named, "attendees": []})
    body = {**named, "email": "x@person.example", "registered_ago": 7200}
    key = control("POST", "attend-unlisted", body)["registrantKey"]
    rows = client.get(f"{webinar}/attendees")["_embedded"]["attendeeParticipationResponses"]
    assert [(str(row["registrantKey"]), row["email"]) for row in rows] == [(key, body["email"])]
    assert client.get(f"{webinar}/registrants", limit=1)["data"] == []
    assert client.get(f"{webinar}/registrants/{key}")["email"] == body["email"]


def test_a_webinar_can_be_filled_and_opened_again(client: Client) -> None:
    control, webinar = client.simulator.control, client.new_webinar()
    named = {"webinar": key_of(webinar)}
    client.register(webinar, "first@person.example")
    assert control("POST", "fill", named) == {"limit": 1, "registrants": 1}
    assert client.register(webinar, "second@person.example").status_code == 403
    assert control("POST", "raise-limit", {**named, "by": 1})["limit"] == 2
    assert client.register(webinar, "second@person.example").status_code == 201
    control("POST", "set-limit", {**named, "limit": 10})
    assert control("POST", "fill", {**named, "with_people": True}) == {
        "limit": 10,
        "registrants": 10,
    }
    assert client.get(webinar)["numberOfRegistrants"] == 10


def test_fields_can_become_required(client: Client) -> None:
    webinar = client.new_webinar()
    order = {"webinar": key_of(webinar), "fields": ["phone", "country"], "question": "Why?"}
    client.simulator.control("POST", "require-fields", order)
    refused = client.register(webinar, "why@person.example", phone="1")
    assert refused.json()["invalidFields"] == ["country", "Why?"]


def test_a_form_accepts_only_its_choices_and_no_more_than_fits(client: Client) -> None:
    webinar = client.new_webinar()
    fields = [{"name": "country", "answers": ["Chile", "Peru"]}, {"name": "city", "max_size": 4}]
    order = {"webinar": key_of(webinar), "fields": fields}
    client.simulator.control("POST", "ask-fields", order)
    refused = client.register(webinar, "why@person.example", country="CL", city="Arica")
    assert refused.json()["invalidFields"] == ["country", "city"]
    assert client.register(webinar, "why@person.example", country="Chile", city="Lima").ok


def test_a_webinar_can_be_deleted(client: Client) -> None:
    webinar = client.new_webinar()
    client.simulator.control("POST", "delete-webinar", {"webinar": key_of(webinar)})
    assert client.call("GET", f"{webinar}/registrants").status_code == 404
    assert client.simulator.truth(key_of(webinar))["deleted"] is True


@pytest.mark.parametrize("experience", ["CLASSIC", "BROADCAST", "SIMULIVE"])
@pytest.mark.parametrize("ondemand", [True, False])
def test_a_webinar_may_be_simulive_and_on_demand(
    client: Client, experience: str, ondemand: bool
) -> None:
    control = client.simulator.control
    order = {"subject": "Again", "experience": experience, "ondemand": ondemand}
    key = control("POST", "new-webinar", order)["webinarKey"]
    webinar = f"{client.organizer}/webinars/{key}"
    assert client.get(webinar)["experienceType"] == experience.lower()
    listed = client.get(f"{client.organizer}/webinars", **ALWAYS, size=200)
    (row,) = [one for one in listed["_embedded"]["webinars"] if one["webinarKey"] == key]
    assert (row["experienceType"], row["isOndemand"]) == (experience, ondemand)
    control("POST", "start-session", {"webinar": key})
    live = client.get(f"{client.organizer}/insessionWebinars")
    (row,) = [one for one in live if str(one["webinarKey"]) == key]
    assert (row["experienceType"], row["isOndemand"]) == (experience.lower(), ondemand)
    control("POST", "delete-webinar", {"webinar": key})


def test_an_unknown_experience_is_refused(client: Client) -> None:
    with pytest.raises(SimulatorError, match="SIMULIVE"):
        client.simulator.control("POST", "new-webinar", {"subject": "x", "experience": "theatre"})


def test_an_on_demand_webinar_can_be_created_over_the_api(client: Client) -> None:
    key = key_of(client.new_webinar(isOndemand=True, experienceType="SIMULIVE"))
    listed = client.get(f"{client.organizer}/webinars", **ALWAYS, size=200)
    (row,) = [one for one in listed["_embedded"]["webinars"] if one["webinarKey"] == key]
    assert (row["experienceType"], row["isOndemand"]) == ("SIMULIVE", True)


def test_a_session_runs_and_ends_with_chosen_people(client: Client) -> None:
    control, webinar = client.simulator.control, client.new_webinar()
    named = {"webinar": key_of(webinar)}
    for name in ("a", "b", "c"):
        client.register(webinar, f"{name}@person.example")
    session = control("POST", "start-session", named)["sessionKey"]
    assert client.get(webinar)["inSession"] is True
    assert client.call("GET", f"{webinar}/sessions/{session}/attendees").status_code == 404
    assert "_embedded" not in client.get(f"{webinar}/attendees")
    order = {
        "attendees": [
            {"email": "a@person.example", "minutes": 20},
            {"email": "b@person.example", "intervals": [[0, 600], [300, 900]]},
        ],
        "questions": [{"email": "a@person.example", "question": "Why?", "answer": "So."}],
        "polls": [{"question": "Good?", "choices": ["Yes", "No"]}],
    }
    ended = control("POST", "end-session", {**named, **order})
    assert ended == {"sessionKey": session, "attended": 2}

    truth = client.simulator.truth(key_of(webinar))
    assert {one["email"]: one["seconds"] for one in truth["attended"]} == {
        "a@person.example": 1200,
        "b@person.example": 900,
    }
    rows = client.get(f"{webinar}/attendees")["_embedded"]["attendeeParticipationResponses"]
    assert [row["attendanceTimeInSeconds"] for row in rows] == [1200, 1200]
    path = f"{webinar}/sessions/{session}"
    (question,) = client.get(f"{path}/questions")
    assert question["answers"][0]["answer"] == "So."
    assert client.get(f"{path}/polls")[0]["responses"][0]["percentage"] == 100
    asker = f"{path}/attendees/{question['askerKey']}"
    assert client.get(f"{asker}/questions") == [question]
    assert client.get(f"{asker}/polls")[0]["answers"] == ["Yes"]
    absent = client.get(f"{webinar}/registrants")[2]["registrantKey"]
    assert client.call("GET", f"{path}/attendees/{absent}").status_code == 404


def test_a_session_may_end_as_soon_as_the_attendance_suffices(client: Client) -> None:
    control, webinar = client.simulator.control, client.new_webinar()
    named = {"webinar": key_of(webinar)}
    control("POST", "register-many", {**named, "count": 40})
    control("POST", "start-session", named)
    attended = control("POST", "end-session", named)["attended"]
    assert 0 < attended < 40


def test_the_truth_equals_what_the_api_returns(client: Client) -> None:
    webinar = client.webinar("sequence")
    truth = client.simulator.truth("sequence")
    listed = client.get(f"{webinar}/registrants")
    assert [one["registrantKey"] for one in truth["registrants"]] == [
        str(row["registrantKey"]) for row in listed
    ]
    answer = client.get(f"{webinar}/attendees", size=200)
    rows = answer["_embedded"]["attendeeParticipationResponses"]
    assert {one["registrantKey"] for one in truth["attended"]} == {
        str(row["registrantKey"]) for row in rows
    }
    assert sum(one["sessions"] for one in truth["attended"]) == len(rows)
    assert len(truth["sessions"]) == 2
    for session in truth["sessions"]:
        asked = client.get(f"{webinar}/sessions/{session['sessionKey']}/questions")
        assert [one["question"] for one in asked] == [
            one["question"] for one in session["questions"]
        ]


def test_a_reset_equals_a_new_process() -> None:
    options = {"webinars": 12, "registrants": 12, "now": "2026-05-01T10:00:00Z"}
    with SimulatorProcess(**options) as simulator:
        fresh, first = simulator.webinars(), simulator.ready
        client = Client(simulator)
        webinar = client.webinar("upcoming")
        truth = simulator.truth(key_of(webinar))
        for path, body in (
            ("cancel", {"webinar": "upcoming", "email": truth["registrants"][0]["email"]}),
            ("register-many", {"webinar": "upcoming", "count": 3}),
            ("fail", {"path": "webinars", "count": 100}),
            ("rate-limit", {"per_second": 1}),
            ("latency", {"ms": 1000}),
            ("move-clock", {"seconds": 86400}),
            ("single-use", {"on": True}),
            ("client-scope", {"scope": "identity:"}),
            ("who-signed-in", {"identity": False}),
            ("duplicates-carry-key", {"on": False}),
            ("webhooks", {"lose": 1.0}),
            ("revoke-refresh-token", {}),
        ):
            simulator.control("POST", path, body)

        simulator.reset()
        assert client.call("GET", webinar).status_code == 403, "tokens from before are worthless"
        client.sign_in()
        assert simulator.ready == first
        assert simulator.webinars() == fresh
        assert simulator.truth(key_of(webinar)) == truth
        calls = simulator.calls()
        assert (calls["total"], calls["by_status"]) == (1, {"403": 1, "200": 1})
        began = time.monotonic()
        twin = truth["registrants"][0]["email"]
        assert client.register(webinar, twin).json()["registrantKey"], "and no fault waits"
        assert time.monotonic() - began < 1, "no latency is left"


def test_a_reset_takes_another_account() -> None:
    with SimulatorProcess(webinars=1, registrants=1) as simulator:
        before = simulator.webinars()
        simulator.reset(seed=5, webinars=2, registrants=30, now="2031-01-01T00:00:00Z")
        after = simulator.webinars()
        assert len(before) == 1 and len(after) == 2
        assert len(simulator.truth("big")["registrants"]) == 30
        assert after[0] != before[0]
        simulator.reset()
        assert [one["webinarKey"] for one in simulator.webinars()] == [
            one["webinarKey"] for one in before
        ]


@pytest.mark.parametrize(
    "wrong",
    [{"registrants": 100_001}, {"webinars": -1}, {"now": "soon"}, {"seed": "x"}, {"sede": 1}],
    ids=str,
)
def test_a_wrong_reset_is_refused_and_changes_nothing(
    client: Client, wrong: dict[str, object]
) -> None:
    before = client.simulator.webinars()
    with pytest.raises(SimulatorError, match="400|Value"):
        client.simulator.reset(**wrong)
    assert client.simulator.webinars() == before


def test_events_of_an_account_that_was_replaced_are_not_posted() -> None:
    with SimulatorProcess(webinars=12, registrants=12) as simulator:
        simulator.control("POST", "webhooks", {"delay_ms": 200})
        simulator.control("POST", "register-many", {"webinar": "upcoming", "count": 5})
        simulator.reset()
        settled = simulator.control("POST", "webhooks/flush")
        assert (settled["delivered"], settled["failed"], settled["webhooks"]) == (0, 0, [])
