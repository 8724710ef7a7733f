"""What somebody is told who asked for work that a worker does."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _


def flash_result(request: HttpRequest, begun: bool, message: str) -> None:
    """Show `message` where a worker was asked; else that none could be, and what to do."""
    if begun:
        messages.success(request, message)
    else:
        flash_not_begun(request)


def flash_not_begun(request: HttpRequest) -> None:
    """Show that no worker could be asked."""
    messages.error(
        request,
        _(
            "The queue of tasks does not answer, so this has not begun. Press again in a minute; "
            "if it stays so, tell the operator."
        ),
    )
