"""A client that guesses passwords is blocked for a while, and no one else."""

import datetime as dt
import logging
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import LockoutCount
from accounts.notifications import report_password_guessing
from operations import doctor
from operations.tasks import clean_up

LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    for name in ("mia", "olga"):
        User.objects.create_user(name, password="a-Passw0rd", is_staff=True)


def sign_in(name: str, password: str, address: str = "203.0.113.5") -> int:
    answer = Client(REMOTE_ADDR=address).post(LOGIN, {"username": name, "password": password})
    return answer.status_code


def guess(name: str, times: int) -> list[int]:
    return [sign_in(name, f"guess-{number}") for number in range(times)]


def test_after_some_guesses_even_the_right_password_is_throttled() -> None:
    limit = settings.AXES_FAILURE_LIMIT
    assert guess("mia", limit + 1) == [200] * (limit - 1) + [429] * 2
    assert sign_in("mia", "a-Passw0rd") == 429
    # Not neighbouring networks, nor mia herself from her own network.
    assert sign_in("olga", "a-Passw0rd") == 302
    assert sign_in("mia", "a-Passw0rd", address="198.51.100.7") == 302


def test_it_shows_how_long_to_wait_and_for_that_long_only() -> None:
    guess("mia", settings.AXES_FAILURE_LIMIT)
    page = Client(REMOTE_ADDR="203.0.113.5").post(LOGIN, {"username": "mia", "password": "x"})
    assert "Wait 15 minutes, then sign in again." in page.content.decode()
    assert page["Retry-After"] == "900"
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    assert sign_in("mia", "a-Passw0rd") == 302


def test_a_few_mistakes_are_forgotten_with_the_right_password() -> None:
    few = settings.AXES_FAILURE_LIMIT - 1
    guess("mia", few)
    assert sign_in("mia", "a-Passw0rd") == 302
    assert guess("mia", few) == [200] * few


def test_behind_a_proxy_it_is_the_visitors_address_that_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "BEHIND_PROXY", True)
    form = {"username": "mia", "password": "x"}
    for number in range(settings.AXES_FAILURE_LIMIT + 2):
        guesser = Client(
            REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": f"1.2.3.4, 9.9.9.{number}"}
        )
        assert guesser.post(LOGIN, form).status_code == 200


def test_no_password_that_was_tried_is_stored() -> None:
    sign_in("mia", "a-password-of-elsewhere")
    stored = str(list(AccessAttempt.objects.values_list()))
    assert "a-password-of-elsewhere" not in stored


# -- wider than one name from one network ----------------------------------------------------------


def count_of(kind: LockoutCount.Kind) -> int:
    return sum(LockoutCount.objects.filter(kind=kind).values_list("count", flat=True))


def failed(times: int, name: str = "mia", network: str = "192.0.2.1") -> None:
    """Failures that were counted before."""
    AccessAttempt.objects.create(
        username=name, ip_address=network, failures_since_start=times, user_agent=""
    )


def browser_of(name: str, address: str = "203.0.113.5") -> Client:
    """A browser in which a user has signed in and out again."""
    client = Client(REMOTE_ADDR=address)
    form = {"username": name, "password": "a-Passw0rd"}
    assert client.post(LOGIN, form).status_code == 302
    client.post("/admin/logout/")
    return client


def test_many_names_from_one_address_are_limited_and_others_sign_in() -> None:
    limit = 5 * settings.AXES_FAILURE_LIMIT
    found = [sign_in(f"name-{number}", "x") for number in range(limit + 2)]
    assert found == [200] * (limit - 1) + [429] * 3
    assert sign_in("olga", "a-Passw0rd") == 429
    assert sign_in("olga", "a-Passw0rd", address="198.51.100.7") == 302
    assert count_of(LockoutCount.Kind.NETWORK) == 1


def test_an_ipv6_network_is_one_address() -> None:
    limit = settings.AXES_FAILURE_LIMIT
    found = [sign_in("mia", "x", f"2001:db8:1:2::{number:x}") for number in range(1, limit + 2)]
    assert found == [200] * (limit - 1) + [429] * 2
    assert sign_in("mia", "a-Passw0rd", "2001:db8:1:2:ffff::1") == 429
    assert sign_in("mia", "a-Passw0rd", "2001:db8:1:3::1") == 302
    # An IPv4 address written as IPv6 is that IPv4 address.
    guess("olga", limit)
    assert sign_in("olga", "a-Passw0rd", "::ffff:203.0.113.5") == 429


def test_one_name_from_many_addresses_has_one_try_from_each_and_the_right_password_one() -> None:
    failed(10 * settings.AXES_FAILURE_LIMIT)
    # A wrong password is the last try from there.
    assert sign_in("mia", "x", "198.51.100.8") == 429
    assert sign_in("mia", "a-Passw0rd", "198.51.100.8") == 429
    # The right password works from any other network.
    assert sign_in("mia", "a-Passw0rd", "198.51.100.9") == 302
    assert sign_in("olga", "x", "198.51.100.8") == 200
    assert count_of(LockoutCount.Kind.NAME) == 1


