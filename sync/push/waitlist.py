"""The waiting list of a full webinar: who waits, at which place, and who comes in next (rule 6).

Nobody is taken off the list here: whoever comes in is pushed like anybody else, keeps
`waiting_since` until GoTo has them, and is back at the old place if GoTo was full after all.
"""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.queue import queue_push
from platforms.gotowebinar import Client, WebinarDetails
from sync.push.capacity import keep_seats
from webinars.models import Registration, Webinar

State = Registration.State
# GoTo is asked so often for seats that another process writes at the same time; then in 5 minutes.
_TRIES = 3


def waiting_list(webinar: Webinar) -> QuerySet[Registration]:
    """Return those who wait for a seat, longest first."""
    return webinar.registrations.filter(state=State.OVERFLOW).order_by("waiting_since", "pk")


def place_of(registration: Registration) -> int:
    """Return the place of a waiting person, from 1."""
    since, pk = registration.waiting_since, registration.pk
    if since is None:
        return 1
    earlier = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lt=pk)
    return waiting_list(registration.webinar).filter(earlier).count() + 1


def must_queue(registration: Registration) -> bool:
    """Tell whether a newcomer belongs behind others: people wait, and come in by themselves."""
    if not registration.webinar.promote_by_itself or registration.waiting_since is not None:
        return False
    waits = Q(state=State.OVERFLOW) | Q(state=State.PENDING, waiting_since__isnull=False)
    return registration.webinar.registrations.filter(waits).exists()


def promote(webinar: Webinar, client: Client) -> int:
    """Ask GoTo for its free seats now and send as many people as fit; return how many.

    Whoever is on the way already counts as seated, so that never one more is sent than GoTo has
    room for. Raises GoToError.
    """
    if not webinar.is_to_come or not waiting_list(webinar).exists():
        return 0
    for _ in range(_TRIES):
        asked_at = timezone.now()
        details = client.webinar(webinar.key)
        with transaction.atomic():
            # Two promotions at once would send the same seats twice: one after the other.
            locked = Webinar.objects.select_for_update().get(pk=webinar.pk)
            if locked.seats_read_at is None or locked.seats_read_at <= asked_at:
                return _send(locked, details)
        # Somebody else has written the seats meanwhile, and nobody knows who read them last.
    return 0


def _send(locked: Webinar, details: WebinarDetails) -> int:
    """Send as many as fit by what GoTo just said of a webinar whose row is locked."""
    keep_seats(locked, details)
    on_the_way = locked.registrations.filter(state=State.PENDING).count()
    free = locked.free_seats
    room = None if free is None else max(0, free - on_the_way)
    chosen = list(waiting_list(locked).values_list("pk", flat=True)[:room])
    sent = Registration.objects.filter(pk__in=chosen, state=State.OVERFLOW).update(
        state=State.PENDING,
        next_push_at=timezone.now(),
        push_attempts=0,
        problem_code="",
        problem_params={},
        goto_words="",
    )
    if sent:
        transaction.on_commit(queue_push, robust=True)
    return sent
