"""The entry points of the background jobs of mailings."""

from django.conf import settings

from core.queue import hint, job
from mailings import sender
from mailings.models import Mailing


def queue(mailing: Mailing) -> None:
    """Ask a worker to send `mailing` now; a lost task is found by the sweep."""
    hint("mailings.tasks.send", mailing.pk)


def send(mailing_id: int) -> int:
    """Send what waits of a mailing for a while, and queue the rest behind other work."""
    sent = sender.send(mailing_id)
    if settings.MAIL_READY and sender.is_due(mailing_id):
        hint("mailings.tasks.send", mailing_id)
    return sent


@job
def sweep() -> int:
    """Continue every mailing that no one works on (each minute): emails whose next try has come,
    and what a worker that died has left."""
    sender.settle_lost()
    going = Mailing.objects.sending().order_by("pk")
    left = [pk for pk in going.values_list("pk", flat=True) if not sender.is_worked_on(pk)]
    return sum(send(pk) for pk in left)
