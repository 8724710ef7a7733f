"""Marking chosen contacts as internal: their addresses join the list of internal people."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import Contact
from webinars import internal

# More people are a company, which has a domain.
_MOST = 1_000


def mark_internal(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Contact]
) -> HttpResponse | None:
    """Say how many people it is, and mark them when that is confirmed."""
    # Without the list's own annotations, which are of no use here.
    contacts = Contact.objects.filter(pk__in=queryset.order_by().values("pk"))
    count = contacts.count()
    if count > _MOST:
        message = _(
            "At most %(most)d people can be marked as internal at once. Add their domain to the "
            "list of internal people instead."
        )
        messages.error(request, message % {"most": _MOST})
        return None
    if "sure" in request.POST:
        keys = list(contacts.values_list("email_key", flat=True))
        added = internal.add_addresses(keys, user_id=request.user.pk)
        message = ngettext(
            "%(count)d person was added to the internal people.",
            "%(count)d people were added to the internal people.",
            added,
        )
        messages.success(request, message % {"count": added})
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Mark as internal"),
        "count": count,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "webinars/mark_internal.html", context)
