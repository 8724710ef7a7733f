"""Contacts as files: what an export holds, and cells that harm no spreadsheet."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from contacts.models import PROPERTIES, Contact
from contacts.opt_outs import has_opted_out

# A spreadsheet takes a cell that begins so for a formula and would execute it.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
# The columns that an import takes, and whether the person opted out of marketing emails, as
# `opted_out` says, with which the rows are annotated.
COLUMNS = ("email", "first_name", "last_name", *PROPERTIES, "source", "created_at", "unsubscribed")


def for_export(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Return `contacts` with what an export of them needs."""
    return contacts.annotate(opted_out=has_opted_out())


def row_of(contact: Any) -> list[object]:
    """Return the cells of COLUMNS for a contact of `for_export`."""
    return [
        yes_or_no(contact.opted_out) if name == "unsubscribed" else getattr(contact, name)
        for name in COLUMNS
    ]


def yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"


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

    unsubscribed = Field()

    class Meta:
        model = Contact
        name = _("Contacts")
        fields = COLUMNS
        export_order = fields

    def dehydrate_unsubscribed(self, contact: Any) -> str:
        return yes_or_no(contact.opted_out)

    def export_field(self, field: Field, instance: Contact, **kwargs: Any) -> str:
        return harmless(super().export_field(field, instance, **kwargs))
