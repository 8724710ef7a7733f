"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register(
    {
        "audit.draft-discarded": _("Discarded the draft; no email was sent."),
        "audit.sending-started": _("Sending started, to %(count)d people at most."),
        "audit.sending-paused": _("Sending paused."),
        "audit.sending-resumed": _("Sending resumed."),
        "audit.sending-again": _("Sending again to %(count)d people."),
    }
)
