"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _

from core import messages
from webinars.audiences import LABELS

messages.register(
    {
        "audit.audience-exported": _("Exported: %(what)s (%(count)s)."),
        "audit.questions-exported": _("Exported the questions: %(count)d."),
        "audit.question-answered": _("A question was marked as answered."),
        "audit.session-counts": _("A session counts from now on."),
        "audit.session-left-out": _("A session no longer counts."),
    }
    | {f"audit.audience-{audience}": label for audience, label in LABELS.items()}
)
