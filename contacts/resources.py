"""Exported files of contacts."""

from typing import Any

from django.db.models import Case, Prefetch, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from contacts.consents import has_agreed
from contacts.models import PROPERTIES, Contact, ContactTag
from contacts.opt_outs import has_opted_out
from core.csv_export import escape_row

# The columns that an import reads, and whether the person opted out of or agreed to marketing
# emails, as annotated by `opted_out` and `agreed`.
COLUMNS = (
    "email", "first_name", "last_name", *PROPERTIES, "source", "created_at", "unsubscribed",
    "marketing_consent", "tags",
)  # fmt: skip


def for_export(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Return `contacts` with the annotations and relations that an export needs."""
    links = ContactTag.objects.select_related("tag").order_by("tag__name_key")
    return contacts.annotate(
        opted_out=has_opted_out(),
        agreed=Case(When(has_agreed(), then=Value(True)), default=Value(False)),
    ).prefetch_related(Prefetch("tag_links", links))


def yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"


class ContactResource(ModelResource):  # type: ignore[misc]
    """Contacts for an export, one row each, in the columns that an import reads."""

    unsubscribed = Field()
    marketing_consent = Field()
    tags = Field()

    class Meta:
        model = Contact
        name = _("Contacts")
        fields = COLUMNS
        export_order = fields

    def dehydrate_unsubscribed(self, contact: Any) -> str:
        return yes_or_no(contact.opted_out)

    def dehydrate_marketing_consent(self, contact: Any) -> str:
        return yes_or_no(contact.agreed)

    def dehydrate_tags(self, contact: Contact) -> str:
        return "; ".join(str(link.tag) for link in contact.tag_links.all())

    def export_resource(self, instance: Contact, *args: Any, **kwargs: Any) -> list[str]:
        return escape_row(super().export_resource(instance, *args, **kwargs))
