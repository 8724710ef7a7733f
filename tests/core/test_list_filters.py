"""Filters of the admin's lists: days are in the reader's time zone, and fields are native."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.models import Preferences
from contacts.models import Contact
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db
LIST = "/admin/contacts/contact/"


@pytest.fixture
def contact(world: World, marketer: Client) -> Contact:
    """A contact created on 15 November 2026, late in the evening in New York, where the reader
    is."""
    user = User.objects.get(pk=marketer.session["_auth_user_id"])
    Preferences.objects.update_or_create(user=user, defaults={"time_zone": "America/New_York"})
    # A user's preferences are read when they sign in.
    marketer.force_login(user)
    found = world.registrations[0].contact
    Contact.objects.filter(pk=found.pk).update(created_at="2026-11-16T03:30Z")
    return found


@pytest.mark.parametrize(
    ("first", "last", "is_found"),
    [
        ("2026-11-15", "2026-11-15", True),
        ("2026-11-15", "", True),
        ("", "2026-11-15", True),
        ("2026-11-16", "", False),
        ("2026-11-01", "2026-11-14", False),
        ("0001-01-01", "9999-12-31", False),
    ],
)
def test_both_days_count_in_the_readers_time_zone(
    contact: Contact, marketer: Client, first: str, last: str, is_found: bool
) -> None:
    answer = marketer.get(LIST, {"created_at_from": first, "created_at_to": last})
    assert (contact.email in answer.content.decode()) is is_found


@pytest.mark.pure
def test_what_was_chosen_stays_in_the_fields(contact: Contact, marketer: Client) -> None:
    page = marketer.get(LIST, {"created_at_from": "2026-11-15", "source__exact": "form"})
    text = page.content.decode()
    field = re.search(r'<input type="date" name="created_at_from"[^>]*>', text)
    assert field is not None and 'value="2026-11-15"' in field[0]
    assert re.search(r'<option value="form"\s+selected', text)


@pytest.mark.pure
def test_a_list_loads_no_script_for_its_filters(world: World, marketer: Client) -> None:
    page = marketer.get(LIST).content.decode()
    for script in ("jquery", "select2", "calendar", "DateTimeShortcuts", "xregexp"):
        assert script not in page
