"""Mailings over real SMTP: for any answers of the server, the right people get them, once."""

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import override

from mailings import sender, tasks
from mailings.models import Mailing, Recipient
from mailings.reasons import Problem, Reason
from tests.mailings import smtp_server
from tests.mailings.conftest import MailingBuilder, people
from tests.mailings.smtp_server import MailServer
from tests.rows import insert_people
from webinars.audiences import Audience

State = Recipient.State


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server that receives emails."""
    with smtp_server.running() as made:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
        yield made


@pytest.fixture
def mailing(mailing_builder: MailingBuilder) -> Mailing:
    """A mailing to three people, p0 to p2, being sent."""
    made = mailing_builder.to(Audience.OVERFLOW)
    sender.start(made)
    return made


def results(mailing: Mailing) -> dict[str, tuple[str, str]]:
    rows = mailing.recipients.select_related("contact")
    return {row.contact.email[:2]: (row.state, row.reason_code) for row in rows}


SENT = (State.SENT, "")


@pytest.mark.rule(7)
def test_all_recipients_get_it_over_one_connection(mailing: Mailing, server: MailServer) -> None:
    assert tasks.send(mailing.pk) == 3
    assert set(server.recipients) == people(0, 1, 2) and server.lines == 1
    assert server.taken[0][1]["Subject"] == "Hello"


@pytest.mark.parametrize("command", ["RCPT", "DATA", "."])
@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "553 Not here", "551 Gone"])
def test_one_address_that_is_refused_stops_no_one_else(
    mailing: Mailing, server: MailServer, command: str, answer: str
) -> None:
    server.refuse(command, answer, "p0@example.com")
    assert tasks.send(mailing.pk) == 2
    assert results(mailing) == {"p0": (State.FAILED, Reason.REFUSED), "p1": SENT, "p2": SENT}
    row = mailing.recipients.get(state=State.FAILED)
    assert row.server_message == answer[4:]
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DONE


@pytest.mark.parametrize("answer", ["554 5.7.1 Spam", "552 5.3.4 Too big", "554 No", "550 5.6.0 X"])
def test_one_email_that_is_refused_does_not_stop_the_mailing_for_ever(
    mailing: Mailing, server: MailServer, answer: str
) -> None:
    server.refuse(".", answer, "p0@example.com")
    assert tasks.send(mailing.pk) == 2
    assert results(mailing) == {"p0": (State.FAILED, Reason.MESSAGE), "p1": SENT, "p2": SENT}
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DONE


def _to_many(mailing_builder: MailingBuilder) -> Mailing:
    insert_people(mailing_builder.world.webinar, 9, prefix="many")
    made = mailing_builder.to(Audience.REGISTERED)
    sender.start(made)
    return made


def test_after_five_refused_in_a_row_the_mailing_waits_for_a_person(
    mailing_builder: MailingBuilder, server: MailServer, marketer: Client
) -> None:
    mailing = _to_many(mailing_builder)
    server.refuse(".", "554 5.7.1 Looks like spam to <p3@example.com>")
    tasks.send(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED and mailing.problem_code == Problem.MESSAGES
    assert mailing.server_message == "5.7.1 Looks like spam to <…>"
    assert mailing.recipients.filter(state=State.FAILED).count() == 5
    assert tasks.sweep() == 0
    page = marketer.get(f"/mailings/{mailing.pk}/").content.decode()
    assert "rejected the last emails" in page and "Looks like spam" in page
    server.script = lambda command, to: None
    marketer.post(f"/mailings/{mailing.pk}/resume/")
    assert tasks.send(mailing.pk) == 7
    # Those five are sent again if a user requests it.
    marketer.post(f"/mailings/{mailing.pk}/repeat/", {"state": "failed"})
    assert tasks.send(mailing.pk) == 5
    assert len(set(server.recipients)) == len(server.recipients) == 12


def test_four_refused_and_one_accepted_are_not_five_in_a_row(
    mailing_builder: MailingBuilder, server: MailServer
) -> None:
    mailing = _to_many(mailing_builder)
    asked = 0

    def every_fifth(command: str, to: str) -> str | None:
        nonlocal asked
        if command != ".":
            return None
        asked += 1
        return None if asked % 5 == 0 else "554 5.7.1 Spam"

    server.script = every_fifth
    tasks.send(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DONE
    assert len(server.recipients) == 2 and asked == 12


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_what_the_server_cannot_take_yet_is_tried_again(
    mailing: Mailing, server: MailServer, command: str
) -> None:
    first: list[str] = []

    def busy(text: str, to: str) -> str | None:
        if text == command and len(first) < 1:
            first.append(to)
            return "451 4.7.1 Try again later"
        return None

    server.script = busy
    assert tasks.send(mailing.pk) == 2
    row = mailing.recipients.get(state=State.WAITING)
    assert (row.reason_code, row.server_message) == (Reason.LATER, "4.7.1 Try again later")
    assert tasks.send(mailing.pk) == 0
    Recipient.objects.update(next_try_at=None)
    assert tasks.send(mailing.pk) == 1
    assert len(server.recipients) == 3 and set(server.recipients) == people(0, 1, 2)


@pytest.mark.parametrize("command", ["CONNECT", "MAIL", "RCPT", "."])
def test_a_server_that_closes_temporarily_is_not_contacted(
    mailing: Mailing, server: MailServer, command: str
) -> None:
    server.refuse(command, "421 4.3.2 Closing")
    assert tasks.send(mailing.pk) == 0 and tasks.send(mailing.pk) == 0
    assert server.lines == 1, "no immediate retry"
    assert mailing.recipients.filter(next_try_at=None).count() == 2
    server.script = lambda command, to: None
    Mailing.objects.update(next_try_at=None)
    Recipient.objects.update(next_try_at=None)
    assert tasks.send(mailing.pk) == 3


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AUTH", "535 5.7.8 Wrong password"),
        ("MAIL", "530 5.7.0 Authentication required"),
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first"),
        ("MAIL", "553 5.7.1 Not your address"),
        ("CONNECT", "554 No mail from here"),
    ],
)
def test_a_server_that_refuses_us_pauses_the_mailing_and_loses_no_email(
    mailing: Mailing, server: MailServer, settings: Any, command: str, answer: str
) -> None:
    if command == "AUTH":
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "we", "secret"
    server.refuse(command, answer)
    assert tasks.send(mailing.pk) == 0
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.PAUSED
    assert (mailing.problem_code, mailing.server_message) == (Problem.REFUSED, answer[4:])
    assert set(mailing.recipients.values_list("state", "tries")) == {(State.WAITING, 0)}
    server.script = lambda command, to: None
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 3


def test_no_connection_pauses_the_mailing(
    mailing: Mailing, server: MailServer, settings: Any
) -> None:
    # Bound without listening: no one else gets this port in the meantime.
    with socket.socket() as select_nobody:
        select_nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = select_nobody.getsockname()[1]
        assert tasks.send(mailing.pk) == 0
    mailing.refresh_from_db()
    assert (mailing.state, mailing.problem_code) == (Mailing.State.PAUSED, Problem.AWAY)
    assert set(mailing.recipients.values_list("state", flat=True)) == {State.WAITING}
    settings.EMAIL_PORT = server.port
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 3


def test_a_server_without_tls_where_it_is_asked_for_pauses_the_mailing(
    mailing: Mailing, server: MailServer, settings: Any
) -> None:
    settings.EMAIL_USE_TLS = True
    assert tasks.send(mailing.pk) == 0
    mailing.refresh_from_db()
    assert (mailing.state, mailing.problem_code) == (Mailing.State.PAUSED, Problem.AWAY)
    assert "STARTTLS" in mailing.server_message


def test_a_connection_that_breaks_at_one_email_does_not_affect_the_others(
    mailing: Mailing, server: MailServer
) -> None:
    server.refuse(".", "", "p0@example.com")
    assert tasks.send(mailing.pk) == 2
    assert results(mailing) == {"p0": (State.UNKNOWN, Reason.BROKEN_OFF), "p1": SENT, "p2": SENT}


def test_a_connection_that_breaks_at_every_email_stops_the_mailing(
    mailing_builder: MailingBuilder, server: MailServer
) -> None:
    mailing = _to_many(mailing_builder)
    server.refuse(".", "")
    tasks.send(mailing.pk)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.problem_code) == (Mailing.State.PAUSED, Problem.BROKEN_OFF)
    assert mailing.recipients.filter(state=State.UNKNOWN).count() == 5


def test_an_invalid_email_address_stops_no_one_else(mailing: Mailing, server: MailServer) -> None:
    row = mailing.recipients.order_by("pk")[0]
    type(row.contact).objects.filter(pk=row.contact_id).update(email="p0 at, nowhere@")
    assert tasks.send(mailing.pk) == 2
    row.refresh_from_db()
    assert (row.state, row.reason_code) == (State.FAILED, Reason.ADDRESS)


@pytest.mark.parametrize("command", ["RCPT", ".", "MAIL", "CONNECT"])
@pytest.mark.parametrize("code", ["550 5.1.1", "554 5.7.1", "451 4.7.1", "535 5.7.8"])
def test_no_log_line_has_an_address_or_the_servers_message(
    mailing: Mailing,
    server: MailServer,
    caplog: pytest.LogCaptureFixture,
    command: str,
    code: str,
) -> None:
    server.script = lambda text, to: (
        f"{code} <{to or 'p0@example.com'}>: Recipient First0 unwanted" if text == command else None
    )
    with caplog.at_level(logging.DEBUG):
        tasks.send(mailing.pk)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("mailings")
    )
    assert code[:3] in ours
    assert "@" not in caplog.text and "unwanted" not in caplog.text and "First0" not in caplog.text


@pytest.mark.rule(13)
def test_why_it_was_refused_is_in_the_readers_language_beside_the_servers_message(
    mailing: Mailing, server: MailServer, marketer: Client
) -> None:
    server.refuse("RCPT", "550 5.1.1 No such user", "p0@example.com")
    with override("fr"):
        tasks.send(mailing.pk)
    page = marketer.get(f"/mailings/{mailing.pk}/?state=failed", headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert "does not accept email for this address" in text and "5.1.1 No such user" in text


def test_a_test_email_that_is_refused_reports_it(
    mailing_builder: MailingBuilder, server: MailServer, marketer: Client
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    User.objects.update(email="mia@example.com")
    server.refuse("RCPT", "550 5.1.1 No such user")
    row = mailing.recipients.all()[0]
    answer = marketer.post(f"/mailings/{mailing.pk}/test/", {"as": row.pk}, follow=True)
    assert "Its reply: 5.1.1 No such user" in answer.content.decode()
