"""Stored errors, shown in the reader's language (rule 13)."""

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core import messages


class StoredError(models.Model):
    """The code and parameters of a sentence that people can act on, and the platform's message
    (`platforms.error_messages`)."""

    error_code = models.CharField(max_length=64, blank=True, editable=False)
    error_params = models.JSONField(default=dict, blank=True, editable=False)
    platform_message = models.TextField(_("GoToWebinar's message"), blank=True)

    class Meta:
        abstract = True

    @property
    def error(self) -> str:
        """The sentence in the current language."""
        return messages.text(self.error_code, self.error_params)

    def error_in_english(self) -> str:
        """Return the sentence in English, for commands."""
        with translation.override("en"):
            return self.error


# Values that clear the columns.
NO_ERROR = {"error_code": "", "error_params": {}, "platform_message": ""}
