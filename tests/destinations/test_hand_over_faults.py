"""Any fault on the way to HubSpot: each participation once, with its time (rule 12)."""

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.merge import merge
from contacts.models import Contact
from destinations.hubspot import handover, participation, reasons
from destinations.hubspot.budget import Budget
from destinations.hubspot.client import Client
from destinations.hubspot.handover_rows import plan_webinar
from destinations.hubspot.participation import send_again
from destinations.models import HubSpotContact, Participation, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import (
    Killed,
    contacts,
    milliseconds,
    participations,
    send,
    states,
    switched_on,
)
from tests.factories import AttendanceFactory, RegistrationFactory, SessionFactory, WebinarFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
State = Participation.State
KNOWN = "known@example.com"


@pytest.fixture
def row(hubspot: HubSpotProcess, portal: Portal) -> WebinarHandover:
    """A past webinar: of four people one is in HubSpot, one cancelled, one attended."""
    hubspot.control(
        "POST", "contact", {"email": KNOWN, "properties": {"firstname": "Theirs", "city": "Oslo"}}
    )
    webinar = WebinarFactory.create(starts_at=timezone.now() - dt.timedelta(days=3))
    session = SessionFactory.create(webinar=webinar)
    RegistrationFactory.create(webinar=webinar, contact__email=KNOWN, contact__city="Rome")
    RegistrationFactory.create(webinar=webinar, cancelled=True)
    RegistrationFactory.create(webinar=webinar)
    AttendanceFactory.create(session=session, registration__webinar=webinar)
    return switched_on(portal, webinar)


def wanted(row: WebinarHandover) -> list[tuple[str, str, str, int]]:
    """Return the expected final state of HubSpot."""
    key, found = row.webinar.key, []
    for registration in row.webinar.registrations.all():
        email = registration.contact.email
        at = {"REGISTERED": registration.registered_at, "CANCELLED": registration.cancelled_at}
        if registration.sessions_attended:
            at["ATTENDED"] = registration.webinar.sessions.get().started_at.replace(microsecond=0)
        found += [(key, email, state, milliseconds(when)) for state, when in at.items() if when]
    return sorted(found)


FAULTS = [
    {"status": 429},
    {"status": 429, "body": {"policyName": "DAILY", "status": "error", "message": "daily limit"}},
    {"status": 500},
    {"status": 502, "after_effect": True},
    {"status": 503},
    {"status": 423},
    {"status": 477},
    {"drop": True},
    {"after_effect": True},
    {"status": 403},
    {"status": 400},
]
PATHS = ["contacts/batch/create", "events/", "attendance/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault)) + str(
    fault.get("status", "")
))  # fmt: skip
def test_each_participation_arrives_once_with_its_time(
    hubspot: HubSpotProcess, row: WebinarHandover, fault: dict[str, Any], path: str
) -> None:
    before = contacts(hubspot)[KNOWN]
    hubspot.control("POST", "fail", {"next": 1, "path": path, **fault})
    send(row)
    assert not hubspot.control("POST", "fail/clear", {})["waiting"]
    Portal.objects.update(daily_remaining=None, state=Portal.State.CONNECTED)
    for _ in range(3):
        participations_again(row)
        send(row)
    assert participations(hubspot) == wanted(row)
    after = contacts(hubspot)[KNOWN]
    assert after["history"] == before["history"]
    emails = [each["properties"].get("email") for each in hubspot.truth()["contacts"]]
    assert len(emails) == len(set(emails))
    assert len(hubspot.truth()["events"]) == 1
    assert hubspot.truth()["events"][0]["eventCompleted"]


def participations_again(row: WebinarHandover) -> None:
    """Run *Send again* for everything that was refused."""
    send_again(Participation.objects.filter(event__handover=row))
    handover._try_contacts_again(HubSpotContact.objects.all())


