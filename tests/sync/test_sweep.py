"""The sweep pushes delayed registrations, and leaves workers free for syncs."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from registration_forms.registrations import FormData, submit
from sync import tasks
from sync.push.push import Pusher
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]
PEOPLE = [
    {"first_name": "Anna", "last_name": str(number), "email": f"anna{number}@example.com"}
    for number in range(3)
]


def test_a_sweep_ends_before_the_next_begins(
    webinar: ByLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    upcoming = webinar("upcoming")
    for person in PEOPLE:
        submit(upcoming, FormData(person))
    assert tasks.sweep_pushes() == 0, "the pushers get a moment first"
    Registration.objects.update(next_push_at=timezone.now() - dt.timedelta(minutes=1))

    class Slow(Pusher):
        def push(self, registration_id: int) -> bool:
            moved.append(registration_id)
            return super().push(registration_id)

    moved: list[int] = []
    now = timezone.now()
    monkeypatch.setattr(
        "sync.push.push.timezone.now",
        lambda: now + len(moved) * dt.timedelta(seconds=30),
    )
    monkeypatch.setattr("sync.push.push.Pusher", Slow)
    assert tasks.sweep_pushes() == 2
    assert tasks.sweep_pushes() == 1
