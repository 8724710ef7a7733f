"""Entry points of the background jobs of mailings."""

from django.conf import settings

from core.queue import hint, job
from mailings import sender
from mailings.models import Mailing


def queue(mailing: Mailing) -> None:
    """Queue `mailing` for sending; the sweep finds lost tasks."""
    hint("mailings.tasks.send", mailing.pk)


def send(mailing_id: int) -> int:
    """Send what waits of a mailing for a while, and queue the rest behind other work."""
    sent = sender.send(mailing_id)
    if settings.MAIL_READY and sender.is_due(mailing_id):
        hint("mailings.tasks.send", mailing_id)
    return sent


@job
def sweep() -> int:
    """Continue every mailing without a worker (each minute): retries that are due, and what killed
    workers left."""
    sender.settle_lost()
    going = Mailing.objects.sending().order_by("pk")
    left = [pk for pk in going.values_list("pk", flat=True) if not sender.is_worked_on(pk)]
    return sum(send(pk) for pk in left)
