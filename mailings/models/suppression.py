"""People who want no mails."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Suppression(models.Model):
    """An address that gets no mailing, as a keyed hash: it outlives the contact, and tells nobody
    whose it is."""

    class How(models.TextChoices):
        LINK = "link", _("By the link in a mail")
        COLLEAGUE = "colleague", _("Entered by a colleague")

    email_hash = models.CharField(max_length=64, unique=True, editable=False)
    since = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    how = models.CharField(_("how"), max_length=10, choices=How, default=How.COLLEAGUE)

    class Meta:
        verbose_name = _("unsubscribed address")
        verbose_name_plural = _("unsubscribed addresses")
        ordering = ["-since"]

    def __str__(self) -> str:
        return self.email_hash[:8]
