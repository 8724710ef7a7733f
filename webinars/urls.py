"""The addresses that belong to webinars."""

from django.urls import path

from webinars.views import (
    answer,
    audience,
    bridge,
    connecting,
    correcting,
    form,
    given,
    importing,
    merging,
    pages,
    questions,
    segments,
    sync,
    waiting,
    webhook,
)

app_name = "webinars"

urlpatterns = [
    path("r/<slug:slug>/", form.form, name="form"),
    path("r/<slug:slug>/<str:secret>/", answer.answer, name="answer"),
    path("r/<slug:slug>/<str:secret>/standing/", answer.standing, name="standing"),
    path("r/<slug:slug>/<str:secret>/webinar.ics", answer.calendar, name="calendar"),
    path("goto/", connecting.page, name="connect"),
    path("goto/connect/", connecting.begin, name="begin_connecting"),
    path("goto/callback/", connecting.callback, name="connected"),
    path("goto/webhook/<str:path>/", webhook.webhook, name="webhook"),
    path("webinars/list/refresh/", sync.refresh_list, name="refresh_list"),
    path("webinars/progress/", sync.progress, name="sync_progress"),
    path("webinars/<int:webinar_id>/sync/", sync.sync_now, name="sync_now"),
    path("webinars/<int:webinar_id>/waiting-list/", waiting.waiting, name="waiting"),
    path("webinars/<int:webinar_id>/waiting-list/let-in/", waiting.promote, name="promote"),
    path(
        "webinars/<int:webinar_id>/waiting-list/by-itself/",
        waiting.by_itself,
        name="promote_by_itself",
    ),
    path(
        "webinars/registrations/<int:registration_id>/correct/", correcting.correct, name="correct"
    ),
    path("webinars/<int:webinar_id>/audience/<str:name>/", audience.audience, name="audience"),
    path(
        "webinars/<int:webinar_id>/audience/<str:name>/export.csv",
        audience.export,
        name="audience_export",
    ),
    path("webinars/<int:webinar_id>/questions/", questions.questions, name="questions"),
    path(
        "webinars/<int:webinar_id>/questions/export.csv",
        questions.export,
        name="questions_export",
    ),
    path("webinars/<int:webinar_id>/form/", pages.form_page, name="form_page"),
    path("webinars/<int:webinar_id>/syncs/", pages.syncs, name="syncs"),
    path("webinars/<int:webinar_id>/syncs/preview/", pages.preview, name="preview"),
    path("webinars/<int:webinar_id>/differences/", bridge.bridge, name="bridge"),
    path("webinars/<int:webinar_id>/differences/check/", bridge.check, name="bridge_check"),
    path("webinars/<int:webinar_id>/differences/<slug:name>/", bridge.people, name="bridge_people"),
    path("webinars/<int:webinar_id>/given/", given.given, name="given"),
    path("webinars/<int:webinar_id>/given/all/", given.take_all, name="given_all"),
    path("contacts/import/", importing.upload, name="imports"),
    path("contacts/import/<int:import_id>/", importing.one, name="import"),
    path("contacts/import/<int:import_id>/check/", importing.check, name="check_import"),
    path("contacts/import/<int:import_id>/columns/", importing.again, name="columns_of_import"),
    path("contacts/import/<int:import_id>/run/", importing.run, name="run_import"),
    path("contacts/import/<int:import_id>/forget/", importing.discard, name="discard_import"),
    path("contacts/merge/<int:kept_id>/<int:gone_id>/", merging.merge, name="merge"),
    path("contacts/merge/<int:merge_id>/undo/", merging.undo, name="undo_merge"),
    path("contacts/find/", segments.find, name="find"),
    path("contacts/find/export.csv", segments.export, name="find_export"),
    path("contacts/segments/", segments.segments, name="segments"),
    path("contacts/segments/save/", segments.save, name="save_segment"),
    path("contacts/segments/<int:segment_id>/rename/", segments.rename, name="rename_segment"),
    path("contacts/segments/<int:segment_id>/delete/", segments.delete, name="delete_segment"),
    path("contacts/<int:contact_id>/given/", given.of_contact, name="given_of_contact"),
]
