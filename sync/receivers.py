"""What the packages below tell of, and ask for."""

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
    """Have registrations sent, and events followed up."""
    queue.queue_push()


@receiver(waiting_list_joined)
def promote(webinar: Webinar, **_kwargs: Any) -> None:
    """Have the waiting list looked at: a seat may be free."""
    queue.queue_promotion(webinar)


@receiver(connected)
def release(connection: Connection, **_kwargs: Any) -> None:
    """Send at once what waited for the sign-in."""
    now = timezone.now()
    waits = Registration.objects.pending().filter(
        webinar__connection=connection, next_push_at__gt=now
    )
    if waits.update(next_push_at=now):
        queue.queue_push()


@receiver(lists_requested)
def read_lists(user_id: int, **_kwargs: Any) -> int:
    """Have each connection's list of webinars read."""
    return queue.queue_lists(user_id=user_id)
