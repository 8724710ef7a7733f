"""Entry points of the background jobs of connections."""

from django.utils import timezone

from core.queue import enqueue, job
from platforms import notifications
from platforms.webhooks import subscriptions


def queue_webhooks() -> None:
    """Queue the setup of webhooks."""
    enqueue("platforms.tasks.set_up_webhooks")


@job
def set_up_webhooks() -> int:
    """Set up the webhooks that are enabled, and repair those that the platform lost (each minute;
    complete ones are checked hourly). Return how many were checked."""
    setups = list(subscriptions.due(timezone.now()))
    for setup in setups:
        subscriptions.set_up(setup)
    return len(setups)


@job
def report_refused_sign_ins() -> int:
    """Email the operators about refused sign-ins (each minute; once for each); return about how
    many."""
    return notifications.report_refused_sign_ins()