@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_worker_loses_nothing_and_its_claim_expires(
    hubspot: HubSpotProcess,
    row: WebinarHandover,
    monkeypatch: pytest.MonkeyPatch,
    nth: int,
    after: bool,
) -> None:
    """At each of its calls, before HubSpot receives it and after."""
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

    plan_webinar(row.pk)
    with monkeypatch.context() as patched:
        patched.setattr(Client, "call", killed)
        # A killed process runs no code of its own.
        patched.setattr(handover, "_release", lambda *_: None)
        with pytest.raises(Killed):
            handover.hand_over(row.pk)
    assert not handover.hand_over(row.pk)
    WebinarHandover.objects.update(claimed_until=timezone.now())
    send(row)
    assert participations(hubspot) == wanted(row)
    assert contacts(hubspot)[KNOWN]["properties"]["firstname"] == "Theirs"


def test_a_token_that_is_refused_holds_everything_up_until_it_is_replaced(
    hubspot: HubSpotProcess, portal: Portal, row: WebinarHandover
) -> None:
    hubspot.control("POST", "revoke")
    assert not send(row)
    assert Portal.objects.get().state == Portal.State.TOKEN_REFUSED
    made = len(hubspot.calls())
    assert not handover.due_handovers(portal)
    assert not handover.is_due(row.pk)
    assert len(hubspot.calls()) == made
    hubspot.control("POST", "revoke", {"on": False})
    Portal.objects.update(state=Portal.State.CONNECTED)
    assert handover.due_handovers(portal) == [row.pk]
    assert handover.hand_over(row.pk)
    assert participations(hubspot) == wanted(row)


def test_a_missing_write_scope_is_named_and_waits(
    hubspot: HubSpotProcess, row: WebinarHandover
) -> None:
    hubspot.control("POST", "scopes", {"missing": ["crm.objects.contacts.write"]})
    send(row)
    portal = Portal.objects.get()
    assert portal.missing_write_scopes == ["crm.objects.contacts.write"]
    assert not [email for email, _state in states(hubspot)]
    hubspot.control("POST", "scopes", {"missing": []})
    send(row)
    assert participations(hubspot) == wanted(row)
    assert Portal.objects.get().missing_write_scopes == []


def test_two_workers_do_not_send_twice(hubspot: HubSpotProcess, row: WebinarHandover) -> None:
    plan_webinar(row.pk)
    claim = handover._claim(row.pk)
    assert claim
    assert not handover.hand_over(row.pk)
    assert not states(hubspot)
    handover._release(row.pk, claim)
    assert handover.hand_over(row.pk)
    assert participations(hubspot) == wanted(row)


def test_a_worker_whose_claim_was_taken_stops(row: WebinarHandover) -> None:
    claim = handover._claim(row.pk)
    WebinarHandover.objects.update(claim="another")
    assert not handover._renew(row.pk, claim)


@pytest.mark.parametrize("leads_on", [False, True])
@pytest.mark.parametrize("others", [0, 5])
def test_a_person_merged_in_hubspot_before_confirmation_is_confirmed(
    hubspot: HubSpotProcess, portal: Portal, others: int, leads_on: bool
) -> None:
    """The participation is under the survivor's id, whether few or many are verified."""
    hubspot.control("POST", "merged-ids", {"lead_on": leads_on})
    webinar = WebinarFactory.create()
    RegistrationFactory.create(webinar=webinar, contact__email="merged@example.com")
    RegistrationFactory.create_batch(others, webinar=webinar)
    row = switched_on(portal, webinar)
    send(row)
    hubspot.control("POST", "contact", {"email": "other@example.com"})
    survivor = hubspot.control(
        "POST", "merge", {"primary": "other@example.com", "other": "merged@example.com"}
    )["id"]
    sent_at = timezone.now() - participation.FIRST_CHECKS[-1]
    Participation.objects.sent().update(sent_at=sent_at, next_check_at=timezone.now())
    HubSpotContact.objects.update(checked_at=sent_at - dt.timedelta(seconds=1))
    assert handover.hand_over(row.pk)
    assert not Participation.objects.exclude(state=State.CONFIRMED).exists()
    if not leads_on:
        linked = HubSpotContact.objects.get(contact__email="merged@example.com")
        assert linked.hubspot_id == survivor


