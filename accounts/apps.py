"""Users: their profile, sessions and sign-in limits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("My profile")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import known_browsers, middleware, session_end

        middleware.connect()
        session_end.connect()
        known_browsers.connect()
