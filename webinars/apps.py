"""Webinars, registrations and attendance."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WebinarsConfig(AppConfig):
    name = "webinars"
    verbose_name = _("Webinars")

    def ready(self) -> None:
        from webinars import internal

        internal.connect()
        autodiscover_modules("webinar_panels")
