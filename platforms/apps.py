"""Platforms where webinars are held: connections, sign-ins and webhooks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlatformsConfig(AppConfig):
    name = "platforms"
    verbose_name = _("Connections")
    default_auto_field = "django.db.models.BigAutoField"
