"""All staff can see who changed what, and when."""

from django.test import Client

from contacts.models import Contact
from tests.fixtures.world import World, signed_in


def test_a_change_is_seen_with_its_author_and_cannot_be_edited(
    world: World, marketer: Client
) -> None:
    person = Contact.objects.get(email="p0@example.com")
    address = f"/admin/contacts/contact/{person.pk}/change/"
    posted = {"first_name": "Renamed", "last_name": "Last0", "email": person.email}
    assert marketer.post(address, posted).status_code == 302
    page = marketer.get("/admin/admin/logentry/").content.decode()
    assert "user-of-Marketers" in page and "Renamed Last0" in page and "First name" in page
    assert marketer.get("/admin/admin/logentry/add/").status_code == 403
    assert signed_in(None).get("/admin/admin/logentry/").status_code == 403
