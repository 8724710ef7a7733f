"""URLs of a webinar's audiences, questions and profile updates."""

from django.urls import path

from core.table_export import FileKind
from webinars.views import audience, profile_updates, questions, sessions, switches

app_name = "webinars"

urlpatterns = [
    path("webinars/<int:webinar_id>/audience/<str:name>/", audience.audience, name="audience"),
    path(
        "webinars/<int:webinar_id>/audience/<str:name>/export.csv",
        audience.export,
        {"kind": FileKind.CSV},
        name="audience_export",
    ),
    path(
        "webinars/<int:webinar_id>/audience/<str:name>/export.xlsx",
        audience.export,
        {"kind": FileKind.XLSX},
        name="audience_export_xlsx",
    ),
    path("webinars/<int:webinar_id>/<str:name>/<str:to>/switch/", switches.switch, name="switch"),
    path("webinars/<int:webinar_id>/questions/", questions.questions, name="questions"),
    path(
        "webinars/<int:webinar_id>/questions/<int:question_id>/answered/",
        questions.answered,
        name="question_answered",
    ),
    path(
        "webinars/<int:webinar_id>/questions/export.csv", questions.export, name="questions_export"
    ),
    path(
        "webinars/<int:webinar_id>/sessions/<int:session_id>/",
        sessions.decide,
        name="session_counts",
    ),
    path(
        "webinars/<int:webinar_id>/submitted-values/",
        profile_updates.submitted_values,
        name="submitted_values",
    ),
    path(
        "webinars/<int:webinar_id>/submitted-values/all/",
        profile_updates.apply_all,
        name="submitted_values_all",
    ),
    path(
        "contacts/<int:contact_id>/submitted-values/",
        profile_updates.of_contact,
        name="submitted_values_of_contact",
    ),
]
