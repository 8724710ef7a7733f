"""Speakers of webinars."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from webinars.models.webinar import Webinar


class Speaker(models.Model):
    """A speaker of a webinar, by the platform. Their own registration for it is internal
    (`webinars.internal`)."""

    class Role(models.TextChoices):
        ORGANIZER = "organizer", _("Organizer")
        COORGANIZER = "coorganizer", _("Co-organizer")
        PANELIST = "panelist", _("Panelist")

    webinar = models.ForeignKey(
        Webinar, on_delete=models.CASCADE, related_name="speakers", verbose_name=_("webinar")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    # A core.emails.email_key.
    email_key = models.CharField(_("email"), max_length=254)
    name = models.CharField(_("name"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["webinar", "email_key", "role"], name="one_speaker_an_address_and_role"
            )
        ]
        indexes = [models.Index(fields=["email_key"])]

    def __str__(self) -> str:
        return self.name or self.email_key
