"""Imports of contacts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactImportsConfig(AppConfig):
    name = "contact_imports"
    verbose_name = _("Contact imports")
    default_auto_field = "django.db.models.BigAutoField"
