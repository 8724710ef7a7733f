"""The page of a webinar's registration form: its link, the embed lines, and a preview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.permissions import permitted
from registration_forms.embed import form_tools
from webinars.models import Webinar


@require_GET
@permitted("webinars.view_webinar")
def form_page(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show a webinar's registration form: its link, the embed lines, and how it looks."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    context = {
        "title": webinar.subject,
        "subtitle": _("Form"),
        "webinar": webinar,
        **form_tools(request, webinar),
    }
    return TemplateResponse(request, "registration_forms/form_page.html", context)
