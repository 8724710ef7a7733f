"""Everything stored about one person as plain data, for a request of access (GDPR, article 15) or
portability (article 20)."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from contacts import contact_hooks
from contacts.models import Contact
from core.encryption import EncryptedTextField

# Keys and hashes are left out: they say nothing about the person, and grant access to whoever
# reads them.
_LEFT_OUT = {"secret", "sender", "email_hash", "content"}


def personal_data_of(contact: Contact) -> dict[str, Any]:
    """Return `contact` and every row about them by kind; dates are ISO 8601 texts.

    Rows that would be deleted with the contact, or point to such rows, are found from the models,
    so tables added later are included. Rows that have only the person's address come from the apps'
    hooks.
    """
    data: dict[str, Any] = {"contact": _row(contact)}
    seen: set[tuple[type[models.Model], Any]] = {(Contact, contact.pk)}
    waiting: list[models.Model] = [contact]

    def include(row: models.Model) -> bool:
        """Include `row`, and return whether it is new."""
        if (type(row), row.pk) in seen:
            return False
        seen.add((type(row), row.pk))
        data.setdefault(str(row._meta.verbose_name_plural), []).append(_row(row))
        return True

    while waiting:
        waiting += [row for row in _belonging_to(waiting.pop(0)) if include(row)]
    for rows in contact_hooks.rows_about(contact_hooks.people_of([contact.pk])):
        for row in rows.order_by("pk"):
            include(row)
    return data


def _belonging_to(of: models.Model) -> Iterator[models.Model]:
    for field in of._meta.get_fields(include_hidden=True):
        if isinstance(field, models.ManyToOneRel) and field.related_model is not None:
            rows: Any = field.related_model._default_manager
            yield from rows.filter(**{field.field.name: of}).order_by("pk")


def _row(row: models.Model) -> dict[str, Any]:
    return {
        field.name: _plain(row, field)
        for field in row._meta.concrete_fields
        if field.name not in _LEFT_OUT and not isinstance(field, EncryptedTextField)
    }


def _plain(row: models.Model, field: Any) -> Any:
    """Return a field's value; of a relation, the name of what it points to."""
    if field.is_relation:
        value = getattr(row, field.name)
        return None if value is None else str(value)
    return getattr(row, field.attname)
