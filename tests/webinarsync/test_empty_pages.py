"""An empty page explains what to do first."""

import pytest
from django.test import Client

from contacts.models import Contact
from platforms.models import Connection
from tests.fixtures.world import World


@pytest.fixture
def empty(world: World, marketer: Client) -> Client:
    """A marketer of an empty installation."""
    Contact.objects.all().delete()
    Connection.objects.all().delete()
    return marketer


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/admin/", "GoToWebinar is not connected yet."),
        ("/admin/contacts/contact/", "No contacts yet."),
        ("/admin/webinars/webinar/", "No webinars yet."),
        ("/admin/webinars/registration/", "No registrations yet."),
        ("/admin/registration_forms/submission/", "No submissions yet."),
        ("/admin/registration_forms/consenttext/", "No consent texts yet."),
        ("/admin/webinars/internaladdress/", "No internal people yet."),
        ("/admin/contacts/tag/", "No tags yet."),
        ("/admin/contacts/optout/", "No one has unsubscribed yet."),
        ("/admin/sync/syncrun/", "No sync has run yet."),
        ("/contacts/find/", "No contacts match."),
        ("/contacts/segments/", "No segments yet."),
        ("/contacts/import/", "No file or list has been imported yet."),
    ],
)
def test_it_explains_what_to_do_first(empty: Client, address: str, sentence: str) -> None:
    assert sentence in empty.get(address).content.decode()


def test_a_list_without_matches_is_not_an_empty_one(world: World, marketer: Client) -> None:
    page = marketer.get("/admin/contacts/contact/?q=nobody@nowhere").content.decode()
    assert "No contacts yet." not in page
