"""The outbox events of registrations and attendance, for each way to change them."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts import events
from contacts.models import Activity, Contact
from core.models import OutboxEvent
from core.outbox import Reader
from core.outbox_delivery import deliver
from platforms.client_factory import client_for
from registration_forms.registrations import FormData, register_contacts, resubmit, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import tasks
from sync.push.promotion import promote
from tests.core.outbox_readers import RecordingReader, registered
from tests.factories import ContactFactory, registration_in
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.fixtures.goto import run_sync
from webinars import sessions
from webinars.models import Registration, Session, Webinar

ByLabel = Callable[[str], Webinar]
State = Registration.State
ADA = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}


@pytest.fixture(autouse=True)
def delivered() -> Iterator[RecordingReader]:
    delivered = RecordingReader()
    with registered(Reader("one", events.KINDS, delivered, at_once=100)):
        yield delivered


def _states(delivered: RecordingReader) -> list[tuple[str, bool]]:
    """Return, in order, the states of registrations in the reader's new events."""
    delivered.events.clear()
    deliver("one")
    assert not OutboxEvent.objects.exists()
    return [
        (event.data["state"], event.data["cancelled"])
        for event in delivered.events
        if event.kind == events.REGISTRATION_CHANGED
    ]


@pytest.mark.rule(12)
def test_a_first_sync_writes_events_in_bulk_and_a_second_writes_none(
    simulator: SimulatorProcess, webinar: ByLabel, delivered: RecordingReader
) -> None:
    big = webinar("big")
    with CaptureQueriesContext(database) as asked:
        run_sync(big)
    written = [query for query in asked if "INTO core_outboxevent" in query["sql"]]
    stored = OutboxEvent.objects.count()
    assert stored > 400
    assert len(written) < stored / 10
    deliver("one")
    changed = [event for event in delivered.events if event.kind == events.REGISTRATION_CHANGED]
    rows = Registration.objects.values_list("contact_id", "pk", "state")
    assert sorted((int(e.subject), e.data["registration"], e.data["state"]) for e in changed) == (
        sorted(rows)
    )
    recorded = Counter(
        (event.subject, event.data["key"])
        for event in delivered.events
        if event.kind == events.ACTIVITY_RECORDED
    )
    lines = {(str(pk), key) for pk, key in Activity.objects.values_list("contact_id", "key")}
    assert set(recorded) == lines
    known = Contact.objects.values_list("email", flat=True)
    assert not [email for email in known if email in str(delivered.data)]
    run_sync(big)
    assert not OutboxEvent.objects.exists()


def test_a_registration_made_here_is_handed_over_at_each_step(
    simulator: SimulatorProcess, webinar: ByLabel, delivered: RecordingReader
) -> None:
    upcoming = webinar("upcoming")
    registration = submit(upcoming, FormData(ADA)).registration
    assert _states(delivered) == [("pending", False)]
    assert {event.subject for event in delivered.events} == {str(registration.contact_id)}
    assert [event.kind for event in delivered.events] == [
        events.REGISTRATION_CHANGED,
        events.ACTIVITY_RECORDED,
    ]
    tasks.push_waiting()
    assert _states(delivered) == [("registered", False)]
    # Submitted again, nothing changes: only the timeline has the submission.
    submit(upcoming, FormData(ADA))
    assert _states(delivered) == []
    assert [event.data["activity"] for event in delivered.events] == ["submitted"]


def test_people_sent_again_or_registered_by_a_colleague_are_pending(
    simulator: SimulatorProcess, webinar: ByLabel, delivered: RecordingReader
) -> None:
    upcoming = webinar("upcoming")
    people = ContactFactory.create_batch(3)
    register_contacts(upcoming, [person.pk for person in people], Registration.Source.MARKETER)
    assert _states(delivered) == [("pending", False)] * 3
    Registration.objects.update(**registration_in(State.REJECTED))
    assert resubmit(Registration.objects.first(), ADA)  # type: ignore[arg-type]
    assert _states(delivered) == [("pending", False)]


def test_the_waiting_list_is_handed_over(
    simulator: SimulatorProcess, webinar: ByLabel, delivered: RecordingReader
) -> None:
    full = webinar("full")
    submit(full, FormData(ADA))
    tasks.push_waiting()
    assert _states(delivered) == [("pending", False), ("overflow", False)]
    there = len(simulator.truth(full.key)["registrants"])
    simulator.control("POST", "set-limit", {"webinar": full.key, "limit": there + 1})
    assert promote(full, client_for(full.connection)) == 1
    assert _states(delivered) == [("pending", False)]


@pytest.mark.django_db
@pytest.mark.rule(4)
def test_a_cancellation_and_a_return_are_written(delivered: RecordingReader) -> None:
    webinar, goto, now = make_webinar(), FakeGoTo(), timezone.now()
    ada = goto.register("ada@example.com", now - 24 * HOUR)
    goto.register("bob@example.com", now - 24 * HOUR)
    goto.sync(webinar)
    assert _states(delivered) == [("registered", False)] * 2
    goto.registrants.remove(ada)
    goto.sync(webinar)
    assert _states(delivered) == [("registered", True)]
    goto.registrants.append(ada)
    goto.sync(webinar)
    assert _states(delivered) == [("registered", False)]


@pytest.mark.django_db
@pytest.mark.rule(7)
def test_attendance_that_is_reported_and_withdrawn_is_both(delivered: RecordingReader) -> None:
    webinar, goto, now = make_webinar(), FakeGoTo(), timezone.now()
    goto.register("ada@example.com", now - 24 * HOUR)
    goto.register("bob@example.com", now - 24 * HOUR)
    Webinar.objects.update(
        starts_at=now - 4 * HOUR,
        ends_at=now - 3 * HOUR,
        times=[[(now - 4 * HOUR).isoformat(), (now - 3 * HOUR).isoformat()]],
    )
    webinar.refresh_from_db()
    goto.hold_session(now - 4 * HOUR, now - 3 * HOUR, goto.registrants[:1])
    goto.sync(webinar)
    deliver("one")
    assert {"attended", "missed"} <= {event.data.get("activity") for event in delivered.events}
    delivered.events.clear()
    # The session does not count after all.
    with transaction.atomic():
        sessions.decide(Session.objects.get(), counts=False)
    deliver("one")
    assert [(event.kind, event.data["activity"]) for event in delivered.events] == [
        (events.ACTIVITY_WITHDRAWN, "missed")
    ]
