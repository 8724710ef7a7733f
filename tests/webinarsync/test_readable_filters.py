"""A readable condition selects the right people: the counterpart of test_unreadable_filters."""

import pytest
from django.test import Client

from contacts.models import Contact
from mailings.models import Mailing, Recipient
from tests.fixtures.world import World
from tests.webinarsync.test_unreadable_filters import ACTION

pytestmark = pytest.mark.django_db


def test_what_can_be_read_still_finds_people(world: World, marketer: Client) -> None:
    marketer.post(f"/mailings/to/{world.webinar.pk}/registered/", {"query": "country=Chile"})
    marketer.post("/mailings/to-search/", {"query": "country=Chile"})
    first, other = Contact.Source.values[:2]
    Contact.objects.update(source=other)
    Contact.objects.filter(country="Chile").update(source=first)
    marketer.post(f"/admin/contacts/contact/?source__exact={first}", ACTION)
    chosen = Recipient.objects.values_list("mailing", "contact__country")
    assert [country for _mailing, country in chosen] == ["Chile"] * 9
    assert Mailing.objects.count() == 3
