"""Assign free seats of a full webinar to its waiting list (rule 6).

No one is removed from the list here: people are pushed like any other registration, keep
`waiting_since` until the platform has registered them, and keep their place if the platform was
full after all.
"""

from django.db import transaction
from django.utils import timezone

from platforms.contract import Client
from platforms.records import WebinarDetails
from sync.push.capacity import refresh_capacity
from sync.queue import queue_push
from webinars.models import Registration, Webinar
from webinars.registration_events import registrations_changed
from webinars.waitlist import waiting_list

State = Registration.State
# How many times to read the seats if another process writes them at the same time; then again in 5
# minutes.
_TRIES = 3


def promote(webinar: Webinar, client: Client) -> int:
    """Read the platform's free seats and send as many people as fit; return how many.

    Those already on the way count as seated, so that never one more is sent than there are seats.
    Raises PlatformError.
    """
    if not client.capabilities.waiting_list or not webinar.is_to_come:
        return 0
    if not waiting_list(webinar).exists():
        return 0
    for _ in range(_TRIES):
        asked_at = timezone.now()
        details = client.webinar(webinar.key)
        with transaction.atomic():
            # Two promotions at once would assign the same seats twice, so they take turns.
            locked = Webinar.objects.select_for_update().get(pk=webinar.pk)
            if locked.capacity_read_at is None or locked.capacity_read_at <= asked_at:
                return _send(locked, details)
        # Another process wrote the seats in the meantime, and it is unknown whose numbers are
        # newer.
    return 0


def _send(locked: Webinar, details: WebinarDetails) -> int:
    """Send as many as fit, by the seats just read, for a webinar whose row is locked."""
    refresh_capacity(locked, details)
    on_the_way = locked.registrations.pending().count()
    free = locked.free_seats
    room = None if free is None else max(0, free - on_the_way)
    chosen = list(waiting_list(locked).values_list("pk", flat=True)[:room])
    sent = (
        Registration.objects.waiting()
        .filter(pk__in=chosen)
        .update(
            state=State.PENDING,
            next_push_at=timezone.now(),
            push_attempts=0,
            problem_code="",
            problem_params={},
            platform_message="",
        )
    )
    if sent:
        registrations_changed(Registration.objects.pending().filter(pk__in=chosen))
        transaction.on_commit(queue_push, robust=True)
    return sent
