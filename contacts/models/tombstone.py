"""What remains of a deleted contact."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Tombstone(models.Model):
    """A keyed hash of a deleted person's email, and the time; nothing else (rule 5)."""

    email_hash = models.CharField(max_length=64, unique=True)
    deleted_at = models.DateTimeField(_("deleted"), db_default=Now())
    permanent = models.BooleanField(_("permanent"), default=False)

    class Meta:
        verbose_name = _("deleted contact")
        verbose_name_plural = _("deleted contacts")

    def __str__(self) -> str:
        return self.email_hash[:8]
