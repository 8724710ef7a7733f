"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register(
    {
        "audit.segment-saved": _("Segment saved."),
        "audit.segment-renamed": _("Segment renamed."),
        "audit.segment-deleted": _("Segment deleted."),
        "audit.contacts-exported": _("Exported contacts: %(count)d."),
        "audit.found-exported": _("Exported the contacts found: %(count)d."),
    }
)
