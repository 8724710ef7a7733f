"""The contact database."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from contacts import deletion, own_hooks  # noqa: F401  (registers the hooks of this app)

        autodiscover_modules("contact_hooks")
        autodiscover_modules("export_columns")
        autodiscover_modules("contact_panels")
        deletion.connect()
