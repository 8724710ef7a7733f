"""After a merge GoTo still lists two people: both are the one contact here."""

from collections.abc import Callable

import pytest

from contacts import merge
from contacts.models import Contact
from platforms.client_factory import client_for
from simulators.gotowebinar.process import SimulatorProcess
from sync.reconciliation.differences import compare
from tests.fixtures.goto import run_sync
from tests.sync.test_reconciliation_job import register_there
from webinars.models import Webinar

ByLabel = Callable[[str], Webinar]


@pytest.mark.rule(3, 9)
def test_no_sync_makes_a_second_contact_again(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    past = webinar("past")
    run_sync(past)
    attended = past.registrations.filter(sessions_attended__gt=0).order_by("pk")
    survivor, gone = attended[0].contact, attended[1].contact
    people = Contact.objects.count()
    done = merge.merge(survivor.pk, gone.pk, (), None)
    joined = past.registrations.get(contact=survivor)
    seconds = joined.seconds_attended
    run = run_sync(past)
    assert (run.state, run.new_contacts, run.new_registrations) == ("done", 0, 0)
    joined.refresh_from_db()
    assert joined.seconds_attended == seconds, "what the sync reads is what the merge joined"
    # Registering again with the old address, for another webinar, is the same person too.
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    registered = upcoming.registrations.filter(contact=survivor).count()
    register_there(simulator, upcoming, f" {gone.email.upper()}")
    people = Contact.objects.count()
    run_sync(upcoming)
    assert Contact.objects.count() == people
    assert upcoming.registrations.filter(contact=survivor).count() == 1 >= registered
    for item in (past, upcoming):
        assert compare(item, client_for(item.connection)).adds_up
    merge.undo(done.pk)
    run_sync(past)
    assert past.registrations.filter(contact__email_key=gone.email_key).exists()
