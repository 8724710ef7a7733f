"""The one dialog that deletes contacts, temporarily or permanently, from their page and from the
list."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from contacts.deletion import delete_contacts
from contacts.models import Activity, Contact
from contacts.panels import deleted_rows

# How many contacts are named; the others are counted.
_MOST_NAMED = 20


class DeletionDialog(ModelAdmin):
    """Show what is deleted with the contacts, and ask how to delete them."""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        contact = self.get_object(request, unquote(object_id))
        if contact is None or not self.has_delete_permission(request, contact):
            return super().delete_view(request, object_id, extra_context)
        chosen = Contact.objects.filter(pk=contact.pk)
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        if "post" in request.POST:
            self._delete(request, chosen)
            contacts = reverse("admin:contacts_contact_changelist")
            return redirect(add_preserved_filters(filters, contacts))
        page = reverse("admin:contacts_contact_change", args=[contact.pk])
        return self._ask(
            request, chosen, {"object": contact, "back": add_preserved_filters(filters, page)}
        )

    @admin.action(description=gettext_lazy("Delete…"), permissions=["delete"])
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Contact]
    ) -> HttpResponse | None:
        chosen = Contact.objects.filter(pk__in=queryset.order_by().values("pk"))
        if "post" in request.POST:
            self._delete(request, chosen)
            return None
        posted = {
            "action": "delete_selected",
            "select_across": request.POST.get("select_across", "0"),
        }
        return self._ask(
            request,
            chosen,
            {
                "hidden": [
                    *posted.items(),
                    *(
                        (ACTION_CHECKBOX_NAME, pk)
                        for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)
                    ),
                ],
                "back": request.get_full_path(),
            },
        )

    def _ask(
        self, request: HttpRequest, chosen: QuerySet[Contact], context: dict[str, Any]
    ) -> HttpResponse:
        named = list(chosen[: _MOST_NAMED + 1])
        count = len(named) if len(named) <= _MOST_NAMED else chosen.count()
        context |= {
            **self.admin_site.each_context(request),
            "title": ngettext("Delete contact", "Delete contacts", count),
            "opts": self.opts,
            "people": named[:_MOST_NAMED],
            "count": count,
            "unnamed": count - len(named[:_MOST_NAMED]),
            "removed": get_text_list(_removed(chosen), _("and")),
        }
        return TemplateResponse(request, "contacts/delete.html", context)

    def _delete(self, request: HttpRequest, chosen: QuerySet[Contact]) -> None:
        permanent = request.POST.get("how") == "permanently"
        with transaction.atomic():
            self.log_deletions(request, chosen)
            count = delete_contacts(chosen, permanent=permanent)
        message = ngettext("%(n)d contact was deleted.", "%(n)d contacts were deleted.", count)
        if permanent:
            message = ngettext(
                "%(n)d contact was deleted permanently.",
                "%(n)d contacts were deleted permanently.",
                count,
            )
        messages.success(request, message % {"n": count})


def _removed(chosen: QuerySet[Contact]) -> list[str]:
    """Return descriptions of what is deleted with the contacts."""
    lines = Activity.objects.filter(contact__in=chosen).count()
    own = ngettext("%(n)d timeline entry", "%(n)d timeline entries", lines) % {"n": lines}
    return [
        *(words for item in deleted_rows.before() for words in item.counted(chosen)),
        *([own] if lines else []),
        *(words for item in deleted_rows.after() for words in item.counted(chosen)),
    ]
