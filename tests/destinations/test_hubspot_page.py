"""Settings → HubSpot: connecting, testing, mapping and disconnecting on its page."""

import html
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from core import outbox
from core.audit import in_words
from core.models import OutboxDelivery
from destinations import tasks
from destinations.models import Portal
from destinations.models.portal import DEFAULTS, STANDARD_MAPPING
from simulators.hubspot.process import HubSpotProcess
from tests.core.outbox_readers import registered
from tests.factories import WebinarFactory
from tests.fixtures.world import signed_in
from webinarsync import roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return signed_in(roles.OPERATORS)


@pytest.fixture
def token(hubspot: HubSpotProcess) -> str:
    return str(hubspot.ready["access_token"])


def read(client: Client) -> str:
    """Return the page's text, tags left out."""
    answer = client.get("/hubspot/")
    assert answer.status_code == 200
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return " ".join(text.split())


def connect(client: Client, token: str) -> str:
    """Enter a token, have a worker test the connection, and return the resulting page."""
    answer: Any = client.post("/hubspot/connect/", {"access_token": token})
    assert answer["Location"] == "/hubspot/"
    portal = Portal.objects.joined().exclude(testing_since=None).first()
    if portal is not None:
        tasks.verify_hubspot(portal.pk)
    return read(client)


def logged() -> list[str]:
    entries = LogEntry.objects.filter(content_type__model="portal").order_by("pk")
    return [in_words(entry).sentence for entry in entries]


def press_test(client: Client) -> None:
    """Press *Test connection*, and run what a worker runs then."""
    client.post("/hubspot/test/")
    assert tasks.verify_hubspot(Portal.objects.joined().get().pk)


def test_a_portal_is_connected_with_a_token_that_is_never_shown(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    assert "Service keys" in read(operator)
    page = connect(operator, f" {token}\n")
    assert f"HubSpot {hubspot.ready['portal_id']} is connected." in page
    for name in ("Account", "Contacts", "Marketing events", "Lists (optional)", "Forms (optional)"):
        assert f"{name} Works" in page.replace("Account (optional)", "Account")
    assert "Writing Not tried yet" in page
    assert "non-marketing contacts" in page
    assert token not in operator.get("/hubspot/").content.decode()
    portal = Portal.objects.get()
    assert (portal.state, portal.portal_id) == ("connected", str(hubspot.ready["portal_id"]))
    assert portal.definitions and portal.definitions_read_at
    assert portal.connected_by is not None
    assert logged() == ["Connected"]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("pat-eu1-nobody", "does not recognise this access token"),
        ("two words", "does not recognise this access token"),
        ("", "Enter an access token."),
    ],
)
def test_an_invalid_token_connects_nothing(
    operator: Client, hubspot: HubSpotProcess, token: str, expected: str
) -> None:
    text = connect(operator, token)
    assert expected in text
    assert "expired" not in text.split("Connect HubSpot")[0]
    assert not token or token not in text
    assert not Portal.objects.exists()
    assert logged() == []


def test_hubspot_does_not_answer(operator: Client) -> None:
    assert "HubSpot cannot be reached." in connect(operator, "pat-x")


