"""Emails to the people of an audience."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailingsConfig(AppConfig):
    name = "mailings"
    verbose_name = _("Emails")
    default_auto_field = "django.db.models.BigAutoField"
