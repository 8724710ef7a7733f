"""The rows that `migrate` creates: content types, permissions, roles, email templates.

They survive `flush`. A test may change them: afterwards they are restored.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from mailings.models import MailTemplate

# In an order in which they can be written.
_MODELS: tuple[type[models.Model], ...] = (
    ContentType,
    Permission,
    Group,
    Group.permissions.through,
    MailTemplate,
)
REFERENCE_TABLES = {model._meta.db_table for model in _MODELS} | {"django_migrations"}
_stored: dict[str, dict[type[models.Model], list[tuple[Any, ...]]]] = {}


def store_reference_data(alias: str) -> None:
    """Store the rows that `restore_reference_data` restores."""
    _stored[alias] = {model: _rows(model, alias) for model in _MODELS}


def restore_reference_data(alias: str) -> None:
    """Write the reference data again where a test has changed it."""
    stored = _stored.get(alias)
    if stored is None or all(_rows(model, alias) == rows for model, rows in stored.items()):
        return
    with transaction.atomic(using=alias):
        for model in reversed(_MODELS):
            model._base_manager.using(alias).all().delete()
        for model, rows in stored.items():
            names = [field.attname for field in model._meta.concrete_fields]
            model._base_manager.using(alias).bulk_create(
                model(**dict(zip(names, row, strict=True))) for row in rows
            )
    ContentType.objects.clear_cache()


def _rows(model: type[models.Model], alias: str) -> list[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    return list(model._base_manager.using(alias).order_by("pk").values_list(*names))
