"""The status of a webinar here and in HubSpot, person by person, adding up (rules 9 and 12)."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from core import messages
from destinations.hubspot import access, form_intake, form_switch, list_switch, lists
from destinations.hubspot.form_switch import save_mapping
from destinations.hubspot.forms_client import HubSpotForm
from destinations.hubspot.status import Status, hubspot_counts, link_of, status_of
from destinations.models import Note, Participation, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import (
    milliseconds,
    participations,
    send,
    switched_on,
)
from tests.factories import AttendanceFactory, RegistrationFactory, SessionFactory, WebinarFactory
from webinars import sessions
from webinars.audiences import Audience

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(9, 12)]


def adds_up(status: Status, row: WebinarHandover) -> bool:
    parts = status.handed_over + len(status.left_out) + len(status.differing)
    return parts == status.total == row.webinar.registrations.count()


def confirmed(row: WebinarHandover) -> None:
    """Send a webinar and read it back."""
    send(row)
    Participation.objects.filter(state="sent").update(next_check_at=timezone.now())
    send(row)


def test_everyone_is_in_step_or_listed_with_a_reason(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Reports 6 and 10."""
    webinar = WebinarFactory.create(starts_at=timezone.now() - dt.timedelta(days=3))
    session = SessionFactory.create(webinar=webinar)
    came = AttendanceFactory.create(session=session, registration__webinar=webinar)
    RegistrationFactory.create(webinar=webinar)
    RegistrationFactory.create(webinar=webinar, cancelled=True)
    RegistrationFactory.create(webinar=webinar, is_internal=True)
    RegistrationFactory.create(webinar=webinar, overflow=True)
    RegistrationFactory.create(webinar=webinar, contact__email="bad@example.con")
    sessions.refresh(webinar)
    row = switched_on(portal, webinar)
    before = status_of(row)
    assert adds_up(before, row)
    send(row)
    Participation.objects.filter(state="sent").update(next_check_at=None)
    assert status_of(row).by_reason()["handover.unconfirmed"] == 3
    confirmed(row)
    Participation.objects.filter(state="sent").update(next_check_at=timezone.now())
    send(row)
    status = status_of(row)
    assert adds_up(status, row)
    assert status.handed_over == 3
    assert status.by_reason() == {
        "handover.internal": 1,
        "handover.waiting-list": 1,
        "handover.refused": 1,
    }
    (refused,) = status.differing
    assert refused.email == "bad@example.con"
    assert "bad@example.con" in refused.hubspot_message
    with translation.override("en"):
        assert all(messages.text(code) != code for code in status.by_reason())
    # Our no-shows are split; HubSpot counts cancelled people separately.
    assert (status.here["no-show"], status.here["no-show-not-cancelled"]) == (3, 2)
    counts = hubspot_counts(access.client_for(portal), row.events.all())
    assert (counts.attended, counts.cancelled, counts.no_shows) == (1, 1, 1)
    came.seconds += 60
    came.save()
    send(row)
    status = status_of(row)
    assert [item.code for item in status.corrected] == ["handover.corrected"]
    assert not status.in_step
    assert adds_up(status, row)


