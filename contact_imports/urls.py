"""URLs of imports of contacts."""

from django.urls import path

from contact_imports import results, views

app_name = "contact_imports"

urlpatterns = [
    path("contacts/import/", views.upload, name="imports"),
    path("contacts/import/from/<slug:source_key>/", views.from_source, name="import_list"),
    path("contacts/import/<int:import_id>/", views.one, name="import"),
    path("contacts/import/<int:import_id>/list/", views.read_list_again, name="read_list"),
    path("contacts/import/<int:import_id>/read/", views.read_again, name="read_import"),
    path("contacts/import/<int:import_id>/check/", views.check, name="check_import"),
    path("contacts/import/<int:import_id>/columns/", views.again, name="columns_of_import"),
    path("contacts/import/<int:import_id>/run/", views.run, name="run_import"),
    path("contacts/import/<int:import_id>/undo/", views.undo, name="undo_import"),
    path("contacts/import/<int:import_id>/lines.csv", results.lines_file, name="import_lines"),
    path("contacts/import/<int:import_id>/repair/", results.repair, name="repair_import"),
    path("contacts/import/<int:import_id>/forget/", views.discard, name="discard_import"),
]
