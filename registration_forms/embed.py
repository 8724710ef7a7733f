"""The section of a webinar's registration form: lines to embed it, and changed requirements."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html

from registration_forms import fields
from registration_forms.links import form_path
from webinars.models import Registration, Webinar

State = Registration.State
# How many people who are not on the platform yet are checked for what they lack.
_SAMPLE_SIZE = 2000


def form_tools(request: HttpRequest, webinar: Webinar) -> dict[str, Any]:
    """Return the template context of the section."""
    form = request.build_absolute_uri(form_path(webinar))
    script = request.build_absolute_uri(static("webinarsync/embed.js"))
    newly = [
        (fields.label(name), dt.datetime.fromisoformat(at))
        for name, at in webinar.newly_required.items()
    ]
    return {
        "form_address": form,
        "embed_script": format_html(
            '<script src="{}" data-form="{}" async></script>', script, form
        ),
        "embed_frame": format_html(
            '<iframe src="{}?embed=1" title="{}" data-webinarsync loading="lazy"'
            ' style="width:100%;border:0;height:60rem"></iframe><script src="{}" async></script>',
            form,
            webinar.subject,
            script,
        ),
        "frame_origins": settings.FORM_FRAME_ORIGINS,
        "newly_required": newly,
        "lacking": _lacking(webinar) if newly else 0,
    }


def _lacking(webinar: Webinar) -> int:
    """Return how many people who are still to be sent lack something that the platform requires."""
    rows = webinar.registrations.unsent()
    people = rows.select_related("contact")[:_SAMPLE_SIZE]
    form = fields.Form.of(webinar)
    return sum(bool(form.missing(item.submitted, item.contact)) for item in people)
