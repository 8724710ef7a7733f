"""The disk of SQLite is full: nothing is written partially, and all work resumes when there is
space again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.db.backends.signals import connection_created
from django.test import Client

from contacts.models import Contact
from registration_forms import spam_protection
from registration_forms.links import form_path
from registration_forms.models import Submission
from sync.models import SyncRun
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(database.vendor != "sqlite", reason="SQLite on a full disk"),
]


def pragma(words: str) -> int:
    with database.cursor() as cursor:
        return int(cursor.execute(f"PRAGMA {words}").fetchone()[0])


@contextmanager
def limit_disk(pages: int) -> Iterator[None]:
    """Let the database grow by this many pages and no more, like a full disk."""
    with database.cursor() as cursor:
        cursor.execute("VACUUM")
    most = pragma("page_count") + pages

    def bound(**_: object) -> None:
        pragma(f"max_page_count = {most}")

    # A request has its own connection.
    connection_created.connect(bound)
    bound()
    try:
        yield
    finally:
        connection_created.disconnect(bound)
        pragma("max_page_count = 1073741823")


def test_a_visitor_at_the_form_is_asked_to_try_again(
    webinar: Callable[[str], Webinar], settings: Any
) -> None:
    upcoming = webinar("upcoming")
    Webinar.objects.filter(pk=upcoming.pk).update(form_enabled=True)
    settings.FORM_LEAST_SECONDS = 0
    visitor = Client(raise_request_exception=False)

    def post(number: int) -> int:
        submitted = {
            "first_name": "A", "last_name": "B" * 100, "email": f"v{number}@example.com",
            "stamp": spam_protection.sign_form(upcoming.slug),
        }  # fmt: skip
        answer = visitor.post(form_path(upcoming), submitted)
        if answer.status_code == 500:
            assert "Try again in a moment." in answer.content.decode()
        return answer.status_code

    with limit_disk(pages=1):
        statuses = [post(number) for number in range(60)]
        stored = statuses.count(302)
        assert set(statuses) == {302, 500}
        assert Submission.objects.count() == Registration.objects.count() == stored
        assert Contact.objects.count() == stored
    assert post(100) == 302


def test_a_sync_fails_in_words_and_the_next_one_brings_the_rest(
    webinar: Callable[[str], Webinar],
) -> None:
    big = webinar("big")
    with limit_disk(pages=8), suppress(OperationalError):
        # Even the failure may not be stored: then the lease expires.
        assert run_sync(big).state == SyncRun.State.FAILED
    assert big.registrations.count() < 229
    SyncRun.objects.filter(state=SyncRun.State.RUNNING).update(lease_until="2020-01-01T00:00Z")
    assert run_sync(big).state == SyncRun.State.DONE
    assert big.registrations.count() >= 229
