"""Send contacts and participation to other systems."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DestinationsConfig(AppConfig):
    name = "destinations"
    verbose_name = _("Destinations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contact_imports.sources import sources
        from core import outbox
        from destinations import (  # noqa: F401  (they register sentences)
            form_messages,
            handover_messages,
            list_messages,
        )
        from destinations.hubspot.form_intake import INTAKE
        from destinations.hubspot.list_import import LISTS
        from destinations.hubspot.opt_outs import OPT_OUTS
        from destinations.hubspot.reader import READER
        from mailings import opt_out_check
        from sync.push import intakes

        outbox.register(READER)
        opt_out_check.sources.register(OPT_OUTS)
        intakes.register(INTAKE)
        sources.register(LISTS)
