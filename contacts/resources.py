"""Contacts as files: what an export holds, and what an import does."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from contacts.deletion import tombstones_of
from contacts.emails import email_key
from contacts.models import PROPERTIES, Contact
from webinars.models import Registration, Webinar
from webinars.sync.intake import register_contacts

# A spreadsheet takes a cell that begins so for a formula and would execute it.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NAMES = ("email", "first_name", "last_name", *PROPERTIES)


def harmless(cell: object) -> str:
    """Return `cell` as text that no spreadsheet executes."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def as_it_was(cell: object) -> str:
    """Return the text that `harmless` made `cell` of."""
    text = "" if cell is None else str(cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text


class ContactResource(ModelResource):  # type: ignore[misc]
    """Contacts, a row each, known by e-mail (rule 3).

    An import is a person's explicit wish: it changes people already here. A column that the file
    lacks is left alone. Somebody erased for good is passed over (rule 5). With a `webinar`,
    everybody of the file is registered for it.
    """

    def __init__(self, webinar: Webinar | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.webinar = webinar

    source = Field("source", column_name="source", readonly=True)
    created_at = Field("created_at", column_name="created_at", readonly=True)

    class Meta:
        model = Contact
        name = _("Contacts")
        fields = (*_NAMES, "source", "created_at")
        export_order = fields
        import_order = _NAMES
        import_id_fields = ("email",)
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        use_transactions = True

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Register everybody of the file, new or known, for the webinar that was chosen."""
        if self.webinar is None or kwargs.get("dry_run"):
            return
        people = {email_key(as_it_was(address)) for address in dataset["email"]}
        contacts = Contact.objects.filter(email_key__in=people).values_list("pk", flat=True)
        register_contacts(self.webinar, contacts, Registration.Source.IMPORT)

    def export_field(self, field: Field, instance: Contact, **kwargs: Any) -> str:
        return harmless(super().export_field(field, instance, **kwargs))

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        for name in row:
            if name in _NAMES:
                row[name] = as_it_was(row[name])

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Contact | None:
        return Contact.objects.filter(email_key=email_key(row.get("email", ""))).first()

    def init_instance(self, row: dict[str, Any] | None = None) -> Contact:
        return Contact(source=Contact.Source.IMPORT)

    def skip_row(
        self, instance: Contact, original: Contact, row: dict[str, Any], errors: Any = None
    ) -> bool:
        key = email_key(row.get("email", ""))
        stone = tombstones_of([key]).get(key) if instance._state.adding else None
        if stone is not None and stone.for_good:
            return True
        return bool(super().skip_row(instance, original, row, errors))
