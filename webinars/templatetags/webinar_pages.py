"""What all pages of a webinar share: the tabs that lead from one to the other."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.timeline import answer_in_words
from webinars.audiences import Audience
from webinars.models import Webinar
from webinars.sent_values import in_words
from webinars.submitted_values import further_values

register = template.Library()
register.filter("answer_in_words", answer_in_words)
register.filter("further_values", further_values)
register.filter("changes_in_words", in_words)


@register.inclusion_tag("webinars/tabs.html", takes_context=True)
def webinar_tabs(context: Any, webinar: Webinar, here: str) -> dict[str, Any]:
    """Show the tabs of `webinar`'s pages that the reader may open, with that called `here` open."""
    registrations = "webinars.view_registration"
    tabs = (
        ("overview", _("Overview"), "admin:webinars_webinar_change", (), "webinars.view_webinar"),
        ("people", _("People"), "webinars:audience", (Audience.REGISTERED.value,), registrations),
        ("waiting", _("Waiting list"), "sync:waiting", (), registrations),
        ("questions", _("Questions and polls"), "webinars:questions", (), registrations),
        (
            "form",
            _("Registration form"),
            "registration_forms:form_page",
            (),
            "webinars.view_webinar",
        ),
        ("bridge", _("Why the two lists differ"), "sync:bridge", (), registrations),
        ("given", _("What registrants gave"), "webinars:given", (), registrations),
        ("syncs", _("Sync history"), "sync:syncs", (), "webinars.view_webinar"),
    )
    may = context["request"].user.has_perm
    return {
        "webinar": webinar,
        "tabs": [
            (label, reverse(address, args=(webinar.pk, *rest)), name == here)
            for name, label, address, rest, permission in tabs
            if may(permission)
        ],
    }
