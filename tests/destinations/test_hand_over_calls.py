"""How few calls a hand-over makes: HubSpot accepts 100 records of a kind at once."""

import datetime as dt

import pytest
from django.utils import timezone

from destinations.hubspot import handover, participation
from destinations.models import Participation, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import send, switched_on
from tests.factories import ContactFactory, RegistrationFactory, WebinarFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
State = Participation.State


@pytest.fixture
def row(portal: Portal) -> WebinarHandover:
    return switched_on(portal, WebinarFactory.create())


def register(row: WebinarHandover, count: int) -> list[str]:
    people = ContactFactory.create_batch(count)
    for person in people:
        RegistrationFactory.create(webinar=row.webinar, contact=person)
    return [person.email for person in people]


def confirm(row: WebinarHandover) -> None:
    """Read back everything that was sent now."""
    Participation.objects.sent().update(next_check_at=timezone.now())
    assert handover.hand_over(row.pk)
    assert not Participation.objects.exclude(state=State.CONFIRMED).exists()


def test_each_call_has_a_full_batch(hubspot: HubSpotProcess, row: WebinarHandover) -> None:
    """Of 250 people every fourth is in HubSpot: the missing ones fill two calls, rather than a part
    of each of three."""
    for email in register(row, 250)[::4]:
        hubspot.control("POST", "contact", {"email": email})
    hubspot.control("POST", "calls/reset")
    assert send(row)
    sent = len(hubspot.calls())
    # Looked up, created, other apps' events searched for (by id, in the list), the event, recorded.
    assert sent == 3 + 2 + 2 + 1 + 3
    confirm(row)
    # Three pages, all read once.
    assert len(hubspot.calls()) == sent + 3


def test_what_was_sent_together_is_verified_together(row: WebinarHandover) -> None:
    """Sent over a longer time, it is verified when the last of it can be read."""
    register(row, 101)
    assert send(row)
    rows = Participation.objects.sent()
    assert len({each.sent_at for each in rows}) == 2
    last = max(each.sent_at for each in rows if each.sent_at)
    assert {each.next_check_at for each in rows} == {last + participation.FIRST_CHECKS[0]}


def test_a_few_are_read_individually_and_many_by_page(
    hubspot: HubSpotProcess, row: WebinarHandover
) -> None:
    """Whichever takes fewer calls: of 150 participants, two pages."""
    register(row, 150)
    assert send(row)
    confirm(row)
    for count, reads in ((1, 1), (2, 2), (20, 2)):
        register(row, count)
        assert send(row)
        hubspot.control("POST", "calls/reset")
        confirm(row)
        assert len(hubspot.calls()) == reads


def test_a_page_confirms_what_is_not_due_yet(row: WebinarHandover) -> None:
    """It exists already: nothing needs to be read twice."""
    register(row, 20)
    assert send(row)
    now = timezone.now()
    due = list(Participation.objects.sent().order_by("pk").values_list("pk", flat=True)[:2])
    Participation.objects.filter(pk__in=due).update(next_check_at=now)
    later = Participation.objects.exclude(pk__in=due)
    later.update(next_check_at=now + dt.timedelta(hours=1))
    assert handover.hand_over(row.pk)
    assert not Participation.objects.exclude(state=State.CONFIRMED).exists()
