"""The contact hooks of imports. Deletions and the worker that reads a file lock the import's row,
so neither misses what the other writes."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from contact_imports import addresses, uploads
from contact_imports.models import ContactImport
from contacts.contact_hooks import ContactHooks, People, register
from core.audit import hide_names

State = ContactImport.State
_WRITTEN = (
    "state", "lease_until", "finished_at", "columns", "sample", "filename", "sheet", "sheets",
    "error", "error_params", "source_message", "read_as", "look_for", "source_key",
    "source_position",
)  # fmt: skip


@register
class ContactImportHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Discard a pending file that contains one of `people`: a single person cannot be removed
        from a file, and would return with it. Its lines, which name new people, are deleted too.
        Lines that were imported are deleted with their contacts."""
        hashes = addresses.hashes_of(people.emails)
        scrubbed = 0
        items = ContactImport.objects.select_for_update().order_by("pk")
        for item in items.iterator(chunk_size=1):
            if item.state == State.READING and hashes:
                item.look_for += hashes
                item.save(update_fields=["look_for"])
            if uploads.is_stored(item) and addresses.names(item, hashes):
                _discard(item)
            elif people.are_named_in(f"{item.filename} {item.source_message}"):
                item.filename = _("imported list") if item.source else _("imported file")
                item.source_message = ""
            else:
                continue
            item.save(update_fields=_WRITTEN)
            hide_names([item])
            scrubbed += 1
        return {ContactImport._meta.label: scrubbed}


def discard_if_deleted(item: ContactImport, found: bytes | None) -> bool:
    """Discard a file that was read and contains the addresses `found`, if one of them was deleted
    in the meantime; return whether it was. Called with the import's row locked."""
    if not addresses.have(found, item.look_for):
        return False
    _discard(item)
    item.save(update_fields=_WRITTEN)
    hide_names([item])
    return True


def _discard(item: ContactImport) -> None:
    if item.state == State.IMPORTING:
        # The worker that writes it stops; the sweep undoes what was written.
        item.state, item.lease_until = State.UNDOING, None
    elif item.state != State.UNDOING:
        item.lines.all().delete()
        item.state, item.lease_until = State.FAILED, None
        item.finished_at = item.finished_at or timezone.now()
    uploads.forget(item)
    item.columns, item.sample, item.look_for = [], [], []
    item.filename, item.sheet, item.sheets, item.read_as = _("discarded file"), "", [], {}
    item.error, item.error_params, item.source_message = "named_deleted", {}, ""
    if item.source:
        # Without its key the list is not read again: the person would return with it.
        item.filename, item.error = _("discarded list"), "list_named_deleted"
        item.source_key, item.source_position = "", {}
