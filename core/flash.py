"""Flash messages about queued jobs."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _


def flash_result(request: HttpRequest, begun: bool, message: str) -> None:
    """Show `message` if the job was queued, otherwise that it was not and what to do."""
    if begun:
        messages.success(request, message)
    else:
        flash_not_begun(request)


def flash_not_begun(request: HttpRequest) -> None:
    """Show that the job could not be queued, and what to do."""
    messages.error(
        request,
        _(
            "The task queue does not respond, so this has not started. Try again in a "
            "minute. If this persists, contact the operator."
        ),
    )
