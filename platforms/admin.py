"""The admin of connections, for operators only; tokens are never shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.decorators import display

from core.bounded_admin import BoundedAdmin
from platforms.models import Connection, WebhookSetup
from platforms.panels import address_of


@admin.register(Connection)
class ConnectionAdmin(BoundedAdmin):
    """The list of connections; each has its own page. Deleting one would delete its webinars and
    registrations, so it can only be disconnected."""

    empty_text = _(
        "No account is connected yet. Connect the account of the organizer of your webinars."
    )
    list_display = ("who", "status", "hears", "connected_at", "last_error")
    list_display_links = None
    phone_columns = ("who", "status", "last_error")
    row_count = ngettext_lazy("%(n)s connection", "%(n)s connections", "count")
    list_before_template = "platforms/list_actions.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        rows: QuerySet[Connection] = super().get_queryset(request)
        return rows.select_related("webhooks")

    @display(description=_("GoTo user"), ordering="email")
    def who(self, connection: Connection) -> SafeString:
        return format_html(
            '<a class="ws-link" href="{}">{}</a>', address_of(connection), connection
        )

    @display(
        description=Connection._meta.get_field("state").verbose_name,
        label={
            Connection.State.CONNECTED: "success",
            Connection.State.SIGN_IN_NEEDED: "danger",
            Connection.State.DISCONNECTED: "warning",
        },
    )
    def status(self, connection: Connection) -> tuple[str, str]:
        return connection.state, connection.get_state_display()

    @display(description=_("last error"))
    def last_error(self, connection: Connection) -> str:
        return connection.error

    @display(
        description=_("Webhooks"),
        label={
            WebhookSetup.State.OFF: "info",
            WebhookSetup.State.SETTING_UP: "info",
            WebhookSetup.State.ON: "success",
            WebhookSetup.State.FAILED: "danger",
        },
    )
    def hears(self, connection: Connection) -> tuple[str, str]:
        setup = getattr(connection, "webhooks", None)
        state = WebhookSetup.State(setup.state) if setup else WebhookSetup.State.OFF
        return state, str(state.label)

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """Redirect to the connection's own page."""
        connection = self.get_object(request, object_id)
        if connection is None:
            return redirect("admin:platforms_connection_changelist")
        return redirect(address_of(connection))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
