"""The project as an app: what ties the others together after a migration."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class WebinarSyncConfig(AppConfig):
    name = "webinarsync"
    verbose_name = "WebinarSync"

    def ready(self) -> None:
        # Sent for apps with models only; the last of ours tells that all tables are there.
        post_migrate.connect(_set_up, sender=apps.get_app_config("mailings"))


def _set_up(**_: Any) -> None:
    from mailings import default_templates
    from webinarsync import roles

    roles.set_up()
    default_templates.install()
