"""URLs of the search for contacts and of saved segments."""

from django.urls import path

from core.table_export import FileKind
from segments import views

app_name = "segments"

urlpatterns = [
    path("contacts/find/", views.find, name="find"),
    path("contacts/find/<int:webinar_id>/<str:name>/", views.of_audience, name="of_audience"),
    path("contacts/find/export.csv", views.export, {"kind": FileKind.CSV}, name="find_export"),
    path(
        "contacts/find/export.xlsx",
        views.export,
        {"kind": FileKind.XLSX},
        name="find_export_xlsx",
    ),
    path("contacts/segments/", views.segments, name="segments"),
    path("contacts/segments/save/", views.save, name="save_segment"),
    path("contacts/segments/<int:segment_id>/rename/", views.rename, name="rename_segment"),
    path("contacts/segments/<int:segment_id>/delete/", views.delete, name="delete_segment"),
]