def test_missing_scopes_are_named_with_hubspots_message(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    hubspot.control("POST", "scopes", {"missing": ["crm.lists.read", "oauth"]})
    page = connect(operator, token)
    assert "The access token lacks a scope: crm.lists.read." in page
    assert "hasn't been granted all required scopes" in page
    assert "Not available to this access token" in page
    assert Portal.objects.get().portal_id == ""
    hubspot.control("POST", "scopes", {"missing": []})
    press_test(operator)
    page = read(operator)
    assert "The connection works: everything required can be read." in page
    assert "lacks a scope" not in page
    assert Portal.objects.get().portal_id == str(hubspot.ready["portal_id"])


def test_the_test_makes_one_read_of_each_kind(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    connect(operator, token)
    hubspot.control("POST", "calls/reset", {})
    press_test(operator)
    paths = [f"{call['method']} {call['path'].partition('?')[0]}" for call in hubspot.calls()]
    assert paths == [
        "GET /account-info/2026-09/details",
        "GET /crm/objects/2026-09/contacts",
        "GET /crm/properties/2026-09/contacts",
        "GET /crm-object-schemas/2026-09/schemas/contacts",
        "GET /marketing/marketing-events/2026-09",
        "GET /crm/lists/2026-09",
        "GET /marketing/v3/forms",
        "POST /communication-preferences/2026-09/statuses/batch/unsubscribe-all/read",
    ]


def test_a_token_that_is_refused_later_is_replaced(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    connect(operator, token)
    hubspot.control("POST", "revoke", {})
    press_test(operator)
    portal = Portal.objects.get()
    assert portal.state == "token_refused"
    assert "Access token refused" in read(operator)
    front = operator.get("/admin/").content.decode()
    assert "HubSpot: " in front and "See the connection" in front
    new = str(hubspot.control("POST", "rotate", {})["access_token"])
    page = connect(operator, new)
    assert "Access token refused" not in page
    assert Portal.objects.get().state == "connected"
    assert Portal.objects.get().access_token == new
    assert logged() == ["Connected", "Replaced the access token"]
    assert "HubSpot: " not in operator.get("/admin/").content.decode()


def test_another_portals_token_replaces_nothing(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    Portal.objects.create(portal_id="1", access_token="pat-of-portal-1")
    page = connect(operator, token)
    assert f"belongs to HubSpot portal {hubspot.ready['portal_id']}, but portal 1" in page
    assert Portal.objects.get().access_token == "pat-of-portal-1"


def test_disconnecting_forgets_the_token_and_what_waits(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    connect(operator, token)
    operator.post("/hubspot/mapping/", {"ours": "employees", "property": "numemployees"})
    reader = outbox.Reader("hubspot", frozenset({"x"}), lambda events: None)
    with registered(reader):
        outbox.write("x", 1, {})
    assert OutboxDelivery.objects.count() == 1
    assert "is deleted here" in operator.get("/hubspot/disconnect/").content.decode()
    operator.post("/hubspot/disconnect/")
    portal = Portal.objects.get()
    assert (portal.state, portal.access_token, portal.current) == ("disconnected", "", None)
    assert not OutboxDelivery.objects.exists()
    assert "· disconnected: " in read(operator)
    # The same portal keeps its mapping.
    connect(operator, token)
    assert Portal.objects.get().mapping["employees"] == "numemployees"
    assert logged()[-2:] == ["Disconnected", "Connected"]


def test_the_mapping_is_checked_against_the_portals_properties(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    question = {"key": "1", "question": "Which team?", "answers": []}
    WebinarFactory.create(form_fields={"fields": [], "questions": [question]})
    connect(operator, token)
    assert "Which team?" in read(operator)
    rows = [
        ("city", "town"),
        ("state", "hs_object_id"),
        ("employees", "numemployees"),
        ("comments", "lifecyclestage"),
        ("job_title", "jobtitle"),
        ("answer:Which team?", "jobtitle"),
        ("nonsense", "city"),
        ("country", ""),
    ]
    data = {"ours": [row[0] for row in rows], "property": [row[1] for row in rows]}
    operator.post("/hubspot/mapping/", data)
    # A row that is not posted is unchanged.
    rest = {name: STANDARD_MAPPING[name] for name in STANDARD_MAPPING if name != "country"}
    assert Portal.objects.get().mapping == rest | dict(rows[:6])
    page = read(operator)
    assert "no contact property with the internal name “town”" in page
    assert "HubSpot does not let integrations write “" in page
    assert re.search(r"accepts one of its \d+ options only", page)
    assert "is never set by WebinarSync" in page
    assert "Another value is mapped to" in page
    assert "City: city → town" in logged()[-1]
    assert "Country: country → –" in logged()[-1]


def post_mapping(client: Client, *rows: tuple[str, str, str]) -> str:
    """Save rows of (our value, property as typed, property as shown); return the resulting page."""
    names = ("ours", "property", "shown")
    data = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    answer = client.post("/hubspot/mapping/", data, follow=True)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_what_someone_else_has_changed_in_the_meantime_is_not_overwritten(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    connect(operator, token)
    assert 'name="shown" value="jobtitle"' in operator.get("/hubspot/").content.decode()
    post_mapping(operator, ("city", "address", "city"), ("employees", "numemployees", ""))
    # Two stale pages: one changes another row, one the same.
    page = post_mapping(
        operator, ("city", "city", "city"), ("state", "zip", "state"), ("country", "", "country")
    )
    assert "Saved." in page
    mapping = Portal.objects.get().mapping
    assert (mapping["city"], mapping["state"], mapping["employees"]) == (
        "address", "zip", "numemployees"
    )  # fmt: skip
    assert "country" not in mapping
    page = post_mapping(
        operator, ("city", "mobilephone", "city"), ("country", "hs_x", "country"),
        ("phone", "", "phone"), ("employees", "numemployees", ""),
    )  # fmt: skip
    assert "Nothing was saved, because someone else has changed the mapping." in page
    assert page.count("while you were editing. Save again to replace that.") == 2
    assert "changed to “address”" in page and "changed to “–”" in page
    # The typed value is still there, beside the stored one; saving it again saves it.
    assert re.search(r'name="shown" value="address"><input [^>]*value="mobilephone"', page)
    assert Portal.objects.get().mapping == mapping
    again = [("city", "mobilephone", "address"), ("country", "hs_x", ""), ("phone", "", "phone")]
    assert "Saved." in post_mapping(operator, *again)
    assert Portal.objects.get().mapping == {
        **{name: value for name, value in mapping.items() if name != "phone"},
        "city": "mobilephone",
        "country": "hs_x",
    }
    assert "Phone: phone → –" in logged()[-1]


def test_what_a_new_contact_must_have_and_is_not_mapped_is_named(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    hubspot.control("POST", "require", {"properties": ["website"]})
    connect(operator, token)
    assert Portal.objects.get().required_properties == ["website"]
    assert "of a new contact, and no value is mapped to it" in read(operator)


def test_what_is_sent_by_default(operator: Client, hubspot: HubSpotProcess, token: str) -> None:
    connect(operator, token)
    portal = Portal.objects.get()
    assert not (portal.send_new_webinars or portal.send_walk_ins or portal.send_internal)
    operator.post("/hubspot/defaults/", {"send_new_webinars": "on", "send_walk_ins": "on"})
    portal.refresh_from_db()
    assert (portal.send_new_webinars, portal.send_walk_ins, portal.send_internal) == (
        True,
        True,
        False,
    )
    assert logged()[-1] == (
        "Changed what is sent by default: send new webinars: on, "
        "send people who attended without registering: on"
    )


def test_a_choice_that_was_not_changed_on_the_page_is_left_as_it_is_now(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    connect(operator, token)
    Portal.objects.update(send_walk_ins=True)
    shown = {f"shown_{name}": "off" for name in DEFAULTS}
    operator.post("/hubspot/defaults/", {"send_internal": "on", **shown})
    portal = Portal.objects.get()
    assert (portal.send_walk_ins, portal.send_internal) == (True, True)
    assert logged()[-1] == "Changed what is sent by default: send internal people: on"


def test_a_marketer_sees_it_and_changes_nothing(
    operator: Client, hubspot: HubSpotProcess, token: str
) -> None:
    connect(operator, token)
    marketer = signed_in(roles.MARKETERS)
    assert "Property mapping" in read(marketer)
    shown = marketer.get("/hubspot/").content.decode()
    assert "Test connection" not in shown and "Save mapping" not in shown
    assert "access_token" not in shown
    for path in ("connect", "test", "disconnect", "mapping", "defaults"):
        assert marketer.post(f"/hubspot/{path}/").status_code == 403
