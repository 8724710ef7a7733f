"""Connections: operators only, and never a token on a page."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from webinars.models import Connection


@admin.register(Connection)
class ConnectionAdmin(ModelAdmin):
    list_display = ("email", "organizer_key", "standing", "connected_at", "error")
    list_before_template = "webinars/connect_tools.html"
    fields = readonly_fields = (
        "email",
        "organizer_key",
        "account_key",
        "state",
        "error",
        "refused_since",
        "connected_at",
        "expires_at",
    )

    @display(
        description=Connection._meta.get_field("state").verbose_name,
        label={
            Connection.State.CONNECTED: "success",
            Connection.State.SIGN_IN_NEEDED: "danger",
        },
    )
    def standing(self, connection: Connection) -> tuple[str, str]:
        return connection.state, connection.get_state_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
