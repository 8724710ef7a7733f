"""Who is left out because of another email or for lack of consent: shown before, decided just
before each email, and reported after."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import OptOut
from contacts.opt_outs import opt_out
from mailings import eligibility, sender, tasks
from mailings.claims import claim
from mailings.eligibility import RECENT_DAYS
from mailings.models import Mailing, Recipient
from mailings.reasons import Reason
from tests.core.outbox_readers import in_threads
from tests.factories import ConsentFactory
from tests.mailings.conftest import MailingBuilder, contact, people, text_of
from webinars.audiences import Audience

State = Recipient.State


@pytest.fixture
def first(mailing_builder: MailingBuilder) -> Mailing:
    """A mailing to three people that was just sent."""
    mailing = mailing_builder.to(Audience.OVERFLOW, "First")
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 3
    mail.outbox.clear()
    return mailing


def skipping(mailing_builder: MailingBuilder, **values: Any) -> Mailing:
    mailing = mailing_builder.to(Audience.OVERFLOW, "Second")
    for name, value in ({"skip_recently_emailed": True} | values).items():
        setattr(mailing, name, value)
    mailing.save()
    return mailing


def states(mailing: Mailing) -> list[tuple[str, str]]:
    return list(mailing.recipients.order_by("pk").values_list("state", "reason_code"))


def got() -> set[str]:
    return {message.to[0] for message in mail.outbox}


def test_marketing_skips_people_emailed_recently_by_default(
    mailing_builder: MailingBuilder,
) -> None:
    ticked = {
        audience: mailing_builder.to(audience).skip_recently_emailed
        for audience in (
            Audience.REGISTERED,
            Audience.NO_SHOW,
            Audience.OVERFLOW,
            Audience.REJECTED,
        )
    }
    assert ticked == {
        Audience.REGISTERED: True,
        Audience.NO_SHOW: True,
        # Emails about the state of a registration are always sent.
        Audience.OVERFLOW: False,
        Audience.REJECTED: False,
    }


def test_a_choice_is_counted_before_it_is_saved(
    mailing_builder: MailingBuilder, first: Mailing, marketer: Client
) -> None:
    """Valid input is counted as typed; invalid input counts as saved."""
    second = mailing_builder.to(Audience.OVERFLOW, "Second", "The text")
    typed = {"subject": "Second", "text": "Hello {nobody}", "language": "en", "do": "count"}
    address = f"/mailings/{second.pk}/"
    answer = marketer.post(address, typed)
    assert answer.status_code == 200
    page = text_of(answer)
    assert "3 people will receive this email." in page and "Send to 3 people…" in page
    page = text_of(marketer.post(address, {**typed, "skip_recently_emailed": "on"}))
    assert "0 people will receive this email." in page
    assert "3 were emailed in the last 7 days." in page
    assert "No one would receive this email." in page
    page = text_of(marketer.post(address, {**typed, "skip_without_consent": "on"}))
    assert "3 have not agreed to marketing emails." in page
    assert "3 people in this email have not agreed" not in page
    second.refresh_from_db()
    assert (second.subject, second.text) == ("Second", "The text")
    assert not second.skip_recently_emailed and not second.skip_without_consent
    # A mailing that is being sent is shown, and nothing is counted.
    assert "data-count" not in marketer.post(f"/mailings/{first.pk}/", typed).content.decode()


def test_people_emailed_recently_are_counted_left_out_and_reported(
    mailing_builder: MailingBuilder, first: Mailing, marketer: Client
) -> None:
    long_ago = timezone.now() - dt.timedelta(days=RECENT_DAYS, hours=1)
    first.recipients.filter(contact=contact(0)).update(sent_at=long_ago)
    second = skipping(mailing_builder)
    found = eligibility.prospect(second)
    assert (found.will_get, found.skipped_recent, found.left_out) == (1, 2, 2)
    page = text_of(marketer.get(f"/mailings/{second.pk}/"))
    assert "2 were emailed in the last 7 days." in page
    sender.start(second)
    assert tasks.send(second.pk) == 1
    assert got() == people(0)
    assert states(second) == [("sent", ""), ("skipped", "recent"), ("skipped", "recent")]
    row = second.recipients.get(contact=contact(1))
    assert row.reason == "They were emailed in the last 7 days."
    second.refresh_from_db()
    assert second.state == Mailing.State.DONE
    page = text_of(marketer.get(f"/mailings/{second.pk}/"))
    assert "They were emailed in the last 7 days. 2" in page


def test_without_skipping_they_get_it(mailing_builder: MailingBuilder, first: Mailing) -> None:
    second = skipping(mailing_builder, skip_recently_emailed=False)
    found = eligibility.prospect(second)
    assert (found.will_get, found.emailed_recently, found.skipped_recent) == (3, 3, 0)
    sender.start(second)
    assert tasks.send(second.pk) == 3


def test_an_email_that_may_have_been_sent_counts_and_a_failed_one_does_not(
    mailing_builder: MailingBuilder, first: Mailing
) -> None:
    rows = first.recipients
    rows.filter(contact=contact(0)).update(
        state=State.UNKNOWN, reason_code=Reason.LOST, sent_at=None
    )
    rows.filter(contact=contact(1)).update(
        state=State.FAILED, reason_code=Reason.REFUSED, sent_at=None
    )
    second = skipping(mailing_builder)
    sender.start(second)
    assert tasks.send(second.pk) == 1
    assert got() == people(1)


def test_of_two_mailings_at_once_a_person_gets_one(mailing_builder: MailingBuilder) -> None:
    """While another mailing has them, it is not known yet whether they get that one."""
    first, second = skipping(mailing_builder), skipping(mailing_builder)
    sender.start(first)
    sender.start(second)
    first.recipients.filter(contact=contact(0)).update(
        state=State.SENDING, claimed_at=timezone.now()
    )
    assert tasks.send(second.pk) == 2
    put_off = second.recipients.get(contact=contact(0))
    assert put_off.state == State.WAITING and put_off.next_try_at is not None
    first.recipients.filter(contact=contact(0)).update(state=State.SENT, sent_at=timezone.now())
    second.recipients.update(next_try_at=None)
    assert tasks.send(second.pk) == 0 and tasks.send(first.pk) == 0
    assert got() == people(1, 2)
    assert states(first) == [("sent", ""), ("skipped", "recent"), ("skipped", "recent")]
    assert states(second) == [("skipped", "recent"), ("sent", ""), ("sent", "")]


@pytest.mark.parametrize("queries", [1, 2])
def test_an_email_sent_while_another_mailing_asks_is_not_missed(
    mailing_builder: MailingBuilder, queries: int
) -> None:
    first, second = skipping(mailing_builder), skipping(mailing_builder)
    row = first.recipients.get(contact=contact(0))
    Recipient.objects.filter(pk=row.pk).update(state=State.SENDING, claimed_at=timezone.now())
    mine = second.recipients.get(contact=contact(0))
    asked = 0

    def sent_in_the_meantime(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal asked
        answer = execute(sql, *rest)
        if sql.startswith("SELECT") and Recipient._meta.db_table in sql:
            asked += 1
            if asked == queries:
                sent = Recipient.objects.filter(pk=row.pk)
                sent.update(state=State.SENT, sent_at=timezone.now())
        return answer

    with connection.execute_wrapper(sent_in_the_meantime):
        assert not claim(mine, second)
    assert asked


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_mailings_sent_in_parallel_each_person_gets_one(
    transactional_db: None, mailing_builder: MailingBuilder
) -> None:
    mailings = [skipping(mailing_builder) for _ in range(3)]
    for mailing in mailings:
        sender.start(mailing)
    for thread in in_threads(*(lambda pk=mailing.pk: tasks.send(pk) for mailing in mailings)):
        thread.join()
    for mailing in mailings:
        mailing.recipients.update(next_try_at=None)
        tasks.send(mailing.pk)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(people(0, 1, 2))
    assert Recipient.objects.sent().count() == 3 and Recipient.objects.skipped().count() == 6


@pytest.mark.rule(11)
def test_people_without_consent_are_named_and_left_out_by_choice(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    ConsentFactory.create(contact=contact(0), granted=True)
    ConsentFactory.create(contact=contact(1), granted=False)
    draft = mailing_builder.to(Audience.OVERFLOW, "Second")
    page = text_of(marketer.get(f"/mailings/{draft.pk}/"))
    assert "2 people in this email have not agreed to marketing emails. 1 of them said no." in page
    named = text_of(marketer.get(f"/mailings/{draft.pk}/recipients/?group=no-consent"))
    assert "p1@example.com" in named and "p2@example.com" in named
    assert "p0@example.com" not in named and "Will receive it" in named
    assert "Said no to marketing" in named
    draft.skip_without_consent = True
    draft.save()
    page = text_of(marketer.get(f"/mailings/{draft.pk}/"))
    assert "1 person will receive this email." in page
    assert "2 have not agreed to marketing emails." in page and "people in this email" not in page
    sender.start(draft)
    # Decided again when their turn comes.
    ConsentFactory.create(contact=contact(2), granted=True)
    assert tasks.send(draft.pk) == 2
    assert got() == people(0, 2)
    assert states(draft)[1] == ("skipped", "no-consent")


def test_recipients_of_each_group_are_listed(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    opt_out("p0@example.com", OptOut.Source.COLLEAGUE)
    draft = mailing_builder.to(Audience.OVERFLOW, "Join {webinar_title}", "Here: {join_link}")
    address = f"/mailings/{draft.pk}/recipients/"
    page = text_of(marketer.get(address))
    assert "All 3" in page and "Unsubscribed 1" in page and "No join link 2" in page
    assert "Join A webinar" in page, "the title is resolved"
    listed = text_of(marketer.get(f"{address}?group=unsubscribed"))
    assert "p0@example.com" in listed and "They unsubscribed." in listed
    assert "p1@example.com" not in listed
    listed = text_of(marketer.get(f"{address}?group=no-join-link"))
    assert "There is no value for {join_link}." in listed
    assert "No one is in this group." in text_of(marketer.get(f"{address}?group=receive"))
    assert "All 3" in text_of(marketer.get(f"{address}?group=x&page=x"))
    sender.start(draft)
    assert marketer.get(address).headers["Location"] == f"/mailings/{draft.pk}/"


def test_more_recipients_need_no_more_queries(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    counts = []
    for audience in (Audience.OVERFLOW, Audience.REGISTERED):
        draft = mailing_builder.to(audience)
        if audience == Audience.OVERFLOW:
            draft.recipients.exclude(contact=contact(0)).delete()
        marketer.get(f"/mailings/{draft.pk}/recipients/")
        with CaptureQueriesContext(connection) as queries:
            page = marketer.get(f"/mailings/{draft.pk}/recipients/")
        assert page.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_confirmation_shows_recipients_sender_subject_and_text(
    mailing_builder: MailingBuilder, marketer: Client, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Events <events@example.com>"
    opt_out("p0@example.com", OptOut.Source.COLLEAGUE)
    draft = mailing_builder.to(
        Audience.OVERFLOW, "{first_name}: {webinar_title}", "Hi {first_name}"
    )
    page = text_of(marketer.post(f"/mailings/{draft.pk}/send/"))
    assert "“…: A webinar” goes to 2 people." in page
    assert "Recipients 2 people Left out 1 has unsubscribed." in page
    assert "Sender Events <events@example.com>" in page
    assert "Subject First1: A webinar" in page and "Hi First1" in page
    assert "{first_name}" not in page and "{webinar_title}" not in page


def test_a_button_that_cannot_send_is_disabled_and_explains_why(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    draft = mailing_builder.to(Audience.OVERFLOW)
    address = f"/mailings/{draft.pk}/"
    button = 'value="send" disabled aria-describedby="why-not"'
    assert button not in marketer.get(address).content.decode()
    for number in range(3):
        opt_out(f"p{number}@example.com", OptOut.Source.COLLEAGUE)
    page = marketer.get(address)
    assert button in page.content.decode()
    assert "Send to 0 people… No one would receive this email." in text_of(page)
    Mailing.objects.update(text="")
    assert "Write a subject and a text first" in text_of(marketer.get(address))


def test_the_unsubscribe_list_names_the_email_in_words(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW, "We missed you at {webinar_title}")
    opt_out("p0@example.com", OptOut.Source.LINK)
    OptOut.objects.update(mailing_id=mailing.pk)
    page = text_of(marketer.get("/admin/contacts/optout/"))
    assert "We missed you at A webinar" in page and "{webinar_title}" not in page
