"""How uploaded files follow the people whom they name."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from contact_imports.models import ContactImport
from contact_imports.parsers import Unreadable, cells
from contacts.contact_hooks import ContactHooks, People, register
from core.audit import hide_names
from core.emails import email_key

State = ContactImport.State
_WRITTEN = (
    "state", "lease_until", "content", "columns", "sample", "filename", "sheet", "sheets", "error",
)  # fmt: skip


@register
class ContactImportHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Discard a file that waits to be imported and names one of `people`: nobody can be taken
        out of a file, and the person would come back with it. Its lines, of which those of new
        people name them, go too. Lines that were imported are deleted with their contacts."""
        scrubbed = 0
        for item in ContactImport.objects.order_by("pk").iterator(chunk_size=1):
            if len(item.content) and people.emails and _names(item, people):
                _discard(item)
            elif people.are_named_in(item.filename):
                item.filename = _("imported file")
            else:
                continue
            item.save(update_fields=_WRITTEN)
            hide_names([item])
            scrubbed += 1
        return {ContactImport._meta.label: scrubbed}


def _discard(item: ContactImport) -> None:
    if item.state == State.IMPORTING:
        # The worker who writes it stops; the sweep undoes what is written.
        item.state, item.lease_until = State.UNDOING, None
    elif item.state != State.UNDOING:
        item.lines.all().delete()
        item.state, item.lease_until = State.FAILED, None
    item.content, item.columns, item.sample = b"", [], []
    item.filename, item.sheet, item.sheets = _("discarded file"), "", []
    item.error = "named_deleted"


def _names(item: ContactImport, people: People) -> bool:
    """Tell whether a cell of the file has an address of `people`. What cannot be read is taken to
    name them."""
    try:
        found = cells(item.filename, bytes(item.content), item.encoding)
        return any(email_key(cell) in people.emails for cell in found)
    except Unreadable:
        return True
