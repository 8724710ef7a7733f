"""An action on a webinar and its audiences: email the people."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.panels import Link, Section
from webinars.audiences import LABELS, Audience
from webinars.panels import audience_links, header

# The audiences that are offered; the others are reached from their own lists.
_WRITTEN_TO = (
    Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW, Audience.OVERFLOW,
)  # fmt: skip


def audiences_to_email(counted: Mapping[Audience, int]) -> list[tuple[Audience, Any, int]]:
    """Return the audiences with people in them, each with its name and count."""
    return [
        (audience, LABELS[audience], counted[audience])
        for audience in _WRITTEN_TO
        if counted[audience]
    ]


def _audiences(_request: HttpRequest, webinar: Any) -> dict[str, Any]:
    return {"audiences_to_email": audiences_to_email(webinar.counts)}


header.register(Section("mailings/webinar_email.html", _audiences, order=5))
audience_links.register(
    Link(
        _("Email these people"),
        "mailings:write_to_audience",
        ("mailings.add_mailing",),
        posts=True,
    )
)
