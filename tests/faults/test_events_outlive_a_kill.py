"""Pending events of a killed worker are processed by the next, each once."""

from platforms.models import Connection, WebhookEvent, WebhookSetup
from simulators.gotowebinar.process import SimulatorProcess
from tests.faults.conftest import HERE, key_of, registrations, until
from tests.faults.test_concurrent_refresh import press, signed_in
from tests.installation import Installation
from webinars.models import Webinar

PEOPLE = 100


def test_no_event_is_lost_with_its_worker(
    simulator: SimulatorProcess, installation: Installation
) -> None:
    webinar = Webinar.objects.using(HERE).get(key=key_of(simulator))
    Webinar.objects.using(HERE).filter(pk=webinar.pk).update(sync_enabled=True)
    before = set(registrations(webinar).values_list("registrant_key", flat=True))
    browser = signed_in(installation)
    connection = Connection.objects.using(HERE).get()
    press(browser, f"{installation.url}/connections/{connection.pk}/webhooks/on/")
    setup = WebhookSetup.objects.using(HERE)
    until(lambda: setup.filter(state="on").exists())
    simulator.reset_calls()

    simulator.control("POST", "register-many", {"webinar": webinar.key, "count": PEOPLE})
    events = WebhookEvent.objects.using(HERE)
    for already in (10, 40):
        until(lambda already=already: events.count() > already)  # type: ignore[misc]
        installation.kill("pusher")
        installation.start("pusher")
    simulator.control("POST", "webhooks/flush")
    # A killed worker held them this long; here the time has passed.
    setup.update(claim="", lease_until=None)
    until(lambda: events.filter(done_at__isnull=False).count() == PEOPLE)

    now = registrations(webinar).exclude(registrant_key__in=before)
    newest = simulator.truth(webinar.key)["registrants"][-PEOPLE:]
    there = {str(one["registrantKey"]) for one in newest}
    assert set(now.values_list("registrant_key", flat=True)) == there
    assert now.count() == PEOPLE
    lines = [line for one in now for line in one.contact.activities.filter(kind="registered")]
    assert len(lines) == PEOPLE
    # The events contained the complete records: only their presence on the list is left to check.
    assert simulator.calls()["total"] < PEOPLE / 2
