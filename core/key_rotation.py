"""Re-encrypt stored secrets with the newest key while the installation keeps running."""

from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, models

from core.encryption import EncryptedTextField, fernet, newest_opens


class CannotOpen(Exception):
    """A stored secret that no key of this installation decrypts; `where` names its row."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def rotate() -> int:
    """Re-encrypt with the newest key what another one decrypts, and return how many secrets that
    were.

    A secret that is renewed at the same moment is left alone: it already uses the newest key.
    Raises CannotOpen, before anything is written, if a key is missing.
    """
    found = [
        (model, field, pk, text)
        for model, field in _encrypted_fields()
        for pk, text in _stored(model, field)
        if not newest_opens(text)
    ]
    for model, _field, pk, text in found:
        try:
            fernet().decrypt(text.encode())
        except InvalidToken:
            raise CannotOpen(f"{model._meta.verbose_name} {pk}") from None
    return sum(_replace(*item) for item in found)


def _encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, str(field.column)


def _stored(model: type[models.Model], column: str) -> list[tuple[int, str]]:
    """Return each row's ciphertext, which the field itself does not return."""
    quote = connection.ops.quote_name
    table, named = quote(model._meta.db_table), quote(column)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {named} FROM {table} WHERE {named} <> ''")
        return [(pk, text) for pk, text in cursor.fetchall()]


def _replace(model: type[models.Model], column: str, pk: int, text: str) -> int:
    """Save `text` encrypted with the newest key, unless the row has another value by now."""
    quote = connection.ops.quote_name
    table, named = quote(model._meta.db_table), quote(column)
    fresh = fernet().rotate(text.encode()).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {named} = %s WHERE id = %s AND {named} = %s", [fresh, pk, text]
        )
        return int(cursor.rowcount)
