"""Two contacts that were found to be one person."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact

# A merge can be undone for so long.
UNDOABLE = dt.timedelta(days=30)


class Merge(models.Model):
    """One contact joined into another, with all that is needed to part them again.

    `journal` holds what was elsewhere (`contacts.merge_journal` writes and reads it). It is
    emptied when the time for undoing has passed, and goes with the contact that stayed (rule 5).
    """

    survivor = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    # Who went: the key of their contact, which is there again once the merge is undone, and words
    # for the page.
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
        """When undoing it is no longer possible."""
        return self.created_at + UNDOABLE

    @property
    def undoable(self) -> bool:
        return self.undone_at is None and bool(self.journal) and timezone.now() < self.undo_deadline


class AlternateEmail(models.Model):
    """Another address of a contact: whoever comes with it is this contact (rule 3)."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="alternate_emails")
    email = models.EmailField(_("email"), max_length=254)
    email_key = models.CharField(max_length=254, unique=True, editable=False)

    class Meta:
        verbose_name = _("other email")
        verbose_name_plural = _("other emails")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.email
