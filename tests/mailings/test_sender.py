"""Each person once, regardless of crashes; and no one who should not get it."""

import datetime as dt
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from django_q.models import OrmQ

from contacts.models import Activity, Contact, OptOut
from contacts.opt_outs import opt_out
from contacts.tombstones import bury
from mailings import audience, eligibility, sender, tasks
from mailings.models import Mailing, Recipient
from tests.factories import registration_in
from tests.mailings.conftest import MailingBuilder, contact, people
from tests.rows import insert_people
from webinars.audiences import Audience, members
from webinars.models import Registration

State = Recipient.State
Trouble = Callable[[Exception, int], None]


def got() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def results(mailing: Mailing) -> dict[str, str]:
    rows = mailing.recipients.select_related("contact")
    return {item.contact.email: str(item.state) for item in rows}


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Trouble:
    """Return a function that makes the mail server raise `error` at the nth email."""

    def make(error: Exception, nth: int) -> None:
        count = 0
        real = EmailBackend.send_messages

        def send(self: Any, messages: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth:
                raise error
            return real(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", send)

    return make


@pytest.mark.rule(6)
@pytest.mark.rule(7)
def test_exactly_the_audience_gets_it_once_and_the_timeline_shows_it(
    mailing_builder: MailingBuilder,
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW, "It is full, {first_name}")
    assert eligibility.prospect(mailing).will_get == 3
    assert sender.start(mailing) and not sender.start(mailing)
    assert tasks.send(mailing.pk) == 3
    assert tasks.send(mailing.pk) == 0 and tasks.sweep() == 0
    assert not OrmQ.objects.exists()
    assert set(got()) == people(0, 1, 2) and len(got()) == 3
    assert {message.subject for message in mail.outbox} == {
        f"It is full, First{n}" for n in range(3)
    }
    line = contact(0).activities.get(kind=Activity.Kind.MAILED)
    assert line.data == {"subject": "It is full, First0"}
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DONE and mailing.finished_at


def test_a_process_killed_in_the_middle_repeats_no_one(
    mailing_builder: MailingBuilder, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sender, "_settle_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            tasks.send(mailing.pk)
    assert len(got()) == 1
    assert tasks.send(mailing.pk) == 2
    assert sorted(got()) == sorted(people(0, 1, 2))
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING, "the result of one email is unknown yet"
    Recipient.objects.update(claimed_at=timezone.now() - dt.timedelta(hours=1))
    tasks.sweep()
    assert len(got()) == 3
    assert sorted(results(mailing).values()) == ["sent", "sent", "unknown"]
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DONE
    assert sender.send_unknown_again(mailing) == 1
    assert tasks.send(mailing.pk) == 1, "a person may decide otherwise"


def test_killed_before_the_mail_server_answered_is_not_known_either(
    mailing_builder: MailingBuilder, trouble: Trouble
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    trouble(KeyboardInterrupt(), 2)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        tasks.send(mailing.pk)
    assert sorted(results(mailing).values()) == ["sending", "sent", "waiting"]


def test_a_row_that_another_worker_has_is_not_taken(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    first = mailing.recipients.order_by("pk").first()
    assert first is not None
    Recipient.objects.filter(pk=first.pk).update(state=State.SENDING, claimed_at=timezone.now())
    assert tasks.send(mailing.pk) == 2
    assert first.contact.email not in got()


def test_a_long_mailing_lets_other_jobs_run(
    mailing_builder: MailingBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    monkeypatch.setattr(sender, "SLICE", 0.0)
    assert tasks.send(mailing.pk) == 0
    assert OrmQ.objects.count() == 1, "the rest is queued behind other work"


def test_the_sweep_skips_what_a_worker_has(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    first = mailing.recipients.order_by("pk").first()
    assert first is not None
    Recipient.objects.filter(pk=first.pk).update(claimed_at=timezone.now())
    assert tasks.sweep() == 0
    Recipient.objects.filter(pk=first.pk).update(claimed_at=None)
    assert tasks.sweep() == 3


def test_paused_no_one_gets_it_until_it_goes_on(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    sender.pause(mailing)
    assert tasks.send(mailing.pk) == 0 and tasks.sweep() == 0 and got() == []
    assert sender.start(mailing)
    assert tasks.sweep() == 3


def test_paused_between_two_emails(
    mailing_builder: MailingBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    real = sender._settle_sent

    def pausing(*arguments: Any) -> None:
        real(*arguments)
        sender.pause(mailing)

    monkeypatch.setattr(sender, "_settle_sent", pausing)
    assert tasks.send(mailing.pk) == 1
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED


def test_who_unsubscribed_or_got_a_seat_or_was_deleted_since_is_left_out(
    mailing_builder: MailingBuilder,
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    opt_out("P0@Example.com", OptOut.Source.COLLEAGUE)
    Registration.objects.filter(contact=contact(1)).update(
        **registration_in(Registration.State.REGISTERED)
    )
    contact(2).delete()
    found = eligibility.prospect(mailing)
    assert (found.chosen, found.will_get, found.unsubscribed, found.left) == (2, 0, 1, 1)
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 0 and got() == []
    assert {item.reason for item in mailing.recipients.all()} == {
        "They unsubscribed.",
        "They have left the audience since it was chosen.",
    }


@pytest.mark.rule(13)
def test_why_someone_was_left_out_is_in_the_readers_language(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    opt_out("p0@example.com", OptOut.Source.COLLEAGUE)
    sender.start(mailing)
    with override("fr"):
        tasks.send(mailing.pk)
    page = marketer.get(f"/mailings/{mailing.pk}/?state=skipped", headers={"Accept-Language": "en"})
    assert "They unsubscribed." in page.content.decode()


def test_a_person_without_link_gets_no_email_with_a_gap(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.REGISTERED, text="Join: {join_link}")
    Registration.objects.filter(contact=contact(3)).update(join_url="")
    assert eligibility.prospect(mailing).no_join_link == 1
    sender.start(mailing)
    tasks.send(mailing.pk)
    assert set(got()) == people(4, 5)
    assert "https://join.example/secret" in mail.outbox[0].body
    reason = mailing.recipients.get(contact=contact(3)).reason
    assert reason == "There is no value for {join_link}."


def test_a_refused_address_fails_with_the_servers_message_and_the_rest_goes_on(
    mailing_builder: MailingBuilder, trouble: Trouble
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    refused = smtplib.SMTPRecipientsRefused({"p0@example.com": (550, b"No such user")})
    trouble(refused, 1)
    assert tasks.send(mailing.pk) == 2
    row = mailing.recipients.get(state=State.FAILED)
    assert row.server_message == "No such user"


def test_a_full_mailbox_is_tried_again_later(
    mailing_builder: MailingBuilder, trouble: Trouble
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    trouble(smtplib.SMTPRecipientsRefused({"p0@example.com": (452, b"Mailbox full")}), 1)
    assert tasks.send(mailing.pk) == 2
    row = mailing.recipients.get(state=State.WAITING)
    assert row.next_try_at is not None and row.next_try_at > timezone.now()
    assert tasks.send(mailing.pk) == 0
    Recipient.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
    assert tasks.send(mailing.pk) == 1 and len(set(got())) == 3


def test_a_server_that_refuses_us_pauses_the_mailing_with_its_message(
    mailing_builder: MailingBuilder, trouble: Trouble
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    trouble(smtplib.SMTPSenderRefused(553, b"Not from you", "x"), 2)
    assert tasks.send(mailing.pk) == 1
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED and mailing.server_message == "Not from you"
    assert sorted(results(mailing).values()) == ["sent", "waiting", "waiting"]


def test_an_unreachable_server_loses_no_email(
    mailing_builder: MailingBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)

    def away(self: Any) -> None:
        raise ConnectionRefusedError("refused")

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", away)
        assert tasks.send(mailing.pk) == 0
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert mailing.problem == "The mail server cannot be reached."
    assert sender.start(mailing)
    assert tasks.send(mailing.pk) == 3


def test_a_connection_that_breaks_during_an_email_is_reported_and_not_repeated(
    mailing_builder: MailingBuilder, trouble: Trouble
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    trouble(smtplib.SMTPServerDisconnected("gone"), 1)
    tasks.send(mailing.pk)
    tasks.send(mailing.pk)
    assert sorted(results(mailing).values()) == ["sent", "sent", "unknown"]


def test_without_a_mail_server_no_email_is_claimed_to_be_sent(
    mailing_builder: MailingBuilder, settings: Any
) -> None:
    settings.MAIL_READY = False
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 0
    assert set(results(mailing).values()) == {"waiting"}


@pytest.mark.rule(5)
def test_of_a_permanently_erased_person_no_row_stays(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    contact(0).delete()
    bury("p0@example.com", permanent=True)
    assert mailing.recipients.count() == 2


def test_thousands_of_recipients_are_added_in_a_few_queries(
    mailing_builder: MailingBuilder,
) -> None:
    insert_people(mailing_builder.world.webinar, 3000, prefix="many")
    people_there = members(mailing_builder.world.webinar, Audience.REGISTERED)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        mailing = audience.for_audience(
            mailing_builder.world.webinar,
            Audience.REGISTERED,
            people_there,
            user_id=None,
            language="en",
        )
    assert mailing.recipients.count() == 3003
    assert len(queries) < 40
    with CaptureQueriesContext(connection) as queries:
        assert eligibility.prospect(mailing).will_get == 3003
    assert len(queries) < 48


def test_chosen_contacts_get_it_without_an_audience(mailing_builder: MailingBuilder) -> None:
    ids = Contact.objects.filter(email__in=people(4, 5)).values_list("pk", flat=True)
    mailing = audience.for_contacts(ids, user_id=None, language="en")
    Mailing.objects.filter(pk=mailing.pk).update(subject="Hi {first_name}", text="x")
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 2 and set(got()) == people(4, 5)
