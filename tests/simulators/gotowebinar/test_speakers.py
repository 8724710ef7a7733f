"""Co-organizers and panelists: over the API as in the contract, and by control calls."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.gotowebinar.process import SimulatorError

from .client import Client, key_of
from .contract import check
from .test_reports import attendees, change, run

COLLEAGUE = "Ben.Second@webinarsync.example"


def colleague_key(client: Client) -> str:
    return str(int(client.ready["organizer_key"]) + 1)


def test_panelists_from_inviting_to_removing(client: Client) -> None:
    webinar = client.new_webinar()
    people = [
        {"email": "alan@panel.example", "name": "Alan Mathison Turing"},
        {"email": "plato@panel.example", "name": "Plato"},
    ]
    made = client.call("POST", f"{webinar}/panelists", json=people)
    assert made.status_code == 201
    check(made.json(), ["CreatedPanelist"])
    shown = client.get(f"{webinar}/panelists")
    check(shown, ["Panelist"])
    assert [{"email": one["email"], "name": one["name"]} for one in shown] == people
    assert shown[0]["lastName"] == "Mathison Turing"
    keys = [one["panelistKey"] for one in made.json()]
    assert [str(one["panelistId"]) for one in shown] == keys

    again = client.call("POST", f"{webinar}/panelists", json=people[:1])
    assert (again.status_code, again.json()[0]["panelistKey"]) == (201, keys[0])
    path = f"{webinar}/panelists/{keys[0]}"
    invited = client.call("POST", f"{path}/resendInvitation")
    assert (invited.status_code, invited.content) == (204, b"")
    gone = client.call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert [one["email"] for one in client.get(f"{webinar}/panelists")] == [people[1]["email"]]
    assert client.call("DELETE", path).status_code == 404
    assert client.call("POST", f"{path}/resendInvitation").status_code == 404


def test_coorganizers_from_inviting_to_removing(client: Client) -> None:
    webinar = client.new_webinar()
    people: list[dict[str, Any]] = [
        {"external": False, "organizerKey": colleague_key(client)},
        {"external": True, "givenName": "Linus van der Helper", "email": "linus@agency.example"},
    ]
    made = client.call("POST", f"{webinar}/coorganizers", json=people)
    assert made.status_code == 201
    check(made.json(), ["Coorganizer"])
    assert client.get(f"{webinar}/coorganizers") == made.json()
    inner, outer = made.json()
    assert (inner["email"], inner["surname"]) == (COLLEAGUE, "Second")
    assert (inner["memberKey"], inner["external"]) == (colleague_key(client), False)
    assert (outer["givenName"], outer["surname"]) == ("Linus van der Helper", "")

    client.simulator.control("POST", "start-session", {"webinar": key_of(webinar)})
    live = client.get(f"{client.organizer}/insessionWebinars")
    (mine,) = [one for one in live if str(one["webinarKey"]) == key_of(webinar)]
    assert [one["email"] for one in mine["coorganizers"]] == [COLLEAGUE, "linus@agency.example"]

    for one, right, wrong in ((inner, None, "true"), (outer, "true", None)):
        path = f"{webinar}/coorganizers/{one['memberKey']}"
        for method, more in (("POST", "/resendInvitation"), ("DELETE", "")):
            query = {"external": wrong} if wrong else {}
            assert client.call(method, path + more, params=query).status_code == 404
            query = {"external": right} if right else {}
            answer = client.call(method, path + more, params=query)
            assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"{webinar}/coorganizers") == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("panelists", {"email": "a@b.example", "name": "A"}, 400),
        ("panelists", ["a@b.example"], 400),
        ("panelists", [{"email": "a@b.example"}], 400),
        ("panelists", [{"email": "nobody", "name": "A"}], 400),
        ("panelists", [{"email": "a@b.example", "name": "A"}, {"name": "B"}], 400),
        ("coorganizers", [{"email": "a@b.example", "givenName": "A"}], 400),
        ("coorganizers", [{"external": True, "email": "a@b.example"}], 400),
        ("coorganizers", [{"external": False}], 400),
        ("coorganizers", [{"external": False, "organizerKey": "5"}], 404),
    ],
)
def test_speakers_who_cannot_be_added(client: Client, path: str, body: Any, status: int) -> None:
    webinar = client.new_webinar()
    assert client.call("POST", f"{webinar}/{path}", json=body).status_code == status
    assert client.get(f"{webinar}/{path}") == []


def test_the_organizer_and_people_without_the_product_are_no_coorganizers(client: Client) -> None:
    webinar, organizer = client.new_webinar(), int(client.ready["organizer_key"])
    for key in (organizer, organizer + 2):
        body = [{"external": False, "organizerKey": str(key)}]
        assert client.call("POST", f"{webinar}/coorganizers", json=body).status_code == 404
    gone = client.webinar("cancelled")
    assert client.call("POST", f"{gone}/panelists", json=[]).status_code == 404


def test_speakers_are_counted_by_their_paths(client: Client) -> None:
    webinar = client.new_webinar()
    client.simulator.reset_calls()
    client.call("DELETE", f"{webinar}/panelists/5")
    client.call("POST", f"{webinar}/coorganizers/5/resendInvitation")
    start = "/organizers/{organizerKey}/webinars/{webinarKey}"
    assert client.simulator.calls()["by_path"] == {
        f"DELETE {start}/panelists/{{panelistKey}}": 1,
        f"POST {start}/coorganizers/{{coorganizerKey}}/resendInvitation": 1,
    }


def test_speakers_come_and_go_by_control_calls(client: Client) -> None:
    webinar = client.new_webinar()
    change(client, "panelist", webinar, email="alan@panel.example", name="Alan Turing")
    change(client, "panelist", webinar, email="Alan@Panel.example")
    change(client, "coorganizer", webinar, email=COLLEAGUE, name="Ben Second")
    change(client, "coorganizer", webinar, email="l@agency.example", name="L Y", external=True)
    (panelist,) = client.get(f"{webinar}/panelists")
    assert (panelist["name"], panelist["lastName"]) == ("Alan Turing", "Turing")
    inner, outer = client.get(f"{webinar}/coorganizers")
    assert (inner["memberKey"], inner["external"]) == (colleague_key(client), False)
    assert (outer["givenName"], outer["external"]) == ("L Y", True)
    truth = client.simulator.truth(key_of(webinar))
    assert truth["panelists"] == ["alan@panel.example"]
    assert truth["coorganizers"] == [COLLEAGUE, "l@agency.example"]

    change(client, "panelist", webinar, email="ALAN@panel.example", remove=True)
    change(client, "coorganizer", webinar, email="l@agency.example", remove=True)
    assert client.get(f"{webinar}/panelists") == []
    assert [one["email"] for one in client.get(f"{webinar}/coorganizers")] == [COLLEAGUE]
    with pytest.raises(SimulatorError, match="not one of them"):
        change(client, "panelist", webinar, email="alan@panel.example", remove=True)


def test_speakers_who_registered_are_among_the_attendees(client: Client) -> None:
    webinar = client.new_webinar()
    for email in ("a@person.example", "b@person.example", "c@person.example"):
        client.register(webinar, email)
    run(client, webinar)
    order = {"email": "alan@panel.example", "name": "Alan Turing", "registers": True}
    key = change(client, "panelist", webinar, **order, attends=15)["registrantKey"]
    row = attendees(client, webinar)[-1]
    assert (row["email"], row["attendanceTimeInSeconds"]) == ("alan@panel.example", 900)
    shown = client.get(f"{webinar}/registrants/{key}")
    assert (shown["type"], shown["status"]) == ("REGULAR", "APPROVED")
    session = client.get(f"{webinar}/sessions")["_embedded"]["sessionInfoResources"][0]
    assert shown["registrationDate"] < session["startTime"]

    same = change(client, "coorganizer", webinar, email="a@person.example", attends=5)
    listed = client.get(f"{webinar}/registrants")
    assert same["registrantKey"] == str(listed[0]["registrantKey"]), "on the list already"
    assert attendees(client, webinar)[0]["attendanceTimeInSeconds"] == 300

    unlisted = change(client, "coorganizer", webinar, email="l@agency.example", attends=5)
    path = f"{webinar}/registrants/{unlisted['registrantKey']}"
    assert client.call("GET", path).status_code == 404
    assert attendees(client, webinar)[-1]["email"] == "l@agency.example"
    assert client.simulator.truth(key_of(webinar))["walkIns"] == ["l@agency.example"]
