"""Addresses to find contacts, and of saved segments."""

from django.urls import path

from segments import views

app_name = "segments"

urlpatterns = [
    path("contacts/find/", views.find, name="find"),
    path("contacts/find/export.csv", views.export, name="find_export"),
    path("contacts/segments/", views.segments, name="segments"),
    path("contacts/segments/save/", views.save, name="save_segment"),
    path("contacts/segments/<int:segment_id>/rename/", views.rename, name="rename_segment"),
    path("contacts/segments/<int:segment_id>/delete/", views.delete, name="delete_segment"),
]
