"""Decide whether a session counts (rule 8)."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.audit import log_change
from core.permissions import permitted
from webinars import sessions
from webinars.models import Session


@require_POST
@permitted("webinars.change_webinar")
def decide(request: HttpRequest, webinar_id: int, session_id: int) -> HttpResponseRedirect:
    """Let a session count, or not, by the form's `counts` ("yes" or "no")."""
    session = get_object_or_404(
        Session.objects.select_related("webinar"), pk=session_id, webinar=webinar_id
    )
    counts = request.POST.get("counts") == "yes"
    with transaction.atomic():
        sessions.decide(session, counts=counts)
        log_change(
            request.user.pk,
            session.webinar,
            "audit.session-counts" if counts else "audit.session-left-out",
        )
    message = (
        _("The session counts now. People who registered and did not attend are no-shows.")
        if counts
        else _("The session no longer counts. No one is a no-show because of it.")
    )
    messages.success(request, message)
    return HttpResponseRedirect(reverse("admin:webinars_webinar_change", args=[webinar_id]))
