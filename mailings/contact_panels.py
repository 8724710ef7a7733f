"""An action on contacts: email them."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from contacts.models import Contact
from contacts.panels import contact_panels
from core.panels import Action
from mailings import audience


def _write_to(
    model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Contact]
) -> HttpResponse | None:
    """Create a draft to the selected contacts and open it."""
    if not queryset.exists():
        model_admin.message_user(request, _("No one would receive this email."), messages.ERROR)
        return None
    mailing = audience.for_contacts(
        list(queryset.order_by("pk").values_list("pk", flat=True)),
        user_id=request.user.pk,
        language=audience.reader_language(),
    )
    return redirect("mailings:mailing", mailing.pk)


# Emailing people is not a change of them.
contact_panels.actions.register(
    Action(
        "write_to_contacts", _("Email selected contacts…"), "mailings.add_mailing",
        _write_to, order=-20, page_label=_("Email"), icon="mail",
    )
)  # fmt: skip
