"""Addresses to merge contacts, and of their personal data."""

from django.urls import path

from contacts.views import addresses, merge, privacy

app_name = "contacts"

urlpatterns = [
    path("contacts/merge/<int:kept_id>/<int:gone_id>/", merge.merge, name="merge"),
    path("contacts/merge/<int:merge_id>/undo/", merge.undo, name="undo_merge"),
    path("contacts/addresses/<int:further_id>/remove/", addresses.remove, name="remove_address"),
    path("contacts/<int:contact_id>/everything.json", privacy.everything, name="everything"),
    path("contacts/forgotten-next/", privacy.forgotten_next, name="forgotten_next"),
]
