"""Addresses of connections, syncs, waiting lists and reconciliations."""

from django.urls import path, re_path

from sync.views import connection, history, reconciliation, sync, waitlist

app_name = "sync"

urlpatterns = [
    path("goto/<int:connection_id>/", connection.page, name="connection"),
    path("goto/<int:connection_id>/test/", connection.test, name="test_connection"),
    path("goto/<int:connection_id>/disconnect/", connection.disconnect, name="disconnect"),
    re_path(
        r"^goto/(?P<connection_id>[0-9]{1,18})/webhooks/(?P<wish>on|off|renew)/$",
        connection.webhooks,
        name="webhooks",
    ),
    path("webinars/list/refresh/", sync.refresh_list, name="refresh_list"),
    path("webinars/progress/", sync.progress, name="sync_progress"),
    path("webinars/<int:webinar_id>/sync/", sync.sync_now, name="sync_now"),
    path("webinars/<int:webinar_id>/waiting-list/", waitlist.waiting, name="waiting"),
    path("webinars/<int:webinar_id>/waiting-list/let-in/", waitlist.promote, name="promote"),
    path(
        "webinars/<int:webinar_id>/waiting-list/by-itself/",
        waitlist.by_itself,
        name="promote_by_itself",
    ),
    path("webinars/<int:webinar_id>/syncs/", history.syncs, name="syncs"),
    path("webinars/<int:webinar_id>/syncs/preview/", history.preview, name="preview"),
    path("webinars/<int:webinar_id>/differences/", reconciliation.bridge, name="bridge"),
    path("webinars/<int:webinar_id>/differences/check/", reconciliation.check, name="bridge_check"),
    path(
        "webinars/<int:webinar_id>/differences/<slug:name>/",
        reconciliation.people,
        name="bridge_people",
    ),
]
