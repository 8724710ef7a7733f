"""Opt-outs are read from GoToWebinar before a marketing email is sent (rule 11)."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts.models import OptOut
from mailings import sender, tasks
from mailings.models import Mailing, Recipient
from platforms.models import Connection
from tests.factories import connection_in
from tests.fake_goto import FakeGoTo, Row, iso
from tests.fixtures.world import World
from tests.mailings.conftest import MailingBuilder, contact, people
from webinars.audiences import Audience
from webinars.models import Registration

pytestmark = [pytest.mark.django_db, pytest.mark.rule(11)]
LONG_AGO = timezone.now() - dt.timedelta(days=9)


@pytest.fixture
def mailing(mailing_builder: MailingBuilder) -> Mailing:
    """To three people, whose opt-outs were read from GoTo long ago."""
    Registration.objects.update(details_read_at=LONG_AGO)
    return mailing_builder.to(Audience.REGISTERED)


def goto_with(*opted_out: int) -> FakeGoTo:
    """Return a GoTo that has all six people of the world."""
    return FakeGoTo(registrants=[registrant(number, number in opted_out) for number in range(6)])


def registrant(number: int, unsubscribed: bool) -> Row:
    return {
        "registrantKey": f"p{number}",
        "firstName": f"First{number}",
        "lastName": f"Last{number}",
        "email": f"p{number}@example.com",
        "registrationDate": iso(LONG_AGO),
        "status": "APPROVED",
        "unsubscribed": unsubscribed,
    }


def send(mailing: Mailing, goto: FakeGoTo) -> None:
    with goto.in_place():
        if sender.start(mailing):
            tasks.send(mailing.pk)
        else:
            tasks.sweep()


def recipients() -> set[str]:
    return {message.to[0] for message in mail.outbox}


def reason(mailing: Mailing, number: int) -> tuple[str, str]:
    row = mailing.recipients.get(contact=contact(number))
    return row.state, row.reason


def test_anyone_who_opted_out_there_is_left_out_and_stays_opted_out(mailing: Mailing) -> None:
    send(mailing, goto_with(4))
    assert recipients() == people(3, 5)
    assert reason(mailing, 4) == (Recipient.State.SKIPPED, "They unsubscribed.")
    stored = OptOut.objects.get()
    assert (stored.contact, stored.source) == (contact(4), OptOut.Source.PLATFORM)


def test_a_platform_that_was_asked_within_a_day_is_not_asked_again(mailing: Mailing) -> None:
    goto = goto_with()
    now = timezone.now()
    Registration.objects.update(details_read_at=now - dt.timedelta(hours=23))
    Registration.objects.filter(registrant_key="p5").update(
        details_read_at=now - dt.timedelta(hours=25)
    )
    send(mailing, goto)
    assert goto.calls == ["registrants/p5"]
    assert recipients() == people(3, 4, 5)


def test_of_each_person_and_connection_the_newest_registrant_is_asked_for(
    mailing: Mailing, world: World
) -> None:
    goto = goto_with()
    later = type(world.webinar).objects.create(
        connection=world.webinar.connection, key="78", slug="78", subject="Later"
    )
    Registration.objects.create(
        contact=contact(3), webinar=later, registrant_key="new", state="registered"
    )
    cancelled = Registration.objects.create(
        contact=contact(4), webinar=later, registrant_key="gone", state="registered"
    )
    Registration.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())
    goto.registrants.append(registrant(3, True) | {"registrantKey": "new"})
    send(mailing, goto)
    assert sorted(goto.calls) == ["registrants/new", "registrants/p4", "registrants/p5"]
    assert recipients() == people(4, 5)


def test_who_cannot_be_asked_for_holds_up_no_one_and_is_left_out_after_an_hour(
    mailing: Mailing,
) -> None:
    goto = goto_with()
    goto.unreadable.add("p4")
    begun = timezone.now()
    with time_machine.travel(begun, tick=False):
        send(mailing, goto)
        assert recipients() == people(3, 5)
        waits = "GoToWebinar has not said yet whether they still want emails."
        assert reason(mailing, 4) == (Recipient.State.WAITING, waits)
        asked = len(goto.calls)
        send(mailing, goto)
        assert len(goto.calls) == asked, "no immediate retry"
    with time_machine.travel(begun + dt.timedelta(minutes=2), tick=False):
        send(mailing, goto)
        assert len(goto.calls) == asked + 1
        assert reason(mailing, 4)[0] == Recipient.State.WAITING
    with time_machine.travel(begun + dt.timedelta(minutes=61), tick=False):
        send(mailing, goto)
        left_out = "GoToWebinar did not say within an hour whether they still want emails."
        assert reason(mailing, 4) == (Recipient.State.SKIPPED, left_out)
    assert recipients() == people(3, 5)
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DONE


def test_who_can_be_asked_for_again_in_time_gets_the_email(mailing: Mailing) -> None:
    goto = goto_with()
    goto.unreadable.add("p4")
    send(mailing, goto)
    goto.unreadable.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        send(mailing, goto)
    assert recipients() == people(3, 4, 5)


def test_no_one_is_asked_for_by_an_account_that_was_disconnected(mailing: Mailing) -> None:
    goto = goto_with()
    Connection.objects.update(**connection_in(Connection.State.DISCONNECTED))
    send(mailing, goto)
    assert goto.calls == [] and recipients() == set()


def test_whom_the_platform_does_not_have_any_more_it_keeps_no_opt_out_of(mailing: Mailing) -> None:
    goto = goto_with()
    goto.registrants.pop()
    send(mailing, goto)
    assert recipients() == people(3, 4, 5)


def test_people_whom_the_platform_never_had_are_not_asked_for(
    mailing_builder: MailingBuilder,
) -> None:
    goto = goto_with()
    Registration.objects.filter(state="overflow").update(registrant_key="")
    send(mailing_builder.to(Audience.OVERFLOW), goto)
    assert goto.calls == [] and recipients() == people(0, 1, 2)


def test_two_workers_ask_once(mailing: Mailing) -> None:
    goto = goto_with()
    sender.start(mailing)
    Mailing.objects.update(checking_until=timezone.now() + dt.timedelta(minutes=1))
    with goto.in_place():
        tasks.send(mailing.pk)
    assert goto.calls == [] and recipients() == set()
    # The other process died: its hold expires.
    with goto.in_place(), time_machine.travel(timezone.now() + dt.timedelta(minutes=3)):
        tasks.sweep()
    assert recipients() == people(3, 4, 5)


def test_the_page_shows_how_far_the_asking_is(mailing: Mailing, marketer: Client) -> None:
    sender.start(mailing)
    Registration.objects.filter(registrant_key="p3").update(details_read_at=timezone.now())
    data = marketer.get(f"/mailings/{mailing.pk}/progress/").json()
    assert data["text"] == "Checking 3 people with GoToWebinar: 1 done"
    assert (data["done"], data["total"], data["going"]) == (1, 3, True)
    assert data["text"] in marketer.get(f"/mailings/{mailing.pk}/").content.decode()
