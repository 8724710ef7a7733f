"""The task queue does not respond: a button reports that nothing has started, and works later."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from sync.models import Reconciliation
from tests.fixtures.world import World, signed_in
from webinarsync import roles

CHECK = "/webinars/{}/differences/start/"
BUTTONS = [
    CHECK,
    "/webinars/{}/sync/",
    "/webinars/{}/syncs/dry-run/",
    "/webinars/{}/waiting-list/let-in/",
    "/webinars/list/refresh/",
]
QUEUE_ERROR = "The task queue does not respond"


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_reports_it(queue_away: pytest.MonkeyPatch, world: World, button: str) -> None:
    answer = signed_in(roles.MARKETERS).post(button.format(world.webinar.pk), follow=True)
    assert answer.status_code == 200
    assert QUEUE_ERROR in answer.content.decode()


def test_so_does_the_action_on_several(queue_away: pytest.MonkeyPatch, world: World) -> None:
    chosen = {"action": "sync_now", "_selected_action": [world.webinar.pk]}
    answer = signed_in(roles.MARKETERS).post("/admin/webinars/webinar/", chosen, follow=True)
    assert QUEUE_ERROR in answer.content.decode()


@pytest.mark.parametrize("asked_before", [False, True])
def test_what_could_not_be_requested_is_requested_with_the_next_click(
    queue_away: pytest.MonkeyPatch, world: World, asked_before: bool
) -> None:
    client, button = signed_in(roles.MARKETERS), CHECK.format(world.webinar.pk)
    if asked_before:
        long_ago = timezone.now() - dt.timedelta(minutes=1)
        Reconciliation.objects.create(webinar=world.webinar, requested_at=long_ago)
    for _ in range(2):
        answer = client.post(button, follow=True).content.decode()
        assert QUEUE_ERROR in answer and "are being read" not in answer
        # A check whose first task may still run is not lost.
        assert Reconciliation.objects.count() == asked_before
    queue_away.undo()
    answer = client.post(button, follow=True).content.decode()
    assert "Both lists are being read." in answer
    assert OrmQ.objects.count() == 1 == Reconciliation.objects.count()