@pytest.mark.parametrize("others", [0, 5])
def test_a_person_merged_here_before_confirmation_is_confirmed(
    hubspot: HubSpotProcess, portal: Portal, others: int
) -> None:
    """The participation of each is under their former contact in HubSpot."""
    webinar, later = WebinarFactory.create(), WebinarFactory.create()
    remaining = RegistrationFactory.create(webinar=webinar).contact
    gone = RegistrationFactory.create(webinar=later).contact
    RegistrationFactory.create_batch(others, webinar=later)
    rows = [switched_on(portal, each) for each in (webinar, later)]
    for row in rows:
        send(row)
    merge(remaining.pk, gone.pk, [], None)
    sent_at = timezone.now() - participation.FIRST_CHECKS[-1]
    Participation.objects.sent().update(sent_at=sent_at, next_check_at=timezone.now())
    for row in rows:
        assert handover.hand_over(row.pk)
    assert not Participation.objects.exclude(state=State.CONFIRMED).exists()


def test_a_contact_who_was_not_found_is_looked_up_now_and_then(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    registration = RegistrationFactory.create()
    row = switched_on(portal, registration.webinar)
    send(row)
    hubspot.control("POST", "archive", {"email": registration.contact.email})
    sent_at = timezone.now() - participation.FIRST_CHECKS[-1]
    HubSpotContact.objects.update(checked_at=sent_at - dt.timedelta(seconds=1))
    hubspot.control("POST", "calls/reset")
    for wanted_calls in (1, 1, 2):
        if wanted_calls == 2:
            checked_at = timezone.now() - participation.LOOK_UP_EVERY
            HubSpotContact.objects.update(checked_at=checked_at)
        Participation.objects.sent().update(sent_at=sent_at, next_check_at=timezone.now())
        handover.hand_over(row.pk)
        looked_up = [call for call in hubspot.calls() if call["path"].endswith("/batch/read")]
        assert len(looked_up) == wanted_calls
    assert Participation.objects.get().state == State.SENT


class Turns:
    """Run `act` when a call has waited for its turn, and is about to be made: the third is the one
    that creates contacts, after the event and the look-up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, turn: int, act: Callable[[], object]):
        acquire, taken = Budget.acquire, itertools.count(1)

        def waits(budget: Budget) -> None:
            acquire(budget)
            if next(taken) == turn:
                act()

        monkeypatch.setattr(Budget, "acquire", waits)


@pytest.fixture
def two(portal: Portal) -> tuple[WebinarHandover, Contact, Contact]:
    """A webinar with two people who are not in HubSpot."""
    webinar = WebinarFactory.create()
    first, second = RegistrationFactory.create_batch(2, webinar=webinar)
    return switched_on(portal, webinar), first.contact, second.contact


@pytest.mark.parametrize("singly", [False, True])
def test_who_is_deleted_here_while_a_call_waits_for_its_turn_is_not_created(
    hubspot: HubSpotProcess,
    two: tuple[WebinarHandover, Contact, Contact],
    monkeypatch: pytest.MonkeyPatch,
    singly: bool,
) -> None:
    """A call may wait for many seconds: whether a person still exists here is checked when it is
    made."""
    row, gone, remaining = two
    if singly:
        hubspot.control("POST", "fail", {"path": "contacts/batch/create", "status": 409})
    Turns(
        monkeypatch,
        4 if singly else 3,
        lambda: delete_contacts(Contact.objects.filter(pk=gone.pk)),
    )
    send(row)
    assert gone.email not in contacts(hubspot)
    assert remaining.email in contacts(hubspot)


@pytest.mark.parametrize("state", ["linked", "gone"])
def test_whom_another_worker_found_while_a_call_waits_for_its_turn_is_not_created(
    hubspot: HubSpotProcess,
    portal: Portal,
    two: tuple[WebinarHandover, Contact, Contact],
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    """They may have been created for another webinar since, and deleted in HubSpot again."""
    row, found, missing = two
    reason = {"reason_code": reasons.GONE} if state == "gone" else {"hubspot_id": "1"}
    Turns(
        monkeypatch,
        3,
        lambda: HubSpotContact.objects.create(portal=portal, contact=found, state=state, **reason),
    )
    send(row)
    assert found.email not in contacts(hubspot)
    assert missing.email in contacts(hubspot)
