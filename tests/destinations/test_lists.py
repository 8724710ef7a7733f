"""Lists in HubSpot follow an audience or a segment (rules 8 and 12)."""

import datetime as dt
import html
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from contacts.deletion import delete_contacts, erase
from contacts.merge import merge
from contacts.models import Contact
from destinations import tasks
from destinations.hubspot import access, list_switch, lists
from destinations.hubspot.client import Client
from destinations.models import ContactList, HubSpotContact, ListMember, Portal
from segments.models import Segment
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import NEVER, Killed, contacts, send, switched_on
from tests.factories import (
    AttendanceFactory,
    ContactFactory,
    RegistrationFactory,
    SegmentFactory,
    SessionFactory,
    WebinarFactory,
)
from tests.fixtures.world import signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
State = ContactList.State
DAY = dt.timedelta(days=1)


@pytest.fixture
def marketer() -> Browser:
    roles.set_up()
    return signed_in(roles.MARKETERS)


@pytest.fixture
def webinar() -> Webinar:
    """Ada attended, Bob did not, Cy is on the waiting list."""
    webinar = WebinarFactory.create(subject="Launch", starts_at=timezone.now() - 4 * DAY)
    session = SessionFactory.create(webinar=webinar)
    AttendanceFactory.create(
        session=session,
        registration__webinar=webinar,
        registration__contact__email="ada@example.com",
    )
    RegistrationFactory.create(webinar=webinar, contact__email="bob@example.com")
    RegistrationFactory.create(webinar=webinar, contact__email="cy@example.com", overflow=True)
    ended = session.ended_at
    Webinar.objects.update(last_session_ended_at=ended, attendance_pending_until=ended)
    webinar.refresh_from_db()
    return webinar


def there(hubspot: HubSpotProcess, *emails: str) -> None:
    for email in emails:
        hubspot.control("POST", "contact", {"email": email, "properties": {}})


def on(portal: Portal, whose: Webinar | Segment, audience: str = "") -> ContactList:
    """Turn a list on and update it."""
    row = list_switch.switch_on(portal, whose, audience)
    follow(row)
    return row


def follow(row: ContactList) -> bool:
    """Update a list, including delayed work, and read it again."""
    ContactList.objects.filter(pk=row.pk).update(next_try_at=None)
    ListMember.objects.filter(added=None, tried_at__gt=timezone.now() - DAY).exclude(
        hubspot_id=""
    ).update(tried_at=timezone.now() - dt.timedelta(seconds=20))
    Portal.objects.update(blocked_until=None)
    done = lists.follow(row.pk)
    row.refresh_from_db()
    return done


def members(hubspot: HubSpotProcess, name: str) -> set[str]:
    """Return the addresses of a list's members in HubSpot."""
    truth = hubspot.truth()
    emails = {each["id"]: each["properties"].get("email", "") for each in truth["contacts"]}
    [found] = [each for each in truth["lists"] if each["name"] == name]
    return {emails[each] for each in found["members"]}


def api(hubspot: HubSpotProcess) -> Client:
    return Client(hubspot.api_url, str(hubspot.ready["access_token"]))


def by_hand(hubspot: HubSpotProcess, list_id: str, email: str, method: str = "add") -> None:
    """Add or remove a person as users of HubSpot do."""
    contact = contacts(hubspot)[email]["id"]
    api(hubspot).call("PUT", f"/crm/lists/2026-09/{list_id}/memberships/{method}", json=[contact])


