"""Answers of people to being contacted for marketing."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact


class Consent(models.Model):
    """A yes or no of a contact. The newest one counts, unless the person unsubscribed: all readers
    use `contacts.consents`."""

    class Source(models.TextChoices):
        FORM = "form", _("Registration form")
        IMPORT = "import", _("Imported file")

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="consents", db_index=False
    )
    granted = models.BooleanField(_("agreed"))
    decided_at = models.DateTimeField(_("decided"), db_default=Now())
    source = models.CharField(_("source"), max_length=10, choices=Source)
    # Of our form: the language and version of the text agreed to, such as "en 3". Of another
    # form: its name.
    text_version = models.CharField(_("version of the text"), max_length=255, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # A plain key, because imports are above this app.
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-decided_at", "-id"]
        indexes = [models.Index(fields=["contact", "granted", "decided_at"], name="consents_of")]

    def __str__(self) -> str:
        return str(_("yes") if self.granted else _("no"))
