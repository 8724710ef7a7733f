"""From registrations here to participation in HubSpot (rule 12), with the simulated portal."""

import datetime as dt

import pytest
from django.utils import timezone

from contacts.models import Contact
from destinations.hubspot import handover
from destinations.hubspot.our_values import JOIN_LINK, offered
from destinations.models import HubSpotContact, MarketingEvent, Participation, Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import (
    NEVER,
    contacts,
    deliver,
    milliseconds,
    participations,
    send,
    states,
    switched_on,
)
from tests.factories import (
    AlternateEmailFactory,
    AttendanceFactory,
    ContactFactory,
    RegistrationFactory,
    SessionFactory,
    WebinarFactory,
)
from webinars.models import Registration, Webinar
from webinars.registration_events import registrations_changed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
HOUR = dt.timedelta(hours=1)
State = Participation.State


def ended(days: float = 3) -> Webinar:
    """Return a past webinar whose report has been complete for a day."""
    webinar = WebinarFactory.create(starts_at=timezone.now() - dt.timedelta(days=days))
    SessionFactory.create(webinar=webinar)
    return webinar


def change_registration(registration: Registration, **values: object) -> None:
    """Change a registration as the sync does, with its event."""
    from django.db import transaction

    with transaction.atomic():
        rows = Registration.objects.filter(pk=registration.pk)
        rows.update(**values)
        registrations_changed(rows)


