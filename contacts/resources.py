"""Contacts as files: what an export holds, and cells that harm no spreadsheet."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from contacts.models import PROPERTIES, Contact

# A spreadsheet takes a cell that begins so for a formula and would execute it.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = ("email", "first_name", "last_name", *PROPERTIES, "source", "created_at")


def harmless(cell: object) -> str:
    """Return `cell` as text that no spreadsheet executes."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def as_it_was(cell: object) -> str:
    """Return the text that `harmless` made `cell` of."""
    text = "" if cell is None else str(cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text


class ContactResource(ModelResource):  # type: ignore[misc]
    """Contacts for an export, a row each, in the columns that an import takes."""

    class Meta:
        model = Contact
        name = _("Contacts")
        fields = COLUMNS
        export_order = fields

    def export_field(self, field: Field, instance: Contact, **kwargs: Any) -> str:
        return harmless(super().export_field(field, instance, **kwargs))
