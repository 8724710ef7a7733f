"""The project as an app: what ties the others together after a migration."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WebinarSyncConfig(AppConfig):
    name = "webinarsync"
    verbose_name = "WebinarSync"

    def ready(self) -> None:
        post_migrate.connect(_set_up_roles, sender=self)


def _set_up_roles(**_: Any) -> None:
    from webinarsync import roles

    roles.set_up()
