"""Entry points of the background jobs of accounts."""

from accounts import notifications, password_links
from core.queue import job


@job
def report_password_guessing() -> int:
    """Email the operators if passwords are being guessed (runs each minute, emails once a day);
    return to how many."""
    return notifications.report_password_guessing()


@job
def send_password_link(user_id: int) -> bool:
    """Email a user the link that was asked for at the sign-in; return whether it was sent. 0 is
    no one: an address that no user has."""
    return password_links.send_requested_link(user_id)
