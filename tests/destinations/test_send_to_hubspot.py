"""Which webinars are handed over, and the preview before (rule 12)."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from destinations import tasks
from destinations.hubspot.switch import decide_new_webinars
from destinations.models import Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import connect, contacts, send, states, switched_on, writes
from tests.factories import RegistrationFactory, WebinarFactory
from webinars.models import Registration, Webinar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]


def command(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    """Run send_to_hubspot and return its JSON."""
    capsys.readouterr()
    call_command("send_to_hubspot", *args, "--json")
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def crowd(webinar: Webinar) -> None:
    """Register people of each kind."""
    RegistrationFactory.create(webinar=webinar, contact__email="known@example.com")
    RegistrationFactory.create_batch(2, webinar=webinar)
    RegistrationFactory.create(webinar=webinar, is_internal=True)
    RegistrationFactory.create(webinar=webinar, pending=True)
    RegistrationFactory.create(webinar=webinar, overflow=True)
    RegistrationFactory.create(webinar=webinar, rejected=True)
    for state in (Registration.State.WALK_IN, Registration.State.AWAITING):
        RegistrationFactory.create(webinar=webinar, state=state)


def test_a_preview_shows_who_would_be_sent_and_writes_nothing(
    hubspot: HubSpotProcess, portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    hubspot.control(
        "POST", "contact", {"email": "x@example.com", "additional_emails": ["known@example.com"]}
    )
    webinar = WebinarFactory.create()
    crowd(webinar)
    report = command(capsys, "--webinar", webinar.key, "--preview")
    assert (report["existing"], report["new"], report["left_out"], report["people"]) == (1, 2, 6, 9)
    assert sum(row["count"] for row in report["reasons"]) == len(report["people_left_out"]) == 6
    assert all(row["words"] and row["words"] != row["reason"] for row in report["reasons"])
    assert report["events"] == [webinar.subject]
    assert writes(hubspot) == []
    assert states(hubspot) == []
    assert not WebinarHandover.objects.get().enabled


def test_the_preview_equals_the_result(
    hubspot: HubSpotProcess, portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    webinar = WebinarFactory.create()
    crowd(webinar)
    before = command(capsys, "--webinar", webinar.key, "--preview")
    known = len(contacts(hubspot))
    report = command(capsys, "--webinar", webinar.key)
    assert report["enabled"]
    assert report["sent"] + report["confirmed"] == before["existing"] + before["new"]
    assert len(contacts(hubspot)) == known + before["new"]


def test_a_past_webinar_needs_its_own_preview(
    hubspot: HubSpotProcess, portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    webinar, other = WebinarFactory.create_batch(2, past=True)
    RegistrationFactory.create(webinar=webinar)
    command(capsys, "--webinar", other.key, "--preview")
    with pytest.raises(CommandError, match="--preview"):
        call_command("send_to_hubspot", "--webinar", webinar.key)
    assert not states(hubspot)
    command(capsys, "--webinar", webinar.key, "--preview")
    command(capsys, "--webinar", webinar.key)
    assert len(states(hubspot)) == 1


def test_new_webinars_follow_the_portals_default_and_others_never_do(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    day = dt.timedelta(days=1)
    before = WebinarFactory.create()
    Webinar.objects.update(first_seen_at=portal.connected_at - day)
    decide_new_webinars(portal)
    portal.send_new_webinars = True
    portal.save()
    later = WebinarFactory.create(first_seen_at=timezone.now())
    past = WebinarFactory.create(past=True, first_seen_at=timezone.now())
    RegistrationFactory.create(webinar=later)
    RegistrationFactory.create(webinar=past)
    RegistrationFactory.create(webinar=before)
    tasks.sweep()
    enabled = {row.webinar_id: row.enabled for row in WebinarHandover.objects.all()}
    assert enabled == {before.pk: False, later.pk: True, past.pk: False}
    assert len(states(hubspot)) == 1


def test_a_webinar_that_was_switched_off_is_skipped(
    hubspot: HubSpotProcess, portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    registration = RegistrationFactory.create()
    row = switched_on(portal, registration.webinar)
    command(capsys, "--webinar", registration.webinar.key, "--off")
    assert send(row)
    assert not states(hubspot)


def test_without_a_portal_or_webinar_it_reports_it(hubspot: HubSpotProcess) -> None:
    with pytest.raises(CommandError, match="not connected"):
        call_command("send_to_hubspot", "--webinar", "1")
    connect(hubspot)
    with pytest.raises(CommandError, match="no webinar with the key 1"):
        call_command("send_to_hubspot", "--webinar", "1")


def test_what_is_due_goes_each_minute(hubspot: HubSpotProcess, portal: Portal) -> None:
    registration = RegistrationFactory.create()
    switched_on(portal, registration.webinar)
    assert tasks.sweep() == 1
    assert len(states(hubspot)) == 1


def test_what_was_sent_is_confirmed_within_seconds(hubspot: HubSpotProcess, portal: Portal) -> None:
    registration = RegistrationFactory.create()
    row = switched_on(portal, registration.webinar)
    send(row)
    participation = row.events.get().participations.get()
    assert participation.state == "sent"

    def sleep(_seconds: float) -> None:
        row.events.get().participations.update(next_check_at=timezone.now())

    assert tasks.confirm_soon(portal.pk, sleep=sleep) == 1
    participation.refresh_from_db()
    assert participation.state == "confirmed"
