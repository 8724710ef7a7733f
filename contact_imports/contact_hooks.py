"""How uploaded files follow the people whom they name."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from contact_imports.models import ContactImport
from contact_imports.parsers import Unreadable, read, text_of
from contacts.contact_hooks import ContactHooks, People, register
from core.audit import hide_names
from core.emails import email_key


@register
class ContactImportHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Discard a file that waits to be imported and names one of `people`: nobody can be taken
        out of a file, and the person would come back with it."""
        scrubbed = 0
        for item in ContactImport.objects.order_by("pk").iterator(chunk_size=1):
            if len(item.content) and _names(item, people):
                item.state, item.lease_until = ContactImport.State.FAILED, None
                item.content, item.columns, item.sample, item.errors = b"", [], [], []
                item.filename = _("discarded file")
                item.error = _(
                    "Somebody whom the file names was deleted, so the file was discarded. Take "
                    "them out of it and upload it again."
                )
            elif people.are_named_in(item.filename):
                item.filename = _("imported file")
            else:
                continue
            item.save()
            hide_names([item])
            scrubbed += 1
        return {ContactImport._meta.label: scrubbed}


def _names(item: ContactImport, people: People) -> bool:
    """Tell whether a cell of the file has an address of `people`. What cannot be read is taken to
    name them."""
    try:
        rows = read(item.filename, bytes(item.content))
    except Unreadable:
        return True
    return any(email_key(text_of(cell)) in people.emails for row in rows for cell in row)
