"""Whoever guesses passwords is stopped for a while, and nobody else."""

import datetime as dt

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

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


def test_after_some_guesses_even_the_right_password_has_to_wait() -> None:
    limit = settings.AXES_FAILURE_LIMIT
    assert guess("mia", limit + 1) == [200] * (limit - 1) + [429] * 2
    assert sign_in("mia", "a-Passw0rd") == 429
    # Not those beside, nor mia herself from where she works.
    assert sign_in("olga", "a-Passw0rd") == 302
    assert sign_in("mia", "a-Passw0rd", address="198.51.100.7") == 302


def test_it_says_how_long_to_wait_and_for_that_long_only() -> None:
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


def test_no_password_that_was_tried_is_kept() -> None:
    sign_in("mia", "a-password-of-elsewhere")
    kept = str(list(AccessAttempt.objects.values_list()))
    assert "a-password-of-elsewhere" not in kept
