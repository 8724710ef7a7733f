"""Marketing events created by HubSpot's own integration: no second one for a date without a
decision."""

import datetime as dt
import json
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from destinations import tasks
from destinations.hubspot import other_events
from destinations.hubspot.status import status_of
from destinations.models import MarketingEvent, Participation, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import contacts, send, states, switched_on, writes
from tests.factories import ContactFactory, RegistrationFactory, WebinarFactory
from webinars.models import Webinar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def webinar() -> Webinar:
    webinar: Webinar = WebinarFactory.create()
    RegistrationFactory.create(webinar=webinar, contact__email="ada@example.com")
    return webinar


@pytest.fixture
def row(portal: Portal, webinar: Webinar) -> WebinarHandover:
    return switched_on(portal, webinar)


def theirs(hubspot: HubSpotProcess, webinar: Webinar, **values: Any) -> str:
    """Let HubSpot's own integration create the event of a webinar; return its object id."""
    body = {
        "name": webinar.subject,
        "starts_at": webinar.starts_at and webinar.starts_at.isoformat(),
        "ends_at": webinar.ends_at and webinar.ends_at.isoformat(),
    }
    return str(hubspot.control("POST", "event", body | values)["id"])


def event_count(hubspot: HubSpotProcess) -> int:
    return len(hubspot.truth()["events"])


def again(row: WebinarHandover) -> MarketingEvent:
    """Send a webinar again, and return its event."""
    send(row)
    return row.events.get()