@pytest.mark.rule(8)
def test_a_list_has_the_people_of_its_audience_who_are_in_hubspot(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com", "someone@example.com")
    before = contacts(hubspot)
    rows = {audience: on(portal, webinar, audience) for audience in list_switch.AUDIENCES}
    assert {row.state for row in rows.values()} == {State.ON}
    assert members(hubspot, "Launch – Attended") == {"ada@example.com"}
    assert members(hubspot, "Launch – No-show") == {"bob@example.com"}
    # People who are not in HubSpot are not created by a list, but named.
    assert members(hubspot, "Launch – Waiting list") == set()
    absent = ListMember.objects.absent().get()
    assert absent.contact is not None and absent.contact.email == "cy@example.com"
    after = contacts(hubspot)
    assert {email: each["history"] for email, each in after.items()} == {
        email: each["history"] for email, each in before.items()
    }
    assert not [call for call in hubspot.calls() if any(word in call["path"] for word in NEVER)]


def test_members_are_added_and_removed_as_people_change(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com", "cy@example.com")
    row = on(portal, webinar, "overflow")
    assert members(hubspot, row.name) == {"cy@example.com"}
    Registration.objects.filter(contact__email="cy@example.com").update(
        state="registered", waiting_since=None
    )
    Registration.objects.filter(contact__email="bob@example.com").update(
        state="overflow", waiting_since=timezone.now()
    )
    follow(row)
    assert members(hubspot, row.name) == {"bob@example.com"}
    hubspot.control("POST", "calls/reset")
    follow(row)
    # Nothing has changed: no call is made.
    assert hubspot.calls() == []


def test_people_whom_others_added_stay(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com", "guest@example.com")
    row = on(portal, webinar, "attended")
    by_hand(hubspot, row.list_id, "guest@example.com")
    by_hand(hubspot, row.list_id, "bob@example.com")
    AttendanceFactory.create(
        session=webinar.sessions.get(),
        registration=Registration.objects.get(contact__email="bob@example.com"),
    )
    Registration.objects.filter(contact__email="bob@example.com").update(sessions_attended=1)
    follow(row)
    Registration.objects.update(sessions_attended=0)
    follow(row)
    # Ada was added here; the others were members before.
    assert members(hubspot, row.name) == {"guest@example.com", "bob@example.com"}
    assert not row.members.present().exists()


def test_a_list_is_on_the_page_of_its_marketing_events(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    send(switched_on(portal, webinar))
    row = on(portal, webinar, "attended")
    [event] = hubspot.truth()["events"]
    assert event["lists"] == [row.list_id]
    assert members(hubspot, row.name) == {"ada@example.com"}
    follow(row)
    puts = [call for call in hubspot.calls() if "/associations/" in call["path"]]
    assert len(puts) == 1


@pytest.mark.parametrize("kind", ["MANUAL", "DYNAMIC"])
def test_a_name_in_use_is_asked_about(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, kind: str, marketer: Browser
) -> None:
    there(hubspot, "ada@example.com", "guest@example.com")
    body = {"name": "Launch – Attended", "objectTypeId": "0-1", "processingType": kind}
    theirs = api(hubspot).call("POST", "/crm/lists/2026-09", json=body)["list"]["listId"]
    if kind == "MANUAL":
        by_hand(hubspot, theirs, "guest@example.com")
    row = on(portal, webinar, "attended")
    assert (row.state, row.other_list_id) == (State.NAME_TAKEN, theirs)
    address = f"/hubspot/webinars/{webinar.pk}/"
    page = html.unescape(marketer.get(address).content.decode())
    assert "already exists" in page and "Use the existing list" in page
    assert not follow(row)
    answer = marketer.post(
        f"{address}lists/", {"audience": "attended", "action": "existing"}, follow=True
    )
    row.refresh_from_db()
    if kind == "MANUAL":
        follow(row)
        assert members(hubspot, row.name) == {"ada@example.com", "guest@example.com"}
        assert len(hubspot.truth()["lists"]) == 1
        return
    assert "because it has conditions" in html.unescape(answer.content.decode())
    assert row.state == State.NAME_TAKEN
    marketer.post(f"{address}lists/", {"audience": "attended", "action": "numbered"})
    row.refresh_from_db()
    follow(row)
    assert (row.state, row.name) == (State.ON, "Launch – Attended (2)")
    assert members(hubspot, row.name) == {"ada@example.com"}


def test_numbers_go_on_while_names_are_taken(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    for name in ("Launch – Attended", "Launch – Attended (2)"):
        body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
        api(hubspot).call("POST", "/crm/lists/2026-09", json=body)
    row = on(portal, webinar, "attended")
    for _ in range(2):
        list_switch.use_numbered_name(row)
        follow(row)
    assert (row.state, row.name) == (State.ON, "Launch – Attended (3)")


def test_a_list_that_was_deleted_there_is_switched_off_and_not_created_again(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com")
    row = on(portal, webinar, "attended")
    api(hubspot).call("DELETE", f"/crm/lists/2026-09/{row.list_id}")
    Registration.objects.update(sessions_attended=1)
    follow(row)
    assert row.state == State.GONE
    assert "deleted in HubSpot" in row.error
    assert not follow(row) and hubspot.truth()["lists"] == []
    list_switch.switch_on(portal, webinar, "attended")
    follow(row)
    assert members(hubspot, row.name) == {"ada@example.com", "bob@example.com"}


def test_a_deletion_there_is_noticed_within_a_day_without_any_change(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    row = on(portal, webinar, "attended")
    api(hubspot).call("DELETE", f"/crm/lists/2026-09/{row.list_id}")
    follow(row)
    assert row.state == State.ON
    ContactList.objects.update(seen_at=timezone.now() - DAY)
    follow(row)
    assert row.state == State.GONE


def test_a_list_that_was_switched_off_stays_as_it_is_until_it_is_updated_again(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com")
    row = on(portal, webinar, "attended")
    list_switch.switch_off(row)
    Registration.objects.update(sessions_attended=0)
    assert not follow(row)
    assert members(hubspot, row.name) == {"ada@example.com"}
    list_switch.switch_on(portal, webinar, "attended")
    follow(row)
    assert members(hubspot, row.name) == set()
    assert len(hubspot.truth()["lists"]) == 1


FAULTS = [
    {"status": 500},
    {"status": 502, "after_effect": True},
    {"drop": True},
    {"after_effect": True},
    {"status": 429},
    {"status": 423},
    {"status": 403},
    {"status": 400},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault)) + str(
    fault.get("status", "")
))  # fmt: skip
@pytest.mark.parametrize("path", ["lists/2026-09$", "memberships/add", "memberships/remove"])
def test_one_list_with_its_people_whatever_goes_wrong(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, fault: dict[str, Any], path: str
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com", "guest@example.com")
    remove = path.endswith("remove")
    if remove:
        on(portal, webinar, "attended")
        Registration.objects.update(sessions_attended=0)
    hubspot.control("POST", "fail", {"next": 1, "path": path, "method": "P", **fault} | {
        "method": "POST" if path.endswith("$") else "PUT"
    })  # fmt: skip
    row = on(portal, webinar, "attended")
    follow(row)
    Portal.objects.update(state=Portal.State.CONNECTED)
    for _ in range(3):
        follow(row)
    assert row.state == State.ON
    assert len(hubspot.truth()["lists"]) == 1
    assert members(hubspot, row.name) == (set() if remove else {"ada@example.com"})
    if not remove:
        # Added by a call without an answer, they are removed like the others.
        by_hand(hubspot, row.list_id, "guest@example.com")
        Registration.objects.update(sessions_attended=0)
        follow(row)
        assert members(hubspot, row.name) == {"guest@example.com"}


@pytest.mark.parametrize("nth", range(1, 5))
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_worker_loses_nothing_and_its_claim_expires(
    hubspot: HubSpotProcess,
    portal: Portal,
    webinar: Webinar,
    monkeypatch: pytest.MonkeyPatch,
    nth: int,
    after: bool,
) -> None:
    there(hubspot, "ada@example.com", "guest@example.com")
    call, count = Client.call, 0

    def killed(self: Client, *args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if count == nth and not after:
            raise Killed
        answer = call(self, *args, **kwargs)
        if count == nth:
            raise Killed
        return answer

    row = list_switch.switch_on(portal, webinar, "attended")
    with monkeypatch.context() as patched:
        patched.setattr(Client, "call", killed)
        try:
            lists.follow(row.pk)
        except Killed:
            # A killed process runs no code of its own.
            soon = timezone.now() + dt.timedelta(minutes=1)
            ContactList.objects.update(claim="dead", claimed_until=soon)
            assert not lists.follow(row.pk)
            ContactList.objects.update(claimed_until=timezone.now())
    for _ in range(2):
        follow(row)
    assert members(hubspot, row.name) == {"ada@example.com"}
    assert len(hubspot.truth()["lists"]) == 1
    Registration.objects.update(sessions_attended=0)
    follow(row)
    assert members(hubspot, row.name) == set()


def test_what_was_added_a_moment_ago_is_not_read_back_at_once(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com")
    hubspot.control("POST", "fail", {"next": 1, "path": "memberships/add", "after_effect": True})
    row = on(portal, webinar, "attended")
    ContactList.objects.update(next_try_at=None)
    assert lists.follow(row.pk)
    row.refresh_from_db()
    assert row.next_try_at is not None
    assert row.members.get().added is None
    assert follow(row)
    assert row.members.get().added is True


def test_a_missing_scope_is_named(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    hubspot.control("POST", "scopes", {"missing": ["crm.lists.write"]})
    row = on(portal, webinar, "attended")
    assert "crm.lists.write" in row.error
    assert Portal.objects.get().missing_write_scopes == ["crm.lists.write"]
    hubspot.control("POST", "scopes", {"missing": []})
    assert follow(row) and row.state == State.ON and not row.error
    assert not Portal.objects.get().missing_write_scopes


def test_a_contact_deleted_in_hubspot_is_named_and_a_merged_one_is_found(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, marketer: Browser
) -> None:
    there(hubspot, "ada@example.com", "kept@example.com", "bob@example.com")
    HubSpotContact.objects.create(
        portal=portal,
        contact=Contact.objects.get(email="ada@example.com"),
        state="linked",
        hubspot_id="1",
    )
    HubSpotContact.objects.create(
        portal=portal,
        contact=Contact.objects.get(email="bob@example.com"),
        state="linked",
        hubspot_id=contacts(hubspot)["bob@example.com"]["id"],
    )
    hubspot.control("POST", "archive", {"email": "bob@example.com"})
    row = on(portal, webinar, "attended")
    other = on(portal, webinar, "no-show")
    follow(row)
    follow(other)
    assert members(hubspot, row.name) == {"ada@example.com"}
    assert members(hubspot, other.name) == set()
    page = html.unescape(marketer.get(f"/hubspot/webinars/{webinar.pk}/").content.decode())
    assert "Deleted in HubSpot: not created again." in page


def test_a_contact_merged_there_is_removed_under_the_new_id(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "kept@example.com")
    row = on(portal, webinar, "attended")
    hubspot.control("POST", "merge", {"primary": "kept@example.com", "other": "ada@example.com"})
    survivor = contacts(hubspot)["kept@example.com"]["id"]
    HubSpotContact.objects.update(hubspot_id=survivor)
    follow(row)
    assert members(hubspot, row.name) == {"kept@example.com"}
    Registration.objects.update(sessions_attended=0)
    follow(row)
    assert members(hubspot, row.name) == set()


@pytest.mark.rule(5)
@pytest.mark.parametrize("erased", [True, False])
def test_who_was_deleted_here_leaves_the_list(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, erased: bool
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com")
    row = on(portal, webinar, "attended")
    off = on(portal, webinar, "no-show")
    list_switch.switch_off(off)
    for email in ("ada@example.com", "bob@example.com"):
        if erased:
            erase(email)
        else:
            delete_contacts(Contact.objects.filter(email=email))
    # Nothing is stored of a list that no longer changes.
    assert ListMember.objects.get().contact_list == row
    follow(row)
    assert members(hubspot, row.name) == set()
    assert not ListMember.objects.exists()


def test_two_who_become_one_here_are_one_member(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    there(hubspot, "ada@example.com", "bob@example.com")
    Registration.objects.update(sessions_attended=1)
    row = on(portal, webinar, "attended")
    assert members(hubspot, row.name) == {"ada@example.com", "bob@example.com"}
    ada, bob = (Contact.objects.get(email=f"{name}@example.com") for name in ("ada", "bob"))
    merge(ada.pk, bob.pk, [], None)
    follow(row)
    assert members(hubspot, row.name) == {"ada@example.com"}


def test_a_segment_has_a_list_too(
    hubspot: HubSpotProcess, portal: Portal, marketer: Browser
) -> None:
    there(hubspot, "a@example.com", "b@example.com")
    ContactFactory.create(email="a@example.com", country="France")
    ContactFactory.create(email="b@example.com", country="Spain")
    ContactFactory.create(email="nobody@example.com", country="France")
    segment = SegmentFactory.create(name="French people", query="country=France")
    assert "List in HubSpot" in marketer.get("/contacts/segments/").content.decode()
    address = f"/hubspot/segments/{segment.pk}/"
    assert "Create list" in marketer.get(address).content.decode()
    marketer.post(f"{address}list/", {"action": "on"})
    row = ContactList.objects.get()
    assert tasks.sweep() == 0
    assert members(hubspot, "French people") == {"a@example.com"}
    page = html.unescape(marketer.get(address).content.decode())
    assert "1 person in the list" in page
    assert "nobody@example.com" in page and "Not in HubSpot." in page
    Contact.objects.filter(email="b@example.com").update(country="France")
    follow(row)
    assert members(hubspot, "French people") == {"a@example.com", "b@example.com"}
    # Unreadable conditions remove no one (rule 10).
    Segment.objects.update(query="attended_webinar=x&country=%00")
    follow(row)
    assert members(hubspot, "French people") == {"a@example.com", "b@example.com"}
    marketer.post(f"{address}list/", {"action": "off"})
    row.refresh_from_db()
    assert row.state == State.OFF


@pytest.mark.rule(10)
def test_people_who_cannot_be_found_cost_no_one_the_list(
    hubspot: HubSpotProcess, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(hubspot, "a@example.com")
    ContactFactory.create(email="a@example.com", country="France")
    row = on(portal, SegmentFactory.create(name="S", query="country=France"))

    def broken(_query: object) -> None:
        raise ValueError

    monkeypatch.setattr("destinations.hubspot.list_people.found_by", broken)
    follow(row)
    assert members(hubspot, "S") == {"a@example.com"}
    assert row.state == State.ON and "no one was added or removed" in row.error


def test_a_contact_missing_in_hubspot_is_looked_up_again_after_a_day(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    row = on(portal, webinar, "overflow")
    there(hubspot, "cy@example.com")
    follow(row)
    assert members(hubspot, row.name) == set()
    ListMember.objects.update(tried_at=timezone.now() - DAY)
    follow(row)
    assert members(hubspot, row.name) == {"cy@example.com"}
    assert not row.members.absent().exists()


def test_hundreds_are_added_in_batches(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    people = RegistrationFactory.create_batch(205, webinar=webinar, overflow=True)
    for start in range(0, 205, 100):
        emails = [each.contact.email for each in people[start : start + 100]]
        inputs = [{"properties": {"email": email}} for email in emails]
        api(hubspot).call(
            "POST", "/crm/objects/2026-09/contacts/batch/create", json={"inputs": inputs}
        )
    hubspot.control("POST", "calls/reset")
    row = on(portal, webinar, "overflow")
    assert len(members(hubspot, row.name)) == 205
    paths = [call["path"].rpartition("/")[2] for call in hubspot.calls()]
    assert paths.count("add") == 3 and paths.count("read") == 3


def test_nothing_is_followed_while_the_portal_is_disconnected_or_its_token_refused(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    row = on(portal, webinar, "attended")
    hubspot.control("POST", "calls/reset")
    Portal.objects.update(state=Portal.State.TOKEN_REFUSED)
    assert not follow(row)
    access.disconnect(Portal.objects.get())
    assert not follow(row)
    assert hubspot.calls() == []


def test_pages_answer_odd_requests(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, marketer: Browser
) -> None:
    address = f"/hubspot/webinars/{webinar.pk}/lists/"
    for posted in (
        {"audience": "registered", "action": "on"},
        {"audience": "attended", "action": "x"},
        {"audience": "attended", "action": "off"},
    ):
        assert marketer.post(address, posted).status_code == 404
    marketer.post(address, {"audience": "attended", "action": "on"})
    for action in ("existing", "numbered"):
        marketer.post(address, {"audience": "attended", "action": action})
    assert ContactList.objects.get().state == State.WAITING
    access.disconnect(Portal.objects.get())
    segment = SegmentFactory.create()
    assert marketer.get(f"/hubspot/segments/{segment.pk}/").status_code == 404
