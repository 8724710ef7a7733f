"""Colleagues are invited by a link, and choose their password themselves."""

import datetime as dt
import logging
import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import PasswordLink
from tests.factories import UserFactory
from tests.fixtures.world import signed_in
from webinarsync import roles
from webinarsync.logging_config import Discreet

pytestmark = [pytest.mark.django_db, pytest.mark.pure]

ADD, USERS = "/admin/auth/user/add/", "/admin/auth/user/"
INVITED = {"email": "Mia@Example.com", "first_name": "Mia", "role": roles.MARKETERS}
NEW = {"new_password1": "a-long-Passw0rd", "new_password2": "a-long-Passw0rd"}


@pytest.fixture(autouse=True)
def mail_ready(settings: Any) -> None:
    settings.MAIL_READY = True
    settings.PUBLIC_URL = "https://webinars.example.com"


@pytest.fixture
def operator() -> Client:
    return signed_in(roles.OPERATORS)


def link_in(text: object) -> str:
    found = re.search(
        r"(?:https://webinars\.example\.com|http://testserver)(/\S+?/)[\s\"]", str(text)
    )
    assert found is not None, text
    return found[1]


def choose(link: str, **fields: str) -> Any:
    """Open a link in a separate browser, and choose a password."""
    browser = Client()
    opened: Any = browser.get(link, follow=True)
    if not opened.redirect_chain:
        return opened
    return browser.post(opened.redirect_chain[-1][0], NEW | fields, follow=True)


@pytest.mark.parametrize("role", [roles.MARKETERS, roles.OPERATORS])
def test_an_invited_colleague_chooses_a_password_and_is_in(operator: Client, role: str) -> None:
    page: Any = operator.post(ADD, INVITED | {"role": role}, follow=True)
    assert "A link to choose a password was sent to Mia@" in page.content.decode()
    mia = User.objects.get(username="mia@example.com")
    assert mia.is_staff and mia.is_active and not mia.has_usable_password()
    assert [group.name for group in mia.groups.all()] == [role]
    [message] = mail.outbox
    assert message.to == ["Mia@example.com"]
    assert "within 3 days" in message.body
    entered = choose(link_in(message.body))
    assert entered.status_code == 200
    assert "Your password is set." in entered.content.decode()
    # In any spelling of the address.
    by_hand = {"username": "MIA@example.com", "password": NEW["new_password1"]}
    assert Client().post("/admin/login/", by_hand)["Location"] == "/admin/"


def test_a_link_works_once(operator: Client) -> None:
    operator.post(ADD, INVITED)
    link = link_in(mail.outbox[0].body)
    assert choose(link).status_code == 200
    again = choose(link, new_password1="another-Passw0rd", new_password2="another-Passw0rd")
    assert "This link was used already, or is too old." in again.content.decode()
    assert User.objects.get(first_name="Mia").check_password(NEW["new_password1"])


def test_a_link_is_for_three_days(operator: Client) -> None:
    operator.post(ADD, INVITED)
    link = link_in(mail.outbox[0].body)
    with time_machine.travel(timezone.now() + dt.timedelta(days=3, minutes=1)):
        assert "is too old" in choose(link).content.decode()


def test_it_is_sent_again_and_the_former_link_is_void(operator: Client) -> None:
    operator.post(ADD, INVITED)
    mia = User.objects.get(first_name="Mia")
    listed = operator.get(USERS).content.decode()
    assert "Invitation pending" in listed and "Send again" in listed
    operator.post(f"/users/{mia.pk}/password-link/")
    first, second = (link_in(message.body) for message in mail.outbox)
    assert "is too old" in choose(first).content.decode()
    assert "Your password is set." in choose(second).content.decode()
    assert "Send again" not in operator.get(USERS).content.decode()


def test_without_email_the_link_is_shown_once(operator: Client, settings: Any) -> None:
    settings.MAIL_READY, settings.PUBLIC_URL = False, ""
    page = operator.post(ADD, INVITED)
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert mail.outbox == []
    assert "Your password is set." in choose(link_in(page.content.decode())).content.decode()
    mia = User.objects.get(first_name="Mia")
    assert "/choose-password/" not in operator.get(f"{USERS}{mia.pk}/change/").content.decode()
    # And for a user who has forgotten it later.
    page = operator.post(f"/users/{mia.pk}/password-link/")
    assert mia.has_usable_password()
    assert "Your password is set." in choose(link_in(page.content.decode())).content.decode()


def test_where_the_mail_server_refuses_the_link_is_shown(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError("mia@example.com is refused")

    monkeypatch.setattr("accounts.password_links.send_mail", refuse)
    page = operator.post(ADD, INVITED).content.decode()
    assert "The email could not be sent." in page
    assert "Your password is set." in choose(link_in(page)).content.decode()


def test_one_address_is_one_user(operator: Client) -> None:
    UserFactory.create(username="mia", email="mia@EXAMPLE.com")
    page = operator.post(ADD, INVITED).content.decode()
    assert "A user with this email address exists already." in page
    assert not User.objects.filter(first_name="Mia").exists()


def test_someone_who_was_locked_out_does_not_come_back_by_a_link(operator: Client) -> None:
    operator.post(ADD, INVITED)
    User.objects.filter(first_name="Mia").update(is_active=False)
    assert "is too old" in choose(link_in(mail.outbox[0].body)).content.decode()


def test_an_operator_makes_no_link_for_a_superuser(operator: Client) -> None:
    root = User.objects.create_superuser("root", "root@example.com", "x")
    assert operator.post(f"/users/{root.pk}/password-link/").status_code == 404
    assert not PasswordLink.objects.exists()


def test_a_change_of_role_is_a_change_of_groups(operator: Client) -> None:
    mia = UserFactory.create(username="mia", role=roles.MARKETERS)
    further = mia.groups.create(name="Further")
    posted = {"username": "mia", "email": "mia@example.com", "is_active": "on"}
    operator.post(f"{USERS}{mia.pk}/change/", posted | {"role": roles.OPERATORS})
    mia.refresh_from_db()
    assert {group.name for group in mia.groups.all()} == {roles.OPERATORS, further.name}
    assert mia.is_staff


def test_a_superuser_may_have_no_role_and_gives_further_groups() -> None:
    root = User.objects.create_superuser("root", password="x")
    further = root.groups.create(name="Further")
    mia = UserFactory.create(username="mia", role=roles.MARKETERS)
    client = Client()
    client.force_login(root)
    posted = {"username": "mia", "email": "mia@example.com", "is_active": "on"}
    posted |= {"role": roles.MARKETERS, "groups": str(further.pk)}
    client.post(f"{USERS}{mia.pk}/change/", posted)
    assert {group.name for group in mia.groups.all()} == {roles.MARKETERS, "Further"}
    posted = {"username": "root", "is_active": "on", "is_superuser": "on", "role": ""}
    client.post(f"{USERS}{root.pk}/change/", posted)
    root.refresh_from_db()
    assert root.is_staff and root.is_superuser


def test_no_line_of_the_log_has_a_link() -> None:
    path = "/admin/choose-password/MQ/d8ab3x-0123456789abcdef0123456789abcdef/"
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
    line = Discreet("text").format(record)
    assert "/admin/choose-password/MQ/…/" in line and "0123456789" not in line
