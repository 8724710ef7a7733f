"""Contacts of a HubSpot list are imported like those of a file; HubSpot is unchanged."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.utils import timezone, translation
from pytest import MonkeyPatch

from contact_imports.models import ContactImport
from contact_imports.tasks import import_contacts, sweep
from contacts.deletion import erase
from contacts.models import Contact, OptOut
from contacts.tombstones import bury
from destinations.hubspot import access, list_import
from destinations.hubspot.client import Client
from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import NEVER, Killed, writes
from tests.factories import AlternateEmailFactory, ContactFactory, UserFactory
from tests.fixtures.world import signed_in
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
State = ContactImport.State
CONTACTS = "/crm/objects/2026-09/contacts"
PAGE = "/contacts/import/"


@pytest.fixture(autouse=True)
def nothing_is_written_to_hubspot(hubspot: HubSpotProcess) -> Iterator[None]:
    yield
    made = [call["path"] for call in hubspot.calls()]
    assert not [path for path in made if any(word in path for word in NEVER)]
    assert writes(hubspot) == []


@pytest.fixture
def marketer() -> Browser:
    roles.set_up()
    return signed_in(roles.MARKETERS)


def people(hubspot: HubSpotProcess, count: int, prefix: str = "p") -> list[str]:
    """Create this many contacts in HubSpot and return their ids, in the order of their numbers."""
    client = Client(hubspot.api_url, str(hubspot.ready["access_token"]))
    ids: list[str] = []
    for start in range(0, count, 100):
        inputs = [
            {
                "properties": {
                    "email": f"{prefix}{number}@example.com",
                    "firstname": f"First{number}",
                    "lastname": f"Last{number}",
                }
            }
            for number in range(start, min(count, start + 100))
        ]
        made = client.call("POST", f"{CONTACTS}/batch/create", json={"inputs": inputs})
        ids += [row["id"] for row in made["results"]]
    hubspot.control("POST", "calls/reset")
    return ids


def there(hubspot: HubSpotProcess, email: str, *further: str, **properties: str) -> str:
    """Create a contact in HubSpot and return the id."""
    body = {"email": email, "additional_emails": further, "properties": properties}
    return str(hubspot.control("POST", "contact", body)["id"])


def nameless(hubspot: HubSpotProcess, **properties: str) -> str:
    """Create a contact without an address in HubSpot and return the id."""
    client = Client(hubspot.api_url, str(hubspot.ready["access_token"]))
    made = client.call("POST", CONTACTS, json={"properties": properties})
    hubspot.control("POST", "calls/reset")
    return str(made["id"])


def listed(hubspot: HubSpotProcess, *members: str, name: str = "Spring fair", **more: Any) -> str:
    """Create a list of contacts and return its number."""
    body = {"name": name, "members": members, **more}
    return str(hubspot.control("POST", "list", body)["id"])


def choose(client: Browser, named: str = "Spring fair") -> str:
    """Choose a list, and return the page."""
    answer = client.post(f"{PAGE}from/hubspot/", {"hubspot-named": named}, follow=True)
    return answer.content.decode()


def latest() -> ContactImport:
    return ContactImport.objects.latest("pk")


def chosen(client: Browser, named: str = "Spring fair") -> ContactImport:
    """Choose a list and let a worker read it."""
    choose(client, named)
    sweep()
    return latest()


def page_of(client: Browser, item: ContactImport) -> str:
    return client.get(f"{PAGE}{item.pk}/").content.decode()


def press(client: Browser, item: ContactImport, step: str, **values: str) -> ContactImport:
    """Press a button of an import, and let a worker run it."""
    client.post(f"{PAGE}{item.pk}/{step}/", values)
    sweep()
    item.refresh_from_db()
    return item


def preview(client: Browser, item: ContactImport) -> ContactImport:
    """Press “Preview import” with the proposed columns."""
    columns = {f"column{place}": name for place, name in enumerate(item.mapping)}
    return press(client, item, "check", **columns)


def numbers(item: ContactImport) -> tuple[int, ...]:
    return (item.new, item.changed, item.unchanged, item.skipped, item.wrong)


def try_now() -> None:
    """Move the clock until waiting tasks are tried again, and run them."""
    Portal.objects.update(blocked_until=None)
    held = ContactImport.objects.filter(lease_until__isnull=False)
    held.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    sweep()


# -- result ----------------------------------------------------------------------------------------


@pytest.mark.rule(3)
def test_a_marketer_imports_a_list_and_undoes_it(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    hubspot.control(
        "POST",
        "property",
        {
            "name": "industry", "label": "Branch", "type": "enumeration", "fieldType": "select",
            "options": [{"label": "Fine food", "value": "food"}],
        },
    )  # fmt: skip
    access.read_properties(portal, access.client_for(portal))
    ada = there(
        hubspot, "ada@example.com", firstname="Ada", lastname="Ames", industry="food", zip="0123",
        company="Initech; Paris", jobtitle="=Head",
    )  # fmt: skip
    bob = there(hubspot, "bob@example.com", firstname="Bob", lastname="Behn", city="Ulm")
    ContactFactory.create(email="bob@example.com", first_name="Bob", last_name="Behn", city="Bonn")
    noone = nameless(hubspot, lastname="Noone")
    number = listed(hubspot, ada, bob, noone)
    hubspot.control("POST", "calls/reset")
    assert "List in HubSpot" in marketer.get(PAGE).content.decode()
    item = chosen(marketer)
    assert (item.state, item.filename) == (State.UPLOADED, "Spring fair")
    assert item.source_key == f"{portal.pk}/{number}"
    page = page_of(marketer, item)
    assert "HubSpot list “Spring fair”, 3 contacts" in page
    assert "Branch" in page and "Fine food" in page
    item = preview(marketer, item)
    assert (item.state, numbers(item)) == (State.CHECKED, (1, 1, 0, 0, 1))
    page = page_of(marketer, item)
    assert "The email is missing." in page and "Bonn → Ulm" in page
    assert f"/contacts/{portal.portal_id}/record/0-1/{noone}" in page
    item = press(marketer, item, "run")
    assert (item.state, numbers(item)) == (State.DONE, (1, 1, 0, 0, 1))
    person = Contact.objects.get(email_key="ada@example.com")
    assert (person.first_name, person.last_name, person.source) == ("Ada", "Ames", "import")
    assert (person.industry, person.zip_code) == ("Fine food", "0123")
    assert (person.organization, person.job_title) == ("Initech; Paris", "=Head")
    assert Contact.objects.get(email_key="bob@example.com").city == "Ulm"
    assert Contact.objects.count() == 2
    assert "HubSpot list “Spring fair”, 3 contacts" in marketer.get(PAGE).content.decode()
    with translation.override(None):
        lines = marketer.get(f"{PAGE}{item.pk}/lines.csv").getvalue().decode()
    assert "ada@example.com" in lines and "The email is missing." in lines
    item = press(marketer, item, "undo")
    assert item.state == State.UNDONE
    assert [(each.email, each.city) for each in Contact.objects.all()] == [
        ("bob@example.com", "Bonn")
    ]


def test_a_long_list_is_read_page_by_page(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    listed(hubspot, *people(hubspot, 260))
    item = chosen(marketer)
    assert (item.state, item.total) == (State.UPLOADED, 260)
    paths = [(call["method"], call["path"].split("/")[-1]) for call in hubspot.calls()]
    assert paths.count(("GET", "memberships")) == 2
    assert paths.count(("POST", "read")) == 4
    item = press(marketer, preview(marketer, item), "run")
    assert numbers(item) == (260, 0, 0, 0, 0)
    assert Contact.objects.filter(email_key__startswith="p").count() == 260


@pytest.mark.parametrize(
    "named", ["{id}", "https://app.hubspot.com/contacts/1/objectLists/{id}/filters"]
)
def test_a_list_is_found_by_its_number_and_its_address_too(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser, named: str
) -> None:
    number = listed(hubspot, *people(hubspot, 1), name="Été / 2026")
    item = chosen(marketer, named.format(id=number))
    assert (item.filename, item.source_size, item.total) == ("Été / 2026", 1, 1)
    assert chosen(marketer, "Été / 2026").source_key == item.source_key
    # A number is searched for as a name first.
    other = listed(hubspot, *people(hubspot, 1, "q"), name=number)
    assert chosen(marketer, number).source_key == f"{portal.pk}/{other}"


@pytest.mark.rule(3, 5)
def test_people_are_known_by_their_additional_addresses(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    ContactFactory.create(email="work@example.com", first_name="Ana", last_name="Diaz")
    former = ContactFactory.create(email="new@example.com", first_name="Ben", last_name="Orr")
    AlternateEmailFactory.create(contact=former, email="old@example.com")
    bury("erased@example.com", permanent=True)
    ids = [
        there(hubspot, "private@example.com", "work@example.com", firstname="Ana", lastname="D"),
        there(hubspot, "ben@example.com", "old@example.com", firstname="Ben", lastname="Orr"),
        there(hubspot, "again@example.com", "erased@example.com", firstname="E", lastname="E"),
    ]
    listed(hubspot, *ids)
    item = preview(marketer, chosen(marketer))
    assert numbers(item) == (0, 1, 1, 1, 0)
    item = press(marketer, item, "run")
    assert numbers(item) == (0, 1, 1, 1, 0)
    assert Contact.objects.count() == 2
    assert Contact.objects.get(email_key="work@example.com").last_name == "D"
    assert "deleted permanently" in page_of(marketer, item)


@pytest.mark.rule(11)
def test_an_opt_out_is_applied_and_is_no_consent(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    ids = people(hubspot, 3)
    for each in ids[:2]:
        hubspot.control("POST", "opt-out", {"id": each})
    ContactFactory.create(email="p0@example.com", first_name="First0", last_name="Last0")
    listed(hubspot, *ids)
    item = preview(marketer, chosen(marketer))
    assert numbers(item) == (2, 1, 0, 0, 0)
    assert "Unsubscribed from all email: – → yes" in page_of(marketer, item)
    assert not OptOut.objects.exists(), "a preview writes nothing"
    press(marketer, item, "run")
    rows = OptOut.objects.order_by("email").values_list("contact__email", "source")
    assert list(rows) == [("p0@example.com", "crm"), ("p1@example.com", "crm")]
    assert not any(person.consents.exists() for person in Contact.objects.all())


@pytest.mark.parametrize(("lead_on", "read", "missing"), [(False, 2, 3), (True, 3, 2)])
def test_who_was_archived_or_merged_in_the_meantime_is_counted(
    hubspot: HubSpotProcess,
    portal: Portal,
    marketer: Browser,
    monkeypatch: MonkeyPatch,
    lead_on: bool,
    read: int,
    missing: int,
) -> None:
    # HubSpot's behaviour is not known: the old id is not found, or leads to the survivor.
    hubspot.control("POST", "merged-ids", {"lead_on": lead_on})
    monkeypatch.setattr(list_import, "AT_ONCE", 3)
    ids = people(hubspot, 6)
    hubspot.control("POST", "archive", {"id": ids[0]})
    listed(hubspot, *ids[1:])
    hubspot.control("POST", "archive", {"id": ids[1]})
    choose(marketer)
    # The ids of all are known by then.
    _killed_at_read(monkeypatch, 2)
    with pytest.raises(Killed):
        import_contacts(latest().pk)
    hubspot.control("POST", "merge", {"primary": ids[4], "other": ids[5]})
    try_now()
    item = latest()
    assert (item.state, item.total, item.source_missing) == (State.UPLOADED, read, missing)
    assert f"{missing} members of the list have no record any more" in page_of(marketer, item)


# -- what goes wrong -------------------------------------------------------------------------------


def _killed_at_read(monkeypatch: MonkeyPatch, number: int) -> None:
    """Kill the worker at its `number`th call for contacts, once."""
    real, seen = Client.read_contacts, [0]

    def read_contacts(self: Client, *args: Any) -> Any:
        seen[0] += 1
        if seen[0] == number:
            raise Killed
        return real(self, *args)

    monkeypatch.setattr(Client, "read_contacts", read_contacts)


def test_a_worker_that_dies_between_two_batches_is_followed_by_another(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser, monkeypatch: MonkeyPatch
) -> None:
    listed(hubspot, *people(hubspot, 260))
    choose(marketer)
    item = latest()
    _killed_at_read(monkeypatch, 3)
    with pytest.raises(Killed):
        import_contacts(item.pk)
    item.refresh_from_db()
    assert (item.state, item.done, item.chunks.count()) == (State.READING, 200, 2)
    assert "200 of 260 people" in page_of(marketer, item)
    hubspot.control("POST", "calls/reset")
    try_now()
    item.refresh_from_db()
    assert (item.state, item.total) == (State.UPLOADED, 260)
    # It continues where the other one stopped.
    assert len(hubspot.calls()) == 3
    item = press(marketer, preview(marketer, item), "run")
    assert numbers(item) == (260, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after": "30"},
        {"status": 503},
        {"status": 423},
        {"drop": True},
    ],
    ids=["too fast", "an error of HubSpot's", "locked", "no answer"],
)
def test_what_hubspot_delays_is_retried(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser, fault: dict[str, Any]
) -> None:
    listed(hubspot, *people(hubspot, 110))
    choose(marketer)
    hubspot.control("POST", "fail", {"path": "memberships", **fault})
    sweep()
    item = latest()
    assert (item.state, item.done) == (State.READING, 0)
    assert item.lease_until is not None and item.lease_until > timezone.now()
    page = page_of(marketer, item)
    assert "Reading resumes automatically" in page
    hubspot.control("POST", "fail", {"path": "batch/read", **fault})
    try_now()
    item.refresh_from_db()
    assert (item.state, item.done) == (State.READING, 0)
    try_now()
    item.refresh_from_db()
    assert (item.state, item.total, item.error) == (State.UPLOADED, 110, "")


def test_a_day_that_is_used_up_is_waited_for(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    listed(hubspot, *people(hubspot, 1))
    choose(marketer)
    body = {"status": "error", "message": "Daily.", "policyName": "DAILY"}
    hubspot.control("POST", "fail", {"status": 429, "body": body})
    sweep()
    item = latest()
    assert (item.state, item.error) == (State.READING, "hubspot.daily-limit")
    portal.refresh_from_db()
    assert item.lease_until is not None and portal.blocked_until is not None
    assert abs(item.lease_until - portal.blocked_until) < dt.timedelta(seconds=10)


def test_a_token_that_is_revoked_ends_it_with_hubspots_message(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    listed(hubspot, *people(hubspot, 1))
    choose(marketer)
    hubspot.control("POST", "revoke")
    sweep()
    item = latest()
    assert (item.state, item.error) == (State.FAILED, "hubspot.token-not-recognised")
    page = page_of(marketer, item)
    assert "HubSpot does not recognise this access token" in page
    assert f"HubSpot says: “{item.source_message}”" in page and item.source_message
    portal.refresh_from_db()
    assert portal.state == Portal.State.TOKEN_REFUSED
    # Another is not started before it is connected again.
    assert "List in HubSpot" not in marketer.get(PAGE).content.decode()
    marketer.post(f"{PAGE}{item.pk}/list/")
    item.refresh_from_db()
    assert item.state == State.FAILED
    hubspot.control("POST", "revoke", {"on": False})
    access.verify_connection(portal)
    hubspot.control("POST", "calls/reset")
    assert press(marketer, item, "list").state == State.UPLOADED


@pytest.mark.parametrize("scope", ["crm.lists.read", "crm.objects.contacts.read"])
def test_a_missing_scope_is_named(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser, scope: str
) -> None:
    listed(hubspot, *people(hubspot, 1))
    choose(marketer)
    hubspot.control("POST", "scopes", {"missing": [scope]})
    sweep()
    item = latest()
    assert (item.state, item.error) == (State.FAILED, "hubspot.missing-scope")
    page = page_of(marketer, item)
    assert f"The access token lacks a scope: {scope}. Add it to the key" in page
    assert "granted all required scopes" in page
    portal.refresh_from_db()
    # It does not mention what can be sent.
    assert (portal.state, portal.missing_write_scopes) == (Portal.State.CONNECTED, [])
    if scope == "crm.lists.read":
        page = choose(marketer)
        assert "The access token lacks a scope: crm.lists.read" in page
        assert "HubSpot says: “" in page
    hubspot.control("POST", "scopes", {"missing": []})
    assert press(marketer, item, "list").state == State.UPLOADED


def test_a_list_that_is_deleted_in_the_meantime_is_reported(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    listed(hubspot, *people(hubspot, 1))
    choose(marketer)
    hubspot.control("POST", "list", {"name": "Spring fair", "removed": True})
    sweep()
    item = latest()
    assert (item.state, item.error) == (State.FAILED, "list-import.deleted")
    page = page_of(marketer, item)
    assert "The list was deleted in HubSpot before all of it was read" in page
    assert "Try again" in page and "Preview import" not in page


def test_another_portal_is_not_asked_for_the_list(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    listed(hubspot, *people(hubspot, 1))
    choose(marketer)
    access.disconnect(portal)
    sweep()
    assert (latest().state, latest().error) == (State.FAILED, "list-import.not-connected")
    assert "List in HubSpot" not in marketer.get(PAGE).content.decode()
    Portal.objects.create(portal_id="other", access_token=str(hubspot.ready["access_token"]))
    marketer.post(f"{PAGE}{latest().pk}/list/")
    hubspot.control("POST", "calls/reset")
    sweep()
    assert (latest().state, latest().error) == (State.FAILED, "list-import.not-connected")
    assert hubspot.calls() == []


def test_what_is_no_list_of_contacts_is_reported_in_the_form(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    number = listed(hubspot, name="Customers", object_type="0-2")
    for named in ("Customers", "999", "https://app.hubspot.com/contacts/1/objectLists/999"):
        page = choose(marketer, named)
        assert "HubSpot has no list of contacts with this name or number." in page
    assert "This list holds companies or other records." in choose(marketer, number)
    listed(hubspot, name="Nobody")
    assert chosen(marketer, "Nobody").error == "list_empty"
    hubspot.control("POST", "fail", {"status": 503})
    assert "HubSpot had an error of its own" in choose(marketer)


# -- people and rights -----------------------------------------------------------------------------


@pytest.mark.rule(5)
def test_who_is_erased_while_the_list_waits_comes_back_by_no_import(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    ContactFactory.create(email="p0@example.com")
    listed(hubspot, *people(hubspot, 2))
    item = preview(marketer, chosen(marketer))
    erase("p0@example.com")
    item.refresh_from_db()
    assert (item.state, item.error, item.source_key) == (State.FAILED, "list_named_deleted", "")
    item = preview(marketer, chosen(marketer))
    assert numbers(item) == (1, 0, 0, 1, 0)


@pytest.mark.rule(10)
def test_one_invalid_value_affects_only_its_own_line(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    ids = people(hubspot, 2)
    there(hubspot, "p0@example.com", city="x" * 60_000, address='"\r\n;,|\t=1')
    there(hubspot, "p1@example.com", city="#N/A", address='"\r\n;,|\t=1')
    listed(hubspot, *ids)
    item = preview(marketer, chosen(marketer))
    assert numbers(item) == (1, 0, 0, 0, 1)
    press(marketer, item, "run")
    assert Contact.objects.get(email_key="p1@example.com").address == '"\r\n;,|\t=1'


def test_without_permission_to_import_or_view_hubspot_no_list_is_read(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    roles.set_up()
    listed(hubspot, *people(hubspot, 1))
    visitor = signed_in(None)
    assert visitor.post(f"{PAGE}from/hubspot/", {"hubspot-named": "x"}).status_code == 403
    assert Browser().post(f"{PAGE}from/hubspot/").status_code == 302
    user = UserFactory.create(username="importer", email="", role=None)
    names = ["add_contact", "change_contact"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    importer = Browser()
    importer.force_login(user)
    assert "List in HubSpot" not in importer.get(PAGE).content.decode()
    assert importer.post(f"{PAGE}from/hubspot/", {"hubspot-named": "x"}).status_code == 404
    assert not ContactImport.objects.exists() and hubspot.calls() == []
