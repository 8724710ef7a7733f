"""URLs of connections, syncs, waiting lists and reconciliations."""

from django.urls import path, re_path

from sync.views import connection, history, reconciliation, sync, waitlist

app_name = "sync"

urlpatterns = [
    path("connections/<int:connection_id>/", connection.page, name="connection"),
    path("connections/<int:connection_id>/test/", connection.test, name="test_connection"),
    path("connections/<int:connection_id>/disconnect/", connection.disconnect, name="disconnect"),
    re_path(
        r"^connections/(?P<connection_id>[0-9]{1,18})/webhooks/(?P<action>on|off|renew)/$",
        connection.webhooks,
        name="webhooks",
    ),
    path("webinars/list/refresh/", sync.refresh_list, name="refresh_list"),
    path("webinars/progress/", sync.progress, name="sync_progress"),
    path("webinars/<int:webinar_id>/sync/", sync.sync_now, name="sync_now"),
    path("webinars/<int:webinar_id>/waiting-list/", waitlist.waiting, name="waiting"),
    path("webinars/<int:webinar_id>/waiting-list/let-in/", waitlist.promote, name="promote"),
    path(
        "webinars/<int:webinar_id>/waiting-list/auto-promote/",
        waitlist.auto_promote,
        name="auto_promote",
    ),
    path("webinars/<int:webinar_id>/syncs/", history.syncs, name="syncs"),
    path("webinars/<int:webinar_id>/syncs/dry-run/", history.dry_run, name="dry_run"),
    path("webinars/<int:webinar_id>/differences/", reconciliation.report, name="reconciliation"),
    path(
        "webinars/<int:webinar_id>/differences/start/",
        reconciliation.start,
        name="start_reconciliation",
    ),
    path(
        "webinars/<int:webinar_id>/differences/<slug:name>/",
        reconciliation.people,
        name="reconciliation_people",
    ),
]