def test_the_command_compares_with_hubspot(
    hubspot: HubSpotProcess, portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    webinar = WebinarFactory.create()
    RegistrationFactory.create(webinar=webinar)
    RegistrationFactory.create(webinar=webinar, contact__email="w@example.com", overflow=True)
    row = switched_on(portal, webinar)
    confirmed(row)
    call_command("hubspot_status", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["portal"] == portal.portal_id
    (compared,) = report["webinars"]
    assert compared["webinar"] == webinar.key
    assert compared["in_step"]
    assert compared["hubspot"]["registered"] == compared["here"]["registered"] == 1
    (difference,) = compared["differences"]
    assert (difference["email"], difference["reason"]) == ("w@example.com", "handover.waiting-list")
    assert difference["words"] == "On the waiting list."
    hubspot.control("POST", "revoke")
    call_command("hubspot_status", "--json")
    (compared,) = json.loads(capsys.readouterr().out)["webinars"]
    assert compared["hubspot"] is None
    assert compared["error"]
    call_command("hubspot_status")
    assert "w@example.com: On the waiting list." in capsys.readouterr().out


def test_who_a_contact_is_on_hubspot_can_be_shown(hubspot: HubSpotProcess, portal: Portal) -> None:
    registration = RegistrationFactory.create()
    send(switched_on(portal, registration.webinar))
    link = link_of(registration.contact_id)
    assert link is not None
    assert link.last_sent_at
    assert link.hubspot_id in link.portal.contact_url(link.hubspot_id)
    assert link_of(0) is None


@pytest.mark.rule(8)
def test_who_registered_for_the_recording_is_sent_and_no_no_show_here(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """HubSpot counts them as no-shows: our figures include their number, and match HubSpot's."""
    webinar = WebinarFactory.create(starts_at=timezone.now() - dt.timedelta(days=3))
    session = SessionFactory.create(webinar=webinar)
    AttendanceFactory.create(session=session, registration__webinar=webinar)
    RegistrationFactory.create_batch(2, webinar=webinar)
    row = switched_on(portal, webinar)
    sessions.refresh(webinar)
    send(row)
    assert hubspot.truth()["events"][0]["eventCompleted"]
    later = session.ended_at + dt.timedelta(hours=30)
    late = RegistrationFactory.create(webinar=webinar, registered_at=later)
    RegistrationFactory.create(
        webinar=webinar, registered_at=later, cancelled_at=later + dt.timedelta(hours=1)
    )
    confirmed(row)
    Participation.objects.filter(state="sent").update(next_check_at=timezone.now())
    send(row)
    assert (late.contact.email, milliseconds(later)) in [
        (email, at) for _event, email, state, at in participations(hubspot) if state == "REGISTERED"
    ]
    status = status_of(row)
    assert adds_up(status, row)
    assert status.in_step
    assert status.here == {
        "registered": 5,
        "attended": 1,
        "cancelled": 1,
        "no-show": 2,
        "no-show-not-cancelled": 2,
        "registered-late": 2,
    }
    assert status.late == 1
    counts = hubspot_counts(access.client_for(portal), row.events.all())
    assert counts.no_shows == status.no_shows_not_cancelled + status.late


def test_the_command_reports_on_notes_lists_and_forms(
    hubspot: HubSpotProcess, portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    registration = RegistrationFactory.create(overflow=True)
    webinar = registration.webinar
    row = switched_on(portal, webinar)
    RegistrationFactory.create(webinar=webinar)
    send(row)
    Note.objects.create(event=row.events.get(), contact=registration.contact)
    lists.follow(list_switch.switch_on(portal, webinar, Audience.OVERFLOW.value).pk)
    made = hubspot.control("POST", "form", {"name": "Spring"})
    mapping = {"email": "email", "first_name": "firstname", "last_name": "lastname"}
    source = save_mapping(portal, webinar, HubSpotForm(str(made["id"]), "Spring"), mapping)
    form_switch.switch_on(source)
    hubspot.control("POST", "scopes", {"missing": ["forms"]})
    form_intake.poll_due()
    call_command("hubspot_status", "--json")
    report = json.loads(capsys.readouterr().out)
    (compared,) = report["webinars"]
    assert compared["notes"] == {"pending": 1, "written": 0, "refused": 0, "left_out": 0}
    assert compared["undecided_events"] == 0
    (found,) = report["lists"]
    assert found["list"].startswith(webinar.subject)
    assert (found["webinar"], found["audience"]) == (webinar.key, "overflow")
    assert (found["state"], found["members"], found["not_in_hubspot"]) == ("on", 0, 1)
    assert found["segment"] is None
    assert not found["error"]
    (form,) = report["forms"]
    assert (form["form"], form["webinar"], form["on"]) == ("Spring", webinar.key, True)
    assert (form["registrations"], form["skipped"], form["left_out"]) == (0, 0, 0)
    assert form["error"].startswith("The access token lacks a scope: forms.")
    call_command("hubspot_status")
    words = capsys.readouterr().out
    assert "  notes: 1 pending, 0 written, 0 refused, 0 left out" in words
    assert "(on): 0 members, 1 not in HubSpot" in words
    assert "Form Spring (on): The access token lacks a scope: forms." in words
    call_command("hubspot_status", "--webinar", "other", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["webinars"] == report["lists"] == report["forms"] == []
