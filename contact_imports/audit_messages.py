"""What colleagues did here, as sentences for the audit log (`core.audit`)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core import messages

messages.register(
    {
        "audit.import-started": _("Started the import."),
        "audit.imported": ngettext_lazy(
            "Imported %(count)d person.", "Imported %(count)d people.", "count"
        ),
        "audit.import-undone": _("Undid the import."),
        "audit.file-discarded": _("Discarded the file; no contacts were imported."),
        "audit.lines-exported": _("Exported lines of an import: %(count)d."),
    }
)
