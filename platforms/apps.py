"""Webinar platforms: connections, sign-ins and webhooks."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules, import_string
from django.utils.translation import gettext_lazy as _

from platforms import registry

# The platforms, each created from the installation's settings. No other code names one.
PLATFORMS = ("platforms.gotowebinar.platform.GoToWebinar",)


class PlatformsConfig(AppConfig):
    name = "platforms"
    verbose_name = _("Connections")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for path in PLATFORMS:
            registry.register(import_string(path)(settings))
        autodiscover_modules("connection_panels")
