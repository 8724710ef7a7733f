"""A user with a forgotten password gets a link, and no one can find out who has an account."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from accounts.models import PasswordLink, UserSession
from accounts.tasks import send_password_link
from core.models import QueuedJob
from tests.accounts.test_invitations import choose, link_in, mail_ready  # noqa: F401 (a fixture)
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.pure]

PAGE = "/admin/forgotten-password/"
JOB = "accounts.tasks.send_password_link"


@pytest.fixture(autouse=True)
def mia(db: None) -> User:
    return UserFactory.create(username="mia")


def request_link(email: str, network: str = "203.0.113.5") -> Any:
    return Client(REMOTE_ADDR=network).post(PAGE, {"email": email})


def work() -> None:
    for row in list(QueuedJob.objects.filter(kind=JOB)):
        row.delete()
        send_password_link(*row.args)


def test_the_sign_in_redirects_only_to_it() -> None:
    page = Client().get("/admin/login/").content.decode()
    assert f'href="{PAGE}"' in page
    assert "Return to site" not in page


def test_a_link_is_sent_and_other_sessions_end(mia: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(mia)
    assert request_link("MIA@example.com")["Location"] == f"{PAGE}sent/"
    # Neither the job nor anything else stored contains the link.
    assert QueuedJob.objects.get(kind=JOB).args == [mia.pk]
    work()
    [message] = mail.outbox
    assert message.subject == "Choose a new password for WebinarSync"
    assert "Your password is set." in choose(link_in(message.body)).content.decode()
    assert UserSession.objects.filter(user=mia).count() == 1
    assert elsewhere.get("/admin/")["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("flag", ["is_active", "is_staff"])
def test_whether_somebody_has_an_account_is_not_revealed(mia: User, flag: str) -> None:
    known, unknown = request_link("mia@example.com"), request_link("nobody@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    # A job in each case, so that both take equally long.
    assert QueuedJob.objects.filter(kind=JOB).count() == 2
    User.objects.update(**{flag: False})
    work()
    assert mail.outbox == []


def test_requests_count_as_wrong_passwords_do() -> None:
    tries = project.AXES_FAILURE_LIMIT
    found = [request_link("mia@example.com").status_code for _ in range(tries + 1)]
    assert found == [302] * (tries - 1) + [429] * 2
    # Not for others, nor from elsewhere.
    assert request_link("olga@example.com").status_code == 302
    assert request_link("mia@example.com", network="198.51.100.7").status_code == 302


def test_no_mailbox_is_filled(mia: User) -> None:
    for _ in range(3):
        request_link("mia@example.com")
        work()
    assert len(mail.outbox) == 1
    PasswordLink.objects.update(sent_at=PasswordLink.objects.get().sent_at - dt.timedelta(hours=1))
    request_link("mia@example.com")
    work()
    assert len(mail.outbox) == 2


def test_who_was_invited_and_lost_the_email_gets_the_invitation(mia: User) -> None:
    mia.set_unusable_password()
    mia.save()
    request_link("mia@example.com")
    work()
    assert mail.outbox[0].subject == "You're invited to WebinarSync"


def test_without_email_it_shows_whom_to_ask(settings: Any) -> None:
    settings.MAIL_READY = False
    page = Client().get(PAGE).content.decode()
    assert "This installation sends no email." in page and "<form" not in page.split("<main")[-1]
    request_link("mia@example.com")
    assert not QueuedJob.objects.exists()
