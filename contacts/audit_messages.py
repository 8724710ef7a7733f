"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register(
    {
        "audit.view-saved": _("View saved."),
        "audit.view-deleted": _("View deleted."),
        "audit.address-removed": _("Removed a former address."),
        # Without a name, which would outlive an erasure of the merged contact.
        "audit.merged": _("Another contact was merged into this one."),
        "audit.merge-undone": _("A merge was undone."),
        "audit.personal-data": _("Downloaded this person's data."),
    }
)
