"""The entry points of the background jobs of connections."""

from django.utils import timezone

from core.queue import enqueue, job
from platforms import notifications
from platforms.webhooks import subscriptions


def queue_webhooks() -> None:
    """Have the webhooks that are wanted set up now."""
    enqueue("platforms.tasks.set_up_webhooks")


@job
def set_up_webhooks() -> int:
    """Set up the webhooks that are wanted, and repair those that the platform lost (each minute:
    what is set up is looked at hourly). Return how many were looked at."""
    setups = list(subscriptions.due(timezone.now()))
    for setup in setups:
        subscriptions.set_up(setup)
    return len(setups)


@job
def report_refused_sign_ins() -> int:
    """Write to the operators about sign-ins that are refused (each minute; once for each); return
    about how many."""
    return notifications.report_refused_sign_ins()
