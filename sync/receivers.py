"""Receivers of the signals of packages below."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from platforms.models import Connection
from platforms.signals import connected, event_received, lists_requested
from sync import queue
from webinars.models import Registration, Webinar
from webinars.signals import registrations_due, waiting_list_joined


@receiver([registrations_due, event_received])
def push(**_kwargs: Any) -> None:
    """Queue pushes and webhook events."""
    queue.queue_push()


@receiver(waiting_list_joined)
def promote(webinar: Webinar, **_kwargs: Any) -> None:
    """Queue a check of the waiting list: a seat may be free."""
    queue.queue_promotion(webinar)


@receiver(connected)
def release(connection: Connection, **_kwargs: Any) -> None:
    """Queue what waited for the sign-in."""
    now = timezone.now()
    waits = Registration.objects.pending().filter(
        webinar__connection=connection, next_push_at__gt=now
    )
    if waits.update(next_push_at=now):
        queue.queue_push()


@receiver(lists_requested)
def read_lists(user_id: int, **_kwargs: Any) -> int:
    """Queue a refresh of each connection's list of webinars."""
    return queue.queue_lists(user_id=user_id)
