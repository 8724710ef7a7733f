"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register({"audit.link-sent": _("Sent a link to choose a password.")})
