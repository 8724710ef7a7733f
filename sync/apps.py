"""Sync contacts and registrations with a platform."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = _("Sync runs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sync import receivers  # noqa: F401  (acts on the signals of the packages below)
