"""The page to start an email: choose who gets it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mailings.views.rights import may_write
from mailings.webinar_panels import audiences_to_email
from segments.models import Segment
from webinars.audiences import counts_by_webinar
from webinars.models import Webinar

# The webinars that people write about: the next and the most recent ones.
_SHOWN = 8


@require_GET
@may_write
def new(request: HttpRequest) -> HttpResponse:
    """Show audiences, segments and contacts to choose from."""
    now = timezone.now()
    of_people = request.user.has_perm("webinars.view_registration")
    webinars: list[Any] = []
    if of_people:
        webinars = [
            *Webinar.objects.past(now).order_by("-ends_at")[:_SHOWN],
            *Webinar.objects.upcoming(now).by_next_date(now)[:_SHOWN],
        ]
    counted = counts_by_webinar(webinars)
    context = {
        "title": _("New email"),
        "webinars": [
            (webinar, audiences)
            for webinar in webinars
            if (audiences := audiences_to_email(counted[webinar.pk]))
        ],
        "segments": Segment.objects.all() if request.user.has_perm("contacts.view_contact") else (),
    }
    return TemplateResponse(request, "mailings/new.html", context)
