"""People only get what they consented to: an opt-out counts wherever it was made (rule 11)."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts import merge
from contacts.deletion import delete_contacts, erase
from contacts.matching import ids_by_email
from contacts.models import Contact, OptOut
from contacts.opt_outs import opted_out
from contacts.tombstones import bury
from mailings import sender, tasks
from mailings.models import Mailing
from mailings.opt_outs import token_for
from registration_forms.registrations import FormData, submit
from tests.contact_imports.test_imports import HEAD, check, run, upload
from tests.factories import registration_in
from tests.fake_goto import FakeGoTo, Row
from tests.mailings.conftest import MailingBuilder, contact, people
from webinars.audiences import Audience
from webinars.models import Registration, Webinar

LONG_AGO = timezone.now() - dt.timedelta(days=9)


def recipients() -> set[str]:
    """Return to whom emails were sent."""
    return {message.to[0] for message in mail.outbox}


def opt_out(mailing: Mailing, number: int) -> None:
    """Open the link in our email as the recipient."""
    token = token_for(mailing.recipients.get(contact=contact(number)))
    assert Client().post(f"/unsubscribe/{token}/").status_code == 200


def is_opted_out(email: str) -> bool:
    pk = ids_by_email([email])[email]
    return opted_out([pk]) == {pk}


def send(mailing: Mailing) -> None:
    sender.start(mailing)
    tasks.send(mailing.pk)


@pytest.mark.rule(11)
def test_anyone_who_opted_out_by_our_link_is_not_written_to(
    mailing_builder: MailingBuilder,
) -> None:
    opt_out(mailing_builder.to(Audience.OVERFLOW), 0)
    send(mailing_builder.to(Audience.OVERFLOW))
    assert recipients() == people(1, 2)


@pytest.mark.rule(11)
def test_anyone_who_opted_out_and_was_merged_is_not_written_to(
    mailing_builder: MailingBuilder,
) -> None:
    opt_out(mailing_builder.to(Audience.OVERFLOW), 0)
    merge.merge(contact(1).pk, contact(0).pk, (), None)
    send(mailing_builder.to(Audience.OVERFLOW))
    assert recipients() == people(2)


@pytest.mark.rule(11)
def test_anyone_who_opted_out_and_has_another_address_now_is_not_written_to(
    mailing_builder: MailingBuilder,
) -> None:
    opt_out(mailing_builder.to(Audience.OVERFLOW), 0)
    person = contact(0)
    person.email = "new@example.com"
    person.save()
    send(mailing_builder.to(Audience.OVERFLOW))
    assert recipients() == people(1, 2)


@pytest.mark.rule(11)
def test_anyone_who_opted_out_and_was_imported_or_registered_again_is_not_written_to(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    opt_out(mailing_builder.to(Audience.OVERFLOW), 0)
    upload(marketer, f"{HEAD}\np0@example.com,New,Name\n")
    run(marketer, check(marketer))
    submit(
        mailing_builder.world.webinar,
        FormData({"email": "P0@example.com", "first_name": "A", "last_name": "B"}),
    )
    Registration.objects.filter(contact=contact(0)).update(**registration_in("overflow"))
    send(mailing_builder.to(Audience.OVERFLOW))
    assert recipients() == people(1, 2)


@pytest.mark.rule(5, 11)
@pytest.mark.parametrize("permanent", [False, True])
def test_anyone_who_opted_out_and_comes_back_after_a_deletion_is_opted_out_by_name(
    mailing_builder: MailingBuilder, permanent: bool
) -> None:
    opt_out(mailing_builder.to(Audience.OVERFLOW), 0)
    delete_contacts(Contact.objects.filter(email_key="p0@example.com"), permanent=permanent)
    left = OptOut.objects.get()
    assert (left.contact, left.email) == (None, "") and left.email_hash
    submit(
        mailing_builder.world.webinar,
        FormData({"email": "p0@example.com", "first_name": "A", "last_name": "B"}),
    )
    left.refresh_from_db()
    assert (left.contact, left.email) == (contact(0), "p0@example.com")


def test_an_opt_out_shows_where_and_by_which_mailing_it_was_made(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW, subject="Our spring news")
    opt_out(mailing, 0)
    stored = OptOut.objects.get()
    assert (stored.contact, stored.source, stored.mailing_id) == (contact(0), "link", mailing.pk)
    page = marketer.get("/admin/contacts/optout/").content.decode()
    for shown in ("First0 Last0", "p0@example.com", "Our unsubscribe link", "Our spring news"):
        assert shown in page
    person = marketer.get(f"/admin/contacts/contact/{contact(0).pk}/change/").content.decode()
    assert "</span>Unsubscribed</li>" in person
    other = marketer.get(f"/admin/contacts/contact/{contact(1).pk}/change/").content.decode()
    assert "</span>Unsubscribed</li>" not in other


@pytest.mark.rule(5, 11)
def test_an_address_without_a_contact_is_shown_until_it_is_erased(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    for email in ("known@example.com", "erased@example.com"):
        if email.startswith("erased"):
            bury(email, permanent=True)
        marketer.post("/admin/contacts/optout/add/", {"address": email})
    page = marketer.get("/admin/contacts/optout/").content.decode()
    assert "known@example.com" in page and "No contact" in page
    assert "erased@example.com" not in page and "a deleted contact" in page
    erase("known@example.com")
    assert set(OptOut.objects.values_list("email", flat=True)) == {""}


def test_each_export_shows_who_is_unsubscribed(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    opt_out(mailing_builder.to(Audience.OVERFLOW), 0)
    webinar = mailing_builder.world.webinar
    found: list[Any] = [
        marketer.get("/contacts/find/export.csv?name=last"),
        marketer.get(f"/webinars/{webinar.pk}/audience/overflow/export.csv"),
    ]
    for answer in found:
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text))
        unsubscribed = {row["email"]: row["unsubscribed"] for row in rows}
        assert (unsubscribed["p0@example.com"], unsubscribed["p1@example.com"]) == ("yes", "no")


# -- opted out at GoToWebinar ----------------------------------------------------------------------


def registrant(number: int, *, unsubscribed: bool) -> Row:
    """Return GoTo's data of a person of the world."""
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
def test_an_opt_out_reported_by_gotowebinar_is_read(mailing_builder: MailingBuilder) -> None:
    webinar = Webinar.objects.select_related("connection").get()
    goto = FakeGoTo(registrants=[registrant(9, unsubscribed=True)])
    goto.sync(webinar)
    assert is_opted_out("p9@example.com")


@pytest.mark.rule(11)
def test_details_older_than_a_day_are_read_again_before_an_email_goes(
    mailing_builder: MailingBuilder,
) -> None:
    Registration.objects.update(registered_at=LONG_AGO, details_read_at=LONG_AGO)
    goto = FakeGoTo(registrants=[registrant(n, unsubscribed=n == 4) for n in range(6)])
    mailing = mailing_builder.to(Audience.REGISTERED)
    with goto.in_place():
        send(mailing)
    assert recipients() == people(3, 5)


@pytest.mark.rule(11)
def test_an_opt_out_names_the_person_it_belongs_to() -> None:
    assert "contact" in {field.name for field in OptOut._meta.get_fields()}
