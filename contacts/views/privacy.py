"""Pages about stored personal data: the file about one contact, and data retention."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.models import Contact
from contacts.panels import personal_data_requirements, retention_requirements
from contacts.personal_data import personal_data_of
from contacts.retention import outdated
from core.audit import Action, log_change
from core.permissions import permitted

_PAGE = 50


@require_GET
@permitted("contacts.view_contact", requirements=personal_data_requirements)
def personal_data(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Send everything stored about a contact as a JSON file, and log the download."""
    contact = get_object_or_404(Contact, pk=contact_id)
    log_change(request.user.pk, contact, "audit.personal-data", action=Action.EXPORTED)
    response = JsonResponse(
        personal_data_of(contact), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    response["Content-Disposition"] = f'attachment; filename="person-{contact.pk}.json"'
    return response


@require_GET
@permitted("contacts.delete_contact", requirements=retention_requirements)
def retention(request: HttpRequest) -> HttpResponse:
    """Show the contacts that are deleted next, and the setting."""
    people = outdated(timezone.now())
    context: dict[str, Any] = {
        "title": _("Data retention"),
        "days": settings.KEEP_PEOPLE_DAYS,
        "page": Paginator(people, _PAGE).get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "contacts/retention.html", context)