def test_a_flood_at_one_name_is_blocked_and_known_browsers_are_not() -> None:
    mine = browser_of("mia")
    failed(100 * settings.AXES_FAILURE_LIMIT)
    assert sign_in("mia", "a-Passw0rd", "198.51.100.9") == 429
    assert mine.post(LOGIN, {"username": "mia", "password": "a-Passw0rd"}).status_code == 302
    # It is known for the name that signed in there.
    failed(100 * settings.AXES_FAILURE_LIMIT, "olga")
    assert mine.post(LOGIN, {"username": "olga", "password": "a-Passw0rd"}).status_code == 429


def test_the_whole_installation_has_a_limit_and_accepts_the_right_password() -> None:
    tries = settings.AXES_FAILURE_LIMIT
    for number in range(100):
        failed(tries, f"name-{number}", f"192.0.2.{number}")
    assert sign_in("olga", "x", "198.51.100.8") == 429
    assert sign_in("olga", "a-Passw0rd", "198.51.100.9") == 302
    assert count_of(LockoutCount.Kind.INSTALLATION) == 1
    known = browser_of("mia", "198.51.100.10")
    failed(1000 * tries, "x", "192.0.2.254")
    assert sign_in("olga", "a-Passw0rd", "198.51.100.11") == 429
    assert known.post(LOGIN, {"username": "mia", "password": "a-Passw0rd"}).status_code == 302


def test_a_known_browser_has_its_own_tries_and_no_more() -> None:
    mine = browser_of("mia")
    # Another user behind the same address.
    guess("mia", settings.AXES_FAILURE_LIMIT)
    limit = settings.AXES_FAILURE_LIMIT
    found = [
        mine.post(LOGIN, {"username": "mia", "password": "x"}).status_code for _ in range(limit + 1)
    ]
    assert found == [200] * (limit - 1) + [429] * 2
    assert mine.post(LOGIN, {"username": "mia", "password": "a-Passw0rd"}).status_code == 429


def test_an_invented_cookie_is_no_known_browser() -> None:
    failed(100 * settings.AXES_FAILURE_LIMIT)
    for value in ("x", "mia", '["mia", "x"]', "a:b:c"):
        client = Client(REMOTE_ADDR="198.51.100.9")
        client.cookies[settings.KNOWN_BROWSER_COOKIE_NAME] = value
        form = {"username": "mia", "password": "a-Passw0rd"}
        assert client.post(LOGIN, form).status_code == 429


def test_who_goes_on_guessing_does_not_prolong_it() -> None:
    guess("mia", settings.AXES_FAILURE_LIMIT)
    before = AccessAttempt.objects.get().attempt_time
    guess("mia", 3)
    assert AccessAttempt.objects.get().attempt_time == before


def test_the_form_that_changes_a_password_takes_as_few_guesses() -> None:
    client = Client(REMOTE_ADDR="203.0.113.5")
    client.force_login(User.objects.get(username="mia"))

    def change(old: str) -> int:
        new = {"new_password1": "another-Passw0rd", "new_password2": "another-Passw0rd"}
        answer = client.post("/admin/password_change/", {"old_password": old} | new)
        return answer.status_code

    limit = settings.AXES_FAILURE_LIMIT
    assert [change(f"guess-{n}") for n in range(limit + 1)] == [200] * (limit - 1) + [429] * 2
    assert change("a-Passw0rd") == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    assert [change("x") for _ in range(limit - 1)] == [200] * (limit - 1)
    assert change("a-Passw0rd") == 302
    # The right one resets the wrong ones.
    assert not AccessAttempt.objects.exists()


def test_neither_log_nor_table_shows_who_was_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="axes"):
        guess("ana@example.com", settings.AXES_FAILURE_LIMIT + 1)
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert "203.0.113.5" in logged and "ana@example.com" not in logged
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    clean_up()
    assert not AccessAttempt.objects.exists()
    assert count_of(LockoutCount.Kind.NAME_AND_NETWORK) == 1


def test_operators_are_notified_once_a_day_and_not_of_a_forgotten_password() -> None:
    User.objects.create_superuser("root", email="root@example.com", password="x")
    guess("mia", settings.AXES_FAILURE_LIMIT)
    assert report_password_guessing() == 0
    assert _sign_in_finding().tone == doctor.Tone.GOOD
    for number in range(5 * settings.AXES_FAILURE_LIMIT):
        sign_in(f"name-{number}", "x")
    report_password_guessing()
    assert report_password_guessing() == 0
    [message] = mail.outbox
    assert message.to == ["root@example.com"]
    assert "Many names tried from one network: 1" in message.body
    finding = _sign_in_finding()
    assert finding.tone == doctor.Tone.WARNING
    assert "many names from one network 1 times" in finding.message


def test_a_mail_server_that_is_away_leaves_the_email_for_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    User.objects.create_superuser("root", email="root@example.com", password="x")
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    LockoutCount.objects.create(hour=hour, kind=LockoutCount.Kind.NAME, count=2)

    def away(*_args: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("accounts.operator_mail.send_mail", away)
        assert report_password_guessing() == 0
    assert report_password_guessing() == 1


def _sign_in_finding() -> doctor.Finding:
    return next(item for item in doctor.examine(offline=True) if item.about == "sign-in")
