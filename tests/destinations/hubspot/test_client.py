"""The client over HTTP, with the simulated portal."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import destinations
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.errors import (
    MissingScope,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerError,
    TokenRefused,
    Unreachable,
)
from destinations.hubspot.records import Counts, EventData, NewContact, ParticipationInput
from simulators.hubspot.process import HubSpotProcess

START = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
AT = dt.datetime(2026, 11, 18, 9, 30, 0, 250_000, tzinfo=dt.UTC)
EVENT = EventData(
    external_account_id="org-1",
    external_event_id="123:1",
    name="Ask the founders",
    organizer="Ada",
    starts_at=START,
    ends_at=START + dt.timedelta(hours=1),
    url="https://webinars.example.com/1",
)


@pytest.fixture
def client(hubspot: HubSpotProcess) -> Iterator[Client]:
    with requests.Session() as session:
        yield Client(hubspot.api_url, str(hubspot.ready["access_token"]), session=session)


def paths(hubspot: HubSpotProcess) -> list[str]:
    return [f"{call['method']} {call['path'].partition('?')[0]}" for call in hubspot.calls()]


def new(*emails: str, **more: str) -> list[NewContact]:
    return [NewContact(f"t{n}", {"email": email, **more}) for n, email in enumerate(emails)]


def test_the_portal_describes_itself(hubspot: HubSpotProcess, client: Client) -> None:
    account = client.account()
    assert account.portal_id == str(hubspot.ready["portal_id"])
    assert account.ui_domain.endswith("hubspot.com")
    assert account.time_zone
    definitions = {each.name: each for each in client.property_definitions()}
    assert definitions["jobtitle"].type == "string"
    assert definitions["lifecycle" + "stage"].options
    assert definitions["hs_additional_emails"].read_only
    assert client.required_properties() == []
    client.first_contact()
    client.first_event()
    client.lists()
    client.forms()
    assert {call["status"] for call in hubspot.calls()} == {200}
    assert not [path for path in paths(hubspot) if "search" in path]


def test_contacts_are_found_by_additional_addresses_too(
    hubspot: HubSpotProcess, client: Client
) -> None:
    hubspot.control(
        "POST", "contact", {"email": "ada@x.example", "additional_emails": ["countess@x.example"]}
    )
    [ada] = client.read_contacts_by_email(["Countess@x.example", "nobody@x.example"], ["firstname"])
    assert ada.email == "ada@x.example"
    assert ada.additional_emails == ("countess@x.example",)
    assert ada.properties["firstname"] is None
    assert client.read_contacts_by_email([]) == []


@pytest.mark.rule(12)
@pytest.mark.parametrize("by_row", [True, False])
def test_one_that_exists_or_is_refused_does_not_cost_the_others(
    hubspot: HubSpotProcess, client: Client, by_row: bool
) -> None:
    hubspot.control("POST", "batch-conflicts", {"by_row": by_row})
    hubspot.control("POST", "contact", {"email": "b@x.example", "properties": {"city": "Rome"}})
    result = client.create_contacts(new("a@x.example", "b@x.example", "no address", city="Oslo"))
    assert set(result.created) == {"t0"}
    assert set(result.existing) == {"t1"}
    assert (result.refused["t2"].code, result.refused["t2"].property) == ("INVALID_EMAIL", "email")
    assert result.stopped_by is None
    [known] = client.read_contacts_by_email(["b@x.example"], ["city"])
    assert known.id == result.existing["t1"]
    assert known.properties["city"] == "Rome"


@pytest.mark.rule(12)
def test_two_equal_addresses_become_one_contact(hubspot: HubSpotProcess, client: Client) -> None:
    result = client.create_contacts(new("a@x.example", "A@x.example"))
    assert len(result.created) + len(result.existing) == 2
    ids = {*result.created.values(), *result.existing.values()}
    assert len(ids) == 1


def test_what_was_created_before_an_interruption_is_reported(
    hubspot: HubSpotProcess, client: Client
) -> None:
    hubspot.control("POST", "batch-conflicts", {"by_row": False})
    hubspot.control("POST", "contact", {"email": "a@x.example"})
    hubspot.control("POST", "fail", {"status": 409, "path": "batch/create"})
    hubspot.control(
        "POST", "fail", {"status": 503, "path": "contacts$", "method": "POST", "next": 1}
    )
    with pytest.raises(ServerError):
        client.create_contacts(new("a@x.example", "b@x.example"))
    hubspot.control("POST", "rate-limit", {"limit": 2})
    result = client.create_contacts(new("a@x.example", "b@x.example", "c@x.example"))
    assert result.existing or result.created
    assert isinstance(result.stopped_by, RateLimited)


def test_at_most_a_hundred_at_once(client: Client) -> None:
    with pytest.raises(ValueError, match="100"):
        client.read_contacts_by_email([str(n) for n in range(AT_ONCE + 1)])


def test_an_event_with_its_participation(hubspot: HubSpotProcess, client: Client) -> None:
    made = client.create_contacts(new("a@x.example", "b@x.example", "c@x.example")).created
    a, b, c = (made[f"t{n}"] for n in range(3))
    event = client.put_event(EVENT)
    assert client.put_event(EVENT) == event
    registered = [ParticipationInput(each, AT) for each in (a, b, c, "999999999")]
    result = client.record(event, "register", registered)
    assert result.done == {a, b, c}
    assert set(result.refused) == {"999999999"}
    attended = ParticipationInput(a, START, START, START + dt.timedelta(minutes=40))
    assert client.record(event, "attend", [attended]).done == {a}
    assert client.record(event, "cancel", [ParticipationInput(c, START)]).done == {c}
    hubspot.control("POST", "settle", {})
    client.complete_event("123:1", "org-1", START, START + dt.timedelta(hours=1))
    assert client.participation_counts(event) == Counts(0, 1, 1, 1)
    rows = {row.contact_id: row for row in client.participations(event).rows}
    assert {each: row.state for each, row in rows.items()} == {
        a: "ATTENDED",
        b: "NO_SHOW",
        c: "CANCELLED",
    }
    assert (rows[a].seconds, rows[a].email) == (2400, "a@x.example")
    assert rows[b].occurred_at == AT
    assert [row.contact_id for row in client.participations(event, "CANCELLED").rows] == [c]
    assert [row.contact_id for row in client.participations(event, contact=b).rows] == [b]
    [read] = hubspot.truth()["events"]
    assert (read["objectId"], read["externalEventId"]) == (event, "123:1")
    assert read["eventCompleted"]


def test_another_credentials_event_is_reached_by_its_object_id(
    hubspot: HubSpotProcess, client: Client
) -> None:
    event = client.put_event(EVENT)
    other = Client(hubspot.api_url, hubspot.control("POST", "credential", {})["access_token"])
    with pytest.raises(NotFound):
        other.complete_event("123:1", "org-1", START, START + dt.timedelta(hours=1))
    hubspot.control("POST", "settle", {})
    other.patch_event(event, EventData(cancelled=True, name="Ask them"))
    [read] = hubspot.truth()["events"]
    assert (read["objectId"], read["externalAccountId"]) == (event, "org-1")
    assert (read["eventName"], read["eventCancelled"]) == ("Ask them", True)
    assert not read["eventCompleted"]


@pytest.mark.parametrize("state", ["register", "cancel"])
def test_a_row_that_is_refused_does_not_cost_the_others(
    hubspot: HubSpotProcess, client: Client, state: str
) -> None:
    made = client.create_contacts(new(*(f"p{n}@x.example" for n in range(5)))).created
    event = client.put_event(EVENT)
    hubspot.control("POST", "fail", {"status": 400, "path": "attendance"})
    inputs = [ParticipationInput(each, AT) for each in made.values()]
    assert client.record(event, "register", inputs).done == set(made.values())
    hubspot.control("POST", "fail", {"status": 400, "path": "attendance", "next": 20})
    refused = client.record(event, "register", inputs)
    assert set(refused.refused) == set(made.values())


def test_a_deleted_event_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        client.record("999999999", "register", [ParticipationInput("1", AT)])


@pytest.mark.parametrize("token", ["pat-eu1-wrong", "", "with a space", "läuft", "two\nlines"])
def test_a_token_that_hubspot_does_not_know(hubspot: HubSpotProcess, token: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        Client(hubspot.api_url, token).account()
    assert refused.value.kind in (TokenRefused.NOT_RECOGNISED, TokenRefused.MISSING)


def test_a_missing_scope(hubspot: HubSpotProcess, client: Client) -> None:
    hubspot.control("POST", "scopes", {"missing": ["crm.objects.marketing_events.write"]})
    with pytest.raises(MissingScope) as error:
        client.put_event(EVENT)
    assert error.value.scopes == ("crm.objects.marketing_events.write",)


def test_a_refused_value_is_no_pause(client: Client) -> None:
    with pytest.raises(RequestRefused):
        client.put_event(EventData("org-1", "1", name="Only a name"))


@pytest.mark.parametrize("fault", [{"drop": True}, {"after_effect": True}])
def test_a_lost_answer_may_have_had_an_effect(
    hubspot: HubSpotProcess, client: Client, fault: dict[str, bool]
) -> None:
    hubspot.control("POST", "fail", fault)
    with pytest.raises(Unreachable):
        client.create_contacts(new("a@x.example"))


def test_no_server_listens() -> None:
    with pytest.raises(Unreachable):
        Client("http://127.0.0.1:9", "pat-x").account()


@pytest.mark.parametrize("url", ["api.hubapi.com", "ftp://x", "https://", ""])
def test_an_invalid_address(url: str) -> None:
    with pytest.raises(ValueError, match="HUBSPOT_API_URL"):
        Client(url, "pat-x")


def test_the_token_is_in_no_text(client: Client, hubspot: HubSpotProcess) -> None:
    token = str(hubspot.ready["access_token"])
    assert token not in f"{client!r} {client}"
    with pytest.raises(Unreachable) as error:
        Client("http://127.0.0.1:9", token).account()
    assert token not in repr(error.getrepr(showlocals=False))


@pytest.mark.pure
@pytest.mark.rule(12)
def test_nothing_that_could_change_a_contact_is_called() -> None:
    never = re.compile(r"batch/up|email-create|/search|lifecyclestage|gdpr|/merge\b|batch/archive")
    [folder] = destinations.__path__
    found = [
        f"{file.name}: {match[0]}"
        for file in Path(folder).rglob("*.py")
        # Users cannot map what must not be set.
        if file.name != "property_checks.py"
        for match in [never.search(file.read_text())]
        if match
    ]
    assert found == []
    changing = re.compile(r'\bcall\(\s*"(?:PATCH|PUT|DELETE)",\s*f?"([^"]+)')
    files = sorted((Path(folder) / "hubspot").glob("*client.py"))
    assert [path for file in files for path in changing.findall(file.read_text())] == [
        "{_EVENTS}/{part(object_id)}",
        # The members of a list are not its properties.
        "{path}/add",
        "{path}/remove",
        "{path}/{part(list_id)}",
    ]


@pytest.mark.pure
def test_the_version_is_in_one_place() -> None:
    """HubSpot supports a version for 18 months: changing to the next one takes one line."""
    folder = Path(str(destinations.__file__)).parent
    dated = re.compile(r"20\d\d-(03|09)\b")
    found = {
        file.relative_to(folder).as_posix(): len(dated.findall(file.read_text()))
        for file in folder.rglob("*.py")
        if "migrations" not in file.parts
    }
    assert {name: count for name, count in found.items() if count} == {"hubspot/client.py": 1}
