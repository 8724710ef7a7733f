"""An action on a webinar and its audiences: email the people."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from core.panels import Link, Section
from mailings import audience as choosing
from webinars.audiences import LABELS, Audience, members
from webinars.models import Registration, Webinar
from webinars.panels import AudienceAction, audience_actions, audience_links, header

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


def _email(
    webinar: Webinar, audience: Audience, request: HttpRequest, people: QuerySet[Registration]
) -> HttpResponse:
    """Make a draft to chosen people of an audience, and open it."""
    mailing = choosing.for_audience(
        webinar,
        audience,
        people,
        filtered=people.count() != members(webinar, audience).count(),
        user_id=request.user.pk,
        language=choosing.reader_language(),
    )
    return redirect("mailings:mailing", mailing.pk)


header.register(Section("mailings/webinar_email.html", _audiences, order=5))
audience_links.register(
    Link(
        _("Email these people"),
        "mailings:write_to_audience",
        ("mailings.add_mailing",),
        posts=True,
    )
)
# For those of an audience, drafts have the join links and the usual template.
audience_actions.register(
    AudienceAction("write_to_contacts", _("Email"), "mailings.add_mailing", _email, order=-20)
)
