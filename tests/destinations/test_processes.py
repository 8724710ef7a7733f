"""Several processes at once: each has its own cache of the portal, and several hand over."""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from django.db import transaction
from django.utils import timezone

from core import outbox_delivery
from core.models import OutboxDelivery, OutboxEvent
from destinations.hubspot import access, handover
from destinations.hubspot.client import Client
from destinations.hubspot.client import State as ClientState
from destinations.hubspot.records import ParticipationInput, RecordResult
from destinations.models import Portal, WebinarHandover
from destinations.models import portal as portals
from destinations.tasks import sweep
from simulators.hubspot.process import HubSpotProcess
from tests.core.outbox_readers import in_threads
from tests.destinations.portal import contacts, send, states, switched_on
from tests.factories import ContactFactory, RegistrationFactory, WebinarFactory
from webinars.models import Registration
from webinars.registration_events import registrations_changed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]


def remember(portal: Portal | None) -> None:
    """Cache the portal in this process, before another one changes it."""
    portals._known[:] = [(time.monotonic(), portal)]


def write_registration_events(*registrations: Registration) -> None:
    """Write registrations with their events, as the sync does."""
    with transaction.atomic():
        registrations_changed(Registration.objects.filter(pk__in=[row.pk for row in registrations]))


def test_what_a_process_does_that_has_not_heard_of_the_portal_is_sent_all_the_same(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Without a reader no event is stored, and a webinar that ended long ago is compared only once
    a day."""
    webinar = WebinarFactory.create(starts_at=timezone.now() - dt.timedelta(days=30))
    row = switched_on(portal, webinar)
    send(row)
    remember(None)
    registration = RegistrationFactory.create(webinar=webinar, contact__email="early@example.com")
    write_registration_events(registration)
    assert not OutboxEvent.objects.exists()
    portals.forget_connected()
    sweep()
    assert states(hubspot) == []
    # A minute later every process has the new state.
    connected_at = timezone.now() - handover.KNOWN_EVERYWHERE
    Portal.objects.update(connected_at=connected_at)
    WebinarHandover.objects.update(planned_at=connected_at + dt.timedelta(seconds=1))
    portals.forget_connected()
    sweep()
    assert states(hubspot) == [("early@example.com", "REGISTERED")]
    made = len(hubspot.calls())
    planned_at = WebinarHandover.objects.get().planned_at
    sweep()
    assert WebinarHandover.objects.get().planned_at == planned_at
    assert len(hubspot.calls()) == made


def test_a_stale_process_cache_is_discarded(portal: Portal) -> None:
    registration = RegistrationFactory.create()
    access.disconnect(portal)
    remember(portal)
    write_registration_events(registration)
    assert OutboxDelivery.objects.exists()
    portals.forget_connected()
    sweep()
    assert not OutboxDelivery.objects.exists()
    assert not OutboxEvent.objects.exists()


class Sent:
    """How often workers sent each participation."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times: Counter[tuple[str, str, str]] = Counter()
        lock, record = threading.Lock(), Client.record

        def counted(
            client: Client, object_id: str, state: ClientState, inputs: Sequence[ParticipationInput]
        ) -> RecordResult:
            with lock:
                self.times.update((object_id, state, each.contact_id) for each in inputs)
            return record(client, object_id, state, inputs)

        monkeypatch.setattr(Client, "record", counted)


def test_two_workers_send_everyone_once_and_leave_no_one(
    hubspot: HubSpotProcess, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three webinars with the same twenty people and twenty different ones each: one HubSpot
    contact a person, one call a participation, and nothing left when both workers are done."""
    sent = Sent(monkeypatch)
    rows = [switched_on(portal, WebinarFactory.create()) for _ in range(3)]
    same = ContactFactory.create_batch(20)
    made = [
        registration
        for row in rows
        for registration in (
            *(RegistrationFactory.create(webinar=row.webinar, contact=each) for each in same),
            *RegistrationFactory.create_batch(20, webinar=row.webinar),
        )
    ]
    before = len(contacts(hubspot))
    for registration in made:
        write_registration_events(registration)
    workers = in_threads(*[lambda: outbox_delivery.deliver(access.READER)] * 2)
    for worker in workers:
        worker.join(120)
        assert not worker.is_alive()
    assert not OutboxEvent.objects.exists()
    # If the other worker had a webinar, that one has sent it, or the sweep does.
    sweep()
    assert sum(sent.times.values()) == len(sent.times) == len(made) == 120
    assert len(states(hubspot)) == len(made)
    assert len(contacts(hubspot)) - before == 20 + 3 * 20


def test_events_are_not_held_until_all_webinars_are_sent(
    hubspot: HubSpotProcess, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their lease ends: pending data is in rows, and another task sends it."""
    queued: list[int] = []
    monkeypatch.setattr(handover, "_TURN_SECONDS", 0.0)
    monkeypatch.setattr(handover, "enqueue", lambda _task, pk: queued.append(pk))
    person = ContactFactory.create(email="both@example.com")
    rows = [switched_on(portal, WebinarFactory.create()) for _ in range(2)]
    for row in rows:
        write_registration_events(RegistrationFactory.create(webinar=row.webinar, contact=person))
    outbox_delivery.deliver(access.READER)
    assert not OutboxEvent.objects.exists()
    assert set(queued) == {row.pk for row in rows}
    assert states(hubspot) == []
    for row in rows:
        assert handover.hand_over(row.pk)
    assert states(hubspot) == [("both@example.com", "REGISTERED")] * 2