def test_a_registration_creates_contact_event_and_participation(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    registration = RegistrationFactory.create(
        contact__organization="Acme", contact__email="new@example.com"
    )
    webinar = registration.webinar
    row = switched_on(portal, webinar)
    assert send(row)
    person = contacts(hubspot)["new@example.com"]
    assert person["properties"]["company"] == "Acme"
    assert person["properties"]["firstname"] == registration.contact.first_name
    (event,) = hubspot.truth()["events"]
    assert event["externalEventId"] == webinar.key
    assert event["externalAccountId"] == webinar.connection.organizer_key
    assert event["eventName"] == webinar.subject
    assert participations(hubspot) == [
        (webinar.key, "new@example.com", "REGISTERED", milliseconds(registration.registered_at))
    ]
    stored = MarketingEvent.objects.get()
    assert stored.object_id == event["objectId"]


def test_what_happens_reaches_hubspot_by_the_outbox(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Reports 5 and 7: at once, cancellations too."""
    webinar = WebinarFactory.create()
    switched_on(portal, webinar)
    registration = RegistrationFactory.create(webinar=webinar, contact__email="a@example.com")
    change_registration(registration, state="registered")
    assert deliver() == 1
    assert states(hubspot) == [("a@example.com", "REGISTERED")]
    noticed = timezone.now()
    change_registration(registration, cancelled_at=noticed)
    deliver()
    assert states(hubspot) == [("a@example.com", "CANCELLED"), ("a@example.com", "REGISTERED")]
    assert participations(hubspot)[0][3] == milliseconds(noticed)
    change_registration(registration, cancelled_at=None)
    deliver()
    rows = hubspot.truth()["participations"]
    assert [row["state"] for row in rows] == ["REGISTERED", "CANCELLED", "REGISTERED"]
    assert rows[2]["current"]
    assert rows[2]["occurred_at"] > rows[1]["occurred_at"]


def test_twenty_hand_overs_change_nothing_of_an_existing_contact(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 11: a name corrected in HubSpot stays."""
    hubspot.control(
        "POST",
        "contact",
        {
            "email": "main@example.com",
            "additional_emails": ["second@example.com"],
            "properties": {"firstname": "Right", "company": "Theirs"},
        },
    )
    before = contacts(hubspot)["main@example.com"]
    contact = ContactFactory.create(
        email="Second@Example.com", first_name="Wrong", organization="Ours"
    )
    for _ in range(10):
        registration = RegistrationFactory.create(contact=contact)
        row = switched_on(portal, registration.webinar)
        send(row)
        send(row)
    after = contacts(hubspot)["main@example.com"]
    assert after["history"] == before["history"]
    assert after["properties"] == before["properties"]
    # Report 8: the second address counts.
    assert {email for email, _state in states(hubspot)} == {"main@example.com"}
    assert len(states(hubspot)) == 10
    assert not [
        call
        for call in hubspot.calls()
        if any(word in call["path"] for word in NEVER)
        or (call["method"] in ("PATCH", "PUT") and "/contacts" in call["path"])
    ]


def test_an_alternate_address_here_finds_the_contact_in_hubspot(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    hubspot.control("POST", "contact", {"email": "old@example.com", "properties": {}})
    contact = ContactFactory.create(email="current@example.com")
    AlternateEmailFactory.create(contact=contact, email="old@example.com")
    registration = RegistrationFactory.create(contact=contact)
    send(switched_on(portal, registration.webinar))
    assert "current@example.com" not in contacts(hubspot)
    assert states(hubspot) == [("old@example.com", "REGISTERED")]


@pytest.mark.parametrize("by_row", [True, False])
def test_one_person_of_two_webinars_is_one_contact(
    hubspot: HubSpotProcess, portal: Portal, by_row: bool
) -> None:
    """Reports 1, 12 and 13: also if the contact is created concurrently."""
    hubspot.control("POST", "batch-conflicts", {"by_row": by_row})
    contact = ContactFactory.create(email="one@example.com")
    first, second = (RegistrationFactory.create(contact=contact) for _ in range(2))
    for registration in (first, second, first, second):
        send(switched_on(portal, registration.webinar))
    assert [email for email in contacts(hubspot) if email == "one@example.com"]
    found = [
        row
        for row in hubspot.truth()["contacts"]
        if row["properties"].get("email") == "one@example.com"
    ]
    assert len(found) == 1
    assert len(states(hubspot)) == 2


def test_a_value_that_hubspot_would_not_take_is_left_out_and_named(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 18."""
    portal.mapping["employees"] = "numemployees"
    portal.save()
    registration = RegistrationFactory.create(contact__email="v@example.com")
    registration.submitted["employees"] = "about forty"
    registration.save()
    send(switched_on(portal, registration.webinar))
    assert "numemployees" not in contacts(hubspot)["v@example.com"]["properties"]
    link = HubSpotContact.objects.get()
    assert link.left_out_values == [
        {"property": "numemployees", "value": "about forty", "reason": "handover.value-no-option"}
    ]


def test_the_join_link_goes_to_new_contacts_where_it_is_mapped(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 3: an existing link is not lost, and existing contacts are not changed."""
    assert (JOIN_LINK, "Join link") in [(key, str(label)) for key, label in offered(portal.mapping)]
    portal.mapping = portal.mapping | {JOIN_LINK: "website"}
    portal.save()
    hubspot.control("POST", "contact", {"email": "known@example.com"})
    webinar = WebinarFactory.create()
    RegistrationFactory.create(webinar=webinar, contact__email="known@example.com")
    registration = RegistrationFactory.create(
        webinar=webinar, contact__email="new@example.com", join_url="https://global.gotowebinar/1"
    )
    send(switched_on(portal, webinar))
    there = contacts(hubspot)
    assert there["new@example.com"]["properties"]["website"] == registration.join_url
    assert not there["known@example.com"]["properties"].get("website")


def test_an_address_that_hubspot_refuses_costs_no_one_else(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Reports 4 and 14: with HubSpot's message, and the rest is sent."""
    webinar = WebinarFactory.create()
    RegistrationFactory.create(webinar=webinar, contact__email="bad@example.con")
    RegistrationFactory.create_batch(3, webinar=webinar)
    send(switched_on(portal, webinar))
    assert len(states(hubspot)) == 3
    refused = HubSpotContact.objects.get(state="refused")
    assert "bad@example.con" in refused.hubspot_message
    left = Participation.objects.get(contact=refused.contact)
    assert (left.state, left.reason_code) == (State.LEFT_OUT, "handover.refused")


def test_a_contact_that_lacks_a_required_property_is_listed_until_it_is_mapped(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 9."""
    portal.required_properties = ["company"]
    portal.save()
    registration = RegistrationFactory.create(contact__email="r@example.com")
    row = switched_on(portal, registration.webinar)
    send(row)
    link = HubSpotContact.objects.get()
    assert (link.state, link.reason_params) == ("lacking", {"names": ["company"]})
    assert "r@example.com" not in contacts(hubspot)
    Contact.objects.update(organization="Acme")
    handover._try_contacts_again(HubSpotContact.objects.all())
    send(row)
    assert contacts(hubspot)["r@example.com"]["properties"]["company"] == "Acme"
    assert states(hubspot) == [("r@example.com", "REGISTERED")]


@pytest.mark.parametrize("change", ["archive", "erase"])
def test_who_was_deleted_there_is_not_created_again(
    hubspot: HubSpotProcess, portal: Portal, change: str
) -> None:
    registration = RegistrationFactory.create(contact__email="gone@example.com")
    send(switched_on(portal, registration.webinar))
    hubspot.control("POST", change, {"email": "gone@example.com"})
    later = RegistrationFactory.create(contact=registration.contact)
    row = switched_on(portal, later.webinar)
    send(row)
    assert HubSpotContact.objects.get().state == "gone"
    left = Participation.objects.get(event__handover=row)
    assert (left.state, left.reason_code) == (State.LEFT_OUT, "handover.gone")
    # Deleted here too, and restored: still not created there.
    registration.contact.delete()
    back = RegistrationFactory.create(contact__email="gone@example.com")
    send(switched_on(portal, back.webinar))
    assert "gone@example.com" not in contacts(hubspot)
    assert HubSpotContact.objects.get().state == "gone"


@pytest.mark.parametrize("lead_on", [True, False])
def test_a_contact_merged_there_is_found(
    hubspot: HubSpotProcess, portal: Portal, lead_on: bool
) -> None:
    hubspot.control("POST", "merged-ids", {"lead_on": lead_on})
    hubspot.control("POST", "contact", {"email": "kept@example.com", "properties": {}})
    registration = RegistrationFactory.create(contact__email="merged@example.com")
    send(switched_on(portal, registration.webinar))
    hubspot.control("POST", "merge", {"primary": "kept@example.com", "other": "merged@example.com"})
    later = RegistrationFactory.create(contact=registration.contact)
    row = switched_on(portal, later.webinar)
    send(row)
    assert Participation.objects.get(event__handover=row).state in (State.SENT, State.CONFIRMED)
    assert "merged@example.com" not in contacts(hubspot)


def test_attendance_goes_once_a_day_after_the_report_and_a_correction_is_noted(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 17: attendance is handed over with its times."""
    webinar = ended()
    session = webinar.sessions.get()
    came = AttendanceFactory.create(session=session, registration__webinar=webinar)
    RegistrationFactory.create(webinar=webinar)
    row = switched_on(portal, webinar)
    send(row)
    send(row)
    rows = [line for line in hubspot.truth()["participations"] if line["state"] == "ATTENDED"]
    assert [(line["occurred_at"], line["seconds"]) for line in rows] == [
        (milliseconds(session.started_at) // 1000 * 1000, 1800)
    ]
    (event,) = hubspot.truth()["events"]
    assert event["eventCompleted"]
    came.seconds = 2400
    came.save()
    send(row)
    assert len(hubspot.truth()["participations"]) == 3
    assert Participation.objects.get(kind="attend").corrected_at
    came.seconds = 1800
    came.save()
    send(row)
    assert Participation.objects.get(kind="attend").corrected_at is None


def test_attendance_waits_until_the_report_has_been_complete_for_a_day(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    webinar = ended(days=1)
    AttendanceFactory.create(session=webinar.sessions.get(), registration__webinar=webinar)
    row = switched_on(portal, webinar)
    send(row)
    assert [state for _email, state in states(hubspot)] == ["REGISTERED"]
    assert not hubspot.truth()["events"][0].get("eventCompleted")


def test_each_date_of_a_sequence_is_an_event_that_keeps_its_id_when_it_moves(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    first = timezone.now().replace(microsecond=0) - dt.timedelta(days=5)
    second = first + dt.timedelta(days=7)
    times = [[at.isoformat(), (at + HOUR).isoformat()] for at in (first, second)]
    webinar = WebinarFactory.create(starts_at=first, ends_at=second + HOUR, times=times)
    from webinars.calendar_dates import follow

    now = timezone.now()
    webinar.calendar_dates = follow([], times, now)
    webinar.save()
    session = SessionFactory.create(webinar=webinar, started_at=first)
    AttendanceFactory.create(
        session=session, registration__webinar=webinar, registration__contact__email="s@example.com"
    )
    row = switched_on(portal, webinar)
    send(row)
    key = webinar.key
    assert [line[:3] for line in participations(hubspot)] == [
        (f"{key}:1", "s@example.com", "ATTENDED"),
        (f"{key}:1", "s@example.com", "REGISTERED"),
        (f"{key}:2", "s@example.com", "REGISTERED"),
    ]
    moved = second + dt.timedelta(days=1)
    times[1] = [moved.isoformat(), (moved + HOUR).isoformat()]
    webinar.times, webinar.subject = times, "Renamed"
    webinar.calendar_dates = follow(webinar.calendar_dates, times, now)
    webinar.save()
    send(row)
    events = {each["externalEventId"]: each for each in hubspot.truth()["events"]}
    assert events.keys() == {f"{key}:1", f"{key}:2"}
    assert events[f"{key}:2"]["eventName"].startswith("Renamed (")
    assert events[f"{key}:2"]["startDateTime"].startswith(f"{moved:%Y-%m-%d}")
    webinar.calendar_dates = follow(webinar.calendar_dates, times[:1], now)
    webinar.save()
    send(row)
    events = {each["externalEventId"]: each for each in hubspot.truth()["events"]}
    assert events[f"{key}:2"]["eventCancelled"]
    assert not events[f"{key}:1"].get("eventCancelled")


def test_what_was_sent_is_confirmed_when_hubspot_shows_it(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 15: sent, and read a few seconds later."""
    hubspot.control("POST", "lag", {"participation": 3600})
    registration = RegistrationFactory.create()
    row = switched_on(portal, registration.webinar)
    send(row)
    sent = Participation.objects.get()
    assert sent.state == State.SENT
    assert sent.sent_at
    assert sent.next_check_at == sent.sent_at + dt.timedelta(seconds=3)
    Participation.objects.update(
        sent_at=sent.sent_at - dt.timedelta(seconds=4),
        next_check_at=sent.next_check_at - dt.timedelta(seconds=4),
    )
    send(row)
    sent = Participation.objects.get()
    assert sent.state == State.SENT
    assert sent.sent_at
    assert sent.next_check_at == sent.sent_at + dt.timedelta(seconds=7)
    hubspot.control("POST", "settle")
    Participation.objects.update(next_check_at=timezone.now())
    send(row)
    sent = Participation.objects.get()
    assert (sent.state, sent.next_check_at) == (State.CONFIRMED, None)
    assert sent.confirmed_at


def test_a_webinar_that_is_off_is_not_handed_over(hubspot: HubSpotProcess, portal: Portal) -> None:
    registration = RegistrationFactory.create()
    change_registration(registration, state="registered")
    deliver()
    assert not hubspot.calls()
    assert not Participation.objects.exists()
