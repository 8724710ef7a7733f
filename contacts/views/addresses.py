"""Views of former addresses."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import contact_hooks, events
from contacts.models import AlternateEmail
from core.audit import log_change
from core.permissions import permitted


@require_POST
@permitted("contacts.change_contact")
def remove(request: HttpRequest, alternate_id: int) -> HttpResponse:
    """Remove a former address: someone who uses it is a different person from now on (rule 3)."""
    further = get_object_or_404(AlternateEmail.objects.select_related("contact"), pk=alternate_id)
    with transaction.atomic():
        further.delete()
        contact_hooks.addresses_changed([further.contact_id])
        events.contacts_changed([(further.contact_id, ["former_addresses"])])
    log_change(request.user.pk, further.contact, "audit.address-removed")
    message = _("%(email)s no longer belongs to this contact.") % {"email": further.email}
    messages.success(request, message)
    return redirect("admin:contacts_contact_change", further.contact_id)
