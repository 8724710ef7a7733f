"""Email to the operators about a problem: once, and again if it was not accepted."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail

from accounts import operator_mail
from accounts.operator_mail import report_once
from platforms.models import Connection
from tests.factories import ConnectionFactory
from tests.fixtures.world import signed_in
from webinarsync import roles

PERMISSION = "platforms.change_connection"


@pytest.fixture(autouse=True)
def operators(db: None, settings: Any) -> None:
    settings.MAIL_READY = True
    signed_in(roles.OPERATORS)
    User.objects.update(email="operator@example.com")


def report() -> int:
    rows = Connection.objects.all()
    return report_once(rows, PERMISSION, lambda: ("Subject", "Text"), "a sign-in is refused")


def test_a_problem_is_reported_once() -> None:
    ConnectionFactory.create()
    assert report() == len(mail.outbox) == 1
    assert report() == 0 and len(mail.outbox) == 1
    Connection.objects.update(notified_at=None)
    assert report() == 1


def test_nothing_is_reported_without_a_problem() -> None:
    assert report() == 0 and mail.outbox == []


def test_an_email_that_is_not_accepted_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection = ConnectionFactory.create()

    def refuse(*_: object) -> None:
        raise OSError("no route")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(operator_mail, "send_mail", refuse)
        assert report() == 0
    assert "a sign-in is refused" in caplog.text
    connection.refresh_from_db()
    assert connection.notified_at is None and report() == 1
