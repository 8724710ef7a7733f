"""URLs of merging and of personal data."""

from django.urls import path

from contacts.views import addresses, merge, privacy

app_name = "contacts"

urlpatterns = [
    path("contacts/merge/<int:survivor_id>/<int:gone_id>/", merge.merge, name="merge"),
    path("contacts/<int:contact_id>/merge/", merge.choose, name="choose_merge"),
    path("contacts/merge/<int:merge_id>/undo/", merge.undo, name="undo_merge"),
    path("contacts/addresses/<int:alternate_id>/remove/", addresses.remove, name="remove_address"),
    path(
        "contacts/<int:contact_id>/personal-data.json", privacy.personal_data, name="personal_data"
    ),
    path("contacts/retention/", privacy.retention, name="retention"),
]
