"""Messages to a user who has started a job of a worker."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _


def flash_result(request: HttpRequest, begun: bool, message: str) -> None:
    """Show `message` if the job was queued, otherwise that it was not, and what to do."""
    if begun:
        messages.success(request, message)
    else:
        flash_not_begun(request)


def flash_not_begun(request: HttpRequest) -> None:
    """Show that the job could not be queued, and what to do."""
    messages.error(
        request,
        _(
            "The queue of tasks does not answer, so this has not begun. Press again in a minute; "
            "if it stays so, tell the operator."
        ),
    )
