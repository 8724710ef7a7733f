"""Entry points of the background jobs of accounts."""

from accounts import notifications
from core.queue import job


@job
def report_password_guessing() -> int:
    """Email the operators if passwords are being guessed (runs each minute, emails once a day);
    return to how many."""
    return notifications.report_password_guessing()
