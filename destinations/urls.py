"""URLs of destinations."""

from django.urls import path

from destinations.views import events, forms, lists, notes, portal, progress, webinar

app_name = "destinations"

urlpatterns = [
    path("hubspot/", portal.page, name="hubspot"),
    path("hubspot/connect/", portal.connect, name="connect_hubspot"),
    path("hubspot/test/", portal.test, name="test_hubspot"),
    path("hubspot/disconnect/", portal.disconnect, name="disconnect_hubspot"),
    path("hubspot/mapping/", portal.save_mapping, name="hubspot_mapping"),
    path("hubspot/defaults/", portal.save_defaults, name="hubspot_defaults"),
    path("hubspot/webinars/<int:webinar_id>/", webinar.page, name="webinar_in_hubspot"),
    path("hubspot/webinars/<int:webinar_id>/preview/", webinar.preview, name="preview_in_hubspot"),
    path("hubspot/webinars/<int:webinar_id>/compare/", webinar.compare, name="compare_in_hubspot"),
    path(
        "hubspot/webinars/<int:webinar_id>/progress/<slug:kind>/",
        progress.state,
        name="hubspot_progress",
    ),
    path("hubspot/webinars/<int:webinar_id>/switch/", webinar.switch, name="switch_in_hubspot"),
    path(
        "hubspot/webinars/<int:webinar_id>/send-again/",
        webinar.send_again,
        name="send_again_to_hubspot",
    ),
    path(
        "hubspot/webinars/<int:webinar_id>/choose-event/",
        events.choose,
        name="choose_event_in_hubspot",
    ),
    path(
        "hubspot/webinars/<int:webinar_id>/write-notes-again/",
        notes.write_again,
        name="write_notes_again",
    ),
    path(
        "hubspot/webinars/<int:webinar_id>/lists/",
        lists.switch_for_webinar,
        name="switch_webinar_list",
    ),
    path("hubspot/segments/<int:segment_id>/", lists.segment_page, name="segment_in_hubspot"),
    path(
        "hubspot/segments/<int:segment_id>/list/",
        lists.switch_for_segment,
        name="switch_segment_list",
    ),
    path("hubspot/webinars/<int:webinar_id>/forms/", forms.page, name="hubspot_forms"),
    path("hubspot/webinars/<int:webinar_id>/forms/save/", forms.save, name="save_hubspot_form"),
    path(
        "hubspot/webinars/<int:webinar_id>/forms/switch/", forms.switch, name="switch_hubspot_form"
    ),
]