def test_a_second_event_is_not_created_unasked(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    """Nothing is written, and no contact created, until someone has decided."""
    theirs(hubspot, webinar)
    known = set(contacts(hubspot))
    event = again(row)
    assert event.awaits_choice
    assert writes(hubspot) == []
    assert set(contacts(hubspot)) == known
    (waiting,) = status_of(row).differing
    assert waiting.code == "handover.choice-needed"
    assert event.next_try_at
    assert event.next_try_at > timezone.now() + HOUR / 2
    # The job of each minute skips it, and makes no call to HubSpot.
    hubspot.control("POST", "calls/reset")
    tasks.sweep()
    assert hubspot.calls() == []


@pytest.mark.parametrize("by", ["key", "name and start", "key of one without a start"])
def test_it_is_found_by_the_webinars_key_and_by_name_and_start(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar, by: str
) -> None:
    assert webinar.starts_at
    if by == "key":
        theirs(hubspot, webinar, name="Other", external_event_id=webinar.key)
    elif by == "name and start":
        later = (webinar.starts_at + HOUR / 5).isoformat()
        theirs(hubspot, webinar, name=f" {webinar.subject.upper()}", starts_at=later)
    else:
        theirs(hubspot, webinar, external_event_id=webinar.key, starts_at=None)
    assert again(row).awaits_choice


@pytest.mark.parametrize("other", ["another name", "another date"])
def test_events_of_other_dates_block_nothing(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar, other: str
) -> None:
    assert webinar.starts_at
    if other == "another name":
        theirs(hubspot, webinar, name="Board meeting")
    else:
        theirs(hubspot, webinar, starts_at=(webinar.starts_at + HOUR).isoformat())
    assert again(row).object_id
    assert event_count(hubspot) == 2


def test_a_new_event_not_found_by_id_yet_is_found_in_the_list(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    """FACTS 3: identifiers are searchable only a few minutes after creation."""
    hubspot.control("POST", "lag", {"identifiers": 3600})
    theirs(hubspot, webinar, external_event_id=webinar.key)
    assert again(row).awaits_choice


def test_one_of_many_pages_is_found(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    for number in range(101):
        theirs(hubspot, webinar, name=f"Fair {number}")
    theirs(hubspot, webinar)
    assert again(row).awaits_choice


def test_the_existing_event_can_be_used(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    """Its name stays until the webinar changes here; participation is recorded with it."""
    object_id = theirs(hubspot, webinar, name=webinar.subject.lower())
    event = again(row)
    assert other_events.use_existing(event, object_id)
    send(row)
    (there,) = hubspot.truth()["events"]
    assert there["objectId"] == object_id
    assert there["eventName"] == webinar.subject.lower()
    assert states(hubspot) == [("ada@example.com", "REGISTERED")]
    webinar.subject = "Renamed"
    webinar.save()
    send(row)
    (there,) = hubspot.truth()["events"]
    assert there["eventName"] == "Renamed"
    # What was decided is not decided twice.
    assert not other_events.use_existing(row.events.get(), object_id)
    assert not other_events.create_own(row.events.get())


@pytest.mark.parametrize("count", [2, 5])
def test_people_whom_the_existing_event_already_has_are_not_recorded_twice(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar, count: int
) -> None:
    """HubSpot's own integration registered them, at its own time."""
    object_id = theirs(hubspot, webinar)
    people = [ContactFactory.create() for _ in range(count)]
    for person in people:
        RegistrationFactory.create(webinar=webinar, contact=person)
        hubspot.control("POST", "contact", {"email": person.email})
    at = int((timezone.now() - 10 * HOUR).timestamp() * 1000)
    inputs = [
        {"vid": int(contacts(hubspot)[person.email]["id"]), "interactionDateTime": at}
        for person in people
    ]
    token = hubspot.ready["access_token"]
    answer = requests.post(
        f"{hubspot.api_url}/marketing/marketing-events/2026-09/{object_id}"
        "/attendance/register/create",
        json={"inputs": [each | {"properties": {}} for each in inputs]},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.ok
    other_events.use_existing(again(row), object_id)
    send(row)
    assert sorted(states(hubspot)) == sorted(
        [(email, "REGISTERED") for email in [*(p.email for p in people), "ada@example.com"]]
    )
    assert Participation.objects.filter(state="confirmed").count() == count
    # A later cancellation is cancelled there.
    webinar.registrations.filter(contact=people[0]).update(cancelled_at=timezone.now())
    send(row)
    assert (people[0].email, "CANCELLED") in states(hubspot)


def test_a_second_event_can_be_created(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    theirs(hubspot, webinar)
    assert other_events.create_own(again(row))
    assert again(row).object_id
    assert event_count(hubspot) == 2
    assert states(hubspot) == [("ada@example.com", "REGISTERED")]


def test_it_resumes_automatically_once_the_other_event_is_gone(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    object_id = theirs(hubspot, webinar)
    assert again(row).awaits_choice
    requests.delete(
        f"{hubspot.api_url}/marketing/marketing-events/2026-09/{object_id}",
        headers={"Authorization": f"Bearer {hubspot.ready['access_token']}"},
        timeout=30,
    )
    event = again(row)
    assert event.object_id
    assert not event.error_code
    assert not event.other_events
    assert event_count(hubspot) == 1


def test_one_that_we_created_without_a_response_is_recognized_as_ours(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    hubspot.control("POST", "fail", {"after_effect": True, "next": 1, "method": "PUT"})
    send(row)
    assert event_count(hubspot) == 1
    assert not row.events.get().object_id
    hubspot.control("POST", "settle")
    hubspot.control("POST", "fail/clear")
    assert again(row).object_id
    assert event_count(hubspot) == 1


def test_one_that_another_key_of_ours_made_is_asked_for(
    hubspot: HubSpotProcess, portal: Portal, row: WebinarHandover
) -> None:
    """After a change of the access token HubSpot does not find our event by our ids; we know it by
    its object id. Unknown data is read again."""
    event = again(row)
    portal.access_token = hubspot.control("POST", "credential")["access_token"]
    portal.save()
    hubspot.control("POST", "settle")
    event.sent = {}
    event.save()
    assert again(row).object_id == event.object_id
    MarketingEvent.objects.update(object_id="", sent={})
    assert again(row).awaits_choice
    assert event_count(hubspot) == 1


def test_each_date_of_a_series_is_checked(hubspot: HubSpotProcess, portal: Portal) -> None:
    starts_at = (timezone.now() + 24 * HOUR).replace(microsecond=0)
    begins = [starts_at + day * 24 * HOUR for day in range(3)]
    times = [[begin.isoformat(), (begin + HOUR).isoformat()] for begin in begins]
    webinar = WebinarFactory.create(starts_at=starts_at, ends_at=starts_at + 49 * HOUR, times=times)
    theirs(hubspot, webinar, starts_at=times[1][0], external_event_id=webinar.key)
    row = switched_on(portal, webinar)
    send(row)
    waiting = [event.awaits_choice for event in row.events.order_by("starts_at")]
    assert waiting == [False, True, False]
    assert event_count(hubspot) == 3
    assert other_events.decide(list(row.events.all()), existing=True) == 1
    send(row)
    assert event_count(hubspot) == 3
    assert row.events.exclude(object_id="").count() == 3


def test_one_event_is_not_used_for_two_dates(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    theirs(hubspot, webinar)
    twin = WebinarFactory.create(
        subject=webinar.subject, starts_at=webinar.starts_at, ends_at=webinar.ends_at
    )
    rows = [switched_on(portal, each) for each in (webinar, twin)]
    for row in rows:
        send(row)
    first, second = (row.events.get() for row in rows)
    assert other_events.use_existing(first)
    assert not other_events.use_existing(second)


def command(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    capsys.readouterr()
    call_command("send_to_hubspot", *args, "--json")
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_the_command_shows_it_in_the_preview_and_takes_the_choice(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, capsys: pytest.CaptureFixture[str]
) -> None:
    object_id = theirs(hubspot, webinar)
    report = command(capsys, "--webinar", webinar.key, "--preview")
    (other,) = report["other_events"]
    assert (other["event"], other["object_id"]) == (webinar.subject, object_id)
    assert (other["name"], other["app"]) == (webinar.subject, "GoToWebinar")
    assert writes(hubspot) == []
    call_command("send_to_hubspot", "--webinar", webinar.key, "--preview")
    assert "--events existing or --events own" in capsys.readouterr().out
    report = command(capsys, "--webinar", webinar.key)
    assert (report["undecided_events"], report["pending"]) == (1, 1)
    report = command(capsys, "--webinar", webinar.key, "--events", "existing")
    assert (report["undecided_events"], report["pending"]) == (0, 0)
    assert event_count(hubspot) == 1
    assert command(capsys, "--webinar", webinar.key, "--preview")["other_events"] == []


def test_the_choice_can_be_made_before_anything_is_sent(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs(hubspot, webinar)
    command(capsys, "--webinar", webinar.key, "--preview")
    report = command(capsys, "--webinar", webinar.key, "--events", "own")
    assert (report["undecided_events"], report["pending"]) == (0, 0)
    assert event_count(hubspot) == 2
