"""Email templates."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mailings.placeholders import validate_placeholders


class MailTemplate(models.Model):
    """The subject and text that a mailing starts from; a mailing has its own copy."""

    class Purpose(models.TextChoices):
        FULL = "full", _("The webinar is full")
        SEAT_FREE = "seat_free", _("A seat is free")
        MISSED = "missed", _("Sorry we missed you")
        THANKS = "thanks", _("Thank you for coming")
        ONE_MORE_ANSWER = "one_more_answer", _("Your registration needs one more answer")
        OTHER = "other", _("Something else")

        @property
        def is_marketing(self) -> bool:
            """Return whether people get it for other reasons than what became of their
            registration."""
            return self not in {self.FULL, self.SEAT_FREE, self.ONE_MORE_ANSWER}

    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("for"), max_length=20, choices=Purpose, default=Purpose.OTHER)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200, validators=[validate_placeholders])
    text = models.TextField(_("text"), validators=[validate_placeholders])

    class Meta:
        verbose_name = _("email template")
        verbose_name_plural = _("email templates")
        ordering = ["purpose", "language", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_language_display()})"
