"""The header and tabs of all pages of a webinar."""

from typing import Any

from django import template

from contacts.timeline import answer_in_words
from webinars.audiences import Audience, counts_by_webinar
from webinars.models import Registration, Webinar
from webinars.panels import audience_links, header, registration_links, tabs
from webinars.phases import phase, when
from webinars.sent_values import in_words
from webinars.statuses import badge
from webinars.submitted_values import further_values

register = template.Library()
register.filter("answer_in_words", answer_in_words)
register.filter("further_values", further_values)
register.filter("changes_in_words", in_words)
register.filter("status_badge", badge)


@register.inclusion_tag("webinars/header.html", takes_context=True)
def webinar_header(context: Any, webinar: Any, here: str) -> dict[str, Any]:
    """Show date, key figures and actions of `webinar`, and its tabs that the reader may open;
    `here` is the open one."""
    request = context["request"]
    if not hasattr(webinar, "counts"):
        webinar.counts = counts_by_webinar([webinar])[webinar.pk]
    shown: dict[str, Any] = {
        "request": request,
        "perms": context.get("perms"),
        "csrf_token": context.get("csrf_token"),
        "webinar": webinar,
        "here": here,
        "phase": phase(webinar),
        "parts": list(header),
        "tabs": [
            (tab.label, tab.address_of(webinar.pk), tab.name == here)
            for tab in tabs
            if (tab.name == here or tab.applies(webinar)) and tab.is_for(request.user)
        ],
    }
    for part in header:
        shown |= part.context(request, webinar)
    return shown | when(webinar)


@register.inclusion_tag("webinars/audience_links.html", takes_context=True)
def links_of_audience(
    context: Any, webinar: Webinar, audience: Audience, query: str
) -> dict[str, Any]:
    """Show the actions on an audience, filtered by `query`."""
    user = context["request"].user
    return {
        "query": query,
        "csrf_token": context.get("csrf_token"),
        "links": [
            (link.label, link.address(webinar.pk, audience.value), link.posts)
            for link in audience_links
            if link.applies((webinar, audience)) and link.is_for(user)
        ],
    }


@register.inclusion_tag("webinars/registration_links.html", takes_context=True)
def links_of_registration(context: Any, registration: Registration) -> dict[str, Any]:
    """Show the actions on `registration`."""
    user = context["request"].user
    return {
        "links": [
            (link.label, link.address(registration.pk))
            for link in registration_links
            if link.applies(registration) and link.is_for(user)
        ]
    }
