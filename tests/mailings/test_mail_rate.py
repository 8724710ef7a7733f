"""All mailings together respect MAILS_PER_MINUTE, and lock no row while they wait for a turn."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import OptOut
from contacts.opt_outs import opt_out
from core.models import CallBudget
from mailings import rate_limit, sender, tasks
from mailings.models import Mailing, Recipient
from tests.factories import registration_in
from tests.mailings.conftest import MailingBuilder, contact
from webinars.audiences import Audience
from webinars.models import Registration

State = Recipient.State
DuringWait = Callable[[Callable[[], object]], list[float]]


def its_turn() -> None:
    """Make the next turn available."""
    CallBudget.objects.filter(name="mails").update(next_at=0)


@pytest.fixture
def during_wait(monkeypatch: pytest.MonkeyPatch) -> DuringWait:
    """Return a function that runs an action while a worker waits for its turn, which is then
    available; it returns the waits."""

    def make(happens: Callable[[], object]) -> list[float]:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            happens()
            its_turn()

        monkeypatch.setattr("mailings.sender.time.sleep", sleep)
        return waits

    return make


def test_without_a_limit_nothing_is_asked(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 3
    assert not CallBudget.objects.exists()


def test_a_turn_is_taken_once_and_the_next_is_a_step_later(db: None, settings: Any) -> None:
    settings.MAILS_PER_MINUTE = 6
    assert rate_limit.seconds_left() == 0
    assert rate_limit.reserve_turn() == 0
    assert 9 < rate_limit.reserve_turn() <= 10
    assert 9 < rate_limit.seconds_left() <= 10
    its_turn()
    assert rate_limit.reserve_turn() == 0


def test_a_raised_limit_applies_immediately(db: None, settings: Any) -> None:
    settings.MAILS_PER_MINUTE = 0.01
    assert rate_limit.reserve_turn() == 0
    settings.MAILS_PER_MINUTE = 60
    assert rate_limit.reserve_turn() == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_has_the_turn(settings: Any) -> None:
    settings.MAILS_PER_MINUTE = 1
    turns: list[float] = []
    ready = threading.Barrier(6)

    def ask() -> None:
        ready.wait()
        turns.append(rate_limit.reserve_turn())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert turns.count(0.0) == 1 and len(turns) == 6


def test_two_mailings_share_the_turns(mailing_builder: MailingBuilder, settings: Any) -> None:
    settings.MAILS_PER_MINUTE = 1
    first, second = mailing_builder.to(Audience.OVERFLOW), mailing_builder.to(Audience.REGISTERED)
    for mailing in (first, second):
        sender.start(mailing)
    assert tasks.send(first.pk) == 1 and tasks.send(second.pk) == 0 and tasks.sweep() == 0
    its_turn()
    assert tasks.send(second.pk) == 1 and tasks.send(first.pk) == 0
    assert len(mail.outbox) == 2


def test_below_one_a_minute_no_row_is_held_and_no_worker_waits(
    mailing_builder: MailingBuilder, settings: Any, during_wait: DuringWait
) -> None:
    settings.MAILS_PER_MINUTE = 0.05
    waits = during_wait(lambda: None)
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 1
    assert waits == [] and not OrmQ.objects.exists()
    assert not mailing.recipients.filter(state=State.SENDING).exists()
    # Twenty minutes later, longer than any claim, no one "may have been sent" anything.
    Recipient.objects.exclude(claimed_at=None).update(
        claimed_at=timezone.now() - dt.timedelta(minutes=20)
    )
    its_turn()
    assert tasks.sweep() == 1
    # The sweep returns for each turn, though a row was claimed a moment ago.
    its_turn()
    assert tasks.sweep() == 1
    assert not mailing.recipients.filter(state=State.UNKNOWN).exists()
    assert len(mail.outbox) == len({message.to[0] for message in mail.outbox}) == 3


@pytest.mark.rule(11)
def test_who_opts_out_while_a_turn_is_waited_for_gets_nothing(
    mailing_builder: MailingBuilder, settings: Any, during_wait: DuringWait
) -> None:
    settings.MAILS_PER_MINUTE = 6
    waits = during_wait(lambda: opt_out("p1@example.com", OptOut.Source.LINK))
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 2
    assert {message.to[0] for message in mail.outbox} == {"p0@example.com", "p2@example.com"}
    # People left out use no turn: two emails, one wait between them.
    assert len(waits) == 1


def test_who_leaves_the_audience_while_a_turn_is_waited_for_gets_nothing(
    mailing_builder: MailingBuilder, settings: Any, during_wait: DuringWait
) -> None:
    settings.MAILS_PER_MINUTE = 6
    rows = Registration.objects.filter(contact=contact(1))
    during_wait(lambda: rows.update(**registration_in(Registration.State.REGISTERED)))
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 2
    assert "p1@example.com" not in {message.to[0] for message in mail.outbox}


def test_paused_while_a_turn_is_waited_for(
    mailing_builder: MailingBuilder, settings: Any, during_wait: DuringWait
) -> None:
    settings.MAILS_PER_MINUTE = 6
    mailing = mailing_builder.to(Audience.OVERFLOW)
    during_wait(lambda: sender.pause(mailing))
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 1
    assert sorted(mailing.recipients.values_list("state", flat=True)) == [
        State.SENT, State.WAITING, State.WAITING,
    ]  # fmt: skip


def test_no_one_is_claimed_while_a_turn_is_waited_for(
    mailing_builder: MailingBuilder, settings: Any, during_wait: DuringWait
) -> None:
    settings.MAILS_PER_MINUTE = 6
    mailing = mailing_builder.to(Audience.OVERFLOW)
    held: list[bool] = []
    claimed = Mailing.objects.filter(recipients__state=State.SENDING)
    waits = during_wait(lambda: held.append(claimed.exists()))
    sender.start(mailing)
    assert tasks.send(mailing.pk) == 3
    assert held == [False, False] and len(waits) == 2
