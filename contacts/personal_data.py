"""All that is kept about one person, as plain data: what somebody is told who asks for it (GDPR,
article 15), and what they may take along (article 20).
"""

from collections.abc import Iterator
from typing import Any

from django.db import models

from contacts.models import Contact
from core.encryption import EncryptedTextField

# Keys and hashes: they say nothing about the person, and open things to whoever reads them.
_LEFT_OUT = {"secret", "sender", "email_hash", "content"}


def everything_about(contact: Contact) -> dict[str, Any]:
    """Return `contact` and every row that belongs to them, by kind; dates are as ISO 8601 text.

    A row belongs to a person when it would go with them, or points to something of theirs: read
    from the models, so that a table which is added later is told of too.
    """
    told: dict[str, Any] = {"contact": _row(contact)}
    seen: set[tuple[type[models.Model], Any]] = {(Contact, contact.pk)}
    waiting: list[models.Model] = [contact]
    while waiting:
        of = waiting.pop(0)
        for row in _belonging_to(of):
            if (type(row), row.pk) in seen:
                continue
            seen.add((type(row), row.pk))
            waiting.append(row)
            told.setdefault(str(row._meta.verbose_name_plural), []).append(_row(row))
    return told


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
    """Return a field's value; of what it points to, its name."""
    if field.is_relation:
        value = getattr(row, field.name)
        return None if value is None else str(value)
    return getattr(row, field.attname)
