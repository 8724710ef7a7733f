"""People are asked for what they agreed to: an opt-out counts wherever it was made (rule 11)."""

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts import merge
from mailings import sender, tasks
from mailings.models import Mailing, Suppression
from mailings.opt_outs import suppressed, token_for
from tests.fake_goto import FakeGoTo, Row
from tests.mailings.conftest import Letters, contact, people
from tests.open_issues import PEOPLES_DATA, awaits
from webinars.audiences import Audience
from webinars.models import Registration, Webinar

LONG_AGO = timezone.now() - dt.timedelta(days=9)


def recipients() -> set[str]:
    """Return to whom emails went."""
    return {message.to[0] for message in mail.outbox}


def opt_out(mailing: Mailing, number: int) -> None:
    """Let a person use the link in our email."""
    token = token_for(mailing.recipients.get(contact=contact(number)))
    assert Client().post(f"/unsubscribe/{token}/").status_code == 200


def send(mailing: Mailing) -> None:
    sender.start(mailing)
    tasks.send(mailing.pk)


@pytest.mark.rule(11)
def test_whoever_opted_out_by_our_link_is_not_written_to(letters: Letters) -> None:
    opt_out(letters.to(Audience.OVERFLOW), 0)
    send(letters.to(Audience.OVERFLOW))
    assert recipients() == people(1, 2)


@pytest.mark.rule(11)
def test_whoever_opted_out_and_was_merged_is_not_written_to(letters: Letters) -> None:
    opt_out(letters.to(Audience.OVERFLOW), 0)
    merge.merge(contact(1).pk, contact(0).pk, (), None)
    send(letters.to(Audience.OVERFLOW))
    assert recipients() == people(2)


@pytest.mark.rule(11)
@awaits(PEOPLES_DATA)
def test_whoever_opted_out_and_has_another_address_now_is_not_written_to(letters: Letters) -> None:
    opt_out(letters.to(Audience.OVERFLOW), 0)
    person = contact(0)
    person.email = "new@example.com"
    person.save()
    send(letters.to(Audience.OVERFLOW))
    assert recipients() == people(1, 2)


# -- opted out at GoToWebinar ----------------------------------------------------------------------


def registrant(number: int, *, unsubscribed: bool) -> Row:
    """Return what GoTo has of a person of the world."""
    return {
        "registrantKey": f"p{number}",
        "firstName": f"First{number}",
        "lastName": f"Last{number}",
        "email": f"p{number}@example.com",
        "registrationDate": "2026-01-01T10:00:00Z",
        "status": "APPROVED",
        "unsubscribed": unsubscribed,
    }


@pytest.mark.rule(11)
@awaits(PEOPLES_DATA)
def test_an_opt_out_told_by_gotowebinar_is_read(letters: Letters) -> None:
    webinar = Webinar.objects.select_related("connection").get()
    goto = FakeGoTo(registrants=[registrant(9, unsubscribed=True)])
    goto.sync(webinar)
    assert suppressed(["p9@example.com"]) == {"p9@example.com"}


@pytest.mark.rule(11)
@awaits(PEOPLES_DATA)
def test_details_older_than_a_day_are_read_again_before_an_email_goes(letters: Letters) -> None:
    Registration.objects.update(registered_at=LONG_AGO, arrived_at=LONG_AGO)
    goto = FakeGoTo(registrants=[registrant(n, unsubscribed=n == 4) for n in range(6)])
    mailing = letters.to(Audience.REGISTERED)
    with goto.in_place():
        send(mailing)
    assert recipients() == people(3, 5)


@pytest.mark.rule(11)
@awaits(PEOPLES_DATA)
def test_an_opt_out_names_the_person_it_belongs_to() -> None:
    assert "contact" in {field.name for field in Suppression._meta.get_fields()}
