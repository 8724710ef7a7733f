"""The public registration form and its submissions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationFormsConfig(AppConfig):
    name = "registration_forms"
    verbose_name = _("Registration forms")
    default_auto_field = "django.db.models.BigAutoField"
