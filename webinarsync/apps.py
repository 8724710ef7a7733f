"""The project as an app: set-up after migrations."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class WebinarSyncConfig(AppConfig):
    name = "webinarsync"
    verbose_name = "WebinarSync"

    def ready(self) -> None:
        # Sent for apps with models only; after the last of ours all tables exist.
        post_migrate.connect(_set_up, sender=apps.get_app_config("mailings"))


def _set_up(**_: Any) -> None:
    from mailings import default_templates
    from webinarsync import roles

    roles.set_up()
    default_templates.install()
