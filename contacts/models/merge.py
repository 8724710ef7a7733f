"""Merges of two contacts, and former addresses."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact

# How long a merge can be undone.
UNDOABLE = dt.timedelta(days=30)


class Merge(models.Model):
    """One contact merged into another, with what is needed to undo it.

    `journal` is written and read by `contacts.merge_journal`. It is emptied when the time for
    undoing has passed, and deleted with the contact that stayed (rule 5).
    """

    survivor = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    # The key of the contact that went, which exists again after an undo, and its name.
    gone_id = models.BigIntegerField(db_index=True)
    name = models.CharField(_("name"), max_length=520)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("merged"), db_default=Now())
    undone_at = models.DateTimeField(_("undone"), null=True)
    journal = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} → {self.survivor}"

    @property
    def undo_deadline(self) -> dt.datetime:
        """Return when undoing is no longer possible."""
        return self.created_at + UNDOABLE

    @property
    def undoable(self) -> bool:
        return self.undone_at is None and bool(self.journal) and timezone.now() < self.undo_deadline


class AlternateEmail(models.Model):
    """A former address of a contact: someone who uses it is this contact (rule 3)."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="alternate_emails")
    email = models.EmailField(_("email"), max_length=254)
    email_key = models.CharField(max_length=254, unique=True, editable=False)

    class Meta:
        verbose_name = _("other email")
        verbose_name_plural = _("other emails")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.email
